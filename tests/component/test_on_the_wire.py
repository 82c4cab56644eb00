"""The real HTTP client against real sockets: what a misbehaving peer is taken for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.processes import free_port
from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Server
from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import (
    NEVER_SENT,
    Answer,
    NoAnswer,
    PartnerHttp,
    PartnerTime,
)
from returns_hub.errors import Retryable
from tests.support.fakes import Telemetry, TestClock


@pytest.fixture
def redo() -> Iterator[tuple[RedoSimulator, str]]:
    core = RedoSimulator()
    core.seed({"store_id": "s", "tokens": {"t": ["returns_read", "returns_write"]}})
    with Server(core) as server:
        yield core, server.url


class WallClock(TestClock):
    """Measures what really goes by."""

    def monotonic(self) -> float:
        return time.monotonic()


def client(url: str, left: float = 60.0) -> PartnerHttp:
    clock = WallClock()
    clock.left = left
    return PartnerHttp(
        url,
        partner="redo",
        gate=Pace(10_000, clock),
        clock=clock,
        telemetry=Telemetry(),
        spent=PartnerTime(),
    )


def ask(http: PartnerHttp, *, is_read: bool = True, method: str = "GET") -> object:
    return http.request(
        "GET" if method == "GET" else "POST",
        "/v2.2/stores/s/returns",
        template="/returns",
        headers={"Authorization": "Bearer t"},
        is_read=is_read,
    )


def test_an_answer_comes_whole_and_the_connection_is_kept(redo: tuple[RedoSimulator, str]) -> None:
    http = client(redo[1])
    for _ in range(3):
        answer = ask(http)
        assert isinstance(answer, Answer)
        assert (answer.status, answer.complete) == (200, True)


def test_nothing_listening_is_known_not_sent() -> None:
    outcome = ask(client(f"http://127.0.0.1:{free_port()}"), is_read=False)
    assert outcome == NoAnswer(sent=False, why="connection refused")


def test_a_key_with_letters_that_no_header_has_is_known_not_sent(
    redo: tuple[RedoSimulator, str],
) -> None:
    """E.g. a quotation mark that came with it from a text."""
    outcome = client(redo[1]).request(
        "POST", "/x", template="/x", headers={"X-Key": "k\u2019ey"}, json_body={}
    )

    assert outcome == NoAnswer(sent=False, why=NEVER_SENT)


def test_a_reset_may_have_been_carried_out(redo: tuple[RedoSimulator, str]) -> None:
    redo[0].faults.add(Fault(FaultKind.RESET_AFTER, times=None))
    outcome = ask(client(redo[1]), is_read=False)

    assert isinstance(outcome, NoAnswer)
    assert outcome.sent


def test_a_read_is_repeated_once_and_a_write_never(redo: tuple[RedoSimulator, str]) -> None:
    redo[0].faults.add(Fault(FaultKind.RESET_BEFORE, times=1))
    assert isinstance(ask(client(redo[1])), Answer)
    redo[0].faults.add(Fault(FaultKind.RESET_BEFORE, times=1))
    assert isinstance(ask(client(redo[1]), is_read=False), NoAnswer)


def test_a_body_that_is_cut_off_is_known_to_be(redo: tuple[RedoSimulator, str]) -> None:
    redo[0].faults.add(Fault(FaultKind.CUT_OFF_AFTER))
    answer = ask(client(redo[1]))

    assert isinstance(answer, Answer)
    assert not answer.complete


def test_a_late_answer_is_not_waited_for_beyond_the_time_left(
    redo: tuple[RedoSimulator, str],
) -> None:
    redo[0].faults.add(Fault(FaultKind.TIMEOUT_AFTER, seconds=8, times=None))
    outcome = ask(client(redo[1], left=6.2), is_read=False)

    assert outcome == NoAnswer(sent=True, why="read timeout")


def test_a_dripping_answer_is_given_up_at_the_deadline(redo: tuple[RedoSimulator, str]) -> None:
    redo[0].faults.add(Fault(FaultKind.SLOW_DRIP, seconds=60))
    answer = ask(client(redo[1], left=6.2))

    assert isinstance(answer, Answer)
    assert not answer.complete  # who waits hears all of it


def test_with_too_little_time_left_nothing_is_sent(redo: tuple[RedoSimulator, str]) -> None:
    with pytest.raises(Retryable):
        ask(client(redo[1], left=5.0))
    assert not redo[0].calls.counts


def test_after_its_claims_time_to_send_nothing_is_sent(redo: tuple[RedoSimulator, str]) -> None:
    http = client(redo[1])
    with pytest.raises(Retryable) as verdict:
        http.request(
            "POST", "/v2.2/x", template="/x", send_by=TestClock().now() - timedelta(seconds=1)
        )
    assert verdict.value.code == "partner.too_late"
    assert not redo[0].calls.counts


def test_the_pace_holds_and_gives_up_when_there_is_no_room() -> None:
    clock = TestClock()
    began = clock.now()
    pace = Pace(2, clock)
    for _ in range(4):
        pace.wait(10)
    assert (clock.now() - began).total_seconds() == pytest.approx(1.5)
    with pytest.raises(Retryable):
        pace.wait(0.1)
