"""hub dlq replay, discard: on which dead letters is acted, and what is gone meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.acting import Acting
from returns_hub.bootstrap import Hub
from tests.privilege.verbs import aside
from tests.unit.cli.conftest import Command
from tests.unit.cli.dlq.conftest import PAT, Letters, acts
from tests.unit.test_messages import GOOD


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
