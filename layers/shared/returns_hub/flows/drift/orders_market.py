"""Orders of Miinto that stalled: accepted there and not at the warehouse, cancelled at the
warehouse, or sent and not told to Miinto. Found among the orders that the hub has in work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from returns_hub.domain.drift.findings import Difference, Said
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.money import Money
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.refunding import amount_of
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    delay_or_fault,
    is_stalled,
    is_young,
    settings_of,
)
from returns_hub.flows.miinto.market_world import MarketWorld

NOT_AT_WAREHOUSE = "orders.accepted_not_at_warehouse"
CANCELLED = "orders.cancelled_at_warehouse"
NOT_TOLD = "orders.despatch_not_told_miinto"
KINDS = frozenset({NOT_AT_WAREHOUSE, CANCELLED, NOT_TOLD})
PAGE = 200
MOST_IN_WORK = 20_000
MOST_READ = 200
"""Stalled orders that are read at the warehouse one by one in a look."""


def applies(world: DriftWorld) -> bool:
    """Whether orders are compared, and the hub makes those of Miinto."""
    miinto = world.world.live.merchant.miinto
    is_live = miinto is not None and miinto.orders.mode is Mode.LIVE
    return settings_of(world).orders and is_live and world.market is not None


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Of every order in work.

    Raises:
        Retryable: More is in work, or has stalled, than a look reads.
    """
    market = world.market
    if market is None:
        return
    read = 0
    for state in orders_in_work(market):
        if state.parked or state.shadow:
            continue
        if state.made_id is None:
            yield from _not_made(state, world)
        elif state.untold:
            yield from _not_told(state, world)
        elif not state.is_sent and is_stalled(state.first_seen_at, world):
            read += 1
            if read > MOST_READ:
                raise Retryable("drift.long_list", "more orders have stalled than one look reads")
            yield from _at_warehouse(state, state.made_id, market, world)


def orders_in_work(market: MarketWorld) -> Iterator[OrderState]:
    """Every order of Miinto that the hub has in work, oldest first.

    Raises:
        Retryable: There are more than a look reads; those that it reads were given.
    """
    after: OrderState | None = None
    for _ in range(MOST_IN_WORK // PAGE):
        page = market.market.orders_in_work(market.merchant, PAGE, after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]
    raise Retryable("drift.long_list", "more orders are in work than one look reads")


def _not_made(state: OrderState, world: DriftWorld) -> Iterator[Difference]:
    since = state.first_seen_at
    if is_young(since, world):
        return
    cause = delay_or_fault(
        since,
        world,
        "the run that makes orders tries it again every five minutes",
        "the warehouse, or the ERP before it, does not take the order",
    )
    yield _difference(
        NOT_AT_WAREHOUSE, state, {"miinto": "accepted", "mintsoft": "no order"}, cause, world
    )


def _not_told(state: OrderState, world: DriftWorld) -> Iterator[Difference]:
    miinto = world.world.live.merchant.miinto
    if miinto is None or miinto.tracking.mode is not Mode.LIVE:
        return
    times = [d.at for d in state.untold if d.at is not None]
    sent = min(times, default=state.first_seen_at)
    if is_young(sent, world):
        return
    parts = ", ".join(d.part for d in state.untold if d.part)
    says = {"mintsoft": f"despatched {parts}".strip(), "miinto": "not told"}
    cause = delay_or_fault(
        sent,
        world,
        "the run that tells of parcels tries it again every five minutes",
        "Miinto does not take the parcel's number",
    )
    yield _difference(NOT_TOLD, state, says, cause, world)


def _at_warehouse(
    state: OrderState, made_id: int, market: MarketWorld, world: DriftWorld
) -> Iterator[Difference]:
    """One that is not sent for long; how long it takes is told by the warehouse's own list."""
    order = market.orders.read_order(made_id)
    if order is not None and order.is_shipped:
        if not is_young(order.despatched_at or order.updated_at, world):
            says = {"mintsoft": "despatched", "hub": "not seen", "miinto": "not told"}
            cause = "the run that follows despatches did not find it, or does not come to its end"
            yield _difference(NOT_TOLD, state, says, cause, world)
        return
    if order is not None and not order.is_cancelled:
        return
    word = "unknown" if order is None else "cancelled"
    yield _difference(
        CANCELLED,
        state,
        {"miinto": "accepted", "mintsoft": word},
        "the warehouse cancelled or deleted it, and the buyer waits",
        world,
    )


def _difference(
    kind: str,
    state: OrderState,
    says: Mapping[str, Said],
    cause: str,
    world: DriftWorld,
) -> Difference:
    shop = slug_of(state.shop)
    return Difference(
        kind=kind,
        subject=f"Miinto order {shop}/{state.id}",
        says=says,
        units=sum(line.quantity for line in state.lines),
        value=_worth(state, world),
        currency=state.currency or "",
        since=state.first_seen_at,
        cause=cause,
        mend=f"hub miinto orders show {shop} {state.id} --merchant {world.merchant}",
    )


def _worth(state: OrderState, world: DriftWorld) -> Decimal | None:
    """What the order's lines cost; None where no source tells whether a price is of a unit."""
    miinto = world.world.live.merchant.miinto
    if miinto is None or state.currency is None:
        return None
    price_is = miinto.transfers.price_is
    amounts = [
        amount_of(line.price, line.quantity, line.quantity, price_is) for line in state.lines
    ]
    told = [amount for amount in amounts if amount is not None]
    if not told or len(told) < len(amounts):
        return None
    return Money(minor=sum(told), currency=state.currency).amount


COMPARISON = Comparison("orders.market", KINDS, applies, differences)
