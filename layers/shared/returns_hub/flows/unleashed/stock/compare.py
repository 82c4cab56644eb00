"""One warehouse's stock held against Unleashed's: every product, or those that changed.

Differences are found from lists, which move while they are read; before one is adjusted its product
is read by its Guid (`fresh`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from returns_hub.domain.unleashed.stock_rows import ProductFacts, StockRow
from returns_hub.domain.unleashed.stock_rule import (
    NOTHING,
    TOLD,
    StockComparison,
    StockDifference,
    StockTotals,
    WhyLeft,
)
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.memory import FullReading, Pending, WarehouseMemory
from returns_hub.flows.unleashed.stock.warehouse_side import WarehouseSide

GUIDS_AT_ONCE = 40
"""Products that the ERP shows in one request by their Guids."""
CLOCKS_DIFFER = timedelta(hours=2)
"""The warehouse's times have no zone; what it says changed is read back so far."""
OUT_OF_CALLS = "unleashed.run_limit"
NAMED_LEFT = 5


@dataclass
class Looked:
    """What a comparison found.

    Args:
        differences: In the order of SKUs.
        rows: Of their products, as the comparison saw them.
        examined: Pending SKUs that were looked at; None when all of them were.
        left: Why SKUs were left out: how many, and the first of them.
    """

    differences: tuple[StockDifference, ...] = ()
    rows: dict[str, StockRow] = field(default_factory=dict)
    examined: frozenset[str] | None = None
    left: dict[str, list[object]] = field(default_factory=dict)


class Comparing:
    """Compares one warehouse.

    Args:
        world: The merchant's.
        code: The warehouse's code at the ERP.
        side: What the warehouse says.
        memory: What is kept of it; changed.
        now: When the comparison begins.
    """

    def __init__(
        self,
        world: ErpWorld,
        code: str,
        side: WarehouseSide,
        memory: WarehouseMemory,
        now: datetime,
    ) -> None:
        self._stock = world.erp.stock
        self._overlap = timedelta(minutes=world.connection.stock.overlap_minutes)
        self._code = code
        self._side = side
        self._memory = memory
        self._now = now
        self._left: dict[WhyLeft, list[str]] = {}
        self._many: Counter[WhyLeft] = Counter()

    # -- every product ----------------------------------------------------------------------

    def all(self) -> Looked:
        """Compare every product; goes on where an earlier run was cut off.

        Raises:
            Retryable: It did not come to its end. What was found is pending; the next run goes on.
        """
        memory = self._memory
        part = memory.part = memory.part or FullReading.begin(self._now)
        candidates: dict[str, StockRow] = {}
        met: set[str] = set()
        pages = 1
        try:
            # A page back: rows may have moved over the edge since.
            for page in self._stock.pages(self._code, max(1, part.page - 1)):
                fresh = [row for row in page.rows if row.sku not in part.codes]
                found, totals = self._sieved(page.rows, fresh)
                candidates |= found
                met.update(row.sku for row in page.rows)
                for row in fresh:
                    part.codes.add(row.sku)
                part.units += totals.units
                part.with_stock += totals.with_stock
                part.page = page.number + 1
                pages = page.pages or page.number
            candidates |= self._without_row(part)
            candidates |= self._still_pending(met | candidates.keys())
            looked = self._looked(candidates)
        except Retryable:
            self._keep(candidates)
            raise
        memory.totals, memory.full_at, memory.part = part.totals, part.began, None
        memory.pages, memory.read_from = pages, part.began
        memory.left = dict(looked.left)
        memory.flying = self._flying()
        return looked

    def _sieved(
        self, rows: Iterable[StockRow], fresh: Iterable[StockRow]
    ) -> tuple[dict[str, StockRow], StockTotals]:
        """Rows that differ as far as their numbers tell, and the totals of the fresh ones."""
        rows = tuple(rows)
        differ = {one.sku for one in self._compared(rows, note=True).differences}
        totals = self._compared(tuple(fresh)).totals
        return {row.sku: row for row in rows if row.sku in differ}, totals

    def _without_row(self, part: FullReading) -> dict[str, StockRow]:
        """Products that the warehouse has and that never moved at the ERP: there they are 0."""
        missing = [
            sku
            for sku, units in self._side.counts.items()
            if (units or sku in self._side.flying)
            and sku not in part.codes
            and sku not in self._side.bundles
        ]
        found = self._stock.products_named(missing) if missing else {}
        self._memory.unknown = set(missing) - found.keys()
        for sku in sorted(self._memory.unknown):
            self._note(sku, "not_in_unleashed")
        return {sku: StockRow(sku, facts.guid) for sku, facts in found.items()}

    # -- what changed -----------------------------------------------------------------------

    def changed(self, told: Collection[str] = ()) -> Looked | None:
        """Compare what changed on either side since the newest comparison, and what is pending.

        Args:
            told: Pending SKUs that need not be looked at while nothing of them changed.

        Returns:
            None when that is so much that reading everything costs less.
        """
        since = self._memory.read_from
        if since is None:
            return None
        try:
            rows = {row.sku: row for row in self._stock.changed(self._code, since - self._overlap)}
        except Retryable as verdict:
            if verdict.code == OUT_OF_CALLS:
                # So much changed that it cannot be read in one run; a full one is read in parts.
                self._memory.part = FullReading.begin(self._now)
            raise
        edge = since - self._overlap - CLOCKS_DIFFER
        left_alone = self._side.bundles | self._memory.unknown
        landed = self._landed()
        wanted = [
            sku
            for sku in self._side.counts
            if sku not in rows
            and sku not in left_alone
            and (sku in landed or self._changed_there(sku, edge))
        ]
        if len(wanted) > GUIDS_AT_ONCE * self._memory.pages:
            return None
        rows |= self._still_pending({*rows, *told})
        rows |= self._named([sku for sku in wanted if sku not in rows])
        candidates, _ = self._sieved(rows.values(), ())
        looked = self._looked(candidates)
        self._memory.read_from = self._now
        self._memory.flying = self._flying()
        return replace(looked, examined=frozenset(rows)) if told else looked

    def pending_again(self, most: int | None) -> Looked:
        """Look again at differences that are waited on, the oldest first, and at nothing else.

        Args:
            most: At most so many; None for all.
        """
        oldest = sorted(self._memory.pending.items(), key=lambda item: (item[1].since, item[0]))
        rows = self._rows({one.guid: sku for sku, one in oldest[:most]})
        candidates, _ = self._sieved(rows.values(), ())
        return replace(self._looked(candidates), examined=frozenset(rows))

    def _flying(self) -> dict[str, int]:
        return {
            sku: way.despatched - way.received - way.completed - way.ordered
            for sku, way in self._side.flying.items()
            if way != NOTHING
        }

    def _landed(self) -> set[str]:
        """What is not on its way any more, or not so much of it: when nobody is going to tell of
        it (a person took it off the list), no stock moves, and no list shows it."""
        now = self._flying()
        return {sku for sku, units in self._memory.flying.items() if now.get(sku) != units}

    def _changed_there(self, sku: str, edge: datetime) -> bool:
        moment = self._side.updated.get(sku)
        return moment is None or moment >= edge

    def _named(self, skus: list[str]) -> dict[str, StockRow]:
        found = self._stock.products_named(skus) if skus else {}
        self._memory.unknown |= set(skus) - found.keys()
        return self._rows({facts.guid: sku for sku, facts in found.items()})

    # -- both -------------------------------------------------------------------------------

    def _still_pending(self, but: Iterable[str]) -> dict[str, StockRow]:
        known = frozenset(but)
        pending = self._memory.pending.items()
        return self._rows({one.guid: sku for sku, one in pending if sku not in known})

    def _rows(self, skus: Mapping[str, str]) -> dict[str, StockRow]:
        """Rows by SKU, as they are now; by the Guid of each SKU. Without a row there are none."""
        if not skus:
            return {}
        found = self._stock.rows_of(self._code, skus)
        return {sku: found.get(guid) or StockRow(sku, guid) for guid, sku in skus.items()}

    def _looked(self, candidates: Mapping[str, StockRow]) -> Looked:
        """The differences among candidates, now that their products are known."""
        facts = self._stock.products_of(row.guid for row in candidates.values())
        rows = list(_known(candidates.values(), facts))
        for row in candidates.values():
            if row.guid not in facts:
                self._note(row.sku, "not_in_unleashed")
        found = self._side.held_against(rows)
        for sku, why in found.left_out.items():
            self._note(sku, why)
        return Looked(
            found.differences,
            {one.sku: candidates[one.sku] for one in found.differences},
            left={why: [self._many[why], skus] for why, skus in sorted(self._left.items())},
        )

    def _compared(self, rows: tuple[StockRow, ...], *, note: bool = False) -> StockComparison:
        found = self._side.by_numbers(rows)
        if note:
            for sku, why in found.left_out.items():
                self._note(sku, why)
        return found

    def _note(self, sku: str, why: WhyLeft) -> None:
        if why not in TOLD:
            return
        self._many[why] += 1
        named = self._left.setdefault(why, [])
        if len(named) < NAMED_LEFT and sku not in named:
            named.append(sku[:60])

    def _keep(self, candidates: Mapping[str, StockRow]) -> None:
        """Keep what was found of a comparison that was cut off; the next run looks at it again."""
        for one in self._compared(tuple(candidates.values())).differences:
            before = self._memory.pending.get(one.sku)
            is_same = before is not None and before.units == one.units
            since = before.since if before is not None and is_same else self._now
            guid = candidates[one.sku].guid
            self._memory.pending[one.sku] = Pending(one.units, since, guid)


def _known(
    rows: Iterable[StockRow], facts: Mapping[str, ProductFacts]
) -> Iterator[tuple[StockRow, ProductFacts]]:
    return ((row, facts[row.guid]) for row in rows if row.guid in facts)


def fresh(
    world: ErpWorld, code: str, side: WarehouseSide, guids: Mapping[str, str]
) -> tuple[tuple[StockDifference, ...], Mapping[str, StockRow]]:
    """What of these products differs now, read by their Guids, and their rows as they are.

    Args:
        world: The merchant's.
        code: The warehouse's.
        side: What the warehouse says.
        guids: The products', by SKU.
    """
    stock = world.erp.stock
    found = stock.rows_of(code, guids.values())
    rows = {sku: found.get(guid) or StockRow(sku, guid) for sku, guid in guids.items()}
    facts = stock.products_of(guids.values())
    known = [(row, product) for row, product in _known(rows.values(), facts)]
    return side.held_against(known).differences, rows
