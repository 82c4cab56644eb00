"""What a check says of ASNs in Mintsoft, by reads alone."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from cli.checks.mintsoft_goods import look_at_goods
from cli.checks.model import Finding, Result
from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Reply
from returns_hub.domain.goods_settings import WarehouseGoodsSettings
from returns_hub.domain.warehouse_asns import BookedMeans
from tests.support.goods_worlds import GoodsBench, asn_draft
from tests.support.order_worlds import LATER


def findings(bench: GoodsBench, says: BookedMeans = "unknown") -> list[Finding]:
    settings = WarehouseGoodsSettings(booked_quantity=says)
    return list(look_at_goods(bench.asns, settings, bench.clock.now()))


def booked(counts: Literal["both", "booked", "received"]) -> GoodsBench:
    bench = GoodsBench(Settings(asn_counts=counts))
    bench.book_in(bench.asns.create_asn(asn_draft(), LATER), ("TEE", 49))
    return bench


@pytest.mark.parametrize(
    ("counts", "says", "level", "words"),
    [
        ("both", "unknown", "ok", "agree on all 1"),
        ("booked", "unknown", "warning", "booked counts; the hub asks"),
        ("booked", "booked", "ok", "booked counts"),
        ("received", "booked", "failed", "received counts, and the file says booked"),
    ],
)
def test_which_number_counts_is_told_by_what_was_put_away(
    counts: Literal["both", "booked", "received"], says: BookedMeans, level: str, words: str
) -> None:
    statuses, quantities = findings(booked(counts), says)

    assert statuses.result is Result.OK
    assert quantities.result is Result(level)
    assert words in quantities.found


def test_without_goods_booked_in_nothing_is_proven() -> None:
    bench = GoodsBench()
    bench.asns.create_asn(asn_draft(), LATER)
    _, quantities = findings(bench)

    assert quantities.result is Result.WARNING
    assert "0 of 0" in quantities.found


def test_items_that_contradict_each_other_fail() -> None:
    bench = booked("booked")
    first = bench.raw("GET", "/api/ASN/List", IncludeASNItems="true")
    bench.mintsoft.settings = Settings(asn_counts="received")
    bench.book_in(bench.asns.create_asn(asn_draft("PO-2"), LATER), ("TEE", 5))
    rows = bench.raw("GET", "/api/ASN/List", IncludeASNItems="true")
    rows = [row for row in rows if row["ID"] != first[0]["ID"]] + first
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith("/List"):
            return Reply(200, {}, json.dumps(rows).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]
    _, quantities = findings(bench, "booked")

    assert quantities.result is Result.FAILED
    assert "different things" in quantities.found


def test_a_status_of_another_name_is_told() -> None:
    bench = booked("both")
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith("/Statuses"):
            return Reply(200, {}, json.dumps([{"ID": 4, "Name": "GONE"}]).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]
    statuses, _ = findings(bench)

    assert statuses.result is Result.WARNING
    assert "GONE" in statuses.found
