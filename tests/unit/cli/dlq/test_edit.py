"""hub dlq edit: a body is mended, held to its contract and sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from returns_hub.bootstrap import Hub
from tests.unit.cli.conftest import Command
from tests.unit.cli.dlq.conftest import INVALID, PAT, Letters, acts, listed
from tests.unit.test_messages import GOOD


def test_an_edit_is_of_one_message(letters: Letters, command: Command) -> None:
    assert command("dlq", "edit").exit_code == 2
    assert command("dlq", "edit", "a", "b").exit_code == 2
    assert command("dlq", "edit", "no-such").exit_code == 1


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
