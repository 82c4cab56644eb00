"""What the simulator of Loop refuses: a body that is no JSON, and a cursor that it never gave."""

from __future__ import annotations

import pytest

from local.simulators.clock import SetClock
from local.simulators.loop import LoopSimulator, Settings
from local.simulators.wire import Reply, Request
from tests.support.fakes import START
from tests.support.loop_worlds import RETURN, line_item, loop_return


@pytest.fixture
def loop() -> LoopSimulator:
    made = LoopSimulator(SetClock(START), Settings(cursor="place"))
    made.seed({"keys": ["key"]})
    made.put(loop_return([line_item(1, "TEE")]))
    return made


def call(loop: LoopSimulator, method: str, path: str, body: bytes = b"", **query: str) -> Reply:
    path = f"/api/v1/warehouse/return/{path}"
    return loop.handle(Request(method, path, query, {"x-authorization": "key"}, body))


def test_a_body_is_json(loop: LoopSimulator) -> None:
    assert call(loop, "POST", f"{RETURN}/process", b"{").status == 422
    assert not loop.books.submissions


@pytest.mark.parametrize("cursor", ["next", "-1"])
def test_a_cursor_is_one_that_was_given(loop: LoopSimulator, cursor: str) -> None:
    assert call(loop, "GET", "list", paginate="true", cursor=cursor).status == 422
