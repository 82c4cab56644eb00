"""Rules over the webhook, its subscription, catching up, and what operators asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.facts import Event, OperatorActed, Seen
from returns_hub.domain.state import ReturnState
from returns_hub.flows.catch_up_counts import Counted, cursor_name
from tests.simulation.plans import STRANGERS, UNUSABLE
from tests.simulation.returns_left import knows
from tests.simulation.scenario import ReturnPlan
from tests.simulation.somebody import FORGED
from tests.simulation.webhook import Telling
from tests.simulation.world import Simulation

CACHED = 36.0
"""Seconds after which every door knows the tokens of now."""
NO_ANSWER = frozenset({None, 500, 503})


def done_twice(run: Simulation) -> Iterator[str]:
    """Writes of the subscription's flow and of operators that were carried out twice."""
    for merchant, books in run.books.items():
        asked = sum(write.is_replay for write in books.webhook_writes)
        known = _operations(run, f"webhook-replay/{merchant}/")
        if asked > known:
            yield f"{merchant}: {asked} replays were asked for, by {known} operations"
        yield from _needless_writes(run, merchant)
        yield from _writes_without_need(run, merchant, known)
    yield from _status_twice(run)


def _operations(run: Simulation, prefix: str) -> int:
    """How many operations of this kind the ledger knows."""
    return sum(str(key[0]).startswith(prefix) for key in run.plain.tables["LedgerTable"].items)


def _writes_without_need(run: Simulation, merchant: str, replays: int) -> Iterator[str]:
    """Every replay pays for a harm, or is a person's wish."""
    telling = run.telling
    if telling is None or run.scenario.redo.stale_seconds:
        return
    harms = telling.somebody.harmed[merchant]
    if replays > harms + run.desk.replays_wanted:
        yield f"{merchant}: {replays} replays for {harms} harms"


def _needless_writes(run: Simulation, merchant: str) -> Iterator[str]:
    """Writes beyond the operations, or to what was as it should be; where the portal shows it."""
    telling, stale = run.telling, run.scenario.redo.stale_seconds
    if telling is None or stale or telling.plan.echo != "shown":
        return
    writes = [write for write in run.books[merchant].webhook_writes if not write.is_replay]
    known = _operations(run, f"webhook/{merchant}/")
    # What was done and undone by somebody, and not known as done, is done again by the same one.
    if len(writes) > known + telling.somebody.harmed[merchant]:
        yield f"{merchant}: {len(writes)} writes to the subscription, by {known} operations"
    # A change of token that was cut off is set once more, whether or not it had arrived.
    for write in () if telling.plan.rotations else writes:
        if not write.changed:
            yield f"{merchant}: {write.method} {write.path} at {write.at:.0f} s changed nothing"


def _status_twice(run: Simulation) -> Iterator[str]:
    """A request for a status is carried out once, unless somebody else set another meanwhile."""
    wanted: dict[tuple[str, str, str], int] = Counter(
        (one.merchant, one.return_id, one.status) for one in run.desk.asked if one.status
    )
    for (merchant, name, status), asked in wanted.items():
        changes = [c for c in run.books[merchant].statuses if c.return_id == name]
        mine = [place for place, c in enumerate(changes) if c.by_api and c.status == status]
        if not mine:
            continue
        between = [c for c in changes[mine[0] : mine[-1]] if c.status != status]
        if len(mine) > asked + len(between) + _flags(run, merchant, name, status):
            yield f"{merchant}: {name} was put into {status} {len(mine)} times, asked {asked} times"


def _flags(run: Simulation, merchant: str, name: str, status: str) -> int:
    """How often the hub itself may put it into this status."""
    if status != "flagged":
        return 0
    timeline = run.returns.timeline(merchant, name)
    return sum("flag" in event.fact.kind or event.fact.kind == "clock_rang" for event in timeline)


def told(run: Simulation) -> Iterator[str]:
    """Everything about the door and the subscription."""
    yield from _given_up(run)
    if run.telling is not None:
        yield from _right_tokens_open(run.telling)
        yield from _strangers(run, run.telling)
        yield from _foreign(run, run.telling)
        yield from _losses_are_replayed(run, run.telling)
    if run.scenario.catch_up:
        yield from _counts(run)


def _given_up(run: Simulation) -> Iterator[str]:
    for name in run.desk.given_up:
        yield f"the operator gave up: {name}"


def _right_tokens_open(telling: Telling) -> Iterator[str]:
    """A delivery whose token was set all the while is not refused for it again and again.

    Once it may be: while the store cannot be asked, a door believes the tokens that it knows.
    """
    refused: Counter[tuple[str, int]] = Counter()
    for one in telling.tries:
        states = [(at, set_) for at, merchant, set_ in telling.tokens if merchant == one.merchant]
        before = [tokens for at, tokens in states if at <= one.sent_at - CACHED][-1:]
        since = [tokens for at, tokens in states if one.sent_at - CACHED < at <= one.ended_at]
        is_right = bool(before) and all(one.token in tokens for tokens in (*before, *since))
        refused[one.merchant, one.number] += is_right and one.status == 401
    for (merchant, number), count in refused.items():
        if count > 1:
            yield f"{merchant}: a right token was refused {count} times, with delivery {number}"


def _strangers(run: Simulation, telling: Telling) -> Iterator[str]:
    for knock in telling.somebody.knocks:
        status = knock.status
        if knock.kind in STRANGERS and status not in NO_ANSWER | {401}:
            yield f"a stranger ({knock.kind}) was answered {status}"
        if knock.kind == "not by POST" and status not in NO_ANSWER | {405}:
            yield f"what is not sent by POST was answered {status}"
        if knock.kind in UNUSABLE and status not in NO_ANSWER:
            key = f"redo_webhook/{knock.digest[:24]}"
            kept = [p for p in run.parking.list_parked(knock.merchant) if p.parked_id == key]
            if len(kept) != 1:
                yield f"what could not be used ({knock.kind}, {status}) is kept {len(kept)} times"
    for name, table in run.plain.tables.items():
        if any(FORGED in repr(row) for row in table.items.values()):
            yield f"{name} holds a return of which only a stranger told"


def _foreign(run: Simulation, telling: Telling) -> Iterator[str]:
    for (merchant, name), before in telling.somebody.foreign.items():
        found = run.redo[merchant].webhooks.subscriptions.get(name)
        now = (found.url, found.token, found.kind, found.external_id) if found else None
        if now != before:
            yield f"{merchant}: the foreign subscription {name} was touched"


def _losses_are_replayed(run: Simulation, telling: Telling) -> Iterator[str]:
    """After the subscription was lost or altered, everything since is told again."""
    for merchant, at in telling.somebody.losses:
        replays = [write for write in run.books[merchant].webhook_writes if write.is_replay]
        starts = [
            run.seconds_of(json.loads(write.asked)["start"]) for write in replays if write.at >= at
        ]
        if not any(start <= at for start in starts):
            yield f"{merchant}: nothing since {at:.0f} s was told again, when it was harmed"


def _counts(run: Simulation) -> Iterator[str]:
    """What catching up counted: each version once, and nothing missed that was not read."""
    for merchant in run.scenario.merchants:
        value = run.cursors.read(cursor_name(merchant))
        counted = Counted.of(value, run.scheduler.now())
        total = sum(counts.read for counts in counted.days.values())
        versions = {
            version
            for version in run.books[merchant].versions
            if version[1] >= counted.counted_from
        }
        if total > len(versions):
            yield f"{merchant}: catching up counted {total} of {len(versions)} versions"
        for day, counts in counted.days.items():
            if counts.known + counts.queued + counts.missed > counts.read:
                yield f"{merchant}: {counts} on {day}"
        missed = sum(counts.missed for counts in counted.days.values())
        if run.telemetry.total("WebhookMissed", merchant=merchant) > missed:
            yield f"{merchant}: the metric of what was missed is above {missed}"


def versions(run: Simulation, plan: ReturnPlan, timeline: tuple[Event, ...]) -> Iterator[str]:
    """What was seen of a return was what the portal had."""
    had = run.books[plan.merchant].versions
    for event in timeline:
        if isinstance(event.fact, Seen):
            seen: datetime = event.fact.portal_updated_at
            if (plan.return_id, seen) not in had:
                yield f"it was seen as of {seen}, and the portal never had it so"


def heard(run: Simulation, plan: ReturnPlan, state: ReturnState) -> Iterator[str]:
    """What the door took is on the return's timeline, and so is all that catching up can find."""
    telling, name = run.telling, plan.return_id
    if telling is None:
        return
    accepted = telling.accepted(plan.merchant, name)
    if accepted and not knows(state):
        yield "a delivery was taken, and the timeline has nothing of it"
    if run.scenario.redo.stale_seconds or state.portal_updated_at is None or state.is_parked:
        return
    newest = max((one.updated_at for one in accepted), default=None)
    if newest is not None and state.portal_updated_at < newest:
        yield f"version {newest} was taken, and {state.portal_updated_at} is the newest one seen"


def acts(run: Simulation, plan: ReturnPlan, timeline: tuple[Event, ...]) -> Iterator[str]:
    """Each request of an operator is asked and ended once; what is done is done in the portal."""
    facts = [event.fact for event in timeline if isinstance(event.fact, OperatorActed)]
    for one in run.desk.asked:
        if one.return_id != plan.return_id or one.merchant != plan.merchant:
            continue
        mine = Counter(fact.outcome for fact in facts if fact.subject == f"request {one.request}")
        if any(count > 1 for count in mine.values()):
            yield f"{one.request} is told {dict(mine)}"
        if one.ended != "done":
            continue
        if (mine["asked"], mine["done"]) != (1, 1):
            yield f"{one.request} was done, and is told {dict(mine)}"
        changes = run.books[plan.merchant].statuses
        if one.status and (one.return_id, one.status) not in {
            (c.return_id, c.status) for c in changes
        }:
            yield f"{one.request} was done, and {one.status} is not in the portal's books"
    handled = Counter(e.fact.shipment for e in timeline if e.fact.kind == "withdrawal_handled")
    withdrawn = Counter(e.fact.shipment for e in timeline if e.fact.kind == "withdrawn")
    for key, count in handled.items():
        if count > withdrawn[key]:
            yield f"shipment {key} was seen to {count} times, withdrawn {withdrawn[key]} times"
