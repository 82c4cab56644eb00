"""A person's word on an RMA request: have it made, or give it up; and RMAs that meet requests."""

from __future__ import annotations

from collections.abc import Mapping

from returns_hub.domain.facts import Parked
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import RmaRequested
from returns_hub.domain.miinto.orders import OrderState, RequestState
from returns_hub.domain.miinto.requests import (
    RmaKind,
    Standing,
    kind_of,
    own_request,
    place,
    position_status,
    standing_of,
)
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.refund_order import order_of
from returns_hub.flows.miinto.request_rma import (
    FLOW,
    ask,
    carry_out,
    in_words,
    made,
    mode_of,
    parked_request_id,
    request_now,
    rmas_of,
)
from returns_hub.ports import ParkedItem


def confirm_request(
    market: MarketWorld,
    *,
    shop: str,
    order: int,
    source: str,
    who: str,
    positions: Mapping[int, int] | None = None,
    send_again: bool = False,
) -> str:
    """Have a request made that waits for a person.

    Args:
        market: The merchant's world.
        shop: The shop's id or short name.
        order: The order's id.
        source: What the request is about, as the list of parked work names it.
        who: Whose word it is; onto the order's timeline.
        positions: The order's position -> units, where the hub could not lay the goods on them, or
            the person knows better.
        send_again: The person looked at Miinto: a request without an answer was not made there.

    Returns:
        ``requested``, ``asked`` (Miinto refused it, or nobody knows), or ``known`` when it was made
        before.

    Raises:
        Permanent: There is no such request, or it cannot be made like this; the reason says why.
        Retryable, UnknownOutcome: Nothing is lost: say the same again.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state, request = _find(market, shop, order, source)
        try:
            return _confirm(state, request, market, who, positions, send_again=send_again)
        except Conflict:
            continue
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _confirm(
    order: OrderState,
    request: RequestState,
    market: MarketWorld,
    who: str,
    positions: Mapping[int, int] | None,
    *,
    send_again: bool,
) -> str:
    if request.outcome == "committed":
        return _closed(carry_out(request.source, order, market)[1], order, request, market, who)
    if request.outcome == "made":
        return _closed("known", order, request, market, who)
    if request.outcome in {"discarded", "echo"}:
        raise Permanent("request.ended", f"the request is {request.outcome}; nothing waits")
    if request.outcome == "unknown" and not send_again:
        raise Permanent(
            "request.unknown_outcome",
            "a request was sent and had no answer: look at the order in Miinto. Is there none, "
            "say so (--send-again); is there one, the hub ties it when it reads it",
        )
    if mode_of(request, market) is not Mode.LIVE:
        raise Permanent("request.not_live", "the switch of these requests is not live in the file")
    rmas = rmas_of(order, market)
    standing = standing_of(order, rmas, origin=request.origin, but=request.source)
    chosen = _chosen(request, order, standing, market, positions)
    again = request.outcome in {"refused", "declined", "unknown"}
    changes = {"positions": chosen, "attempt": request.attempt + (1 if again else 0)}
    ready = request.model_copy(update=changes)
    ending = request_now(ready, order, market, actor=who)[1]
    return _closed(ending, order, request, market, who)


def _chosen(
    request: RequestState,
    order: OrderState,
    standing: Standing,
    market: MarketWorld,
    positions: Mapping[int, int] | None,
) -> dict[int, int]:
    """What to request, within what is free: a person's word does not ask for a unit twice."""
    if positions is None and not request.positions:
        matching = market.settings.rma.decide.policy.matching
        placing = place(request.units, order, standing, matching)
        if placing.problems:
            why = "; ".join(placing.problems)
            raise Permanent("request.in_doubt", f"name the positions and units: {why}")
        return dict(placing.positions)
    chosen = dict(request.positions if positions is None else positions)
    if not chosen:
        raise Permanent("request.empty", "no position is named")
    for position, units in chosen.items():
        if position not in standing.free:
            raise Permanent("request.no_position", f"{in_words(order)} has no position {position}")
        if position in standing.waiting:
            raise Permanent(
                "request.rma_waits",
                f"RMA {standing.waiting[position]} waits for position {position}; accept or "
                "decline it instead",
            )
        if not 1 <= units <= standing.free[position]:
            raise Permanent(
                "request.over",
                f"position {position} has {standing.free[position]} units that are not returned "
                f"or requested yet; {units} were asked for",
            )
    return chosen


def discard_request(
    market: MarketWorld, *, shop: str, order: int, source: str, who: str, note: str
) -> str:
    """Give a request up that waits for a person; its units are free again.

    Returns:
        ``discarded``, or ``already`` when it had been.

    Raises:
        Permanent: There is no such request, or it was made, or is being made.
        Retryable: Others keep changing the order.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state, request = _find(market, shop, order, source)
        if request.outcome in {"made", "committed", "echo", "shadow"}:
            raise Permanent("request.ended", f"the request is {request.outcome}, not waiting")
        if request.outcome == "discarded":
            return _closed("already", state, request, market, who, as_state="discarded")
        given_up = request.model_copy(update={"outcome": "discarded", "reason": note[:500]})
        try:
            market.record_order(state, "by hand", RmaRequested(request=given_up), actor=who)
        except Conflict:
            continue
        return _closed("discarded", state, request, market, who, as_state="discarded", note=note)
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _find(
    market: MarketWorld, shop: str, order: int, source: str
) -> tuple[OrderState, RequestState]:
    named = market.settings.shop(shop)
    state = market.market.order(market.merchant, named.id if named else shop, order)
    request = state.request(source)
    if request is None:
        raise Permanent("request.unknown", f"{in_words(state)} has no RMA request {source}")
    return state, request


def _closed(
    ending: str,
    order: OrderState,
    request: RequestState,
    market: MarketWorld,
    who: str,
    *,
    as_state: str = "replayed",
    note: str = "",
) -> str:
    """Take the question off the list of parked work, unless it was put anew."""
    if ending != "asked":
        item = ParkedItem(
            merchant=market.merchant,
            parked_id=parked_request_id(order, request.source),
            flow=FLOW,
            code="",
            reason="",
            subject=in_words(order),
            payload="",
        )
        market.stores.parking.close(item, as_state, who, note)
    return ending


def meet_requests(rma: Rma, market: MarketWorld) -> RmaKind:
    """What an RMA that was just read is to the hub's requests; told on the order's timeline once.

    ``own``: the hub requested it, so its goods are not announced and nobody decides it here.
    ``twice``: the buyer made it for units that the hub had requested before; a person is asked, and
    until the request is given up, or one of the two declined at Miinto, it is not to be announced
    and not to be accepted. ``free``: the buyer's own.

    Raises:
        Retryable: Others keep changing the order.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        order = order_of(rma, market)
        kind = kind_of(rma, order)
        try:
            if kind == "own":
                _tie_own(rma, order, market)
            elif kind == "twice":
                _tell_twice(rma, order, market)
        except Conflict:
            continue
        return kind
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _tie_own(rma: Rma, order: OrderState, market: MarketWorld) -> None:
    request = own_request(rma, order)
    if request is None:
        return
    if not request.return_id:
        order = made(request, rma.return_id, order, market)
        _closed("requested", order, request, market, "hub")
    tied = order.request(request.source) or request
    declined = all(position_status(rma, p) == "declined" for p in rma.positions)
    if declined and rma.positions and tied.outcome == "made":
        over = tied.model_copy(update={"outcome": "declined"})
        why = f"Miinto declined the RMA request ({rma.id}); request it anew, or give it up"
        ask(over, order, market, code="rma.request_declined", why=why)


def _tell_twice(rma: Rma, order: OrderState, market: MarketWorld) -> None:
    parked_id = parked_request_id(order, f"twice/{rma.return_id}")
    if parked_id in order.asked:
        return
    reason = (
        f"the buyer made RMA {rma.id} of {in_words(order)} for units that the hub had requested an "
        "RMA for already: decline one of the two at Miinto, so that they are not paid twice"
    )
    verdict, subject = Permanent("rma.requested_before", reason), in_words(order)
    market.world.park(FLOW, parked_id, verdict, subject=subject, payload=rma.return_id)
    parked = Parked(
        flow=FLOW,
        parked_id=parked_id,
        code=verdict.code,
        reason=reason,
        subject=subject,
        beside=True,
    )
    market.record_order(order, "a person is asked", parked)
