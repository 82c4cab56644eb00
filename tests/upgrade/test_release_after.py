"""Rows as the release after this one may write them: with more in them. They are read as if it were
not there, and everything goes on; a row that says something unheard of is no guess."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.items import plain, typed
from returns_hub.errors import Misconfigured
from returns_hub.flows.migrations.run import migrate, standing
from tests.support.later_rows import later
from tests.upgrade.conftest import migrating
from tests.upgrade.record import a_day
from tests.upgrade.stage import Rows, Stage, return_id
from tests.upgrade.test_migration import STEPS, bring_up, waiting


def later_rows(rows: Rows) -> Rows:
    return {name: [later(row) for row in items] for name, items in rows.items()}


@pytest.fixture
def day() -> dict[str, Any]:
    """The same day, by this release."""
    return a_day().written()


def day_after(written: dict[str, Any]) -> Stage:
    """The rest of it, on these rows: what the partners were asked, and what is stored."""
    stage = Stage()
    stage.set_up(written)
    stage.clock.advance(minutes=10)
    for number in (1, 2, 3, 4, 6, 7):
        stage.tell(number)
    stage.catch_up()
    stage.people("receive", 41)
    stage.poll()
    stage.watch()
    return stage


def texts(stage: Stage) -> Iterator[str]:
    for table in stage.tables.tables.values():
        for row in table.items.values():
            yield from (value for value in plain(row).values() if isinstance(value, str))


def test_the_day_goes_on_as_it_would_have(day: dict[str, Any]) -> None:
    as_it_is = day_after(day)
    as_written_later = day_after(day | {"rows": later_rows(day["rows"])})
    asked = [entry for entry in as_it_is.log if "request" in entry]
    assert [entry for entry in as_written_later.log if "request" in entry] == asked
    assert len(asked) > 10
    for number in range(1, 8):
        mine, theirs = as_it_is.state_of(number), as_written_later.state_of(number)
        assert mine == theirs
        assert mine.model_dump() == theirs.model_dump()
    assert waiting(as_it_is) == waiting(as_written_later)
    names = ("receipts/example", "catch-up/example")
    for name in names:
        assert as_it_is.cursors.read(name) == as_written_later.cursors.read(name)


def test_hub_migrate_leaves_what_a_later_release_added(day: dict[str, Any]) -> None:
    stage = Stage()
    stage.set_up(day | {"rows": later_rows(day["rows"])})
    before = stage.rows()["ReturnsTable"]
    bring_up(stage)
    assert stage.rows()["ReturnsTable"] == before
    assert standing(migrating(stage)).is_current


def test_this_release_writes_the_day_with_nothing_left_to_migrate(day: dict[str, Any]) -> None:
    stage = Stage()
    stage.set_up(day)
    assert standing(migrating(stage)).is_current
    assert waiting(stage) == STEPS
    came: list[int] = []
    versions = migrating(stage).versions
    stored = versions.read()
    assert stored is not None
    row = {"pk": {"S": "#store"}, "sk": {"S": "VERSION"}}
    stage.tables.delete_item(TableName="MerchantsTable", Key=row)
    migrate(migrating(stage), "pat", lambda _, now: came.append(now.changed))
    assert came[-1] == 0


@pytest.mark.parametrize(
    ("sk", "name", "content"),
    [
        ("STATE", "state", {"shipments": [{"key": "sg_one", "planned": "elsewhere"}]}),
        ("STATE", "state", {"step": "waiting_for_godot"}),
    ],
)
def test_what_is_unheard_of_is_no_guess(
    day: dict[str, Any], sk: str, name: str, content: dict[str, Any]
) -> None:
    stage = Stage()
    stage.set_up(day)
    key = typed({"pk": f"example#return#{return_id(1)}", "sk": sk})
    row = plain(stage.tables.get_item(TableName="ReturnsTable", Key=key)["Item"])
    row[name] = json.dumps(json.loads(row[name]) | content)
    stage.tables.put_item(TableName="ReturnsTable", Item=typed(row))
    asked = len(stage.log)
    with pytest.raises(Misconfigured) as refused:
        stage.tell(1)
    assert refused.value.code == "store.unreadable"
    assert return_id(1) in refused.value.reason
    assert not [entry for entry in stage.log[asked:] if entry["request"]["method"] == "POST"]


def test_a_fact_that_is_unheard_of_is_said_in_words(day: dict[str, Any]) -> None:
    stage = Stage()
    stage.set_up(day)
    key = typed({"pk": f"example#return#{return_id(1)}", "sk": "EVENT#00000002"})
    row = plain(stage.tables.get_item(TableName="ReturnsTable", Key=key)["Item"])
    event = json.loads(row["event"])
    event["fact"] = {"kind": "teleported"}
    stage.tables.put_item(TableName="ReturnsTable", Item=typed(row | {"event": json.dumps(event)}))
    with pytest.raises(Misconfigured) as refused:
        stage.returns.timeline("example", return_id(1))
    assert refused.value.code == "store.unreadable"
    assert stage.state_of(1).outcome == "announced", "flows go by the state"
