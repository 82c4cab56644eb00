"""This release over what an earlier one stored: it goes on where that stopped, nothing twice."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from returns_hub.flows.migrations.run import migrate
from tests.upgrade.conftest import migrating
from tests.upgrade.stage import Stage, return_id

MADE = {1: 41, 2: 42, 3: 43, 4: 44, 7: 45}
"""External returns that were made before; the answer about the fourth was lost."""
OF_CATCHING_UP = 47
"""The one that this release makes."""


@pytest.fixture(params=["before the migration", "after it"], autouse=True)
def _migrated(request: pytest.FixtureRequest, stage: Stage) -> None:
    """Both are lived with: the functions go on while the migration is under way."""
    if request.param == "after it":
        migrate(migrating(stage), "pat", lambda *_: None)


def markers(stage: Stage) -> Counter[str]:
    """How often each marker of the hub is in the warehouse's books."""
    comments = (one.rows[0].comments for one in stage.external_returns())
    return Counter(marker for text in comments for marker in re.findall(r"RH-\w+", text))


def test_cursors_go_on_where_they_stood(stage: Stage) -> None:
    names = ("receipts/example", "catch-up/example")
    before = stage.cursors.standings(names)
    assert [before[name].runs for name in names] == [2, 2]
    since = {name: stage.cursors.read(name)["since"] for name in names}
    stage.clock.advance(minutes=5)
    assert stage.poll() == {"processed": 1}
    days = [asked["query"]["Date"] for asked in stage.requests("GET", "SearchByDate")]
    assert days == ["2026-03-01", "2026-03-02"], "from where it stood, with its overlap"
    assert not list(stage.requests("GET", f"/api/Return/{MADE[2]}")), "it was dealt with"
    assert stage.catch_up()["sent"] == 1
    assert return_id(5) in stage.sent[0]
    after = stage.cursors.standings(names)
    assert [after[name].runs for name in names] == [3, 3]
    assert all(stage.cursors.read(name)["since"] > moment for name, moment in since.items())


def test_an_answer_that_was_lost_is_looked_up_and_nothing_is_made_again(stage: Stage) -> None:
    stage.clock.advance(minutes=10)
    assert stage.tell(4) == "announced"
    assert not list(stage.requests("POST", "CreateExternalReturn"))
    assert stage.state_of(4).shipments[0].external_return_id == MADE[4]


def test_returns_under_way_come_to_their_end_and_nothing_is_done_twice(stage: Stage) -> None:
    before = markers(stage)
    for _ in range(2):
        stage.clock.advance(minutes=10)
        for number in MADE:
            stage.tell(number)
        stage.catch_up()
        for text in stage.sent:
            stage.approve(text)
        for made in (MADE[1], MADE[4], OF_CATCHING_UP):
            if not stage.mintsoft.returns[made].confirmed:
                stage.people("receive", made)
        stage.poll()
        stage.watch()
    new = markers(stage) - before
    assert sum(new.values()) == 1, "only what nobody had told of is made"
    assert set(markers(stage).values()) == {1}
    assert [stage.state_of(number).outcome for number in (1, 2, 3, 4, 5)] == ["processed"] * 5
    assert set(stage.redo.books.submissions.values()) == {1}
    for number in MADE:
        told = [one["message"] for one in stage.redo.comments[return_id(number)]]
        assert len(told) == len(set(told)), f"return {number}: a comment was made twice"
    assert stage.state_of(7).outcome == "withdrawn"
    assert [one.subject for one in stage.parking.list_parked("example")] == [return_id(6)]
