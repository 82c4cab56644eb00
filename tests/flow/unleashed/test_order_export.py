"""Orders of the warehouse become sales orders, once each, and are completed when they were sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.unleashed.hands import SalesHands
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.export_worlds import BLUE, FLOW, JEANS, TEE, ExportBench
from tests.support.order_worlds import draft

GOODS: dict[str, tuple[int, float | None]] = {TEE: (2, 24.0), JEANS: (1, 96.0)}


def test_an_order_that_was_sent_becomes_a_completed_sales_order_once() -> None:
    it = ExportBench()
    order_id = it.sent("WEB-1", GOODS)

    assert it.export() == {"completed": 1}
    assert it.export() in ({}, {"known": 1})
    (order,) = it.exported()
    assert order["OrderStatus"] == "Completed"
    assert order["Customer"]["CustomerCode"] == "WEBSHOP"
    assert order["CustomerRef"] == "WEB-1"
    assert order["SourceId"] == "returns-hub:WEB-1"
    assert order["Warehouse"]["WarehouseCode"] == "MAIN"
    assert (order["DeliveryName"], order["DeliveryCity"]) == ("Patricia Sample", "Leeds")
    assert order["DeliveryCountry"] == "United Kingdom"
    assert (order["SubTotal"], order["TaxTotal"], order["Total"]) == (120.0, 24.0, 144.0)
    assert it.account.on_hand(TEE) == 38
    assert it.account.on_hand(JEANS) == 5
    assert it.state_of(FLOW, str(order_id)).partner_id("order") == order["Guid"]


def test_net_prices_have_the_tax_on_top() -> None:
    it = ExportBench({"prices": "net"})
    it.sent("WEB-1", {TEE: (3, 19.99)})
    it.export()

    (order,) = it.exported()
    assert (order["SubTotal"], order["TaxTotal"], order["Total"]) == (59.97, 11.99, 71.96)


def test_carriage_is_a_charge_line_or_a_product() -> None:
    it = ExportBench({"carriage_description": "Delivery"})
    it.sent("WEB-1", {TEE: (1, 24.0)}, ShippingTotalExVat=4.5)
    it.export()
    it.set("order_export", carriage_product="CARRIAGE")
    it.sent("WEB-2", {TEE: (1, 24.0)}, ShippingTotalExVat=4.5)
    it.export()

    first, second = it.exported()
    charge, line = first["SalesOrderLines"][1], second["SalesOrderLines"][1]
    assert (charge["LineType"], charge["Comments"], charge["LineTotal"]) == (
        "Charge",
        "Delivery",
        4.5,
    )
    assert (line["LineType"], line["Product"]["ProductCode"]) == (None, "CARRIAGE")
    assert (first["Total"], second["Total"]) == (29.4, 29.4)


def test_an_order_that_is_not_sent_yet_is_placed_and_completed_later() -> None:
    it = ExportBench({"statuses": ["NEW", "DESPATCHED"]})
    order_id = it.sell("WEB-1", GOODS)
    assert it.export() == {"exported": 1}
    assert it.goods() == [("Placed", {TEE: 2, JEANS: 1})]
    assert it.account.on_hand(TEE) == 40

    it.move(order_id, OrderStage.IN_WORK)
    assert it.export() == {"exported": 1}
    it.despatch(order_id)
    assert it.export() == {"completed": 1}
    assert it.goods() == [("Completed", {TEE: 2, JEANS: 1})]
    assert it.account.on_hand(TEE) == 38


def test_with_order_management_a_shipment_is_dispatched_first() -> None:
    it = ExportBench(management=True)
    order_id = it.sent("WEB-1", GOODS)

    assert it.export() == {"completed": 1}
    (shipment,) = it.account.items("/SalesShipments?pageSize=200")
    assert shipment["ShipmentStatus"] == "Dispatched"
    assert shipment["TrackingNumber"] == f"JD{order_id}"
    assert it.goods() == [("Completed", {TEE: 2, JEANS: 1})]
    assert it.account.on_hand(TEE) == 38


@pytest.mark.parametrize("management", [False, True])
def test_nothing_comes_back(management: bool) -> None:
    it = ExportBench({"channels": ["Web shop"]}, management=management, orders={"channel": "ERP"})
    it.mintsoft.seed({"channels": {"9": "ERP"}})
    it.set("orders", statuses=["open", "completed"])
    it.set("despatches")
    it.sent("WEB-1", GOODS)
    for _ in range(3):
        it.run_live_flows()

    assert len(it.journal("create-order")) == 1
    assert it.goods() == [("Completed", {TEE: 2, JEANS: 1})]
    assert len(it.account.items("/SalesShipments?pageSize=200")) == 1
    assert it.parked() == []


def test_orders_that_the_hub_made_for_unleashed_are_left() -> None:
    it = ExportBench({"channels": ["Web shop"]}, orders={"channel": "ERP"})
    it.mintsoft.seed({"channels": {"9": "ERP"}})
    it.set("orders")
    SalesHands(it.desk_there).place_order("BOUTIQUE", {TEE: 1})
    it.run_live_flows()
    (order,) = it.mintsoft.orders.values()
    # Somebody puts it into a channel that is exported.
    order.header["ChannelId"] = 5
    it.despatch(order.id)
    it.export()
    assert len(it.exported()) == 1

    # And empties what the hub knows its own orders by.
    order.external_reference = ""
    order.updated_at = it.clock.now()
    assert it.export() == {"skipped": 1}
    assert len(it.exported()) == 1


def test_only_the_channels_and_statuses_that_are_named_cost_anything() -> None:
    it = ExportBench({"channels": ["web SHOP"]})
    it.sent("WEB-1", GOODS)
    it.sent("MKT-1", GOODS, Channel="Market")
    it.sell("WEB-2", GOODS)

    assert it.export() == {"completed": 1}
    assert [row["CustomerRef"] for row in it.exported()] == ["WEB-1"]


def test_the_customer_of_a_channel_is_the_one_with_its_name() -> None:
    it = ExportBench({"customer": None, "customer_by_channel": True})
    it.sent("WEB-1", GOODS)
    it.sent("MKT-1", GOODS, Channel="Market")

    it.export()
    assert [row["Customer"]["CustomerCode"] for row in it.exported()] == ["WEBSHOP"]
    assert it.parked() == ["unleashed.no_customer"]
    assert "Market" in it.reasons()[0]


def test_a_currency_that_is_not_the_customers_is_a_persons_question() -> None:
    it = ExportBench()
    it.sent("WEB-1", GOODS, Currency="DKK")
    assert it.export() == {"parked": 1}
    assert it.parked() == ["unleashed.export_currency"]
    assert it.written_there() == []

    it.set("order_export", customer="WEBSHOP-DK")
    next(iter(it.desk_there.company.all("Currencies").values()))
    for row in it.desk_there.company.all("Currencies").values():
        row["DefaultSellRate"] = Decimal("8.7") if row["CurrencyCode"] == "DKK" else None
    it.replay()
    assert it.export() == {"completed": 1}
    (order,) = it.exported()
    assert (order["Currency"]["CurrencyCode"], order["ExchangeRate"]) == ("DKK", 8.7)


def test_without_an_exchange_rate_orders_wait() -> None:
    it = ExportBench()
    it.file["unleashed"]["base_currency"] = "EUR"
    it.version += 1
    it.sent("WEB-1", GOODS)

    assert it.export() == {"later": 1}
    assert it.parked() == []
    it.file["unleashed"]["base_currency"] = "GBP"
    it.version += 1
    assert it.export() == {"completed": 1}


def test_a_tax_that_is_not_there_stops_all_and_parks_none() -> None:
    it = ExportBench({"tax_code": "VAT20"})
    it.sent("WEB-1", GOODS)
    assert it.export() == {"later": 1}
    assert it.parked() == []
    assert it.written_there() == []


@pytest.mark.parametrize(
    ("goods", "fields", "code", "mends"),
    [
        ({TEE: (1, None)}, {}, "unleashed.export_no_price", {"missing_prices": "zero"}),
        (
            {TEE: (1, 10.0)},
            {"DiscountTotalExVat": 1.0},
            "unleashed.export_discount",
            {"discounts": "leave_out"},
        ),
    ],
)
def test_what_is_not_known_of_prices_is_asked_or_a_setting(
    goods: Any, fields: dict[str, Any], code: str, mends: dict[str, str]
) -> None:
    it = ExportBench()
    it.sent("WEB-1", goods, **fields)
    assert it.export() == {"parked": 1}
    assert it.parked() == [code]

    it.set("order_export", **mends)
    it.replay()
    assert it.export() == {"completed": 1}


def test_orders_from_before_are_the_other_connectors() -> None:
    it = ExportBench({"since": "2026-03-02T09:10:00Z"})
    it.sent("OLD-1", GOODS)
    it.clock.advance(minutes=15)
    it.sent("WEB-1", GOODS)

    assert it.export() == {"skipped": 1, "completed": 1}
    assert [row["CustomerRef"] for row in it.exported()] == ["WEB-1"]


def test_the_first_run_reads_back_to_since() -> None:
    it = ExportBench({"since": "2026-03-02T08:00:00Z", "first_look_back_hours": 1})
    it.sent("WEB-1", GOODS)
    assert it.export(days=5) == {"completed": 1}


@pytest.mark.parametrize(
    ("mode", "goods"),
    [("components", {TEE: 4, BLUE: 2}), ("bundle", {"SOCK-3PK": 2})],
)
@pytest.mark.parametrize("shown", [False, True])
def test_a_bundle_is_told_as_itself_or_as_its_components_and_never_as_both(
    mode: str, goods: dict[str, int], shown: bool
) -> None:
    it = ExportBench({"bundles": mode, "statuses": ["NEW", "ONBACKORDER"]})
    it.bundle("SOCK-3PK", {TEE: 2, BLUE: 1})
    sold: dict[str, tuple[int, float | None]] = {"SOCK-3PK": (2, 36.0)}
    if shown:
        sold |= {TEE: (4, None), BLUE: (2, 0.0)}
    it.sell("WEB-1", sold)

    assert it.export() == {"exported": 1}
    assert it.goods() == [("Placed", goods)]
    (order,) = it.exported()
    assert order["Total"] == 72.0


def test_an_accounting_journal_in_place_of_an_invoice() -> None:
    it = ExportBench({"journal_only": True})
    it.sent("WEB-1", GOODS)
    it.export()

    (order,) = it.exported()
    assert order["SendAccountingJournalOnly"] is True
    assert any("sendAccountingJournalOnly=true" in a.target for a in it.to_unleashed.requests)


def test_in_shadow_everything_is_planned_and_nothing_written() -> None:
    it = ExportBench({"mode": "shadow"})
    it.sent("WEB-1", GOODS)
    assert it.export() == {"shadow": 1}
    assert it.written_there() == []
    (plan,) = it.plan("order_export")
    assert plan is not None


def test_the_plan_names_what_would_be_written() -> None:
    it = ExportBench()
    it.sent("WEB-1", GOODS)
    (plan,) = it.plan("order_export")
    assert "2 TEE-RED-M" in str(plan)
    assert it.written_there() == []


def test_another_warehouse_is_left_and_a_stopped_one_waits() -> None:
    it = ExportBench(warehouses={"MAIN": 3})
    it.sent("WEB-1", {TEE: (1, 24.0)}, WarehouseId=4)
    assert it.export() == {"skipped": 1}
    it.sent("WEB-2", {TEE: (1, 24.0)})
    it.account.desk.company.coded("Warehouses", "MAIN")["Obsolete"] = True
    assert it.export() == {"later": 1}
    it.account.desk.company.coded("Warehouses", "MAIN")["Obsolete"] = False
    assert it.export() == {"completed": 1}


def test_orders_of_other_flows_of_the_hub_are_exported_as_any() -> None:
    """Those that came from the marketplace: Unleashed has to know that their goods left."""
    it = ExportBench()
    body = draft("MI-1", (TEE, 1), currency="GBP")
    made = it.orders.create_order(body, datetime(2027, 1, 1, tzinfo=UTC)).order_id
    it.despatch(made)
    assert it.export() == {"completed": 1}
