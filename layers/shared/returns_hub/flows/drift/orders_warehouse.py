"""Orders that stand still at the warehouse, whoever made them: not begun, on hold, waiting for
stock, or failed. Three or four filtered lists of the warehouse; no order is read one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    delay_or_fault,
    is_stalled,
    looked_back_to,
    settings_of,
)

NOT_BEGUN = "orders.not_begun"
ON_HOLD = "orders.on_hold"
BACK_ORDERED = "orders.back_ordered"
FAILED = "orders.failed"
STAGES = {
    OrderStage.NEW: (
        NOT_BEGUN,
        "the warehouse is behind with its work",
        "nothing picks it: its warehouse, courier or goods are not as the warehouse needs them",
    ),
    OrderStage.ON_HOLD: (
        ON_HOLD,
        "somebody looks into it",
        "it is held, and nobody releases it by itself",
    ),
    OrderStage.BACK_ORDERED: (
        BACK_ORDERED,
        "stock is on its way",
        "no stock comes for it: a SKU is not bought, or its stock is not where the order is",
    ),
    OrderStage.FAILED: (FAILED, "somebody looks into it", "the warehouse could not process it"),
}
"""Stage -> the kind, what a delay means, and what it means when it does not end."""
KINDS = frozenset(kind for kind, _, _ in STAGES.values())
FURTHEST_BACK = timedelta(days=90)
A_MOMENT = timedelta(minutes=1)
MOST_CALLS = 50
"""Pages of each list in one look."""


def applies(world: DriftWorld) -> bool:
    """Whether orders are compared."""
    return settings_of(world).orders


def since(world: DriftWorld) -> datetime:
    """What changed since is looked at: further back while an order is known that stands still for
    longer, so that it does not seem to be mended because of its age."""
    found = world.findings.open_findings(world.merchant, "orders")
    known = [f.difference.since for f in found if f.difference.kind in KINDS and f.counts]
    oldest = min((at for at in known if at is not None), default=world.at)
    furthest = world.at - FURTHEST_BACK
    return max(furthest, min(looked_back_to(world), oldest - A_MOMENT))


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Orders that nobody moved on for `drift.stalled_after_hours`.

    Raises:
        Retryable: A list is longer than a look reads.
    """
    looked_at_from = since(world)
    for stage in STAGES:
        page = world.feed.orders.orders_updated_since(looked_at_from, MOST_CALLS, stage)
        for order in page.orders:
            if order.stage is stage and is_stalled(order.updated_at, world):
                yield _difference(order, world)
        if not page.complete:
            raise Retryable(
                "drift.long_list", f"more orders are {stage} at Mintsoft than one look reads"
            )


def _difference(order: WarehouseOrder, world: DriftWorld) -> Difference:
    kind, delay, fault = STAGES[order.stage]
    part = f", part {order.part} of {order.parts}" if order.parts > 1 else ""
    waits = sum(item.on_back_order for item in order.items or ())
    units = sum(order.units().values())
    return Difference(
        kind=kind,
        subject=f"order {order.number}{part}",
        says={"mintsoft": order.status_word, "since": f"{order.updated_at:%Y-%m-%d}"},
        units=waits if order.stage is OrderStage.BACK_ORDERED and waits else units,
        since=order.updated_at,
        cause=delay_or_fault(order.updated_at, world, delay, fault),
        mend="see to it in Mintsoft",
        # Hours without a change are no work on its way: the second look is the warehouse's.
        confirm=False,
    )


COMPARISON = Comparison("orders.warehouse", KINDS, applies, differences, looks_back_to=since)
