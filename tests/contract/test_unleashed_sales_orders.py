"""Unleashed's sales orders as the hub reads them, over the simulator and its dialects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import FaultKind
from returns_hub.adapters.unleashed.order_translate import to_sales_order
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports.erp import ErpOrders
from tests.support.erp_orders import ADDRESS, BLUE, TEE, OrdersBench
from tests.support.fakes import START

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def changed(bench: OrdersBench, since: datetime = LONG_AGO) -> list[SalesOrder]:
    """What changed, by the adapter."""
    return list(bench.erp().orders.changed_since(since))


def test_it_is_the_port() -> None:
    orders: ErpOrders = OrdersBench().erp().orders
    orders.require_open()


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"keys": "camel", "error_keys": "camel"},
        {"salesperson_key": "Salesperson"},
        {"single_wrapped": True},
        {"without_pagination": ("SalesOrders",)},
        {"clamped_number": "asked"},
        {"drift": "arrive"},
        {"drift": "vanish", "drift_passes": 2},
        {"other_order": "oldest"},
    ],
)
def test_an_order_is_read_the_same_in_every_dialect(dialect: dict[str, Any]) -> None:
    bench = OrdersBench(page_size=2)
    bench.account.set(**dialect)
    contact = {"FirstName": "Robin", "LastName": "Sample", "EmailAddress": "r@example.test"}
    fields = {"DeliveryContact": contact, "SourceId": "shop-1", "DeliveryMethod": "Express"}
    guid, number = bench.place({TEE: 2}, charges={"Freight": 4.5}, custom="On hold", fields=fields)
    for _ in range(4):
        bench.clock.advance(seconds=1)
        bench.place({BLUE: 1})

    listed = changed(bench)
    read = bench.erp().orders.read(guid)

    assert len({order.guid for order in listed}) == 5
    assert read == next(order for order in listed if order.guid == guid)
    assert (read.number, read.status, read.custom_status) == (number, "Parked", "On hold")
    assert (read.warehouse_code, read.currency, read.customer_code) == ("MAIN", "GBP", "WEBSHOP")
    assert (read.source_id, read.delivery_method) == ("shop-1", "Express")
    assert read.created_at == read.modified_at == START
    goods, charge = read.lines
    assert (goods.sku, goods.quantity, goods.unit_price) == (TEE, Decimal(2), Decimal("19.9"))
    assert (charge.is_charge, charge.sku, charge.description) == (True, "", "Freight")
    assert read.recipient == Recipient(
        "United Kingdom",
        "Robin",
        "Sample",
        company="Patricia Sample",
        address=("1 Test Street", "Top floor", "Testside"),
        town="Leeds",
        county="Yorkshire",
        postcode="LS1 1AA",
        email="r@example.test",
    )
    assert not read.unreadable


def test_a_list_says_since_when_without_a_zone_and_with_raw_colons() -> None:
    bench = OrdersBench()
    changed(bench, datetime(2026, 3, 2, 9, 15, 30, 999000, tzinfo=UTC))

    assert bench.asked_there("/SalesOrders") == [
        "/SalesOrders/1?modifiedSince=2026-03-02T09:15:30&pageSize=200",
        "/SalesOrders/1?orderStatus=Deleted&modifiedSince=2026-03-02T09:15:30&pageSize=200",
    ]


def test_deleted_orders_come_last_and_only_what_changed_since() -> None:
    bench = OrdersBench()
    old, _ = bench.place()
    bench.clock.advance(hours=1)
    deleted, number = bench.place()
    bench.hands.delete_order(number)
    new, _ = bench.place()

    found = changed(bench, bench.clock.now() - timedelta(minutes=1))

    assert [(order.guid, order.is_deleted) for order in found] == [(new, False), (deleted, True)]
    assert old not in {order.guid for order in found}
    assert bench.erp().orders.read(deleted) == found[1]


def test_what_unleashed_does_not_know_is_none() -> None:
    bench = OrdersBench()
    bench.account.set(visible_seconds=60)
    guid, _ = bench.place()

    assert bench.erp().orders.read(guid) is None
    bench.clock.advance(minutes=2)
    assert bench.erp().orders.read(guid) is not None
    assert bench.erp().orders.read("00000000-0000-4000-8000-000000000009") is None


def test_open_orders_are_those_that_stock_is_allocated_to() -> None:
    bench = OrdersBench(page_size=1)
    wanted = {bench.place(status=status)[0] for status in ("Placed", "Backordered")}
    bench.place(status="Parked")
    for end in (bench.hands.complete_order, bench.hands.delete_order):
        end(bench.place()[1])

    assert {order.guid for order in bench.erp().orders.open_orders()} == wanted


def test_a_number_is_compared_exactly_and_the_living_one_counts() -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    orders = bench.erp().orders

    found = orders.with_number(number)
    assert found is not None
    assert found.guid == guid
    assert orders.with_number(number[:-1]) is None
    bench.hands.delete_order(number)
    deleted = orders.with_number(number)
    assert deleted is not None
    assert deleted.is_deleted
    other, _ = bench.place()
    bench.desk_there.company.all("SalesOrders")[other]["OrderNumber"] = number
    living = orders.with_number(number)
    assert living is not None
    assert living.guid == other
    with pytest.raises(Permanent, match="cannot hold ' '"):
        orders.with_number("SO 1")


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (FaultKind.ERROR_500_BEFORE, Retryable),
        (FaultKind.HTTP_429, Retryable),
        (FaultKind.CUT_OFF_AFTER, Retryable),
        (FaultKind.HTML_ERROR, Retryable),
        (FaultKind.UNAUTHORISED, Misconfigured),
    ],
)
def test_every_fault_is_a_verdict(kind: FaultKind, verdict: type[Exception]) -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    orders = bench.erp().orders
    for ask in (
        lambda: list(orders.changed_since(LONG_AGO)),
        lambda: orders.read(guid),
        lambda: orders.with_number(number),
        lambda: list(orders.open_orders()),
    ):
        bench.fault_there(kind, "/SalesOrders", times=9)
        with pytest.raises(verdict):
            ask()
        bench.unleashed.faults.clear()
        bench.clock.advance(minutes=20)


# -- shapes that no simulator has ----------------------------------------------------------------

BARE: dict[str, Any] = {
    "Guid": "5C0E6B0E-0000-4000-8000-00000000A001",
    "OrderNumber": "SO-1",
    "OrderStatus": "Placed",
    "CustomOrderStatus": None,
    "Customer": None,
    "Warehouse": {"WarehouseCode": "MAIN "},
    "Currency": {"CurrencyCode": "gbp"},
    "DeliveryContact": None,
    "SalesOrderLines": None,
    "CreatedOn": "/Date(1735787045123)/",
    "LastModifiedOn": "/Date(1735787046123)/",
}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "LineNumber": 1,
        "LineType": None,
        "Product": {"ProductCode": "MUG"},
        "OrderQuantity": Decimal(2),
        "UnitPrice": Decimal("7.5"),
        "DiscountRate": Decimal("0.1"),
        "SerialNumbers": None,
        "BatchNumbers": None,
    } | changes


def test_null_is_nothing() -> None:
    order = to_sales_order(BARE)

    assert order.lines == ()
    assert order.recipient == Recipient("")
    assert order.guid == "5c0e6b0e-0000-4000-8000-00000000a001"
    assert (order.customer_code, order.custom_status, order.currency) == ("", "", "GBP")
    assert order.warehouse_code == "MAIN ", "with its blank, which makes it another one"
    assert not order.unreadable


@pytest.mark.parametrize(
    ("given", "price"),
    [
        ({}, Decimal("6.75")),
        ({"DiscountRate": None}, Decimal("7.5")),
        ({"DiscountRate": Decimal(7)}, Decimal("7.5")),
        ({"UnitPrice": None}, None),
    ],
)
def test_a_price_is_after_the_lines_discount(given: dict[str, Any], price: Decimal | None) -> None:
    order = to_sales_order(BARE | {"SalesOrderLines": [line(**given)]})

    assert order.lines[0].unit_price == price


def test_a_line_without_a_number_has_its_place() -> None:
    rows = [line(LineNumber=None), line(LineNumber=None, LineType="CHARGE", OrderQuantity=None)]
    order = to_sales_order(BARE | {"SalesOrderLines": rows})

    assert [(one.number, one.is_charge) for one in order.lines] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"SalesOrderLines": [line(OrderQuantity=None)]}, "line 1 has no OrderQuantity"),
        ({"SalesOrderLines": [line(OrderQuantity="two")]}, "OrderQuantity is no number"),
        ({"SalesOrderLines": [line(UnitPrice="7")]}, "UnitPrice is no number"),
        ({"SalesOrderLines": "none"}, "SalesOrderLines is no list of objects"),
        ({"CreatedOn": "yesterday"}, "CreatedOn is no time"),
        ({"LastModifiedOn": "yesterday"}, "LastModifiedOn is no time"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_raised(given: dict[str, Any], why: str) -> None:
    order = to_sales_order(BARE | given)

    assert order.unreadable == why
    assert (order.guid[:8], order.number) == ("5c0e6b0e", "SO-1")


def test_a_name_of_one_word_and_a_contact_of_the_same_name() -> None:
    one = to_sales_order(BARE | {"DeliveryName": "Boutique"})
    contact = {"FirstName": "Kim", "LastName": "Holm", "OfficePhone": "1", "PhoneNumber": "2"}
    same = to_sales_order(BARE | {"DeliveryName": "kim holm", "DeliveryContact": contact})

    assert (one.recipient.first_name, one.recipient.last_name) == ("", "Boutique")
    assert (same.recipient.company, same.recipient.phone) == ("", "2")


def test_an_order_shows_no_person_when_it_is_printed() -> None:
    order = to_sales_order(BARE | ADDRESS | {"CustomerRef": "Pat", "Comments": "Pat"})

    assert "Pat" not in repr(order)
    assert "Leeds" not in repr(order)
