"""Deliver to the webhook's door of the local stack and see that nothing is lost: make webhooks

New returns, updates, repetitions, old versions and hostile requests come at a steady rate, each at
its own moment whether or not the one before is answered. What is measured is the time from that
moment to the whole answer, so a door that falls behind shows. The rest of the hub works meanwhile:
the returns are announced to the simulated warehouse while the deliveries come in.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.sender import Answered, Post, deliver
from local.merchant_samples import sample_files
from local.partners import PartnerSimulators, partner_simulators
from local.world import LocalWorld, apply_merchants, local_world, set_sample_secrets

MERCHANT = "example"
DRAINED_WITHIN = 300.0
MIX = {"new": 30, "update": 25, "again": 30, "stale": 14, "hostile": 1}
"""Of about a hundred deliveries; an old version of a return that has only one is a repetition."""
BUDGET_MS = 50.0
BUSY = 503


@dataclass
class Outcome:
    """What came of all."""

    posts: list[Post]
    answers: list[Answered]
    drained_seconds: float = 0.0
    missing: list[str] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> list[tuple[str, int]]:
        """Genuine deliveries that were not answered by a 2xx."""
        both = zip(self.posts, self.answers, strict=True)
        return [
            (post.kind, answer.status)
            for post, answer in both
            if post.kind != "hostile" and not 200 <= answer.status < 300
        ]

    @property
    def let_in(self) -> int:
        """Hostile requests that were answered by a 2xx."""
        both = zip(self.posts, self.answers, strict=True)
        return sum(p.kind == "hostile" and 200 <= a.status < 300 for p, a in both)

    @property
    def twice(self) -> list[str]:
        """Returns with more than one external return."""
        return [name for name, count in self.made.items() if count > 1]

    @property
    def is_good(self) -> bool:
        """Whether every delivery was taken and every return was dealt with, once."""
        return not (self.refused or self.let_in or self.missing or self.twice)


def plan(
    count: int, rate: float, partners: PartnerSimulators, seed: int = 1
) -> tuple[list[Post], list[str]]:
    """So many requests, and the returns that they tell of; the portal holds each as it is last."""
    chance = random.Random(seed)
    token = partners.credentials["webhook_token"]
    good = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    now = datetime.now(UTC)
    versions: dict[str, list[bytes]] = {}
    posts: list[Post] = []
    kinds = chance.choices(list(MIX), weights=list(MIX.values()), k=count)
    for position, wanted in enumerate(kinds):
        due = position / rate
        kind = wanted if versions or wanted == "hostile" else "new"
        if kind == "hostile":
            posts.append(_hostile(due, good, chance))
            continue
        if kind == "new":
            return_id = f"{chance.getrandbits(96):024x}"
            versions[return_id] = []
        else:
            return_id = chance.choice(list(versions))
        known = versions[return_id]
        if kind in {"new", "update"}:
            body, order = _bodies(return_id, now + timedelta(seconds=due))
            partners.redo.put(body, [order])
            known.append(_delivery(kind, body, order))
            text = known[-1]
        elif kind == "stale" and len(known) > 1:
            text = chance.choice(known[:-1])
        else:
            kind, text = "again", known[-1]
        posts.append(Post(kind, due, good, text, return_id))
    return posts, list(versions)


def _bodies(return_id: str, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    sample = _sample()
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = json.dumps([sample["return"], sample["order"]])
    text = text.replace(sample["return"]["id"], return_id)
    text = text.replace("{created}", moment).replace("{updated}", moment)
    body, order = json.loads(text)
    return body, order


@cache
def _sample() -> dict[str, Any]:
    return sample_files()[0]


def _delivery(kind: str, body: dict[str, Any], order: dict[str, Any]) -> bytes:
    envelope = {
        "type": "created" if kind == "new" else "updated",
        "at": body["updatedAt"],
        "merchantName": "Example Fashion",
        "return": body,
        "order": order,
    }
    return json.dumps(envelope).encode()


def _hostile(due: float, good: dict[str, str], chance: random.Random) -> Post:
    headers, body = chance.choice(
        [
            (good | {"Authorization": "Bearer " + "x" * 48}, b'{"return": {"id": "r1"}}'),
            ({"Content-Type": "application/json"}, b'{"return": {"id": "r1"}}'),
            (good, b"[" * 200_000),
            (good, b"x" * 4_000_000),
            (good | {"Content-Type": "text/html"}, b"<html>"),
            (good, b'{"return": NaN}'),
        ]
    )
    return Post("hostile", due, headers, body)


def run(seconds: float, rate: float, state: Path) -> Outcome:
    """Start a world, deliver for so long at so many a second, and look for every return."""
    with (
        partner_simulators() as partners,
        local_world(partners=partners, speed=1, state=state) as world,
    ):
        set_sample_secrets(world)
        apply_merchants(world)
        _warm(world, partners)
        return run_in(world, partners, seconds, rate)


def run_in(
    world: LocalWorld,
    partners: PartnerSimulators,
    seconds: float,
    rate: float,
    *,
    tell_again: bool = False,
) -> Outcome:
    """As `run`, in a world that is there.

    With `tell_again` what was answered 503 is delivered once more, as Redo does: a slow machine may
    not keep up with the rate, and a delivery that was not taken must not have been half taken.
    """
    posts, returns = plan(int(seconds * rate), rate, partners)
    outcome = Outcome(posts, deliver(url_of(world), posts))
    busy = [number for number, answer in enumerate(outcome.answers) if answer.status == BUSY]
    if tell_again and busy:
        again = deliver(url_of(world), [replace(posts[number], due=0.0) for number in busy])
        for number, answer in zip(busy, again, strict=True):
            outcome.answers[number] = answer
    outcome.drained_seconds = drained(world)
    load = world.hub.returns.load
    outcome.missing = [name for name in returns if load(MERCHANT, name).outcome != "announced"]
    for record in partners.mintsoft.returns.values():
        comments = {row.comments for row in record.rows}
        outcome.made.update(name for name in returns if any(name in text for text in comments))
    return outcome


def url_of(world: LocalWorld) -> str:
    """Where the merchant's deliveries go."""
    return f"{world.environment['REDO_WEBHOOK_URL']}/{MERCHANT}"


def drained(world: LocalWorld) -> float:
    """Wait until the queue is empty; the seconds it took, at most `DRAINED_WITHIN`."""
    began = time.monotonic()
    while world.waiting("ApprovedReturnsQueue") and time.monotonic() - began < DRAINED_WITHIN:
        time.sleep(0.1)
    return time.monotonic() - began


def _warm(world: LocalWorld, partners: PartnerSimulators) -> None:
    """A burst, so that what is measured is not the start of processes."""
    posts, _ = plan(64, 100_000.0, partners, seed=2)
    deliver(url_of(world), [post for post in posts if post.kind != "hostile"])
    drained(world)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of a hundred lie."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 10) - 1]


def show(console: Console, outcome: Outcome) -> None:
    """The times by kind of delivery, and what became of them."""
    table = Table(title="From due to answered, milliseconds", title_justify="left")
    for name in ("kind", "count", "p50", "p95", "p99", "most"):
        table.add_column(name, justify="right")
    both = list(zip(outcome.posts, outcome.answers, strict=True))
    for kind in (*MIX, "all"):
        times = [a.seconds * 1000 for post, a in both if kind in {post.kind, "all"}]
        if len(times) > 1:
            row = [percentile(times, share) for share in (50, 95, 99)]
            table.add_row(kind, str(len(times)), *(f"{v:.1f}" for v in (*row, max(times))))
    console.print(table)
    statuses = Counter(answer.status for answer in outcome.answers)
    console.print(f"answers: {dict(sorted(statuses.items()))}")
    console.print(
        f"{len(outcome.made)} returns announced to the warehouse, {len(outcome.twice)} twice, "
        f"{len(outcome.missing)} missing; the queue was empty {outcome.drained_seconds:.1f} s "
        "after the last delivery"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make webhooks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=50.0, help="deliveries a second")
    given = parser.parse_args()
    if not 0 < given.rate <= 190 or not 1 <= given.seconds <= 3600:
        parser.error("--rate takes up to 190 (the API lets 200 in), --seconds 1 to 3600")
    console = Console(width=110, highlight=False)
    with tempfile.TemporaryDirectory() as state:
        outcome = run(given.seconds, given.rate, Path(state))
    show(console, outcome)
    p95 = percentile([answer.seconds * 1000 for answer in outcome.answers], 95)
    within = p95 < BUDGET_MS
    console.print(f"p95 {p95:.1f} ms; the budget is {BUDGET_MS:.0f} ms")
    for problem in (outcome.refused[:5], outcome.missing[:5], outcome.twice[:5]):
        if problem:
            console.print(f"[red]{problem}[/red]")
    return 0 if outcome.is_good and within else 1


if __name__ == "__main__":
    sys.exit(main())
