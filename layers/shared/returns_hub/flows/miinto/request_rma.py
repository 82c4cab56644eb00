"""An RMA request: the marketplace is asked to pay for goods that came back, or were refunded, when
the buyer made no RMA.

The order's timeline decides which units a request holds: they are committed there before anything
is sent, and no other request may ever hold them. A request that had no answer is looked for among
the shop's RMAs. The contract is not public, so not finding it proves nothing: a person is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from returns_hub.domain.facts import Parked, WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import MarketFact, RefundTied, RmaRequested, RmaTied
from returns_hub.domain.miinto.orders import OrderState, RequestState
from returns_hub.domain.miinto.requests import is_of_order, key_of, standing_of, units_of
from returns_hub.domain.miinto.rmas import Rma, return_id_of
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.rma_proof import require_rma_proof
from returns_hub.ports.marketplace import RmaRequestDraft, Rmas

FLOW = "request_rma"
SETTLE_SECONDS = 120.0
GIVE_UP_SECONDS = 20 * 60.0
QUESTION = re.compile(rf"{FLOW}/[^/]+/[0-9]+/(receipt|refund)-.+")
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
REASONS = {
    "receipt": "The goods came back to our warehouse",
    "store": "The goods were refunded in our store",
}
"""Told to Miinto, and maybe to the buyer."""


def rmas_of(order: OrderState, market: MarketWorld) -> tuple[Rma, ...]:
    """The order's RMAs, read just now; every page of the shop's, for no filter by order is known.

    Raises:
        Misconfigured: No RMA contract is configured.
    """
    return tuple(rma for rma in _rmas(market).list(order.shop) if is_of_order(rma, order))


def _rmas(market: MarketWorld) -> Rmas:
    if market.rmas is None:
        raise Misconfigured("miinto.no_rmas", "this stack was given no RMAs to read")
    return market.rmas


def mode_of(request: RequestState, market: MarketWorld) -> Mode:
    """The switch of requests: of RMAs' decisions for goods, of refunds for a store's refund."""
    settings = market.settings
    return settings.rma.decide.mode if request.origin == "receipt" else settings.refunds.mode


def parked_request_id(order: OrderState, source: str) -> str:
    """The id, in the list of parked work, of a request that waits for a person."""
    return f"{FLOW}/{slug_of(order.shop)}/{order.id}/{source}"


def is_question(parked_id: str) -> bool:
    """Whether parked work is a request whose units are counted on an order's timeline."""
    return QUESTION.fullmatch(parked_id) is not None


def in_words(order: OrderState) -> str:
    """The order, for people."""
    return f"order {slug_of(order.shop)}/{order.id}"


def ask(
    request: RequestState, order: OrderState, market: MarketWorld, *, code: str, why: str
) -> OrderState:
    """Put a request before a person; `request` says what is known of it.

    Raises:
        Conflict: Someone else changed the order; call again.
    """
    parked_id = parked_request_id(order, request.source)
    goods = ", ".join(f"{units} x {sku or '?'}" for sku, units in request.units.items())
    came = "came back" if request.origin == "receipt" else "were refunded by the store"
    reason = f"{goods} of {in_words(order)} {came} ({request.source}): {why}"[:900]
    subject = in_words(order)
    market.world.park(
        FLOW, parked_id, Permanent(code, reason), subject=subject, payload=request.model_dump_json()
    )
    parked = Parked(
        flow=FLOW, parked_id=parked_id, code=code, reason=reason, subject=subject, beside=True
    )
    told = RmaRequested(request=request.model_copy(update={"reason": why[:500]}))
    return market.record_order(order, "a person is asked", told, parked)


def request_now(
    request: RequestState, order: OrderState, market: MarketWorld, *, actor: str = "hub"
) -> tuple[OrderState, str]:
    """Commit the request's units and send it; in shadow mode tell what would have been sent.

    Returns:
        The order, and ``requested``, ``shadow`` or ``asked`` (it was refused, or nobody knows).

    Raises:
        Conflict: Someone else changed the order; nothing was sent, call again.
        Retryable, UnknownOutcome: As every write; `carry_out` goes on with it.
    """
    if mode_of(request, market) is not Mode.LIVE:
        goods = ", ".join(f"{units} x {sku}" for sku, units in request.units.items())
        would = WouldSend(
            partner="miinto", operation="RMA request", summary=f"{in_words(order)}: {goods}"
        )
        shadow = RmaRequested(request=request.model_copy(update={"outcome": "shadow"}))
        return market.record_order(order, "shadow", would, shadow), "shadow"
    require_rma_proof(market.world.live, market.stores.capabilities)
    committed = RmaRequested(request=request.model_copy(update={"outcome": "committed"}))
    order = market.record_order(order, "an RMA is requested", committed, actor=actor)
    return carry_out(request.source, order, market, is_placed_now=True)


def carry_out(
    source: str, order: OrderState, market: MarketWorld, *, is_placed_now: bool = False
) -> tuple[OrderState, str]:
    """Send a request that is committed, or find out what became of it; as `request_now`.

    One that was placed before is sent only where the buyer made no RMA of its units meanwhile.
    """
    request = order.request(source)
    if request is None or request.outcome != "committed":
        return order, "known"
    rmas, world = _rmas(market), market.world
    operation = world.operation(
        key_of(order, source, request.attempt), settle=SETTLE_SECONDS, give_up=GIVE_UP_SECONDS
    )
    draft = RmaRequestDraft(
        shop=order.shop,
        order=order.id,
        positions=request.positions,
        reason=REASONS[request.origin],
        reference=operation.marker,
    )

    def send(send_by: datetime) -> str:
        if not is_placed_now:
            _require_free(request, order, market)
        return rmas.request(draft, send_by)

    def look_up(claim: Claim) -> LookUp:
        return _look_up(draft, order, market, since=claim.first_claimed_at)

    try:
        done = world.run(operation, send=send, look_up=look_up)
    except Permanent as verdict:
        unknown = verdict.code == "operation.unknown_outcome"
        failed = request.model_copy(update={"outcome": "unknown" if unknown else "refused"})
        order = ask(failed, order, market, code=verdict.code, why=verdict.reason)
        return order, "asked"
    return_id = return_id_of(order.shop, done.partner_id) if done.partner_id else ""
    if return_id and market.market.rma(order.merchant, return_id) is None:
        # Miinto may have accepted it before any list of undecided ones shows it: kept as undecided,
        # it is read by the next run of RMAs, and its refund goes home.
        undecided = Rma(
            shop=order.shop,
            id=done.partner_id,
            status="pending",
            type="request",
            order_id=str(order.id),
        )
        market.market.keep_rma(order.merchant, undecided)
    world.stores.telemetry.count("RmaRequests", merchant=world.merchant, outcome=request.origin)
    return made(request, return_id, order, market), "requested"


def made(
    request: RequestState, return_id: str, order: OrderState, market: MarketWorld
) -> OrderState:
    """The request exists at Miinto, as the RMA with this return id when it is told."""
    facts: list[MarketFact] = [
        RmaRequested(
            request=request.model_copy(
                update={"outcome": "made", "return_id": return_id, "reason": ""}
            )
        )
    ]
    if return_id and return_id not in order.rmas:
        facts.append(RmaTied(return_id=return_id))
    refund_id = request.source.removeprefix("refund-")
    if request.origin == "store" and refund_id not in order.refunds:
        facts.append(RefundTied(refund_id=refund_id))
    return market.record_order(order, "Miinto has the RMA request", *facts)


def _require_free(request: RequestState, order: OrderState, market: MarketWorld) -> None:
    """Raise Permanent where an RMA holds units of the request by now."""
    rmas = rmas_of(order, market)
    free = standing_of(order, rmas, origin=request.origin, but=request.source).free
    if any(units > free.get(position, 0) for position, units in request.positions.items()):
        raise Permanent(
            "refund.rma_meanwhile",
            "an RMA of these units was made before this request could be sent; look at it there",
        )


def _look_up(
    draft: RmaRequestDraft, order: OrderState, market: MarketWorld, *, since: datetime
) -> LookUp:
    """Among the order's RMAs: the one with our reference; else the one called a request of exactly
    these units, made since then, that no other request of ours made."""
    rmas = rmas_of(order, market)
    named = [rma for rma in rmas if draft.reference in json.dumps(rma.raw, default=str)]
    found = named or [
        rma for rma in rmas if _is_alike(rma, draft.positions, order, since - CLOCKS_MAY_DIFFER)
    ]
    if len(found) == 1:
        return Found(found[0].id)
    return Inconclusive(
        f"an RMA request of {in_words(order)} had no answer, and {len(found)} RMAs look like it; "
        "look at the order in Miinto before anything is requested again"
    )


def _is_alike(rma: Rma, positions: Mapping[int, int], order: OrderState, since: datetime) -> bool:
    taken = {request.return_id for request in order.requests}
    return (
        "request" in rma.type.lower()
        and rma.return_id not in taken
        and rma.created_at is not None
        and rma.created_at >= since
        and units_of(rma, order, "pending", "accepted", "declined", "unknown") == positions
    )
