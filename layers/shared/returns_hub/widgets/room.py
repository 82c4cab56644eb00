"""What widgets read from. Each widget says what its reading costs at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from returns_hub.domain.overview.overview import Overview
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


@dataclass(frozen=True)
class Room:
    """Everything that widgets read, and whom their buttons call.

    Args:
        dead_letters: Every queue's dead letters; asked for when they are shown.
    """

    clock: Clock
    merchants: Merchants
    overviews: Overviews
    returns: ReturnsStore
    parked: ParkedLooks
    audit: AuditTrail
    findings: FindingsStore
    dead_letters: Callable[[], Sequence[DeadLetters]]
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
