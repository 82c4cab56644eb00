"""Units that one side's stock has no more, and the other side's still has: the despatches' part.

What left the warehouse and Unleashed has not booked, and what Unleashed has booked and the
warehouse is still to send. What the hub told is on its records' timelines; where these do not tell
(a write whose answer was lost, a merged order, a shipment that a person dispatched) Unleashed is
asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.despatches import goods_in
from returns_hub.domain.unleashed.names import DESPATCHES, DISPATCHED
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.endings import SHADOW
from returns_hub.flows.unleashed.despatches.dispatched_there import DispatchedSource, record_of
from returns_hub.flows.unleashed.despatches.parts import RecordKey, Sent, SentOrders
from returns_hub.flows.unleashed.despatches.source import LEFT_OPEN, MOST_CALLS, DespatchesSource
from returns_hub.flows.unleashed.despatches.steps import COMPLETE, DISPATCH, Telling
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.untold_parts import add, asked_about, read_since

MOST_RECORDS = 200
"""Records that are looked at; with more of them the stock sync waits."""
MOST_ASKED = 60
"""Records of which Unleashed is asked, at two calls each."""


def untold_despatches(world: ErpWorld) -> dict[int, dict[str, InFlight]]:
    """By Mintsoft's warehouse id, by SKU: units despatched and not told, and completed and not
    sent. Empty while the flow is not live: then nobody tells Unleashed by the hub.

    Raises:
        Retryable: It cannot be told now.
    """
    if not world.connection.is_live("despatches"):
        return {}
    try:
        return _Untold(world).found()
    except Permanent as verdict:
        raise Retryable(verdict.code, verdict.reason, after=900) from None


@dataclass
class _Untold:
    """One count."""

    world: ErpWorld
    asked: int = 0
    merged: set[int] = field(default_factory=set)
    total: dict[int, dict[str, InFlight]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sent = SentOrders(self.world)

    def found(self) -> dict[int, dict[str, InFlight]]:
        by_hand = dict.fromkeys(self._by_hand())
        fresh = self._fresh()
        keys = dict.fromkeys((*self._begun(), *by_hand, *fresh))
        if len(keys) > MOST_RECORDS:
            raise Retryable(
                "unleashed.much_untold",
                f"of {len(keys)} orders that Mintsoft sent Unleashed is not told yet",
                after=900,
            )
        for key in keys:
            sent = fresh.get(key) or self._sent.of_key(key)
            if sent is not None:
                self._count(sent, is_by_hand=key in by_hand)
        self._count_left_open()
        return self.total

    # -- which records ----------------------------------------------------------------------------

    def _begun(self) -> Iterator[RecordKey]:
        """Those in work, and those that a person is asked about."""
        records, merchant = self.world.sync.records, self.world.merchant
        for state in records.in_work(merchant, DESPATCHES, MOST_RECORDS + 1):
            yield RecordKey.of(state.key)
        for key in asked_about(self.world, DESPATCHES):
            yield RecordKey.of(key)

    def _fresh(self) -> dict[RecordKey, Sent]:
        """Those that changed at the warehouse since the flow looked, and are not told."""
        since = read_since(self.world, DespatchesSource(self.world))
        changed, is_whole = self._sent.since(since, MOST_CALLS)
        if not is_whole:
            raise Retryable("mintsoft.long_list", "too many orders changed in Mintsoft", after=300)
        return {one.key: one for one in changed if one.shipped and not self._is_told(one)}

    def _is_told(self, sent: Sent) -> bool:
        state = self.world.sync.load(DESPATCHES, sent.key.text)
        is_settled = not state.parked and state.settled == sent.change().version
        return is_settled and state.outcome != SHADOW.word

    def _by_hand(self) -> Iterator[RecordKey]:
        """Those of which a person dispatched a shipment, and the warehouse has some left."""
        source = DispatchedSource(self.world)
        there, merchant = DISPATCHED, self.world.merchant
        for state in self.world.sync.records.in_work(merchant, there, MOST_RECORDS + 1):
            yield record_of(state.key)
        for change in source.pull(read_since(self.world, source)):
            if not self.world.sync.load(there, change.key).settled:
                yield change.content

    # -- how many ---------------------------------------------------------------------------------

    def _count(self, sent: Sent, *, is_by_hand: bool) -> None:
        """Units of one record: what Unleashed has booked is taken off what left, part by part, and
        what is over off what is to leave."""
        state = self.world.sync.load(DESPATCHES, sent.key.text)
        asks = is_by_hand or bool(sent.merged) or any(s.is_open for s in state.steps)
        left, booked = self._asked(sent) if asks else self._by_state(sent, state)
        for part in sent.shipped:
            units = part.units() if left is None else dict(left)
            if left is not None:
                left = Counter()
            untold = _taken_off(units, booked)
            self._add(part.warehouse_id, untold, "despatched")
        for part in sent.waiting:
            over = {sku: min(many, booked[sku]) for sku, many in part.units().items()}
            booked -= Counter(over)
            self._add(part.warehouse_id, over, "completed")

    def _by_state(self, sent: Sent, state: SyncState) -> tuple[Counter[str] | None, Counter[str]]:
        """What the record's timeline says that Unleashed was told."""
        if state.done(COMPLETE) or state.done(DISPATCH):
            return None, sent.own_units()
        booked: Counter[str] = Counter()
        for step in state.steps:
            if step.how and step.name.startswith(f"{DISPATCH}/"):
                booked.update(step.told.get("units", {}))
        return None, booked

    def _asked(self, sent: Sent) -> tuple[Counter[str] | None, Counter[str]]:
        """What Unleashed says that it has booked; and what left, where that was in a merged order.

        The whole of what left is put to the first part's warehouse then: a merged order has one.
        """
        self.asked += 1
        if self.asked > MOST_ASKED:
            raise Retryable(
                "unleashed.much_untold",
                "of too many orders Unleashed would have to be asked whether it knows that they "
                "were sent",
                after=900,
            )
        erp, key = self.world.erp.despatches, sent.key
        telling = Telling(self.world, sent, self.world.sync.load(DESPATCHES, key.text))
        if key.kind == "shipments":
            one = erp.shipment(key.guid)
            lines = one.lines if one is not None else ()
            booked = one.lines if one is not None and one.is_dispatched else ()
        else:
            order = erp.sold_order(key.guid)
            lines = order.lines if order is not None else ()
            shipments = erp.shipments_of(order.number) if order is not None else ()
            booked = tuple(line for s in shipments if s.is_dispatched for line in s.lines)
            if order is not None and order.is_completed and not shipments:
                booked = order.lines
        is_merged = any(part.is_shipped for part in sent.merged)
        left = telling.units_of(lines) if is_merged else None
        if is_merged and sent.unknown:
            self._count_nobodys(sent, telling.nobodys_units(lines))
        return left, _whole(goods_in(booked))

    def _count_nobodys(self, sent: Sent, units: Mapping[str, int]) -> None:
        """What a merged order held of a number that the hub does not know: a person is asked about
        it, and books it in Unleashed. Once for each such order, whichever record shows it."""
        merged = next(part for part in sent.merged if part.is_shipped)
        if merged.order_id not in self.merged:
            self.merged.add(merged.order_id)
            self._add(merged.warehouse_id, units, "despatched")

    def _count_left_open(self) -> None:
        """Orders that are told of their tracking and are a person's to complete: Unleashed has
        their goods until then."""
        connection = self.world.connection
        if connection.order_management != "off" or connection.despatches.complete_order:
            return
        for order in self.world.erp.despatches.open_orders():
            state = self.world.sync.load(DESPATCHES, RecordKey("orders", order.guid).text)
            if state.outcome == LEFT_OPEN and not state.in_work and not state.parked:
                place = connection.warehouses.get(order.warehouse)
                self._add(place, _whole(goods_in(order.lines)), "despatched")

    def _add(self, place: int | None, units: Mapping[str, int], what: str) -> None:
        for sku, many in units.items():
            if not many:
                continue
            if place is None:
                raise Retryable(
                    "unleashed.no_warehouse",
                    f"Mintsoft does not say from which warehouse {sku} is sent",
                    after=900,
                )
            is_sent = what == "despatched"
            part = InFlight(despatched=many) if is_sent else InFlight(completed=many)
            add(self.total, place, sku, part)


def _taken_off(units: Mapping[str, int], booked: Counter[str]) -> dict[str, int]:
    """What is left of units, and of what was booked, when each is taken off the other."""
    left: dict[str, int] = {}
    for sku, many in units.items():
        told = min(many, booked[sku])
        booked[sku] -= told
        left[sku] = many - told
    return left


def _whole(goods: Mapping[str, Decimal]) -> Counter[str]:
    return Counter({sku: int(many) for sku, many in goods.items()})
