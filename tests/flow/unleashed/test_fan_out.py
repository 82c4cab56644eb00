"""Flows of the ERP are handed out by merchant and flow, only when they have something to do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.due import flows_missing
from returns_hub.flows.unleashed.turns import AT_ONCE, turn_name
from returns_hub.runs import sync_asked
from returns_hub.ticks import in_turn
from tests.support.erp_hub import names
from tests.support.faked_flows import KNOWN, THREE, FakedFlows
from tests.support.fakes import START
from tests.support.sync import AWAY, Row


def test_the_only_flow_that_is_due_is_done_at_once(fakes: FakedFlows) -> None:
    fakes.it.apply(**names("orders"))
    fakes.sources["orders"].put("a", Row("x"))

    done = fakes.it.tick()

    assert done == {"example": {"orders": {"fake.orders": {"made": 1}}}}
    assert fakes.it.sent == []
    assert fakes.partner.rows == {"a": "x"}


def test_many_are_handed_out_one_message_each_and_done_when_it_comes(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.sources["orders"].put("a", Row("x"))

    assert fakes.it.tick() == {"example": dict.fromkeys(THREE, "queued")}
    assert fakes.partner.rows == {}
    messages = fakes.it.take()
    assert [(m["merchant"], m["flow"]) for m in messages] == [
        ("example", "products"),
        ("example", "orders"),
        ("example", "despatches"),
    ]
    assert messages[0].keys() == {"merchant", "flow", "asked_at"}

    assert fakes.it.deliver(*messages)["failed"] == []
    assert fakes.partner.rows == {"a": "x"}


def test_merchants_take_turns_and_the_first_is_another_each_time(fakes: FakedFlows) -> None:
    for merchant in ("alpha", "beta"):
        fakes.it.apply(merchant, **THREE)
    fakes.it.apply("gamma", **names("orders"))

    fakes.it.tick()
    first = [merchant for merchant, _ in fakes.it.jobs()]
    fakes.it.tick()
    second = [merchant for merchant, _ in fakes.it.jobs()]

    assert len(first) == len(second) == 7
    assert sorted(first[:3]) == ["alpha", "beta", "gamma"]
    assert first[0] != second[0]
    assert list(in_turn({"a": ("orders", "stock"), "b": ("receipts",)})) == [
        ("a", "orders"),
        ("b", "receipts"),
        ("a", "stock"),
    ]


def test_what_is_not_due_is_not_sent_and_costs_one_read(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.it.tick()
    fakes.it.deliver(*fakes.it.take())
    fakes.it.calls.clear()
    asked = len(fakes.it.bench.to_unleashed.requests)

    assert fakes.it.tick() == {"example": {}}

    # The list of merchants, the file, and a cursor for each flow.
    assert fakes.it.calls == ["query", "get_item", "get_item", "get_item", "get_item"]
    assert fakes.it.sent == []
    assert len(fakes.it.bench.to_unleashed.requests) == asked
    assert len(fakes.sources["orders"].pulls) == 1

    fakes.it.tick(minutes=10)
    assert len(fakes.it.take()) == 3


def test_a_flow_that_is_off_or_unknown_to_this_release_is_not_sent(fakes: FakedFlows) -> None:
    fakes.it.apply(orders={"mode": "live"}, products={"mode": "off"}, customers={"mode": "shadow"})
    connection = fakes.it.hub.merchants.live("example").merchant.unleashed
    assert connection is not None
    assert flows_missing(connection) == ("customers",)

    assert fakes.it.tick() == {"example": {"orders": {"fake.orders": {}}}}
    assert fakes.it.sent == []


@pytest.mark.parametrize(
    "cursor",
    [
        {"ran": START.isoformat(), "mode": "live", "later": ["a"]},
        {"ran": START.isoformat(), "mode": "live", "whole": False},
        {"ran": START.isoformat(), "mode": "shadow"},
    ],
)
def test_a_flow_with_work_that_comes_back_or_a_list_that_was_cut_is_due(
    fakes: FakedFlows, cursor: dict[str, Any]
) -> None:
    fakes.it.apply(**names("orders"))
    cursors, name = fakes.it.hub.cursors, cursor_name("fake.orders", "example")
    for value in ({"ran": START.isoformat(), "mode": "live"}, cursor):
        lease = cursors.acquire(name, "a run", 60)
        assert lease is not None
        cursors.advance(lease, value)
        cursors.release(lease)
        done = fakes.it.tick(seconds=1)
        assert bool(done["example"]) is (value is cursor), value


def test_a_flow_that_is_at_work_is_not_sent_again(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.hold(cursor_name("fake.orders", "example"))

    fakes.it.tick()

    assert [flow for _, flow in fakes.it.jobs()] == ["products", "despatches"]


def test_any_source_that_is_due_makes_its_flow_due(fakes: FakedFlows) -> None:
    fakes.it.apply(**names("orders"))
    slow = fakes.source("slow")
    slow.every = timedelta(hours=24)
    fakes.register("orders", slow, fakes.sources["orders"])
    fakes.it.tick()

    assert fakes.it.tick() == {"example": {}}
    done = fakes.it.tick(minutes=11)
    assert done == {"example": {"orders": {"fake.slow": {"not_due": 1}, "fake.orders": {}}}}


def test_one_merchants_trouble_does_not_stop_the_others(fakes: FakedFlows) -> None:
    for merchant in ("alpha", "beta"):
        fakes.it.apply(merchant, **THREE)
    pk = {"pk": {"S": "alpha"}, "sk": {"S": "LIVE"}}
    row = fakes.it.tables.get_item(TableName="MerchantsTable", Key=pk)["Item"]
    fakes.it.tables.put_item(TableName="MerchantsTable", Item=row | {"file": {"S": "{}"}})

    done = fakes.it.tick()

    assert done == {"alpha": {"failed": 1}, "beta": dict.fromkeys(THREE, "queued")}
    assert fakes.it.telemetry.total("RunsFailed", code="merchant.unreadable") == 1


def test_one_message_that_cannot_be_sent_does_not_stop_the_others(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.it.cannot_send = '"orders"'

    done = fakes.it.tick()

    assert done["example"]["orders"] == {"failed": 1}
    assert [flow for _, flow in fakes.it.jobs()] == ["products", "despatches"]


def test_one_flows_trouble_is_its_own(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.sources["orders"].cut_after = 0
    fakes.sources["despatches"].put("a", Row("x"))
    fakes.it.tick()

    assert fakes.it.deliver(*fakes.it.take())["failed"] == []

    assert fakes.partner.rows == {"a": "x"}
    assert fakes.it.telemetry.total("RunsFailed", flow="fake.orders") == 1
    assert [flow for _, flow in _after(fakes)] == ["orders"]


def _after(fakes: FakedFlows) -> list[tuple[str, str]]:
    done = fakes.it.tick()
    return [(merchant, flow) for merchant, flows in done.items() for flow in flows]


def test_a_flow_that_cannot_be_made_is_handed_out_and_its_run_tells_why(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)

    def broken(_: Any) -> Any:
        raise Misconfigured("merchant.no_live_from", "the merchant's file has no live_from")

    fakes.monkeypatch.setitem(KNOWN, "orders", broken)

    assert fakes.it.tick() == {"example": dict.fromkeys(THREE, "queued")}
    assert fakes.it.deliver(*fakes.it.take())["failed"] == []
    telemetry = fakes.it.telemetry
    assert telemetry.total("Misconfigured", code="merchant.no_live_from") == 1
    assert telemetry.total("OperatorNeeded") == 1
    assert len(fakes.sources["despatches"].pulls) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"merchant": "example"}',
        '{"merchant": "example", "flow": "no-such"}',
        '{"merchant": "a/b", "flow": "orders"}',
        '{"merchant": "example", "flow": "orders", "asked_at": 5}',
        '{"merchant": "example", "flow": "orders", "more": 1}',
        "{" * 5000,
    ],
)
def test_a_message_that_is_none_is_counted_and_gone(fakes: FakedFlows, body: str) -> None:
    with pytest.raises(Permanent) as refused:
        sync_asked(body)
    assert refused.value.code == "unleashed.no_flow"

    assert fakes.it.one(body) == {"batchItemFailures": []}
    assert fakes.it.telemetry.total("RunsFailed", code="unleashed.no_flow") == 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"merchant": "nobody", "flow": "orders"}, "merchant.unknown"),
        ({"merchant": "plain", "flow": "orders"}, "unleashed.not_configured"),
        ({"merchant": "example", "flow": "stock"}, "unleashed.no_such_flow"),
    ],
)
def test_a_message_that_cannot_be_followed_is_counted_and_gone(
    fakes: FakedFlows, message: dict[str, str], code: str
) -> None:
    fakes.it.apply(**names("orders"))
    del fakes.it.bench.file["unleashed"]
    fakes.it.bench.file["unleashed"] = {}
    fakes.it.apply("plain")
    pk = {"pk": {"S": "plain"}, "sk": {"S": "LIVE"}}
    row = fakes.it.tables.get_item(TableName="MerchantsTable", Key=pk)["Item"]
    file = json.loads(row["file"]["S"]) | {"unleashed": None}
    fakes.it.tables.put_item(
        TableName="MerchantsTable", Item=row | {"file": {"S": json.dumps(file)}}
    )

    assert fakes.it.one(message) == {"batchItemFailures": []}
    assert fakes.it.telemetry.total("RunsFailed", code=code) == 1


def test_a_flow_that_was_switched_off_meanwhile_does_nothing(fakes: FakedFlows) -> None:
    fakes.it.apply(**names("orders"))
    fakes.sources["orders"].mode = Mode.OFF
    fakes.sources["orders"].put("a", Row("x"))

    fakes.it.deliver({"merchant": "example", "flow": "orders"})

    assert fakes.partner.rows == {}


def test_a_fault_of_the_hubs_own_comes_back(fakes: FakedFlows) -> None:
    fakes.it.apply(**names("orders"))
    fakes.it.bench.clock.advance(minutes=5)

    def broken(_: Any) -> Any:
        raise RuntimeError("a fault")

    fakes.monkeypatch.setitem(KNOWN, "orders", broken)
    answer = fakes.it.one({"merchant": "example", "flow": "orders"})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert fakes.it.telemetry.total("Faults") == 1


# -- one merchant's flows do not take every environment ------------------------------------------


def test_only_so_many_flows_of_a_merchant_run_at_a_time(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.it.apply("other", **THREE)
    for number in range(1, AT_ONCE + 1):
        fakes.hold(turn_name(number, "example"))
    asked_at = fakes.it.bench.clock.now().isoformat()
    message = {"merchant": "example", "flow": "orders", "asked_at": asked_at}

    assert len(fakes.it.one(message)["batchItemFailures"]) == 1
    assert fakes.sources["orders"].pulls == []
    assert fakes.it.one(message | {"merchant": "other"})["batchItemFailures"] == []
    assert len(fakes.sources["orders"].pulls) == 1


def test_a_message_that_waited_until_the_next_tick_is_let_go(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    for number in range(1, AT_ONCE + 1):
        fakes.hold(turn_name(number, "example"))
    asked_at = fakes.it.bench.clock.now().isoformat()
    fakes.it.bench.clock.advance(seconds=301)
    message = {"merchant": "example", "flow": "orders", "asked_at": asked_at}

    assert fakes.it.one(message)["batchItemFailures"] == []
    assert fakes.sources["orders"].pulls == []


def test_a_flow_that_reads_in_bulk_leaves_room_for_the_others(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.hold(turn_name(AT_ONCE, "example"))

    assert len(fakes.it.one({"merchant": "example", "flow": "products"})["batchItemFailures"]) == 1
    assert fakes.it.one({"merchant": "example", "flow": "despatches"})["batchItemFailures"] == []
    assert fakes.sources["products"].pulls == []
    assert len(fakes.sources["despatches"].pulls) == 1


def test_a_turn_is_given_back_whatever_ended_the_run(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    fakes.sources["orders"].read_trouble["a"] = AWAY

    def broken(_: Any) -> Any:
        raise Retryable("fake.away", "cannot be told now")

    fakes.monkeypatch.setitem(KNOWN, "despatches", broken)
    for _ in range(AT_ONCE + 1):
        fakes.it.one({"merchant": "example", "flow": "despatches"})
    assert fakes.it.telemetry.total("RunsFailed", flow="unleashed.despatches") == AT_ONCE + 1
    assert fakes.it.one({"merchant": "example", "flow": "orders"})["batchItemFailures"] == []


ABSOLUTE = {"mode": "live", "adjustment_means": "absolute", "adjustment_reason": "Count"}


@pytest.mark.parametrize(
    ("settings", "alone"),
    [
        (ABSOLUTE, True),
        (ABSOLUTE | {"adjustment_means": "delta"}, False),
        (ABSOLUTE | {"mode": "shadow"}, False),
    ],
)
def test_who_sets_totals_of_stock_works_alone(
    fakes: FakedFlows, settings: dict[str, Any], alone: bool
) -> None:
    fakes.register("stock", fakes.source("stock"))
    fakes.it.apply(stock=settings, **names("orders"))
    fakes.hold(turn_name(2, "example"))

    waits = fakes.it.one({"merchant": "example", "flow": "stock"})["batchItemFailures"]

    assert (len(waits), len(fakes.sources["stock"].pulls)) == ((1, 0) if alone else (0, 1))
    assert fakes.it.one({"merchant": "example", "flow": "orders"})["batchItemFailures"] == []
    assert len(fakes.sources["orders"].pulls) == 1
