"""Orders of the marketplace at the moment of the switch, in shadow, and where they are off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.miinto.facts import OrderPlanned
from tests.support.fakes import START
from tests.support.market import promised_in_all
from tests.support.market_partners import DK, LOST, MarketBench, market_order, position


@pytest.fixture
def bench() -> MarketBench:
    return MarketBench()


def test_orders_before_the_switch_are_left_and_told_once(bench: MarketBench) -> None:
    bench.file["live_from"] = "2026-03-02T08:55:00Z"
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(2, created_at=START))
    assert bench.sync() == {"before_live_from": 1, "seen": 1, "made": 1}
    assert bench.sync() == {}
    assert bench.kinds(1) == ["order_seen", "skipped", "order_ended"]
    assert bench.identify.asked == [(DK, 1)]
    assert promised_in_all(bench.market, "example") == {}


def test_an_order_that_tells_no_time_may_be_older_than_the_switch_and_waits(
    bench: MarketBench,
) -> None:
    bench.marketplace.put(market_order(1, created_at=None))
    bench.marketplace.put(market_order(2))
    assert bench.sync() == {"parked": 1, "seen": 1, "made": 1}
    assert bench.kinds(1) == ["order_seen", "parked"]
    assert bench.parked() == ["order.no_time"]
    for _ in range(3):
        assert bench.sync() == {}
    (item,) = bench.parking.list_parked("example")
    assert item.times == 1

    bench.replay()
    assert bench.sync() == {"made": 1}
    assert {draft.number for draft in bench.drafts()} == {"MI-045-1234-1", "MI-045-1234-2"}


def test_what_shadow_saw_without_a_time_waits_when_the_switch_is_live(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow")
    bench.marketplace.put(market_order(1, created_at=None))
    assert bench.sync() == {"seen": 1, "shadow": 1}
    bench.set("orders", mode="live")
    assert bench.sync() == {"parked": 1}
    assert bench.drafts() == []


def test_in_shadow_nothing_is_made_and_all_is_told(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow", couriers={"dhl": "7"})
    bench.marketplace.providers[1] = ("dhl",)
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(2, position(71, "NEW")))
    assert bench.sync() == {"seen": 2, "shadow": 2}
    assert (bench.drafts(), bench.parked(), bench.ledger.rows) == ([], [], {})
    facts = [e.fact for n in (1, 2) for e in bench.market.events["example", "order", DK, n]]
    would = [fact.summary for fact in facts if isinstance(fact, WouldSend)]
    assert "order MI-045-1234-1 in warehouse 3: 1 x TEE; courier 7" in would
    assert "it would wait for a person" in would[1]
    assert bench.sync() == {}
    assert promised_in_all(bench.market, "example") == {}


def test_live_takes_up_what_shadow_saw_since_the_switch(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow")
    bench.marketplace.put(market_order(1, created_at=START - timedelta(hours=2)))
    bench.marketplace.put(market_order(2, created_at=START + timedelta(hours=1)))
    bench.sync(hours=2)
    bench.sync(hours=10)
    bench.file["live_from"] = "2026-03-02T09:30:00Z"
    bench.set("orders", mode="live")
    assert bench.sync() == {"seen": 1, "made": 1}
    assert [draft.number for draft in bench.drafts()] == ["MI-045-1234-2"]
    assert bench.sync() == {}


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_number_that_was_planned_stays_whatever_the_file_says_later(
    bench: MarketBench, when: Any
) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append((when, LOST))
    bench.sync()
    bench.set("orders", number_prefix="X-")
    bench.sync(minutes=30)
    assert [draft.number for draft in bench.drafts()] == ["MI-045-1234-1"]
    planned = [e.fact for e in bench.market.events["example", "order", DK, 1]]
    assert sum(isinstance(fact, OrderPlanned) for fact in planned) == 1


@pytest.mark.parametrize(
    "changes", [{"orders": {"mode": "off"}}, {"level": "stock_only", "orders": {"mode": "live"}}]
)
def test_off_reads_nothing(changes: dict[str, Any]) -> None:
    bench = MarketBench(**changes)
    bench.marketplace.put(market_order(1))
    assert bench.sync() == {"off": 1}
    assert bench.marketplace.reads == []


def test_a_shop_whose_orders_are_off_is_not_read(bench: MarketBench) -> None:
    bench.settings["shops"] = [{"id": DK, "warehouse": 3, "orders": False}]
    bench.marketplace.put(market_order(1))
    assert bench.sync() == {}


def test_unleashed_without_its_connection_is_refused_in_words() -> None:
    bench = MarketBench(orders={"mode": "off", "into": "unleashed"})
    with pytest.raises(ValueError, match="into: unleashed needs an unleashed: block"):
        bench.world()
