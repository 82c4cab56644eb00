"""What a seed decides about the marketplace: its manners, the merchant's file, and what happens."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

MINUTE, HOUR = 60.0, 3600.0
DK, SE, RIVAL = "1-m!i!s-045-1234", "1-m!i!s-046-2121", "1-m!i!s-045-9999"
WAREHOUSES = {DK: 3, SE: 4}
MAPPED = ("TEE", "MUG", "CAP", "SOCKS")
UNMAPPED = "HAT"
Part = tuple[str, int]


@dataclass(frozen=True)
class Back:
    """Goods of an order come back, with an RMA of the buyer's or without.

    Args:
        after: Seconds from the order's despatch.
        rma: Whether the buyer makes an RMA.
        whole: All positions, or the first one.
        received: When after the record was made, or after `after` without an RMA, and how the
            goods are: ``good``, ``damaged``, ``short``, ``wrong``.
        panel: When after the RMA somebody decides it in Miinto's panel, and how.
    """

    after: float
    rma: bool = True
    whole: bool = True
    received: tuple[tuple[float, str], ...] = ()
    panel: tuple[float, str] | None = None


@dataclass(frozen=True)
class OfferPlan:
    """A buyer's basket and what becomes of it.

    Args:
        number: Of this plan.
        at: When it is offered.
        shops: To whom.
        in_turn: One after the other, or all at once.
        items: SKU, units.
        cheap: Offered for half its price, which the rule does not accept.
        panel: When after the offer our own people decide it in Miinto's panel.
        rival: When after the offer the rival takes it.
        sent_after: Seconds until the warehouse sends the order; None is never.
        mishap: What the warehouse does besides: ``split``, ``cancelled``.
        back: Goods that come back.
        refund: When after the order was made the store refunds it on its own.
    """

    number: int
    at: float
    shops: tuple[str, ...]
    items: tuple[Part, ...]
    in_turn: bool = False
    cheap: bool = False
    panel: float | None = None
    rival: float | None = None
    sent_after: float | None = 600.0
    mishap: str = ""
    back: tuple[Back, ...] = ()
    refund: float | None = None


@dataclass(frozen=True)
class People:
    """How the merchant's people deal with what is put before them; shares of what they see."""

    looks_every: float = 900.0
    decides_transfers: float = 0.7
    answers: float = 0.9
    against: float = 0.2
    requests: float = 0.8
    before_asked: float = 0.1


@dataclass(frozen=True)
class MarketPlan:
    """The marketplace of one merchant.

    Args:
        merchant: Whose.
        simulator: Settings of Miinto's simulator.
        file: What dice decide of the `miinto:` block of the merchant's file.
        offers: Baskets.
        stock: Warehouse, SKU -> units at the beginning.
        people: The merchant's.
        tells_back: Whether the store tells refunds back that it booked for the hub: ``no``,
            ``named`` with their origin, ``nameless`` without.
        strangers: When the store tells a refund that is of no order of ours, and of which kind.
        channels_end: When every login ends.
    """

    merchant: str
    simulator: dict[str, Any]
    file: dict[str, Any]
    offers: tuple[OfferPlan, ...]
    stock: tuple[tuple[int, str, int], ...]
    people: People = People()
    tells_back: str = "no"
    strangers: tuple[tuple[float, str], ...] = ()
    channels_end: tuple[float, ...] = ()


def market_plan(dice: random.Random, merchant: str, faults_end: float) -> MarketPlan:
    """What one seed decides."""
    count = dice.choice((2, 3, 4, 5))
    return MarketPlan(
        merchant=merchant,
        simulator=_simulator(dice),
        file=_file(dice),
        offers=tuple(_offer(dice, number, faults_end) for number in range(1, count + 1)),
        stock=tuple(
            (warehouse, sku, dice.choice((0, 2, 4, 8)))
            for warehouse in WAREHOUSES.values()
            for sku in MAPPED
        ),
        people=People(
            looks_every=dice.choice((300.0, 900.0, 2700.0)),
            decides_transfers=dice.choice((0.0, 0.7, 1.0)),
            answers=dice.choice((0.5, 1.0)),
            against=dice.choice((0.0, 0.3)),
            requests=dice.choice((0.5, 1.0)),
            before_asked=dice.choice((0.0, 0.2)),
        ),
        tells_back=dice.choice(("no", "named", "nameless")),
        strangers=_strangers(dice, faults_end),
        channels_end=tuple(dice.uniform(0, faults_end) for _ in range(dice.choice((0, 0, 1, 3)))),
    )


def _simulator(dice: random.Random) -> dict[str, Any]:
    return {
        "channel_seconds": dice.choice((3600.0, 3600.0, 400.0)),
        "expired_status": dice.choice((200, 401)),
        "login_ends_old": dice.random() < 0.2,
        "login_failure_status": dice.choice((200, 401)),
        "conflict_status": dice.choice((200, 409)),
        "invalid_status": dice.choice((200, 400, 422)),
        "offer_seconds": dice.choice((0.0, 0.0, 1800.0, 5400.0)),
        "numbers": dice.choice(("per_market", "global")),
        "price_is": dice.choice(("unit", "line")),
        "currency_case": dice.choice(("upper", "lower", "title")),
        "gtins": dice.random() < 0.7,
        "returned_quantity": dice.choice(("kept", "zero")),
        "label_field": dice.choice(("", "label.url")),
        "unsorted": dice.choice(("newest", "oldest")),
        "list_order": dice.choice(("steady", "steady", "shifting")),
        "list_duplicates": dice.random() < 0.3,
        "total_count": dice.random() < 0.8,
        "filter_heeded": dice.random() < 0.8,
        "rma_dialect": dice.choice(("a", "b")),
        "mixed_rma": dice.choice(("accepted", "mixed")),
        "order_position_ids": dice.random() < 0.8,
        "reason_required": dice.random() < 0.5,
        "request_accepted": dice.choice(("at_once", "later", "later", "never")),
        "second_request": dice.choice(("accepted", "refused")),
        "requests_listed": dice.random() < 0.8,
        "refund_seconds": dice.choice((0.0, 40.0)),
        "held": ("transfer", "rma", "request", "tracking", "stock"),
        "holds_decisions": dice.choice(("no", "no", "done", "lost", "either")),
        "held_seconds": 1.0,
    }


def _file(dice: random.Random) -> dict[str, Any]:
    confirm = dice.choice(
        (
            {},
            {},
            {"processing": "unless_matched", "rejecting": True},
            {"processing": "unless_matched", "rejecting": False},
        )
    )
    return {
        "page_size": dice.choice((2, 50)),
        "channel_minutes": dice.choice((5, 50)),
        "automatic": dice.random() < 0.8,
        "otherwise": dice.choice(("leave", "leave", "decline")),
        "stock_kept_back": dice.choice((0, 0, 1)),
        "overlap_minutes": dice.choice((5, 120)),
        "tracking": dice.random() < 0.6,
        "stock": dice.random() < 0.6,
        "confirm": confirm,
        "requests": dice.choice(("off", "ask", "automatic", "automatic")),
        "from_store": dice.choice(("ask", "automatic", "automatic")),
    }


def _offer(dice: random.Random, number: int, faults_end: float) -> OfferPlan:
    shops = dice.choice(((DK,), (DK,), (SE,), (DK, RIVAL), (RIVAL, DK)))
    skus = dice.sample((*MAPPED, *MAPPED, *MAPPED, UNMAPPED), dice.choice((1, 1, 2)))
    items = tuple((sku, dice.choice((1, 2))) for sku in dict.fromkeys(skus))
    # Our own people take it in the panel, at times at the very moment that the hub decides.
    panel = dice.choice((0.5, dice.uniform(0, 400))) if dice.random() < 0.2 else None
    rival = dice.uniform(0, 900) if RIVAL in shops and dice.random() < 0.5 else None
    return OfferPlan(
        number=number,
        at=dice.uniform(0, 0.4 * faults_end),
        shops=shops,
        items=items,
        in_turn=dice.random() < 0.4,
        cheap=dice.random() < 0.1,
        panel=panel,
        rival=rival,
        sent_after=dice.choice((30.0, 600.0, 600.0, 2400.0)) if dice.random() < 0.9 else None,
        mishap=dice.choice(("",) * 10 + ("split", "cancelled")),
        back=_back(dice),
        refund=dice.choice((60.0, 900.0, 3600.0)) if dice.random() < 0.3 else None,
    )


def _back(dice: random.Random) -> tuple[Back, ...]:
    roll = dice.random()
    if roll < 0.1:
        return ()
    with_rma = roll < 0.7
    back = Back(
        after=dice.choice((60.0, 600.0, 2000.0)),
        rma=with_rma,
        whole=dice.random() < 0.6,
        received=_received(dice, with_rma),
        panel=_panel(dice) if with_rma else None,
    )
    if dice.random() < 0.3:
        # The other kind as well, of the same order.
        other = Back(
            after=back.after + dice.uniform(0, 3000),
            rma=not with_rma,
            received=_received(dice, not with_rma),
        )
        return back, other
    return (back,)


def _panel(dice: random.Random) -> tuple[float, str] | None:
    if dice.random() >= 0.2:
        return None
    return dice.choice((20.0, 700.0, 3000.0)), dice.choice(("accept", "accept", "decline"))


def _received(dice: random.Random, with_rma: bool) -> tuple[tuple[float, str], ...]:
    first = dice.choice((30.0, 5 * MINUTE, 40 * MINUTE)) if with_rma else 0.0
    how = dice.choice(("good",) * 4 + ("damaged", "damaged", "short", "wrong"))
    if with_rma and dice.random() < 0.15:
        return ()
    if how == "short" and dice.random() < 0.5:
        return (first, "short"), (first + dice.uniform(60, HOUR), "good")
    return ((first, how),)


def _strangers(dice: random.Random, faults_end: float) -> tuple[tuple[float, str], ...]:
    kinds = ("another shop's", "unknown", "not JSON", "made up origin")
    if dice.random() < 0.6:
        return ()
    return tuple((dice.uniform(0, faults_end), dice.choice(kinds)) for _ in range(2))
