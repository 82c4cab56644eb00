"""What of an overview needs a person, the worst first, each with the command that helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.ages import age
from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import (
    OLD,
    Freshness,
    Overview,
    QueueStanding,
)
from returns_hub.domain.overview.standing import is_shut
from returns_hub.domain.overview.steps import Step
from returns_hub.flows.migrations.run import Standing

MOST_OF_A_KIND = 5


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that needs a person.

    Args:
        rank: 0 stops everything of the merchant, 9 can wait; by it they are ordered.
        what: In a line.
        helps: The command that helps, or shows more.
    """

    rank: int
    what: str
    helps: str


def problems_of(overview: Overview, now: datetime) -> list[Problem]:
    """Everything about one merchant that needs a person, the worst first."""
    kinds = (_old, _keys, _partners, _stale, _parked, _past_clock, _people, _drift, _not_told)
    found = [problem for kind in kinds for problem in _few(list(kind(overview, now)))]
    return sorted(found, key=lambda problem: problem.rank)


def of_queues(queues: Sequence[QueueStanding]) -> list[Problem]:
    """Queues whose messages nobody takes any more."""
    return [
        Problem(
            1, f"{queue.dead} dead letters of {queue.name}", f"hub dlq list --queue {queue.name}"
        )
        for queue in queues
        if queue.dead
    ]


def of_store(store: Standing) -> list[Problem]:
    """What is stored, where this release cannot work with it, or is not all that it could be."""
    if store.problem:
        return [Problem(0, f"all work waits: {store.problem}", "hub migrate status")]
    if not store.is_current:
        return [Problem(6, "what an earlier release stored is to be migrated", "hub migrate")]
    return []


def missing(merchant: str) -> Problem:
    """Nobody has looked at the merchant."""
    return Problem(0, f"{merchant}: no overview was made yet", f"hub status {merchant} --now")


def unreadable(reason: str) -> Problem:
    """The merchant's file cannot be read, so that nothing is done for it."""
    return Problem(0, f"nothing is done for this merchant: {reason}", "hub config apply FILE")


def _few(found: list[Problem]) -> list[Problem]:
    if len(found) <= MOST_OF_A_KIND:
        return found
    more = f"and {len(found) - MOST_OF_A_KIND} more like that"
    last = found[MOST_OF_A_KIND]
    return [*found[:MOST_OF_A_KIND], Problem(last.rank, more, last.helps)]


def _old(overview: Overview, now: datetime) -> Iterator[Problem]:
    if now - overview.at > OLD:
        told = f"this picture is {age(now - overview.at)} old: ops_metrics makes no new one"
        yield Problem(0, told, f"hub status {overview.merchant} --now")


def _keys(overview: Overview, now: datetime) -> Iterator[Problem]:
    for key in overview.keys:
        helps = f"hub secrets set {overview.merchant} {key.name}"
        if key.failing:
            yield Problem(0, f"the key {key.name} is refused ({key.failing})", helps)
        elif key.ends_at is not None and is_ending(key, now):
            gone = key.ends_at <= now
            when = (
                f"ended {age(now - key.ends_at)} ago"
                if gone
                else f"ends in {age(key.ends_at - now)}"
            )
            yield Problem(0 if gone else 5, f"the key {key.name} {when}", helps)


def _partners(overview: Overview, now: datetime) -> Iterator[Problem]:
    for one in overview.partners:
        if is_shut(one, now):
            until = f" until {one.closed_until:%H:%M} UTC" if one.closed_until else ""
            told = f"{one.partner} is away: calls are held back{until}"
            yield Problem(1, told, f"hub check {overview.merchant}")
        if one.forecast is not None and one.forecast > 1:
            told = f"calls to {one.partner} will be {one.forecast:.0%} of the month's"
            yield Problem(6, told, f"hub unleashed flows {overview.merchant}")


def _stale(overview: Overview, now: datetime) -> Iterator[Problem]:
    late = [one for one in overview.freshness if one.is_stale(now)]
    for one in sorted(late, key=lambda one: -one.lateness(now)):
        why = f" ({one.failing})" if one.failing else ""
        told = f"{name_of(one)} did not succeed for {age(one.age(now) or timedelta(0))}{why}"
        helps = f"hub tail --function {one.job} --merchant {overview.merchant} --since 1h"
        yield Problem(2, told, helps)


def _parked(overview: Overview, now: datetime) -> Iterator[Problem]:
    for cause in sorted(overview.causes, key=lambda cause: (-cause.count, cause.oldest)):
        told = (
            f"{cause.count} parked: {cause.code} ({cause.flow}), oldest {age(now - cause.oldest)}"
        )
        yield Problem(3, told, f"hub parked list {overview.merchant} --reason {cause.code}")


def _past_clock(overview: Overview, _: datetime) -> Iterator[Problem]:
    if not overview.past_clock:
        return
    booking = [step for step in overview.steps if step.step is Step.BOOKING_IN]
    oldest = booking[0].oldest_return if booking else ""
    shows = f"hub drift list {overview.merchant}"
    if oldest:
        shows = f"hub timeline {overview.merchant} {oldest}"
    yield Problem(4, f"{overview.past_clock} delivered and past their clock, not booked in", shows)


def _people(overview: Overview, now: datetime) -> Iterator[Problem]:
    for step in overview.steps:
        if step.step is Step.PERSON and step.count:
            since = f", oldest {age(now - step.oldest_since)}" if step.oldest_since else ""
            told = f"{step.count} returns wait for a person{since}"
            yield Problem(
                7, told, f"hub timeline {overview.merchant} {step.oldest_return}".rstrip()
            )


def _drift(overview: Overview, _: datetime) -> Iterator[Problem]:
    if overview.drift is not None and overview.drift.is_over_limit:
        told = f"drift is over its limit: {overview.drift.open} differences"
        yield Problem(6, told, f"hub drift list {overview.merchant}")


def _not_told(overview: Overview, _: datetime) -> Iterator[Problem]:
    for part in overview.not_told:
        yield Problem(8, f"not told: {part}", "hub tail --function ops_metrics")


def name_of(one: Freshness) -> str:
    """A job, and its flow where it has several."""
    return one.job if one.flow in {"", one.job} else f"{one.job} {one.flow}"
