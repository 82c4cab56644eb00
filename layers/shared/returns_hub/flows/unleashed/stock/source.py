"""The warehouse's count becomes adjustments of Unleashed's stock; or the other way round.

A record is a warehouse, by its code. What is adjusted at once is one version of it: an adjustment,
and a look at what it did before anything else is adjusted there. What stock did not do as it should
stops the whole flow until a person has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import STOCK
from returns_hub.domain.unleashed.stock_guards import settle, stop_reason
from returns_hub.domain.unleashed.stock_rule import StockDifference
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.compare import Comparing, Looked, fresh
from returns_hub.flows.unleashed.stock.due import Look, look_now, mark
from returns_hub.flows.unleashed.stock.full import full_asked_at
from returns_hub.flows.unleashed.stock.memory import (
    Pending,
    StockMemory,
    WarehouseMemory,
)
from returns_hub.flows.unleashed.stock.proof import require_stock_proof
from returns_hub.flows.unleashed.stock.set_count import (
    MOST_AT_ONCE,
    is_set,
    set_step,
    verify_set_step,
)
from returns_hub.flows.unleashed.stock.steps import (
    ADJUST,
    Group,
    adjust_guid,
    adjust_step,
    guids_in,
    is_stopped,
    unverified,
    verify_name,
    verify_step,
)
from returns_hub.flows.unleashed.stock.warehouse_side import (
    WarehouseSide,
    in_flight,
    warehouse_side,
)
from returns_hub.flows.unleashed.timed import TimedByFile
from returns_hub.flows.unleashed.untold_parts import Untold

GROUPS_AT_ONCE = 4
"""Of adjustments that a run which was cut off left; so many are looked at again together."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Refused:
    """A warehouse of which nothing may be sent, and why."""

    verdict: Permanent


class StockSource(TimedByFile):
    """`flows.sync.shape.Source` of the stock; it `Remembers` its differences."""

    name = STOCK
    first_look_back = timedelta(0)

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.stock)
        self._world = world
        self._settings = world.connection.stock
        self._clock = world.stores.clock
        self._memory = StockMemory({})
        self._codes = tuple(world.connection.warehouses)

    @property
    def every(self) -> timedelta:
        """See `Source.every`. A full sync that was asked for since the newest run is due; once a
        day, a run is due when there is something to look at."""
        stores, merchant, now = self._world.stores, self._world.merchant, self._clock.now()
        if self._settings.once_per_day:
            cursor = SyncCursor.of(stores.cursors.read(cursor_name(STOCK, merchant)))
            return timedelta(0) if self._due(StockMemory(cursor.kept), now) else A_DAY
        every = super().every
        asked = full_asked_at(stores, merchant)
        return every if asked is None else min(every, now - asked)

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """See `Remembers.take_up`."""
        self._memory = StockMemory(kept)

    def to_keep(self) -> Mapping[str, Any]:
        """See `Remembers.to_keep`."""
        return self._memory.to_json(frozenset(self._codes))

    # -- what is to be adjusted -------------------------------------------------------------

    def pull(self, since: datetime) -> Iterator[Change[Group | Refused]]:  # noqa: ARG002 - of its own
        """See `Source.pull`. A warehouse that cannot be read now does not keep the others back.

        Raises:
            Retryable: A warehouse was not read to its end, or the flow is stopped.
            Misconfigured: It is not proven what an adjustment does.
        """
        now = self._clock.now()
        due = self._due(self._memory, now)
        if not due:
            return
        self._require_allowed()
        # Asked for once, for every warehouse: it costs each flow's calls. Before anything is
        # adjusted it is asked for again.
        flying = in_flight(self._world)
        failed: Retryable | None = None
        for code, look in due.items():
            place = self._world.places.of(code)
            if place.warehouse_id is None:
                self._world.stores.telemetry.log("warehouse left", flow=STOCK, why=place.why)
                continue
            try:
                yield from self._of_warehouse(code, place.warehouse_id, look, flying)
            except Misconfigured:
                raise
            except Retryable as verdict:
                failed = failed or verdict
            except Permanent as verdict:
                yield self._refused(code, verdict, verdict.reason)
            self._require_not_stopped(code)
        if failed is not None:
            raise failed

    def _due(self, memory: StockMemory, now: datetime) -> dict[str, Look]:
        """What is to be compared now, by warehouse."""
        asked = full_asked_at(self._world.stores, self._world.merchant)
        zone = self._world.connection.time_zone
        looks = {
            code: look_now(memory.of(code), self._settings, zone, now, asked)
            for code in self._codes
        }
        return {code: look for code, look in looks.items() if look != "nothing"}

    def _of_warehouse(
        self, code: str, warehouse_id: int, look: Look, flying: Untold
    ) -> Iterator[Change[Group | Refused]]:
        state = self._state(code)
        if state.parked or (state.in_work and self.mode is Mode.LIVE):
            self._world.stores.telemetry.log("warehouse waits", flow=STOCK, why=state.standing)
            return
        memory, now = self._memory.of(code), self._clock.now()
        told = self._told_before(memory) if look == "changed" else {}
        side = warehouse_side(self._world, warehouse_id, flying)
        looked = self._looked(Comparing(self._world, code, side, memory, now), look, told)
        before = {sku: one.seen for sku, one in memory.pending.items()}
        settled = settle(looked.differences, before, now, self._settings.settle_minutes)
        examined = memory.pending.keys() if looked.examined is None else looked.examined
        others = {sku: one for sku, one in memory.pending.items() if sku not in examined}
        memory.pending = others | {
            one.sku: Pending(one.units, _since(one, memory, now), looked.rows[one.sku].guid)
            for one in looked.differences
        }
        mark(memory, self._settings, self._world.connection.time_zone, look, now)
        self._tell(looked, len(memory.pending))
        stop = self._beyond_limits(code, looked, memory)
        if stop is not None:
            yield self._refused(code, stop, _of_differences(looked.differences))
            return
        memory.unfinished = False
        if self._is_shadow:
            yield from self._shadowed(code, settled.ripe, told, looked, now)
            return
        if settled.ripe:
            yield from self._groups(code, warehouse_id, settled.ripe)
        if looked.examined is not None:
            wait = timedelta(minutes=self._settings.settle_minutes)
            memory.unfinished = memory.unfinished or any(
                now - one.since >= wait for one in others.values()
            )

    def _looked(self, comparing: Comparing, look: Look, told: Collection[str]) -> Looked:
        if look == "pending":
            most = self._settings.lines_per_adjustment * GROUPS_AT_ONCE
            return comparing.pending_again(None if self._is_shadow else most)
        found = comparing.changed(told) if look == "changed" else None
        return found or comparing.all()

    def _beyond_limits(
        self, code: str, looked: Looked, memory: WarehouseMemory
    ) -> Permanent | None:
        """Why nothing of the warehouse may be sent; None when it may."""
        why = memory.totals and stop_reason(
            looked.differences, memory.totals, self._settings.hard_stop
        )
        if not why:
            return None
        return Permanent(
            "unleashed.stock_limits",
            f"nothing of the stock of {code} is sent: {why}. Look at the counts; when they are "
            "right, raise unleashed.stock.hard_stop and replay this",
        )

    # -- a shadow ---------------------------------------------------------------------------

    @property
    def _is_shadow(self) -> bool:
        """Whether nothing evens differences out: they stand for days, and looking at each of them
        in every run would use up the month's calls."""
        return self.mode is not Mode.LIVE and not self._world.is_plan

    def _told_before(self, memory: WarehouseMemory) -> dict[str, int]:
        """Units by SKU of the differences that a shadow has told of: those that had settled when
        the newest comparison was made."""
        if not self._is_shadow or memory.read_from is None:
            return {}
        settled = memory.read_from - timedelta(minutes=self._settings.settle_minutes)
        return {sku: one.units for sku, one in memory.pending.items() if one.since <= settled}

    def _shadowed(
        self,
        code: str,
        ripe: tuple[StockDifference, ...],
        told: Mapping[str, int],
        looked: Looked,
        now: datetime,
    ) -> Iterator[Change[Group | Refused]]:
        """What would be adjusted and was not told of yet, as the comparison saw it; a full one
        tells of everything once more."""
        news = tuple(one for one in ripe if told.get(one.sku) != one.units)
        if news:
            yield Change(code, _of_differences(news), now, Group(code, now, news, looked.rows))

    # -- adjusting --------------------------------------------------------------------------

    def _groups(
        self, code: str, warehouse_id: int, ripe: tuple[StockDifference, ...]
    ) -> Iterator[Change[Group | Refused]]:
        """Adjustments, one after the other, each on rows read at that moment.

        The warehouse, and what is on its way, is asked a second time: what moved while the first
        comparison was made differs by other units now, and waits.
        """
        memory = self._memory.of(code)
        memory.unfinished = True
        again = warehouse_side(self._world, warehouse_id)
        most = self._settings.lines_per_adjustment
        if self._settings.master == "unleashed":
            most = min(most, MOST_AT_ONCE)
        for at in range(0, len(ripe), most):
            units = {one.sku: one.units for one in ripe[at : at + most]}
            guids = {sku: memory.pending[sku].guid for sku in units}
            change = self._change(code, again, guids, units)
            if not change.content.differences:
                continue
            yield change
            if self.mode is not Mode.LIVE:
                continue
            state = self._state(code)
            if state.parked or state.in_work:
                return
            for one in change.content.differences:
                memory.pending.pop(one.sku, None)
        memory.unfinished = False

    def _change(
        self, code: str, side: WarehouseSide, guids: Mapping[str, str], units: Mapping[str, int]
    ) -> Change[Any]:
        """A group of those products that still differ by so many units."""
        at = self._clock.now()
        differences, rows = fresh(self._world, code, side, guids) if guids else ((), {})
        same = tuple(one for one in differences if units.get(one.sku) == one.units)
        # A difference that comes back is another one, though it is of the same units.
        version = f"{at.isoformat()} {_of_differences(same)}"
        return Change(code, version, at, Group(code, at, same, rows))

    def _refused(self, code: str, verdict: Permanent, about: str) -> Change[Group | Refused]:
        version = f"refused {short_hash(about)}"
        return Change(code, version, self._clock.now(), Refused(verdict))

    # -- one warehouse in work --------------------------------------------------------------

    def read(self, key: str) -> Change[Group | Refused] | None:
        """See `Source.read`. What an adjustment that was begun would be now; else nothing."""
        if key not in self._codes:
            return None
        self._require_allowed()
        state = self._state(key)
        begun = next((s for s in state.open_steps if s.name.startswith(f"{ADJUST}/")), None)
        if begun is None:
            now = self._clock.now()
            return Change(key, f"{now.isoformat()} looked at", now, Group(key, now))
        place = self._world.places.of(key)
        if place.warehouse_id is None:
            raise Retryable("unleashed.warehouse_stopped", place.why, after=900)
        units = {line[0]: line[2] for line in begun.told["lines"]}
        side = warehouse_side(self._world, place.warehouse_id)
        return self._change(key, side, guids_in(begun), units)

    def plan(self, change: Change[Group | Refused], state: SyncState) -> Plan:
        """See `Source.plan`."""
        content = change.content
        if isinstance(content, Refused):
            raise content.verdict
        steps: list[Step] = [
            self._verify(step.told, step.partner_id, step.name) for step in unverified(state)
        ]
        name = state.anew(ADJUST)
        if content.differences or state.is_open(name):
            adjust = self._adjust(content, state, name)
            steps.append(adjust)
            if content.differences:
                steps.append(self._verify(adjust.told, adjust_guid(state, name), name))
        return Plan(steps, outcome="adjusted" if content.differences else "in_step")

    def _adjust(self, group: Group, state: SyncState, name: str) -> Step:
        if self._settings.master == "mintsoft":
            return adjust_step(self._world, group, state, name)
        place = self._world.places.of(group.code)
        if place.warehouse_id is None:
            raise Retryable("unleashed.warehouse_stopped", place.why, after=900)
        return set_step(self._world, group, place.warehouse_id, name)

    def _verify(self, told: Mapping[str, Any], partner_id: str, name: str) -> Step:
        if is_set(told):
            return verify_set_step(self._world, told, verify_name(name))
        return verify_step(self._world, told, partner_id, verify_name(name))

    # -- both -------------------------------------------------------------------------------

    def _state(self, code: str) -> SyncState:
        return self._world.sync.load(STOCK, code)

    def _require_allowed(self) -> None:
        """Raise unless stock may be adjusted at all."""
        if self.mode is not Mode.LIVE:
            return
        if self._settings.master == "mintsoft":
            require_stock_proof(self._world)
        for code in self._codes:
            self._require_not_stopped(code)

    def _require_not_stopped(self, code: str) -> None:
        if self.mode is Mode.LIVE and is_stopped(self._state(code)):
            raise Retryable(
                "unleashed.stock_stopped",
                f"the stock sync is stopped since an adjustment in {code} did not do what it "
                "should; a person has to look (hub parked list)",
                after=300,
            )

    def _tell(self, looked: Looked, differences: int) -> None:
        telemetry, merchant = self._world.stores.telemetry, self._world.merchant
        telemetry.count("StockDifferences", differences, merchant=merchant)
        for why, (many, named) in looked.left.items():
            telemetry.log("stock left out", flow=STOCK, why=why, products=many, first=named)


def stock_sources(world: ErpWorld) -> tuple[StockSource, ...]:
    """The flow's only source."""
    return (StockSource(world),)


def _since(one: StockDifference, memory: WarehouseMemory, now: datetime) -> datetime:
    before = memory.pending.get(one.sku)
    return before.since if before is not None and before.units == one.units else now


def _of_differences(differences: tuple[StockDifference, ...]) -> str:
    return short_hash(" ".join(f"{one.sku}:{one.units}" for one in differences))
