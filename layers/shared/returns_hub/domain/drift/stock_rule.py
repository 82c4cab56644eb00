"""What of a place's stock differs between the warehouse and another system, and what it looks like.

Pure. A place is one warehouse, or a location that several warehouses are summed to. When nearly all
of it differs, or all that differs does so in one way, that is one fault and not one of each SKU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from returns_hub.domain.base import short_hash
from returns_hub.domain.drift.settings import Tolerance

Way = Literal["theirs_empty", "ours_empty", "factor", "allocated", "quarantined", "mixed"]
LEAST_SKUS = 20
"""Fewer SKUs that differ are told one by one, whatever they have in common; but for a place that
one side has nothing of at all."""
NEARLY_ALL = 80
"""Percent of a place's SKUs with stock, from which on the place differs and not its SKUs."""
IN_ONE_WAY = 90
"""Percent of those that differ."""
LONGEST_SKU = 100
FUTURE = timedelta(days=1)
"""Warehouses' times have no zone, so that they may be some hours ahead; not days."""


@dataclass(frozen=True, slots=True)
class Unequal:
    """A SKU of which the warehouse and another system say different numbers.

    Args:
        sku: The SKU.
        ours: What the warehouse has; None where it does not know the SKU.
        theirs: What the other system has; None where it does not know the SKU.
        units: How many differ, when all that is on its way has come.
        allocated: Units of the warehouse's that orders have, as far as it tells.
        quarantined: Units of the warehouse's that must not be sold.
        on_its_way: Units by which the other system's number is going to change by itself.
        told: What the other system was told last, where `theirs` is what it really holds.
    """

    sku: str
    ours: int | None
    theirs: int | None
    units: int
    allocated: int = 0
    quarantined: int = 0
    on_its_way: int = 0
    told: int | None = None


@dataclass
class PlaceSeen:
    """One place, while it is held against another system.

    Args:
        tolerance: Differences that are let pass.
        stocked: SKUs that one of the sides has any of.
        ours_stocked: SKUs that the warehouse has any of.
        theirs_stocked: SKUs that the other system has any of.
        unequal: Those that differ by more than the tolerance.
        unclear: SKUs whose number the warehouse does not tell.
    """

    tolerance: Tolerance
    stocked: int = 0
    ours_stocked: int = 0
    theirs_stocked: int = 0
    unequal: list[Unequal] = field(default_factory=list)
    unclear: int = 0

    def see(self, one: Unequal) -> None:
        """A SKU that was compared; with no units it is equal."""
        self.note(one.ours, one.theirs)
        if not is_tolerated(one, self.tolerance):
            self.unequal.append(one)

    def note(self, ours: int | None, theirs: int | None) -> None:
        """A SKU that was compared, without what differs."""
        has, have = bool(ours and ours > 0), bool(theirs and theirs > 0)
        self.stocked += has or have
        self.ours_stocked += has
        self.theirs_stocked += have

    def way(self) -> Way | None:
        """In which one way the place as a whole differs; None when its SKUs do, each by itself."""
        differ = len(self.unequal)
        if differ >= 2 and differ == self.stocked and not self.theirs_stocked:
            return "theirs_empty"
        if differ >= 2 and differ == self.stocked and not self.ours_stocked:
            return "ours_empty"
        if differ < LEAST_SKUS:
            return None
        found = _in_one_way(self.unequal)
        if found in ("allocated", "quarantined"):
            return found
        if differ * 100 < NEARLY_ALL * self.stocked:
            return None
        return found or "mixed"


def is_tolerated(one: Unequal, tolerance: Tolerance) -> bool:
    """Whether the difference is let pass; the larger of the two tolerances counts."""
    larger = max(abs(one.ours or 0), abs(one.theirs or 0))
    return one.units <= tolerance.units or one.units * 100 <= tolerance.percent * larger


def factor_of(unequal: Iterable[Unequal]) -> Decimal | None:
    """By what the warehouse's numbers are multiplied to be the other's, for nearly all of them."""
    factors = Counter(
        Decimal(one.theirs) / Decimal(one.ours) for one in unequal if one.ours and one.theirs
    )
    if not factors:
        return None
    factor, many = factors.most_common(1)[0]
    return factor.normalize() if many * 100 >= IN_ONE_WAY * factors.total() else None


def moves_until(
    now: datetime, grace: timedelta, ran: datetime | None, every: timedelta
) -> datetime:
    """What changed in the warehouse after this moment is on its way.

    That is the grace time, or since the last run of what tells the other system; when that run is
    later than it may be, it is no excuse any more.

    Args:
        now: When the look began.
        grace: `drift.grace_minutes`.
        ran: When the last run that told everything began; None when nothing runs.
        every: How long it is between two runs.
    """
    edge = now - grace
    if ran is None or ran >= edge:
        return edge
    return max(ran, edge - 2 * every)


def is_moving(updated_at: datetime | None, edge: datetime, now: datetime) -> bool:
    """Whether stock that changed at this moment is on its way; False where nobody tells."""
    return updated_at is not None and edge <= updated_at <= now + FUTURE


def subject_of(sku: str, place: str) -> str:
    """``TEE-RED-M @ WH-1``: printable, and short; told apart by a hash where it was cut."""
    text = "".join(letter if letter.isprintable() else "?" for letter in sku)
    if text != sku or len(text) > LONGEST_SKU:
        text = f"{text[:LONGEST_SKU]}~{short_hash(sku, 6)}"
    return f"{text} @ {place}"


def _in_one_way(unequal: list[Unequal]) -> Way | None:
    many = len(unequal)
    counted: Counter[Way] = Counter()
    for one in unequal:
        counted.update(_ways(one))
    for way in ("allocated", "quarantined", "theirs_empty", "ours_empty"):
        if counted[way] * 100 >= IN_ONE_WAY * many:
            return way
    both = [one for one in unequal if one.ours and one.theirs]
    if len(both) * 100 >= IN_ONE_WAY * many and factor_of(both) is not None:
        return "factor"
    return None


def _ways(one: Unequal) -> list[Way]:
    ways: list[Way] = []
    if one.theirs is not None and one.units == one.allocated > 0:
        ways.append("allocated")
    if one.theirs is not None and one.units == one.quarantined > 0:
        ways.append("quarantined")
    if not one.theirs and (one.ours or 0) > 0:
        ways.append("theirs_empty")
    if not one.ours and (one.theirs or 0) > 0:
        ways.append("ours_empty")
    return ways
