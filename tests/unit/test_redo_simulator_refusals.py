"""What the simulator of Redo refuses: bodies and queries that Redo's description does not have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.clock import SetClock
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START
from tests.support.worlds import item, redo_return

RETURN = "/v2.2/returns/r1"


@pytest.fixture
def redo() -> RedoSimulator:
    made = RedoSimulator(SetClock(START))
    made.seed({"store_id": "store", "tokens": {"api": ["returns_read", "returns_write"]}})
    made.put(redo_return([item(1, "TEE")], id="r1"), [])
    return made


def call(redo: RedoSimulator, method: str, path: str, content: Any = None, **more: Any) -> Reply:
    headers = {"authorization": "Bearer api", **more.get("headers", {})}
    return redo.handle(
        Request(method, path, more.get("query", {}), headers, json.dumps(content).encode())
    )


@pytest.mark.parametrize(
    "body",
    [
        {"products": [{"_id": "item1", "processInput": "yes"}]},
        {"products": [{"_id": "item1", "processInput": {"restock": "true"}}]},
        {"products": [{"_id": "item1", "processInput": {"newMerchantAdjustment": "12.50"}}]},
        {"products": [{"_id": "item1", "processInput": {"newMerchantAdjustment": True}}]},
        {"products": [{"_id": "item1", "reject": "no"}]},
        {"products": [{"_id": ["item1"]}]},
        {"products": [{"_id": "item1"}], "customerNotes": ["sorry"]},
    ],
    ids=str,
)
def test_what_is_processed_has_the_types_of_the_description(
    redo: RedoSimulator, body: dict[str, Any]
) -> None:
    assert call(redo, "POST", f"{RETURN}/process", body).status == 400
    assert not redo.books.submissions
    assert not redo.books.customer_notes


@pytest.mark.parametrize("given", [None, {}, {"restock": False, "newMerchantAdjustment": None}])
def test_a_line_is_processed_with_little(redo: RedoSimulator, given: object) -> None:
    body = {"products": [{"_id": "item1", "processInput": given}]}
    assert call(redo, "POST", f"{RETURN}/process", body).status == 200


def test_a_status_and_a_comment_are_texts(redo: RedoSimulator) -> None:
    assert call(redo, "PUT", f"{RETURN}/status", {"status": ["open"]}).status == 400
    for comment in ({"message": 5}, {"image": None}):
        assert call(redo, "POST", f"{RETURN}/comments", {"comment": comment}).status == 400
    assert not redo.comments


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ({"updated_at_min": "yesterday"}, {}),
        ({"updated_at_max": "2026-13-01T00:00:00Z"}, {}),
        ({}, {"x-page-continue": "next"}),
        ({}, {"x-page-continue": "-1"}),
    ],
)
def test_a_list_is_asked_for_with_times_and_with_a_cursor_that_it_gave(
    redo: RedoSimulator, query: dict[str, str], headers: dict[str, str]
) -> None:
    answer = call(redo, "GET", "/v2.2/stores/store/returns", query=query, headers=headers)
    assert answer.status == 400
