"""What Unleashed is told about a record of which goods left the warehouse.

Without Order Management the order is completed once everything has left, which books its goods.
With it each part that left becomes a dispatched shipment, which books its own, and the order is
completed when nothing is left. What a person did in Unleashed before counts, and is not done again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from returns_hub.domain.unleashed.despatches import (
    ErpShipment,
    SoldOrder,
    goods_in,
    held_against,
    on_lines,
)
from returns_hub.errors import Misconfigured, Permanent, Skip
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.despatches.by_part import plan_by_part
from returns_hub.flows.unleashed.despatches.facts import LEFT_OPEN, PARTLY, TOLD, whole_units
from returns_hub.flows.unleashed.despatches.steps import (
    COMPLETE,
    DISPATCH,
    FILL,
    MAKE,
    TRACK,
    Telling,
)


def plan_despatch(telling: Telling) -> Plan:
    """The plan for one record.

    Raises:
        Skip, Permanent, Retryable: See `flows.sync.shape.Source.plan`.
    """
    sent = telling.sent
    if not sent.shipped:
        return _nothing_left(telling)
    if sent.key.kind == "shipments":
        return _plan_shipment(telling)
    match telling.world.connection.order_management:
        case "off":
            return _plan_order(telling)
        case "on":
            return plan_by_part(telling)
        case _:
            raise Misconfigured(
                "unleashed.order_management_unknown",
                "unleashed.order_management is unknown: it decides whether shipments or orders are "
                "told; hub check tells what the account's orders show",
            )


def _nothing_left(telling: Telling) -> Plan:
    """Everything of it waits, or was cancelled at the warehouse."""
    sent, erp = telling.sent, telling.erp
    if sent.waiting:
        return Plan(outcome="waiting")
    kind, guid = sent.key.kind, sent.key.guid
    found = erp.sold_order(guid) if kind == "orders" else erp.shipment(guid)
    if found is None or found.is_deleted:
        raise Skip("unleashed.gone_on_both_sides", "it is neither wanted nor sent any more")
    what = "the sales order" if kind == "orders" else "the shipment"
    raise Permanent(
        "unleashed.cancelled_in_mintsoft",
        f"Mintsoft cancelled order {sent.number}, and {what} {found.number} is {found.status} in "
        "Unleashed: delete it there, or have it sent anew, then discard this",
    )


# -- without Order Management -------------------------------------------------------------------


def _plan_order(telling: Telling) -> Plan:
    sent, erp = telling.sent, telling.erp
    if sent.waiting:
        return Plan(outcome=PARTLY, again=True)
    order = telling.order()
    shipments = erp.shipments_of(order.number)
    units = telling.units_of(order.lines)
    lines = telling.with_stock(order.lines, units)
    telling.require_same(units, lines, f"sales order {order.number}")
    if order.is_completed:
        begun = _begun(telling, order, shipments)
        return Plan([*begun, *_late(telling, shipments)], outcome=TOLD)
    if len(shipments) > 1:
        raise Permanent(
            "unleashed.several_shipments",
            f"order {order.number} has {len(shipments)} shipments, which it can have only with "
            "Order Management, and the file says order_management: off; correct it there, replay",
        )
    completes = telling.world.connection.despatches.complete_order
    steps = _told_on(telling, order, shipments, units)
    if completes or telling.state.is_open(COMPLETE):
        steps.append(telling.complete(order))
        track = telling.track_made(order) if not shipments else None
        steps += [track] if track else []
    return Plan(steps, outcome=TOLD if completes else LEFT_OPEN)


def _told_on(
    telling: Telling,
    order: SoldOrder,
    shipments: Sequence[ErpShipment],
    units: Mapping[str, int],
) -> list[Step]:
    """Steps that write what left onto the order's one shipment, before the order is completed."""
    sent, state = telling.sent, telling.state
    if shipments and not state.is_open(MAKE):
        shipment = shipments[0]
        if shipment.is_dispatched:
            return [*_begun(telling, order, shipments, but=COMPLETE), *_late(telling, shipments)]
        held = telling.with_stock(shipment.lines, units)
        telling.require_same(units, held, f"shipment {shipment.number}")
        note = telling.note_for(sent.shipped, whole_units(shipment), shipment.lines)
        return [telling.fill([shipment.guid], note, f"shipment {shipment.number}")]
    on, _ = on_lines(units, order.lines, {})
    note = telling.note_for(sent.shipped, on, order.lines)
    if not note.apart and not state.is_open(MAKE):
        return []
    # Batches can only be said on a shipment; what completing makes by itself has none.
    make, made = telling.make(MAKE, order, on)
    return [make, telling.fill(made, note, f"the shipment of order {order.number}")]


def _begun(
    telling: Telling, order: SoldOrder, shipments: Sequence[ErpShipment], but: str = ""
) -> list[Step]:
    """Steps that were begun before somebody, or they themselves, booked the goods."""
    sent, state = telling.sent, telling.state
    steps: list[Step] = []
    if state.is_open(state.anew(FILL)) and shipments:
        name = f"shipment {shipments[0].number}"
        steps.append(telling.fill([shipments[0].guid], telling.note(sent.shipped), name))
    if state.is_open(COMPLETE) and but != COMPLETE:
        steps.append(telling.complete(order))
    return steps


def _late(telling: Telling, shipments: Sequence[ErpShipment]) -> list[Step]:
    """The tracking number, where the goods are booked already and there is one place for it."""
    if len(shipments) != 1:
        return []
    step = telling.retrack(TRACK, shipments[0], telling.sent.shipped, FILL)
    return [step] if step else []


# -- imported from shipments ----------------------------------------------------------------------


def _plan_shipment(telling: Telling) -> Plan:
    sent, state = telling.sent, telling.state
    if sent.waiting:
        return Plan(outcome=PARTLY, again=True)
    shipment = telling.erp.shipment(sent.key.guid)
    if shipment is None or shipment.is_deleted:
        raise Permanent(
            "unleashed.sent_though_deleted",
            f"Mintsoft sent order {sent.number}, and its shipment is not in Unleashed any more: "
            "book there what was sent",
        )
    units = telling.units_of(shipment.lines)
    held = telling.with_stock(shipment.lines, units)
    telling.require_same(units, held, f"shipment {shipment.number}")
    what = f"shipment {shipment.number}"
    if not state.done(DISPATCH):
        note = telling.note(sent.shipped)
        if not shipment.is_dispatched:
            note = telling.note_for(sent.shipped, whole_units(shipment), shipment.lines)
        steps = [telling.dispatch(DISPATCH, [shipment.guid], note, units, what)]
    else:
        late = telling.retrack(TRACK, shipment, sent.shipped, DISPATCH)
        steps = [late] if late else []
    steps += _completed_with_it(telling, shipment)
    return telling.to_the_end(steps)


def _completed_with_it(telling: Telling, shipment: ErpShipment) -> list[Step]:
    """The order's completion, when this shipment is the last of it."""
    state = telling.state
    if not telling.world.connection.despatches.complete_order or state.done(COMPLETE):
        return []
    order = telling.erp.sold_order(shipment.order_guid)
    if order is None or order.is_deleted or (order.is_completed and not state.is_open(COMPLETE)):
        return []
    others = telling.erp.shipments_of(order.number)
    gone = [one for one in others if one.is_dispatched and one.guid != shipment.guid]
    left = goods_in(line for one in (*gone, shipment) for line in one.lines)
    units = {sku: int(many) for sku, many in left.items()}
    less, _ = held_against(units, goods_in(telling.with_stock(order.lines, units)))
    return [] if less and not state.is_open(COMPLETE) else [telling.complete(order)]
