"""SIGSTOP to a function's process, for longer than its claim holds or than a connection is kept.

What was stopped knows nothing of the time that passed. Another process takes its work over and
does it; when the first goes on it must neither send again nor overwrite what the other settled.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from returns_hub.domain.operations import create_external_return_key, process_key
from tests.kill.proxy import Kind, Trap
from tests.kill.stage import (
    CLAIM,
    COMMENT,
    CREATE,
    CURSOR,
    MERCHANT,
    PATIENCE,
    PROCESS,
    SETTLE,
    Stage,
)

CREATES = Kind(("POST", "CreateExternalReturn"))
COMMENTS = Kind(("POST", "/comments"))
PROCESSES = Kind(("POST", "/process"))
SETTLES_CREATE = Kind((*CREATE, SETTLE))


def announce_past(stage: Stage, return_id: str, trap: Trap) -> None:
    """Deliver; one process stops at the trap, and another gets the message after the lease."""
    stage.publish(return_id)
    stage.until(trap.sprung.is_set, "a function to be stopped")
    stage.time_passes()
    stage.until(lambda: stage.state(return_id).is_announced, "another process to take over")
    stage.until(lambda: stage.in_work == 1, "only the stopped process to be at work")


def go_on(stage: Stage) -> None:
    """Let the stopped process go on, and end what it is at."""
    stage.go_on()
    stage.until(lambda: not stage.in_work, "the stopped process to end its work")


def create_key(stage: Stage, return_id: str) -> str:
    (shipment,) = stage.state(return_id).shipments
    return create_external_return_key(MERCHANT, return_id, shipment.key)


def finish(stage: Stage, return_id: str) -> None:
    """The rest of the return's life. What went on too late has failed no invocation."""
    assert stage.failures == []
    stage.deliver()
    stage.confirm(return_id)
    stage.settle(return_id)


def test_stopped_between_its_claim_and_the_create(stage: Stage) -> None:
    return_id = stage.put_return()
    trap = stage.stop_at("aws", *CREATE, CLAIM, return_id)
    announce_past(stage, return_id, trap)
    settled = stage.ledger(create_key(stage, return_id))
    assert (settled["state"], settled["fence"]) == ("CONFIRMED", "2")

    go_on(stage)

    assert stage.mintsoft.count(CREATES) == 1
    assert stage.ledger(create_key(stage, return_id)) == settled
    finish(stage, return_id)
    stage.check(return_id, "processed")


def test_stopped_between_the_create_and_its_settlement(stage: Stage) -> None:
    return_id = stage.put_return()
    trap = stage.stop_at("mintsoft", *CREATES.words)
    announce_past(stage, return_id, trap)
    settled = stage.ledger(create_key(stage, return_id))
    assert (settled["state"], settled["fence"]) == ("CONFIRMED", "2")
    tried = stage.aws.count(SETTLES_CREATE)

    go_on(stage)

    assert stage.aws.count(SETTLES_CREATE) == tried + 1, "it never tried to settle"
    assert stage.mintsoft.count(CREATES) == 1
    assert stage.ledger(create_key(stage, return_id)) == settled
    finish(stage, return_id)
    stage.check(return_id, "processed")


def test_stopped_between_its_claim_and_the_comment(stage: Stage) -> None:
    return_id = stage.put_return()
    trap = stage.stop_at("aws", *COMMENT, CLAIM, return_id)
    announce_past(stage, return_id, trap)

    go_on(stage)

    assert stage.redo.count(COMMENTS) == 1
    finish(stage, return_id)
    stage.check(return_id, "processed")


@dataclass(frozen=True)
class Run:
    """Where a run over receipts is stopped, and what is to come of it.

    Args:
        claims: How many claims of the process call there are in the end.
        sent: How many process calls.
    """

    front: str
    words: tuple[str, ...]
    ends: str
    claims: str
    sent: int


@pytest.mark.parametrize(
    "run",
    [
        Run("aws", (*CURSOR, "lease_until = :until"), "processed", claims="1", sent=1),
        # Nobody can know that a process call was never sent, so a person is asked.
        Run("aws", (*PROCESS, CLAIM), "parked", claims="2", sent=0),
        Run("redo", PROCESSES.words, "processed", claims="2", sent=1),
        Run("aws", (*PROCESS, SETTLE), "processed", claims="1", sent=1),
    ],
    ids=["after its lease", "after its claim", "after the call", "after the settlement"],
)
def test_stopped_in_a_run_over_receipts(stage: Stage, run: Run) -> None:
    return_id = stage.put_return()
    stage.publish(return_id)
    stage.deliver()
    stage.confirm(return_id)
    trap = stage.stop_at(run.front, *run.words)
    stopped = threading.Thread(target=stage.tick, daemon=True)
    stopped.start()
    stage.until(trap.sprung.is_set, "a function to be stopped")
    stage.time_passes()
    stage.settle(return_id)
    settled = stage.ledger(process_key(MERCHANT, return_id, 1))
    assert settled["fence"] == run.claims
    moved = stage.cursor()

    stage.go_on()
    stopped.join(timeout=PATIENCE)

    assert not stopped.is_alive(), "the stopped run did not end"
    assert stage.redo.count(PROCESSES) == run.sent
    assert stage.ledger(process_key(MERCHANT, return_id, 1)) == settled
    assert stage.cursor() == moved
    assert stage.failures == []
    stage.settle(return_id)
    stage.check(return_id, run.ends)


@pytest.mark.parametrize(("how", "claims"), [("closed", "1"), ("forgotten", "2")])
def test_stopped_for_longer_than_connections_are_kept(stage: Stage, how: str, claims: str) -> None:
    """Closed: the partner said so while nobody listened, so the create goes over a new connection.
    Forgotten: the create is reset and nobody knows; it is looked for before it is sent again."""
    before = stage.put_return()
    stage.publish(before)
    finish(stage, before)
    return_id = stage.put_return()
    trap = stage.stop_at("aws", *CREATE, CLAIM, return_id)
    stage.publish(return_id)
    stage.until(trap.sprung.is_set, "a function to be stopped")
    for proxy in (stage.mintsoft, stage.redo):
        assert proxy.end_idle() if how == "closed" else proxy.forget_idle()

    go_on(stage)
    finish(stage, return_id)

    assert stage.ledger(create_key(stage, return_id))["fence"] == claims
    stage.check(return_id, "processed")
    stage.check(before, "processed")
