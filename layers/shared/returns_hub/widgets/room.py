"""What widgets read from. Each widget says what its reading costs at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from returns_hub.domain.overview.overview import Overview
from returns_hub.domain.overview.steps import Step
from returns_hub.errors import Permanent
from returns_hub.ports import Clock, Merchants, ReturnsStore
from returns_hub.ports.dead_letters import DeadLetters
from returns_hub.ports.desk import ParkedLooks
from returns_hub.ports.findings import FindingsStore
from returns_hub.ports.overview import AuditTrail, Overviews
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.page import Ways

MOST_MERCHANTS = 20
"""Merchants that one widget shows; with more, a widget is given one of them."""


class FoundReturn(Protocol):
    """A return that a search found; see `flows.overview.find_returns`."""

    @property
    def return_id(self) -> str: ...  # noqa: D102 - the model's own
    @property
    def matched(self) -> str: ...  # noqa: D102
    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def step(self) -> Step | None: ...  # noqa: D102
    @property
    def since(self) -> datetime | None: ...  # noqa: D102
    @property
    def order_names(self) -> Sequence[str]: ...  # noqa: D102


class Found(Protocol):
    """What a search found."""

    @property
    def rows(self) -> Sequence[FoundReturn]: ...  # noqa: D102
    @property
    def is_cut(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class Waiting:
    """A return that waits at a step."""

    return_id: str
    since: datetime


@dataclass(frozen=True)
class Room:
    """Everything that widgets read, and whom their buttons call.

    Args:
        find: (merchant, words, most) -> returns that fit.
        at_step: (merchant, step, most) -> returns that wait there, the longest first.
        dead_letters: Every queue's dead letters; asked for when they are shown.
    """

    clock: Clock
    merchants: Merchants
    overviews: Overviews
    returns: ReturnsStore
    parked: ParkedLooks
    audit: AuditTrail
    findings: FindingsStore
    dead_letters: Callable[[], Iterable[DeadLetters]]
    find: Callable[[str, str, int], Found]
    at_step: Callable[[str, Step, int], Sequence[Waiting]]
    ways: Ways

    def merchants_of(self, asked: Asked) -> tuple[tuple[str, ...], int]:
        """The merchants that are shown, and how many are left out.

        Raises:
            Permanent: There is no such merchant.
        """
        wanted, known = asked.merchant(), self.merchants.all_ids()
        if not wanted:
            return tuple(islice(known, MOST_MERCHANTS)), max(0, len(known) - MOST_MERCHANTS)
        if wanted not in known:
            raise Permanent("merchant.unknown", f"there is no merchant {wanted}")
        return (wanted,), 0

    def overviews_of(self, asked: Asked) -> tuple[tuple[Overview, ...], tuple[str, ...], int]:
        """The newest overviews, merchants that have none yet, and how many merchants are left out.
        1 request for each merchant, `MOST_MERCHANTS` at most, and those of `Merchants.all_ids`."""
        shown, left_out = self.merchants_of(asked)
        found = {merchant: self.overviews.latest(merchant) for merchant in shown}
        known = tuple(overview for overview in found.values() if overview is not None)
        return known, tuple(name for name, one in found.items() if one is None), left_out
