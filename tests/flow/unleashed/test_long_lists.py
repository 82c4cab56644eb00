"""More orders changed at the warehouse than one reading of its list holds: none is left behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_hub.adapters.mintsoft import order_reads
from returns_hub.domain.warehouse_orders import OrderPage
from returns_hub.errors import Retryable
from returns_hub.flows import long_orders
from returns_hub.flows.sync.shape import Reached
from returns_hub.flows.unleashed.despatches.source import DespatchesSource
from returns_hub.flows.unleashed.export.source import OrderExportSource
from tests.support.export_worlds import TEE, ExportBench
from tests.support.unleashed_despatches import DespatchBench

NUMBERS = [f"WEB-{n}" for n in range(9)]


@pytest.fixture(autouse=True)
def _a_page_holds_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_reads, "PAGE_SIZE", 1)
    for flow in ("export", "despatches"):
        monkeypatch.setattr(f"returns_hub.flows.unleashed.{flow}.source.MOST_CALLS", 4)
    monkeypatch.setattr(long_orders, "CALLS_AT_ONCE", 2)


def test_every_order_is_exported_however_long_the_list() -> None:
    it = ExportBench()
    for number in NUMBERS:
        it.sent(number, {TEE: (1, 24.0)})
    for _ in range(3):
        it.export(minutes=5)
    assert sorted(order["CustomerRef"] for order in it.exported()) == NUMBERS


def test_every_despatch_is_told_however_long_the_list() -> None:
    it = DespatchBench()
    sold = [it.sell({TEE: 1}) for _ in range(7)]
    for _, made in sold:
        it.despatch(made, tracking_number=f"JD{made}")
    for _ in range(3):
        it.tell()
    assert [it.status(guid) for guid, _ in sold] == ["Completed"] * 7


def test_who_goes_on_reads_the_page_before_once_more() -> None:
    it = ExportBench()
    for number in NUMBERS:
        it.sent(number, {TEE: (1, 24.0)})
    source = OrderExportSource(it.erp_world("order_export"))
    since = it.clock.now() - source.overlap
    told = list(source.pull_from(since, "6"))
    assert [one.place for one in told if isinstance(one, Reached)] == ["7", "9"]
    assert len([one for one in told if not isinstance(one, Reached)]) == 5
    assert len(list(source.pull_from(since, "no place"))) == 9 + 4


def test_a_list_that_heeds_no_page_number_is_not_read_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = ExportBench()
    it.sent(NUMBERS[0], {TEE: (1, 24.0)})
    it.sent(NUMBERS[1], {TEE: (1, 24.0)})
    source = OrderExportSource(it.erp_world("order_export"))
    read = it.orders.orders_updated_since

    def always_the_first(*given: Any, first_page: int = 1, **more: Any) -> OrderPage:
        return replace(read(given[0], 1, **more), next_page=None)

    monkeypatch.setattr(source._world.orders, "orders_updated_since", always_the_first)
    with pytest.raises(Retryable, match="than its list shows"):
        list(source.pull_from(it.clock.now() - source.overlap, ""))


def test_what_has_to_be_known_whole_is_not_told_of_a_part() -> None:
    it = ExportBench()
    for number in NUMBERS:
        it.sent(number, {TEE: (1, 24.0)})
    source = OrderExportSource(it.erp_world("order_export"))
    with pytest.raises(Retryable, match="more orders changed"):
        list(source.pull(it.clock.now()))
    despatches = DespatchesSource(it.erp_world("despatches"))
    with pytest.raises(Retryable, match="more orders changed"):
        list(despatches.pull(it.clock.now()))
