"""What an RMA means for money, whenever it is read: our requests, and refunds that go home."""

from __future__ import annotations

from returns_hub.domain.miinto.requests import RmaKind, kind_of
from returns_hub.domain.miinto.rmas import Rma, is_of_miinto
from returns_hub.domain.state import BatchState
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.answer_request import meet_requests
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.refund_due import refund_due_facts
from returns_hub.flows.miinto.refund_order import order_of
from returns_hub.flows.world import World


def follow_money(rma: Rma, market: MarketWorld) -> RmaKind:
    """Tie the RMA to the hub's requests, and make due the refund of what was accepted by hand.

    To be called before the RMA is kept as it was read: cut off, it is read again. What it is says
    whether it may be announced; see `meet_requests`.

    Raises:
        Retryable: Others keep changing the order or the return.
    """
    kind = meet_requests(rma, market)
    for _ in range(TRIES_AGAINST_OTHERS):
        state = market.stores.returns.load(market.merchant, rma.return_id)
        facts = refund_due_facts(state, rma, market.world)
        if not facts:
            return kind
        try:
            market.world.record(state, "accepted at Miinto", *facts)
        except Conflict:
            continue
        return kind
    raise Retryable("return.contended", "others keep changing this return", after=10)


def require_not_requested(batch: BatchState, return_id: str, world: World) -> None:
    """Stand in the way of accepting an RMA whose units the hub had requested an RMA for as well.

    Raises:
        Permanent: Both would be paid; a person has to look.
    """
    if not is_of_miinto(return_id) or all(line.reject for line in batch.lines):
        return
    market = world.marketplace()
    rma = market.market.rma(market.merchant, return_id) if market else None
    if market is None or rma is None or kind_of(rma, order_of(rma, market)) != "twice":
        return
    raise Permanent(
        "rma.requested_before",
        f"the hub requested an RMA for units of RMA {rma.id} before; decline one of the two at "
        "Miinto, or give the request up (hub miinto rma request), and replay this",
    )
