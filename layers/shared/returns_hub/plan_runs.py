"""Plans made: a job, or messages of a queue, tried in a `trial.TrialHub`, and told as rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from returns_hub.adapters.dynamodb.ledger_book import DynamoDbLedgerBook
from returns_hub.adapters.dynamodb.plans import DynamoDbPlans
from returns_hub.adapters.trial.http import NEW_KEY
from returns_hub.domain.operations import Rehearsed
from returns_hub.domain.plans import Check, Plan, check_plan, plan_id_of
from returns_hub.errors import Misconfigured, Permanent, Verdict
from returns_hub.plan_rows import cursors_of, kept_of, queue_names, rows_of
from returns_hub.runs import Run
from returns_hub.trial import LONGEST_SECONDS, MOST_WRITES, Heard, TrialHub

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

Event = dict[str, Any]
Work = Callable[[Run], Mapping[str, Any]]
Door = Callable[[Run, Event], Mapping[str, Any]]
Follow = Literal["none", "own", "all"]

JOBS: Mapping[str, Work] = {
    "catch_up_redo": lambda run: run.catch_up(),
    "check_webhooks": lambda run: run.check_webhooks(),
    "poll_mintsoft": lambda run: run.receipts_tick(),
    "miinto_rma": lambda run: run.miinto_tick(),
    "unleashed_sync": lambda run: run.unleashed_tick(),
    "wair_sync": lambda run: run.feed_tick(),
    "drift_report": lambda run: run.drift_tick(),
    "watch_returns": lambda run: run.watch_returns(),
    "refresh_credentials": lambda run: run.refresh_credentials(),
}
"""Every function that has a schedule, by its folder's name, and what its tick does."""
DOORS: Mapping[str, Door] = {
    "approved-returns": lambda run, event: run.approved_returns(event),
    "poll-mintsoft": lambda run, event: run.receipts_of_merchants(event),
    "miinto-rma": lambda run, event: run.miinto_of_merchants(event),
    "unleashed-sync": lambda run, event: run.unleashed_of_flows(event),
    "wair-sync": lambda run, event: run.feed_of_flows(event),
    "drift-report": lambda run, event: run.drift_of_merchants(event),
    "store-refunds": lambda run, event: run.store_refunds(event),
    "despatches": lambda run, event: run.despatches(event),
    "order-changes": lambda run, event: run.order_changes(event),
}
"""Every queue of work, and what its function does with messages."""
OWN_QUEUE: Mapping[str, str] = {
    "poll_mintsoft": "poll-mintsoft",
    "miinto_rma": "miinto-rma",
    "unleashed_sync": "unleashed-sync",
    "wair_sync": "wair-sync",
    "drift_report": "drift-report",
}
"""Jobs whose tick hands its work out to the same function."""
REPLAY = "replay"
REFRESH = "refresh_credentials"


def plan_job(
    hub: Hub,
    job: str,
    merchant: str,
    *,
    follow: Follow = "own",
    limit: int = MOST_WRITES,
    seconds: float = LONGEST_SECONDS,
    on_entry: Callable[[int], None] = lambda _: None,
) -> Plan:
    """What a job's next run would do for one merchant, were it now.

    Args:
        hub: Whose reads it does.
        job: One of `JOBS`.
        merchant: Whose part of the run.
        follow: Whose messages are dealt with too: those by which the job hands out its own work,
            those to every function, or none.
        limit: At most about so many writes.
        seconds: At most about so long.
        on_entry: Told of the number of writes as they are found.

    Raises:
        Permanent: No such job, or no such merchant.
    """
    if job not in JOBS:
        raise Permanent("plan.no_such_job", f"no job {job}; there are {', '.join(JOBS)}")
    trial = TrialHub(hub, merchant, limit=limit, seconds=seconds, on_entry=on_entry)
    return _plan(trial, job, "", JOBS[job], _followed(follow, OWN_QUEUE.get(job)))


def plan_messages(
    hub: Hub,
    merchant: str,
    messages: Iterable[tuple[str, str]],
    *,
    subject: str = "",
    before: Callable[[TrialHub], object] | None = None,
    follow: Follow = "all",
    limit: int = MOST_WRITES,
    seconds: float = LONGEST_SECONDS,
    on_entry: Callable[[int], None] = lambda _: None,
) -> Plan:
    """What would be done with messages of the hub's queues.

    Args:
        hub: Whose reads it does.
        merchant: Whose messages they are.
        messages: Of each the queue, as in `DOORS`, and its body.
        subject: What they are, e.g. parked items.
        before: What a person's command does first, e.g. replaying: done in the trial. Messages that
            it sends are tried too.
        follow: See `plan_job`.
        limit: See `plan_job`.
        seconds: See `plan_job`.
        on_entry: See `plan_job`.

    Raises:
        Permanent: No such merchant.
    """
    trial = TrialHub(hub, merchant, limit=limit, seconds=seconds, on_entry=on_entry)
    given = tuple(messages)

    def work(run: Run) -> Mapping[str, Any]:
        if before is not None:
            before(trial)
        for queue, body in given:
            _deliver(run, queue, body)
        return {}

    return _plan(trial, REPLAY, subject, work, _followed(follow))


def _followed(follow: Follow, own: str | None = None) -> frozenset[str]:
    if follow == "all":
        return frozenset(DOORS)
    return frozenset({own} if own and follow == "own" else ())


def _plan(trial: TrialHub, job: str, subject: str, work: Work, queues: frozenset[str]) -> Plan:
    clock, began = trial.clock, trial.clock.monotonic()
    live = trial.merchants.live(trial.merchant)
    at, told, why_not = clock.now(), dict[str, Any](), ""
    try:
        told = dict(work(trial.run()))
        why_not = _drain(trial, queues)
    except Rehearsed as beyond:
        why_not = str(beyond)
    except Verdict as verdict:
        why_not = verdict.reason
    if not why_not and trial.book.is_full:
        why_not = f"it has {trial.book.limit} writes; more may follow"
    elif not why_not and clock.remaining() <= 0:
        why_not = "the time for a plan is over"
    elif not why_not:
        why_not = _what_failed(job, trial.heard)
    return Plan(
        plan_id=plan_id_of(trial.merchant, job, at),
        merchant=trial.merchant,
        job=job,
        subject=subject,
        at=at,
        config_version=live.version,
        rows=rows_of(trial, followed=queues),
        cursors=cursors_of(trial),
        kept=kept_of(trial),
        told=json.loads(json.dumps(told, default=str)),
        whole=not why_not,
        why_not=why_not,
        seconds=round(clock.monotonic() - began, 1),
    )


def _what_failed(job: str, heard: Heard) -> str:
    """Why the run could not do all; renewing the key is the whole work of one job."""
    failed = [one for one in heard.failed if (job, one[0]) != (REFRESH, NEW_KEY)]
    return (failed[0][1] or failed[0][0]) if failed else ""


def _drain(trial: TrialHub, queues: frozenset[str]) -> str:
    """Deliver what the trial sent to these queues, and what comes of that; why it stopped."""
    names, run, done = queue_names(trial.settings), trial.run(), 0
    while done < len(trial.book.messages):
        message = trial.book.messages[done]
        done += 1
        if names.get(message.to) not in queues:
            continue
        if trial.clock.remaining() <= 0:
            return "the limit is reached before all messages are dealt with"
        _deliver(run, names[message.to], message.body)
    return ""


def _deliver(run: Run, queue: str, body: str) -> None:
    if queue not in DOORS:
        raise Misconfigured("plan.no_such_queue", f"no function reads the queue {queue}")
    record = {
        "messageId": "trial",
        "receiptHandle": "trial",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    DOORS[queue](run, {"Records": [record]})


def plans_of(hub: Hub) -> DynamoDbPlans:
    """Plans that are kept.

    Raises:
        Misconfigured: This stack has no table for them.
    """
    table = hub.settings.findings_table
    if not table:
        raise Misconfigured("settings.missing", "this stack has no FINDINGS_TABLE to keep plans in")
    return DynamoDbPlans(hub.dynamodb, table, hub.clock)


def check(hub: Hub, plan: Plan, *, beyond: bool = True) -> Check:
    """Hold a plan against the ledger.

    Args:
        hub: Whose ledger.
        plan: The plan.
        beyond: Look for writes that are not in the plan too: it reads the whole ledger.
    """
    book = DynamoDbLedgerBook(hub.dynamodb, hub.settings.ledger_table, hub.clock)
    keys = dict.fromkeys(row.key for row in plan.writes)
    stands = {one.key: one for one in book.standings(keys)}
    since = list(book.settled_since(plan.merchant, plan.at)) if beyond else None
    return check_plan(plan, stands, since)
