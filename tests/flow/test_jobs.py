"""The register of scheduled jobs says what really runs: which cursors, how often, what partners."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.plain_yaml import load_plain
from local.stack import ROOT, rate_seconds
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.flows.overview.jobs import CHECK_WEBHOOKS_SECONDS, TICK, Job, jobs_of
from returns_hub.flows.overview.partners import partners_of
from returns_hub.flows.relay.despatches import NAME as RELAYED
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.wair.flows import FLOWS
from returns_hub.runs import CHECK_WEBHOOKS_SECONDS as CHECKED_EVERY
from tests.simulation.permissions import resources
from tests.support.erp_hub import ErpHub
from tests.support.wair_hub import WairHub
from tests.support.worlds import merchant_file

FILES = sorted((ROOT / "config").glob("*.yaml"))


def file_of(name: str) -> dict[str, Any]:
    content, _ = load_plain(ROOT / "config" / f"{name}.yaml")
    return dict(content)


def merchant_of(path: Path, **changes: Any) -> Merchant:
    content = file_of(path.stem)
    return Merchant.model_validate(content | changes)


def jobs(merchant: Merchant) -> dict[str, Job]:
    found = {job.flow: job for job in jobs_of(merchant)}
    assert len(found) == len(jobs_of(merchant)), "a flow stands twice"
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_job_is_of_a_function_with_a_rule_that_ticks_as_often(path: Path) -> None:
    ticks = {
        found["Properties"]["CodeUri"].split("/")[1]: event["Properties"]["Schedule"]
        for found in resources().values()
        if found["Type"] == "AWS::Serverless::Function"
        for event in found["Properties"].get("Events", {}).values()
        if event["Type"] == "Schedule"
    }
    for job in jobs_of(merchant_of(path)):
        assert job.every_seconds >= rate_seconds(ticks[job.job]), job
    assert CHECK_WEBHOOKS_SECONDS == CHECKED_EVERY == rate_seconds(ticks["check_webhooks"])
    assert rate_seconds(ticks["ops_metrics"]) == TICK


def test_a_plain_merchant_has_the_jobs_that_every_merchant_has() -> None:
    merchant = Merchant.model_validate(merchant_file())
    assert {name: job.every_seconds for name, job in jobs(merchant).items()} == {
        "process_receipts": 300,
        "watch_returns": 300,
        "refresh_credentials": 300,
        "drift": 6 * 3600,
        "lint": 24 * 3600,
    }


def test_what_is_off_is_no_job() -> None:
    content = merchant_file(drift={"enabled": False})
    content["flows"]["process_receipts"] = {"mode": "off"}
    assert set(jobs(Merchant.model_validate(content))) == {"watch_returns", "refresh_credentials"}


@pytest.mark.parametrize("once_per_day", [False, True])
@pytest.mark.parametrize("takes_refunds", [False, True])
def test_the_erps_jobs_are_its_sources(once_per_day: bool, takes_refunds: bool) -> None:
    made = ErpHub()
    block = file_of("example-unleashed")["unleashed"]
    for flow in FLOW_NAMES:
        block[flow] = block.get(flow, {}) | {"mode": "shadow"}
    block["stock"] |= {"once_per_day": once_per_day}
    made.bench.file |= {"unleashed": block}
    if takes_refunds:
        market = file_of("example-miinto")["miinto"]
        refunds = market["refunds"] | {"mode": "shadow", "from_store": "ask"}
        made.bench.file |= {"miinto": market | {"refunds": refunds}}
    made.apply()
    merchant = made.hub.merchants.live("example").merchant

    told = {job.flow: job for job in jobs_of(merchant) if job.job == "unleashed_sync"}

    real = {}
    for flow in FLOW_NAMES:
        for source in SOURCES[flow](made.hub.erp.world("example", flow)):
            assert source.mode is not Mode.OFF
            real[source.name] = source.every
    assert set(told) == set(real)
    for name, every in real.items():
        # Once a day a run is due at once, as long as there was none.
        seconds = every.total_seconds() or timedelta(days=1).total_seconds()
        assert told[name].every_seconds == seconds, name
        assert told[name].cursor == cursor_name(name, "example")


def test_the_feeds_jobs_are_its_flows() -> None:
    merchant = merchant_of(ROOT / "config" / "example-wair.yaml")
    told = [job.flow for job in jobs_of(merchant) if job.job == "wair_sync"]
    assert told == ["wair.feed", "wair.advice", RELAYED, "bundles"]
    assert all(flow.is_on(merchant) for flow in FLOWS.values())
    assert len(told) == len(FLOWS)
    bare = Merchant.model_validate(merchant_file())
    assert not [job for job in jobs_of(bare) if job.job == "wair_sync"]
    assert not any(flow.is_on(bare) for flow in FLOWS.values())


def test_the_marketplaces_jobs_are_its_steps() -> None:
    content = file_of("example-miinto")
    block = content["miinto"] | {"level": "orders_and_stock"}
    for step in ("transfers", "orders", "stock"):
        block[step] = block.get(step, {}) | {"mode": "live"}
    live = {"live_from": "2026-01-01T00:00:00Z"}
    whole = Merchant.model_validate(content | live | {"miinto": block})
    steps = [job.flow for job in jobs_of(whole) if job.job == "miinto_rma"]
    assert [s for s in steps if s != "miinto.rmas"] == [
        "miinto.transfers",
        "miinto.orders",
        "miinto.despatches",
        "miinto.stock",
    ]


def test_partners_are_those_that_the_hub_has_gates_for() -> None:
    hub = WairHub("WairSyncFunction")
    hub.apply()
    merchant = hub.hub.merchants.live("example").merchant
    with hub.invocation(300.0):
        hub.hub.feeds.world("example")

    asked = {key[1] for key in hub.hub.partners._sessions}

    assert asked
    assert asked <= set(partners_of(merchant))


def test_partners_of_the_marketplace_and_the_relay() -> None:
    market = merchant_of(ROOT / "config" / "example-miinto.yaml")
    assert {
        "miinto",
        "miinto-auth",
        "miinto-stock",
        "miinto-product-map",
        "mintsoft",
        "redo",
    } <= set(partners_of(market))
    relayed = merchant_of(ROOT / "config" / "example-wair.yaml")
    targets = {f"relay-{target.name}" for target in relayed.despatch_relay.targets}
    assert targets
    assert targets <= set(partners_of(relayed))
