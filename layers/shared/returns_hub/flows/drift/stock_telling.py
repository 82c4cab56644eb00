"""What a place's comparison is told as: one finding of the place, or one of each SKU."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from returns_hub.domain.drift.findings import Difference, Said
from returns_hub.domain.drift.stock_causes import cause_of, cause_of_place, pattern_of
from returns_hub.domain.drift.stock_rule import PlaceSeen, Unequal, Way, subject_of
from returns_hub.flows.drift.drift_world import DriftWorld

MOST_WORTH = 1000
"""SKUs of a place whose worth is told, those with the most units."""
ASKED = "a person is asked whether so much may go to 0"
"""Why a whole place is not told: a question on the list of parked work."""


@dataclass(frozen=True)
class Telling:
    """How differences of one place are told.

    Args:
        kind: Of a SKU; of a whole place ``_whole`` is added.
        system: The other system, as `says` names it.
        name: The same, as people call it.
        place: ``MAIN``; part of every subject.
        mend: The command that would show how a SKU is mended.
        mend_place: The one for a whole place.
        note: What is known of the place beyond its numbers; a sentence, or empty.
    """

    kind: str
    system: str
    name: str
    place: str
    mend: str
    mend_place: str
    note: str = ""

    @property
    def whole(self) -> str:
        """The kind of a whole place."""
        return f"{self.kind}_whole"


def told(world: DriftWorld, seen: PlaceSeen, telling: Telling) -> Iterator[Difference]:
    """What differs at a place."""
    way = seen.way()
    if way is not None:
        yield _whole(seen, telling, way)
        return
    settings = world.world.live.merchant.drift
    dearest = heapq.nlargest(MOST_WORTH, seen.unequal, key=lambda one: (one.units, one.sku))
    prices = world.stock.price([one.sku for one in dearest])
    for one in seen.unequal:
        price = prices.get(one.sku)
        yield Difference(
            kind=telling.kind,
            subject=subject_of(one.sku, telling.place),
            says=_says(one, telling.system),
            units=one.units,
            value=None if price is None else one.units * price,
            currency="" if price is None else settings.prices,
            cause=_noted(cause_of(one, telling.name), telling.note),
            mend=telling.mend,
        )


def worth_of(world: DriftWorld, sku: str, units: int) -> tuple[Decimal | None, str]:
    """What units of a SKU are worth, and the currency; None and empty where nobody tells."""
    price = world.stock.price([sku])[sku]
    if price is None:
        return None, ""
    return units * price, world.world.live.merchant.drift.prices


def _whole(seen: PlaceSeen, telling: Telling, way: Way) -> Difference:
    return Difference(
        kind=telling.whole,
        subject=f"all of {telling.place}",
        says=pattern_of(way, seen.unequal, telling.system),
        units=sum(one.units for one in seen.unequal),
        cause=_noted(
            f"{len(seen.unequal)} of {seen.stocked} SKUs: "
            f"{cause_of_place(way, seen.unequal, telling.name)}",
            telling.note,
        ),
        mend=telling.mend_place,
    )


def _says(one: Unequal, system: str) -> dict[str, Said]:
    says: dict[str, Said] = {"mintsoft": one.ours, system: one.theirs}
    if one.told is not None:
        says["told"] = one.told
    if one.on_its_way:
        says["on its way"] = one.on_its_way
    return says


def _noted(cause: str, note: str) -> str:
    return f"{cause}; {note}" if note else cause
