"""SIGKILL to a function's process at one I/O of a return's life; then life goes on.

SQS delivers the message again and the schedule ticks on. Whatever the moment: one external return
for each shipment, no line submitted twice, no comment twice, an ending that somebody can see, and
nothing in a dead-letter queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.kill.stage import CLAIM, COMMENT, CREATE, CURSOR, PROCESS, SETTLE, TIMELINE, Stage


@dataclass(frozen=True)
class Moment:
    """A request of the return's life, named by words of it, and how the return is to end."""

    name: str
    front: str
    words: tuple[str, ...]
    after: bool
    ends: str = "processed"
    shipments: int = 1
    goods: tuple[str, ...] | None = None


BEFORE, AFTER = False, True
OTHERS = ("CAP-BLACK",)
KILLED = ["Runtime.ExitError"]
NEVER_THERE = "the function never came to this request"

ANNOUNCING = [
    Moment("plan", "aws", (TIMELINE, "shipments_planned"), AFTER),
    Moment("claim of the create", "aws", (*CREATE, CLAIM), AFTER),
    Moment("create", "mintsoft", ("POST", "CreateExternalReturn"), BEFORE),
    Moment("create", "mintsoft", ("POST", "CreateExternalReturn"), AFTER),
    Moment("settlement of the create", "aws", (*CREATE, SETTLE), BEFORE),
    Moment("settlement of the create", "aws", (*CREATE, SETTLE), AFTER),
    Moment("made, on the timeline", "aws", (TIMELINE, "external_return_made"), AFTER),
    Moment("comment", "redo", ("POST", "/comments"), BEFORE),
    Moment("comment", "redo", ("POST", "/comments"), AFTER),
    Moment("settlement of the comment", "aws", (*COMMENT, SETTLE), AFTER),
    Moment("told, on the timeline", "aws", (TIMELINE, "comment_added"), AFTER),
]
SETTLING = [
    Moment("lease of the run", "aws", (*CURSOR, "lease_until = :until"), AFTER),
    Moment("committed lines", "aws", (TIMELINE, "lines_committed"), BEFORE),
    Moment("committed lines", "aws", (TIMELINE, "lines_committed"), AFTER),
    # That a process call never arrived cannot be told from one that is held: a person is asked.
    Moment("claim of the process call", "aws", (*PROCESS, CLAIM), AFTER, ends="parked"),
    Moment("process", "redo", ("POST", "/process"), BEFORE, ends="parked"),
    Moment("process", "redo", ("POST", "/process"), AFTER),
    Moment("process of a part", "redo", ("POST", "/process"), AFTER, "parked", shipments=2),
    Moment("settlement of the process call", "aws", (*PROCESS, SETTLE), BEFORE),
    Moment("settlement of the process call", "aws", (*PROCESS, SETTLE), AFTER),
    Moment("processed, on the timeline", "aws", (TIMELINE, "lines_processed"), AFTER),
    Moment("receipt settled", "aws", (TIMELINE, "receipt_settled"), AFTER),
    Moment("move of the cursor", "aws", (*CURSOR, "moved_at"), BEFORE),
    Moment("move of the cursor", "aws", (*CURSOR, "moved_at"), AFTER),
    Moment("note of the flag", "redo", ("POST", "/comments"), AFTER, "flagged", goods=OTHERS),
    Moment("flag", "redo", ("PUT", "/status"), BEFORE, "flagged", goods=OTHERS),
    Moment("flag", "redo", ("PUT", "/status"), AFTER, "flagged", goods=OTHERS),
]


def name_of(moment: Moment) -> str:
    return f"{'after' if moment.after else 'before'} the {moment.name}"


@pytest.mark.parametrize("moment", ANNOUNCING, ids=name_of)
def test_killed_while_announcing(stage: Stage, moment: Moment) -> None:
    return_id = stage.put_return()
    trap = stage.kill_at(moment.front, *moment.words, after=moment.after)
    stage.publish(return_id)
    stage.deliver()
    assert trap.sprung.is_set(), NEVER_THERE
    stage.confirm(return_id)
    stage.settle(return_id)

    assert stage.failures == KILLED
    stage.check(return_id, moment.ends)


def test_killed_in_the_midst_of_a_batch(stage: Stage) -> None:
    return_ids = [stage.put_return() for _ in range(6)]
    words = ("POST", "CreateExternalReturn")
    trap = stage.kill_at("mintsoft", *words, after=True, nth=3)
    stage.publish(*return_ids)
    stage.deliver()
    assert trap.sprung.is_set(), NEVER_THERE
    for return_id in return_ids:
        stage.confirm(return_id)
    stage.settle(*return_ids)

    assert stage.failures == KILLED
    for return_id in return_ids:
        stage.check(return_id, "processed")


@pytest.mark.parametrize("moment", SETTLING, ids=name_of)
def test_killed_while_settling(stage: Stage, moment: Moment) -> None:
    return_id = stage.put_return(shipments=moment.shipments)
    stage.publish(return_id)
    stage.deliver()
    stage.confirm(return_id, moment.goods)
    trap = stage.kill_at(moment.front, *moment.words, after=moment.after)
    stage.tick()
    assert trap.sprung.is_set(), NEVER_THERE
    stage.time_passes()
    stage.settle(return_id)

    assert stage.failures == KILLED
    stage.check(return_id, moment.ends, shipments=moment.shipments)
