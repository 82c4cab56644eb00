"""With Order Management: each part that left becomes a dispatched shipment, and books its goods.

A shipment that is there already with just these goods is dispatched, and no other is made; one that
a person dispatched counts as told. Else one is made of what no other shipment has of the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from returns_hub.domain.unleashed.despatches import (
    ErpShipment,
    SoldOrder,
    by_line,
    goods_in,
    held_against,
    listed,
    on_lines,
    tracking_of,
)
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.despatches.facts import PARTLY, whole_units
from returns_hub.flows.unleashed.despatches.steps import (
    COMPLETE,
    DISPATCH,
    MAKE,
    PLACE,
    TRACK,
    Telling,
)

ZERO = Decimal(0)


def plan_by_part(telling: Telling) -> Plan:
    """The plan for a sales order of an account with Order Management.

    Raises:
        Skip, Permanent, Retryable: See `flows.sync.shape.Source.plan`.
    """
    sent, state = telling.sent, telling.state
    untold = [part for part in sent.shipped if not state.done(_named(DISPATCH, part))]
    is_still = all(_tracking_is_told(telling, part) for part in sent.shipped if part not in untold)
    if sent.waiting and not untold and is_still and not state.open_steps:
        return Plan(outcome=PARTLY, again=True)
    order = telling.order()
    shipments = {one.guid: one for one in telling.erp.shipments_of(order.number)}
    units = telling.units_of(order.lines)
    parts = _Parts(telling, order, shipments, units)
    steps = [step for part in untold for step in parts.told(part)]
    makes = any(step.does == "create" and not state.done(step.name) for step in steps)
    if (order.is_parked and makes) or state.is_open(state.anew(PLACE)):
        steps.insert(0, telling.place(order))
    for part in sent.shipped:
        if part not in untold:
            steps += parts.tracked(part)
    if sent.waiting:
        return Plan(steps, outcome=PARTLY, again=True)
    less, _ = held_against(units, goods_in(telling.with_stock(order.lines, units)))
    if less and not order.is_completed and not state.is_open(COMPLETE):
        cancelled = ", and cancelled the rest" if sent.cancelled else ""
        return telling.to_the_end(
            steps,
            Permanent(
                "unleashed.less_sent",
                f"Mintsoft sent {less} of order {order.number}{cancelled}, and Unleashed was told "
                "of that; change the order there or have the rest sent, then replay or discard",
            ),
        )
    completes = telling.world.connection.despatches.complete_order and not order.is_completed
    if completes or state.is_open(COMPLETE):
        steps.append(telling.complete(order))
    return telling.to_the_end(steps)


def _named(base: str, part: WarehouseOrder) -> str:
    return f"{base}/{part.order_id}"


def _tracking_is_told(telling: Telling, part: WarehouseOrder) -> bool:
    told = telling.told_tracking(_named(TRACK, part), _named(DISPATCH, part))
    return tracking_of([part]) in {"", told}


@dataclass
class _Parts:
    """The order's shipments, and which part each of them is for."""

    telling: Telling
    order: SoldOrder
    shipments: Mapping[str, ErpShipment]
    units: Counter[str]
    planned: dict[int, Decimal] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    used: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What earlier plans gave to parts is theirs."""
        for part in self.telling.sent.shipped:
            self.taken.add(self._own_guid(part))
            told = self.telling.state.step(_named(DISPATCH, part))
            if told is not None and told.how and told.partner_id:
                self._use(told.partner_id, told.told.get("units", {}))

    # -- a part that is not told yet --------------------------------------------------------------

    def told(self, part: WarehouseOrder) -> list[Step]:
        """The steps that tell Unleashed of a part."""
        units = self._units_of(part)
        make, own = _named(MAKE, part), self.shipments.get(self._own_guid(part))
        state = self.telling.state
        if state.is_open(make) or own is not None:
            return self._of_own(part, units, own)
        if state.done(make):
            raise Permanent(
                "unleashed.shipment_deleted",
                f"the shipment that the hub made for what Mintsoft sent of order "
                f"{self.order.number} was deleted in Unleashed: book there what was sent, then "
                "discard this",
            )
        there = self._there_already(part, units)
        if there is not None:
            return [self._dispatched(part, units, [there.guid], there)]
        if self.order.is_completed and self._is_booked():
            return []
        return self._of_own(part, units, None)

    def _units_of(self, part: WarehouseOrder) -> Mapping[str, int]:
        if len(part.numbers) == 1:
            return part.units()
        return {sku: n for sku, n in (self.units - self.telling.sent.own_units()).items() if n}

    def _of_own(
        self, part: WarehouseOrder, units: Mapping[str, int], own: ErpShipment | None
    ) -> list[Step]:
        """Make a shipment of the part's units, and dispatch it."""
        name = _named(MAKE, part)
        if own is not None:
            on = whole_units(own)
            if goods_in(own.lines) != {sku: Decimal(many) for sku, many in units.items()}:
                raise Permanent(
                    "unleashed.other_shipment",
                    f"shipment {own.number} of order {self.order.number} was changed in Unleashed, "
                    "and does not hold what Mintsoft sent; correct it there, then replay",
                )
        else:
            on, left = on_lines(units, self.order.lines, self._gone())
            if left:
                raise Permanent("unleashed.more_sent", self._too_much(left))
            for line, many in on.items():
                self.planned[line] = self.planned.get(line, ZERO) + many
        if self.telling.state.done(name):
            return [self._dispatched(part, units, [self._own_guid(part)], own, on)]
        make, made = self.telling.make(name, self.order, on)
        return [make, self._dispatched(part, units, made, own, on)]

    def _dispatched(
        self,
        part: WarehouseOrder,
        units: Mapping[str, int],
        guids: list[str],
        there: ErpShipment | None,
        on: Mapping[int, int] | None = None,
    ) -> Step:
        if there is not None and there.is_dispatched:
            note = self.telling.note([part])
        else:
            lines = there.lines if there is not None else self.order.lines
            held = on if on is not None else whole_units(there) if there is not None else {}
            note = self.telling.note_for([part], held, lines)
        what = f"shipment {there.number}" if there else f"a shipment of order {self.order.number}"
        return self.telling.dispatch(_named(DISPATCH, part), guids, note, units, what)

    def _gone(self) -> dict[int, Decimal]:
        """What other shipments have of the order's lines, and will have once this plan is done."""
        gone = by_line(line for one in self.shipments.values() for line in one.lines)
        for line, many in self.planned.items():
            gone[line] = gone.get(line, ZERO) + many
        return gone

    def _too_much(self, left: Mapping[str, int]) -> str:
        said = listed([f"{many} {sku}" for sku, many in sorted(left.items())])
        return (
            f"Mintsoft sent {said} more than order {self.order.number} has left for a shipment; "
            "raise the order or remove a shipment in Unleashed, then replay"
        )

    # -- what is there already --------------------------------------------------------------------

    def _own_guid(self, part: WarehouseOrder) -> str:
        name, state = _named(MAKE, part), self.telling.state
        return state.partner_id(name) or guid_for(state.operation_key(name))

    def _there_already(self, part: WarehouseOrder, units: Mapping[str, int]) -> ErpShipment | None:
        """A shipment of somebody else's that these goods left with: the one that was chosen before,
        else one with just these goods, else one that a person dispatched with these and more."""
        wanted = {sku: Decimal(many) for sku, many in units.items()}
        begun = self.telling.state.step(_named(DISPATCH, part))
        chosen = str(begun.told.get("shipment", "")) if begun is not None else ""
        others = [one for guid, one in self.shipments.items() if guid not in self.taken]
        fitting = [one for one in others if one.guid == chosen]
        fitting += [one for one in others if self._room_in(one) == wanted]
        fitting += [
            one
            for one in others
            if one.is_dispatched
            and all(self._room_in(one).get(sku, ZERO) >= many for sku, many in wanted.items())
        ]
        if not fitting:
            return None
        found = next((one for one in fitting if one.guid == chosen), fitting[0])
        if found.is_dispatched:
            self._use(found.guid, units)
        else:
            self.taken.add(found.guid)
        return found

    def _use(self, guid: str, units: Mapping[str, int]) -> None:
        self.used.setdefault(guid, Counter()).update(units)

    def _room_in(self, shipment: ErpShipment) -> dict[str, Decimal]:
        used = self.used.get(shipment.guid, Counter())
        room = {sku: many - used[sku] for sku, many in goods_in(shipment.lines).items()}
        return {sku: many for sku, many in room.items() if many}

    def _is_booked(self) -> bool:
        """Whether the shipments of a completed order have all that left, in whichever way."""
        gone = goods_in(
            line for one in self.shipments.values() if one.is_dispatched for line in one.lines
        )
        return all(gone.get(sku, ZERO) >= many for sku, many in self.units.items())

    # -- a part that is told ----------------------------------------------------------------------

    def tracked(self, part: WarehouseOrder) -> list[Step]:
        """The step that corrects the tracking number of a part, if it has another by now."""
        told = self.telling.state.step(_named(DISPATCH, part))
        shipment = self.shipments.get(told.partner_id) if told is not None else None
        if shipment is None:
            return []
        base = _named(TRACK, part)
        step = self.telling.retrack(base, shipment, [part], _named(DISPATCH, part))
        return [step] if step else []
