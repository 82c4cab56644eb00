"""What a seed decides about a merchant whose five systems are held against each other."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.simulation.erp_plans import (
    CODES,
    STOCKED,
    Count,
    ErpPlan,
    Goods,
    Making,
    Move,
    Purchase,
    Sale,
    erp_plan,
)
from tests.simulation.market_plans import DK, SE, Back, MarketPlan, OfferPlan, market_plan
from tests.simulation.scenario import Line, ReturnPlan

MINUTE, HOUR = 60.0, 3600.0
DAY = 24 * HOUR
OPENS, CLOSES = 1 * HOUR, 11 * HOUR
"""When the merchant's people work, from a day's begin."""
SLOW = 0.8
"""Share of the seeds whose rules have their turn hours apart."""
Change = Literal["", "cancelled", "edited"]


@dataclass(frozen=True)
class ShopOrder:
    """An order of the shop's that Mintsoft itself took in, and what becomes of it.

    Args:
        number: Of this plan.
        at: When it comes.
        warehouse: Mintsoft's id.
        goods: SKU, units.
        sent_after: Seconds until it leaves, or its parts do.
        parts: It leaves in two parcels.
        change: What its buyer does, `change_after` it came; it is told upstream.
    """

    number: int
    at: float
    warehouse: int
    goods: Goods
    sent_after: float = HOUR
    parts: bool = False
    change: Change = ""
    change_after: float = 10 * MINUTE


@dataclass(frozen=True)
class DriftPlan:
    """A merchant's days.

    Args:
        days: How many.
        erp: What happens with Unleashed, and its settings.
        market: What happens at Miinto.
        shop: Orders of the shop's.
        returns: Of the portal's.
        period: Least and most seconds between two ticks of a rule. They are further apart than in
            the template, so that more is on its way when somebody looks.
        wair: Settings of WAIR's simulator.
        relay: Of the channel that despatches are told to.
        blocks: Changes to blocks of the merchant's file.
        joined: Whether both warehouses are one location of WAIR's.
        catch_up: Whether the hub looks for returns that nobody told of.
        quiet: Seconds that nothing happens at the end.
    """

    days: int
    erp: ErpPlan
    market: MarketPlan
    shop: tuple[ShopOrder, ...] = ()
    returns: tuple[ReturnPlan, ...] = ()
    period: tuple[float, float] = (600.0, 5400.0)
    wair: dict[str, Any] = field(default_factory=dict)
    relay: dict[str, Any] = field(default_factory=dict)
    blocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    joined: bool = False
    catch_up: bool = True
    quiet: float = 4 * HOUR


def busy_days(seed: int, days: int) -> DriftPlan:
    """Days on which much happens and nothing is wrong."""
    dice = random.Random(f"drift {seed}")
    # Between two looks every rule has its turn.
    is_slow = dice.random() < SLOW
    period = (2.5 * HOUR, 5 * HOUR) if is_slow else (20 * MINUTE, 2 * HOUR)
    minutes = 4 * 60 if is_slow else 60
    every = dice.choice((8, 12)) if is_slow else dice.choice((3, 6))
    plan = DriftPlan(
        days=days,
        erp=_erp(dice, days),
        market=_market(dice, days),
        shop=_shop(dice, days),
        returns=_returns(dice, days),
        period=period,
        wair=_wair(dice),
        relay={"again": dice.choice(("success", "conflict"))},
        blocks={
            "drift": {
                "every_hours": every,
                "look_back_days": 3,
                "grace_minutes": dice.choice((60, 60, 90, 180)),
                "stalled_after_hours": dice.choice((24, 48)),
            },
            "lint": {"every_hours": dice.choice((6, 24))},
            "wair": {"full_every_hours": dice.choice((12, 24)), "every_minutes": minutes},
            "unleashed": {
                **_flows_off(dice),
                "stock": {"every_minutes": minutes},
                "products": {"every_minutes": minutes},
            },
        },
        joined=dice.random() < 0.3,
        catch_up=dice.random() < 0.7,
    )
    off = plan.blocks["unleashed"]
    of_off = {"receipts": "purchases", "transfers": "moves", "assemblies": "makings"}
    nothing: dict[str, Any] = {of_off[name]: () for name in off if name in of_off}
    plan = replace(plan, erp=replace(plan.erp, **nothing))
    if not plan.catch_up:
        told = tuple(replace(one, message_delays=(1.0,)) for one in plan.returns)
        plan = replace(plan, returns=told)
    return plan


def quiet_day() -> DriftPlan:
    """A merchant with everything, and nothing that happens: somebody plants something."""
    plan = busy_days(1, 1)
    nothing: dict[str, Any] = dict.fromkeys(("sales", "purchases", "moves", "makings"), ())
    return replace(
        plan,
        erp=replace(plan.erp, **nothing, counts=(), edits=(), opening=(), answers=0.0),
        market=replace(plan.market, offers=()),
        shop=(),
        returns=(),
        joined=False,
    )


def _flows_off(dice: random.Random) -> dict[str, Any]:
    """Not every merchant has every flow on."""
    off: list[str] = []
    off += ["purchase_orders", "receipts"] if dice.random() < 0.4 else []
    off += [name for name in ("transfers", "assemblies") if dice.random() < 0.6]
    return {name: {"mode": "off"} for name in off}


def _wair(dice: random.Random) -> dict[str, Any]:
    return {
        "dialect": dice.choice(("other", "other", "documented")),
        "batch_answer": dice.choice(("id", "empty", "text")),
        "start_while_open": dice.choice(("ignore", "refuse")),
        "stop_when_closed": dice.choice(("refuse", "ignore")),
        "page_end": dice.choice(("told", "not_told")),
        "full_load": dice.choice(("replaces", "ignored")),
        "token_seconds": dice.choice((3600, 900)),
    }


def _moment(dice: random.Random, days: int) -> float:
    return dice.randrange(days) * DAY + dice.uniform(OPENS, CLOSES)


def _many(dice: random.Random, days: int, least: int, most: int) -> int:
    return sum(dice.randint(least, most) for _ in range(days))


def _goods(dice: random.Random, most: int = 2) -> Goods:
    chosen = dice.sample(STOCKED, dice.choice((1, 1, 2)))
    return tuple((sku, dice.randint(1, most)) for sku in chosen)


def _later(dice: random.Random) -> float:
    return dice.choice((5 * MINUTE, 40 * MINUTE, 2 * HOUR, 5 * HOUR, 16 * HOUR))


# -- Unleashed ----------------------------------------------------------------------------------


def _erp(dice: random.Random, days: int) -> ErpPlan:
    plan = erp_plan(dice, "alpha", days * DAY)
    stock = {
        **plan.block["stock"],
        "settle_minutes": dice.choice((0, 30)),
        "lines_per_adjustment": 100,
    }
    despatches = plan.block["despatches"] | {"shipping_companies": {"DHL Parcel Connect": "DPD"}}
    block = plan.block | {"page_size": 200, "catalogue_page_size": 1000}
    block |= {"stock": stock, "despatches": despatches}
    places = (*CODES, "MAIN")
    return replace(
        plan,
        block=block,
        simulator=plan.simulator | {"drift": "no"},
        sales=tuple(
            Sale(
                number,
                _moment(dice, days),
                dice.choice(places),
                _goods(dice),
                sent=dice.choice(("whole", "whole", "whole", "parts", "held then whole")),
                sent_after=_later(dice) / 2,
            )
            for number in range(1, 1 + _many(dice, days, 1, 4))
        ),
        purchases=tuple(
            Purchase(
                number,
                _moment(dice, days),
                dice.choice(places),
                _goods(dice, 8),
                booked=dice.choice(("as announced", "as announced", "in parts", "short", "over")),
                booked_after=_later(dice) / 2.5,
            )
            for number in range(1, 1 + _many(dice, days, 0, 2))
        ),
        moves=tuple(
            Move(
                number,
                _moment(dice, days),
                *dice.choice((("MAIN", "3PL"), ("3PL", "MAIN"))),
                _goods(dice),
                sent_after=_later(dice) / 2,
                booked_after=_later(dice),
            )
            for number in range(1, 1 + _many(dice, days, 0, 1))
        ),
        makings=tuple(
            Making(
                number,
                _moment(dice, days),
                dice.randint(1, 2),
                sent_after=_later(dice) / 2,
                booked_after=_later(dice) / 2,
            )
            for number in range(1, 1 + _many(dice, days, 0, 1))
        ),
        counts=tuple(
            Count(
                _moment(dice, days),
                dice.choice(("warehouse", "warehouse", "unleashed")),
                dice.choice(tuple(CODES)),
                dice.choice(STOCKED),
                dice.choice((-3, -1, 2, 6)),
            )
            for _ in range(_many(dice, days, 0, 3))
        ),
        edits=tuple(one for one in plan.edits),
        answers=1.0,
        looks_every=2 * HOUR,
    )


# -- Miinto -------------------------------------------------------------------------------------


def _market(dice: random.Random, days: int) -> MarketPlan:
    plan = market_plan(dice, "alpha", days * DAY)
    calm = {"holds_decisions": "no", "offer_seconds": 0.0, "login_ends_old": False}
    file = {"page_size": 50, "channel_minutes": 50, "automatic": True, "stock": True}
    return replace(
        plan,
        simulator=plan.simulator | calm,
        file=plan.file | file | {"tracking": True},
        offers=tuple(
            _offer(dice, number, _moment(dice, days))
            for number in range(1, 1 + _many(dice, days, 1, 3))
        ),
        stock=(),
        people=replace(plan.people, looks_every=HOUR, decides_transfers=1.0, answers=1.0),
        strangers=(),
        channels_end=(),
    )


def _offer(dice: random.Random, number: int, at: float) -> OfferPlan:
    back: tuple[Back, ...] = ()
    if dice.random() < 0.4:
        how = dice.choice(("good", "good", "damaged", "short"))
        received = ((dice.choice((10 * MINUTE, 3 * HOUR)), how),)
        back = (Back(dice.choice((HOUR, 6 * HOUR)), whole=dice.random() < 0.7, received=received),)
    return OfferPlan(
        number=number,
        at=at,
        shops=(dice.choice((DK, SE)),),
        items=_goods(dice),
        sent_after=_later(dice),
        mishap=dice.choice(("", "", "", "", "split")),
        back=back,
        refund=None,
    )


# -- the shop and the portal --------------------------------------------------------------------


def _shop(dice: random.Random, days: int) -> tuple[ShopOrder, ...]:
    changes: tuple[Change, ...] = ("", "", "", "", "cancelled", "edited")
    return tuple(
        ShopOrder(
            number,
            _moment(dice, days),
            dice.choice(tuple(CODES.values())),
            _goods(dice),
            sent_after=_later(dice),
            parts=dice.random() < 0.2,
            change=dice.choice(changes),
            change_after=dice.choice((MINUTE, 20 * MINUTE, 3 * HOUR)),
        )
        for number in range(1, 1 + _many(dice, days, 2, 5))
    )


def _returns(dice: random.Random, days: int) -> tuple[ReturnPlan, ...]:
    found = []
    for number in range(1, 1 + _many(dice, days, 1, 3)):
        groups = ("a", "b") if dice.random() < 0.2 else ("a",)
        lines = tuple(
            Line(dice.choice(STOCKED), group=dice.choice(groups), quantity=dice.choice((1, 1, 2)))
            for _ in range(dice.choice((1, 1, 2)))
        )
        at = _moment(dice, days)
        never = dice.random() < 0.15
        found.append(
            ReturnPlan(
                number,
                "alpha",
                at,
                lines,
                message_delays=() if dice.random() < 0.5 else (dice.choice((0.1, 90.0)),),
                with_body=dice.random() < 0.4,
                received=() if never else ((_later(dice), None),),
                delivered_at=None if never or dice.random() < 0.5 else at + 20 * MINUTE,
                team_is_heard=True,
            )
        )
    return tuple(found)
