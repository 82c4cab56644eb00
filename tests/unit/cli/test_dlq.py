"""hub dlq: dead letters are looked at, sent again, mended and discarded, and none is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import click
import pytest

from cli import dead_letters as looking
from cli import worlds
from cli.acting import Acting
from local.stack import ROOT, Stack, translated
from local.world import dead_letter_environment
from returns_hub.adapters.dynamodb.parking import LONGEST_PAYLOAD
from returns_hub.adapters.queues import dead_letters
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import Event, OperatorActed, Skipped
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Retryable
from returns_hub.flows import dead_letters as acting
from returns_hub.flows.dead_letters import envelope, judged
from returns_hub.ports.dead_letters import HOLD_SECONDS
from returns_hub.settings import Settings
from tests.privilege.verbs import aside
from tests.support.fakes import START
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_messages import GOOD

PAT = "arn:aws:iam::1:user/pat"
PRIVATE = "Erika Mustermann, Heidestr. 17"
WITH_BODIES = GOOD | {"return": {"name": PRIVATE}, "order": {"address": PRIVATE}}
INVALID = GOOD | {"return_id": "r2", "extra": PRIVATE}


class Letters:
    """The hub's queues and their dead-letter queues."""

    def __init__(self, made: Hub) -> None:
        self.sqs: Any = boto3.client("sqs")
        urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("approved-dead", "poll", "poll-dead")
        }
        made.settings = made.settings.model_copy(
            update={
                "poll_mintsoft_queue_url": urls["poll"],
                "approved_returns_dead_letter_queue_url": urls["approved-dead"],
                "poll_mintsoft_dead_letter_queue_url": urls["poll-dead"],
            }
        )
        self.urls = urls | {"approved": made.settings.approved_returns_queue_url}

    def put(self, content: Any, queue: str = "approved-dead") -> str:
        """Put a dead letter there; its id."""
        body = content if isinstance(content, str) else json.dumps(content)
        sent = self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)
        return str(sent["MessageId"])

    def count(self, queue: str) -> tuple[int, int]:
        """Messages that are visible, and those that somebody holds."""
        names = [f"ApproximateNumberOfMessages{name}" for name in ("", "NotVisible")]
        found = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=names)
        visible, held = (int(found["Attributes"][name]) for name in names)
        return visible, held

    def bodies(self, queue: str) -> list[str]:
        """The bodies that wait in a queue, at most ten."""
        found = self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def letters(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Letters:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    monkeypatch.setattr(dead_letters, "SEND_DELAY", 0)
    return Letters(made)


@pytest.fixture
def known(made: Hub) -> Hub:
    """The hub knows the merchant, and the returns r1 and r9."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    for return_id in ("r1", "r9"):
        fact = Skipped(flow="announce", code="type.off", reason="x")
        event = Event(sequence=1, at=START, actor="hub", rule="r", config_version=1, fact=fact)
        made.returns.append(made.returns.load("example", return_id), [event])
    return made


def acts(made: Hub, return_id: str = "r1") -> list[tuple[str, str, str, str]]:
    """Persons' acts on a return's timeline: (act, subject, note, who)."""
    return [
        (event.fact.act, event.fact.subject, event.fact.note, event.actor)
        for event in made.returns.timeline("example", return_id)
        if isinstance(event.fact, OperatorActed)
    ]


# ---------------------------------------------------------------- looking


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


def listed(command: Command, *arguments: str) -> set[str]:
    rows = json.loads(command("dlq", "list", "--json", *arguments).stdout)["messages"]
    return {row["message_id"] for row in rows}


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


# ---------------------------------------------------------------- which


@pytest.mark.parametrize("verb", [["replay", "--yes"], ["discard", "--yes", "--note", "x"]])
def test_an_act_on_nothing_named_is_refused(
    letters: Letters, command: Command, verb: list[str]
) -> None:
    letters.put(GOOD)
    nothing = command("dlq", *verb)
    both = command("dlq", *verb, "--all", "--merchant", "example")

    assert (nothing.exit_code, both.exit_code) == (2, 2)
    assert "--all" in nothing.output
    assert letters.count("approved-dead") == (1, 0)
    assert letters.count("approved") == (0, 0)


def test_an_edit_is_of_one_message(letters: Letters, command: Command) -> None:
    assert command("dlq", "edit").exit_code == 2
    assert command("dlq", "edit", "a", "b").exit_code == 2
    assert command("dlq", "edit", "no-such").exit_code == 1


@pytest.mark.parametrize("verb", [["replay"], ["discard", "--note", "x"]])
def test_more_than_one_is_asked_about(letters: Letters, command: Command, verb: list[str]) -> None:
    letters.put(GOOD)
    letters.put(GOOD)

    assert command("dlq", *verb, "--all", given="n\n").exit_code == 1
    assert letters.count("approved-dead") == (2, 0)
    dry = command("dlq", *verb, "--all", "--dry-run")
    assert "2 would be acted on" in dry.output
    assert letters.count("approved-dead") == (2, 0)
    assert command("dlq", *verb, "--all", "--rate", "100", given="y\n").exit_code == 0
    assert letters.count("approved-dead") == (0, 0)


# ---------------------------------------------------------------- replay


def test_a_dead_letter_is_replayed_once_and_its_return_tells_it(
    letters: Letters, known: Hub, command: Command
) -> None:
    one = letters.put(WITH_BODIES)
    result = command("dlq", "replay", one)

    assert result.exit_code == 0, result.output
    assert "1 of 1 replayed" in result.stdout
    assert letters.count("approved-dead") == (0, 0)
    (body,) = letters.bodies("approved")
    assert json.loads(body) == WITH_BODIES
    assert acts(known) == [("dead_letter_replayed", f"dead letter {one}", "", PAT)]

    again = command("dlq", "replay", one)
    assert again.exit_code == 1
    assert "no dead letter fits" in again.output
    assert letters.count("approved") == (1, 0)
    assert len(acts(known)) == 1


def test_only_what_fits_is_replayed_and_each_to_its_own_queue(
    letters: Letters, known: Hub, command: Command
) -> None:
    stays = letters.put("no json")
    for _ in range(13):
        letters.put(GOOD)
    letters.put({"merchant": "example"}, "poll-dead")
    result = command("dlq", "replay", "--merchant", "example", "--yes", "--rate", "100")

    assert result.exit_code == 0, result.output
    assert "14 of 14 replayed" in result.stdout
    assert listed(command) == {stays}
    assert letters.count("approved-dead") == (1, 0)
    assert letters.count("approved") == (13, 0)
    assert letters.bodies("poll") == ['{"merchant": "example"}']
    nothing = command("dlq", "replay", "--merchant", "example")
    assert nothing.exit_code == 0
    assert "nothing to replay" in nothing.stdout


def test_a_replay_keeps_to_its_rate(
    letters: Letters, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    still = SimpleNamespace(sleep=slept.append, monotonic=lambda: 7.0)
    monkeypatch.setattr("cli.filters.time", still)
    for _ in range(3):
        letters.put(GOOD)
    command("dlq", "replay", "--all", "--yes")

    assert slept == [0.2, 0.2]


def test_a_return_that_the_hub_does_not_know_has_no_timeline_and_that_is_said(
    letters: Letters, made: Hub, command: Command
) -> None:
    result = command("dlq", "replay", letters.put(GOOD))

    assert result.exit_code == 0
    assert "1 on no timeline" in result.stdout
    assert letters.count("approved") == (1, 0)
    assert acts(made) == []


@pytest.mark.parametrize("ending", [KeyboardInterrupt, Retryable("return.contended", "x")])
def test_a_replay_that_ends_between_send_and_delete_is_done_again(
    letters: Letters, known: Hub, command: Command, monkeypatch: pytest.MonkeyPatch, ending: Any
) -> None:
    one = letters.put(GOOD)

    def ends(*_: object) -> bool:
        raise ending

    with monkeypatch.context() as patched:
        patched.setattr(acting, "record_act", ends)
        result = command("dlq", "replay", one)
    assert result.exit_code != 0
    assert "0 of 1 replayed" in result.output
    assert letters.count("approved") == (1, 0)
    assert letters.count("approved-dead") == (1, 0)

    assert command("dlq", "replay", one).exit_code == 0
    assert letters.count("approved-dead") == (0, 0)
    assert len(acts(known)) == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, does: Callable[[], object]) -> None:
    """Something happens between the choice and the act: when the act's name is asked for, the
    second time, after it was recorded."""
    asked: list[int] = []

    def caller(_: object) -> str:
        asked.append(1)
        if len(asked) == 2:
            with aside():
                does()
        return PAT

    monkeypatch.setattr(Acting, "caller", caller)


@pytest.mark.parametrize("verb", [["replay"], ["discard", "--note", "x"]])
def test_what_is_gone_meanwhile_is_not_acted_on(
    letters: Letters,
    known: Hub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    verb: list[str],
) -> None:
    one = letters.put(GOOD)
    url = letters.urls["approved-dead"]
    meanwhile(monkeypatch, lambda: letters.sqs.purge_queue(QueueUrl=url))
    result = command("dlq", *verb, one)

    assert result.exit_code == 1
    assert "0 of 1" in result.output
    assert "gone" in result.output
    assert letters.count("approved") == (0, 0)
    assert known.parking.list_parked("example") == ()
    assert acts(known) == []


# ---------------------------------------------------------------- edit


def body_file(folder: Path, content: Any) -> str:
    path = folder / "body.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_a_mended_body_is_sent_and_told(
    letters: Letters, known: Hub, command: Command, tmp_path: Path
) -> None:
    one = letters.put(GOOD | {"extra": 1})
    other = letters.put(GOOD | {"extra": 1})
    result = command("dlq", "edit", one, "--body", body_file(tmp_path, GOOD))

    assert result.exit_code == 0, result.output
    assert [json.loads(body) for body in letters.bodies("approved")] == [GOOD]
    assert listed(command) == {other}
    assert acts(known) == [("dead_letter_edited", f"dead letter {one}", "", PAT)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "event.not_json"),
        ("{}", "event.wrong_schema"),
        (json.dumps(INVALID), "event.invalid"),
        ("[" * 100_000, "event.not_json"),
        ('{"merchant": "example"}', "event.wrong_schema"),
    ],
)
def test_a_new_body_that_is_no_good_is_refused_in_words(
    letters: Letters, known: Hub, command: Command, tmp_path: Path, body: str, code: str
) -> None:
    one = letters.put(GOOD | {"extra": 1})
    result = command("dlq", "edit", one, "--body", body_file(tmp_path, body), "--yes")

    assert result.exit_code == 1
    assert code in result.output
    assert "nothing was sent" in result.output
    assert letters.count("approved") == (0, 0)
    assert letters.count("approved-dead") == (1, 0)
    assert acts(known) == []


def test_a_new_body_is_held_to_its_own_queues_contract(
    letters: Letters, known: Hub, command: Command, tmp_path: Path
) -> None:
    one = letters.put("no json", "poll-dead")
    refused = command("dlq", "edit", one, "--body", body_file(tmp_path, GOOD), "--yes")
    taken = command("dlq", "edit", one, "--body", "-", "--yes", given='{"merchant": "example"}')

    assert (refused.exit_code, taken.exit_code) == (1, 0)
    assert "poll.no_merchant" in refused.output
    assert letters.bodies("poll") == ['{"merchant": "example"}']
    assert letters.count("approved") == (0, 0)
    assert letters.count("poll-dead") == (0, 0)


def test_a_body_about_another_return_is_asked_about_and_told_on_both(
    letters: Letters, known: Hub, command: Command, tmp_path: Path
) -> None:
    one = letters.put(GOOD)
    new = body_file(tmp_path, GOOD | {"return_id": "r9"})
    assert command("dlq", "edit", one, "--body", new, given="n\n").exit_code == 1
    assert letters.count("approved") == (0, 0)

    assert command("dlq", "edit", one, "--body", new, given="y\n").exit_code == 0
    assert acts(known, "r9") == [("dead_letter_edited", f"dead letter {one}", "", PAT)]
    ((act, _, note, _),) = acts(known, "r1")
    assert (act, note) == ("dead_letter_edited", "it is now about return r9 of example")


def test_the_editor_is_given_the_body_until_it_is_good(
    letters: Letters, known: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = letters.put(INVALID)
    given: list[str] = []
    answers = [json.dumps(GOOD | {"more": 1}), json.dumps(GOOD)]

    def editor(text: str, **_: Any) -> str:
        given.append(text)
        return answers.pop(0)

    monkeypatch.setattr(click, "edit", editor)
    result = command("dlq", "edit", one, "--yes", given="y\n")

    assert result.exit_code == 0, result.output
    assert given == [json.dumps(INVALID), json.dumps(GOOD | {"more": 1})]
    assert "event.invalid" in result.output
    assert [json.loads(body) for body in letters.bodies("approved")] == [GOOD]


@pytest.mark.parametrize("saved", [None, json.dumps(GOOD) + "\n"])
def test_an_editor_that_changes_nothing_sends_nothing(
    letters: Letters,
    known: Hub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    saved: str | None,
) -> None:
    one = letters.put(GOOD)
    monkeypatch.setattr(click, "edit", lambda _text, **_: saved)

    assert command("dlq", "edit", one, given="").exit_code == 1
    assert letters.count("approved") == (0, 0)
    assert letters.count("approved-dead") == (1, 0)


# ---------------------------------------------------------------- discard


def test_a_discarded_message_is_kept_told_and_gone(
    letters: Letters, known: Hub, command: Command
) -> None:
    one = letters.put(GOOD)
    result = command("dlq", "discard", one, "--note", " done by hand ")

    assert result.exit_code == 0, result.output
    assert letters.count("approved-dead") == (0, 0)
    assert letters.count("approved") == (0, 0)
    (item,) = known.parking.list_parked("example", closed_too=True)
    assert item.parked_id == f"dead-letter/{one}"
    assert (item.flow, item.code) == ("create_external_return", "operator.discarded")
    assert item.reason == f"discarded by {PAT}: done by hand"
    assert (item.subject, item.payload) == ("r1", json.dumps(GOOD))
    assert acts(known) == [("dead_letter_discarded", f"dead letter {one}", "done by hand", PAT)]


def test_a_message_that_cannot_be_kept_is_not_deleted(
    letters: Letters, known: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = letters.put(GOOD)

    def away(_: object) -> None:
        raise Retryable("aws.dynamodb.busy", "dynamodb answered Throttling")

    monkeypatch.setattr(known.parking, "park", away)
    result = command("dlq", "discard", one, "--note", "x")

    assert result.exit_code == 3
    assert letters.count("approved-dead") == (1, 0)
    assert acts(known) == []


def test_a_discard_that_ends_before_the_delete_is_done_again(
    letters: Letters, known: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = letters.put(GOOD)

    def ends(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(acting, "record_act", ends)
        command("dlq", "discard", one, "--note", "x")
    assert letters.count("approved-dead") == (1, 0)
    assert len(known.parking.list_parked("example", closed_too=True)) == 1

    assert command("dlq", "discard", one, "--note", "x").exit_code == 0
    assert letters.count("approved-dead") == (0, 0)
    assert len(known.parking.list_parked("example", closed_too=True)) == 1


@pytest.mark.parametrize("note", [[], ["--note", ""], ["--note", "  "]])
def test_a_discard_says_why(letters: Letters, command: Command, note: list[str]) -> None:
    assert command("dlq", "discard", letters.put(GOOD), *note).exit_code == 2
    assert letters.count("approved-dead") == (1, 0)


def test_what_is_kept_is_listed_whoever_it_names(
    letters: Letters, known: Hub, command: Command
) -> None:
    ids = [
        letters.put("no json"),
        letters.put(GOOD | {"merchant": "nobody"}),
        letters.put({"merchant": "example"}, "poll-dead"),
    ]
    result = command("dlq", "discard", "--all", "--note", "x", "--yes", "--rate", "100")

    assert result.exit_code == 0, result.output
    for one in ids:
        assert f"dead-letter/{one}" in command("parked", "list", "--closed").stdout
    payloads = {item.payload for item in known.parking.list_parked("_unknown", closed_too=True)}
    assert payloads == {"no json", json.dumps(GOOD | {"merchant": "nobody"})}
    (polled,) = known.parking.list_parked("example", closed_too=True)
    assert (polled.flow, polled.payload) == ("process_receipts", '{"merchant": "example"}')


def test_bodies_that_the_portal_still_has_are_not_kept(
    letters: Letters, known: Hub, command: Command
) -> None:
    command("dlq", "discard", letters.put(WITH_BODIES), "--note", "x")
    (item,) = known.parking.list_parked("example", closed_too=True)

    assert json.loads(item.payload) == GOOD


def test_a_message_that_is_too_long_to_be_kept_whole_stays(
    letters: Letters, known: Hub, command: Command
) -> None:
    long = letters.put("ü" * (LONGEST_PAYLOAD // 2 + 1))
    fits = letters.put("ü" * (LONGEST_PAYLOAD // 2))
    result = command("dlq", "discard", "--all", "--note", "x", "--yes", "--rate", "100")

    assert result.exit_code == 1
    assert f"{long} is too long" in result.output
    assert listed(command) == {long}
    (item,) = known.parking.list_parked("_unknown", closed_too=True)
    assert item.parked_id == f"dead-letter/{fits}"
    assert len(item.payload.encode()) == LONGEST_PAYLOAD


def test_a_hub_without_named_dead_letter_queues_says_so(made: Hub, command: Command) -> None:
    result = command("dlq", "list")

    assert result.exit_code == 1
    assert "no dead-letter queues were named" in result.output


def test_a_slow_replay_holds_its_messages_for_as_long_as_it_takes(
    letters: Letters, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds: list[int] = []
    receive = dead_letters.DeadLetterQueue.round

    def round_(queue: dead_letters.DeadLetterQueue, hold: int = HOLD_SECONDS) -> Any:
        holds.append(hold)
        return receive(queue, hold)

    monkeypatch.setattr(dead_letters.DeadLetterQueue, "round", round_)
    monkeypatch.setattr("cli.filters.time.sleep", lambda _seconds: None)
    for _ in range(3):
        letters.put(GOOD)
    assert command("dlq", "replay", "--all", "--yes", "--rate", "0.01").exit_code == 0

    *looks, acting = holds
    assert looks == [60, 60]
    assert acting >= 60 + 300


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
