"""A merchant with Mintsoft, Unleashed and a Miinto feed, whose SKUs and maps are looked over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from local.simulators.miinto.sample import DK, IDENTIFIER, sample
from local.simulators.miinto.simulator import MiintoSimulator
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.domain.drift.findings import Difference, Finding, Look
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.lints import LINTS
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed_world import FeedWorld
from tests.support.erp_worlds import PRODUCTS, ErpBench
from tests.support.in_process import InProcess
from tests.support.market import MarketStore

AT = "http://127.0.0.1:8"
HEAD = "id\titem_group_id\tbrand\tcolor\tsize\tgtin\tc:retail_price_DKK:integer"
PACK, MUG, WATCH = 899, 898, 897
"""Mintsoft's ids of what Unleashed's sample has besides `STOCKED`."""


class KeptLooks:
    """`ports.findings.FindingsStore`, as far as a lint asks it."""

    def __init__(self) -> None:
        self.made: list[Look] = []
        self.open: list[Finding] = []

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        return [one for one in self.open if one.difference.area == (area or "lint")]

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        return []

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        raise AssertionError("a lint keeps nothing")

    def last_look(self, merchant: str) -> Look | None:
        return next(iter(self.made), None)

    def looks(self, merchant: str, most: int = 30) -> Iterable[Look]:
        return self.made[:most]


class LintBench(ErpBench):
    """`ErpBench` with a feed. Nothing is wrong with it."""

    def __init__(self, **block: Any) -> None:
        super().__init__(**block)
        self.mintsoft.tenant.products = {
            key: product
            for key, product in self.mintsoft.tenant.products.items()
            if key in PRODUCTS.values()
        }
        self.mintsoft.stock = {
            key: held for key, held in self.mintsoft.stock.items() if key[1] in PRODUCTS.values()
        }
        self.product(PACK, "SOCK-3PK")
        self.product(MUG, "MUG-RED")
        self.product(WATCH, "WATCH-01")
        self.miinto = MiintoSimulator(now=self.clock)
        self.miinto.seed(sample())
        self.to_miinto = InProcess(self.miinto)
        self.market_store: Any = MarketStore(self.clock)
        self.looks = KeptLooks()
        self.feed()
        # What was made a moment ago would be on its way.
        self.clock.advance(hours=2)
        self.file["miinto"] = {
            "auth_url": f"{AT}/auth",
            "order_url": f"{AT}/order",
            "stock_url": f"{AT}/stock",
            "product_map_url": f"{AT}/pc",
            "requests_per_second": 100,
            "shops": [{"id": DK, "warehouse": 3}],
            "feed": {"url": f"{AT}/feed/shop.tsv"},
        }
        self.secrets.values["example", "miinto"] = {"identifier": IDENTIFIER, "secret": "x"}

    # -- what is there ------------------------------------------------------------------------

    def product(self, product_id: int, sku: str, **more: Any) -> None:
        """A product of Mintsoft's."""
        row = {"sku": sku, "name": f"Product {product_id}", "client_id": 12, "ean": ""}
        self.mintsoft.seed({"products": {str(product_id): row | more}})

    def feed(self, *rows: tuple[str, str]) -> None:
        """The feed: SKUs with their GTINs, beside one that is well."""
        lines = [HEAD]
        for at, (sku, gtin) in enumerate((("TEE-RED-M", "5700000000017"), *rows)):
            lines.append(f"{sku}\tG{at}\tAcme\tRed\tM\t{gtin}\t49900")
        self.miinto.seed({"feeds": {"shop.tsv": "\n".join(lines) + "\n"}})

    # -- looking ------------------------------------------------------------------------------

    def drift_world(self) -> DriftWorld:
        """What a comparison is given."""
        kept: Any = None
        feed = FeedWorld(
            SyncWorld(self.world(), self.records),
            self.orders,
            self.order_changes,
            self.products,
            self.sold_here,
            kept,
        )
        has_erp = "unleashed" in self.file
        return DriftWorld(
            feed=feed,
            findings=self.looks,
            at=self.clock.now(),
            erp=self.erp_world("stock") if has_erp else None,
            market=self._market(),
        )

    def _market(self) -> MarketWorld | None:
        connection = self.live().merchant.miinto
        if connection is None:
            return None

        def http(partner: str, base_url: str) -> PartnerHttp:
            return self.http(base_url, self.to_miinto, partner)

        around = Around(http, self.secrets, self.cursors, self.clock, "lint", self.telemetry)
        client = client_of("example", connection, around)
        place = marketplace_of(client, "example", connection, around)
        return MarketWorld(self.world(), place, None, self.market_store, self.orders)

    def found(self, *names: str) -> list[Difference]:
        """What these lints find, or all of them."""
        world = self.drift_world()
        return [
            difference
            for lint in LINTS
            if lint.name in names or (not names and lint.concerns(world))
            for difference in lint.differences(world)
        ]

    def told(self, *names: str) -> dict[str, list[str]]:
        """Kind, without its area -> subjects."""
        kinds: dict[str, list[str]] = {}
        for difference in self.found(*names):
            kinds.setdefault(difference.kind.removeprefix("lint."), []).append(difference.subject)
        return kinds
