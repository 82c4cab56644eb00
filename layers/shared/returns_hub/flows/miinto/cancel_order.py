"""An order that Miinto does not hold any more, and what the warehouse has of it."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.miinto.facts import MarketFact, OrderMade
from returns_hub.domain.miinto.keys import cancel_order_key
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.make_order import FLOW, find_made, find_told
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_work import put_on_the_list

GIVE_UP_SECONDS = 24 * 3600.0


def cancelled_facts(
    mw: MarketWorld, state: OrderState, why: str
) -> tuple[OrderState, tuple[MarketFact, ...]]:
    """Deal with the warehouse's order of one that is gone; facts to be recorded with its end.

    The warehouse is told by the hub only where the merchant's file says so, and only while the
    order is new there; else a person is.

    Raises:
        Retryable, UnknownOutcome: It is not known whether the warehouse has the order.
    """
    if state.made_id is None and state.number and not state.shadow:
        asked = _asked_about_sale(mw, state, why)
        if asked:
            return state, asked
        made = find_made(mw, state)
        if made is not None:
            fact = OrderMade(made_id=made, how="looked_up")
            state = mw.record_order(state, "one order for each number", fact)
    if state.made_id is None:
        return state, ()
    refused = "the hub cancels nothing in Mintsoft (orders.cancel_when_new)"
    if mw.settings.orders.cancel_when_new:
        try:
            _cancel(mw, state, state.made_id)
        except Permanent as verdict:
            refused = verdict.reason
        else:
            return state, ()
    reason = f"{why}; Mintsoft has it as {state.number} (id {state.made_id}): {refused}"
    about = Permanent("order.cancelled_in_miinto", reason)
    fact_asked = put_on_the_list(mw, state, FLOW, "cancelled", about, beside=True)
    return state, (fact_asked,) if fact_asked else ()


def _asked_about_sale(mw: MarketWorld, state: OrderState, why: str) -> tuple[MarketFact, ...]:
    """A person is asked about a sales order that the warehouse does not have yet, since deleting it
    keeps it from getting there; nothing when the warehouse has it, or there is none."""
    made = find_told(mw, state) if mw.sales is not None else None
    if made is None or made.isdigit() or mw.warehouse_order_of(made) is not None:
        return ()
    reason = f"{why}; Unleashed has it as the sales order of {state.number}: delete it there"
    verdict = Permanent("order.cancelled_in_miinto", reason)
    fact = put_on_the_list(mw, state, FLOW, "cancelled", verdict, beside=True)
    return (fact,) if fact else ()


def _cancel(mw: MarketWorld, state: OrderState, made_id: int) -> None:
    """Cancel it in the warehouse. Looked up by the order itself: cancelled or not."""
    operation = mw.world.operation(
        cancel_order_key(mw.merchant, state.number),
        settle=mw.world.live.merchant.mintsoft.settle_seconds,
        give_up=GIVE_UP_SECONDS,
    )

    def send(send_by: datetime) -> str:
        mw.orders.cancel_order(made_id, send_by)
        return str(made_id)

    def look_up(_: Claim) -> LookUp:
        order = mw.orders.read_order(made_id)
        if order is None:
            return Inconclusive(f"Mintsoft shows no order {made_id}; look for {state.number} there")
        return Found(str(made_id)) if order.is_cancelled else NotFound()

    mw.world.run(operation, send=send, look_up=look_up)
