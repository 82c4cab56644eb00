"""Changes told of orders that the hub itself made, and of orders that it exported: no flow fights
another, and promised or untold goods stay right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.flows.relay.change_order import receive_order_change
from returns_hub.flows.relay.order_change_source import OrderChangeWorld
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.erp_orders import BLUE, TEE, OrdersBench
from tests.support.erp_worlds import ErpBench
from tests.support.export_worlds import ExportBench
from tests.support.market import promised_in_all
from tests.support.market_partners import MarketBench
from tests.support.sync import FakeSyncStore


def message(bench: Any, number: str, kind: str = "cancelled") -> str:
    content = {
        "schema": "order-change/1",
        "merchant": "example",
        "id": f"ch-{number}",
        "order": number,
        "kind": kind,
        "occurred_at": bench.clock.now().isoformat(),
        "source": "shop",
    }
    return json.dumps(content)


def tell(bench: Any, world: OrderChangeWorld, number: str, kind: str = "cancelled") -> str:
    return receive_order_change(message(bench, number, kind), world.sync.stores, lambda _: world)


def of_market(bench: MarketBench) -> OrderChangeWorld:
    bench.file["order_changes"] = {"mode": "live"}
    records = FakeSyncStore(bench.clock)
    return OrderChangeWorld(SyncWorld(bench.world().world, records), bench.warehouse)


def of_erp(bench: ErpBench) -> OrderChangeWorld:
    bench.file["order_changes"] = {"mode": "live"}
    return OrderChangeWorld(SyncWorld(bench.world(), bench.records), bench.orders)


def untold(bench: ErpBench) -> list[Any]:
    return [part(bench.erp_world("stock")) for part in UNTOLD]


@pytest.mark.parametrize("kind", ["cancelled", "edited"])
def test_an_order_of_miinto_stays_as_promised(kind: str) -> None:
    bench = MarketBench(orders={"mode": "live"})
    made_id = bench.made()
    number = bench.warehouse.kept[made_id].order.number
    before = promised_in_all(bench.market, "example"), bench.warehouse.stock_levels(3)
    assert tell(bench, of_market(bench), number, kind) == "parked"
    assert bench.parked() == ["order_change.hub_made"]
    assert "Miinto" in bench.reasons()
    kept = bench.warehouse.kept[made_id]
    assert (kept.order.stage.value, kept.comments) == ("new", [])
    assert (promised_in_all(bench.market, "example"), bench.warehouse.stock_levels(3)) == before
    bench.sync()
    assert len(bench.warehouse.kept) == 1


@pytest.mark.parametrize("kind", ["cancelled", "edited"])
def test_an_order_of_unleashed_is_changed_there(kind: str) -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 2, BLUE: 1})
    bench.run("orders")
    before = untold(bench)
    assert tell(bench, of_erp(bench), number, kind) == "parked"
    assert bench.parked() == ["order_change.hub_made"]
    assert "Unleashed" in bench.reasons()[0]
    assert bench.journal("cancel-order") == bench.journal("order-comment") == []
    assert untold(bench) == before
    bench.run("orders")
    assert bench.units(number) == {TEE: 2, BLUE: 1}


def test_an_exported_order_is_cancelled_and_its_export_asks_about_unleashed() -> None:
    bench = ExportBench({"statuses": ["NEW", "DESPATCHED"]})
    order = bench.sell("1001", {TEE: (2, 19.9)})
    bench.export()
    before = bench.orders.stock_levels(3)[TEE]
    assert tell(bench, of_erp(bench), "1001") == "cancelled"
    after = bench.orders.stock_levels(3)[TEE]
    assert (after.level or 0) - (before.level or 0) == 2
    assert after.total == before.total
    assert [entry["id"] for entry in bench.journal("cancel-order")] == [order]
    assert bench.goods() == [("Placed", {TEE: 2})]
    bench.export()
    assert bench.parked() == ["unleashed.export_cancelled"]
