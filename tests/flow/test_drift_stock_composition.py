"""Stock is compared by the function's own composition, under the policy that the template gives."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.drift_runs import DriftRuns
from returns_hub.errors import Retryable
from returns_hub.flows.drift.drift_world import DriftWorld
from tests.support.drift_stock import MIINTO, differences_of
from tests.support.erp_hub import ErpHub
from tests.support.market_partners import DK

LIVE = {"mode": "live"}
BOTH_WAYS = {"asns": True, "orders": True}
FLOWS: dict[str, Any] = {
    "stock": {"mode": "shadow"},
    "despatches": LIVE,
    "purchase_orders": LIVE,
    "receipts": LIVE,
    "transfers": LIVE | {"asns_at_destination": True, "orders_at_source": True},
    "assemblies": LIVE | BOTH_WAYS,
}


@pytest.fixture
def it() -> ErpHub:
    made = ErpHub(function="DriftReportFunction", order_management="off", orders={"channel": "ERP"})
    tables = {"feed_table": "FeedTable", "findings_table": "FindingsTable"}
    tables |= {"market_table": "MarketTable"}
    made.hub.settings = made.hub.settings.model_copy(update=tables)
    return made


def world_of(it: ErpHub) -> DriftWorld:
    it.calls.clear()
    return DriftRuns(it.hub).world("example")


def test_a_look_asks_what_the_policy_lets_it_ask(it: ErpHub) -> None:
    it.apply(**FLOWS)

    found = {(one.kind, one.subject) for one in differences_of(world_of(it))}

    # What the sample's Unleashed has and its Mintsoft has not.
    assert found == {
        ("stock.mintsoft_missing", "MUG-RED @ MAIN"),
        ("stock.mintsoft_missing", "TEE-RED-M @ 3PL"),
    }
    assert set(it.calls) <= {"get_item", "query", "batch_get_item", "update_item"}
    assert it.bench.written_there() == []


def test_what_was_told_and_promised_may_be_read(it: ErpHub) -> None:
    it.bench.file["miinto"] = MIINTO
    it.apply(**FLOWS)
    market = world_of(it).market
    assert market is not None
    assert market.market.promised("example") == {}
    assert market.market.told_stock("example", DK) == {}


def test_a_look_has_the_calls_of_a_run_for_each_warehouse(it: ErpHub) -> None:
    it.apply(**FLOWS, calls_per_run=10)
    erp = world_of(it).erp
    assert erp is not None
    for _ in range(20):
        erp.erp.warehouses.warehouses()
    with pytest.raises(Retryable) as ended:
        erp.erp.warehouses.warehouses()
    assert ended.value.code == "unleashed.run_limit"
