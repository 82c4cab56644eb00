"""More changed at the warehouse than one run reads: no transfer is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.warehouse_asns import AsnPage
from returns_hub.flows import long_orders
from returns_hub.flows.sync.run import WORST_CASE_SECONDS
from returns_hub.flows.sync.shape import Change, Reached
from returns_hub.flows.unleashed.moves.source import MovesSource
from returns_hub.flows.unleashed.sources import SOURCES
from tests.support.moves import MovesBench

CANCELLED = 3
MANY = 5
READING_SECONDS = 10.0


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> MovesBench:
    """Five transfers are under way; a page holds one ASN, or one order."""
    bench = MovesBench(settings=Settings(asn_order="stable"))
    bench.set("transfers", orders_at_source=True, asns_at_destination=True)
    for _ in range(MANY):
        bench.park_transfer({"TEE-RED-M": 1})
    bench.run("transfers")
    bench.run("transfers")
    monkeypatch.setattr("returns_hub.adapters.mintsoft.asns.PAGE_SIZE", 1)
    monkeypatch.setattr("returns_hub.adapters.mintsoft.order_reads.PAGE_SIZE", 1)
    monkeypatch.setattr(long_orders, "CALLS_AT_ONCE", 2)
    return bench


def source_of(it: MovesBench) -> MovesSource:
    (source,) = SOURCES["transfers"](it.erp_world("transfers"))
    assert isinstance(source, MovesSource)
    return source


def sent_and_booked(it: MovesBench) -> None:
    for order in it.made_orders():
        it.despatch(order.id)
    for asn in it.made_asns():
        it.book_in(asn.id)


def test_what_one_run_has_no_time_for_the_next_ones_go_on_with(
    it: MovesBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_and_booked(it)
    read: Callable[..., AsnPage] = type(it.asns).asns_updated_since
    asked: list[int] = []

    def slow(self: Any, *given: Any, first_page: int = 1, **more: Any) -> AsnPage:
        asked.append(first_page)
        it.clock.left -= READING_SECONDS
        return read(self, *given, first_page=first_page, **more)

    monkeypatch.setattr(type(it.asns), "asns_updated_since", slow)
    for _ in range(4):
        it.clock.left = WORST_CASE_SECONDS + 1.5 * READING_SECONDS
        it.run("transfers")
    rows = it.hands.company.records["WarehouseStockTransfers"].values()
    assert {row["TransferStatus"] for row in rows} == {"Completed"}
    assert asked[:4] == [1, 3, 2, 4], "the list is gone on with, not read from its front"


def test_a_place_says_which_list_and_which_page(it: MovesBench) -> None:
    sent_and_booked(it)
    source = source_of(it)
    since = it.clock.now() - source.overlap
    whole = list(source.pull_from(since, ""))
    places = [one.place for one in whole if isinstance(one, Reached)]
    assert places == ["asns/3", "asns/5"]
    assert len({one.key for one in whole if isinstance(one, Change)}) == MANY
    rest = list(source.pull_from(since, "asns/5"))
    assert len({one.key for one in rest if isinstance(one, Change)}) == 2
    assert [one for one in source.pull_from(since, "cancelled/1") if isinstance(one, Change)] == []


def test_cancelled_orders_are_gone_on_with_too(it: MovesBench) -> None:
    for order in it.made_orders():
        it.mintsoft.set_status(order.id, CANCELLED)
    source = source_of(it)
    since = it.clock.now() - source.overlap
    whole = list(source.pull_from(since, ""))
    places = [one.place for one in whole if isinstance(one, Reached)]
    assert places == ["asns/3", "asns/5", "cancelled/3", "cancelled/5"]
    rest = list(source.pull_from(since, "cancelled/5"))
    assert len({one.key for one in rest if isinstance(one, Change)}) == 2
