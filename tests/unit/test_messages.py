"""Bad messages: each ends parked with a reason, whatever it holds."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.errors import Permanent
from returns_hub.flows.receive_approved_return import parse
from tests.support.worlds import RETURN_ID, Bench, item, redo_return

GOOD: dict[str, Any] = {
    "schema": "approved-return/1",
    "merchant": "example",
    "return_id": "r1",
    "occurred_at": "2026-03-02T09:00:00Z",
    "source": "test",
}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def test_a_good_message_is_read() -> None:
    event = parse(json.dumps(GOOD | {"return": {"id": "r1"}, "order": {}}))
    assert (event.merchant, event.portal_return) == ("example", {"id": "r1"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "event.not_json"),
        ("return approved", "event.not_json"),
        ("[" * 100_000, "event.not_json"),
        ("[]", "event.not_an_object"),
        ('"x"', "event.not_an_object"),
        ("null", "event.not_an_object"),
        ("{}", "event.wrong_schema"),
        (json.dumps(GOOD | {"schema": "approved-return/2"}), "event.wrong_schema"),
        (json.dumps(GOOD | {"schema": None}), "event.wrong_schema"),
        (json.dumps(without("merchant")), "event.invalid"),
        (json.dumps(without("return_id")), "event.invalid"),
        (json.dumps(GOOD | {"merchant": "Example!"}), "event.invalid"),
        (json.dumps(GOOD | {"merchant": "x" * 99}), "event.invalid"),
        (json.dumps(GOOD | {"return_id": "../../x"}), "event.invalid"),
        (json.dumps(GOOD | {"return_id": ""}), "event.invalid"),
        (json.dumps(GOOD | {"return_id": 5}), "event.invalid"),
        (json.dumps(GOOD | {"occurred_at": "2026-03-02T09:00:00"}), "event.invalid"),
        (json.dumps(GOOD | {"occurred_at": "soon"}), "event.invalid"),
        (json.dumps(GOOD | {"extra": 1}), "event.invalid"),
        (json.dumps(GOOD | {"return": []}), "event.invalid"),
        ("x" * 2_000_000, "event.too_large"),
    ],
)
def test_a_bad_message_has_a_reason(text: str, code: str) -> None:
    with pytest.raises(Permanent) as raised:
        parse(text)
    assert raised.value.code == code
    assert raised.value.reason


def test_a_reason_never_quotes_the_message() -> None:
    text = json.dumps(GOOD | {"source": "pat@example.test"})
    with pytest.raises(Permanent) as raised:
        parse(text)
    assert "pat@example.test" not in raised.value.reason
    assert "source" in raised.value.reason


@settings(max_examples=100)
@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_nothing_but_an_event_or_a_reason_comes_of_any_text(text: str) -> None:
    with contextlib.suppress(Permanent):
        assert parse(text).merchant


def test_a_message_that_is_none_is_parked_whole_and_once() -> None:
    bench = Bench()

    assert bench.approve("not json") == "parked"
    assert bench.approve("not json") == "parked"

    (parked,) = bench.parking.list_parked("_unknown")
    assert (parked.code, parked.payload) == ("event.not_json", "not json")


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "return.no_lines"),
        ([item(1, "TEE", 0)], "return.bad_quantity"),
        ([item(1, "TEE", -1)], "return.bad_quantity"),
        ([item(1, "TEE", 10**9)], "return.bad_quantity"),
        ([item(1, None)], "return.no_sku"),
        ([item(1, "  \t ")], "return.no_sku"),
        ([item(1, "TE\x00E")], "return.bad_sku"),
        ([item(1, "TEE\ud800")], "return.bad_sku"),
        ([item(n, "TEE") for n in range(10_000)], "return.too_many_lines"),
        ([item(1, "TEE"), item(1, "MUG")], "return.line_twice"),
    ],
)
def test_a_return_that_makes_no_sense_is_parked(items: list[Any], code: str) -> None:
    bench = Bench()
    bench.put(redo_return(items))

    assert bench.approve() == "parked"
    (parked,) = bench.parking.list_parked("example")
    assert parked.code == code
    assert bench.state().outcome == "parked"
    assert not bench.external_returns()


def test_an_unknown_return_is_parked() -> None:
    bench = Bench()

    assert bench.approve() == "parked"
    assert bench.parking.list_parked("example")[0].code == "redo.not_found"


@pytest.mark.parametrize("body", [{}, {"id": RETURN_ID}, {"id": 5, "items": "x"}])
def test_a_body_that_is_no_return_is_parked(body: dict[str, Any]) -> None:
    bench = Bench()

    assert bench.approve(bench.message(body=body)) == "parked"
    assert bench.parking.list_parked("example")[0].code == "redo.unreadable"


def test_a_body_about_another_return_is_parked() -> None:
    bench = Bench()
    other = redo_return([item(1, "TEE")], id="another")

    assert bench.approve(bench.message(body=other)) == "parked"
    assert bench.parking.list_parked("example")[0].code == "event.wrong_body"


def test_an_old_body_is_not_believed() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], status="rejected"))
    text = bench.message(body=redo_return([item(1, "TEE")]))
    bench.clock.advance(hours=1)

    assert bench.approve(text) == "skipped"
    assert not bench.external_returns()


def test_unicode_and_control_characters_do_no_harm() -> None:
    bench = Bench()
    bench.mintsoft.seed({"products": {"999": {"sku": "ROBE-ÉTÉ", "name": "x", "client_id": 12}}})
    order = {"id": "order1", "name": "#55\x0001\n\u202e合"}
    bench.put(redo_return([item(1, "ROBE-ÉTÉ", reason="\x1b[31m")], order=order))

    assert bench.approve() == "announced"
    assert "\x00" not in bench.external_returns()[0].reference
