"""The Loop adapter under every fault of the simulator, its limits and its keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.simulators.faults import UNDER_200, Fault, FaultKind
from local.simulators.loop import Settings
from local.simulators.wire import Reply
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict
from tests.support.fakes import START
from tests.support.loop_worlds import (
    AN_HOUR_AGO,
    KEY,
    LATER,
    RETURN,
    bench_with,
    line_item,
    process,
)
from tests.support.write_faults import OF_WRITES

WRITES: dict[str, Callable[[LoopPortal], None]] = {
    "process": lambda portal: process(portal, 1),
    "flag": lambda portal: portal.flag(RETURN, LATER),
    "note": lambda portal: portal.add_comment(RETURN, "hello", LATER),
    "close": lambda portal: portal.close(RETURN, LATER),
    "cancel": lambda portal: portal.cancel(RETURN, LATER),
    "remove": lambda portal: portal.remove(RETURN, ["501"], LATER),
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("kind", "verdict"), OF_WRITES.items())
def test_a_write_that_may_have_been_done_is_never_called_undone_and_sent_once(
    name: str, kind: FaultKind, verdict: type[Verdict]
) -> None:
    bench, portal = bench_with(line_item(1, "TEE"))
    bench.loop.faults.add(Fault(kind, path=f"/{name}$", times=None))
    with pytest.raises(verdict) as raised:
        WRITES[name](portal)

    assert type(raised.value) is verdict
    assert bench.sent(name) == 1


@pytest.mark.parametrize(
    "kind", [k for k in FaultKind if k not in UNDER_200 | {FaultKind.SLOW_DRIP}]
)
def test_a_read_that_fails_may_be_repeated(kind: FaultKind) -> None:
    bench, portal = bench_with()
    bench.loop.faults.add(Fault(kind, times=None))
    reads: list[Callable[[], object]] = [
        lambda: portal.read_return(RETURN),
        lambda: portal.comments(RETURN),
        lambda: list(portal.returns_updated(AN_HOUR_AGO, START)),
        portal.check_access,
    ]
    for read in reads:
        with pytest.raises(Retryable):
            read()


def test_a_lost_connection_is_tried_once_more_for_a_read() -> None:
    bench, portal = bench_with()
    bench.loop.faults.add(Fault(FaultKind.RESET_BEFORE))
    assert portal.read_return(RETURN).id == RETURN


def test_a_redirect_is_not_followed() -> None:
    bench, portal = bench_with()
    target = "https://elsewhere.example.test/api/v1/warehouse/return/details"
    bench.loop._route = lambda request: Reply(302, {"Location": target})  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        portal.read_return(RETURN)
    with pytest.raises(UnknownOutcome):
        portal.flag(RETURN, LATER)
    assert len(bench.to_loop.requests) == 2


def test_a_refused_connection_is_known_not_done() -> None:
    bench, portal = bench_with()
    bench.to_loop.refuse = True
    with pytest.raises(Retryable) as raised:
        portal.flag(RETURN, LATER)
    assert raised.value.code == "loop.unreachable"


def test_the_key_goes_in_its_header_and_a_new_one_is_taken_from_the_secret() -> None:
    bench, portal = bench_with()
    bench.keys = ["old", KEY]
    assert portal.read_return(RETURN).id == RETURN
    assert [r.headers["x-authorization"] for r in bench.to_loop.requests] == ["old", KEY]
    assert "authorization" not in bench.to_loop.requests[0].headers


def test_a_refused_key_is_for_an_operator_to_mend() -> None:
    bench, portal = bench_with()
    bench.keys = ["old", "wrong"]
    with pytest.raises(Misconfigured, match="scope Returns"):
        portal.flag(RETURN, LATER)
    bench.keys = ["old"]
    with pytest.raises(Misconfigured):
        portal.flag(RETURN, LATER)
    assert len(bench.to_loop.requests) == 3


def test_300_requests_a_minute_and_no_more() -> None:
    bench, portal = bench_with(settings=Settings(requests_a_minute=3))
    for _ in range(3):
        portal.read_return(RETURN)
    with pytest.raises(Retryable) as raised:
        portal.read_return(RETURN)
    assert raised.value.code == "loop.rate_limited"
    bench.clock.advance(minutes=1)
    assert portal.check_access().startswith("the key reads")


def test_queued_is_not_done() -> None:
    bench, portal = bench_with(settings=Settings(processing_fails=True))
    process(portal, 1)
    bench.clock.advance(minutes=5)
    assert portal.read_return(RETURN).status is ReturnStatus.OPEN
    assert bench.books()["payments"] == {}
