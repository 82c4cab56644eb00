"""The command's manners, and the published event contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from cli import worlds
from cli.checks import Finding, Mark, Subject, run_checks
from cli.main import hub
from cli.schemas import event_schema
from returns_hub.errors import Permanent
from returns_hub.flows.probe import probe
from returns_hub.flows.receive_approved_return import parse
from tests.support.worlds import Bench, item, redo_return
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
        ["check", "example"],
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


@pytest.mark.parametrize("arguments", [[], ["--help"], ["check", "--help"], ["config", "-h"]])
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


def findings(bench: Bench) -> dict[str, Finding]:
    world = bench.world()
    secrets: dict[str, Any] = {"redo": {"api_token": "x"}, "mintsoft": {"api_key": "x"}}
    subject = Subject(
        merchant=world.live.merchant,
        warehouse=world.warehouse,
        portal=world.portal,
        read_secret=lambda name: secrets[name],
        probe=lambda: probe(world),
        now=bench.clock.now(),
    )
    return {finding.check: finding for finding in run_checks(subject)}


def test_R13_a_good_merchant_passes_and_is_told_what_cannot_be_proven() -> None:
    found = findings(Bench())

    assert not [f for f in found.values() if f.mark is Mark.FAIL]
    assert found["the old connector"].mark is Mark.WARN
    assert found["look-up by marker"].mark is Mark.WARN
    assert "due_ids" in found["finding receipts"].text


def test_R13_warehouses_and_reasons_that_do_not_exist_or_are_off_are_named() -> None:
    bench = Bench()
    bench.file["mintsoft"]["warehouses"]["by_location"]["loc_far"] = 99
    bench.file["mintsoft"]["reasons"]["map"]["broken"] = 77
    bench.mintsoft.tenant.reasons[2]["active"] = False
    found = findings(bench)

    assert "there are: 3 Corby" in found["warehouse 99 (loc_far)"].text
    assert found["reason 77 (broken)"].mark is Mark.FAIL
    assert "switched off" in found["reason 2 (damaged)"].text


def test_R13_a_placeholder_switches_the_maps_validation_off() -> None:
    bench = Bench()
    bench.file["mintsoft"]["reasons"] = {"default": 0, "map": {"broken": 77}}
    found = findings(bench)

    assert found["reasons"].mark is Mark.WARN
    assert "reason 77 (broken)" not in found


def test_R13_wrong_credentials_fail_and_the_other_checks_go_on() -> None:
    bench = Bench()
    bench.secrets.values["example", "mintsoft"] = {"api_key": "wrong"}
    bench.redo.tokens.clear()
    found = findings(bench)

    assert found["portal"].mark is Mark.FAIL
    assert "hub secrets set example mintsoft" in found["warehouses"].text
    assert "creating external returns" in found


def test_R13_the_look_up_is_proven_on_a_record_of_ours() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()

    assert findings(bench)["look-up by marker"].mark is Mark.OK


def test_R13_a_client_id_that_reads_nothing_is_not_called_good() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    assert findings(bench)["client 12"].mark is Mark.OK

    bench.file["mintsoft"]["client_id"] = 14
    assert findings(bench)["client 14"].mark is Mark.WARN


@pytest.mark.parametrize(
    ("live_from", "mark"),
    [(None, Mark.WARN), ("2020-01-01T00:00:00Z", Mark.WARN), ("2026-01-01T00:00:00Z", Mark.OK)],
)
def test_R13_the_moment_of_the_switch_is_looked_at(live_from: str | None, mark: Mark) -> None:
    bench = Bench()
    bench.file |= {"live_from": live_from, "flows": {}}

    assert findings(bench)["live_from"].mark is mark


def test_R13_a_strategy_of_the_file_that_is_not_proven_is_not_called_good() -> None:
    bench = Bench()
    bench.file["flows"]["process_receipts"]["strategy"] = "by_date"
    found = findings(bench)["finding receipts"]

    assert found.mark is Mark.WARN
    assert "due_ids" in found.text


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
