"""What the flows about the marketplace's orders share: one order's trouble stays its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.domain.facts import Parked
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.world import REQUEST_SECONDS

WORST_CASE_SECONDS = 2 * REQUEST_SECONDS
"""Less time than this left, and no further order is begun."""
SUBJECT = "miinto-order"


@dataclass(frozen=True, order=True)
class OrderKey:
    """Whose order of which shop."""

    shop: str
    id: int

    @property
    def text(self) -> str:
        """For cursors."""
        return f"{self.shop}/{self.id}"

    @classmethod
    def of(cls, text: str) -> OrderKey:
        """What `text` wrote."""
        shop, _, number = text.rpartition("/")
        return cls(shop, int(number))


def key_of(state: OrderState) -> OrderKey:
    """The order's key."""
    return OrderKey(state.shop, state.id)


def dealt_with(
    mw: MarketWorld, key: OrderKey, *, flow: str, work: Callable[[OrderState], str]
) -> str:
    """Do the work of one order on its newest state; how it ended.

    What is refused is parked, what is not known done comes back (``later``).
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state = mw.market.order(mw.merchant, key.shop, key.id)
        try:
            return work(state)
        except Conflict:
            continue
        except Permanent as verdict:
            if _parked(mw, key, flow, verdict):
                return "parked"
        except (Retryable, UnknownOutcome) as verdict:
            mw.world.tell_if_misconfigured(verdict)
            mw.stores.telemetry.log(
                "order comes back",
                flow=flow,
                shop=slug_of(key.shop),
                order=key.id,
                code=verdict.code,
                reason=verdict.reason,
            )
            return "later"
    return "later"


def _parked(mw: MarketWorld, key: OrderKey, flow: str, verdict: Permanent) -> bool:
    state = mw.market.order(mw.merchant, key.shop, key.id)
    fact = put_on_the_list(mw, state, flow, "order", verdict, beside=False)
    if fact is None or state.parked == fact.parked_id:
        return True
    try:
        mw.record_order(state, "known refused", fact)
    except Conflict:
        return False
    return True


def put_on_the_list(
    mw: MarketWorld, state: OrderState, flow: str, about: str, verdict: Permanent, *, beside: bool
) -> Parked | None:
    """Put an item into the list of parked work; its fact for the timeline.

    With `beside` no work waits for the person, and each `about` is asked once: None when it was.
    """
    slug = slug_of(state.shop)
    parked_id = f"{flow}/{slug}/{state.id}/{about}"
    if beside and parked_id in state.asked:
        return None
    payload = {"merchant": mw.merchant, "shop": state.shop, "order": state.id}
    mw.world.park(
        flow,
        parked_id,
        verdict,
        subject=f"{SUBJECT}/{slug}/{state.id}",
        payload=json.dumps(payload),
    )
    return Parked(
        flow=flow, parked_id=parked_id, code=verdict.code, reason=verdict.reason, beside=beside
    )


def ask(  # noqa: PLR0917 - who asks what about which order
    mw: MarketWorld, state: OrderState, flow: str, about: str, code: str, reason: str
) -> OrderState:
    """Ask a person to look, once for each `about`, while the flows go on."""
    fact = put_on_the_list(mw, state, flow, about, Permanent(code, reason), beside=True)
    return state if fact is None else mw.record_order(state, "ask a person", fact)


@dataclass(frozen=True)
class Walk:
    """A slow walk over the orders in work, some in each run, so that none is forgotten."""

    at: OrderKey | None = None
    first_seen_at: datetime | None = None

    @classmethod
    def of(cls, value: Any) -> Walk:
        """The walk that `to_value` wrote."""
        if not value:
            return cls()
        return cls(OrderKey.of(value[0]), datetime.fromisoformat(value[1]))

    def to_value(self) -> list[str]:
        """For a cursor."""
        if self.at is None or self.first_seen_at is None:
            return []
        return [self.at.text, self.first_seen_at.isoformat()]

    def steps(self, mw: MarketWorld, most: int) -> tuple[tuple[OrderState, ...], Walk]:
        """The next orders, and where the walk stands behind them; after the end it begins anew."""
        after = None
        if self.at is not None:
            after = OrderState(
                merchant=mw.merchant,
                shop=self.at.shop,
                id=self.at.id,
                first_seen_at=self.first_seen_at,
            )
        found = mw.market.orders_in_work(mw.merchant, most, after)
        if len(found) < most:
            return found, Walk()
        return found, Walk(key_of(found[-1]), found[-1].first_seen_at)


def has_time(mw: MarketWorld) -> bool:
    """Whether one more order may be begun."""
    return mw.stores.clock.remaining() >= WORST_CASE_SECONDS
