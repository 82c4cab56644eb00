"""What whoever looks after parked work from a dashboard needs: lists in pages, and a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.ports.stores import ParkedItem


@dataclass(frozen=True)
class ParkedRow:
    """An open item of the list of parked work, without its payload; see `ParkedItem`."""

    merchant: str
    parked_id: str
    flow: str
    code: str
    reason: str
    subject: str
    first_seen_at: datetime | None
    times: int


@dataclass(frozen=True)
class ParkedPage:
    """A page of that list.

    Args:
        rows: In the order of their ids.
        after: The id after which the next page begins; empty at the list's end. A page may have
            fewer rows than asked for and still not be the last: what was looked at is bounded too.
    """

    rows: tuple[ParkedRow, ...]
    after: str = ""


class ParkedLooks(Protocol):
    """Looks at parked work whose cost is bounded, however much there is."""

    def page(
        self, merchant: str, *, flow: str = "", code: str = "", after: str = "", limit: int = 50
    ) -> ParkedPage:
        """Open items of a merchant; of one flow and one code when they are given.

        At most 10 requests, each of which looks at no more than 1000 items or 1 MB.
        """

    def read(self, merchant: str, parked_id: str) -> ParkedItem | None:
        """One item as it is now, open or closed; read consistently. 1 request."""


class ActBudget(Protocol):
    """How many acts may still be done from dashboards, all of them together."""

    @property
    def most(self) -> int:
        """The most that can be taken at once."""

    def take(self, acts: int) -> float:
        """Take so many acts at once, or none of them.

        Returns:
            0 when they were taken; else the seconds after which asking again pays. 2 requests at
            most.
        """
