"""The Loop adapter against the Loop simulator, both hosts, every fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import UNDER_200, Fault, FaultKind
from local.simulators.loop import Settings
from local.simulators.wire import Reply, Request
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.returns import Compensation, LineStatus, ReturnStatus
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from tests.support.fakes import START
from tests.support.loop_worlds import (
    KEY,
    REDO_ID,
    RETURN,
    LoopBench,
    label,
    line_item,
    loop_return,
)

LATER = START + timedelta(seconds=30)
AN_HOUR_AGO = START - timedelta(hours=1)
REDOS: dict[str, Any] = {"host": "redo"}
BY_REDO_ID: dict[str, Any] = {"host": "redo", "address_returns_by": "redo_return_id"}


def bench_with(
    *items: dict[str, Any], settings: Settings | None = None, file: dict[str, Any] | None = None
) -> tuple[LoopBench, LoopPortal]:
    """A bench with one return of these line items; `file` goes into `loop:`."""
    connection = dict(file or {})
    at_redo = connection.get("host") == "redo"
    bench = LoopBench(settings or Settings(host="redo" if at_redo else "loop"), **connection)
    bench.put(loop_return(list(items) or [line_item(1, "TEE")]))
    return bench, bench.loop_portal()


def chosen(*numbers: int, restock: bool = True) -> list[LineToProcess]:
    return [LineToProcess(line_id=str(500 + n), sku="TEE", restock=restock) for n in numbers]


# -- reading ----------------------------------------------------------------------------------


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


# -- the list ---------------------------------------------------------------------------------


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


# -- writing ----------------------------------------------------------------------------------


def process(portal: LoopPortal, *numbers: int, restock: bool = True) -> None:
    portal.process(RETURN, chosen(*numbers, restock=restock), LATER)


@pytest.mark.parametrize("taken", ["text", "true"])
def test_the_whole_return_is_queued_and_processed_later(taken: Any) -> None:
    bench, portal = bench_with(
        line_item(1, "TEE"), line_item(2, "MUG"), settings=Settings(taken=taken)
    )
    process(portal, 1, 2)

    assert portal.read_return(RETURN).status is ReturnStatus.OPEN
    bench.clock.advance(seconds=2)
    assert portal.read_return(RETURN).status is ReturnStatus.COMPLETE
    assert bench.books()["payments"] == {RETURN: 1}
    assert bench.books()["details"] == []


@pytest.mark.parametrize(
    ("numbers", "restock", "does", "said"),
    [
        ((1,), True, True, "1 of its 2 open lines"),
        ((1, 2, 3), True, True, "2 of its 2 open lines"),
        ((), True, True, "0 of its 2 open lines"),
        ((1, 2), False, True, "restocks the goods"),
        ((1, 2), True, False, "does not restock"),
    ],
)
def test_what_the_dialect_cannot_do_is_refused_before_anything_is_sent(
    numbers: tuple[int, ...], restock: bool, does: bool, said: str
) -> None:
    bench, portal = bench_with(
        line_item(1, "TEE"), line_item(2, "MUG"), file={"portal_restocks": does}
    )
    with pytest.raises(Permanent, match=said) as raised:
        process(portal, *numbers, restock=restock)

    assert raised.value.code == "loop.whole_return_only"
    assert bench.sent("process") == 0


def test_a_portal_that_does_not_restock_is_told_to_process_what_is_not_to_be() -> None:
    bench, portal = bench_with(file={"portal_restocks": False})
    process(portal, 1, restock=False)
    assert bench.books()["submissions"] == {RETURN: 1}


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_return_that_was_closed_meanwhile_is_not_processed(state: str) -> None:
    bench, portal = bench_with(settings=Settings(process_closed="pay_again"))
    bench.loop.set_state(RETURN, state)
    with pytest.raises(Permanent, match=f"the return is {state} by now"):
        process(portal, 1)
    assert bench.sent("process") == 0


def test_a_flagged_return_is_refused_in_loops_words_unless_its_setting_allows_it() -> None:
    bench, portal = bench_with()
    portal.flag(RETURN, LATER)
    with pytest.raises(Permanent, match="UNPROCESSABLE_FLAGGED_RETURN"):
        process(portal, 1)
    bench.loop.settings = Settings(flagged_process=True)
    process(portal, 1)
    assert bench.books()["submissions"] == {RETURN: 1}


def test_an_expired_return_is_refused() -> None:
    bench, portal = bench_with()
    bench.loop.set_state(RETURN, "expired")
    with pytest.raises(Permanent, match="expired and therefore cannot be processed"):
        process(portal, 1)


def test_notes_are_added_and_read_back() -> None:
    _, portal = bench_with()
    assert portal.comments(RETURN) == ()
    portal.add_comment(RETURN, "x" * 254, LATER)
    portal.add_comment(RETURN, "second", LATER)
    assert portal.comments(RETURN) == ("x" * 254, "second")


def test_a_host_that_lists_no_notes_as_none_is_understood_too() -> None:
    _, portal = bench_with(settings=Settings(no_notes="empty"))
    assert portal.comments(RETURN) == ()


def test_a_note_that_is_too_long_is_not_sent() -> None:
    bench, portal = bench_with()
    with pytest.raises(Permanent, match="254"):
        portal.add_comment(RETURN, "x" * 255, LATER)
    assert bench.sent("note") == 0


def test_the_length_that_the_adapter_tells_is_the_longest_that_the_portal_takes() -> None:
    _, portal = bench_with()
    longest = portal.abilities.longest_comment
    assert longest is not None
    portal.add_comment(RETURN, "x" * longest, LATER)
    with pytest.raises(Permanent, match="less than 255"):
        portal._client.act(RETURN, "note", LATER, body={"content": "x" * (longest + 1)})


def test_close_cancel_and_remove_at_loop() -> None:
    bench, portal = bench_with(line_item(1, "TEE"), line_item(2, "MUG"))
    portal.remove(RETURN, ["501"], LATER)
    bench.clock.advance(seconds=1)
    assert bench.books()["removed"] == {RETURN: ["501"]}
    assert bench.books()["payments"] == {RETURN: 1}
    with pytest.raises(Permanent, match="cannot be modified"):
        portal.remove(RETURN, ["502"], LATER)
    with pytest.raises(Permanent, match="cannot be cancelled"):
        portal.cancel(RETURN, LATER)

    bench, portal = bench_with()
    portal.close(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "closed"}
    assert bench.books()["payments"] == {}
    bench, portal = bench_with()
    portal.cancel(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "cancelled"}


def test_at_redos_host_close_cancels_and_cancel_resets() -> None:
    bench, portal = bench_with(file=REDOS)
    portal.cancel(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "open"}
    portal.close(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "cancelled"}


@pytest.mark.parametrize("status", ReturnStatus)
def test_a_status_is_set_where_the_dialect_has_a_call_for_it(status: ReturnStatus) -> None:
    bench, portal = bench_with()
    calls = {
        ReturnStatus.FLAGGED: "flag",
        ReturnStatus.REJECTED: "close",
        ReturnStatus.DELETED: "cancel",
    }
    if status in calls:
        portal.set_status(RETURN, status, LATER)
        assert bench.sent(calls[status]) == 1
    else:
        with pytest.raises(Permanent, match=status.value):
            portal.set_status(RETURN, status, LATER)
    assert len(bench.to_loop.requests) == (1 if status in calls else 0)


def test_nothing_is_removed_when_no_line_is_named() -> None:
    bench, portal = bench_with()
    with pytest.raises(Permanent):
        portal.remove(RETURN, [], LATER)
    assert bench.to_loop.requests == []


def test_a_write_whose_time_has_passed_does_not_leave() -> None:
    bench, portal = bench_with()
    with pytest.raises(Retryable):
        portal.flag(RETURN, START - timedelta(seconds=1))
    assert bench.to_loop.requests == []


# -- faults -----------------------------------------------------------------------------------

WRITES: dict[str, Callable[[LoopPortal], None]] = {
    "process": lambda portal: process(portal, 1),
    "flag": lambda portal: portal.flag(RETURN, LATER),
    "note": lambda portal: portal.add_comment(RETURN, "hello", LATER),
    "close": lambda portal: portal.close(RETURN, LATER),
    "cancel": lambda portal: portal.cancel(RETURN, LATER),
    "remove": lambda portal: portal.remove(RETURN, ["501"], LATER),
}
AS_A_WRITE: dict[FaultKind, type[Verdict]] = {
    FaultKind.RESET_BEFORE: UnknownOutcome,
    FaultKind.RESET_AFTER: UnknownOutcome,
    FaultKind.ERROR_500_BEFORE: UnknownOutcome,
    FaultKind.ERROR_500_AFTER: UnknownOutcome,
    FaultKind.TIMEOUT_AFTER: UnknownOutcome,
    FaultKind.HTTP_429: Retryable,
    FaultKind.HTML_429: Retryable,
    FaultKind.HTML_ERROR: UnknownOutcome,
    FaultKind.HTML_200_AFTER: UnknownOutcome,
    FaultKind.CUT_OFF_AFTER: UnknownOutcome,
    FaultKind.UNAUTHORISED: Misconfigured,
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("kind", "verdict"), AS_A_WRITE.items())
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
