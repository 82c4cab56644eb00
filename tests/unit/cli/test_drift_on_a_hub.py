"""hub drift look through the real composition: every comparison that a file calls for is made, and
no partner is written to."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.drift_runs import DriftRuns
from tests.simulation.permissions import AccessDenied, watched
from tests.support.erp_worlds import unleashed_block
from tests.support.market_partners import DK
from tests.support.worlds import TOKEN, item, merchant_file, redo_return
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

MET_ELSEWHERE = {
    # Nothing was fed, no marketplace has an order, and no return was dealt with here:
    # tests/flow/test_drift_stock_composition.py, and the same reads by other functions.
    ("dynamodb:BatchWriteItem", "CatalogueTable.Arn"),
    ("dynamodb:GetItem", "ReturnsTable.Arn"),
    ("dynamodb:GetItem", "SyncTable.Arn"),
    ("dynamodb:Query", "MarketTable.Arn"),
}
REDO = "http://127.0.0.1:1"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    """A merchant with Redo, Mintsoft and Unleashed, all flows of Unleashed off."""
    made.secrets.write("example", "redo", {"api_token": TOKEN})
    found = World(made, partners)
    partners.cores[REDO] = found.bench.redo
    found.apply_file(merchant_file(unleashed=unleashed_block(orders={"mode": "live"})))
    return found


def looked(command: Command, *more: str) -> dict[str, Any]:
    done = command("drift", "look", "example", "--all", "--json", *more)
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_a_look_is_made_to_its_end_and_writes_to_no_partner(world: World, command: Command) -> None:
    bench = world.bench
    before = bench.clock.now() - timedelta(hours=2)
    told = {"createdAt": before.isoformat(), "updatedAt": before.isoformat()}
    bench.put(redo_return([item(1, "TEE", 2)], **told))
    content = looked(command)
    assert content["not_compared"] == {}
    assert {"returns.units_differ", "orders.on_hold", "lint.sku_blank"} <= set(content["compared"])
    kinds = [row["kind"] for row in content["findings"] if row["area"] == "returns"]
    assert kinds == ["returns.no_external_return"]
    assert bench.journal("create-order") == []
    assert bench.external_returns() == []
    assert bench.written_there() == []


def test_a_partner_that_is_away_fails_its_own_comparisons_alone(
    world: World, command: Command, partners: Partners
) -> None:
    del partners.cores[REDO]
    content = looked(command)
    assert "returns.portal" in content["not_compared"]
    assert "orders.on_hold" in content["compared"]
    assert "returns.no_external_return" not in content["compared"]


def test_the_functions_policy_lets_a_look_do_all_of_this_and_no_more(
    world: World, made: Hub
) -> None:
    """Every request to DynamoDB that a tick makes is held against template.yaml."""
    live = {"mode": "live"}
    flows = ("despatches", "credit_notes", "receipts", "purchase_orders")
    stock = live | {"adjustment_means": "delta"}
    erp = unleashed_block(orders=live, stock=stock, **dict.fromkeys(flows, live))
    miinto = {
        "shops": [{"id": DK, "warehouse": 3}],
        "orders": live,
        "tracking": live,
        "stock": live,
        "refunds": live | {"to": "queue"},
        "rma": {"announce": live, "decide": live},
    }
    target = {"name": "shop", "url": "https://shop.example.test", "secret": "shop"}
    relay = {"mode": "live", "targets": [target]}
    places = [{"id": "WH-1", "warehouses": [3]}]
    wair = {"sink": "file_csv", "locations": places, "data_sets": {"stock": live}}
    file = merchant_file(unleashed=erp, miinto=miinto, despatch_relay=relay, wair=wair)
    world.apply_file(file)
    policy = watched("DriftReportFunction", made.settings.secret_prefix)
    asked: set[str] = set()
    denied: set[str] = set()

    def hold(params: dict[str, Any], model: Any, **_: Any) -> None:
        call = re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()
        asked.add(f"{call} {params.get('TableName', '')} {params.get('IndexName', '')}".strip())
        try:
            policy.require_table(call, params)
        except AccessDenied as error:
            denied.add(str(error))

    made.dynamodb.meta.events.register("provide-client-params.dynamodb.*", hold)
    with policy.at_work():
        done = DriftRuns(made).tick()
    assert denied == set()
    assert "put_item FindingsTable" in asked
    assert "query ReturnsTable due-returns" in asked
    assert "query MarketTable market-in-work" in asked
    assert "query SyncTable sync-in-work" in asked
    assert not any(call.startswith("scan") for call in asked)
    assert "failed" not in done["example"]
    tables = {(action, what) for action, what in policy.unused() if action.startswith("dynamodb:")}
    assert tables == MET_ELSEWHERE
