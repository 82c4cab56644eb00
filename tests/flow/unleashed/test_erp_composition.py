"""The real sources as the functions compose them: policies, classes of calls, clients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.unleashed.dry import plan_flow
from returns_hub.flows.unleashed.sources import SOURCES
from tests.support.erp_hub import ErpHub
from tests.support.erp_worlds import ErpBench
from tests.support.faked_flows import THREE, FakedFlows


def test_sources_are_made_without_asking_anybody() -> None:
    bench = ErpBench()
    for flow in SOURCES:
        made = SOURCES[flow](bench.erp_world(flow))
        assert made, flow
        assert {source.name.split(".")[0] for source in made} == {"unleashed"}
    assert bench.to_unleashed.requests == []
    assert bench.to_mintsoft.requests == []
    assert set(SOURCES) <= set(FLOW_NAMES)


NEEDS: dict[str, dict[str, Any]] = {
    "stock": {"adjustment_means": "delta"},
    "transfers": {"asns_at_destination": True, "orders_at_source": True},
    "assemblies": {"asns": True, "orders": True},
    "order_export": {
        "customer": "WEBSHOP",
        "tax_code": "V.A.T.",
        "prices": "gross",
        "channels": ["Web"],
    },
}


def live(flow: str) -> dict[str, Any]:
    return {flow: {"mode": "live", **NEEDS.get(flow, {})}}


OF_THE_FILE = {"unleashed.stock_unproven"}
"""Why a flow rightly does nothing here."""


def test_every_flow_runs_under_the_functions_policy_and_nothing_in_it_is_a_fault() -> None:
    for flow in SOURCES:
        it = ErpHub(order_management="off", orders={"channel": "ERP"})
        it.apply(**live(flow))

        done = it.tick()

        codes = {fields["code"] for said, fields in it.telemetry.lines if said == "run failed"}
        assert codes <= OF_THE_FILE, flow
        assert set(done["example"]) == {flow}
        assert it.deliver({"merchant": "example", "flow": flow})["failed"] == [], flow
        assert it.telemetry.total("Faults") == 0, flow


def test_every_flow_is_planned_by_reads_alone() -> None:
    for flow in SOURCES:
        it = ErpHub(order_management="off", orders={"channel": "ERP"})
        it.apply(**live(flow))
        world = it.hub.reading_only().erp.world("example", flow)

        plans = plan_flow(flow, world, limit=20)

        assert set(plans) == {source.name for source in SOURCES[flow](world)}
        # A lookup that was made may be kept; nothing else is.
        written = [call for call in it.calls if call in {"put_item", "transact_write_items"}]
        assert written == [], flow
        assert it.bench.written_there() == [], flow


def test_calls_are_counted_by_class_and_end_with_the_run(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE, calls_per_run=10)
    hub = fakes.it.hub
    world = hub.erp.world("example", "products")
    for _ in range(10):
        world.erp.warehouses.warehouses()
    with pytest.raises(Retryable) as ended:
        world.erp.warehouses.warehouses()
    assert ended.value.code == "unleashed.run_limit"
    hub.erp.world("example", "despatches").erp.warehouses.warehouses()
    hub.erp.world("example", "orders").erp.warehouses.warehouses()
    hub.erp.by_hand("example").erp.warehouses.warehouses()

    usage = hub.erp.account(hub.merchants.live("example")).client.meter.usage()

    # In blocks of 25.
    assert (usage.bulk, usage.urgent, usage.regular) == (25, 25, 25)


def test_a_client_is_kept_until_the_file_changes(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    erp, merchants = fakes.it.hub.erp, fakes.it.hub.merchants
    first = erp.account(merchants.live("example")).client
    assert erp.account(merchants.live("example")).client is first

    fakes.it.apply(**THREE, client_type="example/other")
    assert erp.account(merchants.live("example")).client is not first


def test_partners_that_are_only_read_refuse_every_write(fakes: FakedFlows) -> None:
    fakes.it.apply(**THREE)
    now = fakes.it.bench.clock.now() + timedelta(seconds=60)
    world = fakes.it.hub.reading_only().erp.world("example", "orders")
    asked = len(fakes.it.bench.to_mintsoft.requests)

    assert world.erp.warehouses.warehouses()
    reading, live = fakes.it.hub.reading_only(), fakes.it.hub.merchants.live("example")
    mintsoft = reading.mintsoft_http(live.merchant)
    with pytest.raises(Permanent, match="nothing is written"):
        mintsoft.request("GET", "/api/Order/1/Cancel", template="/api/Order/{id}/Cancel")
    mintsoft.request("POST", "/api/Auth", template="/api/Auth", json_body={})
    client = reading.erp.account(live).client
    with pytest.raises(Permanent, match="nothing is written"):
        client.write("POST", "/SalesOrders/x", template="/SalesOrders/{id}", send_by=now)
    sent = [asked.path for asked in fakes.it.bench.to_mintsoft.requests[asked:]]
    assert sent == ["/api/Auth"]
    assert fakes.it.bench.written_there() == []
