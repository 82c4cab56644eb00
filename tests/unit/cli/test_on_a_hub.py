"""The command's verbs against a whole hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import Event, Parked, Skipped
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.sync.records import (
    RecordSeen,
    StepPlanned,
    StepStuck,
    SyncEvent,
    SyncFact,
    SyncState,
    Unparked,
)
from returns_hub.errors import Retryable
from returns_hub.ports import ParkedItem
from tests.support.fakes import START, Telemetry
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_messages import GOOD


def file(folder: Path, **changes: Any) -> str:
    path = folder / "example.yaml"
    path.write_text(yaml.safe_dump(merchant_file(**changes)), encoding="utf-8")
    return str(path)


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


def test_what_is_logged_of_a_merchants_work_says_whose_it_is(applied: Hub) -> None:
    applied.telemetry = heard = Telemetry()
    world = applied.world("example")
    world.run_failed(Retryable("x.busy", "busy"), flow="any")
    assert heard.lines == [
        ("run failed", {"merchant": "example", "flow": "any", "code": "x.busy", "reason": "busy"})
    ]
    assert heard.total("RunsFailed", flow="any", merchant="example") == 1


def test_a_file_is_applied_shown_and_listed(made: Hub, command: Command, tmp_path: Path) -> None:
    first = command("config", "apply", file(tmp_path), "--yes")
    assert first.exit_code == 0, first.output
    assert "version 1 is live" in first.output

    again = command("config", "apply", file(tmp_path), "--yes")
    assert "nothing changes" in again.output

    second = command("config", "apply", file(tmp_path, name="Renamed"), "--yes")
    assert "version 2 is live" in second.output
    assert "Renamed" in second.output

    live = made.merchants.version("example")
    assert (live.version, live.applied_by) == (2, "arn:aws:iam::1:user/pat")
    assert json.loads(command("config", "show", "example").stdout)["name"] == "Renamed"
    old = command("config", "show", "example", "--version", "1")
    assert json.loads(old.stdout)["name"] == "Example Fashion"
    assert "example  version 2" in command("config", "list").stdout
    (row,) = json.loads(command("config", "list", "--json").stdout)
    assert (row["merchant"], row["version"]) == ("example", 2)


def test_a_list_of_merchants_tells_what_is_not_there_from_what_cannot_be_read(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = command("config", "list", "--merchant", "nobody")
    assert (unknown.exit_code, "no merchant 'nobody'" in unknown.stderr) == (1, True)

    def away(*_: object) -> None:
        raise Retryable("aws.dynamodb.busy", "dynamodb answered Throttling")

    monkeypatch.setattr(applied.merchants, "version", away)
    away_ = command("config", "list")
    assert (away_.exit_code, "unreadable" in away_.output) == (3, False)


@pytest.mark.parametrize("name", ["../../etc", "a b", "Example"])
def test_the_standing_of_secrets_is_of_a_merchants_alone(
    applied: Hub, command: Command, name: str
) -> None:
    told = command("secrets", "status", name)
    assert (told.exit_code, "a merchant is lower-case" in told.stderr) == (2, True)


def test_nothing_is_applied_without_a_yes(made: Hub, command: Command, tmp_path: Path) -> None:
    result = command("config", "apply", file(tmp_path), given="n\n")

    assert result.exit_code == 1
    assert made.merchants.all_ids() == ()


def test_a_live_file_that_this_release_cannot_read_is_replaced_by_the_next_version(
    applied: Hub, command: Command, tmp_path: Path
) -> None:
    boto3.client("dynamodb").update_item(
        TableName="MerchantsTable",
        Key={"pk": {"S": "example"}, "sk": {"S": "LIVE"}},
        UpdateExpression="SET #file = :file",
        ExpressionAttributeNames={"#file": "file"},
        ExpressionAttributeValues={":file": {"S": '{"merchant": "example"}'}},
    )
    result = command("config", "apply", file(tmp_path), "--yes")

    assert result.exit_code == 0
    assert "does not fit this release" in result.output
    assert applied.merchants.version("example").version == 2


def secret(made: Hub, name: str) -> dict[str, str] | None:
    found = made.secrets.read_if_set("example", name)
    return dict(found.value) if found else None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "[]",
        "[" * 60_000,
        '{"api_key": 5}',
        '{"token": "x"}',
        '{"api_key": ""}',
        '{"api_key": " "}',
        '{"username": "x"}',
        b"\xff",
    ],
)
def test_a_secret_of_the_wrong_shape_is_refused(
    applied: Hub, command: Command, value: str | bytes
) -> None:
    result = command("secrets", "set", "example", "mintsoft", "--from-stdin", given=value)

    assert result.exit_code == 1
    assert secret(applied, "mintsoft") is None


def test_a_secret_goes_in_and_never_comes_out(applied: Hub, command: Command) -> None:
    piped = command(
        "secrets", "set", "example", "redo", "--from-stdin", given='{"api_token": "hunter2"}'
    )
    asked = command("secrets", "set", "example", "mintsoft", given="\nhunter3\n")
    told = command("secrets", "status", "example")
    as_json = command("secrets", "status", "example", "--json")

    assert secret(applied, "redo") == {"api_token": "hunter2"}
    assert secret(applied, "mintsoft") == {"api_key": "hunter3"}
    assert "redo: set (api_token)" in told.stdout
    set_now = {row["name"]: row["is_set"] for row in json.loads(as_json.stdout)}
    assert set_now == {"mintsoft": True, "redo": True, "redo-webhook": False}
    for result in (piped, asked, told, as_json):
        assert result.exit_code == 0, result.output
        assert "hunter" not in result.output


def test_a_webhooks_token_has_to_be_long_and_may_have_a_previous_one(
    applied: Hub, command: Command
) -> None:
    def put(**value: str) -> Any:
        given = json.dumps(value)
        return command("secrets", "set", "example", "redo-webhook", "--from-stdin", given=given)

    short = put(token="t" * 31)
    assert (short.exit_code, secret(applied, "redo-webhook")) == (1, None)
    assert "shorter than 32" in short.output
    assert put(token="t" * 32, previous_token="p" * 31).exit_code == 1
    good = put(token="t" * 32, previous_token="p" * 32)
    assert good.exit_code == 0
    assert "warning" not in good.output
    assert secret(applied, "redo-webhook") == {"token": "t" * 32, "previous_token": "p" * 32}


def test_secrets_are_named_as_the_file_names_them(made: Hub, command: Command) -> None:
    content = merchant_file()
    content["redo"] |= {"secret": "redo-uk"}
    content["mintsoft"] |= {"secret": "wms", "authentication": "login"}
    made.merchants.apply(Merchant.model_validate(content), "test", after=0)

    given = '{"api_token": "x"}'
    right = command("secrets", "set", "example", "redo-uk", "--from-stdin", given=given)
    wrong = command("secrets", "set", "example", "redo", "--from-stdin", given=given)
    login = command("secrets", "set", "example", "wms", given="\npat\nhunter2\n")
    key = command("secrets", "set", "example", "wms", "--from-stdin", given='{"api_key": "x"}')
    made.secrets.write("example", "wms-session", {"api_key": "k", "expires_at": "2026-03-03"})
    told = command("secrets", "status", "example").stdout

    assert right.exit_code == 0
    assert wrong.exit_code == 1
    assert "there are: redo-uk, redo-webhook and wms" in wrong.output
    assert login.exit_code == 0, login.output
    assert "look for username and password" in key.stderr
    assert "wms-session: set (api_key, expires_at), good until 2026-03-03" in told


def test_a_secret_that_is_not_JSON_is_told_without_its_content(
    applied: Hub, command: Command
) -> None:
    boto3.client("secretsmanager").create_secret(
        Name="returns-hub/example/redo", SecretString="hunter2"
    )
    result = command("secrets", "status", "example")

    assert result.exit_code == 0
    assert "redo: secret returns-hub/example/redo is not JSON" in result.stdout
    assert "hunter2" not in result.output
    assert applied.secrets.read_if_set("example", "mintsoft") is None


@pytest.mark.parametrize("merchant", ["../x", "a/b", "Example", ""])
def test_a_secrets_merchant_is_one_part_of_its_name(
    made: Hub, command: Command, merchant: str
) -> None:
    given = '{"api_token": "x"}'
    result = command("secrets", "set", merchant, "redo", "--from-stdin", given=given)

    assert result.exit_code == 2
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []


def test_an_event_is_published_as_it_was_given(made: Hub, command: Command) -> None:
    text = json.dumps(GOOD)
    result = command("publish", "-", given=text)

    assert result.exit_code == 0, result.output
    queue = made.settings.approved_returns_queue_url
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == text


def test_a_timeline_is_told_in_words_without_steering_the_terminal(
    made: Hub, command: Command
) -> None:
    fact = Skipped(flow="announce", code="type.off", reason="not \x1b[2J[bold]taken")
    event = Event(sequence=1, at=START, actor="a[b]c", rule="r", config_version=3, fact=fact)
    made.returns.append(made.returns.load("example", "r1"), [event])

    told = command("timeline", "example", "r1", "--rules")
    assert told.exit_code == 0, told.output
    for word in ("2026-03-02", "09:00:00", "[bold]taken", "a[b]c", "v3", "stands: skipped"):
        assert word in told.stdout
    assert "\x1b[2J" not in told.stdout

    (row,) = json.loads(command("timeline", "example", "r1", "--json").stdout)
    assert row["fact"]["code"] == "type.off"
    assert command("timeline", "example", "r2").exit_code == 1


def parked_item(merchant: str, parked_id: str) -> ParkedItem:
    return ParkedItem(
        merchant=merchant,
        parked_id=parked_id,
        flow="create_external_return",
        code="event.invalid",
        reason="the [reason]",
        subject="r1",
        payload='{"secret payload": 1}',
    )


def test_parked_work_is_listed_and_shown(applied: Hub, command: Command) -> None:
    applied.parking.park(parked_item("example", "a/1"))
    applied.parking.park(parked_item("_unknown", "b/2"))

    one = command("parked", "list", "example")
    assert "a/1" in one.stdout
    assert "the [reason]" in one.stdout
    assert "1 parked" in one.stdout
    everything = json.loads(command("parked", "list", "--json").stdout)
    assert [(row["merchant"], row["parked_id"]) for row in everything] == [
        ("example", "a/1"),
        ("_unknown", "b/2"),
    ]
    assert "payload" not in everything[0]
    shown = json.loads(command("parked", "show", "_unknown", "b/2").stdout)
    assert shown["payload"] == '{"secret payload": 1}'
    assert command("parked", "show", "example", "b/2").exit_code == 1


def test_parked_work_is_replayed_by_filter_once(applied: Hub, command: Command) -> None:
    for number in (1, 2, 3):
        applied.parking.park(parked_item("example", f"a/{number}"))

    assert command("parked", "replay").exit_code == 2
    assert "say which" in command("parked", "replay").stderr
    dry = command("parked", "replay", "--all", "--dry-run").stdout
    assert "3 would be acted on" in dry
    assert "sent: it is taken as new; what the ledger knows is not repeated" in dry
    assert waiting(applied) == 0
    assert command("parked", "replay", "--merchant", "example", given="n\n").exit_code == 1
    assert "nothing" in command("parked", "replay", "--reason", "other").stdout
    assert "nothing" in command("parked", "replay", "--all", "--older-than", "1d").stdout
    assert command("parked", "replay", "--older-than", "soon").exit_code == 2
    many = ("--merchant", "example", "--yes", "--rate", "100")
    assert "3 replayed" in command("parked", "replay", *many).stdout
    assert "nothing" in command("parked", "replay", *many).stdout
    assert waiting(applied) == 3
    closed = json.loads(command("parked", "list", "--closed", "--json").stdout)
    assert {(row["state"], row["closed_by"]) for row in closed} == {
        ("replayed", "arn:aws:iam::1:user/pat")
    }


def a_parked_record(made: Hub) -> SyncState:
    """A record whose step nobody knows the end of, and its item in the list."""
    records = made.sync_records()
    state = SyncState(merchant="example", flow="fake.records", key="A/1")
    facts: tuple[SyncFact, ...] = (
        RecordSeen(source_version="v1"),
        StepPlanned(step="make", summary="make it"),
        StepStuck(step="make", why="unknown"),
        Parked(flow=state.flow, parked_id="fake.records/A/1", code="x.y", reason="look there"),
    )
    events = [
        SyncEvent(sequence=n, at=made.clock.now(), actor="hub", rule="x", config_version=1, fact=f)
        for n, f in enumerate(facts, start=1)
    ]
    made.parking.park(
        ParkedItem(
            merchant="example",
            parked_id="fake.records/A/1",
            flow="fake.records",
            code="x.y",
            reason="look there",
            subject="sync/fake.records/A/1",
            payload=state.model_dump_json(include={"flow", "key", "source_version"}),
        )
    )
    return records.append(state, events)


def test_a_record_that_is_parked_goes_on_or_is_taken_off(applied: Hub, command: Command) -> None:
    state = a_parked_record(applied)
    records = applied.sync_records()

    again = command("parked", "replay", "fake.records/A/1", "--send-again", "--yes")
    assert "1 replayed" in again.stdout
    after = records.load(state.merchant, state.flow, state.key)
    assert (after.in_work, after.steps[0].attempt) == (True, 1)
    assert records.timeline(state.merchant, state.flow, state.key)[-1].actor.endswith("user/pat")
    assert waiting(applied) == 0


def test_a_record_that_is_taken_off_says_why(applied: Hub, command: Command) -> None:
    state = a_parked_record(applied)

    command("parked", "discard", "fake.records/A/1", "--note", "seen to", "--yes")
    records = applied.sync_records()
    assert records.load(state.merchant, state.flow, state.key).standing == "discarded"
    last = records.timeline(state.merchant, state.flow, state.key)[-1].fact
    assert last == Unparked(act="discarded", note="seen to")


def test_send_again_needs_ids_and_discard_needs_a_note(applied: Hub, command: Command) -> None:
    applied.parking.park(parked_item("example", "a/1"))

    assert "name their ids" in command("parked", "replay", "--all", "--send-again").stderr
    assert command("parked", "discard", "a/1").exit_code == 2
    assert "1 discarded" in command("parked", "discard", "a/1", "--note", "by hand").stdout
    assert waiting(applied) == 0
    assert command("parked", "list").stdout.strip() == "0 parked"


def waiting(applied: Hub) -> int:
    url = applied.settings.approved_returns_queue_url
    answer = boto3.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "show", "nobody"],
        ["config", "show", "nobody", "--version", "9"],
    ],
)
def test_an_unknown_merchant_is_told(made: Hub, command: Command, arguments: list[str]) -> None:
    result = command(*arguments)

    assert result.exit_code == 1
    assert "nobody" in result.output
