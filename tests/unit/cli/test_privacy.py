"""hub privacy map, export, forget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.privacy import MERCHANT, ORDER_NAME, PAT, TRACKING, People, planted_in, story
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command


@pytest.fixture
def people(made: Hub) -> People:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    them = People(made.dynamodb, made.clock)
    them.tell(PAT, *story(ORDER_NAME, TRACKING, 41))
    them.tell("other", *story("#EX-5502", "RMOTHER0002GB", 42, "Sam"))
    return them


def acts() -> list[dict[str, Any]]:
    rows = boto3.client("dynamodb").scan(TableName="AuditTable")["Items"]
    return [json.loads(row["act"]["S"]) for row in rows if "act" in row]


def test_the_map_is_shown_in_each_form(command: Command) -> None:
    told = json.loads(command("privacy", "map", "--json").stdout)
    assert {row["name"] for row in told["places"]} >= {"returns.state", "feed", "backups"}
    only = json.loads(command("privacy", "map", "--personal", "--json").stdout)
    assert "feed" not in {row["name"] for row in only["places"]}
    assert "| `returns.state` (ReturnsTable) |" in command("privacy", "map", "--markdown").stdout
    assert "what to ask there" in command("privacy", "map").stdout


def test_what_is_kept_is_written(people: People, command: Command, tmp_path: Path) -> None:
    told = command("privacy", "export", "--order", ORDER_NAME, "--json")
    assert told.exit_code == 0
    assert TRACKING in told.stdout
    assert "RMOTHER0002GB" not in told.stdout
    out = tmp_path / "pat.json"
    into = command("privacy", "export", "--return", PAT, "--scan", "--out", str(out), "--json")
    assert json.loads(into.stdout)["rows"] > 10
    assert json.loads(out.read_text(encoding="utf-8"))["scanned"] is True


def test_of_somebody_unknown_nothing_is_written(people: People, command: Command) -> None:
    told = command("privacy", "export", "--email", "nobody@example.test")
    assert told.exit_code == 1
    assert "hub returns show NAME --order" in told.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "say who"),
        (["--order", " "], "an empty word"),
        (["--email", "a"], "so short a word"),
        (["--again", "--return", PAT], "name nobody else"),
    ],
)
def test_words_that_name_nobody_are_refused(
    people: People, command: Command, words: list[str], why: str
) -> None:
    told = command("privacy", "forget", *words)
    assert told.exit_code == 2
    assert why in told.output


def test_it_is_tried_then_done_then_there_is_nothing_to_do(
    people: People, command: Command
) -> None:
    tried = json.loads(
        command("privacy", "forget", "--order", ORDER_NAME, "--dry-run", "--json").stdout
    )
    assert tried["outcome"] == "would_be_done"
    assert {row["does"] for row in tried["rows"]} >= {"mask", "delete"}

    no = command("privacy", "forget", "--order", ORDER_NAME, given="no\n")
    assert no.exit_code == 1
    assert planted_in(people.client) != []

    done = command("privacy", "forget", "--order", ORDER_NAME, given="forget\n")
    assert done.exit_code == 0, done.output
    assert "Redo's support" in done.output
    assert planted_in(people.client) == []

    again = json.loads(command("privacy", "forget", "--return", PAT, "--yes", "--json").stdout)
    assert again["outcome"] == "nothing_to_do"


def test_the_act_is_recorded_before_and_after_without_the_persons_words(
    people: People, command: Command
) -> None:
    command("privacy", "forget", "--order", ORDER_NAME, "--tracking", TRACKING, "--yes")
    (act,) = acts()
    assert act["verb"] == "privacy forget"
    assert act["outcome"] == "done"
    assert act["told"].startswith("forgotten: ")
    assert act["details"] == {"order_names": "(given)", "tracking": "(given)"}


def test_without_a_terminal_and_a_yes_nothing_is_done(people: People, command: Command) -> None:
    told = command("privacy", "forget", "--return", PAT)
    assert told.exit_code == 2
    assert planted_in(people.client) != []


def test_what_is_under_way_is_refused_and_says_why(people: People, command: Command) -> None:
    people.tell("going", *story("#EX-5503", "RM3", 43)[:4])
    told = command("privacy", "forget", "--return", "going", "--yes")
    assert told.exit_code == 1
    assert "return going: it waits: on its way" in told.output
    assert people.returns.load(MERCHANT, "going").order_names == ("#EX-5503",)


def test_after_a_restore_everybody_is_forgotten_again(people: People, command: Command) -> None:
    command("privacy", "forget", "--return", PAT, "--yes")
    table = people.client.scan(TableName="ReturnsTable")["Items"]
    for row in table:
        key = {name: row[name] for name in ("pk", "sk")}
        people.client.delete_item(TableName="ReturnsTable", Key=key)
    people.tell(PAT, *story(ORDER_NAME, TRACKING, 41))
    assert planted_in(people.client) != []

    told = command("privacy", "forget", "--again", "--yes")
    assert told.exit_code == 0, told.output
    assert planted_in(people.client) == []


def test_a_cut_off_one_is_told_of_and_gone_on_with(people: People, command: Command) -> None:
    people.data.remember(MERCHANT, f"return {PAT}", people.clock.now(), done=False)
    told = command("privacy", "forget", "--return", "other", "--dry-run")
    assert f"begun and not ended: return {PAT}" in told.output
    command("privacy", "forget", "--again", "--yes")
    assert planted_in(people.client) == []
