"""hub migrate on a hub whose tables an earlier release wrote."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.store_version import ROWS, StoreVersion
from returns_hub.flows.migrations import refold_returns
from returns_hub.flows.migrations.run import MIGRATIONS
from tests.unit.cli.conftest import Command
from tests.upgrade.conftest import WRITTEN

NAME = "0001-refold-returns"


@pytest.fixture
def earlier(made: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """What an earlier release left; pieces of few rows."""
    for table, rows in WRITTEN["rows"].items():
        for row in rows:
            made.dynamodb.put_item(TableName=table, Item=row)
    monkeypatch.setattr(refold_returns, "ROWS_OF_A_PIECE", 10)
    return made


def document(command: Command, *words: str, code: int = 0) -> Any:
    result = command(*words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def status(command: Command, code: int) -> dict[str, Any]:
    found: dict[str, Any] = document(command, "migrate", "status", code=code)
    return found


def test_what_a_deployment_asks(earlier: Hub, command: Command) -> None:
    before = status(command, 1)
    assert (before["stored"], before["release"], before["pending"]) == (0, ROWS, [NAME])
    would = document(command, "migrate", "--dry-run")
    assert (would["outcome"], would["dry_run"]) == ("would_be_done", True)
    assert [(row["changed"], row["rows"]) for row in would["migrations"]] == [(6, 45)]
    done = document(command, "migrate", "--yes")
    assert (done["outcome"], done["pending"], done["is_current"]) == ("done", [], True)
    assert [(row["changed"], row["left"]) for row in done["migrations"]] == [(6, 0)]
    after = status(command, 0)
    assert (after["stored"], after["release"], after["pending"]) == (ROWS, ROWS, [])
    assert earlier.returns.find_by("example", TermKind.SKU, "MUG", 10)
    assert document(command, "migrate", "--yes")["outcome"] == "nothing_to_do"


def test_the_same_in_words(earlier: Hub, command: Command) -> None:
    told = command("migrate", "status")
    assert told.exit_code == 1
    assert f"pending: {NAME}: returns know their step" in told.stdout
    assert "to be done: hub migrate" in told.stdout
    assert "would bring up 6 returns, in 45 rows" in command("migrate", "--dry-run").stdout
    done = command("migrate", "--yes")
    assert f"{NAME}: done: 45 rows read, 6 returns brought up" in done.stdout
    assert "nothing is to be done" in command("migrate", "status").stdout


@pytest.mark.parametrize("option", ["--json", "--dry-run", "--yes"])
def test_an_option_that_status_would_not_heed_is_refused(
    earlier: Hub, command: Command, option: str
) -> None:
    told = command("migrate", option, "status")
    assert told.exit_code == 2
    assert "options of a migration go without status" in told.output


def test_it_asks_first_and_is_on_record(earlier: Hub, command: Command) -> None:
    assert command("migrate").exit_code == 2
    assert status(command, 1)["stored"] == 0
    assert command("migrate", "--yes").exit_code == 0
    found = document(command, "audit", "list")
    acts = found["acts"] if isinstance(found, dict) else found
    assert any(act["verb"] == "migrate" and act["outcome"] == "done" for act in acts)


def test_what_was_cut_off_says_how_far_it_came_and_goes_on(
    earlier: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, pieces = MIGRATIONS[0].step, [1, 2]

    def interrupted(*given: Any) -> Any:
        if not pieces:
            raise KeyboardInterrupt
        pieces.pop()
        return real(*given)

    # A frozen model's step; the list of all migrations stays as it is.
    with monkeypatch.context() as cut:
        cut.setitem(vars(MIGRATIONS[0]), "step", interrupted)
        result = command("migrate", "--yes")
    assert result.exit_code == 130
    assert "20 rows read" in result.stderr
    so_far = status(command, 1)
    assert [row["rows"] for row in so_far["migrations"]] == [20]
    done = document(command, "migrate", "--yes")
    assert [row["rows"] for row in done["migrations"]] == [45]
    assert status(command, 0)["is_current"]


def test_while_another_run_is_at_it_the_command_says_so(earlier: Hub, command: Command) -> None:
    assert earlier.cursors.acquire(f"migration/{NAME}", "another", 180)
    result = command("migrate", "--yes")
    assert result.exit_code == 3
    assert "another run works on" in result.stderr


def test_a_store_that_this_release_does_not_know(earlier: Hub, command: Command) -> None:
    earlier.merchants.store.write(None, StoreVersion(ROWS + 2, ROWS + 2), "a later release")
    assert "deploy the release that wrote them" in status(command, 1)["problem"]
    for words in (("migrate", "--yes"), ("migrate", "--dry-run")):
        result = command(*words)
        assert result.exit_code == 1
        assert "deploy the release that wrote them" in result.stderr
    told = " ".join(command("status", "--all").stdout.split())
    assert "all work waits: the store holds rows of version" in told
    checked = command("check", "example", "--area", "policy")
    assert checked.exit_code != 0
    assert "the store holds rows of version" in " ".join(checked.stdout.split())


def test_hub_status_and_hub_check_say_what_is_to_be_done(earlier: Hub, command: Command) -> None:
    told = " ".join(command("status", "--all").stdout.split())
    assert "what an earlier release stored is to be migrated" in told
    assert document(command, "status", code=1)["store"]["pending"] == [NAME]
    words = ("check", "example", "--area", "policy", "--json")
    rows = json.loads(command(*words).stdout)["checks"]
    (found,) = [row for row in rows if row["name"] == "store"]
    assert (found["result"], found["to_do"]) == ("warning", "hub migrate")
    command("migrate", "--yes")
    assert not [
        row for row in json.loads(command(*words).stdout)["checks"] if row["name"] == "store"
    ]


def test_a_wrong_clock_is_refused(
    earlier: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases are written in this machine's time."""
    real = earlier.clock.now
    monkeypatch.setattr(earlier.clock, "now", lambda: real() + timedelta(minutes=10))
    result = command("migrate", "--yes")
    assert result.exit_code == 1
    assert "clock" in result.stderr
