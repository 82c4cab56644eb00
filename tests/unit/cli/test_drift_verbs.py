"""hub drift: look, list, show, report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.merchant import Merchant
from returns_hub.drift_runs import DriftRuns
from returns_hub.errors import Retryable
from returns_hub.flows.drift import look as looking
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from tests.support.drift import showing
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

UNITS = Difference(
    "returns.units_differ",
    "return r1, external return 501",
    {"mintsoft": "1 x TEE", "hub": "2 x TEE"},
    units=1,
    value=Decimal("19.90"),
    currency="GBP",
    cause="the warehouse changed the record",
    mend="hub timeline example r1",
    confirm=False,
)
HOLD = Difference("orders.on_hold", "order 7", {"mintsoft": "ON HOLD"}, units=3, confirm=False)
MOVING = replace(HOLD, subject="order 8", confirm=True)


@pytest.fixture
def shows(monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """What the looks of the test compare."""
    made: list[Comparison] = []
    monkeypatch.setattr(looking, "COMPARISONS", made)
    return made


@pytest.fixture
def world(made: Hub, shows: list[Comparison]) -> Hub:
    """A merchant of which two things differ, and one may."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    shows.append(showing("all", [UNITS, HOLD, MOVING]))
    return made


def test_a_look_shows_what_counts_keeps_it_and_says_so_by_its_exit_code(
    world: Hub, command: Command
) -> None:
    done = command("drift", "look", "example")
    assert done.exit_code == 1
    assert "2 differences count (2 new, 0 recurring), 4 units, worth 19.90 GBP" in done.stdout
    assert "order 8" not in done.stdout
    assert DriftRuns(world).findings().last_look("example") is not None
    again = command("drift", "look", "example", "--all")
    assert "2 differences count (0 new, 2 recurring)" in again.stdout
    assert "order 8" in again.stdout


def test_a_dry_run_keeps_nothing(world: Hub, command: Command) -> None:
    done = command("drift", "look", "example", "--dry-run")
    assert done.exit_code == 1
    assert "nothing was kept" in done.stderr
    assert DriftRuns(world).findings().last_look("example") is None
    assert command("drift", "list", "example").exit_code == 3


def test_nothing_that_counts_is_exit_code_0(
    world: Hub, shows: list[Comparison], command: Command
) -> None:
    shows[:] = [showing("all", [MOVING])]
    assert command("drift", "look", "example").exit_code == 0
    assert command("drift", "list", "example").exit_code == 0


def test_a_comparison_that_could_not_be_made_is_told(
    world: Hub, shows: list[Comparison], command: Command
) -> None:
    def away(_: DriftWorld) -> Iterator[Difference]:
        raise Retryable("x.y", "Mintsoft is away")

    shows.append(Comparison("stock.wair", frozenset({"stock.wair"}), lambda _: True, away))
    done = command("drift", "look", "example")
    assert "not compared: stock.wair: Mintsoft is away" in done.stderr


def test_two_looks_at_a_time_are_refused(world: Hub, command: Command) -> None:
    assert world.cursors.acquire(looking.lease_name("example"), "another", 60) is not None
    done = command("drift", "look", "example")
    assert done.exit_code == 3
    assert "another look at example is under way" in done.stderr


@pytest.mark.parametrize(
    ("options", "wanted", "code"),
    [
        ((), {"order 7", UNITS.subject}, 1),
        (("--area", "orders"), {"order 7"}, 1),
        (("--kind", "returns."), {UNITS.subject}, 1),
        (("--standing", "new"), {"order 7", UNITS.subject}, 1),
        (("--standing", "suspected"), {"order 8"}, 0),
        (("--standing", "recurring"), set(), 0),
        (("--area", "stock"), set(), 0),
        (("--all",), {"order 7", "order 8", UNITS.subject}, 1),
    ],
)
def test_the_list_is_narrowed(
    world: Hub, command: Command, options: tuple[str, ...], wanted: set[str], code: int
) -> None:
    command("drift", "look", "example")
    done = command("drift", "list", "example", "--json", *options)
    assert {row["subject"] for row in json.loads(done.stdout)["findings"]} == wanted
    assert done.exit_code == code


def test_what_was_resolved_is_listed_when_it_is_asked_for(
    world: Hub, shows: list[Comparison], command: Command
) -> None:
    command("drift", "look", "example")
    shows[:] = [showing("all", [UNITS], kinds=[HOLD.kind])]
    command("drift", "look", "example")
    rows = json.loads(
        command("drift", "list", "example", "--standing", "resolved", "--json").stdout
    )
    assert [row["subject"] for row in rows["findings"]] == ["order 7"]


def test_one_finding_is_shown_by_the_beginning_of_its_id(world: Hub, command: Command) -> None:
    command("drift", "look", "example")
    done = command("drift", "show", "example", "returns.")
    assert done.exit_code == 0
    for words in ("return r1", "1 x TEE", "19.90 GBP", "the warehouse changed", "hub timeline"):
        assert words in done.stdout
    assert command("drift", "show", "example", "orders.").exit_code == 1
    unknown = command("drift", "show", "example", "stock.")
    assert unknown.exit_code == 1
    assert "no finding stock." in unknown.stderr
    whole = json.loads(command("drift", "show", "example", UNITS.id, "--json").stdout)
    assert whole["mend"] == UNITS.mend


def test_one_that_came_back_is_not_said_to_be_resolved(
    world: Hub, shows: list[Comparison], command: Command
) -> None:
    for seen in ([UNITS], [], [UNITS]):
        shows[:] = [showing("all", seen, kinds=[UNITS.kind])]
        command("drift", "look", "example")

    done = command("drift", "show", "example", "returns.")
    lines = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert "resolved before" in lines
    assert "resolved" not in lines
    assert "once" in next(line for line in done.stdout.splitlines() if "came back" in line)


def test_the_report_is_json_csv_or_a_page(world: Hub, command: Command, tmp_path: Path) -> None:
    command("drift", "look", "example")
    content = json.loads(command("drift", "report", "example").stdout)
    assert (content["schema"], content["total"]["findings"]) == ("drift-report/1", 2)
    rows = list(
        csv.DictReader(io.StringIO(command("drift", "report", "example", "--format", "csv").stdout))
    )
    assert {row["kind"] for row in rows} == {UNITS.kind, HOLD.kind}
    page = tmp_path / "drift.html"
    done = command("drift", "report", "example", "--format", "html", "--out", str(page))
    assert done.exit_code == 0
    assert "order 7" in page.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_said(world: Hub, command: Command) -> None:
    command("drift", "look", "example")
    done = command("drift", "report", "example", "--out", "/nowhere/at/all.json")
    assert done.exit_code == 1
    assert "cannot write" in done.stderr


def test_json_of_a_look_is_the_report(world: Hub, command: Command) -> None:
    content = json.loads(command("drift", "look", "example", "--json", "--area", "orders").stdout)
    assert [row["kind"] for row in content["findings"]] == [HOLD.kind]
    assert content["total"]["units"] == 3


@pytest.mark.parametrize(
    "arguments", [("look", "nobody"), ("list", "nobody"), ("show", "nobody", "x"), ("report", "no")]
)
def test_a_merchant_that_is_not_there_is_said_without_a_stack_trace(
    made: Hub, command: Command, arguments: tuple[str, ...]
) -> None:
    done: Any = command("drift", *arguments)
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_before_the_first_look_it_is_said_how_to_look(world: Hub, command: Command) -> None:
    done = command("drift", "list", "example")
    assert done.exit_code == 3
    assert "hub drift look example" in done.stderr


def test_a_look_has_its_own_time(world: Hub, shows: list[Comparison], command: Command) -> None:
    left: list[float] = []

    def measuring(drift_world: DriftWorld) -> Iterator[Difference]:
        left.append(drift_world.stores.clock.remaining())
        return iter(())

    shows[:] = [Comparison("x", frozenset({"stock.x"}), lambda _: True, measuring)]
    command("drift", "look", "example")
    assert timedelta(minutes=13) < timedelta(seconds=left[0]) <= timedelta(minutes=14)
