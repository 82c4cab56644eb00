"""A recommendation's id travels from an order's source into the order that the hub makes."""

from __future__ import annotations

from typing import Any

from tests.support.erp_orders import OrdersBench
from tests.support.market_partners import MarketBench, market_order, position
from tests.support.shipment_worlds import ShipmentBench

WAIR: dict[str, Any] = {
    "base_url": "http://127.0.0.1:5/api/v1",
    "tenant": "acme",
    "locations": [{"id": "WH-1", "warehouses": [3]}],
    "order_context": [{"name": "WairRecommendation", "pattern": r"wair:([a-z0-9-]+)"}],
}
SAID = "For Robin, robin@example.test. wair:rec-7"


def pairs(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["Name"]: row["Value"] for row in rows}


def test_W8_it_travels_from_a_sales_order_and_an_edit_of_it_is_none() -> None:
    bench = OrdersBench()
    bench.file["wair"] = WAIR
    guid, number = bench.place(fields={"Comments": SAID})

    assert bench.run("orders") == {"imported": 1}
    carried = pairs(bench.got(number).name_values)
    assert carried["WairRecommendation"] == "rec-7"
    assert not any("Robin" in value for value in carried.values())

    bench.file["wair"] = WAIR | {"order_context": []}
    bench.version += 1
    before = bench.records.load("example", "unleashed.orders", guid)
    assert bench.run("orders", hours=1) == {}
    assert bench.records.load("example", "unleashed.orders", guid) == before


def test_W8_it_travels_from_a_shipments_order() -> None:
    bench = ShipmentBench()
    bench.file["wair"] = WAIR
    order = bench.order({"TEE-RED-M": 3}, Comments=SAID)
    bench.ship(order, {"TEE-RED-M": 2})

    assert bench.run("shipments") == {"imported": 1}
    (there,) = bench.mintsoft.orders.values()
    assert pairs(there.name_values)["WairRecommendation"] == "rec-7"


def test_W8_it_travels_from_an_order_of_miinto() -> None:
    bench = MarketBench()
    bench.file["wair"] = WAIR
    named = position(71, "TEE")
    item = named.item.model_copy(update={"name": "Tee (wair:rec-9)"})
    bench.marketplace.put(market_order(1, named.model_copy(update={"item": item})))

    assert bench.sync() == {"seen": 1, "made": 1}
    (draft,) = bench.drafts()
    assert dict(draft.name_values)["WairRecommendation"] == "rec-9"
