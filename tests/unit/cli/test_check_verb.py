"""hub check as a command: its document, its exit codes, its manners."""

from __future__ import annotations

import json
import pkgutil
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

import cli.checks
from cli import check_verb, worlds
from cli.checks.areas import AREAS, TITLES
from cli.checks.model import Area, Check, Finding, Result, ok, skipped, warning
from cli.checks.report import SCHEMA, document, exit_code
from local.stack import ROOT
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

GOLDEN = Path(__file__).with_name("golden") / "hub-check-1.json"
DOCS = ROOT / "docs" / "preflight.md"
SOME = [
    replace(
        ok("file", "version 3, applied 2026-03-01 08:00 UTC", version=3),
        area="policy",
        merchant="example",
    ),
    replace(
        warning("locations", "not mapped: loc_far (2)", "map them", unmapped={"loc_far": 2}),
        area="recent_returns",
        merchant="example",
    ),
    Finding(
        "token",
        Result.FAILED,
        "Redo: connection refused",
        "see that it can be reached from here, and check again",
        unreachable=True,
        area="portal",
        merchant="outlet",
    ),
    replace(skipped("address", "this stack takes no webhooks"), area="webhook", merchant="outlet"),
]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


def one_area(monkeypatch: pytest.MonkeyPatch, *found: Finding) -> None:
    """The checks find these, whatever there is."""
    areas = (Area("policy", "Merchant file", (Check("file", lambda _: list(found)),)),)
    monkeypatch.setattr(check_verb, "AREAS", areas)


# -- the document -----------------------------------------------------------------------------


def test_O4_the_document_keeps_its_shape() -> None:
    """The file is the contract: a change that is no addition needs another name (hub-check/2)."""
    made = document(SOME, checked_at=NOW, strict=True)

    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == made


def test_O4_every_field_of_the_document_is_explained() -> None:
    text = DOCS.read_text(encoding="utf-8")
    content = document(SOME, checked_at=NOW, strict=False)
    for name in (*content, *content["checks"][0], *content["summary"], SCHEMA):
        assert f"`{name}`" in text, name


def test_every_area_is_in_the_list_and_every_check_in_the_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    modules = [m.name for m in pkgutil.iter_modules(cli.checks.__path__)]
    there = {
        module.AREA.name
        for name in modules
        if hasattr(module := import_module(f"cli.checks.{name}"), "AREA")
    }
    assert there == {area.name for area in AREAS}
    assert len({area.name for area in AREAS}) == len(AREAS)
    for name in TITLES:
        assert f"| `{name}` |" in text, name


@pytest.mark.parametrize(
    ("results", "strict", "code"),
    [
        ([], False, 0),
        ([Result.OK, Result.SKIPPED], True, 0),
        ([Result.OK, Result.WARNING], False, 0),
        ([Result.OK, Result.WARNING], True, 1),
        ([Result.FAILED], False, 1),
    ],
)
def test_O4_the_exit_code(results: list[Result], strict: bool, code: int) -> None:
    findings = [Finding("x", result, "x") for result in results]

    assert exit_code(findings, strict=strict) == code
    assert document(findings, checked_at=NOW, strict=strict)["exit_code"] == code


# -- the command ------------------------------------------------------------------------------


def test_O4_a_check_that_reaches_no_partner_fails_those_rows_only(
    applied: Hub, command: Command
) -> None:
    applied.secrets.write("example", "redo", {"api_token": "a-token"})
    applied.secrets.write("example", "mintsoft", {"api_key": "a-key"})
    result = command("check", "example", "--json", "--last", "5", "--skus", "3")
    content = json.loads(result.stdout)
    rows = {row["name"]: row for row in content["checks"]}

    assert result.exit_code == content["exit_code"] == 1
    assert content["merchants"] == ["example"]
    for name in ("portal", "key and warehouses", "probe", "newest returns"):
        assert (rows[name]["result"], rows[name]["unreachable"]) == ("failed", True)
    assert rows["secret redo"]["result"] == "ok"
    assert rows["file"]["details"] == {"version": 1}
    assert "a-token" not in result.output
    assert "a-key" not in result.output
    assert sum(content["summary"].values()) == len(content["checks"])


def test_without_secrets_what_to_do_is_told(applied: Hub, command: Command) -> None:
    result = command("check", "example")

    assert result.exit_code == 1
    assert "→ hub secrets set example mintsoft" in result.stdout
    assert "not fit" in result.stdout.splitlines()[-1]


def test_R13_a_fit_merchant_is_told_so_and_strict_counts_warnings(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_area(monkeypatch, ok("file", "well"), warning("odd", "it \x1b[2J[bold]is", "see to it"))
    told = command("check", "example")
    assert told.exit_code == 0
    assert "fit" in told.stdout.splitlines()[-1]
    assert "\x1b[2J" not in told.stdout
    assert "[bold]is" in told.stdout

    strict = command("check", "example", "--strict", "--brief")
    assert strict.exit_code == 1
    assert "well" not in strict.stdout
    assert "see to it" in strict.stdout


def test_all_merchants_are_checked_and_one_that_is_broken_is_a_row(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = merchant_file(merchant="outlet")
    other["mintsoft"]["time_zone"] = "Mars/Olympus"
    applied.merchants.apply(Merchant.model_validate(other), "test", after=0)
    one_area(monkeypatch, ok("file", "well"))
    content = json.loads(command("check", "--all", "--json").stdout)

    assert content["merchants"] == ["example", "outlet"]
    assert [(row["merchant"], row["result"]) for row in content["checks"]] == [
        ("example", "ok"),
        ("outlet", "failed"),
    ]
    assert "Mars/Olympus" in content["checks"][1]["found"]


def test_all_of_no_merchants_is_told(made: Hub, command: Command) -> None:
    result = command("check", "--all")

    assert result.exit_code == 1
    assert "hub config apply" in result.stdout


def test_an_unknown_merchant_is_a_row_that_names_the_others(applied: Hub, command: Command) -> None:
    (row,) = json.loads(command("check", "nobody", "--json").stdout)["checks"]

    assert (row["merchant"], row["area"], row["result"]) == ("nobody", "hub", "failed")
    assert row["to_do"] == "there are: example"


def test_only_the_areas_asked_for_are_looked_at(applied: Hub, command: Command) -> None:
    content = json.loads(
        command("check", "example", "--area", "policy", "--area", "going_live", "--json").stdout
    )

    assert {row["area"] for row in content["checks"]} == {"policy", "going_live"}


def test_a_merchants_time_is_bounded(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = applied.clock.monotonic()
    gone = iter(range(0, 10_000, 30))
    monkeypatch.setattr(applied.clock, "monotonic", lambda: began + next(gone))
    content = json.loads(command("check", "example", "--timeout", "60", "--json").stdout)

    last = content["checks"][-1]
    assert (last["result"], last["unreachable"]) == ("failed", True)
    assert "the time is up" in last["found"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["example", "--all"],
        ["example", "--last", "501"],
        ["example", "--skus", "1000"],
        ["example", "--timeout", "1"],
        ["example", "--area", "nonsense"],
        ["example", "--sandbox"],
        ["example", "--yes"],
        ["example", "--line", "1"],
        ["example", "--file", "x.yaml"],
        ["--end-to-end", "--all"],
        ["--end-to-end", "--area", "portal"],
        ["--end-to-end", "--order", "1"],
        ["example", "--end-to-end", "--sandbox"],
        ["example", "--end-to-end", "--sandbox", "--order", "1", "--line", "2"],
        ["example", "--end-to-end", "--sandbox", "--order", "1", "--yes"],
        ["--end-to-end", "--sandbox", "--order", "1", "--line", "2", "--yes"],
        ["example", "--end-to-end", "--sandbox", "--order", "#1 x", "--line", "2", "--yes"],
        ["example", "--end-to-end", "--sandbox", "--order", "1", *(["--line", "2"] * 21), "--yes"],
        [
            *("example", "--end-to-end", "--sandbox", "--order", "1", "--line", "2", "--yes"),
            *("--file", "x.yaml"),
        ],
    ],
)
def test_O4_wrong_usage_is_exit_code_2_and_one_error_on_standard_output(
    made: Hub, command: Command, arguments: list[str]
) -> None:
    result = command("check", *arguments, "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "usage"
    assert "Usage" in result.stderr


def test_without_a_name_the_only_merchant_is_checked(made: Hub, command: Command) -> None:
    nobody = command("check")
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    the_one = command("check", "--area", "policy", "--json")
    made.merchants.apply(Merchant.model_validate(merchant_file(merchant="b")), "test", after=0)
    several = command("check")

    assert (nobody.exit_code, "no merchant has a file" in nobody.stdout) == (1, True)
    assert {row["merchant"] for row in json.loads(the_one.stdout)["checks"]} == {"example"}
    assert (several.exit_code, "there are: b, example" in several.stderr) == (2, True)


# -- no hub to be reached ---------------------------------------------------------------------


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_stack_there_is_one_clear_row(nowhere: None, command: Command) -> None:
    result = command("check", "example", "--json")
    (row,) = json.loads(result.stdout)["checks"]

    assert result.exit_code == 1
    assert (row["area"], row["name"], row["unreachable"]) == ("hub", "stack", True)
    assert "make up" in row["found"]


def test_without_credentials_there_is_one_clear_row(
    nowhere: None, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def describe_stacks(self, **_: Any) -> Any:
            raise NoCredentialsError

    monkeypatch.setattr("boto3.session.Session.client", lambda *_, **__: Refusing())
    result = command("--stack", "x", "--region", "eu-west-1", "check", "--all", "--json")
    (row,) = json.loads(result.stdout)["checks"]

    assert result.exit_code == 1
    assert "there are no AWS credentials" in row["found"]


def test_a_table_that_cannot_be_read_is_a_row(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise NoCredentialsError

    monkeypatch.setattr(applied.dynamodb, "get_item", down)
    monkeypatch.setattr(applied.dynamodb, "query", down)
    for arguments in (["example"], ["--all"]):
        result = command("check", *arguments, "--json")
        (row,) = json.loads(result.stdout)["checks"]
        assert (result.exit_code, row["area"], row["result"]) == (1, "hub", "failed")
