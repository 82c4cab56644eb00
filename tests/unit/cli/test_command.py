"""The command's manners, and the published event contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from cli import worlds
from cli.main import hub
from cli.schemas import event_schema
from returns_hub.errors import Permanent
from returns_hub.flows.receive_approved_return import parse
from tests.unit.test_messages import GOOD

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No local stack runs."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")


@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "show", "example"],
        ["timeline", "example", "r1"],
        ["parked", "list", "example"],
        ["secrets", "status", "example"],
    ],
)
def test_without_a_hub_it_says_what_to_do(arguments: list[str]) -> None:
    result = CliRunner().invoke(hub, arguments)

    assert result.exit_code == 3
    assert "make up" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["check", "--help"],
        ["config", "-h"],
        ["miinto"],
        *(
            ["miinto", *verb, "--help"]
            for verb in (
                ["shops"],
                ["transfers", "accept"],
                ["orders", "list"],
                ["rma", "request"],
                ["what-if"],
            )
        ),
    ],
)
def test_every_verb_explains_itself(arguments: list[str]) -> None:
    assert "Usage" in CliRunner().invoke(hub, arguments).output


def test_a_bad_event_is_not_published() -> None:
    result = CliRunner().invoke(hub, ["publish", "-"], input='{"schema": "x"}')

    assert result.exit_code == 1
    assert "approved-return/1" in result.output


@pytest.mark.parametrize("option", ["--region", "--profile"])
def test_a_place_in_AWS_without_a_stack_never_means_the_local_one(option: str) -> None:
    result = CliRunner().invoke(hub, [option, "x", "config", "list"])

    assert result.exit_code == 2
    assert "--stack" in result.output


@pytest.mark.parametrize("text", ["", "[]", "5", '{"pid": "x"}', '{"pid": null}', "{"])
def test_a_broken_word_of_a_local_stack_is_none(text: str) -> None:
    worlds.WORLD_FILE.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(hub, ["config", "list"])

    assert result.exit_code == 3
    assert "make up" in result.output


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b" " * (1024 * 1024 + 1)])
def test_what_is_no_event_is_refused_in_words(content: bytes) -> None:
    result = CliRunner().invoke(hub, ["publish", "-"], input=content)

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)


def test_the_events_schema_is_current() -> None:
    kept = ROOT / "docs" / "events" / "approved-return-1.schema.json"
    assert kept.read_text(encoding="utf-8") == event_schema()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"return": {"id": "x"}, "order": {}},
        {"merchant": "Bad!"},
        {"return_id": "a/b"},
        {"extra": 1},
        {"schema": "approved-return/2"},
        {"source": "UPPER"},
    ],
)
def test_schema_and_model_agree(change: dict[str, Any]) -> None:
    content = GOOD | change
    try:
        parse(json.dumps(content))
        taken = True
    except Permanent:
        taken = False
    validator = jsonschema.Draft202012Validator(json.loads(event_schema()))
    assert validator.is_valid(content) is taken


def test_every_field_of_the_event_is_explained() -> None:
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    for name in json.loads(event_schema())["properties"]:
        assert f"| `{name}` |" in text, name


def test_the_example_event_is_one() -> None:
    text = (ROOT / "docs" / "events" / "example.json").read_text(encoding="utf-8")
    assert parse(text).merchant == "example"
