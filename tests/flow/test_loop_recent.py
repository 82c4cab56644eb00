"""The newest returns of a portal that speaks Loop's dialect, as the set-up check reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.loop.portal import LIST, PAGE_SIZE
from returns_hub.errors import Retryable
from tests.support.loop_worlds import LoopBench, line_item, loop_return


def made(bench: LoopBench, number: int, **ago: Any) -> None:
    at = (bench.clock.now() - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    bench.loop.put(
        loop_return([line_item(1, "TEE")], id=number, redo_id=None, created_at=at, updated_at=at)
    )


def test_it_reads_back_until_there_are_enough_newest_first() -> None:
    bench = LoopBench()
    for number, days in ((1, 3), (2, 0.5), (3, 20), (4, 100), (5, 200)):
        made(bench, number, days=days)

    some = bench.loop_portal().recent_returns(2)
    assert [found.id for found in some.returns] == ["2", "1"]
    assert len(bench.to_loop.requests) == 2

    everything = bench.loop_portal().recent_returns(50)
    assert [found.id for found in everything.returns] == ["2", "1", "3", "4"]
    assert everything.unreadable == ()
    assert len(bench.to_loop.requests) == 2 + 4


def test_a_page_is_never_larger_than_a_page() -> None:
    bench = LoopBench()
    for number in range(PAGE_SIZE + 1):
        made(bench, number + 1, minutes=number + 1)
    found = bench.loop_portal().recent_returns(500)

    assert len(found.returns) == PAGE_SIZE
    assert len(bench.to_loop.requests) == 1
    assert {request.path.removeprefix("/api/v1") for request in bench.to_loop.requests} == {LIST}


def test_what_cannot_be_read_is_named_by_its_number_and_what_is_unknown_is_told() -> None:
    bench = LoopBench()
    made(bench, 1, hours=1)
    made(bench, 2, hours=2)
    bench.loop.returns["1"]["line_items"] = [{"sku": "pat@example.test"}]
    bench.loop.returns["2"]["state"] = "expired"
    found = bench.loop_portal().recent_returns(10)

    assert found.unreadable == ("1 at line_items.0.line_item_id",)
    assert [read.unknown_words for read in found.returns] == [()]

    bench.loop.returns["2"]["state"] = "odd"
    unknown = bench.loop_portal().parse(bench.loop.returns["2"], None)
    assert unknown.unknown_words == ("status 'odd'",)


def test_an_answer_without_returns_is_read_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = LoopBench()
    portal = bench.loop_portal()
    monkeypatch.setattr(portal._client, "read", lambda *_, **__: {"data": []})

    with pytest.raises(Retryable):
        portal.recent_returns(10)
