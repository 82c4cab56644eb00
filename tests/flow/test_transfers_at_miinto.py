"""Transfers at Miinto's simulator, through the real adapter and over the wire's own faults."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest

from local.simulators.changed_settings import changed
from local.simulators.miinto.sample import DK, IDENTIFIER, SE, sample
from local.simulators.miinto.simulator import MiintoSimulator
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.flows.miinto.decide_transfers import release_decision
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.ports import OrdersWarehouse
from tests.support.in_process import InProcess
from tests.support.market import promised_in_all
from tests.support.miinto import MarketBench, live

HOST = "http://127.0.0.1:9000"
SHIRT, TEE = "LINEN-SHIRT-M", "TEE-RED-M"


class AtMiinto(MarketBench):
    """A merchant with two shops at the simulator; of every SKU there are 50."""

    def __init__(self, **miinto: Any) -> None:
        urls = {
            "auth_url": f"{HOST}/auth",
            "order_url": f"{HOST}/order",
            "stock_url": f"{HOST}/stock",
            "product_map_url": f"{HOST}/pc",
            "feed": {"url": f"{HOST}/feed/own.tsv"},
            "requests_per_second": 100,
        }
        super().__init__(
            **({"transfers": live(otherwise="decline")} | urls | self._shops() | miinto)
        )
        self.sim = MiintoSimulator(self.clock, dice=random.Random(7))
        self.sim.seed(sample("pass-word"))
        self.wire = InProcess(self.sim)
        self.bench.secrets.values["example", "miinto"] = {
            "identifier": IDENTIFIER,
            "secret": "pass-word",
        }
        self.stock.levels = {3: {sku: StockLevel(50) for sku in self.sim.state.catalogue}}

    @staticmethod
    def _shops() -> dict[str, Any]:
        return {"shops": [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 3}]}

    def set(self, **settings: Any) -> None:
        self.sim.settings = changed(self.sim.settings, settings)

    def world(self) -> MarketWorld:
        connection = self.bench.live().merchant.miinto
        assert connection is not None
        around = Around(
            http=lambda partner, url: self.bench.http(url, self.wire, partner),
            secrets=self.bench.secrets,
            cursors=self.bench.cursors,
            clock=self.clock,
            owner=f"run-{self.bench.runs}",
            telemetry=self.telemetry,
        )
        client = client_of("example", connection, around)
        return MarketWorld(
            world=self.bench.world(),
            marketplace=marketplace_of(client, "example", connection, around),
            rmas=None,
            market=self.market,
            orders=cast(OrdersWarehouse, self.stock),
        )

    def offer(self, *skus: str, shops: tuple[str, ...] = (DK,), **more: Any) -> dict[str, Any]:
        made = self.sim.offer(list(shops), [{"sku": sku} for sku in skus], **more)
        first: dict[str, Any] = made["transfers"][0]
        return first


def test_offers_are_accepted_over_the_wire_and_named_by_their_order() -> None:
    hub = AtMiinto()
    made = hub.offer(SHIRT, TEE)
    assert hub.tick() == {"accepted": 2}
    state = hub.state(made["id"], DK)
    assert state.decisions[0].order in orders(hub)
    assert state.standing == "decided"


def orders(hub: AtMiinto) -> list[int]:
    """Ids of every order that there is."""
    return [int(name.split("/")[1]) for name in hub.sim.all_books()["orders"]]


@pytest.mark.parametrize("conflict_status", [200, 409])
def test_an_offer_to_two_of_our_shops_is_accepted_by_one(conflict_status: int) -> None:
    hub = AtMiinto()
    hub.set(conflict_status=conflict_status)
    made = hub.offer(SHIRT, shops=(DK, SE), currency="DKK")
    assert hub.tick() == {"accepted": 1, "lost": 1}
    assert len(orders(hub)) == 1
    other = hub.sim.orders.offers.of_shop(SE)[0]
    assert hub.state(other.id, SE).standing == "gone"
    assert hub.state(made["id"], DK).standing == "decided"
    assert promised_in_all(hub.market, "example") == {SHIRT: 1}
    assert hub.tick() == {}


def test_an_answer_that_was_lost_is_found_among_the_orders() -> None:
    hub = AtMiinto()
    hub.set(holds_decisions="done", held=("transfer",))
    made = hub.offer(SHIRT)
    assert hub.tick() == {"later": 1}
    assert hub.tick() == {"done": 1}
    (order,) = orders(hub)
    assert hub.state(made["id"], DK).decisions[0].order == order


def test_a_decision_that_miinto_carries_out_late_is_not_made_twice() -> None:
    hub = AtMiinto()
    hub.set(holds_decisions="late", held=("transfer",), held_seconds=1200.0)
    made = hub.offer(SHIRT)
    for _ in range(8):
        hub.tick()
    assert hub.state(made["id"], DK).standing == "decided"
    assert len(orders(hub)) == 1
    assert not hub.sim.all_books()["refusals"]


def test_a_decision_that_is_never_carried_out_is_a_persons() -> None:
    hub = AtMiinto()
    hub.set(holds_decisions="lost", held=("transfer",))
    made = hub.offer(SHIRT)
    for _ in range(12):
        hub.tick()
    assert hub.state(made["id"], DK).standing == "parked"
    hub.set(holds_decisions="no")
    release_decision(hub.world(), DK, made["id"], 1, "anna", "not there")
    assert hub.tick() == {"accepted": 1}
    assert len(orders(hub)) == 1


def test_offers_that_expire_are_gone() -> None:
    hub = AtMiinto(transfers={"mode": "live"})
    hub.set(offer_seconds=600.0)
    made = hub.offer(SHIRT)
    hub.tick()
    assert hub.tick(minutes=10) == {"gone": 1}
    assert hub.state(made["id"], DK).standing == "gone"


def test_lists_that_shift_and_repeat_lose_and_double_nothing() -> None:
    hub = AtMiinto()
    hub.set(list_order="shifting", list_duplicates=True)
    for _ in range(45):
        hub.offer(SHIRT)
    for _ in range(4):
        hub.tick()
    assert len(orders(hub)) == 45
    assert not hub.sim.all_books()["refusals"]
