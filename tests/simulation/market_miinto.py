"""Miinto's simulator as the simulated world watches it, and what it is filled with."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.simulators.miinto.replies import Caller
from local.simulators.miinto.settings import Settings
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.wire import Reply, Request
from tests.simulation.market_plans import (
    DK,
    MAPPED,
    RIVAL,
    SE,
    UNMAPPED,
    WAREHOUSES,
    OfferPlan,
)
from tests.support.rma_dialects import DIALECT_B_FILE

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

HUB = "hub@example.test"
SECRET = "an invented secret"
PREFIX = "MI-"
GOOD, FAULTY = 1, 2
DECIDES = re.compile(r"/order/shops/([^/]+)/transfers/(\d+)")


@dataclass(frozen=True)
class Noted:
    """An entry of Miinto's journal, in virtual time; `by_hub` is a call with the hub's login."""

    at: float
    what: str
    by_hub: bool
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A decision that reached Miinto with the hub's login, whatever it answered."""

    at: float
    of: tuple[str, str, str]
    ids: tuple[int, ...]


class WatchedMiinto(MiintoSimulator):
    """Miinto, with every write remembered in virtual time, and held writes done when due."""

    def __init__(self, run: Simulation, settings: Settings, dice: random.Random) -> None:
        off = timedelta(seconds=run.scenario.miinto.clock_off)
        super().__init__(lambda: run.scheduler.now() + off, settings, dice=dice)
        self._run = run
        self.noted: list[Noted] = []
        self.asked: list[Asked] = []
        note = self.state.note

        def remembered(what: str, by: Caller | str, **more: Any) -> None:
            note(what, by, **more)
            self.noted.append(Noted(run.scheduler.seconds, what, isinstance(by, Caller), more))
            if isinstance(by, Caller):
                run.note("miinto", f"{what} {more}")

        self.state.note = remembered  # type: ignore[method-assign]

    def _carry_out(self, request: Request) -> Reply:
        if request.method != "GET":
            self._remember(request)
        reply = super()._carry_out(request)
        if self.state.held:
            later = self.settings.held_seconds + 0.01
            self._run.scheduler.after(later, self.settle)
        return reply

    def _remember(self, request: Request) -> None:
        found = DECIDES.fullmatch(request.path)
        if found is not None:
            ids = [row["id"] for rows in json.loads(request.body).values() for row in rows]
            self._ask(("transfer", found[1], found[2]), ids)
            return
        pattern = f"/order{self.rmas.dialect.decide_path[1]}"
        found = re.fullmatch(pattern, request.path)
        if found is not None and request.method == self.rmas.dialect.decide_path[0]:
            verdicts = self.rmas.dialect.verdicts(json.loads(request.body))
            self._ask(("rma", found[1], found[2]), [verdict.position for verdict in verdicts])

    def _ask(self, of: tuple[str, str, str], ids: list[int]) -> None:
        self.asked.append(Asked(self._run.scheduler.seconds, of, tuple(ids)))


def goods_of(announced: list[tuple[str, int]], how: str) -> list[dict[str, Any]]:
    """What comes of goods that were announced."""
    rows: list[dict[str, Any]] = [
        {"sku": sku, "quantity": units, "reason_id": GOOD} for sku, units in announced
    ]
    match how:
        case "damaged":
            rows[0]["reason_id"] = FAULTY
        case "short" if rows[0]["quantity"] == 1 and len(rows) > 1:
            rows = rows[1:]
        case "short" if rows[0]["quantity"] > 1:
            rows[0]["quantity"] -= 1
        case "short" | "wrong":
            rows[0]["sku"] = next(sku for sku in MAPPED if sku != rows[0]["sku"])
    return rows


def buyer_of(plan: OfferPlan) -> dict[str, Any]:
    """The buyer of a basket; parts of it are known to `tests.support.canaries`."""
    return {
        "name": "Quilla Zanzibrook",
        "email": f"quilla.z-{plan.number}@example.test",
        "phone": "+4570707070",
        "street": "Pumpernickel Vej 7",
        "city": "Vexholm",
        "delivery": "ParcelShop" if plan.number % 3 == 0 else "HomeDelivery",
        "delivery_name": "Kiosk Quilla" if plan.number % 3 == 0 else "",
    }


def seed_of(seed: int) -> dict[str, Any]:
    """Shops, the login, and a catalogue of which one article is in no product map."""
    gtins = {sku: f"57000000000{place}7" for place, sku in enumerate(("TEE", "MUG", "CAP"))}
    catalogue = [
        {
            "sku": sku,
            "gtin": gtins.get(sku),
            "miinto_id": f"1111-{sku.lower()}" if sku in MAPPED else "",
            "prices": {"DKK": 19900 + 100 * place, "SEK": 29900 + 100 * place},
            "discounts": {},
        }
        for place, sku in enumerate((*MAPPED, UNMAPPED))
    ]
    return {
        "shops": [
            {"id": DK, "country": "DK", "currency": "DKK"},
            {"id": SE, "country": "SE", "currency": "SEK"},
            {"id": RIVAL, "country": "DK", "currency": "DKK"},
        ],
        "accounts": [
            {"identifier": HUB, "secret": SECRET, "shops": [DK, SE], "accessor": 1000 + seed % 9},
        ],
        "catalogue": catalogue,
        "providers": {
            "DK": [{"id": "postnord", "name": "PostNord"}],
            "SE": [{"id": "postnord", "name": "PostNord"}],
        },
    }


def block_of(wanted: Mapping[str, Any], miinto: Settings) -> dict[str, Any]:
    """The `miinto:` block of the merchant's file."""
    base = "https://miinto.test"
    rma: dict[str, Any] = {
        "announce": {"mode": "live"},
        "decide": {"mode": "live"},
        "requests": wanted["requests"],
    }
    if wanted["confirm"]:
        rma["decide"]["policy"] = {"confirm": wanted["confirm"]}
    if miinto.rma_dialect == "b":
        rma["contract"] = DIALECT_B_FILE
    else:
        rma["contract"] = {"words": {"by_position": ["partially_accepted"]}}
    orders: dict[str, Any] = {
        "mode": "live",
        "number_prefix": PREFIX,
        "overlap_minutes": wanted["overlap_minutes"],
    }
    if miinto.label_field:
        orders["label_field"] = miinto.label_field
    return {
        "auth_url": f"{base}/auth",
        "order_url": f"{base}/order",
        "stock_url": f"{base}/stock",
        "product_map_url": f"{base}/pc",
        "requests_per_second": 50,
        "page_size": wanted["page_size"],
        "channel_minutes": wanted["channel_minutes"],
        "shops": [
            {"id": shop, "warehouse": warehouse, "country": country}
            for (shop, warehouse), country in zip(WAREHOUSES.items(), ("DK", "SE"), strict=True)
        ],
        "feed": {"url": f"{base}/feed/products.tsv"},
        "transfers": {
            "mode": "live",
            "price_is": miinto.price_is,
            "rule": {
                "automatic": wanted["automatic"],
                "otherwise": wanted["otherwise"],
                "stock_kept_back": wanted["stock_kept_back"],
            },
        },
        "orders": orders,
        "tracking": {
            "mode": "live" if wanted["tracking"] else "off",
            "seen_at": "trackAndTrace",
            "provider_default": "postnord",
        },
        "stock": {"mode": "live" if wanted["stock"] else "off"},
        "rma": rma,
        "refunds": {"mode": "live", "to": "queue", "from_store": wanted["from_store"]},
    }
