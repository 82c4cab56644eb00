"""Orders of Unleashed that stalled: placed there and not at the warehouse, or sent and not told."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.names import DESPATCHES, ORDER, ORDERS, SHIPMENTS
from returns_hub.domain.unleashed.orders_rule import ImportOrder, judge_order
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    delay_or_fault,
    in_work,
    is_stalled,
    is_young,
    settings_of,
)
from returns_hub.flows.unleashed.before_live import is_of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld

NOT_AT_WAREHOUSE = "orders.unleashed_not_at_warehouse"
NOT_TOLD = "orders.despatch_not_told_unleashed"
KINDS = frozenset({NOT_AT_WAREHOUSE, NOT_TOLD})
FLOWS: tuple[FlowName, ...] = ("orders", "shipments", "despatches")


def applies(world: DriftWorld) -> bool:
    """Whether orders are compared, and the hub imports orders or shipments, or tells of them."""
    erp = world.world.live.merchant.unleashed
    is_live = erp is not None and any(map(erp.is_live, FLOWS))
    return settings_of(world).orders and is_live and world.erp is not None


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Open orders of Unleashed, and what the flows between the two have in work.

    Raises:
        Retryable: More is in work than a look reads.
    """
    erp = world.erp
    if erp is None:
        return
    if erp.connection.is_live("orders"):
        for order in erp.erp.orders.open_orders():
            yield from _not_imported(order, erp, world)
    if erp.connection.is_live("shipments"):
        for state in in_work(world, SHIPMENTS):
            if not state.partner_id(ORDER) and is_stalled(state.began_at, world):
                yield _unimported(f"Unleashed shipment {state.key}", state, "shipments", world)
    if erp.connection.is_live("despatches"):
        for state in in_work(world, DESPATCHES):
            if is_stalled(state.began_at, world):
                yield _untold(state, world)


def _not_imported(order: SalesOrder, erp: ErpWorld, world: DriftWorld) -> Iterator[Difference]:
    """A placed order of which the warehouse has none, and nobody was asked about it."""
    made = order.created_at or order.modified_at
    if order.unreadable or is_young(order.modified_at, world) or not is_stalled(made, world):
        return
    state = erp.sync.load(ORDERS, order.guid)
    if state.parked or state.partner_id(ORDER) or (state.version and not state.in_work):
        return
    settings, length = erp.connection.orders, world.world.live.merchant.mintsoft.orders
    judged = judge_order(order, settings, erp.places, length.number_length)
    if not isinstance(judged, ImportOrder) or is_of_before(erp, order.created_at, if_unknown=True):
        return
    cause = delay_or_fault(
        made,
        world,
        "the flow tries it again in every run",
        "the flow orders does not come to its end, or Mintsoft does not take the order",
    )
    units = sum(judged_line.quantity for judged_line in judged.lines)
    yield Difference(
        kind=NOT_AT_WAREHOUSE,
        subject=f"Unleashed order {order.number}",
        says={
            "unleashed": order.status,
            "hub": "in work" if state.version else "never seen",
            "mintsoft": "no order",
        },
        units=units,
        since=made,
        cause=cause,
        mend=f"hub unleashed plan {world.merchant} orders",
    )


def _unimported(subject: str, state: SyncState, flow: str, world: DriftWorld) -> Difference:
    return Difference(
        kind=NOT_AT_WAREHOUSE,
        subject=subject,
        says={"unleashed": "placed", "hub": "in work", "mintsoft": "no order"},
        since=state.began_at,
        cause=delay_or_fault(
            state.began_at,
            world,
            "the flow tries it again in every run",
            f"the flow {flow} does not come to its end, or Mintsoft does not take it",
        ),
        mend=f"hub unleashed show {world.merchant} {flow} {shlex.quote(state.key)}",
    )


def _untold(state: SyncState, world: DriftWorld) -> Difference:
    return Difference(
        kind=NOT_TOLD,
        subject=f"Unleashed {state.key.replace('/', ' ')}",
        says={"mintsoft": "despatched", "unleashed": "not told"},
        since=state.began_at,
        cause=delay_or_fault(
            state.began_at,
            world,
            "the flow tries it again in every run",
            "Unleashed does not take the despatch, or waits for its other parts",
        ),
        mend=f"hub unleashed show {world.merchant} despatches {shlex.quote(state.key)}",
    )


COMPARISON = Comparison("orders.erp", KINDS, applies, differences)
