"""The one way a partner write is done."""

from __future__ import annotations

from datetime import datetime

import pytest

from returns_hub.domain.operations import (
    Claim,
    Found,
    Inconclusive,
    LookUp,
    NotFound,
    Operation,
    OperationState,
)
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.operation import (
    LOOK_AGAIN_SECONDS,
    Done,
    run_operation,
    withdraw_operation,
)
from tests.support.fakes import Ledger, TestClock

OPERATION = Operation(
    "create/m/r/s", "m", request_seconds=30, settle_seconds=55, give_up_seconds=900
)


class Case:
    """A ledger, a clock, and a partner that does as it is told."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.ledger = Ledger(self.clock)
        self.sent = 0
        self.fails: Exception | None = None
        self.answer: LookUp = NotFound()
        self.look_up_takes = 0.0

    def run(self, owner: str = "a") -> Done:
        def send(send_by: datetime) -> str:
            if self.clock.now() > send_by:
                raise Retryable("partner.too_late", "too late")
            self.sent += 1
            if self.fails:
                raise self.fails
            return "41"

        def look_up(_: Claim) -> LookUp:
            self.clock.advance(seconds=self.look_up_takes)
            return self.answer

        return run_operation(
            OPERATION,
            ledger=self.ledger,
            clock=self.clock,
            owner=owner,
            send=send,
            look_up=look_up,
        )

    @property
    def state(self) -> OperationState:
        return self.ledger.rows[OPERATION.key].state


def lost() -> Case:
    """A request whose answer was lost, and whose claim has run out."""
    case = Case()
    case.fails = UnknownOutcome("x", "lost")
    with pytest.raises(UnknownOutcome):
        case.run()
    case.fails = None
    case.clock.advance(seconds=121)
    return case


def test_once_and_then_never_again() -> None:
    case = Case()

    assert case.run() == Done("41", "sent")
    assert case.run("b") == Done("41", "already")
    assert case.sent == 1


def test_known_not_done_releases_the_claim_for_anyone() -> None:
    case = Case()
    case.fails = Retryable("x", "refused")
    with pytest.raises(Retryable):
        case.run()
    assert case.state is OperationState.RELEASED
    case.fails = None

    assert case.run("b") == Done("41", "sent")


def test_a_refused_key_releases_it_too() -> None:
    case = Case()
    case.fails = Misconfigured("x", "key refused")
    with pytest.raises(Misconfigured):
        case.run()
    assert case.state is OperationState.RELEASED


def test_known_refused_stays_refused() -> None:
    case = Case()
    case.fails = Permanent("x", "no")
    with pytest.raises(Permanent):
        case.run()
    case.fails = None

    with pytest.raises(Permanent, match="no"):
        case.run("b")
    assert case.sent == 1


def test_a_lost_answer_keeps_the_claim_and_everyone_waits() -> None:
    case = Case()
    case.fails = UnknownOutcome("x", "lost")
    with pytest.raises(UnknownOutcome):
        case.run()

    with pytest.raises(Retryable) as early:
        case.run("b")
    assert early.value.after == LOOK_AGAIN_SECONDS
    case.clock.advance(seconds=60)
    with pytest.raises(Retryable) as later:
        case.run("b")
    assert 60 <= later.value.after <= 62
    assert case.sent == 1


def test_a_look_up_that_finds_it_confirms_it() -> None:
    case = lost()
    case.answer = Found("41")

    assert case.run("b") == Done("41", "looked_up")
    assert (case.sent, case.state) == (1, OperationState.CONFIRMED)


def test_a_conclusive_not_found_sends_again() -> None:
    case = lost()

    assert case.run("b") == Done("41", "sent")
    assert case.sent == 2


def test_an_inconclusive_look_up_never_sends_and_ends_with_a_person() -> None:
    case = lost()
    case.answer = Inconclusive("cannot tell")
    with pytest.raises(UnknownOutcome):
        case.run("b")
    case.clock.advance(seconds=901)

    with pytest.raises(Permanent, match="cannot tell"):
        case.run("c")
    assert case.sent == 1


def test_a_slow_look_up_leaves_too_little_of_the_lease_to_send() -> None:
    case = lost()
    case.look_up_takes = 100

    with pytest.raises(Retryable, match="too late"):
        case.run("b")
    assert case.sent == 1
    assert case.state is OperationState.RELEASED


def test_whoever_was_taken_over_while_sending_does_not_believe_itself() -> None:
    case = Case()

    def slow(_: datetime) -> str:
        case.clock.advance(seconds=121)
        case.answer = Found("41")
        case.run("b")
        return "41b"

    with pytest.raises(UnknownOutcome, match="taken over"):
        run_operation(
            OPERATION,
            ledger=case.ledger,
            clock=case.clock,
            owner="a",
            send=slow,
            look_up=lambda _: NotFound(),
        )
    assert case.run("c") == Done("41", "already")


# -- a write that is not wanted any more -----------------------------------------------------------


def withdrawn(case: Case) -> Done | None:
    return withdraw_operation(OPERATION, ledger=case.ledger, owner="b")


def test_what_was_never_sent_is_withdrawn_for_good() -> None:
    case = Case()

    assert withdrawn(case) is None
    with pytest.raises(Permanent, match=r"operation\.withdrawn"):
        case.run()
    assert case.sent == 0
    assert withdrawn(case) is None


def test_what_was_released_is_withdrawn_and_what_was_refused_is_left() -> None:
    for verdict in (Retryable("x", "away"), Permanent("x", "no")):
        case = Case()
        case.fails = verdict
        with pytest.raises(type(verdict)):
            case.run()
        assert withdrawn(case) is None


def test_what_was_carried_out_is_told_not_withdrawn() -> None:
    case = Case()
    case.run()

    assert withdrawn(case) == Done("41", "already")


def test_what_may_have_been_carried_out_is_not_withdrawn() -> None:
    case = Case()
    case.fails = UnknownOutcome("x", "no answer")
    with pytest.raises(UnknownOutcome):
        case.run()

    with pytest.raises(Retryable, match="in_work"):
        withdrawn(case)
    case.clock.advance(hours=1)
    with pytest.raises(UnknownOutcome):
        withdrawn(case)
    case.clock.advance(hours=1)
    case.answer = Found("41")
    assert case.run() == Done("41", "looked_up")
