"""One message of the store-refunds queue, from its text to its end: an RMA request, or none.

Whatever the message holds, it ends requested, asked, covered, parked, or comes back later; it is
never dropped without a trace. A refund that the hub told of, or that an RMA or an earlier request
covers, is never requested: the marketplace would pay it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from returns_hub.domain.facts import Skipped
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import MarketFact, RefundTied, RmaRequested
from returns_hub.domain.miinto.orders import OrderState, RequestState
from returns_hub.domain.miinto.refunding import amount_of
from returns_hub.domain.miinto.requests import (
    Placing,
    echo_of,
    place,
    refund_source,
    standing_of,
)
from returns_hub.domain.operations import Claim, LookUp, NotFound, store_refund_key
from returns_hub.domain.refunds import (
    REFUND_ID,
    OrderByNumber,
    Refund,
    StoreRefund,
)
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.request_rma import ask, carry_out, request_now, rmas_of
from returns_hub.flows.miinto.store_refund_message import FLOW, parse
from returns_hub.flows.queue_message import park_message
from returns_hub.flows.world import Stores

ORDER_MAY_TAKE = timedelta(hours=24)
"""A store may tell of a refund before the hub has read the order; so long it is waited for."""
CLOCKS_MAY_DIFFER = timedelta(minutes=15)
ASK_AGAIN_SECONDS = 600.0


def receive_store_refund(text: str, stores: Stores, market_of: Callable[[str], MarketWorld]) -> str:
    """Handle one message.

    Args:
        text: The message's body, as it came.
        stores: The hub's own stores.
        market_of: A merchant's world with its marketplace; raises Permanent for a merchant that
            is unknown or has none.

    Returns:
        ``requested``, ``asked``, ``echo`` (it is paid for already), ``known``, ``shadow``,
        ``not_of_miinto`` or ``parked``.

    Raises:
        Retryable: Known not done; the message is to come back.
        UnknownOutcome: The message is to come back when the claim's lease has ended.
    """
    try:
        event = parse(text)
    except Permanent as verdict:
        return park_message(text, verdict, stores, flow=FLOW)
    try:
        market = market_of(event.merchant)
    except Permanent as verdict:
        return park_message(text, verdict, stores, flow=FLOW)
    try:
        outcome = _receive(event, market)
    except Permanent as verdict:
        market.world.park(
            FLOW,
            f"{FLOW}/{event.refund_id}",
            verdict,
            subject=f"refund {event.refund_id}",
            payload=event.model_dump_json(by_alias=True),
        )
        outcome = "parked"
    except Retryable as verdict:
        market.world.tell_if_misconfigured(verdict)
        raise
    stores.telemetry.count("StoreRefunds", merchant=event.merchant, outcome=outcome)
    return outcome


# -- one refund ---------------------------------------------------------------------------------


def _receive(event: StoreRefund, market: MarketWorld) -> str:
    now = market.stores.clock.now()
    if event.occurred_at > now + CLOCKS_MAY_DIFFER:
        raise Permanent("refund.in_the_future", "occurred_at is in the future")
    settings = market.settings.refunds
    if settings.mode is Mode.OFF or settings.from_store == "off":
        raise Permanent("refund.off", "miinto.refunds takes no refunds from a store: from_store")
    _require_same(event, market)
    home = _told_back(event, market)
    order = _find_order(event, market)
    if order is None:
        if home is not None:
            return _skip_on_return(event, home, market)
        if _is_another_shops(event, market):
            return "not_of_miinto"
        if now - event.occurred_at < ORDER_MAY_TAKE:
            raise Retryable(
                "refund.unknown_order",
                "the hub has not seen the refund's order yet",
                after=ASK_AGAIN_SECONDS,
            )
        raise Permanent("refund.unknown_order", "the hub does not know the refund's order")
    for _ in range(TRIES_AGAINST_OTHERS):
        order = market.market.order(market.merchant, order.shop, order.id)
        try:
            return _take(event, home, order, market)
        except Conflict:
            continue
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _require_same(event: StoreRefund, market: MarketWorld) -> None:
    """The same id asks for the same, whoever came first says what.

    Raises:
        Permanent: It asked for something else before.
    """
    world = market.world
    operation = world.operation(
        store_refund_key(market.merchant, event.refund_id), settle=0, give_up=3600
    )

    def look_up(_: Claim) -> LookUp:
        return NotFound()

    first = world.run(operation, send=lambda _: event.digest, look_up=look_up).partner_id
    if first != event.digest:
        raise Permanent(
            "refund.changed",
            "a refund of this id came before and asked for something else; a change of a refund "
            "needs an id of its own",
        )


def _told_back(event: StoreRefund, market: MarketWorld) -> Refund | None:
    """The refund that the hub told the store of, and that this one was booked for."""
    for told in (event.origin, event.refund_id):
        named = REFUND_ID.fullmatch(told or "")
        if named is None:
            continue
        state = market.stores.returns.load(market.merchant, named["return_id"])
        for known in state.refunds:
            if known.refund.refund_id == told:
                return known.refund
        raise Permanent(
            "refund.unknown_origin",
            "the refund names one of the hub's as its origin, and the hub told of none like that",
        )
    return None


def _is_another_shops(event: StoreRefund, market: MarketWorld) -> bool:
    """Whether the number cannot be a Miinto order's: those begin with the configured prefix."""
    prefix = market.settings.orders.number_prefix
    asked = event.order
    return isinstance(asked, OrderByNumber) and not asked.number.strip().startswith(prefix)


def _find_order(event: StoreRefund, market: MarketWorld) -> OrderState | None:
    asked = event.order
    if isinstance(asked, OrderByNumber):
        return market.market.order_of(market.merchant, number=asked.number.strip())
    shops = [
        shop.id
        for shop in market.settings.shops
        if asked.market in {shop.id, shop.slug, shop.country}
    ]
    if not shops:
        raise Permanent("refund.unknown_market", "no shop of the merchant's file is that market")
    states = [market.market.order(market.merchant, shop, asked.id) for shop in shops]
    found = [state for state in states if state.version]
    if len(found) > 1:
        raise Permanent("refund.ambiguous", "two shops of that market have an order of this id")
    return found[0] if found else None


def _skip_on_return(event: StoreRefund, home: Refund, market: MarketWorld) -> str:
    """Told back for an order that the hub never saw: the return's timeline says so, once."""
    world = market.world
    for _ in range(TRIES_AGAINST_OTHERS):
        state = market.stores.returns.load(market.merchant, home.return_id)
        if state.skipped("refund.echo", event.refund_id):
            return "known"
        skipped = Skipped(
            flow=FLOW,
            code="refund.echo",
            reason=f"the store told back {home.refund_id}",
            subject=event.refund_id,
        )
        try:
            world.record(state, "never echoed", skipped)
        except Conflict:
            continue
        return "echo"
    raise Retryable("return.contended", "others keep changing this return", after=10)


def _take(event: StoreRefund, home: Refund | None, order: OrderState, market: MarketWorld) -> str:
    source = refund_source(event.refund_id)
    known = order.request(source)
    if known is not None:
        return carry_out(source, order, market)[1] if known.outcome == "committed" else "known"
    request = RequestState(source=source, origin="store", units=event.units, outcome="asked")
    if home is not None:
        return _told_back_of(home, request, order, market)
    matching = market.settings.rma.decide.policy.matching
    standing = standing_of(order, rmas_of(order, market), origin="store")
    echo = echo_of(event.units, order, standing, matching)
    if echo.extent == "all":
        positions = dict(echo.positions)
        return _echo(request, positions, _home_of(positions, order, market), order, market)
    placing = place(event.units, order, standing, matching)
    problems = [*placing.problems, *_of_money(event, placing, order, market)]
    if echo.extent == "some":
        problems.append("some of it is paid for already, by an RMA or an earlier request")
    if problems:
        ask(request, order, market, code="refund.in_doubt", why="; ".join(problems))
        return "asked"
    request = request.model_copy(update={"positions": dict(placing.positions)})
    settings = market.settings.refunds
    if settings.from_store == "ask" and settings.mode is Mode.LIVE:
        why = "request an RMA for them? See `hub miinto rma request`"
        ask(request, order, market, code="refund.ask", why=why)
        return "asked"
    return request_now(request, order, market)[1]


def _told_back_of(
    home: Refund, request: RequestState, order: OrderState, market: MarketWorld
) -> str:
    """A refund that the store booked because the hub told it to."""
    earlier = next((r for r in order.requests if r.home == home.refund_id), None)
    if earlier is not None:
        why = f"it was booked for {home.refund_id}, as {earlier.source} was: look for both"
        ask(request, order, market, code="refund.booked_twice", why=why)
        return "asked"
    of_home: Counter[str] = Counter()
    for line in home.lines:
        of_home[line.sku or ""] += line.quantity
    if any(units > of_home[sku] for sku, units in request.units.items()):
        why = f"it was booked for {home.refund_id}, which holds less"
        ask(request, order, market, code="refund.more_than_told", why=why)
        return "asked"
    return _echo(request, home.positions, home.refund_id, order, market)


def _echo(
    request: RequestState,
    positions: dict[int, int],
    home: str,
    order: OrderState,
    market: MarketWorld,
) -> str:
    covered = {"outcome": "echo", "positions": positions, "home": home}
    facts: list[MarketFact] = [RmaRequested(request=request.model_copy(update=covered))]
    refund_id = request.source.removeprefix("refund-")
    if refund_id not in order.refunds:
        facts.append(RefundTied(refund_id=refund_id))
    market.record_order(order, "never echoed", *facts)
    return "echo"


def _home_of(positions: dict[int, int], order: OrderState, market: MarketWorld) -> str:
    """The refund that the hub told of and that holds these units, if no other one was told back."""
    told_back = {request.home for request in order.requests}
    for return_id in order.rmas:
        for known in market.stores.returns.load(market.merchant, return_id).refunds:
            held = known.refund.positions
            fits = all(units <= held.get(position, 0) for position, units in positions.items())
            if fits and not known.shadow and known.refund.refund_id not in told_back:
                return known.refund.refund_id
    return ""


def _of_money(
    event: StoreRefund, placing: Placing, order: OrderState, market: MarketWorld
) -> list[str]:
    """Why the money is in doubt: an RMA has Miinto pay units whole, whatever the store paid."""
    if event.currency and order.currency and event.currency != order.currency:
        return [f"it is in {event.currency}, and the order in {order.currency}"]
    amounts = [line.amount_minor for line in event.lines]
    if None in amounts or placing.problems:
        return []
    price_is = market.settings.transfers.price_is
    lines = {line.position: line for line in order.lines}
    worth = [
        amount_of(lines[position].price, units, lines[position].quantity, price_is)
        for position, units in placing.positions.items()
    ]
    refunded, paid = sum(filter(None, amounts)), sum(filter(None, worth))
    if None in worth or refunded == paid:
        return []
    return [f"the store refunded {refunded} minor units, and Miinto would pay {paid}"]
