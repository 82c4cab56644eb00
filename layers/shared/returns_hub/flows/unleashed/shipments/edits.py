"""A shipment that is in the warehouse, and was edited, split, deleted or parked in Unleashed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.order_changes import (
    ChangePlan,
    SendAddress,
    SetUnits,
    plan_changes,
    plan_deletion,
    plan_withdrawal,
)
from returns_hub.domain.unleashed.order_draft import has_address
from returns_hub.domain.unleashed.order_settings import OrderEdits
from returns_hub.domain.unleashed.orders_rule import LeaveOrder
from returns_hub.domain.unleashed.shipment_sent import ADDRESS, CANCEL, UNITS, Sent, sent_of
from returns_hub.domain.unleashed.shipments import Shipment, is_withdrawn, more_of
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent, Skip, Verdict
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shared_steps import cancel_step
from returns_hub.flows.unleashed.shipments.judging import judged
from returns_hub.flows.unleashed.shipments.siblings import (
    held_orders,
    others_shown,
    require_goods,
)
from returns_hub.flows.unleashed.shipments.steps import (
    Wanted,
    another_address_step,
    set_units_step,
)


def follow(world: ErpWorld, shipment: Shipment, state: SyncState) -> Plan:
    """What is to be done about a shipment whose order the warehouse has.

    Raises:
        Permanent: A person decides.
        Retryable: Another shipment of the order goes first, or it cannot be told now.
        Skip: The file does not want the change.
    """
    sent = sent_of(state)
    if sent is None or state.done(CANCEL):
        return Plan(outcome="cancelled")
    held = held_orders(world, state)
    settings = world.connection.shipments
    if shipment.is_deleted:
        return _delete(world, shipment, state, sent, held)
    if shipment.is_dispatched and _is_as_sent(shipment, sent, held):
        return Plan(_begun(world, shipment, state, sent), outcome="dispatched")
    if is_withdrawn(shipment.status, settings.statuses):
        _ask(
            world, shipment, plan_withdrawal(held, shipment.status), "unleashed.shipment_withdrawn"
        )
        return Plan(_begun(world, shipment, state, sent), outcome="withdrawn")
    return _edit(world, shipment, state, sent, held)


def gate(
    world: ErpWorld, wanted: Wanted | None, state: SyncState, more: Mapping[str, int]
) -> Callable[[], None]:
    """Raises, when it is called, unless the warehouse may be promised these units more."""

    def before() -> None:
        if wanted is not None:
            added = {sku: many for sku, many in more.items() if many > 0}
            require_goods(world, wanted.shipment, wanted.order, state, added)

    return before


# -- gone, or gone back -----------------------------------------------------------------------


def _delete(
    world: ErpWorld,
    shipment: Shipment,
    state: SyncState,
    sent: Sent,
    held: tuple[WarehouseOrder, ...],
) -> Plan:
    change = plan_deletion(held, world.connection.orders.edits)
    begun = _begun(world, shipment, state, sent)
    if state.is_open(CANCEL) and held:
        # Nobody knows what came of it: it ends as the warehouse shows.
        cancel = cancel_step(world, CANCEL, held[0].order_id, sent.number)
        return Plan([*begun, cancel], outcome="cancelled")
    _ask(world, shipment, change, "unleashed.deleted_after_import")
    if change.steps:
        cancel = cancel_step(world, CANCEL, held[0].order_id, sent.number)
        return Plan([*begun, cancel], outcome="cancelled")
    return Plan(begun, outcome="deleted")


def _is_as_sent(shipment: Shipment, sent: Sent, held: tuple[WarehouseOrder, ...]) -> bool:
    """Whether nothing is left to tell the warehouse of goods that Unleashed has sent."""
    is_same = {sku: int(many) for sku, many in shipment.units().items() if many} == sent.units
    return is_same or all(order.is_shipped or order.is_cancelled for order in held)


def _ask(world: ErpWorld, shipment: Shipment, change: ChangePlan, code: str) -> None:
    if change.ask:
        others = others_shown(world, shipment)
        also = f" (the order's other shipments: {others})" if others else ""
        raise Permanent(code, f"shipment {shipment.number}{also}: {change.ask}")


# -- edited -----------------------------------------------------------------------------------


def _edit(
    world: ErpWorld,
    shipment: Shipment,
    state: SyncState,
    sent: Sent,
    held: tuple[WarehouseOrder, ...],
) -> Plan:
    verdict = judged(world, shipment)
    if isinstance(verdict, LeaveOrder) and verdict.code != "no_goods":
        raise Permanent(
            "unleashed.shipment_left",
            f"shipment {shipment.number} is not one for this warehouse any more "
            f"({verdict.code}), and is order {sent.number} there",
        )
    wanted = verdict if isinstance(verdict, Wanted) else None
    units = wanted.judged.units() if wanted else {}
    if wanted is not None:
        _require_same(wanted, sent, held)
    begun = _begun(world, shipment, state, sent, wanted=wanted, units=units)
    if begun:
        return Plan(begun, outcome="going_on", again=True)
    change = plan_changes(
        sent=sent.units,
        wanted=units,
        held=held,
        edits=_edits(world),
        address_changed=wanted is not None and wanted.address != sent.address,
    )
    _ask(world, shipment, change, "unleashed.shipment_edited")
    _require_decreases(world, shipment, change, sent)
    return _carried_over(world, change, wanted, state, sent)


def _require_same(wanted: Wanted, sent: Sent, held: tuple[WarehouseOrder, ...]) -> None:
    shipment, judged_as = wanted.shipment, wanted.judged
    if judged_as.warehouse_id != sent.warehouse_id:
        raise Permanent(
            "unleashed.warehouse_changed",
            f"shipment {shipment.number} moved to warehouse {shipment.warehouse_code[:20]}, "
            f"and is order {sent.number} in Mintsoft's warehouse {sent.warehouse_id}; cancel "
            "that one, and send it from the other by hand",
        )
    if not held or all(order.is_cancelled for order in held):
        raise Permanent(
            "unleashed.order_cancelled",
            f"shipment {shipment.number} is {shipment.status[:30]} in Unleashed, and its order "
            f"{sent.number} was cancelled in Mintsoft, which takes no second one with that "
            "number; make one by hand, or delete the shipment, and discard this",
        )


def _edits(world: ErpWorld) -> OrderEdits:
    """With `splitting` fewer units reach the warehouse, whatever `orders.edits` says."""
    edits = world.connection.orders.edits
    decreases = edits.decreases or world.connection.shipments.splitting
    return edits.model_copy(update={"decreases": decreases})


def _require_decreases(world: ErpWorld, shipment: Shipment, change: ChangePlan, sent: Sent) -> None:
    """What a shipment has fewer of is another one's, or will be: it is never just left."""
    fewer = [left for left in change.left if left.why == "decreases_off"]
    if not fewer:
        return
    others = others_shown(world, shipment)
    rows = ", ".join(f"{one.sku[:60]} {one.sent} -> {one.wanted}" for one in fewer[:5])
    whose = f"; they may be in {others} now" if others else ""
    raise Permanent(
        "unleashed.split",
        f"shipment {shipment.number} has fewer units than its order {sent.number} in Mintsoft "
        f"({rows}){whose}, and unleashed.shipments.splitting is off; take them off there and "
        "discard this, or switch it on and replay",
    )


def _carried_over(
    world: ErpWorld, change: ChangePlan, wanted: Wanted | None, state: SyncState, sent: Sent
) -> Plan:
    sets = [step for step in change.steps if isinstance(step, SetUnits)]
    try:
        gate(world, wanted, state, more_of({s.sku: s.units for s in sets}, sent.units))()
    except Verdict:
        # What others wait for goes first, unless that would leave the order empty.
        fewer = [step for step in sets if step.units < step.before]
        after = {**sent.units, **{step.sku: step.units for step in fewer}}
        if not fewer or not any(after.values()):
            raise
        steps = [set_units_step(world, state, step, wanted) for step in fewer]
        return Plan(steps, outcome="waiting", again=True)
    steps = [set_units_step(world, state, step, wanted) for step in sets]
    if wanted and any(isinstance(step, SendAddress) for step in change.steps):
        steps.append(another_address_step(world, state, wanted.recipient))
    if change.left and not steps:
        raise Skip("unleashed.edit_left", "the file does not want these changes carried over")
    return Plan(steps, outcome="updated" if steps else "in_step")


# -- begun, and without a known end -----------------------------------------------------------


def _begun(
    world: ErpWorld,
    shipment: Shipment,
    state: SyncState,
    sent: Sent,
    *,
    wanted: Wanted | None = None,
    units: Mapping[str, int] | None = None,
) -> list[Step]:
    """Edits that were begun and whose end nobody knows. They go on before anything else is
    decided: with what is wanted now, or without `units` with what they told."""
    found: list[Step] = []
    for step in state.open_steps:
        told = dict(step.told.get("units", {})) if step.name.startswith(UNITS) else {}
        for sku, many in told.items():
            before = int(step.told.get("before", sent.units.get(sku, 0)))
            target = int(many) if units is None else _target(world, sku, sent, units)
            more = {sku: target - sent.units.get(sku, 0)}
            found.append(
                set_units_step(
                    world,
                    state,
                    SetUnits(sku, target, before),
                    wanted,
                    gate(world, wanted, state, more),
                )
            )
        if step.name.startswith(f"{ADDRESS}/"):
            recipient = wanted.recipient if wanted else shipment.recipient
            if has_address(recipient) and recipient.country:
                found.append(another_address_step(world, state, recipient))
    return found


def _target(world: ErpWorld, sku: str, sent: Sent, units: Mapping[str, int]) -> int:
    """The units that are wanted, where the file wants such a change carried over."""
    old, new, edits = sent.units.get(sku, 0), units.get(sku, 0), _edits(world)
    return new if (edits.increases if new > old else edits.decreases) else old
