"""What a seed decides about the portal's webhook, and about what operators do."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

MINUTE, HOUR = 60.0, 3600.0
Echo = Literal["shown", "masked"]
HARMS = ("lost", "url", "token", "no token", "dialect", "twin")
"""What somebody does to the subscription in the portal; a twin is one more at our address."""
HOSTILE = (
    "wrong token",
    "no token",
    "another merchant's token",
    "unknown merchant",
    "not by POST",
    "too large",
    "not JSON",
    "names no return",
    "deep",
    "an old one again",
)
STRANGERS = frozenset({"wrong token", "no token", "another merchant's token", "unknown merchant"})
"""Those whose token is not the merchant's."""
UNUSABLE = frozenset({"too large", "not JSON", "names no return", "deep"})
"""Those that have the right token, and are no delivery."""
FOUND_BY = ("catch-up", "catch-up", "backfill", "webhook", "webhook")


@dataclass(frozen=True)
class WebhookPlan:
    """How the portal tells of its returns, and what goes wrong with that.

    Args:
        drop: Share of deliveries that are never sent; where somebody else finds the returns.
        double: Share that is sent twice.
        delay: Share that comes late.
        stale: Share after which the state of before is sent once more.
        burst_days: A new subscription is told of so many days.
        echo: What the portal shows of a subscription's token.
        lost: Share of requests to the door that do not arrive.
        answer_lost: Share of its answers that do not.
        down: When nobody is at the door, in seconds from and to.
        harms: When somebody does what to the subscription.
        hostile: When somebody else knocks, and how.
        rotations: When the token is changed.
        replays: When an operator has everything told again.
        waits: Number of a return -> seconds that it waits for its approval.
        found_by: Who finds what was not told: catch-up, a backfill in the end, or nobody.
    """

    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    stale: float = 0.0
    burst_days: float = 0.0
    echo: Echo = "shown"
    lost: float = 0.0
    answer_lost: float = 0.0
    down: tuple[tuple[float, float], ...] = ()
    harms: tuple[tuple[float, str], ...] = ()
    hostile: tuple[tuple[float, str], ...] = ()
    rotations: tuple[float, ...] = ()
    replays: tuple[float, ...] = ()
    waits: tuple[tuple[int, float], ...] = ()
    found_by: str = "webhook"


@dataclass(frozen=True)
class Act:
    """An operator puts a return into a status, or comments on it (an empty status)."""

    at: float
    number: int
    status: str = ""


@dataclass(frozen=True)
class OperatorPlan:
    """What an operator does with the `hub` command.

    Args:
        acts: On single returns.
        backfills: When one is begun, and what it looks for: a window, ids, or a status.
        sees_to: When what is in the warehouse's list is seen to.
    """

    acts: tuple[Act, ...] = ()
    backfills: tuple[tuple[float, str], ...] = ()
    sees_to: tuple[float, ...] = ()


def webhook_plan(dice: random.Random, numbers: list[int], faults_end: float) -> WebhookPlan:
    """What one seed decides about its webhook; it may be all calm."""
    found_by = dice.choice(FOUND_BY)
    if dice.random() < 0.1:
        return WebhookPlan(found_by=found_by)
    echo: Echo = dice.choice(("shown", "shown", "shown", "masked"))
    # A token that is not shown cannot be seen to be altered.
    harms = [how for how in HARMS if echo == "shown" or how not in {"token", "no token"}]
    begins = dice.uniform(0, faults_end)
    down = ((begins, begins + dice.choice((20.0, 300.0, HOUR))),) if dice.random() < 0.4 else ()
    return WebhookPlan(
        drop=0.3 if found_by != "webhook" and dice.random() < 0.8 else 0.0,
        double=dice.choice((0.0, 0.3)),
        delay=dice.choice((0.0, 0.3)),
        stale=dice.choice((0.0, 0.3)),
        burst_days=dice.choice((0.0, 0.0, 11.0)),
        echo=echo,
        lost=dice.choice((0.0, 0.1)),
        answer_lost=dice.choice((0.0, 0.1)),
        down=tuple((begin, min(end, faults_end)) for begin, end in down),
        harms=tuple((at, dice.choice(harms)) for at in _some(dice, faults_end, 0.6, 3)),
        hostile=tuple((at, dice.choice(HOSTILE)) for at in _some(dice, faults_end, 0.7, 6)),
        rotations=_some(dice, faults_end, 0.4, 2),
        replays=_some(dice, faults_end, 0.2, 1),
        waits=tuple(
            (number, dice.uniform(60, 0.5 * HOUR)) for number in numbers if dice.random() < 0.2
        ),
        found_by=found_by,
    )


def operator_plan(dice: random.Random, numbers: list[int], faults_end: float) -> OperatorPlan:
    """What one seed's operator does."""
    words = ("", "", "complete", "rejected", "open", "flagged", "deleted")
    kinds = ("window", "window", "ids", "status")
    return OperatorPlan(
        acts=tuple(
            Act(at, dice.choice(numbers), dice.choice(words))
            for at in _some(dice, 2 * faults_end, 0.8, 5)
        ),
        backfills=tuple((at, dice.choice(kinds)) for at in _some(dice, 1.5 * faults_end, 0.5, 2)),
        sees_to=_some(dice, 3 * faults_end, 0.5, 3),
    )


def _some(dice: random.Random, until: float, share: float, most: int) -> tuple[float, ...]:
    """For a share of the seeds up to so many moments, in order."""
    if dice.random() >= share:
        return ()
    return tuple(sorted(dice.uniform(0, until) for _ in range(dice.randint(1, most))))
