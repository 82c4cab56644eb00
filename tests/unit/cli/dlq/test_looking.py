"""hub dlq list, show: dead letters are looked at, and none is changed by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli import dead_letters as looking
from cli import worlds
from local.stack import ROOT, Stack, translated
from local.world import dead_letter_environment
from returns_hub.bootstrap import Hub
from returns_hub.flows.dead_letters import envelope, judged
from returns_hub.settings import Settings
from tests.unit.cli.conftest import Command
from tests.unit.cli.dlq.conftest import INVALID, PRIVATE, WITH_BODIES, Letters, listed
from tests.unit.test_messages import GOOD


def test_dead_letters_are_listed_with_what_is_wrong_and_without_their_bodies(
    letters: Letters, command: Command
) -> None:
    good = letters.put(WITH_BODIES)
    bad = letters.put(INVALID)
    text = letters.put(f"\x1b[2J{PRIVATE}")
    poll = letters.put({"merchant": "example"}, "poll-dead")
    result = command("dlq", "list")

    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert lines[good].split()[1:4] == ["approved-returns", "example", "r1"]
    assert lines[good].split()[-1] == "readable"
    assert "event.invalid" in lines[bad]
    assert lines[text].split()[2] == "_unknown"
    assert lines[poll].split()[1:3] == ["poll-mintsoft", "example"]
    assert "4 dead letters" in result.stdout
    assert PRIVATE not in result.output
    assert "\x1b" not in result.output
    assert letters.count("approved-dead") == (3, 0)
    assert letters.count("poll-dead") == (1, 0)


def test_a_long_list_is_whole_and_for_machines(letters: Letters, command: Command) -> None:
    ids = {letters.put(GOOD | {"return_id": f"r{number}"}) for number in range(23)}
    ids.add(letters.put(WITH_BODIES))
    result = command("dlq", "list", "--json")
    content = json.loads(result.stdout)

    assert {row["message_id"] for row in content["messages"]} == ids
    assert (content["is_whole"], content["doubts"]) == (True, [])
    row = content["messages"][0]
    assert (row["queue"], row["merchant"], row["code"]) == (
        "approved-returns",
        "example",
        "readable",
    )
    assert row["receives"] == 1
    assert PRIVATE not in result.output


def test_a_list_that_may_not_be_whole_says_so(letters: Letters, command: Command) -> None:
    for _ in range(3):
        letters.put(GOOD)
    letters.sqs.receive_message(QueueUrl=letters.urls["approved-dead"], VisibilityTimeout=60)

    told = command("dlq", "list")
    assert "2 dead letters" in told.stdout
    assert "may not be all, SQS counts about 1 more" in told.stderr
    assert json.loads(command("dlq", "list", "--json").stdout)["is_whole"] is False


def test_a_list_that_is_broken_off_gives_all_back(
    letters: Letters, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        letters.put(GOOD)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking, "read", interrupted)
    assert command("dlq", "list").exit_code != 0
    assert letters.count("approved-dead") == (12, 0)


def test_filters_narrow_together(letters: Letters, command: Command) -> None:
    r1 = letters.put(GOOD)
    r2 = letters.put(INVALID)
    text = letters.put("no json")
    other = letters.put(GOOD | {"merchant": "outlet"})
    poll = letters.put({"merchant": "example"}, "poll-dead")
    astray = letters.put({"merchant": "Bad!"}, "poll-dead")

    for arguments, expected in (
        ([], {r1, r2, text, other, poll, astray}),
        (["--queue", "poll-mintsoft"], {poll, astray}),
        (["--queue", "approved-returns"], {r1, r2, text, other}),
        (["--merchant", "example"], {r1, r2, poll}),
        (["--merchant", "_unknown"], {text, astray}),
        (["--return", "r1"], {r1, other}),
        (["--return", "r1", "--merchant", "example"], {r1}),
        (["--reason", "event.invalid"], {r2}),
        (["--reason", "event.not_json"], {text}),
        (["--reason", "poll.no_merchant"], {astray}),
        (["--reason", "readable"], {r1, other, poll}),
        ([r1, poll], {r1, poll}),
        ([r1, poll, "--queue", "poll-mintsoft"], {poll}),
        (["--merchant", "nobody"], set()),
    ):
        assert listed(command, *arguments) == expected, arguments


def test_filters_by_age(
    letters: Letters, made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = letters.put(GOOD)
    later = datetime.now(UTC) + timedelta(hours=3)
    monkeypatch.setattr(made.clock, "now", lambda: later)

    assert listed(command, "--older-than", "2h") == {one}
    assert listed(command, "--older-than", "4h") == set()
    assert listed(command, "--newer-than", "4h") == {one}
    assert listed(command, "--newer-than", "2h") == set()
    assert listed(command, "--older-than", "2h", "--newer-than", "1d") == {one}
    assert command("dlq", "list", "--older-than", "soon").exit_code == 2
    assert "3h 0m" in command("dlq", "list").stdout


def test_show_hides_what_may_be_personal_until_told(letters: Letters, command: Command) -> None:
    one = letters.put(WITH_BODIES)
    hidden = command("dlq", "show", one)
    content = json.loads(hidden.stdout)

    assert content["envelope"] == GOOD | {"return": "hidden", "order": "hidden"}
    assert content["code"] == "readable"
    assert PRIVATE not in hidden.output
    shown = json.loads(command("dlq", "show", one, "--payload").stdout)
    assert json.loads(shown["body"]) == WITH_BODIES
    assert command("dlq", "show", "no-such").exit_code == 1
    assert letters.count("approved-dead") == (1, 0)


@pytest.mark.parametrize(
    "body",
    [
        PRIVATE,
        json.dumps([PRIVATE]),
        *(json.dumps(GOOD | {name: PRIVATE}) for name in GOOD),
        *(json.dumps(GOOD | {name: {"x": PRIVATE}}) for name in GOOD),
        json.dumps(GOOD | {PRIVATE: 1}),
        json.dumps(GOOD | {"note": PRIVATE}),
        "[" * 100_000,
    ],
)
def test_no_envelope_shows_what_is_not_the_contracts(body: str) -> None:
    assert PRIVATE not in json.dumps(envelope(body))


def test_a_fault_in_reading_a_message_is_told_and_stops_no_list() -> None:
    def contract(_: str) -> None:
        raise ZeroDivisionError(PRIVATE)

    assert judged("{}", contract) == ("fault", "reading it ends in ZeroDivisionError")


def test_a_hub_without_named_dead_letter_queues_says_so(made: Hub, command: Command) -> None:
    result = command("dlq", "list")

    assert result.exit_code == 1
    assert "no dead-letter queues were named" in result.output


def test_the_local_stack_names_the_queues_that_the_template_gives_up_to(tmp_path: Path) -> None:
    stack = Stack(
        translated(ROOT / "template.yaml", tmp_path), {"Stage": "local"}, stack_name="test"
    )
    named = dead_letter_environment(stack)
    for source in ("ApprovedReturnsQueue", "PollMintsoftQueue"):
        target = stack.resources[source]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
        (name,) = (key for key, value in named.items() if value == target["Fn::GetAtt"][0])
        assert name.lower() in Settings.model_fields
        assert name in worlds.OUTPUTS.values()
