"""A day of many merchants: what arrives, what waits, and for how long.

A model, in steps of ten seconds. Each merchant's returns arrive by lot at the hour's rate. What can
be announced in a step is bounded by the merchant's own pace at each partner, by a limit that all
merchants share (one warehouse account), and by the environments that work at the same time, which
are shared in proportion to what waits. Within a merchant the older goes first; SQS keeps no order,
so single returns wait shorter or longer than told, the mean does not change.

What it cannot know is measured: how much of a pace a backlog uses (`tests/simulation/pressure.py`,
the real code after an outage), and what an environment announces a second (`bench.throughput`).
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

STEP = 10
"""Seconds."""
DAY = 86_400
HOURS = (
    *(0.6, 0.4, 0.3, 0.2, 0.2, 0.4, 1.0, 2.2, 4.0, 5.5, 6.2, 6.4),
    *(6.6, 6.2, 5.8, 5.6, 5.8, 6.4, 7.4, 8.2, 8.0, 6.2, 4.0, 2.4),
)
"""Share of a day's returns in each hour, in hundredths: assumed; people return in the evening."""


@dataclass(frozen=True)
class Partner:
    """A pace that bounds announcing.

    Args:
        per_second: Requests a second, of each merchant or of all together.
        calls: Requests for a return until it is announced.
        besides: Requests a second that other work of the same merchant takes of it.
        efficiency: Which part of the pace a backlog uses: waiting turns are drawn by lot.
    """

    per_second: float
    calls: float
    besides: float = 0.0
    efficiency: float = 1.0

    @property
    def returns_per_second(self) -> float:
        """Returns that the pace lets through."""
        return max(0.0, self.per_second - self.besides) * self.efficiency / self.calls


@dataclass(frozen=True)
class Setup:
    """The hub's settings, and what it is given to do.

    Args:
        returns: Of all merchants on this day.
        merchants: How many there are; the n-th has 1/n of the first's returns.
        partners: Paces of each merchant's own.
        shared: Paces that all merchants share.
        environments: MaximumConcurrency.
        per_environment: Returns a second that one announces, by the partners' answers.
        days: How long is looked at; nothing arrives after the first.
        away: The warehouse is away from and to then, in seconds from midnight.
        seed: Of the lot.
    """

    returns: int
    merchants: int
    partners: tuple[Partner, ...]
    environments: int
    per_environment: float
    shared: tuple[Partner, ...] = ()
    days: int = 1
    away: tuple[float, float] = (0.0, 0.0)
    seed: int = 1


@dataclass
class Day:
    """What became of it: by step, and for each return.

    `waits` are seconds from arrival to record, one for each return that was announced in time.
    """

    depth: list[int] = field(default_factory=list)
    largest: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    arrived: int = 0
    announced: int = 0

    def wait(self, share: float) -> float:
        """So that this share of returns waited no longer."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def drained_at(self) -> float | None:
        """Seconds from midnight to when nothing waited any more; None while something does."""
        if self.depth[-1]:
            return None
        last = max((place for place, many in enumerate(self.depth) if many), default=0)
        return float((last + 1) * STEP)


def sizes(returns: int, merchants: int) -> list[float]:
    """Returns of each merchant: few are large, many are small (Zipf with exponent 1)."""
    weights = [1 / place for place in range(1, merchants + 1)]
    return [returns * weight / sum(weights) for weight in weights]


def live_through(setup: Setup) -> Day:
    """The day, and the days after it in which nothing arrives."""
    dice = random.Random(setup.seed)
    own = min((p.returns_per_second for p in setup.partners), default=float("inf"))
    power = setup.environments * setup.per_environment
    together = min([power, *(p.returns_per_second for p in setup.shared)])
    arrivals = _arrivals(setup, dice)
    waiting: dict[int, deque[float]] = {}
    credit: dict[int, float] = {}
    day = Day()
    room = 0.0
    for step in range(setup.days * DAY // STEP):
        ends = (step + 1) * STEP
        for at, merchant in arrivals.get(step, ()):
            waiting.setdefault(merchant, deque()).append(at)
            day.arrived += 1
        credit = {m: min(credit.get(m, 0.0) + own * STEP, max(1.0, own * STEP)) for m in waiting}
        could = {m: min(len(ids), int(credit[m])) for m, ids in waiting.items()}
        is_away = setup.away[0] <= ends - STEP < setup.away[1]
        room = 0.0 if is_away else min(room, 1.0) + together * STEP
        for merchant, many in _shared(could, int(room), dice).items():
            day.waits += [max(1.0, ends - waiting[merchant].popleft()) for _ in range(many)]
            credit[merchant] -= many
            day.announced += many
            room -= many
            if not waiting[merchant]:
                del waiting[merchant]
        day.depth.append(sum(map(len, waiting.values())))
        day.largest.append(len(waiting.get(0, ())))
    return day


def _arrivals(setup: Setup, dice: random.Random) -> dict[int, list[tuple[float, int]]]:
    """By step: when which merchant's return is approved; the largest merchant is number 0."""
    shares = list(accumulate(sizes(setup.returns, setup.merchants)))
    hours = list(accumulate(HOURS))
    found: dict[int, list[tuple[float, int]]] = {}
    for _ in range(setup.returns):
        hour = bisect_left(hours, dice.random() * hours[-1])
        at = 3600 * (hour + dice.random())
        merchant = min(bisect_left(shares, dice.random() * shares[-1]), setup.merchants - 1)
        found.setdefault(int(at / STEP), []).append((at, merchant))
    for some in found.values():
        some.sort()
    return found


def _shared(could: Mapping[int, int], room: int, dice: random.Random) -> dict[int, int]:
    """What each gets of the room, in proportion to what it could use; the rest by lot."""
    wanted = sum(could.values())
    if wanted <= room:
        return dict(could)
    given = {merchant: many * room // wanted for merchant, many in could.items()}
    left = [m for m, many in could.items() for _ in range(many - given[m])]
    for merchant in dice.sample(left, room - sum(given.values())):
        given[merchant] += 1
    return given
