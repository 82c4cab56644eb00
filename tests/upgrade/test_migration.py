"""Returns that an earlier release stored are folded again: what is new is there, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.expressions import refused
from returns_hub.adapters.dynamodb.items import plain, typed
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.store_version import ROWS, StoreVersion
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.migrations.migration import Migration, MigrationWorld, Piece
from returns_hub.flows.migrations.refold_returns import REFOLD_RETURNS
from returns_hub.flows.migrations.run import (
    MIGRATIONS,
    Progress,
    look,
    migrate,
    progress_of,
    standing,
)
from tests.support.fakes import START
from tests.upgrade.conftest import WRITTEN, migrating
from tests.upgrade.stage import Rows, Stage, return_id

STORED = (1, 2, 3, 4, 6, 7)
STEPS = {
    Step.ANNOUNCE: {4},
    Step.TRANSIT: {1, 3},
    Step.CHECKING: {2},
    Step.PERSON: {6, 7},
}


def nobody(*_: object) -> None:
    return


def bring_up(stage: Stage, world: MigrationWorld | None = None) -> StoreVersion:
    return migrate(world or migrating(stage), "pat", nobody)


def waiting(stage: Stage) -> dict[Step, set[int]]:
    found = {step: stage.returns.in_step("example", step, 100) for step in Step}
    return {step: {int(r.return_id[-8:]) for r in rows} for step, rows in found.items() if rows}


def found_by(stage: Stage, kind: TermKind, word: str) -> set[int]:
    return {int(one[-8:]) for one in stage.returns.find_by("example", kind, word, 100)}


def state_row(stage: Stage, number: int) -> dict[str, Any]:
    key = typed({"pk": f"example#return#{return_id(number)}", "sk": "STATE"})
    return plain(stage.tables.get_item(TableName="ReturnsTable", Key=key)["Item"])


def old(rows: Rows) -> list[dict[str, Any]]:
    """What is not a state, nor new: it stays as it was."""
    kept = [row for row in rows["ReturnsTable"] if row["sk"]["S"] != "STATE"]
    return [row for row in kept if "#find#" not in row["pk"]["S"]]


# -- what it gives --------------------------------------------------------------------------------


def test_returns_wait_at_their_step_and_are_found(stage: Stage) -> None:
    assert waiting(stage) == {}
    assert found_by(stage, TermKind.SKU, "TEE") == set()
    bring_up(stage)
    assert waiting(stage) == STEPS
    assert found_by(stage, TermKind.SKU, "tee") == {1, 3, 4, 7}
    assert found_by(stage, TermKind.ORDER, "5502") == {2}
    assert found_by(stage, TermKind.TRACKING, "rm sg_two") == {7}


def test_they_wait_since_they_did_and_not_since_the_migration(stage: Stage) -> None:
    stage.clock.advance(days=3)
    bring_up(stage)
    (first, _) = stage.returns.in_step("example", Step.TRANSIT, 100)
    assert first.return_id == return_id(1)
    assert first.since < START + timedelta(minutes=2)


def test_states_are_the_fold_of_their_timelines_and_say_what_they_said(stage: Stage) -> None:
    before = {number: state_row(stage, number) for number in STORED}
    untouched = old(stage.rows())
    stage.clock.advance(days=3)
    bring_up(stage)
    assert old(stage.rows()) == untouched
    for number in STORED:
        was, now = before[number], state_row(stage, number)
        timeline = stage.returns.timeline("example", return_id(number))
        assert now["state"] == canonical(fold("example", return_id(number), timeline))
        same = ("version", "outcome", "updated_at", "expires_at", "due_pk", "due_sk")
        assert [now.get(name) for name in same] == [was.get(name) for name in same]
        then = json.loads(was["state"])
        assert {name: json.loads(now["state"])[name] for name in then} == then


def test_done_once_more_it_changes_nothing(stage: Stage) -> None:
    world = migrating(stage)
    assert bring_up(stage) == StoreVersion(ROWS, ROWS, frozenset({REFOLD_RETURNS.name}))
    assert standing(world).is_current
    rows = stage.rows()
    again = replace(REFOLD_RETURNS, name="again")
    came: list[Progress] = []
    migrate(world, "pat", lambda _, now: came.append(now), [*MIGRATIONS, replace(again, to=2)], 2)
    assert came[-1].changed == 0
    assert came[-1].rows == len(rows["ReturnsTable"])
    assert stage.rows()["ReturnsTable"] == rows["ReturnsTable"]


def test_a_look_says_how_much_there_is_and_writes_nothing(stage: Stage) -> None:
    before = stage.rows()
    ((one, would),) = look(migrating(stage), nobody)
    assert (one, would.changed, would.rows) == (REFOLD_RETURNS, 6, len(before["ReturnsTable"]))
    assert stage.rows() == before


def test_without_it_a_return_is_found_by_everything_after_its_next_event(stage: Stage) -> None:
    stage.people("status", 2, "rejected")
    stage.tell(2)
    assert found_by(stage, TermKind.SKU, "MUG") == {2}


# -- what may befall it ---------------------------------------------------------------------------


class Rough:
    """The rows, with something that happens before a write."""

    def __init__(self, stage: Stage, happens: Callable[[int], object]) -> None:
        self._rows: Any = migrating(stage).rows
        self._happens = happens
        self.walked: list[Any] = []
        self.writes = 0

    def walk_states(self, position: Any, limit: int) -> Any:
        self.walked.append(dict(position))
        return self._rows.walk_states(position, limit)

    def stored(self, merchant: str, number: str) -> Any:
        return self._rows.stored(merchant, number)

    def put_refolded(self, stored: Any, made: Any) -> bool:
        self.writes += 1
        self._happens(self.writes)
        done: bool = self._rows.put_refolded(stored, made)
        return done


class PowerCut(BaseException):
    pass


def test_whatever_stops_it_the_next_run_goes_on_behind_the_last_piece(stage: Stage) -> None:
    def cut(write: int) -> None:
        if write == 4:
            raise PowerCut

    cut_off = Rough(stage, cut)
    with pytest.raises(PowerCut):
        bring_up(stage, replace(migrating(stage), rows=cut_off))
    so_far = progress_of(migrating(stage), REFOLD_RETURNS)
    assert 0 < so_far.changed < 4
    assert standing(migrating(stage)).pending == (REFOLD_RETURNS,)
    going_on = Rough(stage, nobody)
    bring_up(stage, replace(migrating(stage), rows=going_on))
    assert going_on.walked[0] == so_far.position == cut_off.walked[-1]
    assert waiting(stage) == STEPS
    assert standing(migrating(stage)).is_current


def test_what_a_function_does_meanwhile_is_not_overwritten(stage: Stage) -> None:
    def deliver(write: int) -> None:
        if write == 1:
            stage.people("receive", 41)
            stage.poll()

    rough = Rough(stage, deliver)
    bring_up(stage, replace(migrating(stage), rows=rough))
    assert stage.state_of(1).outcome == "processed"
    assert {1, 3}.isdisjoint(waiting(stage).get(Step.TRANSIT, set()))
    assert found_by(stage, TermKind.SKU, "TEE") == {1, 3, 4, 7}


def test_a_return_that_another_earlier_container_changes_is_read_again(stage: Stage) -> None:
    """While a deployment shifts, functions of the earlier release still write."""
    as_it_writes = {**state_row(stage, 1), "outcome": "in_work", "version": 5}
    content = json.loads(str(as_it_writes["state"])) | {"version": 5}
    as_it_writes["state"] = json.dumps(content)

    def write(count: int) -> None:
        if count == 1:
            stage.tables.put_item(TableName="ReturnsTable", Item=typed(as_it_writes))

    bring_up(stage, replace(migrating(stage), rows=Rough(stage, write)))
    assert state_row(stage, 1)["version"] == 5
    assert 1 in waiting(stage)[Step.TRANSIT]


def test_a_table_that_is_busy_loses_no_return(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stage.tables.transact_write_items
    left = [1]

    def busy(**given: Any) -> Any:
        if left:
            left.clear()
            raise refused("TransactWriteItems", "TransactionCanceledException", "conflict")
        return real(**given)

    monkeypatch.setattr(stage.tables, "transact_write_items", busy)
    with pytest.raises(Retryable):
        bring_up(stage)
    bring_up(stage)
    assert waiting(stage) == STEPS


def test_only_one_works_at_a_time(stage: Stage) -> None:
    world = migrating(stage)
    lease = stage.cursors.acquire(f"migration/{REFOLD_RETURNS.name}", "another", 180)
    with pytest.raises(Retryable) as refused_:
        bring_up(stage)
    assert refused_.value.code == "migration.in_work"
    stage.cursors.release(lease)
    bring_up(stage)
    assert standing(world).is_current


# -- what it does not guess at --------------------------------------------------------------------


def test_without_its_first_events_a_return_is_kept_as_it_stood(stage: Stage) -> None:
    """Events expire 400 days after they happened, a state after its last one."""
    key = typed({"pk": f"example#return#{return_id(1)}", "sk": "EVENT#00000001"})
    stage.tables.delete_item(TableName="ReturnsTable", Key=key)
    was = state_row(stage, 1)
    stage.clock.advance(days=3)
    bring_up(stage)
    now = state_row(stage, 1)
    then = json.loads(was["state"])
    assert {name: json.loads(now["state"])[name] for name in then} == then
    (first, _) = stage.returns.in_step("example", Step.TRANSIT, 100)
    assert first.since.isoformat()[:26] == was["updated_at"][:26]
    assert found_by(stage, TermKind.SKU, "TEE") == {1, 3, 4, 7}


def test_where_the_fold_says_something_else_the_state_is_kept(stage: Stage) -> None:
    was = state_row(stage, 1)
    content = json.loads(was["state"])
    content["shipments"][0]["external_return_id"] = 4711
    item = typed(was | {"state": json.dumps(content)})
    stage.tables.put_item(TableName="ReturnsTable", Item=item)
    bring_up(stage)
    assert stage.state_of(1).shipments[0].external_return_id == 4711
    assert 1 in waiting(stage)[Step.TRANSIT]
    kept = [line for said, line in stage.telemetry.lines if said == "a return was kept as it stood"]
    assert [line["return_id"] for line in kept] == [return_id(1)]


def test_a_state_that_cannot_be_read_is_left_and_counted(stage: Stage) -> None:
    was = state_row(stage, 1)
    content = json.loads(was["state"]) | {"shipments": "another shape"}
    item = typed(was | {"state": json.dumps(content)})
    stage.tables.put_item(TableName="ReturnsTable", Item=item)
    came: list[Progress] = []
    migrate(migrating(stage), "pat", lambda _, now: came.append(now))
    assert (came[-1].changed, came[-1].left) == (5, 1)
    assert plain(item) == state_row(stage, 1)


# -- versions -------------------------------------------------------------------------------------


def counted(done: list[str], name: str, to: int) -> Migration:
    def step(_: MigrationWorld, __: Any, is_meant: bool) -> Piece:
        done.extend([name] * is_meant)
        return Piece({})

    return Migration(name, to, "for the test", step)


def test_back_to_the_release_before_and_up_again_its_rows_are_migrated_again(stage: Stage) -> None:
    done: list[str] = []
    first = [counted(done, "0001", 1)]
    both = [*first, counted(done, "0002", 2)]
    world = migrating(stage)
    migrate(world, "pat", nobody, first, 1)
    migrate(world, "pat", nobody, both, 2)
    assert done == ["0001", "0002"]
    assert not standing(world, first, 1).is_current, "it has to say that it writes again"
    back = migrate(world, "pat", nobody, first, 1)
    assert back == StoreVersion(1, 2, frozenset({"0001"}))
    assert standing(world, first, 1).is_current
    migrate(world, "pat", nobody, both, 2)
    assert done == ["0001", "0002", "0002"]
    assert standing(world, both, 2).is_current


def test_a_store_that_is_not_known_is_not_migrated(stage: Stage) -> None:
    world = migrating(stage)
    world.versions.write(None, StoreVersion(3, 3), "a later release")
    before = stage.rows()
    for act in (lambda: bring_up(stage), lambda: look(world, nobody)):
        with pytest.raises(Misconfigured) as refused_:
            act()
        assert refused_.value.code == "store.unknown_version"
    assert stage.rows() == before


def test_what_was_written_down_is_of_the_release_before_the_first_version() -> None:
    assert not [row for row in WRITTEN["rows"]["MerchantsTable"] if row["pk"]["S"] == "#store"]
    states = [row for row in WRITTEN["rows"]["ReturnsTable"] if row["sk"]["S"] == "STATE"]
    assert len(states) == len(STORED)
    assert not [row for row in states if '"step"' in row["state"]["S"]]
