"""hub status: one screen, what is wrong first, and a bounded number of requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from rich.console import Console

from cli.status import screen
from cli.status.problems import problems_of
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.overview import (
    Cause,
    DriftStanding,
    Freshness,
    KeyStanding,
    Overview,
    PartnerStanding,
    StepStanding,
)
from returns_hub.domain.overview.steps import Step
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
JOBS = ("poll_mintsoft", "watch_returns", "catch_up_redo", "check_webhooks", "miinto_rma")


def job(name: str, ago: timedelta = MINUTE, **more: Any) -> Freshness:
    return Freshness(job=name, flow=name, every_seconds=300, succeeded_at=NOW - ago, **more)


def waiting(step: Step, count: int = 3) -> StepStanding:
    return StepStanding(
        step=step,
        count=count,
        oldest_since=NOW - 27 * HOUR,
        oldest_return="ret_1",
        value={"GBP": Decimal("12345.60"), "EUR": Decimal(20)},
        unvalued=1,
    )


QUIET = Overview(
    merchant="example",
    at=NOW - MINUTE,
    config_version=7,
    mode="live",
    freshness=tuple(job(name) for name in JOBS),
    steps=tuple(waiting(step) for step in Step if step is not Step.PERSON),
    partners=(
        PartnerStanding(partner="redo"),
        PartnerStanding(partner="mintsoft"),
        PartnerStanding(partner="unleashed", calls_used=5, calls_limit=100, forecast=0.4),
    ),
    keys=(KeyStanding(name="mintsoft", ends_at=NOW + 100 * HOUR),),
    drift=DriftStanding(looked_at=NOW - HOUR, open=4, value={"GBP": Decimal(40)}),
)


@dataclass
class Looks:
    """`desk.Looks` in memory."""

    kept: dict[str, Overview] = field(default_factory=dict)
    fresh: dict[str, Overview] = field(default_factory=dict)

    @property
    def overviews(self) -> Any:
        return self

    def latest(self, merchant: str) -> Overview | None:
        return self.kept.get(merchant)

    def look(self, merchant: str) -> Overview:
        return self.fresh[merchant]


@pytest.fixture
def looks(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """A hub with one merchant that is quiet, and two queues."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "sam", after=0)
    sqs = boto3.client("sqs")
    urls = {
        f"{name}{kind}_queue_url": sqs.create_queue(QueueName=f"{name}{kind}")["QueueUrl"]
        for name in ("approved_returns", "poll_mintsoft")
        for kind in ("", "_dead_letter")
    }
    monkeypatch.setattr(made, "settings", made.settings.model_copy(update=urls))
    found = Looks({"example": QUIET})
    monkeypatch.setattr("cli.status.verb.OpsRuns", lambda _made: found)
    # The rows above were made when this module was loaded, which may be minutes ago.
    monkeypatch.setattr(made.clock, "now", lambda: NOW)
    return found


def put(made: Hub, queue: str) -> None:
    url = made.settings.model_dump()[f"{queue}_queue_url"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="{}")


def changed(**changes: Any) -> Overview:
    return QUIET.model_copy(update=changes)


def test_a_quiet_merchant_fits_on_a_screen_and_says_so_in_one_line(
    looks: Looks, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = Act(
        act_id="a", at=NOW - HOUR, who="arn:aws:iam::1:user/pat", through="hub", verb="dlq replay",
        merchant="example", subject="m" * 60, outcome="done",
    )  # fmt: skip
    for number in range(5):
        made.audit.record(act.model_copy(update={"act_id": str(number)}))
    monkeypatch.setattr(screen, "console", lambda: Console(width=80, highlight=False))
    result = command("status")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("example: live, file v7; as of ")
    assert lines[1] == "all quiet: 5 jobs in time, nobody is waited for, no dead letters"
    labels = [line[:10].strip() for line in lines[2:] if line[:1].strip()]
    assert labels == [
        "freshness", "money line", "person", "queues", "drift", "partners", "keys", "last acts",
    ]  # fmt: skip
    text = result.stdout
    for word in ("delivered, not booked in", "1 d 3 h", "12,345.60 GBP, 20.00 EUR"):
        assert word in text
    assert text.count("pat: dlq replay") == 3


PROBLEMS: list[tuple[str, dict[str, Any], str, str]] = [
    ("old", {"at": NOW - HOUR}, "this picture is 1 h old", "hub status example --now"),
    (
        "stale",
        {"freshness": (job("poll_mintsoft", 16 * MINUTE, failing="mintsoft.away"),)},
        "poll_mintsoft did not succeed for 16 min (mintsoft.away)",
        "hub tail --function poll_mintsoft --merchant example --since 1h",
    ),
    (
        "refused",
        {"keys": (KeyStanding(name="redo", failing="redo.unauthorized"),)},
        "the key redo is refused",
        "hub secrets set example redo",
    ),
    (
        "ending",
        {"keys": (KeyStanding(name="redo", ends_at=NOW + 71 * HOUR),)},
        "the key redo ends in 2 d 2",
        "hub secrets set example redo",
    ),
    (
        "ended",
        {"keys": (KeyStanding(name="redo", ends_at=NOW - HOUR),)},
        "the key redo ended 1 h",
        "hub secrets set example redo",
    ),
    (
        "away",
        {
            "partners": (
                PartnerStanding(
                    partner="mintsoft", closed_until=NOW + HOUR, closed_since=NOW - HOUR
                ),
            )
        },
        "mintsoft is away",
        "hub check example",
    ),
    (
        "budget",
        {"partners": (PartnerStanding(partner="unleashed", forecast=1.2),)},
        "calls to unleashed will be 120% of the month's",
        "hub unleashed flows example",
    ),
    (
        "parked",
        {"causes": (Cause(code="x.y", flow="f", count=2, oldest=NOW - HOUR),)},
        "2 parked: x.y (f), oldest 1 h",
        "hub parked list example --reason x.y",
    ),
    (
        "clock",
        {"past_clock": 3},
        "3 delivered and past their clock",
        "hub timeline example ret_1",
    ),
    (
        "people",
        {"steps": (waiting(Step.PERSON, 2),)},
        "2 returns wait for a person, oldest 1 d 3 h",
        "hub timeline example ret_1",
    ),
    (
        "drift",
        {"drift": DriftStanding(looked_at=NOW, open=9, is_over_limit=True)},
        "drift is over its limit: 9",
        "hub drift list example",
    ),
    ("untold", {"not_told": ("parked work: busy",)}, "not told: parked work", "hub tail"),
]


@pytest.mark.parametrize(
    ("changes", "what", "helps"), [row[1:] for row in PROBLEMS], ids=[row[0] for row in PROBLEMS]
)
def test_what_is_wrong_comes_first_with_the_command_that_helps(
    looks: Looks, command: Command, changes: dict[str, Any], what: str, helps: str
) -> None:
    looks.kept["example"] = changed(**changes)
    result = command("status")
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[1] == "1 thing needs a person"
    assert lines[2].startswith(f"! {what}")
    assert lines[3].startswith(helps)
    assert "all quiet" not in result.stdout


@pytest.mark.parametrize(
    "changes",
    [
        {"freshness": (job("poll_mintsoft", 14 * MINUTE),)},
        {"freshness": (job("poll_mintsoft", failing="mintsoft.away"),)},
        {"freshness": (Freshness(job="a", flow="a", every_seconds=3600, succeeded_at=NOW - HOUR),)},
        {"freshness": (Freshness(job="a", flow="a", every_seconds=300),)},
        {"keys": (KeyStanding(name="redo", ends_at=NOW + 73 * HOUR),)},
        {
            "partners": (
                PartnerStanding(
                    partner="mintsoft", closed_until=NOW + MINUTE, closed_since=NOW - MINUTE
                ),
            )
        },
        {"partners": (PartnerStanding(partner="unleashed", forecast=1.0),)},
        {"drift": None, "steps": (), "partners": (), "keys": (), "freshness": ()},
        {"drift": DriftStanding()},
    ],
)
def test_what_ends_by_itself_needs_nobody(
    looks: Looks, command: Command, changes: dict[str, Any]
) -> None:
    looks.kept["example"] = changed(**changes)
    assert command("status").exit_code == 0


def test_the_worst_comes_first_and_many_of_a_kind_are_counted() -> None:
    causes = tuple(Cause(code=f"x.{n}", flow="f", count=n, oldest=NOW) for n in range(1, 9))
    keys = (KeyStanding(name="redo", failing="redo.unauthorized"),)
    found = problems_of(changed(causes=causes, keys=keys, past_clock=1), NOW)
    assert [problem.rank for problem in found] == [0, 3, 3, 3, 3, 3, 3, 4]
    assert found[1].what.startswith("8 parked: x.8")
    assert found[6].what == "and 3 more like that"


def test_dead_letters_of_the_stack_need_a_person(looks: Looks, made: Hub, command: Command) -> None:
    put(made, "approved_returns_dead_letter")
    put(made, "poll_mintsoft")
    result = command("status")
    assert result.exit_code == 1
    assert "1 dead letters of approved-returns" in result.stdout
    assert "hub dlq list --queue approved-returns" in result.stdout
    assert "approved-returns 1 dead, poll-mintsoft 1" in result.stdout


def test_a_merchant_that_nobody_looked_at_is_not_quiet(looks: Looks, command: Command) -> None:
    looks.kept.clear()
    result = command("status")
    assert result.exit_code == 1
    assert "example: no overview was made yet" in " ".join(result.stdout.split())


def test_now_looks_again(looks: Looks, command: Command) -> None:
    looks.fresh["example"] = changed(past_clock=1)
    assert command("status", "example").exit_code == 0
    assert command("status", "example", "--now").exit_code == 1


def test_of_many_merchants_there_is_a_line_each_the_worst_first(
    looks: Looks, made: Hub, command: Command
) -> None:
    for name in ("a-quiet", "b-parked", "c-key"):
        content = Merchant.model_validate(merchant_file(merchant=name))
        made.merchants.apply(content, "sam", after=0)
        looks.kept[name] = changed(merchant=name)
    causes = (Cause(code="x.y", flow="f", count=2, oldest=NOW - HOUR),)
    looks.kept["b-parked"] = changed(merchant="b-parked", causes=causes)
    key = KeyStanding(name="redo", failing="redo.unauthorized")
    looks.kept["c-key"] = changed(merchant="c-key", keys=(key,), causes=causes)
    result = command("status")
    assert result.exit_code == 1
    names = [line.split()[0] for line in result.stdout.splitlines() if " ago" in line]
    assert names == ["c-key", "b-parked", "a-quiet", "example"]
    assert "and 1 more" in result.stdout
    found = json.loads(command("status", "--json").stdout)
    assert found["is_quiet"] is False
    quiet = {row["merchant"]: row["is_quiet"] for row in found["merchants"]}
    assert quiet == {"a-quiet": True, "b-parked": False, "c-key": False, "example": True}


@pytest.mark.parametrize("words", [(), ("example",), ("example", "--now")])
def test_a_merchant_whose_file_cannot_be_read_is_told_first(
    looks: Looks, made: Hub, command: Command, words: tuple[str, ...]
) -> None:
    made.dynamodb.update_item(
        TableName="MerchantsTable",
        Key={"pk": {"S": "example"}, "sk": {"S": "LIVE"}},
        UpdateExpression="REMOVE applied_at",
    )
    result = command("status", *words)
    assert result.exit_code == 1
    told = " ".join(result.stdout.split())
    assert "nothing is done for this merchant: the file of example (version 1) cannot be" in told
    assert "hub config apply" in told


def test_machines_are_told_everything(looks: Looks, command: Command) -> None:
    result = command("status", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["is_quiet"]) == (0, True)
    assert found["merchants"][0]["overview"]["config_version"] == 7
    assert [row["name"] for row in found["queues"]] == ["approved-returns", "poll-mintsoft"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nobody",), 1, "no merchant 'nobody'"),
        (("example", "--all"), 2, "or --all"),
    ],
)
def test_what_makes_no_sense_is_refused(
    looks: Looks, command: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    result = command("status", *words)
    assert result.exit_code == code
    assert said in result.output


def counted(made: Hub) -> Callable[[], list[str]]:
    asked: list[str] = []
    for client in (made.dynamodb, made.sqs):
        client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    return lambda: asked


def test_a_look_costs_so_many_requests_however_much_is_stored(
    looks: Looks, made: Hub, command: Command
) -> None:
    for number in range(200):
        act = Act(act_id=str(number), at=NOW - number * HOUR, who="pat", through="hub", verb="v")
        made.audit.record(act.model_copy(update={"merchant": "example"}))
    asked = counted(made)
    assert command("status").exit_code == 0
    of_dynamodb = [name for name in asked() if name != "GetQueueAttributes"]
    assert len(of_dynamodb) <= 6, of_dynamodb
    assert len(asked()) - len(of_dynamodb) == 4
    assert "Scan" not in asked()
