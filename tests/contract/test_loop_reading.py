"""A return of Loop's, read by the adapter from the simulator, at both hosts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.loop import Settings
from local.simulators.wire import Reply
from returns_hub.domain.returns import Compensation, LineStatus, ReturnStatus
from returns_hub.errors import Misconfigured, Permanent, Retryable
from tests.support.loop_worlds import (
    AN_HOUR_AGO,
    BY_REDO_ID,
    LATER,
    REDO_ID,
    RETURN,
    bench_with,
    label,
    line_item,
    loop_return,
)


@pytest.mark.parametrize("ids", ["number", "text"])
def test_a_return_is_read_in_our_words(ids: Any) -> None:
    _, portal = bench_with(
        line_item(1, "TEE"), line_item(2, "TEE"), line_item(3, None), settings=Settings(ids=ids)
    )
    found = portal.read_return(RETURN)

    assert (found.id, found.status, found.status_word) == (RETURN, ReturnStatus.OPEN, "open")
    assert (found.type, found.order_names) == ("return", ("#5501",))
    assert [(line.id, line.sku, line.quantity) for line in found.lines] == [
        ("501", "TEE", 1),
        ("502", "TEE", 1),
        ("503", None, 1),
    ]
    assert {line.status for line in found.lines} == {LineStatus.OPEN}
    assert found.lines[0].reason == "Arrived damaged"
    assert found.lines[0].reasons == ("Quality", "Arrived damaged")
    assert (found.refund_total, found.currency) == (Decimal("18.00"), "GBP")
    assert found.compensation == (Compensation.REFUND,)
    (shipment,) = found.shipments
    assert (shipment.key, shipment.carrier, shipment.location_id) == (
        "RM1",
        "RoyalMail",
        "loc_corby",
    )


def test_nothing_personal_is_kept() -> None:
    _, portal = bench_with()
    assert "pat@" not in portal.read_return(RETURN).model_dump_json()


@pytest.mark.parametrize(
    ("state", "status", "line"),
    [
        ("open", ReturnStatus.OPEN, LineStatus.OPEN),
        ("review", ReturnStatus.FLAGGED, LineStatus.OPEN),
        ("needs review", ReturnStatus.FLAGGED, LineStatus.OPEN),
        ("closed", ReturnStatus.COMPLETE, LineStatus.COMPLETE),
        ("cancelled", ReturnStatus.DELETED, LineStatus.REJECTED),
        ("expired", ReturnStatus.NEEDS_REVIEW, LineStatus.OPEN),
        ("marinating", ReturnStatus.UNKNOWN, LineStatus.UNKNOWN),
    ],
)
def test_states_are_ours_and_words_we_were_not_told_of_are_unknown(
    state: str, status: ReturnStatus, line: LineStatus
) -> None:
    bench, portal = bench_with()
    bench.put(loop_return([line_item(1, "TEE")], state=state))
    found = portal.read_return(RETURN)

    assert (found.status, found.lines[0].status, found.status_word) == (status, line, state)


@pytest.mark.parametrize(
    ("outcome", "ours"),
    [
        ("refund", [Compensation.REFUND]),
        ("exchange", [Compensation.EXCHANGE]),
        ("gift_card", [Compensation.STORE_CREDIT]),
        ("store_credit", [Compensation.STORE_CREDIT]),
        ("exchange+refund", [Compensation.EXCHANGE, Compensation.REFUND]),
        ("default", []),
        (None, []),
    ],
)
def test_what_the_customer_gets(outcome: str | None, ours: list[Compensation]) -> None:
    bench, portal = bench_with()
    bench.put(loop_return([line_item(1, "TEE")], outcome=outcome))
    assert list(portal.read_return(RETURN).compensation) == ours


@pytest.mark.parametrize(
    "refund", [None, "", "<any>", "NaN", "Infinity", "1e999999", True, [], {"a": 1}]
)
def test_an_amount_that_is_none_stops_no_return(refund: object) -> None:
    bench, portal = bench_with()
    bench.put(loop_return([line_item(1, "TEE")], refund=refund))
    assert portal.read_return(RETURN).refund_total is None


def test_each_label_is_a_shipment_with_its_line_items() -> None:
    bench, portal = bench_with()
    labels = [
        label("A", [501]),
        label(None, [502]),
        label("N/A"),
        label(12345, [{"line_item_id": 9}]),
    ]
    bench.put(loop_return([line_item(1, "TEE"), line_item(2, "MUG")], labels=labels))
    found = portal.read_return(RETURN).shipments

    assert [s.tracking_number for s in found] == ["A", None, None, "12345"]
    assert [s.line_ids for s in found] == [("501",), ("502",), (), ("9",)]


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"labels": None, "destination_id": None}, []),
        ({"labels": [], "destination_id": "d9"}, [(None, "d9")]),
        ({"labels": [], "destination_id": None, "tracking_number": "T"}, [("T", None)]),
        ({"labels": [], "destination_id": None, "tracking_number": "N/A"}, []),
        ({"labels": [], "destination_id": 77}, [(None, "77")]),
    ],
)
def test_a_return_without_labels(changes: dict[str, Any], keys: list[Any]) -> None:
    bench, portal = bench_with()
    bench.put(loop_return([line_item(1, "TEE")], **changes))
    found = portal.read_return(RETURN).shipments
    assert [(s.key, s.location_id) for s in found] == keys


def test_a_quantity_is_heeded_where_one_is_told() -> None:
    _, portal = bench_with(line_item(1, "TEE", quantity=3))
    assert portal.read_return(RETURN).lines[0].quantity == 3


def test_times_without_an_offset_are_in_the_files_zone() -> None:
    for zone, hour in (("UTC", 8), ("America/New_York", 13)):
        bench, portal = bench_with(file={"time_zone": zone})
        bench.loop.settings = Settings(times="plain")
        read = portal.read_return(RETURN)
        assert read.updated_at == datetime(2026, 3, 2, hour, 50, tzinfo=UTC)
        bench.loop.settings = Settings(times="offset")
        assert portal.read_return(RETURN).updated_at.hour == 8
    _, portal = bench_with(file={"time_zone": "Mars/Base"})
    with pytest.raises(Misconfigured, match="Mars"):
        portal.read_return(RETURN)


@pytest.mark.parametrize("unknown", ["200", "404"])
def test_a_return_that_is_not_there_is_known_not_to_be(unknown: Any) -> None:
    _, portal = bench_with(settings=Settings(unknown_return=unknown))
    with pytest.raises(Permanent) as raised:
        portal.read_return("999")
    assert raised.value.code == "loop.not_found"


@pytest.mark.parametrize("name", ["66aa01f0", "", "1 OR 1", "../1673", "1673/flag", "\u0661\u0662"])
def test_what_cannot_be_an_id_of_theirs_is_never_asked_for(name: str) -> None:
    bench, portal = bench_with()
    for ask in (portal.read_return, portal.comments, lambda n: portal.flag(n, LATER)):
        with pytest.raises(Permanent):
            ask(name)
    assert bench.to_loop.requests == []


def test_an_answer_about_another_return_is_not_taken() -> None:
    bench, portal = bench_with()
    bench.loop.returns["1674"] = bench.loop.returns[RETURN]
    with pytest.raises(Retryable, match="another return"):
        portal.read_return("1674")


def test_at_redos_host_a_return_is_named_by_redos_id_where_the_file_says_so() -> None:
    bench, portal = bench_with(file=BY_REDO_ID)
    found = portal.read_return(REDO_ID)
    portal.add_comment(REDO_ID, "hello", LATER)
    portal.flag(REDO_ID, LATER)

    assert found.id == REDO_ID
    assert portal.comments(REDO_ID) == ("hello",)
    assert bench.loop.returns[RETURN]["state"] == "review"
    writes = [r for r in bench.to_loop.requests if r.method == "POST"]
    assert {r.path.split("/")[-2] for r in writes} == {"0"}
    assert {r.query["redo_return_id"] for r in bench.to_loop.requests} == {REDO_ID}
    assert [row.id for row in portal.returns_updated(AN_HOUR_AGO, LATER)] == [REDO_ID]


def test_redos_id_is_missed_where_it_is_missing() -> None:
    bench, portal = bench_with(file=BY_REDO_ID)
    del bench.loop.returns[RETURN]["redo_id"]
    with pytest.raises(Retryable, match="redo_id"):
        list(portal.returns_updated(AN_HOUR_AGO, LATER))


def test_a_body_of_a_message_is_read_as_an_answer_is() -> None:
    _, portal = bench_with()
    body = loop_return([line_item(1, "TEE")])
    assert portal.parse(body, None) == portal.read_return(RETURN)
    for broken in ({}, body | {"state": 5}, body | {"line_items": 5}, body | {"updated_at": 17}):
        with pytest.raises(Permanent, match="cannot be read: at"):
            portal.parse(broken, None)


def test_a_time_out_of_range_is_asked_for_again_in_an_answer_and_parked_in_a_message() -> None:
    bench, portal = bench_with(settings=Settings(times="offset"))
    body = loop_return([line_item(1, "TEE")], created_at="0001-01-01T00:00:00+23:00")
    bench.put(body)
    with pytest.raises(Retryable, match="a time is out of range"):
        portal.read_return(RETURN)
    with pytest.raises(Permanent, match="a time is out of range"):
        portal.parse(body, None)


def test_a_message_without_redos_id_is_parked_where_it_names_returns() -> None:
    _, portal = bench_with(file=BY_REDO_ID)
    body = loop_return([line_item(1, "TEE")], redo_id=None)
    with pytest.raises(Permanent, match="no redo_id"):
        portal.parse(body, None)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"true"', b'{"id": 5}', b"5", b'{"id": true}'])
def test_an_answer_of_another_shape_is_read_again_later(body: bytes) -> None:
    bench, portal = bench_with()
    bench.loop._route = lambda request: Reply(200, {}, body)  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        portal.read_return(RETURN)
    with pytest.raises(Retryable):
        portal.comments(RETURN)
