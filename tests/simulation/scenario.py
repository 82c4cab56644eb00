"""What one seed decides: the tenant, the merchants, the returns, and everything that goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from returns_hub.domain.policy import PRESETS
from tests.simulation.market_plans import MarketPlan, market_plan
from tests.simulation.plans import OperatorPlan, WebhookPlan, operator_plan, webhook_plan

MINUTE, HOUR = 60.0, 3600.0
STARTS = (
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    datetime(2026, 6, 30, 21, 30, tzinfo=UTC),
    # An hour in which London's clocks go on, and one in which they go back.
    datetime(2026, 3, 29, 0, 20, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 20, tzinfo=UTC),
)
SKUS = ("TEE", "MUG", "CAP", "SOCKS")
Goods = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class AwsFaults:
    """How often what of AWS goes wrong; rates are of requests, messages or deliveries."""

    throttled: float = 0.0
    answer_lost: float = 0.0
    applied_twice: float = 0.0
    stale_seconds: float = 0.0
    delivered_twice: float = 0.0
    delete_lost: float = 0.0
    visibility_lapses: float = 0.0
    ticks_twice: float = 0.0
    invocation_killed: float = 0.0


@dataclass(frozen=True)
class PartnerFaults:
    """How often a partner misbehaves, when it is away altogether, and how far its clock is off."""

    rate: float = 0.0
    slow: float = 0.0
    outages: tuple[tuple[float, float], ...] = ()
    clock_off: float = 0.0
    stale_seconds: float = 0.0


@dataclass(frozen=True)
class Process:
    """What befalls our own processes, at any I/O."""

    crash: float = 0.0
    pause: float = 0.0
    pause_seconds: float = 0.0
    outlives_timeout: bool = False
    clocks_differ: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line of a return."""

    sku: str
    green: bool = False
    group: str = "a"
    quantity: int = 1


@dataclass(frozen=True)
class ReturnPlan:
    """One return: when it is approved, how its message travels, and what becomes of the goods."""

    number: int
    merchant: str
    approved_at: float
    lines: tuple[Line, ...]
    message_delays: tuple[float, ...]
    with_body: bool
    received: tuple[tuple[float, Goods | None], ...]
    closed_by_team_at: float | None = None
    merged_at: float | None = None
    closed_as: Literal["complete", "rejected", "deleted"] = "complete"
    reopened_at: float | None = None
    team_is_heard: bool = False
    delivered_at: float | None = None

    @property
    def return_id(self) -> str:
        """The return's id in the portal."""
        return f"66aa01f0c0ffee00{self.number:08d}"


@dataclass(frozen=True)
class Scenario:
    """Everything that a seed decided."""

    seed: int
    start: datetime
    merchants: tuple[str, ...] = ("alpha",)
    authentication: Literal["api_key", "login"] = "api_key"
    returns_list: Literal["absent", "honoured", "ignores_filter"] = "absent"
    by_date: Literal["updated", "created"] = "updated"
    lists_drift: bool = False
    items_in_lists: bool = True
    index_delay: float = 0.0
    proven: bool = True
    processing_seconds: float = 30.0
    returns: tuple[ReturnPlan, ...] = ()
    aws: AwsFaults = field(default_factory=AwsFaults)
    redo: PartnerFaults = field(default_factory=PartnerFaults)
    mintsoft: PartnerFaults = field(default_factory=PartnerFaults)
    process: Process = field(default_factory=Process)
    key_troubles: tuple[float, ...] = ()
    replays_at: tuple[float, ...] = ()
    faults_end: float = 2 * HOUR
    catch_up: bool = False
    policy: dict[str, Any] = field(default_factory=dict)
    reasons: tuple[int, ...] = ()
    watched: bool = False
    webhook: WebhookPlan | None = None
    operator: OperatorPlan | None = None
    miinto: PartnerFaults = field(default_factory=PartnerFaults)
    market: MarketPlan | None = None


MARKET_EVERY, MARKET_FIRST = 4, 3
"""Every fourth seed has the marketplace as well, so that all others live as they did before."""


def scenario(seed: int) -> Scenario:
    """What this seed decides."""
    told = _with_policy(_with_following(_with_catch_up(scenario_all_told(seed))))
    return _with_the_marketplace(_with_an_operator(_with_a_webhook(told)))


def _with_the_marketplace(decided: Scenario) -> Scenario:
    """For every fourth seed: the first merchant sells at Miinto, beside all else."""
    if decided.seed % MARKET_EVERY != MARKET_FIRST:
        return decided
    dice = random.Random(f"market {decided.seed}")
    plan = market_plan(dice, decided.merchants[0], decided.faults_end)
    calm = decided.aws == AwsFaults()
    faults = PartnerFaults() if calm else partner_faults(dice, decided.faults_end)
    return replace(decided, market=plan, miinto=faults)


def _with_a_webhook(decided: Scenario) -> Scenario:
    """For half of the seeds: the portal's webhook tells of the returns, and not the test."""
    dice = random.Random(f"webhook {decided.seed}")
    if dice.random() < 0.5:
        return decided
    numbers = [plan.number for plan in decided.returns]
    plan = webhook_plan(dice, numbers, decided.faults_end)
    returns = tuple(replace(plan, message_delays=()) for plan in decided.returns)
    catch_up = plan.found_by == "catch-up"
    return replace(decided, webhook=plan, catch_up=catch_up, returns=returns)


def _with_an_operator(decided: Scenario) -> Scenario:
    """For half of the seeds: an operator acts on returns and looks through the past."""
    dice = random.Random(f"operator {decided.seed}")
    if dice.random() < 0.5:
        return decided
    numbers = [plan.number for plan in decided.returns]
    plan = operator_plan(dice, numbers, decided.faults_end)
    return replace(decided, operator=plan)


def _with_policy(decided: Scenario) -> Scenario:
    """For half of the seeds: a decision table of the merchant's own, and goods in all conditions.

    `reasons` are those that the warehouse gives its rows, in turn.
    """
    dice = random.Random(f"policy {decided.seed}")
    if dice.random() < 0.5:
        return decided
    policy: dict[str, Any] = {
        "preset": dice.choice(sorted(PRESETS)),
        "complete_when": dice.choice(("each_line", "each_line", "all_shipments")),
        "wait_seconds": dice.choice((0, 0, 45, 900)),
        "hold_hours": dice.choice((1, 3, 336)),
        "after_hold": dice.choice(("flag", "ask")),
        "note_differences": dice.random() < 0.8,
    }
    if dice.random() < 0.5:
        careful = ("process", "process_no_restock", "reject", "hold", "flag", "ask")
        policy["lines"] = {
            "short": dice.choice((*careful[:1], "process_share", *careful[2:])),
            "damaged": dice.choice(careful),
            "missing": dice.choice(("reject", "hold", "ask")),
        }
        policy["extras"] = {"wrong_sku": dice.choice(("go_on", "flag", "ask"))}
    if dice.random() < 0.2:
        policy["limits"] = {"most_units": dice.choice((1, 3)), "above": "ask"}
    returns = tuple(
        replace(
            plan,
            lines=tuple(replace(line, quantity=dice.choice((1, 1, 2, 3))) for line in plan.lines),
        )
        for plan in decided.returns
    )
    reasons = tuple(dice.choice((1, 1, 2, 3)) for _ in range(5))
    return replace(decided, policy=policy, returns=returns, reasons=reasons)


def _with_following(decided: Scenario) -> Scenario:
    """For half of the seeds: what is due is looked at, and the team acts more."""
    dice = random.Random(f"following {decided.seed}")
    if dice.random() < 0.5:
        return decided
    returns = tuple(_followed(dice, plan) for plan in decided.returns)
    return replace(decided, watched=True, returns=returns)


def _followed(dice: random.Random, plan: ReturnPlan) -> ReturnPlan:
    """The plan, with deliveries, and with closings that are told and taken back again."""
    delivered_at = plan.approved_at + dice.uniform(0, HOUR) if dice.random() < 0.5 else None
    told = replace(plan, team_is_heard=True, delivered_at=delivered_at)
    if dice.random() < 0.6:
        return told
    closed_at = plan.approved_at + dice.uniform(0, 1.5 * HOUR)
    return replace(
        told,
        closed_by_team_at=closed_at,
        closed_as=dice.choice(("complete", "rejected", "deleted")),
        reopened_at=closed_at + dice.uniform(60, HOUR) if dice.random() < 0.6 else None,
    )


def _with_catch_up(decided: Scenario) -> Scenario:
    """For half of the seeds: catch-up, and messages that are never sent."""
    seed = decided.seed
    # Dice of its own, so that what other seeds found before stays found.
    dice = random.Random(f"catch-up {seed}")
    if dice.random() < 0.5:
        return decided
    returns = tuple(
        replace(plan, message_delays=()) if dice.random() < 0.3 else plan
        for plan in decided.returns
    )
    return replace(decided, catch_up=True, returns=returns)


def scenario_all_told(seed: int) -> Scenario:
    """What this seed decides, but for messages that are never sent."""
    dice = random.Random(seed)
    merchants = ("alpha", "beta") if dice.random() < 0.2 else ("alpha",)
    faults_end = dice.uniform(0.5, 2.0) * HOUR
    returns = tuple(
        _return(dice, number, dice.choice(merchants), faults_end)
        for number in range(1, dice.choice((1, 1, 2, 2, 3, 4)) + 1)
    )
    calm = dice.random() < 0.05
    return Scenario(
        seed=seed,
        start=dice.choice(STARTS),
        merchants=merchants,
        authentication=dice.choice(("api_key", "login")),
        returns_list=dice.choice(("absent", "honoured", "ignores_filter")),
        by_date=dice.choice(("updated", "updated", "created")),
        lists_drift=dice.random() < 0.3,
        items_in_lists=dice.random() < 0.8,
        index_delay=dice.choice((0.0, 0.0, 20.0, 100.0)),
        proven=dice.random() < 0.7,
        processing_seconds=dice.choice((0.5, 30.0, 200.0)),
        returns=returns,
        aws=AwsFaults() if calm else _aws(dice),
        redo=PartnerFaults() if calm else partner_faults(dice, faults_end),
        mintsoft=PartnerFaults() if calm else partner_faults(dice, faults_end),
        process=Process() if calm else _process(dice),
        key_troubles=_moments(dice, faults_end, 2) if dice.random() < 0.25 else (),
        replays_at=_moments(dice, 3 * faults_end, 3) if dice.random() < 0.4 else (),
        faults_end=faults_end,
    )


def _moments(dice: random.Random, until: float, most: int) -> tuple[float, ...]:
    return tuple(sorted(dice.uniform(0, until) for _ in range(dice.randint(1, most))))


def _return(dice: random.Random, number: int, merchant: str, faults_end: float) -> ReturnPlan:
    groups = ("a", "b") if dice.random() < 0.3 else ("a",)
    lines = tuple(
        Line(dice.choice(SKUS), dice.random() < 0.1, dice.choice(groups))
        for _ in range(dice.choice((1, 1, 2, 3)))
    )
    approved_at = dice.uniform(0, 0.5 * faults_end)
    copies = dice.choice((1, 1, 1, 2, 3))
    closes = dice.random() < 0.08
    return ReturnPlan(
        number=number,
        merchant=merchant,
        approved_at=approved_at,
        lines=lines,
        message_delays=tuple(dice.choice((0.1, 2.0, 90.0, 1500.0)) for _ in range(copies)),
        with_body=dice.random() < 0.4,
        received=_received(dice),
        closed_by_team_at=approved_at + dice.uniform(0, HOUR) if closes else None,
        merged_at=approved_at + dice.uniform(0, HOUR) if dice.random() < 0.1 else None,
    )


def _received(dice: random.Random) -> tuple[tuple[float, Goods | None], ...]:
    """Confirmations of each of the return's records: seconds after it was made, and the goods."""
    first = dice.choice((30.0, 5 * MINUTE, 40 * MINUTE))
    roll = dice.random()
    if roll < 0.55:
        return ((first, None),)
    if roll < 0.65:
        return ((first, ((dice.choice(SKUS), 1),)),)
    if roll < 0.72:
        return ((first, (("UNHEARD-OF", 1),)),)
    if roll < 0.80:
        return ((first, tuple((sku, 2) for sku in SKUS)),)
    if roll < 0.92:
        return ((first, ((dice.choice(SKUS), 1),)), (first + dice.uniform(60, HOUR), None))
    return ()


def _aws(dice: random.Random) -> AwsFaults:
    def some(most: float) -> float:
        return dice.choice((0.0, dice.uniform(0, most)))

    return AwsFaults(
        throttled=some(0.05),
        answer_lost=some(0.03),
        applied_twice=some(0.10),
        stale_seconds=some(3.0),
        delivered_twice=some(0.3),
        delete_lost=some(0.3),
        visibility_lapses=some(0.3),
        ticks_twice=some(0.4),
        invocation_killed=some(0.05),
    )


def partner_faults(dice: random.Random, faults_end: float) -> PartnerFaults:
    """One partner's manners."""
    outages = []
    if dice.random() < 0.3:
        begins = dice.uniform(0, faults_end)
        outages.append((begins, min(begins + dice.uniform(60, HOUR), faults_end)))
    return PartnerFaults(
        rate=dice.choice((0.0, 0.05, 0.2, 0.5)),
        slow=dice.choice((0.0, 0.1)),
        outages=tuple(outages),
        clock_off=dice.choice((0.0, -120.0, 120.0)),
        stale_seconds=dice.choice((0.0, 0.0, 15.0)),
    )


def _process(dice: random.Random) -> Process:
    return Process(
        crash=dice.choice((0.0, 0.005, 0.02)),
        pause=dice.choice((0.0, 0.0, 0.01)),
        pause_seconds=dice.choice((20.0, 100.0, 400.0)),
        outlives_timeout=dice.random() < 0.5,
        clocks_differ=dice.choice((0.0, 2.0)),
    )
