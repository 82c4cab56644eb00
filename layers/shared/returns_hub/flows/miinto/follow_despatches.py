"""What the warehouse sends is followed: despatched, in parts, cancelled; then Miinto is told.

One run for one merchant works under the lease of its despatches' cursor. What changed in the
warehouse since the cursor is read; under that, some of all that is in work is looked up, in turn,
so that a change which no list showed is found. Nothing is passed before it is on a timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import Despatched, MarketFact, OrderCancelled, OrderEnded
from returns_hub.domain.miinto.orders import Despatch, OrderState
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.unleashed.echoes import CUSTOMER_REFERENCE, is_for_unleashed
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.errors import Conflict, Permanent, Verdict
from returns_hub.flows.cursor_names import marketplace
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_numbers import beginnings
from returns_hub.flows.miinto.order_work import (
    OrderKey,
    Walk,
    dealt_with,
    has_time,
    key_of,
    put_on_the_list,
)
from returns_hub.flows.miinto.send_tracking import FLOW, send_tracking
from returns_hub.ports import Lease

OVERLAP = timedelta(minutes=90)
"""The zone of the warehouse's times is not proven: an hour, and clocks that differ."""
FIRST_LOOK_BACK = timedelta(hours=24)
MOST_CALLS = 30
MOST_SEEN = 4000
MOST_LATER = 200
TOLD_PER_RUN = 500
READ_PER_RUN = 20
WAITS_FOR_TRACKING = timedelta(hours=24)
"""A despatch without a tracking number so long after is a person's."""
SENT = "despatched"


@dataclass(frozen=True)
class DespatchCursor:
    """Where the run before ended.

    Args:
        since: Up to when the warehouse's changes were read.
        seen: Versions of orders that were dealt with; of the overlap.
        later: Orders that came back.
        told: Walk over those that Miinto may have to be told of.
        read: Walk over those that are looked up in the warehouse.
    """

    since: str = ""
    seen: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    told: Walk = field(default_factory=Walk)
    read: Walk = field(default_factory=Walk)

    @classmethod
    def of(cls, value: Any) -> DespatchCursor:
        """The cursor that `to_value` wrote."""
        return cls(
            since=value.get("since", ""),
            seen=tuple(value.get("seen", ())),
            later=tuple(value.get("later", ())),
            told=Walk.of(value.get("told")),
            read=Walk.of(value.get("read")),
        )

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        return {
            "since": self.since,
            "seen": list(self.seen[-MOST_SEEN:]),
            "later": list(self.later[:MOST_LATER]),
            "told": self.told.to_value(),
            "read": self.read.to_value(),
        }


def follow_despatches(mw: MarketWorld) -> dict[str, int]:
    """Follow what the warehouse does with one merchant's orders of the marketplace.

    Returns:
        How many orders ended in which way. Empty when another run holds the lease.
    """
    settings = mw.settings
    if settings.orders.mode is not Mode.LIVE or settings.level == "stock_only":
        return {"off": 1}
    stores = mw.stores
    with leased(stores, marketplace("despatches", mw.merchant)) as lease:
        if lease is None:
            return {}
        try:
            return _Run(mw, lease).run()
        except Verdict as verdict:
            lease.run.failed(verdict)
            mw.world.run_failed(verdict, flow=FLOW)
            return {"failed": 1}


class _Run:
    """One run under the lease."""

    def __init__(self, mw: MarketWorld, lease: Lease) -> None:
        self._mw = mw
        self._lease = lease
        self._cursor = DespatchCursor.of(lease.value)
        self._later: dict[OrderKey, None] = {}
        self.endings: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        mw = self._mw
        before = [OrderKey.of(text) for text in self._cursor.later]
        cursor = self._changes()
        in_work, told = self._cursor.told.steps(mw, TOLD_PER_RUN)
        untold = [key_of(state) for state in in_work if state.despatches]
        for key in dict.fromkeys((*before, *untold)):
            # What came back may have failed before it was recorded: it is looked up anew.
            if key not in self._later:
                self._one(key, None if key in before else ())
        cursor = replace(cursor, told=told, read=self._look_up())
        cursor = replace(cursor, later=tuple(key.text for key in self._later))
        try:
            mw.stores.cursors.advance(self._lease, cursor.to_value())
        except Conflict:
            mw.stores.telemetry.log("the lease was lost; another run goes on", cursor=FLOW)
        for ending, count in self.endings.items():
            mw.stores.telemetry.count(
                "MarketDespatches", count, merchant=mw.merchant, outcome=ending
            )
        mw.stores.telemetry.log("despatches run", **self.endings)
        return self.endings

    def _changes(self) -> DespatchCursor:
        """Deal with what changed in the warehouse; the cursor behind it."""
        mw, cursor = self._mw, self._cursor
        started = mw.stores.clock.now()
        stored = cursor.since
        since = datetime.fromisoformat(stored) if stored else started - FIRST_LOOK_BACK
        page = mw.orders.orders_updated_since(since - OVERLAP, MOST_CALLS)
        seen = set(cursor.seen)
        still = [row.key for row in page.orders if row.key in seen]
        passed = started if page.complete else _half_way(since, started)
        for row in sorted(page.orders, key=lambda row: row.updated_at):
            if row.key in seen:
                continue
            endings = [self._one(key, (row,)) for key in self._orders_of(row)]
            if "not_started" in endings:
                passed = since
            elif endings and "later" not in endings:
                still.append(row.key)
                self._lease.run.found_new = True
        if passed < started:
            # What no list showed is found by the walk; what was not begun is read again.
            self.endings["incomplete"] = 1
        return replace(cursor, seen=tuple(still), since=passed.isoformat())

    def _orders_of(self, row: WarehouseOrder) -> Iterable[OrderKey]:
        """Our orders that the warehouse's row is of: one, several that it merged, or none."""
        mw = self._mw
        starts = tuple(beginnings(self._mw.settings))
        for number in (*row.numbers, *self._told_by_erp(row)):
            if number.startswith(starts):
                state = mw.market.order_of(mw.merchant, number=number)
                if state is not None and state.made_id is not None:
                    yield key_of(state)

    def _told_by_erp(self, row: WarehouseOrder) -> Iterable[str]:
        """Our number of an order that the ERP took, which the warehouse has under the ERP's."""
        if self._mw.sales is None or not is_for_unleashed(row.external_reference):
            return ()
        return [value for name, value in row.name_values if name == CUSTOMER_REFERENCE]

    def _look_up(self) -> Walk:
        """Look some orders in work up in the warehouse."""
        states, walk = self._cursor.read.steps(self._mw, READ_PER_RUN)
        for state in states:
            if state.made_id is None or state.is_sent or key_of(state) in self._later:
                continue
            if self._one(key_of(state), None) == "not_started":
                return self._cursor.read
        return walk

    def _one(self, key: OrderKey, rows: Sequence[WarehouseOrder] | None) -> str:
        """Deal with one order; with None its rows are read."""
        if not has_time(self._mw):
            self._later[key] = None
            return self._note("not_started")

        def work(state: OrderState) -> str:
            known = rows if rows is not None else _read(self._mw, state)
            return settle(self._mw, state, known)

        ending = dealt_with(self._mw, key, flow=FLOW, work=work)
        if ending == "later":
            self._later[key] = None
        return self._note(ending)

    def _note(self, ending: str) -> str:
        if ending != "known":
            self.endings[ending] = self.endings.get(ending, 0) + 1
        return ending


def _half_way(since: datetime, until: datetime) -> datetime:
    """From where a list is read again that one run could not read to its end.

    From half-way, where it is of a long time: with more changes than a run reads, it would never
    come to an end again.
    """
    return since + (until - since) / 2 if until - since > OVERLAP else since


def _read(mw: MarketWorld, state: OrderState) -> Sequence[WarehouseOrder]:
    if state.made_id is None:
        return ()
    if mw.sales is None and (rows := mw.orders.orders_with_number(state.number)):
        return rows
    row = mw.orders.read_order(state.made_id)
    if row is not None and row.parts > 1:
        return mw.orders.orders_with_number(row.number) or (row,)
    return (row,) if row is not None else ()


def settle(mw: MarketWorld, state: OrderState, rows: Sequence[WarehouseOrder]) -> str:
    """Record what the warehouse did with an order, and tell Miinto what it is to be told.

    Raises:
        Permanent: Miinto refused, or nobody knows; a person has to act.
        Retryable, UnknownOutcome: Come back.
        Conflict: Someone else appended meanwhile.
    """
    if state.made_id is None or state.ended:
        return "known"
    before = state.version
    for row in rows:
        state = _seen(mw, state, row)
    if state.cancelled or state.parked:
        return _word(state, before)
    state = send_tracking(mw, state)
    return _word(_ended(mw, state), before)


def _word(state: OrderState, before: int) -> str:
    if state.version == before:
        return "known"
    return "told" if state.tracking_sent and not state.untold else state.standing


def _seen(mw: MarketWorld, state: OrderState, row: WarehouseOrder) -> OrderState:
    if row.is_shipped:
        return _despatched(mw, state, row)
    if state.is_sent or state.cancelled:
        return state
    if row.is_cancelled:
        return _cancelled(mw, state, row)
    if row.stage is OrderStage.FAILED:
        why = f"Mintsoft shows order {row.number} as {row.status_word}; mend it there"
        return _ask(mw, state, "failed", "order.failed_in_mintsoft", why)
    return state


def _despatched(mw: MarketWorld, state: OrderState, row: WarehouseOrder) -> OrderState:
    despatch = Despatch(
        at=row.despatched_at,
        carrier=row.courier[:100],
        tracking=row.tracking_number[:100],
        tracking_url=row.tracking_url[:500],
        part=f"{row.part}/{row.parts}" if row.parts > 1 else "",
        made_id=row.order_id,
    )
    if despatch in state.despatches:
        return state
    facts: list[MarketFact] = [Despatched(despatch=despatch)]
    if state.cancelled:
        why = (
            f"Mintsoft sent order {state.number}, which Miinto does not hold any more "
            f"({state.cancelled}); Miinto is not told of it"
        )
        verdict = Permanent("order.sent_though_cancelled", why)
        asked = put_on_the_list(mw, state, FLOW, "sent-though-cancelled", verdict, beside=True)
        facts += [asked] if asked else []
    return mw.record_order(state, "the warehouse sent it", *facts)


def _cancelled(mw: MarketWorld, state: OrderState, row: WarehouseOrder) -> OrderState:
    """The warehouse cancelled the order, or a part of it: the buyer still waits."""
    part = f" (part {row.part} of {row.parts})" if row.parts > 1 else ""
    why = (
        f"Mintsoft cancelled order {state.number}{part}, and Miinto still holds order {state.id} "
        f"of shop {slug_of(state.shop)} accepted: cancel it there, or have it made anew"
    )
    about = f"cancelled-{row.order_id}"
    verdict = Permanent("order.cancelled_in_mintsoft", why)
    asked = put_on_the_list(mw, state, FLOW, about, verdict, beside=True)
    facts: list[MarketFact] = [asked] if asked else []
    if row.parts == 1:
        facts.append(OrderCancelled(code="cancelled_in_mintsoft", reason=why))
    return mw.record_order(state, "the warehouse cancelled it", *facts)


def _ended(mw: MarketWorld, state: OrderState) -> OrderState:
    """End an order of which all is sent, and all told that is to be told."""
    if not state.is_sent:
        return state
    if mw.settings.tracking.mode is Mode.OFF:
        return mw.record_order(state, "all of it is sent", OrderEnded(code=SENT))
    if state.untold:
        return state
    nameless = [despatch for despatch in state.despatches if not despatch.tracking]
    if nameless:
        told = [despatch.at for despatch in nameless if despatch.at is not None]
        last = max(told) if told else _recorded_at(mw, state)
        if mw.stores.clock.now() - last < WAITS_FOR_TRACKING:
            return state
        why = (
            f"Mintsoft sent order {state.number} and shows no tracking number a day later; tell "
            "Miinto by hand"
        )
        state = _ask(mw, state, "no-tracking", "order.no_tracking", why)
    return mw.record_order(state, "all of it is sent", OrderEnded(code=SENT))


def _recorded_at(mw: MarketWorld, state: OrderState) -> datetime:
    """When the last despatch was put on the timeline: Mintsoft need not date it."""
    events = mw.market.timeline(state.merchant, "order", state.shop, state.id)
    return max(event.at for event in events if isinstance(event.fact, Despatched))


def _ask(mw: MarketWorld, state: OrderState, about: str, code: str, why: str) -> OrderState:
    fact = put_on_the_list(mw, state, FLOW, about, Permanent(code, why), beside=True)
    return state if fact is None else mw.record_order(state, "ask a person", fact)
