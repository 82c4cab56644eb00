"""Returns that nobody announced: what a receipt tells of goods that came for an order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.mintsoft.simulator import Settings
from returns_hub.adapters.mintsoft.models import Return
from returns_hub.adapters.mintsoft.times import zone
from returns_hub.adapters.mintsoft.translate import to_receipt
from returns_hub.domain.receipts import Condition, Receipt
from tests.support.fakes import START
from tests.support.order_worlds import LATER, OrderBench, draft

AN_HOUR_AGO = START - timedelta(hours=1)


def received(bench: OrderBench, number: int) -> Receipt:
    """The receipt, the same by every way that finds it."""
    warehouse = bench.world().warehouse
    receipt = warehouse.read_external_return(number)
    assert receipt is not None
    assert receipt in warehouse.search_by_date(bench.clock.now()).receipts
    assert receipt in warehouse.list_updated_since(AN_HOUR_AGO, 9).receipts
    return receipt


def test_an_internal_return_names_its_order() -> None:
    bench = OrderBench(Settings(returns_list="honoured"))
    order = bench.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)
    bench.despatch(order.order_id)
    goods = [{"sku": "TEE", "quantity": 1}, {"sku": "TEE", "quantity": 1, "reason_id": 2}]
    made = bench.mintsoft.make_return(goods, order_id=order.order_id, reference="no RMA")
    receipt = received(bench, made.id)

    assert (receipt.order_id, receipt.order_number) == (order.order_id, "DK-1")
    assert (receipt.reference, receipt.confirmed) == ("no RMA", True)
    assert [row.condition for row in receipt.rows] == [Condition.GOOD, Condition.QUARANTINE]
    assert receipt.units() == {"TEE": 2}
    assert receipt.markers == ()


def test_a_foreign_external_return_has_its_reference_and_no_order() -> None:
    bench = OrderBench(Settings(returns_list="honoured"))
    made = bench.mintsoft.make_return(
        [{"sku": "TEE", "quantity": 1}],
        client_id=12,
        warehouse_id=3,
        reference="DK-1",
        confirm=False,
    )
    receipt = received(bench, made.id)

    assert (receipt.order_id, receipt.order_number) == (None, "")
    assert (receipt.reference, receipt.confirmed) == ("DK-1", False)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"OrderId": 0, "OrderNumber": "ExternalReturn"}, (None, "")),
        ({"OrderId": None, "OrderNumber": "ExternalReturn"}, (None, "")),
        ({"OrderId": -1, "OrderNumber": "X"}, (None, "")),
        ({}, (None, "")),
        ({"OrderId": 7, "OrderNumber": " DK-7 "}, (7, "DK-7")),
        ({"OrderId": 7, "OrderNumber": None}, (7, "")),
    ],
)
def test_a_word_in_the_place_of_a_number_is_none(
    order: dict[str, Any], told: tuple[int | None, str]
) -> None:
    row = {"ID": 41, "ClientId": 12, "LastUpdated": "2026-03-02T09:00:00"} | order
    receipt = to_receipt(Return.model_validate(row), zone("Europe/London"))

    assert (receipt.order_id, receipt.order_number) == told


def test_goods_that_came_back_are_put_away_as_their_reason_says() -> None:
    bench = OrderBench()
    bench.mintsoft.tenant.reasons[3] = {"name": "Scrap", "stock_action": "Scrap"}
    bench.set_stock("TEE", 0)
    goods = [{"sku": "TEE", "quantity": n, "reason_id": n} for n in (1, 2, 3)]
    made = bench.mintsoft.make_return(goods, client_id=12, warehouse_id=3)
    bench.mintsoft.receive(made.id)
    level = bench.orders.stock_levels(3)["TEE"]

    assert (level.total, level.quarantined, level.available("available")) == (3, 2, 1)


def test_hands_over_http_do_what_they_do_in_process() -> None:
    bench = OrderBench()
    order = bench.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)
    told = {"id": order.order_id, "tracking_number": "JD1"}
    bench.raw("POST", "/_admin/set-status", {"id": order.order_id, "status_id": 16})
    assert bench.raw("POST", "/_admin/despatch", told)["status_id"] == 4
    goods = [{"sku": "TEE", "quantity": 1}]
    returned = bench.raw(
        "POST", "/_admin/make-return", {"goods": goods, "order_id": order.order_id}
    )
    assert returned["made_by"] == "warehouse"
    counted = {"warehouse_id": 3, "product_id": 901, "units": 7}
    assert bench.raw("POST", "/_admin/set-stock", counted)["units"] == 7
    refused = bench.raw("POST", "/_admin/despatch", told)
    assert "closed" in refused["error"]
    books = bench.raw("POST", "/_admin/books", {})

    assert [entry["call"] for entry in books["journal"]] == ["create-order"]
    assert books["orders"][0]["tracking_number"] == "JD1"
    assert {"warehouse_id", "product_id", "units"} <= books["stock"][0].keys()
