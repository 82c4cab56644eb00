"""An offer's whole way at the simulators, through the real adapters of both partners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.simulators.miinto.sample import DK, SE
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.run import run_miinto
from returns_hub.flows.way import Way
from tests.flow.test_transfers_at_miinto import SHIRT, TEE, AtMiinto
from tests.support.market import promised_in_all
from tests.support.miinto import live

IDS = {SHIRT: 911, TEE: 912}


class AtBoth(AtMiinto):
    """A merchant whose orders go from Miinto's simulator to Mintsoft's."""

    def __init__(self, **miinto: Any) -> None:
        super().__init__(
            **(
                {
                    "transfers": live(otherwise="decline") | {"price_is": "unit"},
                    "orders": {"mode": "live", "couriers": {"gls": "8"}},
                    "tracking": {
                        "mode": "live",
                        "providers": {"DHL Parcel Connect": "postnord"},
                        "seen_at": "trackAndTrace",
                    },
                    "stock": {"mode": "live"},
                }
                | miinto
            )
        )
        mintsoft = self.bench.mintsoft
        mintsoft.seed(
            {
                "products": {
                    str(number): {"sku": sku, "name": sku, "client_id": 12}
                    for sku, number in IDS.items()
                },
                "stock": {"3": {str(number): 50 for number in IDS.values()}},
            }
        )
        self.clock.left = 300.0

    def world(self) -> MarketWorld:
        connection = self.bench.live().merchant.mintsoft
        http = self.bench.http(connection.base_url, self.bench.to_mintsoft, "mintsoft")
        orders = MintsoftOrders(
            MintsoftClient(http, self.bench.credentials()), connection, clock=self.clock
        )
        return replace(super().world(), orders=orders)

    def whole(self) -> dict[str, Any]:
        """One tick of everything."""
        self.clock.advance(minutes=5)
        return dict(run_miinto(self.world(), Way(lambda _: None, lambda: 0)))

    def orders_there(self) -> list[Any]:
        """Orders in the warehouse, the first made first."""
        return sorted(self.bench.mintsoft.orders.values(), key=lambda order: order.id)


def test_an_offer_is_accepted_made_sent_and_told_once() -> None:
    hub = AtBoth()
    hub.offer(SHIRT, TEE)
    done = hub.whole()
    assert done["transfers"] == {"accepted": 2}
    assert done["orders"] == {"seen": 1, "made": 1}
    (order,) = hub.orders_there()
    (name,) = hub.sim.all_books()["orders"]
    number = name.split("/")[1]
    slug = DK.removeprefix("1-m!i!s-")
    assert order.number == f"MI-{slug}-{number}"
    assert promised_in_all(hub.market, "example") == {}

    hub.bench.mintsoft.despatch(order.id, courier_id=7, tracking_number="T1", tracking_url="")
    assert hub.whole()["despatches"] == {"told": 1}
    for _ in range(3):
        hub.whole()
    assert len(hub.orders_there()) == 1
    told = hub.sim.all_books()["orders"][name]["tracking"]
    assert told
    assert "T1" in str(told)
    assert hub.market.order("example", DK, int(number)).ended == "despatched"
    assert hub.sim.all_books()["stock"][DK] == {
        "G-TEE-RED|Acme|Red|M": 49,
        "G-LINEN-SHIRT-WHITE|Acme|White|M": 49,
    }


@pytest.mark.parametrize(("ending", "told"), [("done", 1), ("lost", 2)])
def test_a_telling_without_an_answer_is_looked_up_in_miintos_order(ending: str, told: int) -> None:
    hub = AtBoth()
    hub.offer(SHIRT)
    hub.whole()
    (order,) = hub.orders_there()
    hub.set(holds_decisions=ending, held=("tracking",))
    hub.bench.mintsoft.despatch(order.id, courier_id=7, tracking_number="T1", tracking_url="")
    assert hub.whole()["despatches"] == {"later": 1}
    hub.set(holds_decisions="no")
    for _ in range(4):
        hub.whole()
    (name,) = hub.sim.all_books()["orders"]
    assert "T1" in str(hub.sim.all_books()["orders"][name]["tracking"])
    calls = [r for r in hub.wire.requests if r.method == "PATCH" and "/orders/" in r.path]
    assert len(calls) == told


@pytest.mark.parametrize("shop", [DK, SE])
def test_orders_of_each_country_name_its_currency(shop: str) -> None:
    hub = AtBoth()
    hub.offer(SHIRT, shops=(shop,))
    hub.whole()
    (order,) = hub.orders_there()
    currency = {DK: "DKK", SE: "SEK"}[shop]
    assert currency in str(order)
