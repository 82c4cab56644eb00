"""hub backfill, hub catch-up: what the command takes, asks, does and says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli import progress
from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import RedoSimulator
from returns_hub.bootstrap import Hub
from returns_hub.domain.events import thin_event
from returns_hub.domain.merchant import Merchant
from returns_hub.flows.backfill_jobs import read_job
from tests.support.worlds import TOKEN, item, merchant_file, redo_return
from tests.unit.cli.conftest import Command, Partners

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAT = "arn:aws:iam::1:user/pat"
MARCH = ("--from", "2026-03-01")


@pytest.fixture
def redo(partners: Partners, made: Hub, monkeypatch: pytest.MonkeyPatch) -> RedoSimulator:
    """A portal that the command reaches, at a fixed time, with nobody waiting for turns."""
    core = RedoSimulator(now=lambda: NOW)
    core.seed({"store_id": "store", "tokens": {TOKEN: ["returns_read", "returns_write"]}})
    content = merchant_file()
    partners.cores[content["redo"]["base_url"]] = core
    made.merchants.apply(Merchant.model_validate(content), "test", after=0)
    made.secrets.write("example", "redo", {"api_token": TOKEN})
    monkeypatch.setattr(made.clock, "now", lambda: NOW)
    monkeypatch.setattr(made.clock, "sleep", lambda seconds: None)
    monkeypatch.setattr(made, "seconds_ahead", lambda: 0.0)
    return core


def put(redo: RedoSimulator, *ids: str, days_ago: float = 3, **changes: Any) -> None:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    for return_id in ids:
        body = {"id": return_id, "createdAt": at, "updatedAt": at} | changes
        redo.put(redo_return([item(1, "TEE")], **body), [])


def queued(made: Hub) -> list[str]:
    """Ids of the returns in the queue, which is emptied by looking."""
    sqs: Any = boto3.client("sqs")
    url = made.settings.approved_returns_queue_url
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies = [json.loads(message["Body"]) for message in messages]
        assert {body["source"] for body in bodies} == {"backfill"}
        found += [body["return_id"] for body in bodies]
    return sorted(found)


def words(output: str) -> str:
    """What was said, wherever its lines end."""
    return re.sub(r"[\s│]+", " ", output)


# -- what is refused --------------------------------------------------------------------------


REFUSED: list[tuple[list[str], str]] = [
    ([], "say which returns"),
    (["--to", "2026-03-05"], "--to goes with --from"),
    (["--from", "soon"], "is no time"),
    (["--from", "20260301"], "is no time"),
    (["--from", "2026-02-30"], "is no time"),
    (["--from", "2026-03-01T25:00:00Z"], "is no time"),
    (["--from", "0001-01-01T00:00:00+14:00"], "is no time"),
    (["--from", "2026-03-05", "--to", "2026-03-01"], "--to is not after --from"),
    (["--from", "2026-03-05T10:00Z", "--to", "2026-03-05T10:00Z"], "--to is not after"),
    (["--from", "2026-03-11"], "lies in the future"),
    (["--from", "2025-01-01"], "longer than 90 days; --yes if it is meant"),
    (["--ids", ""], "there is no id in it"),
    (["--ids", " , "], "there is no id in it"),
    (["--ids", "r1,#1001,a/b"], "no ids of returns: '#1001', 'a/b'"),
    (["--ids", "@no-such-file"], "no-such-file cannot be read"),
    (["--ids", "r1", "--from", "2026-03-01"], "it goes without --from"),
    (["--ids", "r1", "--status", "open"], "it goes without --from"),
    (["--status", "complete"], "'complete' is not a status of returns that are announced"),
    (["--status", ""], "'' is not a status"),
    ([*MARCH, "--limit", "0"], "--limit"),
    ([*MARCH, "--calls-per-minute", "0"], "--calls-per-minute"),
    ([*MARCH, "--calls-per-minute", "10000"], "--calls-per-minute"),
    ([*MARCH, "--json"], "--json begins a job with --yes"),
    ([*MARCH, "list"], "options of a job go without list"),
]


def test_what_makes_no_sense_is_refused_in_words_and_nothing_is_asked(
    redo: RedoSimulator, command: Command
) -> None:
    for arguments, why in REFUSED:
        result = command("backfill", *arguments, given="y\n")

        assert result.exit_code == 2, (arguments, result.output)
        assert why in words(result.output), arguments
    assert not redo.calls.counts


def test_ids_come_from_files_and_standard_input(
    redo: RedoSimulator, made: Hub, command: Command, tmp_path: Path
) -> None:
    put(redo, "r1", "r2", "r3")
    file = tmp_path / "ids.txt"
    file.write_text("r1, r2\nr2\n\n", encoding="utf-8")

    assert command("backfill", "--ids", f"@{file}", "--yes").exit_code == 0
    assert queued(made) == ["r1", "r2"]
    assert command("backfill", "--ids", "-", "--yes", given="r3\n").exit_code == 0
    assert queued(made) == ["r3"]
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in command("backfill", "--ids", f"@{file}").output


def test_an_adopting_merchants_old_returns_are_not_announced_beside_their_records(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    content = merchant_file()
    content["flows"]["create_external_returns"]["before_live_from"] = "adopt"
    made.merchants.apply(Merchant.model_validate(content), "test", after=1)
    result = command("backfill", *MARCH, "--even-before-live", "--yes")

    assert result.exit_code == 1
    assert "adopt" in result.output
    assert not redo.calls.counts


@pytest.mark.parametrize(("off", "word"), [(20, "20 s ahead of"), (-3600, "3600 s behind")])
def test_a_machine_whose_clock_is_wrong_does_not_write_into_the_flows_gates(
    made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch, off: int, word: str
) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    wrong = datetime.now(UTC) + timedelta(seconds=off)
    monkeypatch.setattr(made.clock, "now", lambda: wrong)
    result = command("backfill", "--ids", "r1", "--yes")

    assert result.exit_code == 1
    assert re.search(word.replace(str(abs(off)), r"\d+"), result.output)


# -- what is asked ----------------------------------------------------------------------------


def test_a_person_sees_counts_first_and_a_no_sends_nothing(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    put(redo, "r1", "r2")
    put(redo, "r3", status="complete")
    put(redo, "r4", createdAt="2025-06-01T00:00:00Z")
    no = command("backfill", *MARCH, given="n\n")

    assert no.exit_code == 1
    told = words(no.stdout)
    assert "2 new or changed" in told
    assert "1 not approved, or over" in told
    assert "1 made before live_from" in told
    assert "send these 2?" in no.stderr
    assert queued(made) == []
    assert command("backfill", "list").stdout == "0 backfills\n"

    yes = command("backfill", *MARCH, given="y\n")
    assert yes.exit_code == 0, yes.output
    assert "finished: 2 sent" in yes.stdout
    assert queued(made) == ["r1", "r2"]


def test_when_there_is_nothing_to_send_nobody_is_asked(
    redo: RedoSimulator, command: Command
) -> None:
    assert "no return fits" in command("backfill", *MARCH).stdout
    put(redo, "r1", status="rejected")
    assert "nothing to send" in command("backfill", *MARCH).stdout


def test_ids_are_asked_about_without_reading_each_twice(
    redo: RedoSimulator, command: Command
) -> None:
    put(redo, "r1", "r2")
    result = command("backfill", "--ids", "r1,r2", given="n\n")

    assert result.exit_code == 1
    assert "2 returns by id" in result.stdout
    assert not redo.calls.counts


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    put(redo, *(f"r{number:02d}" for number in range(22)))
    put(redo, "over", status="complete")
    told = command("backfill", *MARCH, "--dry-run")
    content = json.loads(command("backfill", *MARCH, "--dry-run", "--json").stdout)

    assert told.exit_code == 0, told.output
    for part in ("22 new or changed", "would be sent: r21", "and 2 more", "nothing was done"):
        assert part in words(told.stdout)
    assert content["counts"]["sent"] == 22
    assert len(content["returns"]) == 23
    assert {row["ending"] for row in content["returns"]} == {"sent", "not_under_way"}
    assert queued(made) == []
    assert json.loads(command("backfill", "list", "--json").stdout) == []
    dry_ids = command("backfill", "--ids", "nobody,r01", "--dry-run")
    assert "nobody: Redo does not know it" in dry_ids.stdout


# -- what is done -----------------------------------------------------------------------------


def test_a_day_is_whole_and_a_time_without_offset_is_said_to_be_UTC(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    put(redo, "start", updatedAt="2026-03-02T00:00:00Z")
    put(redo, "end", updatedAt="2026-03-04T23:59:59Z")
    put(redo, "after", updatedAt="2026-03-05T00:00:00Z")
    result = command("backfill", "--from", "2026-03-02", "--to", "2026-03-04", "--yes")

    assert "changed from 2026-03-02 00:00 to 2026-03-05 00:00 (UTC)" in result.stdout
    assert queued(made) == ["end", "start"]
    naive = command("backfill", "--from", "2026-03-04T23:30", "--to", "2026-04-01", "--yes")
    assert "2026-03-04 23:30 is taken as UTC" in naive.stderr
    assert "--to lies in the future; the window ends now" in naive.stderr
    offset = command("backfill", "--from", "2026-03-05T01:30:00+02:00", "--yes")
    assert "taken as UTC" not in offset.output
    assert "from 2026-03-04 23:30" in offset.stdout


def test_a_status_alone_looks_at_all_times(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    put(redo, "young", status="in_transit")
    put(redo, "older", days_ago=60, status="in_transit")
    put(redo, "open")
    result = command("backfill", "--status", "in_transit,delivered", "--yes", "--json")

    assert queued(made) == ["older", "young"]
    assert json.loads(result.stdout)["job"] == "delivered-in-transit"


def test_the_same_command_goes_on_and_then_says_that_it_is_done(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    put(redo, "r1", "r2", "r3")
    first = command("backfill", *MARCH, "--yes", "--limit", "2")
    second = command("backfill", *MARCH)
    third = command("backfill", *MARCH)

    assert "limit: 2 sent" in first.stdout
    assert "the same command goes on from here" in first.stdout
    assert "going on after 2 returns" in second.stderr
    assert "finished: 3 sent" in second.stdout
    assert queued(made) == ["r1", "r2", "r3"]
    assert third.exit_code == 1
    assert "was finished on 2026-03-10" in third.stderr
    assert command("backfill", *MARCH, "--restart", "--yes").exit_code == 0
    assert queued(made) == ["r1", "r2", "r3"]


def test_an_interrupted_run_says_so_and_the_same_command_goes_on(
    redo: RedoSimulator, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(redo, "r1", "r2", "r3")
    url = made.settings.approved_returns_queue_url
    queue = made.queue(url)
    send = queue.send

    def interrupted(body: str, delay: int = 0) -> None:
        send(body, delay)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(queue, "send", interrupted)
        result = command("backfill", *MARCH, "--yes")
    assert result.exit_code == 130
    assert "the same command goes on from here" in result.stdout

    assert command("backfill", *MARCH).exit_code == 0
    assert sorted(set(queued(made))) == ["r1", "r2", "r3"]


def test_a_portal_that_stays_away_is_told_with_what_was_done(
    redo: RedoSimulator, command: Command
) -> None:
    put(redo, "r1")
    redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="stores", times=None))
    result = command("backfill", *MARCH, "--yes")

    assert result.exit_code == 3
    assert "stopped (the partner is away; it is probed): 0 sent" in result.stdout
    redo.faults.clear()


def test_unknown_ids_are_named_one_by_one(redo: RedoSimulator, made: Hub, command: Command) -> None:
    put(redo, "r1")
    result = command("backfill", "--ids", "nobody,r1,none", "--yes")

    assert result.exit_code == 1
    assert "nobody: Redo does not know it" in result.stdout
    assert "none: Redo does not know it" in result.stdout
    assert "finished: 1 sent" in result.stdout
    assert queued(made) == ["r1"]


def test_the_result_is_for_machines_too(redo: RedoSimulator, command: Command) -> None:
    put(redo, "r1")
    result = command("backfill", *MARCH, "--yes", "--json")
    content = json.loads(result.stdout)

    assert (content["job"], content["ended"], content["state"]) == (
        "from-20260301",
        "finished",
        "finished",
    )
    assert (content["sent"], content["counts"]["sent"], content["unknown_ids"]) == (1, 1, {})
    (row,) = json.loads(command("backfill", "list", "--json").stdout)
    assert (row["job"], row["started_by"]) == ("from-20260301", PAT)


def test_jobs_are_listed_and_cancelled(redo: RedoSimulator, made: Hub, command: Command) -> None:
    put(redo, "r1", "r2")
    command("backfill", *MARCH, "--name", "mine", "--limit", "1", "--yes")

    listed = command("backfill", "list")
    assert "mine" in listed.stdout
    assert "unfinished" in listed.stdout
    assert "mine: cancelled" in command("backfill", "cancel", "mine").stdout
    again = command("backfill", *MARCH, "--name", "mine")
    assert again.exit_code == 1
    assert f"cancelled by {PAT}" in again.stderr
    assert command("backfill", "cancel", "other").exit_code == 1
    job = read_job(made.cursors, "example", "mine")
    assert job is not None
    assert job.state == "cancelled"


@pytest.mark.parametrize("name", ["", "Bad!", "a" * 101])
def test_a_name_is_one(redo: RedoSimulator, made: Hub, command: Command, name: str) -> None:
    result = command("backfill", *MARCH, "--name", name, "--yes")

    assert result.exit_code == 2
    assert not redo.calls.counts


def test_several_merchants_have_to_be_told_apart(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file(merchant="outlet")), "t", after=0)

    for arguments in (["backfill", *MARCH], ["catch-up"], ["returns", "show", "r1"]):
        result = command(*arguments)
        assert result.exit_code == 2
        assert "example, outlet" in result.output
    assert command("backfill", *MARCH, "--merchant", "nobody").exit_code == 1


def test_every_call_is_behind_the_flows_gate_and_within_the_budget(
    redo: RedoSimulator, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(redo, "r1", "r2", "r3")
    slept: list[float] = []
    monkeypatch.setattr(made.clock, "sleep", slept.append)
    monkeypatch.setattr(made.clock, "monotonic", lambda: 0.0)
    command("backfill", *MARCH, "--yes", "--calls-per-minute", "30")

    calls = redo.calls.counts.total()
    turns = calls + 2 * 3
    assert max(slept) == pytest.approx(2.0 * (turns - 1))
    gate = boto3.client("dynamodb").get_item(
        TableName="ControlTable", Key={"pk": {"S": "gate#example/redo"}}
    )
    assert "next_free" in gate["Item"]


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    redo: RedoSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(redo, "r1", "r2")
    monkeypatch.setattr(progress, "PLAIN_EVERY", 0.0)
    result = command("backfill", *MARCH, "--yes")

    assert re.search(r"from-20260301: about \d+%, 2 returns, 2 sent", result.stderr)
    assert "\x1b" not in result.output


def test_a_bar_on_a_terminal_leaves_the_result_alone(
    redo: RedoSimulator, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(redo, "r1", "r2")
    monkeypatch.setattr(progress, "is_terminal", lambda: True)
    result = command("backfill", *MARCH, "--yes", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["sent"] == 2


# -- catch-up ---------------------------------------------------------------------------------


def catching_up(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    content = merchant_file()
    content["flows"]["catch_up"] = {"enabled": True}
    made.merchants.apply(Merchant.model_validate(content), "test", after=1)

    def at(moment: datetime) -> None:
        from returns_hub.runs import Run

        monkeypatch.setattr(made.clock, "now", lambda: moment)
        Run(made).catch_up()

    return at


def test_what_was_missed_is_shown_by_day(
    redo: RedoSimulator, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "switched off" in command("catch-up").stderr
    run_at = catching_up(made, monkeypatch)
    assert "has not run yet" in command("catch-up").stderr
    run_at(NOW)
    put(redo, "r1", days_ago=0)
    put(redo, "r2", days_ago=0, status="complete")
    run_at(NOW + timedelta(minutes=5))

    told = command("catch-up", "--days", "2")
    (row,) = [
        line.split() for line in told.stdout.splitlines() if line.strip()[:10] == "2026-03-10"
    ]
    assert row == ["2026-03-10", "2", "0", "0", "1", "100.0"]
    assert "caught up to 2026-03-10 12:03 (UTC)" in told.stdout
    content = json.loads(command("catch-up", "--json").stdout)
    assert content["enabled"] is True
    assert content["total"] == {
        "read": 2,
        "known": 0,
        "queued": 0,
        "missed": 1,
        "missed_percent": 100.0,
    }
    assert [row["day"] for row in content["days"]] == ["2026-03-10"]


def test_what_waits_in_the_queue_is_not_called_missed(
    redo: RedoSimulator, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_at = catching_up(made, monkeypatch)
    run_at(NOW)
    put(redo, "r1", days_ago=0)
    url = made.settings.approved_returns_queue_url
    made.queue(url).send(thin_event("example", "r1", NOW, "test"))
    run_at(NOW + timedelta(minutes=5))

    total = json.loads(command("catch-up", "--json").stdout)["total"]
    assert (total["queued"], total["missed"]) == (1, 0)
