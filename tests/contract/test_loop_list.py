"""Loop's list of returns, page by page, against the simulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.simulators.loop import Settings
from local.simulators.wire import Reply, Request
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Retryable
from tests.support.fakes import START
from tests.support.loop_worlds import (
    AN_HOUR_AGO,
    RETURN,
    LoopBench,
    line_item,
    loop_return,
)


def with_returns(count: int, state: str = "open", **settings: Any) -> tuple[LoopBench, LoopPortal]:
    bench = LoopBench(Settings(times="offset", **settings))
    for number in range(count):
        at = f"2026-03-02T07:{number // 60:02d}:{number % 60:02d}.000Z"
        bench.put(
            loop_return([line_item(1, "TEE")], id=str(1000 + number), state=state, updated_at=at)
        )
    return bench, bench.loop_portal()


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 3), (1, 3), (100, 3), (101, 6), (200, 6), (350, 10)]
)
def test_pages_are_followed_to_their_end(count: int, calls: int) -> None:
    bench, portal = with_returns(count)
    found = [row.id for row in portal.returns_updated(START - timedelta(hours=3), START)]

    assert sorted(found) == [str(1000 + n) for n in range(count)]
    assert len(bench.to_loop.requests) == calls
    assert {r.query["filter"] for r in bench.to_loop.requests} == {"updated_at"}
    assert {r.query["paginate"] for r in bench.to_loop.requests} == {"true"}


@pytest.mark.parametrize("state", ["open", "closed", "cancelled", "expired", "review"])
def test_every_state_is_listed_and_its_filter_stays_on_every_page(state: str) -> None:
    _, portal = with_returns(150, state)
    found = list(portal.returns_updated(START - timedelta(hours=3), START))

    assert len({row.id for row in found}) == len(found) == 150


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (ReturnStatus.OPEN, "open"),
        (ReturnStatus.COMPLETE, "closed"),
        (ReturnStatus.FLAGGED, "review"),
        (ReturnStatus.DELETED, "cancelled"),
        (ReturnStatus.NEEDS_REVIEW, "expired"),
        (ReturnStatus.IN_TRANSIT, None),
    ],
)
def test_returns_of_one_status_alone(status: ReturnStatus, state: str | None) -> None:
    bench, portal = with_returns(0)
    for number, word in enumerate(("open", "closed", "review", "cancelled", "expired")):
        bench.put(loop_return([line_item(1, "TEE")], id=str(number), state=word))
    found = list(portal.returns_updated(AN_HOUR_AGO, START, status))

    assert [row.status for row in found] == ([status] if state else [])
    assert {r.query["state"] for r in bench.to_loop.requests} == ({state} if state else set())


def test_a_list_that_drifts_between_its_pages_loses_nothing() -> None:
    bench, portal = with_returns(250, cursor="place")
    carry_out = bench.loop._list
    left: list[str] = []

    def drifting(request: Request) -> Reply:
        if "cursor" in request.query and not left:
            left.append("1249")
            bench.loop.returns["1249"]["updated_at"] = "2026-03-03T00:00:00.000Z"
        return carry_out(request)

    bench.loop._list = drifting  # type: ignore[method-assign]
    found = {row.id for row in portal.returns_updated(START - timedelta(hours=3), START)}
    assert found >= {str(1000 + n) for n in range(249)}


def test_a_list_that_always_moves_is_left_and_not_taken_for_whole() -> None:
    bench, portal = with_returns(250)
    carry_out = bench.loop._list

    def moving(request: Request) -> Reply:
        number = str(5000 + len(bench.to_loop.requests))
        at = "2026-03-02T07:00:00.000Z"
        bench.put(loop_return([line_item(1, "TEE")], id=number, updated_at=at))
        return carry_out(request)

    bench.loop._list = moving  # type: ignore[method-assign]
    with pytest.raises(Retryable) as raised:
        list(portal.returns_updated(START - timedelta(hours=3), START))
    assert raised.value.code == "loop.list_moves"


def test_a_host_without_pages_gives_the_whole_list_at_once() -> None:
    bench, portal = with_returns(150, pages=False)
    assert len(list(portal.returns_updated(START - timedelta(hours=3), START))) == 150
    assert len(bench.to_loop.requests) == 3


def test_a_long_time_is_asked_for_in_spans_that_the_portal_takes() -> None:
    bench, portal = with_returns(1)
    found = list(portal.returns_updated(START - timedelta(days=400), START))

    assert [row.id for row in found] == ["1000"]
    assert len(bench.to_loop.requests) == 4 * 3


def test_what_changed_within_the_last_second_of_the_window_is_listed() -> None:
    bench, portal = with_returns(0)
    bench.put(loop_return([line_item(1, "TEE")], updated_at="2026-03-02T08:59:59.700Z"))
    until = datetime(2026, 3, 2, 8, 59, 59, 800_000, tzinfo=UTC)
    assert [row.id for row in portal.returns_updated(AN_HOUR_AGO, until)] == [RETURN]


def test_the_key_goes_to_no_address_that_an_answer_brought() -> None:
    bench, portal = with_returns(150, next_page="elsewhere")
    with pytest.raises(Retryable, match="not of this list"):
        list(portal.returns_updated(START - timedelta(hours=3), START))
    assert len(bench.to_loop.requests) == 1


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://127.0.0.1/api/v1/warehouse/return/list?cursor=100", True),
        ("/api/v1/warehouse/return/list?cursor=100", True),
        ("https://127.0.0.1@evil.example.test/api/v1/warehouse/return/list?cursor=1", False),
        ("https://127.0.0.1.evil.example.test/api/v1/warehouse/return/list?cursor=1", False),
        ("//evil.example.test/api/v1/warehouse/return/list?cursor=1", False),
        ("https://127.0.0.1/api/v1/warehouse/return/1673/process?cursor=1", False),
        ("https://[bad/api/v1/warehouse/return/list", False),
        ("nonsense", False),
    ],
)
def test_only_a_next_page_of_this_very_list_is_followed(address: str, is_taken: bool) -> None:
    bench, portal = with_returns(150, cursor="place")
    carry_out = bench.loop._list

    def with_address(request: Request) -> Reply:
        reply = carry_out(request)
        text = reply.body.decode()
        if '"nextPageUrl": "' not in text:
            return reply
        begin = text.index('"nextPageUrl": "') + len('"nextPageUrl": "')
        end = text.index('"', begin)
        return replace(reply, body=(text[:begin] + address + text[end:]).encode())

    bench.loop._list = with_address  # type: ignore[method-assign]
    if is_taken:
        found = list(portal.returns_updated(START - timedelta(hours=3), START))
        assert len({row.id for row in found}) == 150
    else:
        with pytest.raises(Retryable, match="not of this list"):
            list(portal.returns_updated(START - timedelta(hours=3), START))
    assert all(r.path == "/api/v1/warehouse/return/list" for r in bench.to_loop.requests)


def test_a_list_that_never_ends_is_left_and_not_taken_for_whole() -> None:
    bench, portal = with_returns(150, next_page="same")
    with pytest.raises(Retryable, match="names a page twice"):
        list(portal.returns_updated(START - timedelta(hours=3), START))
    assert len(bench.to_loop.requests) <= 3


def test_pages_that_are_always_new_end_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from returns_hub.adapters.loop import client

    monkeypatch.setattr(client, "MOST_PAGES", 4)
    bench, portal = with_returns(500)
    with pytest.raises(Retryable, match="more than 4 pages"):
        list(portal.returns_updated(START - timedelta(hours=3), START))
    assert len(bench.to_loop.requests) == 4
