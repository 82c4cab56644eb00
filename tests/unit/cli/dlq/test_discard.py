"""hub dlq discard: a message is kept, told on its timeline, and gone."""

from __future__ import annotations

import json

import pytest

from returns_hub.adapters.dynamodb.parking import LONGEST_PAYLOAD
from returns_hub.bootstrap import Hub
from returns_hub.errors import Retryable
from returns_hub.flows import dead_letters as acting
from tests.unit.cli.conftest import Command
from tests.unit.cli.dlq.conftest import PAT, WITH_BODIES, Letters, acts, listed
from tests.unit.test_messages import GOOD


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
