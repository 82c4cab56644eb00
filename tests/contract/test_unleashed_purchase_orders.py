"""The adapter for purchase orders over the simulator: what is read and written, and dialects."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.adapters.unleashed.purchase_orders import UnleashedPurchaseOrders
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.unleashed.purchase_orders import (
    LineRaise,
    LineReceipt,
    PurchaseBatch,
    PurchaseOrder,
)
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START
from tests.support.order_worlds import LATER
from tests.support.purchases import BLUE, TEE, PurchaseBench

AGO = START - timedelta(hours=1)
DIALECTS: list[dict[str, Any]] = [
    {},
    {"keys": "camel"},
    {"single_wrapped": True},
    {"partial_receipt": "stays"},
    {"without_pagination": ["StockAdjustments", "PurchaseOrders"]},
    {"clamped_number": "asked"},
    {"dates_taken": "both"},
    {"other_order": "oldest"},
    {"error_keys": "camel"},
]


class Desk:
    """A bench and its adapter."""

    def __init__(self, **block: Any) -> None:
        self.bench = PurchaseBench(**block)
        self.erp = UnleashedPurchaseOrders(self.bench.unleashed_account())

    def read(self, guid: str) -> PurchaseOrder:
        order = self.erp.read(guid)
        assert order is not None
        return order

    def rows(self, guid: str, *units: int, **more: Any) -> tuple[LineReceipt, ...]:
        """What is to come of each line."""
        lines = self.read(guid).lines
        return tuple(
            LineReceipt(line.guid, line.sku, Decimal(many), Decimal(many), **more)
            for line, many in zip(lines, units, strict=True)
        )

    def bodies(self) -> list[dict[str, Any]]:
        """What was put to lines."""
        asked = self.bench.to_unleashed.requests
        return [json.loads(one.body) for one in asked if "/Lines/" in one.path]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_order_is_read_receipted_and_completed(dialect: dict[str, Any]) -> None:
    desk = Desk()
    desk.bench.account.set(**dialect)
    guid = desk.bench.place({TEE: 5, BLUE: 2}, fields={"DeliveryDate": "2026-05-04"})
    order = desk.read(guid)

    assert (order.status, order.warehouse_code, order.supplier) == (
        "Placed",
        "MAIN",
        "Example Mill",
    )
    assert order.expected == date(2026, 5, 4)
    assert [(line.sku, int(line.quantity), int(line.receipt)) for line in order.lines] == [
        (TEE, 5, 0),
        (BLUE, 2, 0),
    ]
    assert (order.lines[0].unit_price, order.lines[0].total) == (Decimal("7.5"), Decimal("37.5"))

    rows = desk.rows(guid, 5, 2)
    stamp = desk.erp.set_receipt(guid, rows, LATER)
    assert desk.erp.receipt_set(guid, rows) == Found(stamp)
    assert desk.erp.receipted(guid, stamp) == NotFound()
    desk.erp.receipt(guid, rows, LATER)
    assert desk.read(guid).is_receipted
    assert isinstance(desk.erp.receipted(guid, stamp), Found)
    assert desk.bench.booked(guid) == [5, 2]

    assert desk.erp.completed(guid) == NotFound()
    desk.erp.complete(guid, LATER)
    desk.erp.complete(guid, LATER)
    assert desk.erp.completed(guid) == Found(guid)
    assert desk.bench.posts("Complete") == 1


def test_changed_orders_come_with_the_deleted_ones() -> None:
    desk = Desk(page_size=1)
    before = desk.bench.place()
    desk.bench.clock.advance(hours=2)
    since = desk.bench.clock.now()
    gone, there = desk.bench.place(), desk.bench.place(status="Parked")
    desk.bench.hands.set_purchase_status(desk.bench.order(gone)["OrderNumber"], "Deleted")

    found = {order.guid: order for order in desk.erp.changed_since(since)}
    assert set(found) == {gone, there}
    assert found[gone].is_deleted
    assert set(found) | {before} == {order.guid for order in desk.erp.changed_since(AGO)}


def test_the_deleted_ones_are_asked_for_by_that_status_alone() -> None:
    desk = Desk()
    list(desk.erp.changed_since(AGO))
    asked = [one.query for one in desk.bench.to_unleashed.requests]

    assert [query.get("orderStatus") for query in asked] == [None, "Deleted"]
    assert all(":" in query["modifiedSince"] for query in asked)


def test_an_order_is_found_by_exactly_its_number() -> None:
    desk = Desk()
    guid = desk.bench.place()
    number = desk.bench.order(guid)["OrderNumber"]

    found = desk.erp.with_number(number)
    assert found is not None
    assert found.guid == guid
    assert desk.erp.with_number(number[:-1]) is None
    assert desk.erp.with_number("by hand & so on") is None
    assert desk.erp.read("00000000-0000-4000-8000-00000000dead") is None


def test_what_cannot_be_read_says_so_and_stops_nothing_else() -> None:
    desk = Desk()
    bad, good = desk.bench.place(), desk.bench.place()
    desk.bench.lines(bad)[0]["OrderQuantity"] = None

    found = {order.guid: order for order in desk.erp.changed_since(AGO)}
    assert "OrderQuantity" in found[bad].unreadable
    assert found[good].unreadable == ""
    with pytest.raises(Permanent):
        desk.erp.set_receipt(bad, (), LATER)


def test_products_of_an_order_are_read_by_forty() -> None:
    desk = Desk()
    codes = [f"P-{at}" for at in range(45)]
    for code in codes:
        desk.bench.hands.add_product({"ProductCode": code, "ProductDescription": code})
    desk.bench.hands.obsolete_product("P-3")
    guid = desk.bench.place(dict.fromkeys([*codes, "CARRIAGE", TEE], 1))
    order = desk.read(guid)
    asked = len(desk.bench.to_unleashed.requests)
    found = desk.erp.products_of(order)

    assert len(desk.bench.to_unleashed.requests) - asked == 2
    assert {product.sku for product in found.values()} == {*codes, "CARRIAGE", TEE}
    by_sku = {product.sku: product for product in found.values()}
    assert not by_sku["CARRIAGE"].keeps_stock
    assert (by_sku[TEE].unit, by_sku[TEE].keeps_stock) == ("EA", True)


def test_a_line_is_written_whole_and_only_where_it_differs() -> None:
    desk = Desk()
    guid = desk.bench.place({TEE: 5, BLUE: 2})
    desk.bench.edit_line(
        guid, 0, Comments="keep this", DeliveryDate=datetime(2026, 5, 4, tzinfo=UTC)
    )
    desk.erp.set_receipt(guid, desk.rows(guid, 4, 0), LATER)

    (body,) = desk.bodies()
    assert (body["ReceiptQuantity"], body["OrderQuantity"], body["UnitPrice"]) == (4, 5, 7.5)
    assert (body["LineTotal"], body["LineTax"], body["DiscountRate"]) == (37.5, 7.5, None)
    assert (body["Comments"], body["DeliveryDate"]) == ("keep this", "2026-05-04")
    # Read without batches: writing them back would blank what is pending.
    assert not {"PendingBatchNumbers", "PendingSerialNumbers"} & set(body)
    desk.erp.set_receipt(guid, desk.rows(guid, 4, 0), LATER)
    assert len(desk.bodies()) == 1


def test_batches_and_serials_are_written_and_compared() -> None:
    desk = Desk(batches_and_serials=True)
    guid = desk.bench.place({"MUG-RED": 5, "WATCH-01": 1})
    mugs, watch = desk.read(guid).lines
    rows = (
        LineReceipt(
            mugs.guid,
            mugs.sku,
            Decimal(5),
            batches=(
                PurchaseBatch("L1", Decimal(3), date(2028, 1, 31)),
                PurchaseBatch("L2", Decimal(2)),
            ),
        ),
        LineReceipt(watch.guid, watch.sku, Decimal(1), serials=("S1",)),
    )
    desk.erp.set_receipt(guid, rows, LATER)
    assert desk.bodies()[0]["PendingBatchNumbers"] == [
        {"Number": "L1", "Quantity": 3, "ExpiryDate": "2028-01-31"},
        {"Number": "L2", "Quantity": 2},
    ]
    assert desk.bodies()[1]["PendingSerialNumbers"] == [{"Identifier": "S1"}]
    assert isinstance(desk.erp.receipt_set(guid, rows), Found)
    other = (LineReceipt(mugs.guid, mugs.sku, Decimal(5)), rows[1])
    assert desk.erp.receipt_set(guid, other) == NotFound()

    desk.erp.receipt(guid, rows, LATER)
    assert desk.read(guid).lines[0].batches == rows[0].batches
    assert desk.read(guid).lines[1].serials == ("S1",)
    assert desk.read(guid).lines[0].tracked == 5


def test_without_the_setting_no_batches_are_read() -> None:
    desk = Desk()
    guid = desk.bench.place({"MUG-RED": 5})
    desk.read(guid)

    assert "serialBatch" not in desk.bench.to_unleashed.requests[-1].query


def test_what_unleashed_does_not_keep_is_not_booked() -> None:
    desk = Desk()
    guid = desk.bench.place()
    rows = desk.rows(guid, 5)
    desk.bench.desk_there.purchases.put_line = (  # type: ignore[method-assign]
        lambda call, guid, number: desk.bench.desk_there.purchases.reply(
            call, desk.bench.order(guid)
        )
    )
    with pytest.raises(Permanent) as told:
        desk.erp.receipt(guid, rows, LATER)

    assert told.value.code == "purchase_orders.not_kept"
    assert desk.bench.posts() == 0


@pytest.mark.parametrize("what", ["status", "line", "fewer"])
def test_an_order_that_changed_is_not_booked(what: str) -> None:
    desk = Desk()
    guid = desk.bench.place({TEE: 5, BLUE: 2})
    rows = desk.rows(guid, 5, 2)
    if what == "status":
        desk.bench.touch(guid, OrderStatus="Costed")
    elif what == "line":
        desk.bench.lines(guid).pop()
    else:
        desk.bench.order_more(guid, 4)
    with pytest.raises(Retryable) as told:
        desk.erp.receipt(guid, rows, LATER)

    assert told.value.code == "unleashed.changed_meanwhile"
    assert desk.bench.written_there() == []


def test_a_receipt_that_is_booked_already_is_this_ones_success_only_with_the_same_units() -> None:
    desk = Desk()
    guid, other = desk.bench.place(), desk.bench.place()
    rows = desk.rows(guid, 5)
    desk.bench.receipt_by_hand(guid, 5)
    desk.erp.receipt(guid, rows, LATER)
    wanted = desk.rows(other, 5)
    desk.bench.receipt_by_hand(other, 3)
    with pytest.raises(Permanent) as told:
        desk.erp.receipt(other, wanted, LATER)

    assert told.value.code == "receipts.in_another_way"
    assert desk.bench.written_there() == []


def test_an_order_that_changed_since_the_receipt_was_sent_tells_nothing() -> None:
    desk = Desk()
    desk.bench.account.set(partial_receipt="stays")
    guid = desk.bench.place()
    rows = desk.rows(guid, 2)
    stamp = desk.erp.set_receipt(guid, rows, LATER)
    desk.erp.receipt(guid, rows, LATER)

    assert desk.read(guid).is_placed
    assert isinstance(desk.erp.receipted(guid, stamp), Inconclusive)
    assert isinstance(desk.erp.receipted(guid, ""), Inconclusive)


def test_an_order_that_is_not_receipted_is_not_completed() -> None:
    desk = Desk()
    guid = desk.bench.place()
    with pytest.raises(Permanent) as told:
        desk.erp.complete(guid, LATER)

    assert told.value.code == "receipts.not_receipted"
    assert desk.bench.posts("Complete") == 0


def test_lines_are_raised_to_a_number_with_their_money() -> None:
    desk = Desk()
    guid = desk.bench.place({TEE: 5, BLUE: 2})
    line = desk.read(guid).lines[0]
    raises = [LineRaise(line.guid, Decimal(7))]
    assert desk.erp.raised(guid, raises) == NotFound()
    desk.erp.raise_lines(guid, raises, LATER)
    desk.erp.raise_lines(guid, raises, LATER)

    (body,) = desk.bodies()
    assert (body["OrderQuantity"], body["LineTotal"], body["LineTax"]) == (7, 52.5, 10.5)
    assert body["Product"]["ProductCode"] == TEE
    assert desk.erp.raised(guid, raises) == Found(guid)
    assert desk.bench.order(guid)["SubTotal"] == Decimal("67.5")


def test_a_line_that_is_gone_is_not_raised() -> None:
    desk = Desk()
    guid = desk.bench.place({TEE: 5, BLUE: 2})
    raises = [LineRaise(desk.read(guid).lines[1].guid, Decimal(7))]
    desk.bench.lines(guid).pop()
    with pytest.raises(Retryable):
        desk.erp.raise_lines(guid, raises, LATER)
    assert desk.erp.raised(guid, raises) == NotFound()


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (FaultKind.RESET_AFTER, UnknownOutcome),
        (FaultKind.ERROR_500_BEFORE, UnknownOutcome),
        (FaultKind.HTTP_429, Retryable),
    ],
)
def test_what_a_lost_answer_comes_to(kind: FaultKind, verdict: type[Exception]) -> None:
    desk = Desk()
    guid = desk.bench.place()
    rows = desk.rows(guid, 5)
    desk.bench.unleashed.faults.add(Fault(kind, path="/Receipt$", method="POST"))
    with pytest.raises(verdict):
        desk.erp.receipt(guid, rows, LATER)


def test_a_refusal_is_told_in_unleasheds_words() -> None:
    desk = Desk()
    guid = desk.bench.place({"MUG-RED": 5})
    with pytest.raises(Permanent) as told:
        desk.erp.receipt(guid, desk.rows(guid, 5), LATER)

    assert "differs from its pending batches" in told.value.reason
