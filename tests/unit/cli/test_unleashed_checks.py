"""hub check of a merchant with Unleashed, against its simulator: found by reads alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.checks.model import Result
from cli.merchant_advice import warnings_of
from local.simulators.unleashed.sample import API_ID, API_KEY
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.budget import CallClass, month_of
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.flows.unleashed.sources import SOURCES
from tests.support.erp_hub import sources_of
from tests.support.erp_worlds import unleashed_block
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

NO_FLOW = "this release does not have this flow"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    return World(made, partners)


def test_everything_that_is_as_it_should_be_is_told(world: World) -> None:
    world.apply(orders={"mode": "shadow"})
    found = world.look()

    for name in ("flows", "key", "warehouse MAIN", "warehouse 3PL", "calls of the month"):
        assert found[name].result is Result.OK, found[name]
    assert found["key"].details["warehouses"] == ["3PL", "MAIN"]
    assert found["calls of the month"].details["used"] == 25
    assert found["Order Management"].result is Result.OK
    assert found["ASN statuses"].result is Result.OK
    assert found["order statuses"].result is Result.OK
    assert "stock of warehouse 3" in found
    assert world.bench.written_there() == []


def test_a_merchant_without_unleashed_is_not_looked_at(world: World, command: Command) -> None:
    world.apply_file(merchant_file())
    rows = json.loads(command("check", "example", "--area", "unleashed", "--json").stdout)
    assert rows["checks"] == []


def test_a_refused_key_fails_once_and_is_not_tried_again(world: World) -> None:
    world.apply(orders={"mode": "shadow"})
    world.made.secrets.write("example", "unleashed", {"api_id": API_ID, "api_key": f"x{API_KEY}"})
    found = world.look()

    assert found["key"].result is Result.FAILED
    assert "api_id or api_key is wrong" in found["key"].found
    assert "was not looked at" in found["warehouses"].found
    assert found["ASN statuses"].result is Result.OK


def test_a_missing_key_is_told_without_a_trace(world: World, command: Command) -> None:
    world.apply(secret="erp")
    told = command("check", "example", "--area", "unleashed")
    assert told.exit_code == 1
    assert "erp" in told.output
    assert "the check itself failed" not in told.output


def test_the_map_of_warehouses_names_each_problem_once(world: World) -> None:
    world.apply(warehouses={"MAIN": 99, "GONE": 4})
    found = world.look()

    assert found["warehouse MAIN"].result is Result.FAILED
    assert "no active warehouse of Mintsoft" in found["warehouse MAIN"].found
    assert "is not in Unleashed" in found["warehouse GONE"].found
    assert found["warehouse 3PL"].result is Result.WARNING
    assert "is not mapped" in found["warehouse 3PL"].found


@pytest.mark.parametrize(
    ("used", "result", "said"),
    [
        (100, Result.OK, "100 of 250000 used"),
        (230_000, Result.WARNING, "the reserve of 25000 begins"),
        (240_000, Result.FAILED, "240000 of 250000 used"),
    ],
)
def test_the_months_calls_are_told_with_what_is_foreseen(
    world: World, used: int, result: Result, said: str
) -> None:
    world.apply()
    made = world.made
    account = made.erp.account(made.merchants.live("example"))
    month = month_of(made.clock.now())
    counts: Any = made.erp._counts
    counts.take(account.client.account, month, CallClass.URGENT, used - 25, None)
    found = world.look()["calls of the month"]

    assert found.details["used"] == used
    assert found.details["foreseen"] >= used
    assert (found.result, said in found.found) == (result, True), found


def test_what_the_file_does_not_say_of_order_management_is_a_hint(world: World) -> None:
    world.apply(order_management="unknown")
    assert world.look()["Order Management"].result is Result.WARNING


# -- flows of this release -----------------------------------------------------------------------


def test_a_flow_that_is_on_and_not_in_this_release_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: Any = SOURCES
    for flow in list(SOURCES):
        monkeypatch.delitem(known, flow)
    monkeypatch.setitem(known, "orders", sources_of())
    world.apply(orders={"mode": "shadow"}, customers={"mode": "shadow"})
    found = world.look()

    assert [name for name in found if name.startswith("flow ")] == ["flow customers"]
    assert found["flow customers"].result is Result.WARNING


def test_config_validate_warns_of_exactly_the_flows_that_are_not_in_this_release() -> None:
    needs: dict[str, dict[str, Any]] = {
        "transfers": {"asns_at_destination": True},
        "assemblies": {"asns": True},
    }
    block = unleashed_block(
        **{name: {"mode": "shadow", **needs.get(name, {})} for name in FLOW_NAMES}
    )
    file = merchant_file(unleashed=block, live_from="2026-01-01T00:00:00Z")
    warned = [p.where for p in warnings_of(Merchant.model_validate(file)) if NO_FLOW in p.text]
    assert warned == [f"unleashed.{name}.mode" for name in FLOW_NAMES if name not in SOURCES]


# -- schedules -----------------------------------------------------------------------------------


def test_a_flow_that_does_not_come_is_told(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: Any = SOURCES
    for flow in list(SOURCES):
        monkeypatch.delitem(known, flow)
    source = world.source("unleashed.orders")
    source.every = timedelta(hours=1)
    monkeypatch.setitem(known, "orders", sources_of(source))
    world.apply(orders={"mode": "live"})

    def row() -> Any:
        told = command("check", "example", "--area", "schedules", "--json")
        rows = {row["name"]: row for row in json.loads(told.stdout)["checks"]}
        return rows["Unleashed orders run"]

    assert row()["result"] == "skipped"
    monkeypatch.setattr(world.made.clock, "now", _later(world.made.clock.now, hours=4))
    assert (row()["result"], row()["found"]) == ("failed", "has never come")
    assert command("unleashed", "run", "example", "orders", "--yes").exit_code == 0
    assert row()["result"] == "ok"


def _later(now: Any, **by: float) -> Any:
    return lambda: now() + timedelta(**by)
