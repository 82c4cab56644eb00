"""hub dlq replay: dead letters are sent again, each once, at a pace."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from returns_hub.adapters.queues import dead_letters
from returns_hub.bootstrap import Hub
from returns_hub.errors import Retryable
from returns_hub.flows import dead_letters as acting
from returns_hub.ports.dead_letters import HOLD_SECONDS
from tests.unit.cli.conftest import Command
from tests.unit.cli.dlq.conftest import PAT, WITH_BODIES, Letters, acts, listed
from tests.unit.test_messages import GOOD


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
