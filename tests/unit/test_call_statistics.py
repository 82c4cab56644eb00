"""Calls to partners are counted as they end, and told once for each invocation."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from local.simulators.faults import Fault, FaultKind
from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.http.budget import CallBudget
from returns_hub.adapters.http.plain_session import PlainSession
from returns_hub.adapters.http.read_only import ReadOnlyHttp
from returns_hub.adapters.http.statistics import CallStatistics, house_of
from returns_hub.adapters.http.transport import Answer, PartnerHttp, PartnerTime
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.invocation import HubFault
from tests.support.erp_hub import ErpHub
from tests.support.fakes import Telemetry, TestClock
from tests.support.worlds import Bench


class OpenGate:
    """Lets everybody through."""

    def wait(self, most: float) -> None: ...

    def answered(self) -> None: ...

    def away(self) -> None: ...

    def told_to_wait(self, seconds: float) -> None: ...

    def require_open(self) -> None: ...


def told(calls: CallStatistics) -> Telemetry:
    telemetry = Telemetry()
    calls.tell(telemetry)
    return telemetry


def line(bench: Bench, calls: CallStatistics) -> PartnerHttp:
    def session() -> requests.Session:
        made = requests.Session()
        made.mount("http://", bench.to_mintsoft)
        return made

    return PartnerHttp(
        "http://127.0.0.1:2",
        partner="mintsoft",
        gate=OpenGate(),
        clock=bench.clock,
        telemetry=bench.telemetry,
        spent=PartnerTime(),
        new_session=session,
        calls=calls,
    )


@pytest.mark.parametrize(
    ("kind", "calls", "errors", "limited"),
    [
        (None, 1, 0, 0),
        (FaultKind.UNAUTHORISED, 1, 0, 0),
        (FaultKind.HTTP_429, 1, 0, 1),
        (FaultKind.ERROR_500_BEFORE, 1, 1, 0),
        (FaultKind.TIMEOUT_AFTER, 1, 1, 0),
    ],
)
def test_a_write_is_counted_by_what_became_of_it(
    kind: FaultKind | None, calls: int, errors: int, limited: int
) -> None:
    bench, counted = Bench(), CallStatistics()
    if kind:
        bench.mintsoft.faults.add(Fault(kind))

    line(bench, counted).request("POST", "/api/x", template="/api/x", json_body={})

    found = told(counted)
    assert found.last("PartnerCalls", partner="mintsoft") == calls
    assert found.last("PartnerErrors", partner="mintsoft") == errors
    assert found.last("PartnerLimited", partner="mintsoft") == limited
    assert len(bench.telemetry.counts) == 0


def test_a_read_that_is_repeated_is_two_calls() -> None:
    bench, counted = Bench(), CallStatistics()
    bench.mintsoft.faults.add(Fault(FaultKind.TIMEOUT_AFTER))

    line(bench, counted).request("GET", "/api/x", template="/api/x", is_read=True)

    found = told(counted)
    assert found.last("PartnerCalls", partner="mintsoft") == 2
    assert found.last("PartnerErrors", partner="mintsoft") == 1


def test_what_was_never_sent_is_no_call() -> None:
    bench, counted = Bench(), CallStatistics()
    http = line(bench, counted)
    bad = {"page": "a\nb"}
    http.request("GET", "/api/x", template="/api/x", headers=bad, is_read=True)
    bench.clock.left = 1.0
    with pytest.raises(Retryable):
        http.request("GET", "/api/x", template="/api/x", is_read=True)

    assert told(counted).counts == []


class _Ended(PlainSession):
    """A session whose answer ends early."""

    def read1(self, *_: Any, **__: Any) -> bytes:
        raise OSError("gone")

    def send(self, request: Any, **_: Any) -> AbstractContextManager[Any]:  # type: ignore[override]
        return nullcontext(SimpleNamespace(status_code=200, headers={}, raw=self))


def ending_early(calls: CallStatistics) -> PartnerHttp:
    return PartnerHttp(
        "https://feed.example.test",
        partner="miinto-feed",
        gate=OpenGate(),
        clock=TestClock(),
        telemetry=Telemetry(),
        spent=PartnerTime(),
        new_session=_Ended,
        calls=calls,
    )


def test_an_answer_that_is_cut_off_is_an_error() -> None:
    counted = CallStatistics()
    ending_early(counted).request("POST", "/x", template="/x", json_body={})
    assert told(counted).last("PartnerErrors", partner="miinto-feed") == 1


def test_a_streamed_body_that_is_cut_off_is_an_error() -> None:
    counted = CallStatistics()
    http = ending_early(counted)
    with (
        pytest.raises(CutOff),
        http.stream("", template="/feed", seconds=9.0, most_bytes=99) as got,
    ):
        list(got.parts)  # type: ignore[union-attr]

    assert told(counted).last("PartnerErrors", partner="miinto-feed") == 1


@pytest.mark.parametrize(
    ("verdict", "status", "limited"),
    [
        (Retryable("miinto.rate_limited", "fewer"), 200, 1),
        (Retryable("miinto.rate_limited", "fewer"), 429, 0),
        (Misconfigured("unleashed.calls_spent", "spent"), 403, 1),
        (Retryable("miinto.down", "down"), 200, 0),
        (Permanent("miinto.refused", "no"), 200, 0),
    ],
)
@pytest.mark.parametrize("is_read_only", [False, True])
def test_a_partners_own_word_for_too_many_counts_once(
    verdict: Exception, status: int, limited: int, is_read_only: bool
) -> None:
    counted = CallStatistics()
    http = line(Bench(), counted)
    http = ReadOnlyHttp(http) if is_read_only else http
    counted.call("mintsoft", 0.1)

    with suppress(Exception), http.judged(Answer(status, {}, b"")):
        raise verdict

    assert told(counted).last("PartnerLimited", partner="mintsoft") == limited


def test_it_is_told_once() -> None:
    counted = CallStatistics()
    counted.call("redo", 0.25)
    counted.call("redo", 0.5, failed=True)
    counted.call("unleashed", 1.0)

    found = told(counted)

    assert [value for name, value, _ in found.counts if name == "PartnerLatency"] == [
        250.0,
        500.0,
        1000.0,
    ]
    assert found.last("PartnerCalls", partner="redo") == 2
    assert told(counted).counts == []


def test_latencies_stand_for_all_calls_and_the_slowest_is_among_them() -> None:
    counted = CallStatistics()
    for number in range(1, 10_001):
        counted.call("redo", 60.0 if number == 5000 else number / 1000)

    found = told(counted)
    latencies = [value for name, value, _ in found.counts if name == "PartnerLatency"]

    assert found.last("PartnerCalls", partner="redo") == 10_000
    assert 50 <= len(latencies) <= 100
    assert max(latencies) == 60_000
    rest = sorted(latencies)[:-1]
    assert rest[len(rest) // 2] == pytest.approx(5000, rel=0.1)


def test_houses_are_few_whatever_a_file_calls_its_targets() -> None:
    assert {house_of(f"relay-{name}") for name in "abc"} == {"relay"}
    assert house_of("miinto-stock") == house_of("miinto") == "miinto"
    assert house_of("miinto-feed") == "miinto-feed"


def test_threads_count_side_by_side() -> None:
    counted = CallStatistics()

    def work() -> None:
        for _ in range(500):
            counted.call("redo", 0.001, failed=True)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told(counted).last("PartnerErrors", partner="redo") == 4000


def test_an_invocation_tells_its_calls_however_it_ends() -> None:
    made = ErpHub()
    with pytest.raises(HubFault), made.invocation():
        made.hub.calls.call("redo", 0.1)
        # Whoever only looks, or works within a budget, counts in the same place.
        made.hub.reading_only().partners.calls.call("redo", 0.2)
        budget = CallBudget(5, made.clock)
        made.hub.within(budget).partners.calls.call("mintsoft", 0.3, failed=True)
        raise KeyError("x")

    assert made.telemetry.last("PartnerCalls", partner="redo") == 2
    assert made.telemetry.last("PartnerErrors", partner="mintsoft") == 1
    told = len(made.telemetry.counts)
    with made.invocation():
        pass
    assert len(made.telemetry.counts) == told
