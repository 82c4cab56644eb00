"""Goods that the warehouse booked in and that no return of ours announced.

Those of a Miinto order came without an RMA, or without its number (Miinto's scenario 1). Each
version of an external return counts once: what an earlier version brought is not asked for again.
"""

from __future__ import annotations

from collections import Counter

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import RmaRequested
from returns_hub.domain.miinto.orders import OrderState, RequestState
from returns_hub.domain.miinto.requests import echo_of, place, receipt_source, standing_of
from returns_hub.domain.operations import MARKER
from returns_hub.domain.receipts import Condition, Receipt
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.request_rma import ask, carry_out, request_now, rmas_of

NOT_OURS = "not_ours"


def on_foreign_receipt(receipt: Receipt, market: MarketWorld) -> str:
    """Deal with a confirmed external return that is of no return of ours.

    Returns:
        ``not_ours``; or, of a Miinto order: ``requested``, ``asked``, ``shadow``, ``known`` (an
        earlier version of it was dealt with) or ``covered`` (by the store's refund of them).

    Raises:
        Permanent: It cannot be dealt with; park it.
        Retryable, UnknownOutcome: Come back.
    """
    settings = market.settings.rma
    if settings.requests == "off" or settings.decide.mode is Mode.OFF or not receipt.confirmed:
        return NOT_OURS
    live_from = market.world.live.merchant.live_from
    if live_from is not None and receipt.updated_at < live_from:
        return NOT_OURS
    if any(MARKER.search(text) for text in receipt.markers):
        # Ours, by its marker: the create whose answer was lost is being looked for.
        return NOT_OURS
    found = _order_of(receipt, market)
    if found is None:
        return NOT_OURS
    for _ in range(TRIES_AGAINST_OTHERS):
        order = market.market.order(market.merchant, found.shop, found.id)
        try:
            return _take(receipt, order, market)
        except Conflict:
            continue
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _order_of(receipt: Receipt, market: MarketWorld) -> OrderState | None:
    """The Miinto order that the warehouse says the goods are of: by its id, else by its number."""
    find = market.market.order_of
    if receipt.order_id is not None:
        found = find(market.merchant, made_id=receipt.order_id)
        if found is not None:
            return found
    for number in dict.fromkeys((receipt.order_number.strip(), receipt.reference.strip())):
        found = find(market.merchant, number=number) if number else None
        if found is not None:
            return found
    return None


def _take(receipt: Receipt, order: OrderState, market: MarketWorld) -> str:
    made = receipt.external_return_id
    source = receipt_source(made, receipt.version)
    ending = "known"
    for earlier in [r for r in order.requests if r.external_return_id == made]:
        if earlier.outcome == "committed":
            order, ending = carry_out(earlier.source, order, market)
    if order.request(source) is not None:
        return ending
    seen: Counter[str] = Counter()
    for earlier in order.requests:
        if earlier.external_return_id == made:
            seen.update(earlier.units)
    units = dict(Counter(receipt.units()) - seen)
    if not units:
        return ending
    request = RequestState(
        source=source, origin="receipt", external_return_id=made, units=units, outcome="asked"
    )
    try:
        standing = standing_of(order, rmas_of(order, market), origin="receipt")
    except Permanent as verdict:
        why = f"the order's RMAs cannot be read: {verdict.reason}"
        ask(request, order, market, code=verdict.code, why=why)
        return "asked"
    matching = market.settings.rma.decide.policy.matching
    echo = echo_of(units, order, standing, matching)
    if echo.extent == "all":
        covered = {"outcome": "echo", "positions": dict(echo.positions)}
        told = RmaRequested(request=request.model_copy(update=covered))
        market.record_order(order, "goods of a refund that the store told of", told)
        return "covered"
    placing = place(units, order, standing, matching)
    problems = [*placing.problems, *_conditions(receipt)]
    if problems:
        ask(request, order, market, code="rma.request_in_doubt", why="; ".join(problems))
        return "asked"
    request = request.model_copy(update={"positions": dict(placing.positions)})
    if market.settings.rma.requests == "ask" and market.settings.rma.decide.mode is Mode.LIVE:
        why = "they came without an RMA; request one? See `hub miinto rma request`"
        ask(request, order, market, code="rma.request_ask", why=why)
        return "asked"
    return request_now(request, order, market)[1]


def _conditions(receipt: Receipt) -> list[str]:
    worse = [goods for goods in receipt.goods() if goods.condition is not Condition.GOOD]
    return [
        f"{goods.units} x {goods.sku}: the warehouse says {goods.condition.value}"
        for goods in worse
    ]
