"""Requests to Unleashed: signed, counted, refused keys, lists and writes."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.wire import Reply, WireFault, json_reply
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, any_of, quoted
from returns_hub.adapters.unleashed.dates import since
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.adapters.unleashed.standing import AT_ONCE
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.unleashed_wire import (
    API_ID,
    API_KEY,
    Seen,
    UnleashedBench,
    guid,
    listed,
    stamp,
)

ORDER = f"/SalesOrders/{guid(1)}"
RESET = Reply(200, wire=WireFault.RESET)
LATE = Reply(200, wire=WireFault.LATE)


def bench_with_order(**connection: Any) -> UnleashedBench:
    bench = UnleashedBench(**connection)
    bench.wire.answers["GET", ORDER] = json_reply(200, {"Guid": guid(1), "Total": 18})
    return bench


def read(bench: UnleashedBench) -> Any:
    return bench.client().read(ORDER, template="/SalesOrders/{guid}")


def write(bench: UnleashedBench, **how: Any) -> Any:
    client = how.pop("client", None) or bench.client()
    return client.write(
        how.pop("method", "POST"),
        ORDER,
        template="/SalesOrders/{guid}",
        send_by=bench.clock.now() + timedelta(seconds=60),
        **how,
    )


def test_a_read_is_signed_and_counted() -> None:
    bench = bench_with_order()
    client = bench.client()
    told = client.read(ORDER, [("modifiedSince", since(bench.clock.now()))], template="t")

    assert told == {"Guid": guid(1), "Total": 18}
    assert bench.wire.seen[0].query == "modifiedSince=2026-03-02T09:00:00"
    assert client.calls_made == 1
    assert client.meter.usage().regular > 0


def test_writes_are_signed_over_their_query_and_bodies_are_exact() -> None:
    bench = bench_with_order()
    bench.wire.answers["POST", ORDER] = lambda seen: json_reply(201, seen.json())
    body = {"Total": Decimal("18.10"), "Comments": "ü"}

    assert write(bench, body=body, query=SERIAL_BATCH)["Comments"] == "ü"
    assert bench.wire.seen[0].query == "serialBatch=true"
    assert bench.wire.seen[0].body == '{"Total":18.10,"Comments":"ü"}'.encode()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_may_have_no_body_and_no_answer(method: Any) -> None:
    bench = bench_with_order()
    bench.wire.answers[method, ORDER] = Reply(200)

    assert write(bench, method=method) is None
    assert bench.wire.seen[0].body == b""


def test_a_lost_read_is_repeated_and_both_are_counted() -> None:
    bench = bench_with_order()
    bench.wire.next = [RESET]
    client = bench.client()
    client.read(ORDER, template="t")

    assert len(bench.wire.seen) == client.calls_made == 2


@pytest.mark.parametrize(
    ("reply", "verdict", "code"),
    [
        (RESET, UnknownOutcome, "unleashed.unknown_outcome"),
        (LATE, UnknownOutcome, "unleashed.unknown_outcome"),
        (Reply(200, body=b'{"Guid": "1"}', wire=WireFault.CUT_OFF), UnknownOutcome, None),
        (Reply(200, body=b"<html>"), UnknownOutcome, None),
        (Reply(502), UnknownOutcome, None),
        (json_reply(400, {"Description": "no such tax"}), Permanent, "unleashed.refused"),
        (json_reply(404, {}), Permanent, "unleashed.not_found"),
        (Reply(405), Permanent, "unleashed.no_such_call"),
        (Reply(429), Retryable, "unleashed.rate_limited"),
        (Reply(403), Misconfigured, "unleashed.key_refused"),
    ],
)
def test_what_becomes_of_a_write(reply: Reply, verdict: type, code: str | None) -> None:
    bench = bench_with_order()
    bench.wire.next = [reply]
    with pytest.raises(verdict) as raised:
        write(bench, body={})

    assert type(raised.value) is verdict
    assert code in {None, getattr(raised.value, "code", None)}
    assert len(bench.wire.seen) == 1


def test_a_write_that_is_too_late_does_not_leave() -> None:
    bench = bench_with_order()
    with pytest.raises(Retryable) as raised:
        bench.client().write(
            "POST", ORDER, template="t", send_by=bench.clock.now() - timedelta(seconds=1)
        )
    assert raised.value.code == "partner.too_late"
    assert not bench.wire.seen


def test_a_refusal_repeats_no_name_of_the_body() -> None:
    bench = bench_with_order()
    bench.wire.next = [json_reply(400, {"Description": "DeliveryName Pat Example is too long"})]
    with pytest.raises(Permanent) as raised:
        write(bench, body={"DeliveryName": "Pat Example"})
    assert "Pat" not in raised.value.reason + bench.logged()
    assert API_KEY not in bench.logged()


# -- keys ---------------------------------------------------------------------------------------


def test_a_wrong_key_is_told_and_not_tried_again_at_once() -> None:
    bench = bench_with_order()
    bench.set_key(API_ID, "another-key-0002")
    client = bench.client()
    for _ in range(3):
        with pytest.raises(Misconfigured) as raised:
            client.read(ORDER, template="t")
        assert raised.value.code == "unleashed.key_refused"
    assert len(bench.wire.seen) == 1

    bench.clock.advance(seconds=61)
    with pytest.raises(Misconfigured):
        client.read(ORDER, template="t")
    assert len(bench.wire.seen) == 2


def test_a_key_that_was_changed_is_read_again_and_the_call_goes_on() -> None:
    bench = bench_with_order()
    client = bench.client()
    client.read(ORDER, template="t")
    bench.wire.keys = {API_ID: "the-new-key-0003"}
    bench.set_key(API_ID, "the-new-key-0003")

    assert client.read(ORDER, template="t")["Guid"] == guid(1)
    assert len(bench.wire.seen) == 3


def test_a_write_with_the_old_key_was_not_done_and_is_sent_once_with_the_new_one() -> None:
    bench = bench_with_order()
    bench.wire.answers["POST", ORDER] = json_reply(201, {"Guid": guid(1)})
    client = bench.client()
    client.read(ORDER, template="t")
    bench.wire.keys = {API_ID: "the-new-key-0003"}
    bench.set_key(API_ID, "the-new-key-0003")
    write(bench, client=client, body={})

    assert [seen.method for seen in bench.wire.seen] == ["GET", "POST", "POST"]


def test_a_mended_secret_is_tried_though_the_old_key_was_refused() -> None:
    bench = bench_with_order()
    bench.set_key(API_ID, "another-key-0002")
    client = bench.client()
    with pytest.raises(Misconfigured):
        client.read(ORDER, template="t")
    bench.set_key(API_ID, API_KEY)
    bench.secrets.cached.clear()
    assert client.read(ORDER, template="t")["Guid"] == guid(1)


def test_one_query_that_is_refused_does_not_stop_the_others() -> None:
    """A key that works, and a 403 to a request with a query: a wrong byte, as far as we know."""
    bench = bench_with_order()
    client = bench.client()
    client.read(ORDER, template="t")
    bench.wire.next = [Reply(403)]
    with pytest.raises(Misconfigured) as raised:
        client.read(ORDER, [("orderNumber", "SO-1")], template="t")

    assert raised.value.code == "unleashed.query_refused"
    client.read(ORDER, template="t")


def test_a_refusal_when_the_months_calls_are_all_but_used_is_their_end() -> None:
    bench = bench_with_order(monthly_calls=20, reserve_percent=0)
    client = bench.client().counted_as(CallClass.URGENT)
    client.read(ORDER, template="t")
    bench.wire.next = [Reply(403)]
    with pytest.raises(Misconfigured) as raised:
        client.read(ORDER, [("orderNumber", "SO-1")], template="t")

    assert raised.value.code == "unleashed.calls_spent"
    asked = len(bench.wire.seen)
    with pytest.raises(Misconfigured):
        client.read(ORDER, template="t")
    assert len(bench.wire.seen) == asked


def test_a_malformed_secret_asks_nothing() -> None:
    bench = bench_with_order()
    bench.set_key("", API_KEY)
    with pytest.raises(Misconfigured, match="api_id"):
        read(bench)
    assert not bench.wire.seen
    assert bench.counts.requests == 0


# -- the budget ---------------------------------------------------------------------------------


def test_below_the_reserve_only_what_matters_is_sent() -> None:
    bench = bench_with_order(monthly_calls=30, reserve_percent=50)
    client = bench.client()
    made = 0
    with pytest.raises(Retryable) as raised:
        for _ in range(99):
            client.read(ORDER, template="t")
            made += 1

    assert raised.value.code == "unleashed.budget"
    assert made == len(bench.wire.seen) == 15
    client.counted_as(CallClass.URGENT).read(ORDER, template="t")
    with pytest.raises(Retryable):
        client.counted_as(CallClass.BULK).read(ORDER, template="t")
    assert len(bench.wire.seen) == 16


def test_a_run_ends_at_its_limit() -> None:
    bench = bench_with_order()
    client = bench.client()
    run = client.counted_as(CallClass.BULK, at_most=2)
    run.read(ORDER, template="t")
    run.read(ORDER, template="t")
    with pytest.raises(Retryable) as raised:
        run.read(ORDER, template="t")

    assert raised.value.code == "unleashed.run_limit"
    assert run.calls_made == len(bench.wire.seen) == 2
    client.read(ORDER, template="t")


def test_a_connection_without_a_plan_is_counted_all_the_same() -> None:
    bench = bench_with_order(monthly_calls=None)
    read(bench)
    account = KeyPair(API_ID, API_KEY).account
    assert bench.counts.counts[account, "2026-03"].total > 0


# -- lists and single objects -------------------------------------------------------------------


def test_a_list_is_paged_in_the_path_and_signed_without_its_page() -> None:
    bench = UnleashedBench()
    rows = [{"Guid": guid(n), "LastModifiedOn": stamp(n)} for n in range(25)]
    bench.wire.lists("/SalesOrders", rows)
    query = [("orderStatus", any_of(["Placed", "Backordered"]))]

    assert list(bench.client().rows("/SalesOrders", query, size=10)) == rows
    assert [seen.path for seen in bench.wire.seen] == [
        "/SalesOrders/1",
        "/SalesOrders/2",
        "/SalesOrders/3",
        "/SalesOrders/1",
    ]
    assert {seen.query for seen in bench.wire.seen} == {
        "orderStatus=Placed,Backordered&pageSize=10"
    }
    # Numbers of pages are no labels of logs.
    assert {fields["path"] for _, fields in bench.telemetry.lines if "path" in fields} == {
        "/SalesOrders/{page}"
    }


def test_a_page_is_never_larger_than_unleashed_gives() -> None:
    bench = UnleashedBench()
    bench.wire.lists("/Products", [])
    assert list(bench.client().rows("/Products", size=5000)) == []
    assert bench.wire.seen[0].query == "pageSize=1000"


def test_a_list_that_is_not_there_is_a_setting() -> None:
    with pytest.raises(Misconfigured, match="it knows no /Nothing"):
        list(UnleashedBench().client().rows("/Nothing", size=10))


def test_a_value_that_cannot_be_signed_asks_nothing() -> None:
    bench = UnleashedBench()
    with pytest.raises(Permanent, match="customOrderStatus"):
        list(bench.client().rows("/SalesOrders", [("customOrderStatus", "To pack")], size=10))
    assert not bench.wire.seen


@pytest.mark.parametrize("content", [{"Guid": "1"}, {"Items": [{"Guid": "1"}]}, [{"Guid": "1"}]])
def test_one_object_may_come_wrapped(content: Any) -> None:
    bench = UnleashedBench()
    bench.wire.answers["GET", ORDER] = json_reply(200, content)
    assert bench.client().one(ORDER, template="t") == {"Guid": "1"}


def test_what_is_no_object_or_several_is_told() -> None:
    bench = UnleashedBench()
    contents: list[Any] = [7, "a", {"Items": [{}, {}]}, [1], None]
    for content in contents:
        bench.wire.answers["GET", ORDER] = json_reply(200, content)
        with pytest.raises(Retryable, match="no object"):
            bench.client().one(ORDER, template="t")
    bench.wire.answers["GET", ORDER] = json_reply(200, {"Items": []})
    with pytest.raises(NotThere):
        bench.client().one(ORDER, template="t")


def test_parts_of_a_path() -> None:
    assert quoted("TX-00000077") == "TX-00000077"
    assert quoted("a/b ü") == "a%2Fb%20%C3%BC"
    for part in ("", " ", ".", ".."):
        with pytest.raises(Permanent):
            quoted(part)


def test_only_so_many_requests_at_a_time() -> None:
    bench = UnleashedBench()
    open_, most = [0], [0]
    lock, enough = threading.Lock(), threading.Event()

    def answer(_: Seen) -> Reply:
        with lock:
            open_[0] += 1
            most[0] = max(most[0], open_[0])
            if open_[0] == AT_ONCE:
                enough.set()
        enough.wait(5)
        with lock:
            open_[0] -= 1
        return json_reply(200, listed([], 1, 10))

    bench.wire.answers["GET", "/Products"] = answer
    client = bench.client()
    copies = [client.counted_as(CallClass.BULK) for _ in range(6)]
    threads = [
        threading.Thread(target=one.read, args=("/Products",), kwargs={"template": "t"})
        for one in copies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == AT_ONCE
