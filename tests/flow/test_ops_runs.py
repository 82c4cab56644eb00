"""How every merchant stands, looked at by the function: its whole hub, under its own policy."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from returns_hub.adapters.dynamodb.control import DynamoDbCursors
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.gates import DynamoDbGates
from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.overviews import DynamoDbOverviews
from returns_hub.adapters.dynamodb.parking import MOST_PAGES, DynamoDbParking
from returns_hub.adapters.dynamodb.store_version import STORE, VERSION, DynamoDbStoreVersion
from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.domain.drift.findings import Look
from returns_hub.domain.overview.overview import Overview, StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.store_version import ROWS, StoreVersion
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows import cursor_names
from returns_hub.flows.overview.jobs import jobs_of
from returns_hub.flows.overview.key_ends import KeysKnown
from returns_hub.ops_runs import OpsRuns
from returns_hub.ports import ParkedItem
from tests.simulation.permissions import permissions_of
from tests.support.erp_hub import ErpHub, names

FUNCTION = "OpsMetricsFunction"
HOUR = timedelta(hours=1)


class Topic:
    """SNS, as far as it is used; `trouble` is raised instead of taking a message."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.trouble: Exception | None = None

    def publish(self, subject: str, text: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.told.append((subject, text))


class Ops(ErpHub):
    """The function's hub; its stores as other functions write them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **file: Any) -> None:
        super().__init__(function=FUNCTION, **names("orders", "products"))
        self.bench.file |= file
        client: Any = self.tables
        self.cursors = DynamoDbCursors(client, "ControlTable", self.clock)
        self.gates = DynamoDbGates(client, "ControlTable")
        self.parking = DynamoDbParking(client, "ParkedTable", self.clock)
        self.findings = DynamoDbFindings(client, "FindingsTable", self.clock)
        self.overviews = DynamoDbOverviews(client, "ControlTable", self.clock)
        self.topic = Topic()
        monkeypatch.setattr("returns_hub.ops_runs.SnsTopic", lambda *_: self.topic)

    def topic_arn(self) -> None:
        arn = "arn:aws:sns:eu-west-1:1:alarms"
        self.hub.settings = self.hub.settings.model_copy(update={"alarm_topic_arn": arn})
        self.hub._aws = SimpleNamespace(sns=lambda: None)  # type: ignore[assignment]

    def look(self, seconds: float = 120.0, **later: float) -> dict[str, Any]:
        self.bench.clock.advance(**(later or {"minutes": 5}))
        self.calls.clear()
        with self.invocation(seconds) as run:
            done: dict[str, Any] = run.ops_metrics()
        return done

    def all_jobs_succeed(self, merchant: str = "example") -> None:
        for job in jobs_of(self.hub.merchants.live(merchant).merchant):
            self.cursors.beat(job.cursor)

    def latest(self, merchant: str = "example") -> Overview:
        found = self.overviews.latest(merchant)
        assert found is not None
        return found

    def gauge(self, metric: str, **dimensions: str) -> float | None:
        return self.telemetry.last(metric, **dimensions)


@pytest.fixture
def ops(monkeypatch: pytest.MonkeyPatch) -> Ops:
    made = Ops(monkeypatch)
    made.apply()
    return made


# -- what it costs, and may do ------------------------------------------------------------------


def test_an_overview_costs_a_bounded_number_of_requests_whatever_is_stored(ops: Ops) -> None:
    ops.apply("example", monthly_calls=1000)
    known = KeysKnown(at=ops.clock.now(), account="a1")
    lease = ops.cursors.acquire(cursor_names.keys("example"), "a", 60)
    assert lease is not None
    ops.cursors.advance(lease, known.to_value())
    ops.tables._page = 3
    for number in range(40):
        item = ParkedItem("example", f"i{number}", "f", "sku", "why", "s", "{}")
        ops.parking.park(item)
    ops.look()
    ops.look()

    # The list of merchants; the store's version, and the summary of the day (it is before 6 o'clock
    # no more: 1 read).
    shared = Counter({"query": 1, "get_item": 2})
    of_one = Counter(ops.calls) - shared
    assert of_one == Counter(
        {
            # Its file is cached for half a minute; the overview before; keys; the month's calls.
            "get_item": 4,
            "batch_get_item": 2,
            # Pages of parked work, of three rows each here, the last look, and each step.
            "query": MOST_PAGES + 1 + len(Step),
            "put_item": 1,
        }
    )
    assert any("parked work" in part for part in ops.latest().not_told)


def test_the_function_reads_no_secret_and_writes_only_to_the_control_table() -> None:
    statements = permissions_of(FUNCTION, "hub").policy.statements
    actions = {(action, what) for s in statements for action in s.actions for what in s.resources}
    assert {what for action, what in actions if action.endswith(("PutItem", "UpdateItem"))} == {
        "ControlTable.Arn"
    }
    assert not [action for action, _ in actions if action.startswith(("secretsmanager", "sqs"))]


# -- what it tells ------------------------------------------------------------------------------


def test_a_quiet_merchant_tells_zeros(ops: Ops) -> None:
    ops.look()
    ops.all_jobs_succeed()

    assert ops.look() == {"example": "told"}

    assert ops.gauge("CursorLateness", merchant="example") == 1.0
    assert ops.gauge("ParkedOpen", merchant="example") == 0
    for gauge in ("CursorsStale", "BreakersOpen", "KeysFailing", "KeysEnding", "OverviewsFailed"):
        assert ops.gauge(gauge) == 0, gauge
    assert ops.latest().not_told == ()
    assert ops.telemetry.total("JobsStarted", flow="ops_metrics") == 2


def test_a_job_that_never_ran_becomes_stale_from_the_first_look_on(ops: Ops) -> None:
    ops.look()
    assert ops.gauge("CursorsStale") == 0
    ops.look(minutes=15)
    assert ops.gauge("CursorsStale") == 0
    ops.look(minutes=1)
    stale = {one.flow for one in ops.latest().freshness if one.is_stale(ops.clock.now())}
    # Those of every five minutes; the ERP's flows are due every fifteen, drift every six hours.
    assert stale == {
        "process_receipts",
        "watch_returns",
        "refresh_credentials",
    }
    assert ops.gauge("CursorsStale") == 3


def test_a_job_that_is_switched_on_anew_is_not_late_because_it_ran_long_ago(ops: Ops) -> None:
    ops.cursors.beat("catch-up/example")
    ops.look(hours=48)
    assert "catch_up" not in {one.flow for one in ops.latest().freshness}
    ops.bench.file["flows"]["catch_up"] = {"enabled": True}
    ops.apply()

    ops.look()

    (one,) = [one for one in ops.latest().freshness if one.flow == "catch_up"]
    assert one.age(ops.clock.now()) == timedelta(0)


def test_a_gate_that_stays_closed_is_told_after_ten_minutes(ops: Ops) -> None:
    ops.gates.open_breaker("example/unleashed", now=ops.clock.now().timestamp(), pause=900)
    ops.look()
    ops.look()
    assert ops.gauge("BreakersOpen") == 0
    ops.look()
    assert ops.gauge("BreakersOpen") == 1
    ops.gates.close_breaker("example/unleashed")
    ops.look()
    assert ops.gauge("BreakersOpen") == 0


def test_a_gate_that_was_open_in_between_is_not_closed_all_the_time(ops: Ops) -> None:
    now = ops.clock.now()
    ops.gates.pause("example/redo", until=(now + timedelta(minutes=6)).timestamp())
    ops.look()
    ops.look()
    ops.gates.pause("example/redo", until=(now + timedelta(minutes=30)).timestamp())
    ops.look()
    assert ops.gauge("BreakersOpen") == 0


def test_the_months_calls_are_foreseen_by_what_the_job_of_the_keys_noted(ops: Ops) -> None:
    account = KeyPair("1234-5678", "k" * 20).account
    key = {"pk": {"S": f"calls#unleashed#{account}#2026-03"}}
    calls = {"regular_calls": {"N": "90000"}, "calls": {"N": "90000"}}
    ops.tables.put_item(TableName="ControlTable", Item=key | calls)
    ops.look()
    assert ops.gauge("BudgetForecastOver") == 0
    lease = ops.cursors.acquire(cursor_names.keys("example"), "a", 60)
    assert lease is not None
    ops.cursors.advance(lease, KeysKnown(at=ops.clock.now(), account=account).to_value())

    ops.look()

    (there,) = [one for one in ops.latest().partners if one.partner == "unleashed"]
    assert (there.calls_used, there.calls_limit) == (90_000, 250_000)
    # 90,000 in 33 hours of a month of 744.
    assert there.forecast is not None
    assert 7 < there.forecast < 9
    assert ops.gauge("BudgetForecastOver") == 1


def test_keys_that_end_or_are_refused_are_told(ops: Ops) -> None:
    lease = ops.cursors.acquire(cursor_names.keys("example"), "a", 60)
    assert lease is not None
    now = ops.clock.now()
    ends = {"redo": now + 50 * HOUR, "wair": now + 90 * HOUR, "mintsoft-session": now + 20 * HOUR}
    known = KeysKnown(at=now, ends=ends, renewing=frozenset({"mintsoft-session"}))
    ops.cursors.advance(lease, known.to_value())
    ops.cursors.beat("sync/unleashed.orders/example", "unleashed.key_refused")
    ops.cursors.beat("catch-up/example", "redo.away")

    ops.look()

    assert (ops.gauge("KeysEnding"), ops.gauge("KeysFailing")) == (1, 1)
    found = {key.name: (key.failing, key.renews) for key in ops.latest().keys}
    assert found == {
        "redo": ("", False),
        "wair": ("", False),
        "mintsoft-session": ("", True),
        "unleashed": ("unleashed.key_refused", False),
    }
    ops.cursors.beat("sync/unleashed.orders/example")
    ops.look()
    assert ops.gauge("KeysFailing") == 0


def test_a_login_that_is_refused_counts_while_the_file_wants_a_login(ops: Ops) -> None:
    ops.cursors.beat(cursor_names.mintsoft_login("example"), "mintsoft.login_refused")
    ops.look()
    assert ops.gauge("KeysFailing") == 0
    ops.bench.file["mintsoft"]["authentication"] = "login"
    ops.apply()
    ops.look()
    assert ops.gauge("KeysFailing") == 1


def test_drift_is_as_the_last_look_left_it(ops: Ops) -> None:
    look = Look(at=ops.clock.now(), counted={"stock.unleashed": 900})
    ops.findings.keep("example", look, ())
    ops.look()
    drift = ops.latest().drift
    assert drift is not None
    assert (drift.looked_at, drift.open, drift.is_over_limit) == (look.at, 900, True)


def test_the_money_line_is_told_where_something_reads_it(
    ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (StepStanding(step=Step.ANNOUNCE, count=3),)

    def read(self: OpsRuns) -> Any:
        return lambda *_: SimpleNamespace(steps=steps, past_clock=2)

    monkeypatch.setattr(OpsRuns, "_money", read)
    ops.look()
    assert ops.gauge("ReturnsPastClock") == 2
    assert ops.gauge("ReturnsWaiting", merchant="example", flow="announce") == 3
    assert ops.latest().steps == steps


# -- trouble ------------------------------------------------------------------------------------


def test_a_part_that_cannot_be_read_stands_as_before_and_is_named(
    ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.parking.park(ParkedItem("example", "i", "f", "sku", "why", "s", "{}"))
    ops.look()
    ops.all_jobs_succeed()
    shown = f"shown as it was at {ops.clock.now():%Y-%m-%d %H:%M} UTC"

    def refuses(*_: object, **__: object) -> Any:
        raise Retryable("aws.dynamodb.busy", "dynamodb is busy")

    def faults(*_: object, **__: object) -> Any:
        raise KeyError("x")

    monkeypatch.setattr(DynamoDbCursors, "standings", refuses)
    monkeypatch.setattr(DynamoDbParking, "causes", faults)
    ops.look(minutes=20)

    found = ops.latest()
    assert found.not_told == (
        f"freshness: dynamodb is busy (aws.dynamodb.busy); {shown}",
        f"parked work: a fault of the hub's own (KeyError); {shown}",
    )
    assert [cause.count for cause in found.causes] == [1]
    # What nobody can read does not look fresh.
    assert ops.gauge("CursorsStale") == 3
    assert ops.telemetry.total("Faults") == 1


def test_one_merchants_trouble_does_not_stop_the_others(
    ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.apply("other")
    real = OpsRuns._made

    def made(self: OpsRuns, merchant: str) -> Any:
        if merchant == "example":
            raise ValueError("x")
        return real(self, merchant)

    monkeypatch.setattr(OpsRuns, "_made", made)

    assert ops.look() == {"example": "fault", "other": "told"}
    assert ops.gauge("OverviewsFailed") == 1


def test_without_time_the_gauges_are_told_all_the_same(ops: Ops) -> None:
    assert ops.look(seconds=15.0) == {"example": "no time"}
    assert (ops.gauge("OverviewsFailed"), ops.gauge("CursorsStale")) == (1, 0)


# -- what is to be migrated ---------------------------------------------------------------------


def test_what_an_earlier_release_stored_is_told_until_it_is_migrated(ops: Ops) -> None:
    ops.look()
    assert ops.gauge("MigrationPending") == 0
    store = DynamoDbStoreVersion(cast("Any", ops.tables), "MerchantsTable", ops.clock)
    known = store.read()
    assert known is not None
    before = StoreVersion(ROWS - 1, ROWS)
    store.write(known, before, "an upgrade")
    ops.look()
    assert ops.gauge("MigrationPending") == 1
    store.write(before, known, "an operator")
    ops.look()
    assert ops.gauge("MigrationPending") == 0


def test_a_store_from_before_there_were_versions_is_to_be_migrated(ops: Ops) -> None:
    ops.tables.delete_item(TableName="MerchantsTable", Key=typed({"pk": STORE, "sk": VERSION}))
    ops.look()
    assert ops.gauge("MigrationPending") == 1


def test_an_empty_stack_has_nothing_to_migrate(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Ops(monkeypatch)
    empty.look()
    assert empty.gauge("MigrationPending") == 0


def test_what_is_not_known_of_the_store_is_not_told(
    ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> StoreVersion | None:
        raise Retryable("aws.dynamodb.busy", "dynamodb is busy")

    ops.look()
    monkeypatch.setattr(DynamoDbStoreVersion, "read", busy)
    ops.telemetry.counts.clear()

    assert ops.look() == {"example": "told"}

    assert ops.gauge("MigrationPending") is None
    assert ops.telemetry.total("RunsFailed", flow="ops_metrics") == 1
    assert ops.gauge("OverviewsFailed") == 0


# -- the daily summary --------------------------------------------------------------------------


def test_a_day_has_one_summary_from_its_hour_on_and_the_first_of_all_comes_at_once(
    ops: Ops,
) -> None:
    ops.hub.settings = ops.hub.settings.model_copy(update={"summary_hour": 11})
    ops.look()
    assert ops.telemetry.total("DailySummary") == 1
    ops.look(hours=2)
    ops.look()
    assert ops.telemetry.total("DailySummary") == 1
    ops.look(hours=14)
    assert ops.telemetry.total("DailySummary") == 1
    ops.look(hours=10)
    ops.look()
    assert ops.telemetry.total("DailySummary") == 2
    line = [fields for message, fields in ops.telemetry.lines if message == "daily summary"][-1]
    assert str(line["text"]).startswith(
        "Not all is quiet at 1 merchant: | example: process_receipts has"
    )


def test_people_are_told_once_a_day(ops: Ops) -> None:
    ops.topic_arn()
    ops.look()
    ops.look()
    assert ops.topic.told == [("Returns hub: all quiet", "All quiet at 1 merchant.")]


def test_what_was_not_published_is_published_by_the_next_tick(ops: Ops) -> None:
    ops.topic_arn()
    ops.topic.trouble = Retryable("aws.sns.busy", "sns answered Throttled")
    ops.look()
    ops.look()
    assert ops.telemetry.total("RunsFailed", flow="daily_summary", code="aws.sns.busy") == 2
    assert ops.telemetry.total("DailySummary") == 1
    ops.topic.trouble = None
    ops.look()
    ops.look()
    assert len(ops.topic.told) == 1


def test_what_may_have_been_published_is_not_repeated(ops: Ops) -> None:
    ops.topic_arn()
    ops.topic.trouble = UnknownOutcome("aws.sns.unknown", "sns: ReadTimeoutError")
    ops.look()
    ops.topic.trouble = None
    ops.look()
    assert ops.topic.told == []
    assert ops.telemetry.total("RunsFailed", code="aws.sns.unknown") == 1


def test_a_run_that_was_cut_off_while_publishing_tells_nobody_twice(ops: Ops) -> None:
    ops.topic_arn()
    ops.topic.trouble = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        ops.look()
    ops.topic.trouble = None
    ops.look()
    assert ops.topic.told == []
