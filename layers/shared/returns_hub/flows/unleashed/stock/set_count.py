"""Where Unleashed is the master: the warehouse's count is set, and held against what was set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound
from returns_hub.domain.unleashed.names import MINTSOFT
from returns_hub.domain.unleashed.stock_check import SHOWS_WITHIN, TELLS_WITHIN, SentLine
from returns_hub.domain.unleashed.stock_guards import MOST_NAMED
from returns_hub.errors import Retryable
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.steps import (
    NOTHING_SENT,
    STALE_AFTER,
    Group,
    of_told,
    surprise,
    to_told,
)
from returns_hub.flows.unleashed.stock.warehouse_side import warehouse_side
from returns_hub.flows.unleashed.untold_parts import Untold

NOT_ASKED: Untold = {}
"""Where only the count matters, what is on its way is not asked for."""
MOST_AT_ONCE = 50
"""Products that the warehouse takes in one request."""
SET = "set"
"""The partner's id of what was set: it makes nothing that has one."""


def set_step(world: ErpWorld, group: Group, warehouse_id: int, name: str) -> Step:
    """Set the warehouse's count of a group's products.

    Looked up by the warehouse's own count; see `ports.goods.ProductsWarehouse.set_on_hand`.
    """
    clock = world.stores.clock
    sent = group.sent("absolute")
    units = {one.sku: int(one.target) for one in sent}

    def send(by: datetime) -> str:
        if not units:
            return NOTHING_SENT
        if clock.now() - group.at > STALE_AFTER:
            raise Retryable("unleashed.stock_stale", "stock was read too long ago", after=1)
        for sku, why in world.products.set_on_hand(warehouse_id, units, by).items():
            world.stores.telemetry.log("stock not set", sku=sku[:60], why=why)
        return SET

    def look_up(_: Claim) -> LookUp:
        counts = warehouse_side(world, warehouse_id, NOT_ASKED).counts
        return Found(SET) if all(counts.get(s) == n for s, n in units.items()) else NotFound()

    return Step(
        name=name,
        partner=MINTSOFT,
        summary=f"set the stock of {len(sent)} products in warehouse {warehouse_id}",
        send=send,
        look_up=look_up,
        told=to_told(group, sent, "absolute") | {"warehouse": warehouse_id},
        passing=True,
    )


def verify_set_step(world: ErpWorld, told: Mapping[str, Any], name: str) -> Step:
    """Hold the warehouse's count against what was set. Reads alone; see `stock_steps.verify_step`.

    Units that were despatched or booked in within the seconds between are taken for a surprise as
    well: nothing in the warehouse's answer tells them apart.
    """
    code, at, _, lines = of_told(told)
    warehouse_id: int = told["warehouse"]

    def send(_: datetime) -> str:
        counts = warehouse_side(world, warehouse_id, NOT_ASKED).counts
        age = world.stores.clock.now() - at
        off = [one for one in lines if counts.get(one.sku) != one.target]
        if not off or (age > TELLS_WITHIN and any(counts.get(x.sku) != x.on_hand for x in off)):
            return ""
        why = "; ".join(_said(one, counts.get(one.sku)) for one in off[:MOST_NAMED])
        if age < SHOWS_WITHIN and all(counts.get(one.sku) == one.on_hand for one in off):
            raise Retryable("unleashed.not_shown", why, after=60)
        raise surprise(code, why)

    return Step(
        name=name,
        partner=MINTSOFT,
        summary=f"look whether warehouse {warehouse_id} counts what was set",
        send=send,
        look_up=lambda _: NotFound(),
        settle=0.0,
        passing=True,
    )


def _said(one: SentLine, count: int | None) -> str:
    is_now = "not shown" if count is None else str(count)
    return (
        f"the warehouse's count of {one.sku[:60]} was {int(one.on_hand)} and was set to "
        f"{int(one.target)}, and is {is_now}"
    )


def is_set(told: Mapping[str, Any]) -> bool:
    """Whether a step set the warehouse's count, and adjusted nothing at Unleashed."""
    return "warehouse" in told
