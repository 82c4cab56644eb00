"""What migrations need of the stores; see `flows.migrations`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from returns_hub.domain.refolding import Refolded
from returns_hub.domain.store_version import StoreVersion

Position = Mapping[str, str]
"""A place in a table behind which a walk goes on: the key of the row read last. Empty: the start,
and the end."""


class StoreVersions(Protocol):
    """The version of all that is stored. Every method is one request."""

    def read(self) -> StoreVersion | None:
        """What is known; None when nobody ever said anything."""

    def write(self, before: StoreVersion | None, after: StoreVersion, who: str) -> None:
        """Put it in place of what was read.

        Raises:
            Conflict: Someone else changed it meanwhile.
        """


@dataclass(frozen=True)
class StoredReturn:
    """A return's state as its row holds it.

    Args:
        merchant: Whose.
        return_id: Which.
        text: The state as JSON, by whichever release wrote it.
        last_event_at: When its last event was appended.
    """

    merchant: str
    return_id: str
    text: str
    last_event_at: datetime


@dataclass(frozen=True)
class Walked:
    """A piece of a walk over the table.

    Args:
        returns: The returns of it; there may be none.
        rows: How many rows were read for it.
        position: Where the next piece begins; empty behind the last.
    """

    returns: tuple[StoredReturn, ...] = ()
    rows: int = 0
    position: Position = field(default_factory=dict)


class ReturnsToMigrate(Protocol):
    """Returns as rows, for migrations alone."""

    def walk_states(self, position: Position, limit: int) -> Walked:
        """The next rows of the table, of all merchants, at most `limit`; one request."""

    def put_refolded(self, stored: StoredReturn, refolded: Refolded) -> bool:
        """Put the state in place of the one that was read, with all that it is found by; one
        request. False when the state has changed meanwhile."""

    def stored(self, merchant: str, return_id: str) -> StoredReturn | None:
        """The return as it is stored now; None when it is not any more."""
