"""A person's act on parked work about the marketplace's orders and stock.

What is parked about an order stands on its timeline too; a word there lets the next run go on. A
question about stock is only closed: the run that asked looks at how.
"""

from __future__ import annotations

from typing import Any

from returns_hub.domain.miinto.facts import MarketEvent, Unparked
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto import make_order, push_stock, send_tracking
from returns_hub.flows.miinto.order_work import OrderKey
from returns_hub.ports import Clock, ParkedItem
from returns_hub.ports.marketplace import MarketStore

FLOWS = frozenset({make_order.FLOW, send_tracking.FLOW, push_stock.FLOW})


def act_on_parked(
    market: MarketStore, clock: Clock, item: ParkedItem, act: Unparked, who: str
) -> None:
    """Write a person's act on an item of these flows to the order's timeline, if it is about one
    that waits for it. The item itself is closed by the caller, last.

    Raises:
        Retryable: Others keep changing the order.
    """
    key = key_in(item.payload)
    if key is None:
        return
    for _ in range(TRIES_AGAINST_OTHERS):
        state = market.order(item.merchant, key.shop, key.id)
        if state.parked != item.parked_id:
            return
        event = MarketEvent(
            sequence=state.version + 1,
            at=clock.now(),
            actor=who,
            rule="by hand",
            config_version=0,
            fact=act.model_copy(update={"parked_id": item.parked_id}),
        )
        try:
            market.append_to_order(state, [event])
        except Conflict:
            continue
        return
    raise Retryable("order.contended", "others keep changing this order", after=10)


def key_in(payload: str) -> OrderKey | None:
    """The order that an item's payload names; None when it is not about one."""
    try:
        content: Any = read_json(payload)
        return OrderKey(str(content["shop"]), int(content["order"]))
    except (ValueError, TypeError, KeyError):
        return None
