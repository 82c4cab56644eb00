"""What is still to be done for the marketplace: a run goes on until there is nothing left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from local.simulators.miinto.orders import Order
from local.simulators.miinto.rma_dialects import Rma
from local.simulators.mintsoft.tenant import CANCELLED, SHIPPED
from returns_hub.domain.following import DueKind
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.state import ReturnState
from returns_hub.flows.miinto.refund_due import ASKED, FROM_STORE
from tests.simulation.market_plans import WAREHOUSES

if TYPE_CHECKING:
    from tests.simulation.market import Market

NOT_OVER = frozenset({"in_work", "announced", "shadow", "not_seen"})
TRACKING_WAITS = timedelta(hours=25)


def undone(market: Market) -> list[str]:
    """What is still to be done, in a line each."""
    return [
        *_transfers(market),
        *(line for order in ours(market) for line in _order(market, order)),
        *(line for rma in rmas_of_ours(market) for line in _rma(market, rma)),
        *(line for rma in rmas_of_ours(market) for line in _refund(market, rma)),
        *_without_rma(market),
        *_own_refunds(market),
    ]


def ours(market: Market) -> list[Order]:
    """Orders of the merchant's shops."""
    return [order for order in market.miinto.orders.orders.values() if order.shop in WAREHOUSES]


def rmas_of_ours(market: Market) -> list[Rma]:
    """RMAs of the merchant's shops, requests included."""
    return [rma for rma in market.miinto.rmas.rmas.values() if rma.shop in WAREHOUSES]


def order_state(market: Market, shop: str, number: int) -> OrderState:
    """Where the hub stands with an order."""
    return market.timelines.order(market.merchant, shop, number)


def rma_state(market: Market, rma: Rma) -> ReturnState:
    """Where the hub stands with an RMA."""
    return market.run.returns.load(market.merchant, market.return_id(rma))


def _transfers(market: Market) -> Iterator[str]:
    for shop, number in market.miinto.orders.offers.transfers:
        state = market.timelines.transfer(market.merchant, shop, number)
        for decision in state.unresolved:
            if not decision.outcome:
                yield f"transfer {shop}/{number}: decision {decision.number} has no end"


def _order(market: Market, order: Order) -> Iterator[str]:
    where = f"Miinto order {order.shop}/{order.id}"
    state = order_state(market, order.shop, order.id)
    if not state.version:
        yield f"{where} is unknown"
        return
    if any(request.outcome == "committed" for request in state.requests):
        yield f"{where}: a request is committed and not made"
    if state.parked or not state.in_work:
        return
    if state.made_id is None:
        yield f"{where} is not made"
        return
    made = [o for o in market.run.mintsoft.orders.values() if o.number == state.number]
    if made and all(part.status_id in SHIPPED for part in made) and not state.is_sent:
        yield f"{where} was sent, and nobody knows"
    if any(part.status_id == CANCELLED for part in made) and not (state.cancelled or state.asked):
        yield f"{where} was cancelled in the warehouse, and nobody knows"
    if market.plan.file["tracking"] and state.untold:
        yield f"{where}: Miinto was not told of its parcel"


def _rma(market: Market, rma: Rma) -> Iterator[str]:
    if rma.kind != "return":
        return
    state = rma_state(market, rma)
    where = f"RMA {market.return_id(rma)}"
    yield from (f"{where}: batch {b.number} open" for b in state.batches if not b.outcome)
    yield from (f"{where}: {r.receipt} open" for r in state.receipts if not r.settled)
    for shipped in state.shipments:
        record = market.run.mintsoft.returns.get(shipped.external_return_id or 0)
        if record is not None and record.confirmed and state.receipt(record.id) is None:
            yield f"{where}: the receipt of {record.id} was not seen"
    if all(line.status != "pending" for line in rma.lines):
        return
    if state.outcome not in NOT_OVER or _is_asked_beside(market, rma):
        return
    if state.is_announced and not _goods_came(market, state):
        return
    waits = [r for r in state.receipts if r.settled in {"held", "waiting"}]
    if not waits:
        yield f"{where} is {state.outcome}"


def _is_asked_beside(market: Market, rma: Rma) -> bool:
    """Whether a person was asked: of units requested before, nothing is announced."""
    state = order_state(market, rma.shop, rma.order.id)
    return any(f"twice/{market.return_id(rma)}" in asked for asked in state.asked)


def _goods_came(market: Market, state: ReturnState) -> bool:
    made = [s.external_return_id for s in state.shipments if s.external_return_id]
    return any(market.run.mintsoft.returns[number].confirmed for number in made)


def _refund(market: Market, rma: Rma) -> Iterator[str]:
    """Every accepted position's refund goes home, or somebody was asked about it."""
    state = rma_state(market, rma)
    where = f"RMA {market.return_id(rma)}"
    for due in state.due:
        if due.kind is DueKind.REFUND_HOME:
            yield f"{where}: the refund of {due.subject} is due"
    accepted = {str(line.id) for line in rma.lines if line.status == "accepted"}
    home = {
        line.position
        for known in state.refunds
        for line in known.refund.lines
        if not known.open_targets
    }
    if accepted <= home or _is_of_the_store(market, rma) or _is_a_persons(market, rma):
        return
    skips = {skip.code for skip in state.skips}
    if state.is_parked or state.parked_beside or skips & {ASKED, FROM_STORE}:
        return
    yield f"{where}: {sorted(accepted - home)} are accepted, and no refund went home"


def _is_of_the_store(market: Market, rma: Rma) -> bool:
    """Whether the RMA is a request that the store's own refund made."""
    state = order_state(market, rma.shop, rma.order.id)
    made = [r for r in state.requests if r.return_id == market.return_id(rma)]
    return any(request.origin == "store" for request in made)


def _is_a_persons(market: Market, rma: Rma) -> bool:
    """Whether it may be a request without an answer, about which a person was asked."""
    requests = order_state(market, rma.shop, rma.order.id).requests
    is_known = any(request.return_id == market.return_id(rma) for request in requests)
    told = any(request.outcome in {"unknown", "discarded"} for request in requests)
    return rma.kind == "request" and told and not is_known


def _without_rma(market: Market) -> Iterator[str]:
    """Goods that came without an RMA are dealt with, where the merchant wants it."""
    if market.plan.file["requests"] == "off" or market.strategy == "auto":
        return
    for number in market.run.ignored:
        record = market.run.mintsoft.returns[number]
        order = market.order_of(market.run.mintsoft.orders[record.order_id].number)
        if order is None:
            continue
        state = order_state(market, order.shop, order.id)
        if not any(request.external_return_id == number for request in state.requests):
            yield f"goods of {order.shop}/{order.id} came without an RMA ({number}), unseen"


def _own_refunds(market: Market) -> Iterator[str]:
    """Every message of the store's came to its end."""
    for message in market.run.queues["store-refunds"].messages.values():
        yield f"a store's refund is under way: {message.body[:150]}"
