"""hub audit: who did what, and what the hub decided."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.facts import Event, OperatorActed, Skipped
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.state import ReturnState
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

NOW = datetime.now(UTC).replace(microsecond=0)
ARN = "arn:aws:sts::1:assumed-role/Operators/pat"
DAY = timedelta(days=1)


def act(name: str, days_ago: float = 0, **changes: Any) -> Act:
    base = Act(
        act_id=name,
        at=NOW - days_ago * DAY - timedelta(minutes=1),
        who=ARN,
        through="hub",
        verb="parked replay",
        merchant="example",
        subject=f"about-{name}",
        outcome="done",
    )
    return base.model_copy(update=changes)


@pytest.fixture
def trail(made: Hub) -> Hub:
    """A hub with two merchants and acts of two people over some months."""
    for name in ("example", "example-2"):
        content = Merchant.model_validate(merchant_file(merchant=name))
        made.merchants.apply(content, "sam", after=0)
    for each in (
        act("a1"),
        act("a2", 1, merchant="example-2", who="dashboard returns-hub", through="dashboard"),
        act("a3", 2, verb="dlq replay", return_id="ret_1", outcome="refused", told="it was gone"),
        act("a4", 40, note="=cmd()"),
        act("a5", 3, merchant="", verb="secrets set", details={"merchant": "example-3"}),
        act("a6", 200, who="arn:aws:iam::1:user/sam"),
    ):
        made.audit.record(each)
    return made


def listed(command: Command, *words: str) -> list[str]:
    result = command("audit", "list", "--json", *words)
    assert result.exit_code == 0, result.output
    return [row["act_id"] for row in json.loads(result.stdout)["acts"]]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ((), ["a1", "a2", "a3", "a5"]),
        (("--since", "400d"), ["a1", "a2", "a3", "a5", "a4", "a6"]),
        (("--since", "36h"), ["a1", "a2"]),
        (("--until", "12h"), ["a2", "a3", "a5"]),
        (("--merchant", "example"), ["a1", "a3"]),
        (("--who", "pat"), ["a1", "a3", "a5"]),
        (("--who", ARN), ["a1", "a3", "a5"]),
        (("--who", ARN, "--merchant", "example"), ["a1", "a3"]),
        (("--who", "dashboard returns-hub"), ["a2"]),
        (("--who", "sam", "--since", "300d"), ["a6"]),
        (("--return", "ret_1", "--merchant", "example"), ["a3"]),
        (("--verb", "dlq"), ["a3"]),
        (("--verb", "parked replay"), ["a1", "a2"]),
        (("--verb", "park"), []),
        (("--limit", "2"), ["a1", "a2"]),
    ],
)
def test_acts_are_listed_by_whatever_is_asked(
    trail: Hub, command: Command, words: Sequence[str], ids: list[str]
) -> None:
    assert listed(command, *words) == ids


def test_what_was_done_before_a_merchant_had_a_file_is_found_with_it(
    trail: Hub, command: Command
) -> None:
    trail.merchants.apply(
        Merchant.model_validate(merchant_file(merchant="example-3")), "sam", after=0
    )
    assert listed(command, "--merchant", "example-3") == ["a5"]


def test_a_list_for_people_says_who_what_and_how_it_ended(trail: Hub, command: Command) -> None:
    result = command("audit", "list", "--limit", "3")
    for word in ("pat", "dlq replay", "ret_1", "refused: it was gone", "3 acts since"):
        assert word in result.output
    assert "there are more" in result.output
    assert ARN not in result.output


def test_acts_of_many_things_are_found_on_the_returns_timeline(
    trail: Hub, command: Command
) -> None:
    words = ("audit", "list", "--merchant", "example", "--return", "ret_1")
    assert "timeline" not in command(*words).output
    fact = OperatorActed(act="replayed", subject="p-1")
    event = Event(sequence=1, at=NOW, actor=ARN, rule="by hand", config_version=7, fact=fact)
    trail.returns.append(ReturnState(merchant="example", return_id="ret_1"), [event])
    told = "1 entries of its timeline are people's: hub timeline example ret_1"
    assert told in command(*words).output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["list", "--merchant", "nobody"], 1, "nobody"),
        (["list", "--return", "ret_1"], 2, "say --merchant"),
        (["list", "--since", "1d", "--until", "2d"], 2, "ends before it begins"),
        (["list", "--since", "yesterday"], 2, "is no time"),
        (["export", "--decisions"], 2, "say --merchant"),
        (["export", "--decisions", "--merchant", "example", "--who", "pat"], 2, "leave one out"),
    ],
)
def test_what_makes_no_sense_is_refused(
    trail: Hub, command: Command, words: list[str], code: int, told: str
) -> None:
    result = command("audit", *words)
    assert result.exit_code == code
    assert told in result.output


def test_a_stack_without_the_table_says_so(
    trail: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "settings", trail.settings.model_copy(update={"audit_table": ""}))
    result = command("audit", "list")
    assert result.exit_code == 1
    assert "deploy this release" in result.output


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_export_has_all_that_is_kept_the_oldest_first(trail: Hub, command: Command) -> None:
    result = command("audit", "export")
    assert result.exit_code == 0, result.output
    rows = rows_of(result.stdout)
    assert [row["id"] for row in rows] == ["a6", "a4", "a5", "a3", "a2", "a1"]
    assert rows[3]["told"] == "it was gone"
    assert rows[2]["details"] == "merchant=example-3"


def test_an_export_holds_to_its_time_and_whose_it_is(trail: Hub, command: Command) -> None:
    day = f"{NOW - 40 * DAY:%Y-%m-%d}"
    result = command("audit", "export", "--from", day, "--to", f"{NOW - 2 * DAY:%Y-%m-%d}")
    assert {row["id"] for row in rows_of(result.stdout)} >= {"a4", "a5"}
    assert not {row["id"] for row in rows_of(result.stdout)} & {"a6", "a1"}
    result = command("audit", "export", "--who", "sam", "--format", "jsonl")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a6"]


def test_no_cell_is_a_formula(trail: Hub, command: Command) -> None:
    (row,) = [row for row in rows_of(command("audit", "export").stdout) if row["id"] == "a4"]
    assert row["note"] == "'=cmd()"


def test_a_file_is_written_whole(trail: Hub, command: Command, tmp_path: Path) -> None:
    out = tmp_path / "acts.csv"
    result = command("audit", "export", "--merchant", "example", "--out", str(out))
    assert result.exit_code == 0
    assert "4 rows" in result.output
    assert [row["id"] for row in rows_of(out.read_text(encoding="utf-8"))] == [
        "a6",
        "a4",
        "a3",
        "a1",
    ]
    assert list(tmp_path.iterdir()) == [out]


def test_decisions_name_the_rule_and_the_configuration(trail: Hub, command: Command) -> None:
    for return_id, at in (("ret_1", NOW - DAY), ("ret_2", NOW - 50 * DAY)):
        fact = Skipped(flow="create_external_return", code="return.closed", reason="it is closed")
        event = Event(sequence=1, at=at, actor="hub", rule="R10", config_version=7, fact=fact)
        trail.returns.append(ReturnState(merchant="example", return_id=return_id), [event])
    words = ("audit", "export", "--decisions", "--merchant", "example", "--format", "jsonl")
    rows = [json.loads(line) for line in command(*words).stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["act"] * 4 + ["decision"] * 2
    found = {row["return_id"]: row for row in rows if row["kind"] == "decision"}
    assert (found["ret_1"]["rule"], found["ret_1"]["config_version"]) == ("R10", 7)

    late = [json.loads(line) for line in command(*words, "--from", "7d").stdout.splitlines()]
    assert [row["return_id"] for row in late if row["kind"] == "decision"] == ["ret_1"]
    one = command(*words, "--return", "ret_2").stdout.splitlines()
    assert [json.loads(line)["return_id"] for line in one] == ["ret_2"]
