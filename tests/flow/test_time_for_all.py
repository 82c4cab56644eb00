"""A tick over all merchants whose time ends: no merchant is begun that could be cut short."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from local.stack import rate_seconds
from returns_hub.flows import catch_up, refresh_credentials, subscription, watch_returns
from returns_hub.flows.lease import MARGIN_SECONDS
from returns_hub.ops_runs import RESERVE_SECONDS
from returns_hub.runs import Run
from returns_hub.ticks import HAND_OUT_SECONDS, Turns
from returns_hub.trial import Heard
from tests.flow.test_damaged_merchant import MERCHANTS, Hubs
from tests.simulation.permissions import resources
from tests.support import fakes

Tick = Callable[[Run], dict[str, Any]]
TICKS: dict[str, tuple[str, float, Tick]] = {
    "CatchUpRedo": ("catch_up", catch_up.LEAST_SECONDS, lambda run: run.catch_up()),
    "CheckWebhooks": (
        "check_webhooks",
        subscription.LEAST_SECONDS,
        lambda run: run.check_webhooks(),
    ),
    "WatchReturns": (
        "watch_returns",
        watch_returns.WORST_CASE_SECONDS,
        lambda run: run.watch_returns(),
    ),
    "RefreshCredentials": (
        "refresh_credentials",
        refresh_credentials.RENEWAL_SECONDS,
        lambda run: run.refresh_credentials(),
    ),
    "DriftReport": ("drift_report", HAND_OUT_SECONDS, lambda run: run.drift_tick()),
    "WairSync": ("wair_sync", HAND_OUT_SECONDS, lambda run: run.feed_tick()),
    "OpsMetrics": ("ops_metrics", RESERVE_SECONDS, lambda run: run.ops_metrics()),
}
THEMSELVES = ("CatchUpRedo", "CheckWebhooks", "WatchReturns", "RefreshCredentials")
"""Those that do each merchant's work in the tick's own invocation, under its lease."""


def turns(clock: fakes.TestClock, telemetry: Any) -> Turns:
    hub = SimpleNamespace(clock=clock, telemetry=telemetry)
    return Turns(hub, flow="catch_up", every_seconds=300, least_seconds=30.0)


def test_those_for_whom_there_is_no_time_are_told_and_not_begun() -> None:
    clock, telemetry = fakes.TestClock(), fakes.Telemetry()
    clock.left = 55.0
    begun: list[str] = []

    def work(merchant: str) -> str:
        begun.append(merchant)
        clock.left -= 10.0
        return "done"

    done = turns(clock, telemetry).each(("a", "b", "c", "d", "e"), work)

    assert len(begun) == 3
    assert {name for name, word in done.items() if word == "done"} == set(begun)
    left = [name for name, word in done.items() if word == "no time"]
    assert len(left) == 2
    assert set(done) == set("abcde")
    assert telemetry.total("MerchantsLeftOver", flow="catch_up") == 2
    ((message, line),) = telemetry.lines
    assert message == "merchants left over"
    assert (line["flow"], line["count"], line["first"]) == ("catch_up", 2, left[0])


def test_where_time_is_enough_nothing_is_told() -> None:
    clock, telemetry = fakes.TestClock(), fakes.Telemetry()
    done = turns(clock, telemetry).each(("a", "b"), lambda _: 1)
    assert done == {"a": 1, "b": 1}
    assert not telemetry.counts
    assert not telemetry.lines


@pytest.mark.parametrize("name", TICKS)
def test_no_merchant_is_begun_with_less_time_than_its_work_may_take(name: str) -> None:
    flow, least, tick = TICKS[name]
    hubs = Hubs()
    done = hubs.tick(name, tick, seconds=least - 1)
    assert done == dict.fromkeys(MERCHANTS, "no time")
    assert hubs.telemetry.total("MerchantsLeftOver", flow=flow) == len(MERCHANTS)
    done = hubs.tick(name, tick, seconds=least + 1)
    assert set(done) == set(MERCHANTS)
    assert "no time" not in done.values()
    assert hubs.telemetry.total("MerchantsLeftOver", flow=flow) == len(MERCHANTS)


@pytest.mark.parametrize("name", TICKS)
def test_half_of_its_time_at_least_is_for_merchants(name: str) -> None:
    assert resources()[f"{name}Function"]["Properties"]["Timeout"] >= 2 * TICKS[name][1]


@pytest.mark.parametrize("name", THEMSELVES)
def test_what_a_tick_had_leased_that_was_cut_off_is_free_at_the_next(name: str) -> None:
    function = resources()[f"{name}Function"]["Properties"]
    (rule,) = function["Events"].values()
    longest = function["Timeout"] + MARGIN_SECONDS
    assert longest <= rate_seconds(rule["Properties"]["Schedule"])


def test_a_plan_for_which_there_was_no_time_says_so() -> None:
    clock, heard = fakes.TestClock(), Heard()
    clock.left = 1.0
    turns(clock, heard).each(("a",), lambda _: 1)
    assert heard.failed == [("tick.no_time", "no time was left for it")]
