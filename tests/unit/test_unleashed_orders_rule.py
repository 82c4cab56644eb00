"""Which sales orders the warehouse gets, and as what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.order_settings import OrderImport, ShipmentImport
from returns_hub.domain.unleashed.orders_rule import (
    AskAboutOrder,
    ImportOrder,
    JudgedOrder,
    LeaveOrder,
    channel_of,
    courier_of,
    is_wanted,
    judge_order,
    judge_shipment,
)
from returns_hub.domain.unleashed.sales_orders import (
    OUR_SOURCE,
    SalesLine,
    SalesOrder,
    is_status,
)
from returns_hub.domain.unleashed.warehouses import Places
from returns_hub.domain.warehouse_orders import OrderLine, Recipient

PLACES = Places(open={"MAIN": 3}, stopped={"NORTH": "NORTH is odd"}, elsewhere=frozenset({"SHOP"}))


def line(number: int = 1, sku: str = "MUG", quantity: str = "2", **more: Any) -> SalesLine:
    price = more.pop("unit_price", Decimal("7.5"))
    return SalesLine(number, sku, Decimal(quantity), price, **more)


def order(*lines: SalesLine, **changes: Any) -> SalesOrder:
    made = SalesOrder(
        guid="5c0e6b0e-0000-4000-8000-00000000a001",
        number="SO-00000123",
        status="Placed",
        warehouse_code="MAIN",
        currency="GBP",
        lines=lines or (line(),),
        recipient=Recipient(country="United Kingdom", first_name="J", last_name="Example"),
        modified_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return replace(made, **changes)


def judged(order: SalesOrder, **settings: Any) -> JudgedOrder:
    return judge_order(order, OrderImport(**settings), PLACES, number_length=50)


def imported(order: SalesOrder, **settings: Any) -> ImportOrder:
    found = judged(order, **settings)
    assert isinstance(found, ImportOrder), found
    return found


def asked(order: SalesOrder, **settings: Any) -> AskAboutOrder:
    found = judged(order, **settings)
    assert isinstance(found, AskAboutOrder), found
    return found


def test_a_placed_order_is_imported_whole() -> None:
    found = imported(order(), number_prefix="UNL-", channel="ERP", ioss_number="IM0123456789")

    assert found == ImportOrder(
        number="UNL-SO-00000123",
        warehouse_id=3,
        country="United Kingdom",
        lines=(OrderLine("MUG", 2, 750),),
        channel="ERP",
        ioss_number="IM0123456789",
    )
    assert found.units() == {"MUG": 2}


@pytest.mark.parametrize(
    ("settings", "status", "custom", "wanted"),
    [
        ({}, "Placed", "", True),
        ({}, "backordered", "", True),
        ({}, "Parked", "", False),
        ({}, "Completed", "", False),
        ({"open_means": ["placed", "parked", "backordered"]}, "Parked", "", True),
        ({"statuses": ["completed"]}, "Complete", "", True),
        ({"statuses": ["completed"]}, "Placed", "", False),
        ({"statuses": ["open", "completed"]}, "Completed", "", True),
        ({"statuses": ["placed"]}, "Deleted", "", False),
        ({"custom_statuses": ["Ready to pick"]}, "Parked", "ready  to pick", True),
        ({"custom_statuses": ["Ready to pick"]}, "Placed", "", False),
        ({"custom_statuses": ["Ready to pick"]}, "Parked", "Hold", False),
        ({"custom_statuses": ["Ready"], "statuses": ["placed"]}, "Placed", "", False),
        ({"custom_statuses": ["Ready"]}, "Completed", "Ready", False),
        ({"custom_statuses": ["Ready"]}, "Deleted", "Ready", False),
    ],
)
def test_statuses_and_custom_statuses(
    settings: dict[str, Any], status: str, custom: str, wanted: bool
) -> None:
    made = order(status=status, custom_status=custom)
    assert is_wanted(made, OrderImport(**settings)) is wanted
    assert isinstance(judged(made, **settings), ImportOrder) is wanted


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "Deleted"}, "deleted"),
        ({"status": "Parked"}, "status"),
        ({"warehouse_code": "SHOP"}, "elsewhere"),
        ({"source_id": f"{OUR_SOURCE}778812"}, "ours"),
        ({"lines": (line(is_charge=True, sku="FREIGHT"),)}, "no_goods"),
        ({"lines": (line(quantity="0"),)}, "no_goods"),
    ],
)
def test_what_is_none_of_the_warehouses(changes: dict[str, Any], code: str) -> None:
    assert judged(order(**changes)) == LeaveOrder(code)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"warehouse_code": "NORTH"}, "NORTH is odd"),
        ({"warehouse_code": "EAST"}, "warehouse EAST is not mapped"),
        ({"warehouse_code": ""}, "names no warehouse"),
        ({"lines": (line(), line(2, "TEA", "1.5"))}, "line 2 orders 1.5 of TEA"),
        ({"lines": (line(quantity="-1"),)}, "line 1 has the quantity -1"),
        ({"lines": (line(quantity="NaN"),)}, "line 1 has the quantity NaN"),
        ({"lines": (line(quantity="3000000000"),)}, "has the quantity 3000000000"),
        ({"lines": (line(sku=" "),)}, "line 1 has no product code"),
        ({"lines": (line(unit_price=Decimal(-1)),)}, "has the price -1"),
        ({"lines": (line(unit_price=Decimal("1e30")),)}, "has the price 1E+30"),
        ({"recipient": Recipient(country="")}, "names no country"),
        ({"currency": "pounds"}, "is not a currency's code"),
        ({"number": "SO+1"}, "holds +"),
        ({"number": " "}, "its number is empty"),
        ({"number": "S" * 51}, "more than 50 characters"),
        (
            {"lines": tuple(line(n, quantity="0.5") for n in range(1, 8))},
            "line 3 orders 0.5 of MUG; the warehouse sends whole units only, and 4 more",
        ),
    ],
)
def test_what_a_person_has_to_see_to(changes: dict[str, Any], said: str) -> None:
    found = asked(order(**changes))
    assert said in found.why
    assert found.stops_warehouse is ("warehouse_code" in changes)


def test_a_number_that_only_its_prefix_makes_too_long_is_told() -> None:
    assert "with its prefix" in asked(order(number="S" * 46), number_prefix="UNL-X").why
    assert imported(order(number="S" * 46), number_prefix="UNL-").number == "UNL-" + "S" * 46


def test_whole_quantities_may_be_written_as_decimals() -> None:
    assert imported(order(line(quantity="2.0000"))).units() == {"MUG": 2}


def test_the_default_country_is_for_orders_without_one() -> None:
    assert imported(order(recipient=Recipient(country=" ")), default_country="GB").country == "GB"
    assert imported(order(), default_country="IE").country == "United Kingdom"


def test_charges_hold_no_goods_and_may_be_named() -> None:
    freight = line(2, "", "1.5", is_charge=True, description="Freight")
    assert imported(order(line(), freight)).charges == ()
    found = imported(order(line(), freight), charges="comment")
    assert (found.charges, found.units()) == (("Freight",), {"MUG": 2})


def test_lines_of_one_sku_are_one_line_at_their_average_price() -> None:
    found = imported(
        order(
            line(1, "MUG", "1", unit_price=Decimal(1)),
            line(2, "TEA"),
            line(3, " MUG", "2", unit_price=Decimal("2.005")),
        )
    )
    assert found.lines == (OrderLine("MUG", 3, 167), OrderLine("TEA", 2, 750))


def test_a_price_that_one_line_lacks_is_not_made_up() -> None:
    found = imported(order(line(1), line(2, unit_price=None)))
    assert found.lines == (OrderLine("MUG", 4, None),)


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("amazon", "Amazon"),
        ("AMAZON:123-4", "Amazon"),
        ("amazonas", "ERP"),
        ("amazon-us-9", "Amazon US"),
        ("shop#77", "Web"),
        ("", "ERP"),
        ("ebay", "ERP"),
    ],
)
def test_the_channel_of_a_source(source: str, channel: str) -> None:
    channels = {"Amazon": "Amazon", "amazon-us": "Amazon US", "shop#": "Web"}
    settings = OrderImport(channel="ERP", channel_by_source=True, channels=channels)
    assert channel_of(source, settings) == channel
    off = OrderImport(channel="ERP", channels=channels)
    assert channel_of(source, off) == "ERP"
    assert channel_of(source, OrderImport()) == ""


def test_the_courier_of_a_delivery_method() -> None:
    settings = OrderImport(couriers={"Next  Day": "RM24"}, courier_default="RM48")
    assert courier_of(" next day", settings) == "RM24"
    assert courier_of("Pallet", settings) == "RM48"
    assert courier_of("", OrderImport()) == "AUTO"


@pytest.mark.parametrize(
    ("status", "code"), [("Parked", "status"), ("Dispatched", "status"), ("Deleted", "deleted")]
)
def test_only_placed_shipments_are_imported_by_default(status: str, code: str) -> None:
    shipment = order(number="SS-1", status=status)
    given_ = (OrderImport(number_prefix="U-"), ShipmentImport(), PLACES, 50)
    assert judge_shipment(shipment, *given_) == LeaveOrder(code)
    found = judge_shipment(replace(shipment, status="placed"), *given_)
    assert isinstance(found, ImportOrder)
    assert found.number == "U-SS-1"
    ours = replace(shipment, status="placed", source_id=f"{OUR_SOURCE}1")
    assert judge_shipment(ours, *given_) == LeaveOrder("ours")


def test_statuses_are_compared_without_their_case() -> None:
    assert is_status("COMPLETE", "completed")
    assert is_status(" Back  Ordered", "back ordered")
    assert not is_status("Placed", "parked")


QUANTITIES = st.one_of(
    st.integers(0, 50).map(Decimal), st.decimals(-3, 50, places=1, allow_nan=False)
)
LINES = st.lists(
    st.builds(
        SalesLine,
        st.integers(1, 99),
        st.sampled_from(["MUG", "TEA", "CUP "]),
        QUANTITIES,
        st.one_of(st.none(), st.decimals(0, 100, places=4, allow_nan=False)),
        is_charge=st.booleans(),
    ),
    max_size=6,
)


@given(LINES)
def test_what_is_imported_holds_exactly_the_goods_ordered(lines: list[SalesLine]) -> None:
    """Never a unit more or less, and never a part of an order with a line that cannot be sent."""
    found = judged(order(lines=tuple(lines)))
    goods = [one for one in lines if not one.is_charge]
    sound = all(one.quantity >= 0 and one.quantity % 1 == 0 for one in goods)
    total: dict[str, int] = {}
    for one in goods:
        if sound and one.quantity:
            total[one.sku.strip()] = total.get(one.sku.strip(), 0) + int(one.quantity)
    if isinstance(found, ImportOrder):
        assert found.units() == total
        assert len(found.units()) == len(found.lines)
        for made in found.lines:
            prices = [o.unit_price for o in goods if o.sku.strip() == made.sku and o.quantity]
            if made.unit_price_minor is not None:
                known = [price for price in prices if price is not None]
                assert min(known) * 100 - 1 < made.unit_price_minor < max(known) * 100 + 1
    else:
        assert isinstance(found, AskAboutOrder if not sound else LeaveOrder)
