"""What a refund that goes home is read from, and what its order's timeline says of it."""

from __future__ import annotations

from returns_hub.domain.miinto.facts import MarketFact, RefundTied, RmaRequested, RmaTied
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rmas import RETURN_ID, Rma
from returns_hub.domain.refunds import Refund
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.world import World
from returns_hub.ports.marketplace import Rmas


def market_world(world: World) -> tuple[MarketWorld, Rmas]:
    """The merchant's marketplace and its RMAs.

    Raises:
        Misconfigured: There is none, or no RMA contract is configured.
    """
    market = world.marketplace()
    if market is None or market.rmas is None:
        raise Misconfigured("miinto.no_rmas", "this stack was given no RMAs to read")
    return market, market.rmas


def read_rma(return_id: str, market: MarketWorld, rmas: Rmas) -> Rma:
    """The RMA of a return, read just now.

    Raises:
        Permanent: No shop of the file is named by the return, or Miinto does not know the RMA.
    """
    kept = market.market.rma(market.merchant, return_id)
    if kept is not None:
        shop_id, rma_id = kept.shop, kept.id
    else:
        named = RETURN_ID.fullmatch(return_id)
        shop = market.settings.shop(named["shop"]) if named else None
        if named is None or shop is None:
            raise Permanent("miinto.unknown_shop", f"no shop of the file is named by {return_id}")
        shop_id, rma_id = shop.id, named["rma"]
    rma = rmas.read(shop_id, rma_id)
    if rma is None:
        raise Permanent("miinto.unknown_rma", f"Miinto does not know RMA {rma_id} any more")
    return rma


def order_of(rma: Rma, market: MarketWorld) -> OrderState:
    """The RMA's order; an empty one where the hub never saw it."""
    return market.market.order(market.merchant, rma.shop, rma.order_number or 0)


def booked_by_the_store(refund: Refund, market: MarketWorld) -> str:
    """The store's own refund of exactly these units, which it booked before the hub told of any.

    The order's timeline says from here on that it stands for this refund, so that it stands for no
    other one of the same goods.

    Raises:
        Permanent: The store refunded a part of them, or more; a person has to look.
        Conflict: Someone else changed the order; call again.
    """
    order = _order(refund, market)
    wanted = refund.positions
    for request in order.requests:
        if request.origin != "store" or request.outcome != "echo":
            continue
        if request.home not in {"", refund.refund_id} or not wanted.keys() & request.positions:
            continue
        if request.positions != wanted:
            raise Permanent(
                "refund.booked_in_part",
                f"the store refunded some of these units itself ({request.source}); look at the "
                "order there before anything is refunded",
            )
        if not request.home:
            stands = request.model_copy(update={"home": refund.refund_id})
            market.record_order(order, "the store booked it", RmaRequested(request=stands))
        return request.source
    return ""


def tie(refund: Refund, market: MarketWorld) -> None:
    """Say on the order's timeline, before it is told, that this refund goes home.

    Raises:
        Permanent: The store refunded these units itself in the meantime.
        Retryable: Others keep changing the order.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        order = _order(refund, market)
        facts: list[MarketFact] = []
        if refund.return_id not in order.rmas:
            facts.append(RmaTied(return_id=refund.return_id))
        if refund.refund_id not in order.refunds:
            facts.append(RefundTied(refund_id=refund.refund_id))
        if not order.version or not facts:
            return
        try:
            booked = booked_by_the_store(refund, market)
            if booked:
                raise Permanent(
                    "refund.booked_by_store",
                    f"the store refunded these units itself ({booked}) while the refund was on "
                    "its way; it was not told. Discard this, or book it by hand",
                )
            market.record_order(order, "an RMA of it was accepted", *facts)
        except Conflict:
            continue
        return
    raise Retryable("order.contended", "others keep changing this order", after=10)


def _order(refund: Refund, market: MarketWorld) -> OrderState:
    return market.market.order(market.merchant, refund.shop, refund.order_id or 0)
