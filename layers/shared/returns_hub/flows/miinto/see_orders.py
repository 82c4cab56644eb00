"""What Miinto tells of an order is put on its timeline: seen, left as older, changed, cancelled.

Nothing is made here. What is seen is durable before the cursor passes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.facts import Skipped
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import MarketFact, OrderCancelled, OrderEnded, OrderSeen
from returns_hub.domain.miinto.order_draft import are_same_goods, lines_of
from returns_hub.domain.miinto.orders import MarketOrder, OrderState
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.cancel_order import cancelled_facts
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_work import ask, put_on_the_list

FLOW = "miinto_orders"
BEFORE_LIVE_FROM = "before_live_from"
CANCELLED = "cancelled_in_miinto"
Skus = Mapping[int, str | None]
"""Position -> SKU; None where none, or more than one, is known."""


def version_of(order: MarketOrder) -> str:
    """What is told of an order, in few letters."""
    rows = [
        f"{word}{p.id}x{p.quantity}@{p.price}"
        for word, positions in (("a", order.accepted), ("p", order.pending))
        for p in sorted(positions, key=lambda position: position.id)
    ]
    return short_hash("|".join(rows), 8)


def is_new(state: OrderState, order: MarketOrder, mw: MarketWorld) -> bool:
    """Whether the order is to be put on its timeline with its goods; else it is there already."""
    if not order.accepted or state.cancelled or state.ended:
        return False
    if not state.version:
        return True
    if state.shadow and mw.settings.orders.mode is Mode.LIVE:
        return not is_before_live(mw, order)
    return not state.number and not are_same_goods(state.lines, order.accepted)


def is_before_live(mw: MarketWorld, order: MarketOrder) -> bool:
    """Whether the order is older than the switch, and somebody else's to send."""
    live_from = mw.world.live.merchant.live_from
    is_live = mw.settings.orders.mode is Mode.LIVE
    return bool(is_live and live_from and order.created_at and order.created_at < live_from)


def see(mw: MarketWorld, state: OrderState, order: MarketOrder, skus: Skus) -> str:
    """Record what is told of one order; a word for what it was.

    Raises:
        Conflict: Someone else appended meanwhile.
    """
    if state.ended or state.cancelled:
        return "known"
    if not order.accepted:
        return see_nothing_accepted(mw, state, order)
    if is_new(state, order, mw):
        return _record(mw, state, order, skus)
    return look_for_changes(mw, state, order)


def see_nothing_accepted(mw: MarketWorld, state: OrderState, order: MarketOrder | None) -> str:
    """Nothing of the order is accepted (any more).

    Units that came back count 0 and are left out of what is read, so that an order that was sent
    is not taken for a cancelled one.
    """
    if not state.version or state.despatches or (order is not None and order.pending):
        return "not_accepted"
    why = "Miinto holds no accepted position of the order any more"
    if order is None:
        why = "Miinto does not know the order any more"
    state, more = cancelled_facts(mw, state, why)
    mw.record_order(state, "cancelled elsewhere", *more, OrderCancelled(code=CANCELLED, reason=why))
    return "cancelled"


def _record(mw: MarketWorld, state: OrderState, order: MarketOrder, skus: Skus) -> str:
    seen = OrderSeen(
        parent_id=order.parent_id,
        created_at=order.created_at,
        currency=order.currency,
        lines=lines_of(order.accepted, skus),
    )
    if not state.version and is_before_live(mw, order):
        facts: tuple[MarketFact, ...] = (
            seen,
            Skipped(
                flow=FLOW,
                code=BEFORE_LIVE_FROM,
                reason="made before live_from: somebody else sends it",
            ),
            OrderEnded(code=BEFORE_LIVE_FROM),
        )
        mw.record_order(state, "the moment of the switch", *facts)
        return BEFORE_LIVE_FROM
    is_taken_up = not state.version or state.shadow
    if is_taken_up and order.created_at is None and mw.settings.orders.mode is Mode.LIVE:
        parked = put_on_the_list(mw, state, FLOW, "order", _undated(order), beside=False)
        mw.record_order(state, "the moment of the switch", seen, *([parked] if parked else []))
        return "parked"
    mw.record_order(state, "seen in Miinto", seen)
    return "seen"


def look_for_changes(mw: MarketWorld, state: OrderState, order: MarketOrder) -> str:
    """A person is told, once, that an order which is (being) made holds other goods now."""
    if state.made_id is None or state.despatches:
        return "known"
    if are_same_goods(state.lines, order.accepted):
        return "known"
    left = {line.position for line in state.lines} - {p.id for p in order.accepted}
    what = f"positions {', '.join(map(str, sorted(left)))} are not accepted any more"
    reason = (
        f"order {state.id} of shop {slug_of(state.shop)} changed in Miinto after it was made as "
        f"{state.number}: {what if left else 'its positions, units or prices are others'}"
    )
    about = f"changed-{version_of(order)}"
    asked = ask(mw, state, FLOW, about, "order.changed", reason)
    return "known" if asked.version == state.version else "changed"


def _undated(order: MarketOrder) -> Permanent:
    return Permanent(
        "order.no_time",
        f"Miinto does not tell when order {order.id} of shop {slug_of(order.shop)} was made: it "
        "may be from before live_from, and somebody else's to send. Replay this to have it made, "
        "or discard it",
    )


def as_moment(text: str) -> datetime:
    """A moment of a cursor."""
    return datetime.fromisoformat(text)
