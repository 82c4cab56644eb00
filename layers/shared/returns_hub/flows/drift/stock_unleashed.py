"""The warehouse's stock held against Unleashed's, page by page, by the rule of the stock sync.

What the sync takes into account is taken into account here: what is compared with what, bundles,
and goods that one side was not told of yet. So is what the sync itself knows of and waits with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.drift.stock_levels import WarehouseLevels
from returns_hub.domain.drift.stock_rule import (
    PlaceSeen,
    Unequal,
    is_moving,
    moves_until,
    subject_of,
)
from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.names import STOCK
from returns_hub.domain.unleashed.stock_rows import ProductFacts, StockRow
from returns_hub.domain.unleashed.stock_rule import NOTHING
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.stock_of_look import latest, lots_of
from returns_hub.flows.drift.stock_telling import Telling, told, worth_of
from returns_hub.flows.drift.waiting import grace_of, settings_of
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.memory import StockMemory, WarehouseMemory
from returns_hub.flows.unleashed.stock.warehouse_side import (
    ANY_COST,
    in_flight,
    warehouse_side,
)
from returns_hub.flows.unleashed.untold_parts import Untold

KIND, MAP = "stock.unleashed", "stock.unleashed_map"
MISSING, UNKNOWN = "stock.unleashed_missing", "stock.mintsoft_missing"
KINDS = frozenset({KIND, f"{KIND}_whole", MAP, MISSING, UNKNOWN})
MOVING: tuple[FlowName, ...] = ("stock", "despatches", "receipts", "order_export", "transfers")
"""Flows by which stock of the two is kept the same; without any of them nobody said it is."""
ROWS_AT_ONCE = 400
KEEP_SECONDS = 60.0
"""What is left by then is the look's own, to keep what the other comparisons found."""
A_DAY = timedelta(days=1)


def applies(world: DriftWorld) -> bool:
    """Whether the file keeps stock of the two in step, in a shadow too."""
    if world.erp is None or not settings_of(world).stock or not world.erp.connection.warehouses:
        return False
    modes = world.erp.connection.modes
    return any(modes[name] is not Mode.OFF for name in MOVING)


def differences(world: DriftWorld) -> Iterator[Difference]:
    """What differs.

    Raises:
        Verdict: A side was not read to its end, or what is on its way cannot be told.
    """
    erp = _erp(world)
    flying = in_flight(erp)
    cursor = SyncCursor.of(world.stores.cursors.read(cursor_name(STOCK, world.merchant)))
    memory = StockMemory(cursor.kept if erp.connection.is_live("stock") else {})
    for code in erp.connection.warehouses:
        place = erp.places.of(code)
        if place.warehouse_id is None:
            if place.why:
                yield _stopped(world, code, place.why)
            continue
        yield from _Place(world, code, place.warehouse_id, flying, memory.of(code)).differences()


def warehouses(world: DriftWorld) -> Iterator[int]:
    """Mintsoft's warehouses that the map names, whether they can be worked with or not."""
    return iter(_erp(world).connection.warehouses.values())


@dataclass(frozen=True)
class _Met:
    """Of a row, what is needed once its product is known."""

    guid: str
    units: int


class _Place:
    """One warehouse."""

    def __init__(
        self,
        world: DriftWorld,
        code: str,
        warehouse_id: int,
        flying: Untold,
        memory: WarehouseMemory,
    ) -> None:
        self._world = world
        self._erp = _erp(world)
        self._code = code
        self._levels: WarehouseLevels = world.stock.of(warehouse_id)
        self._side = warehouse_side(self._erp, warehouse_id, flying, self._levels)
        self._memory = memory
        self._edge = self._moves_until()
        self._seen = PlaceSeen(world.world.live.merchant.drift.stock_tolerance)

    def differences(self) -> Iterator[Difference]:
        met: set[str] = set()
        found: dict[str, _Met] = {}
        for page in self._erp.erp.stock.pages(self._code):
            fresh = [row for row in page.rows if row.sku not in met]
            met.update(row.sku for row in fresh)
            self._look_at(fresh, found)
            self._require_time()
        without = self._without_row(met)
        del met
        if self._seen.way() is not None:
            # The place as a whole differs: none of its SKUs is looked at again.
            yield from self._told()
            return
        for sku in self._unknown(without, found):
            yield self._missing(sku)
        still = list(self._again(found))
        yield from (self._unknown_here(one) for one in still if one.ours is None)
        self._seen.unequal = [one for one in still if one.ours is not None]
        yield from self._told()

    # -- reading ----------------------------------------------------------------------------

    def _require_time(self) -> None:
        """Raise when the look would not come to its end with further pages."""
        if self._world.stores.clock.remaining() < KEEP_SECONDS:
            raise Retryable(
                "drift.no_time", f"no time for all of Unleashed's stock in {self._code}"
            )

    def _look_at(self, rows: Iterable[StockRow], found: dict[str, _Met]) -> None:
        by_sku = {row.sku: row for row in rows}
        compared = self._side.by_numbers(by_sku.values())
        differ = {one.sku: one for one in compared.differences}
        for sku, row in by_sku.items():
            why = compared.left_out.get(sku)
            if why == "not_in_warehouse":
                units = max(0, int(row.on_hand))
                found[sku] = _Met(row.guid, units)
                self._seen.see(Unequal(sku, None, units, units))
            elif why is None and not self._is_moving(sku):
                one = differ.get(sku)
                if one is not None:
                    found[sku] = _Met(row.guid, abs(one.units))
                self._seen.see(self._unequal(row, abs(one.units) if one is not None else 0))

    def _without_row(self, met: set[str]) -> dict[str, int]:
        """Units that differ of SKUs that Unleashed shows no row for: there they are 0, or not
        known at all."""
        without = [
            sku
            for sku, units in self._side.counts.items()
            if (units or sku in self._side.flying)
            and sku not in met
            and sku not in self._side.bundles
            and not self._is_moving(sku)
        ]
        rows = {sku: StockRow(sku, "") for sku in without}
        differ = {
            one.sku: abs(one.units) for one in self._side.by_numbers(rows.values()).differences
        }
        for sku, row in rows.items():
            self._seen.see(self._unequal(row, differ.get(sku, 0)))
        return differ

    def _unknown(self, without: Mapping[str, int], found: dict[str, _Met]) -> Iterator[str]:
        """Of these the SKUs that Unleashed has no product for; the others are found."""
        known = self._erp.erp.stock.products_named(without) if without else {}
        for sku, units in without.items():
            if sku in known:
                found[sku] = _Met(known[sku].guid, units)
            elif self._side.counts[sku]:
                yield sku

    def _again(self, found: Mapping[str, _Met]) -> Iterator[Unequal]:
        """What still differs by the same, read by the products' Guids: lists move while they are
        read, and products that keep no stock, or are tracked otherwise, are left alone."""
        stock = self._erp.erp.stock
        wanted = {one.sku: found[one.sku] for one in self._seen.unequal if one.sku in found}
        for lot in lots_of(list(wanted), ROWS_AT_ONCE):
            guids = {wanted[sku].guid: sku for sku in lot}
            rows, facts = stock.rows_of(self._code, guids), stock.products_of(guids)
            known = [
                (rows.get(guid) or StockRow(sku, guid), _as_goods(facts[guid]))
                for guid, sku in guids.items()
                if guid in facts
            ]
            yield from self._still(known, wanted)

    def _still(
        self, known: list[tuple[StockRow, ProductFacts]], wanted: Mapping[str, _Met]
    ) -> Iterator[Unequal]:
        compared = self._side.held_against(known)
        differ = {one.sku: abs(one.units) for one in compared.differences}
        for row, facts in known:
            units = differ.get(row.sku, 0)
            if row.sku not in self._levels and facts.keeps_stock:
                units = max(0, int(row.on_hand))
                one = Unequal(row.sku, None, units, units)
            else:
                one = self._unequal(row, units)
            if units and units == wanted[row.sku].units:
                yield one

    # -- one SKU ----------------------------------------------------------------------------

    def _unequal(self, row: StockRow, units: int) -> Unequal:
        count = self._side.settings.count
        theirs = int(row.on_hand) - (0 if count == "level" else int(row.allocated))
        way = self._side.flying.get(row.sku, NOTHING)
        level = self._levels.get(row.sku)
        return Unequal(
            row.sku,
            self._side.counts.get(row.sku),
            theirs,
            units,
            allocated=abs((level.total or 0) - level.level) if level and level.total else 0,
            quarantined=max(0, level.quarantined) if level else 0,
            on_its_way=way.received - way.despatched + way.completed - way.ordered,
        )

    def _is_moving(self, sku: str) -> bool:
        level = self._levels.get(sku)
        now = self._world.at
        waits = self._memory.pending.get(sku)
        moves = level is not None and is_moving(level.updated_at, self._edge, now)
        is_waited_for = waits is not None and now - waits.since <= self._waits_for()
        known = self._world.stock.is_known
        return (moves or is_waited_for) and not known(KIND, subject_of(sku, self._code))

    def _waits_for(self) -> timedelta:
        """So long the sync itself may wait with a difference that it knows of."""
        return timedelta(minutes=self._side.settings.settle_minutes) + 2 * self._every()

    def _every(self) -> timedelta:
        settings = self._side.settings
        return A_DAY if settings.once_per_day else timedelta(minutes=settings.every_minutes)

    def _moves_until(self) -> datetime:
        grace = grace_of(self._world)
        ran = latest(self._memory.read_from, self._memory.full_at)
        return moves_until(self._world.at, grace, ran, self._every())

    # -- telling ----------------------------------------------------------------------------

    def _told(self) -> Iterator[Difference]:
        merchant = self._world.merchant
        return told(
            self._world,
            self._seen,
            Telling(
                kind=KIND,
                system="unleashed",
                name="Unleashed",
                place=self._code,
                mend=f"hub unleashed plan {merchant} stock",
                mend_place=f"hub check {merchant} --area unleashed",
            ),
        )

    def _unknown_here(self, one: Unequal) -> Difference:
        value, currency = worth_of(self._world, one.sku, one.units)
        return Difference(
            kind=UNKNOWN,
            subject=subject_of(one.sku, self._code),
            says={"mintsoft": None, "unleashed": one.theirs},
            units=one.units,
            value=value,
            currency=currency,
            cause="Mintsoft does not list this SKU in the warehouse: it was never there, or its "
            "SKU is spelt otherwise",
            mend=f"hub unleashed plan {self._world.merchant} products",
        )

    def _missing(self, sku: str) -> Difference:
        units = self._side.counts[sku] or 0
        value, currency = worth_of(self._world, sku, units)
        return Difference(
            kind=MISSING,
            subject=subject_of(sku, self._code),
            says={"mintsoft": units, "unleashed": None},
            units=units,
            value=value,
            currency=currency,
            cause="Unleashed has no product with exactly this code: make it there, or mend the SKU",
            mend=f"hub unleashed plan {self._world.merchant} products",
        )


def _as_goods(facts: ProductFacts) -> ProductFacts:
    """The product as one whose numbers count: only what keeps no stock is left alone. That the
    sync leaves obsolete ones and those with batches or serial numbers alone mends none of them."""
    return replace(facts, other_cost=ANY_COST, is_tracked=False, is_obsolete=False)


def _stopped(world: DriftWorld, code: str, why: str) -> Difference:
    return Difference(
        kind=MAP,
        subject=f"warehouse {code}",
        says={"the map": "cannot be worked with"},
        cause=why,
        mend=f"hub check {world.merchant} --area unleashed",
        confirm=False,
    )


def _erp(world: DriftWorld) -> ErpWorld:
    if world.erp is None:
        raise Misconfigured(
            "unleashed.not_configured", "the merchant's file has no unleashed: block"
        )
    return world.erp


COMPARISON = Comparison("stock.unleashed", KINDS, applies, differences)
