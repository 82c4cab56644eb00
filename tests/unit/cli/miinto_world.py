"""A hub beside simulators of Miinto and Mintsoft, in one process, for tests of the command."""

from __future__ import annotations

from typing import Any

from cli.checks import miinto as area
from cli.checks.model import Finding, Market, Subject
from cli.checks.run import run_checks
from local.simulators.changed_settings import changed
from local.simulators.miinto.sample import DK, IDENTIFIER, NL, sample
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.mintsoft.simulator import MintsoftSimulator
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.worlds import KEY, merchant_file
from tests.unit.cli.conftest import Partners

AT = "http://127.0.0.1:8"
FEED_HEAD = "id\titem_group_id\tbrand\tcolor\tsize\tgtin\tc:retail_price_DKK:integer"
FEED_ROW = "LINEN-SHIRT-M\tLINEN\tAcme\tBlack\tM\t5700000000017\t49900"


def block(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "auth_url": f"{AT}/auth",
        "order_url": f"{AT}/order",
        "stock_url": f"{AT}/stock",
        "product_map_url": f"{AT}/pc",
        "requests_per_second": 100,
        "shops": [{"id": DK, "warehouse": 3}, {"id": NL, "warehouse": 4}],
        "feed": {"url": f"{AT}/feed/shop.tsv"},
        "transfers": {"mode": "shadow", "price_is": "unit"},
        "orders": {"mode": "shadow", "couriers": {"postnord": "1", "gls": "1"}},
        "rma": {"announce": {"mode": "shadow"}, "decide": {"mode": "shadow"}},
    }
    return content | changes


class World:
    """A hub beside a simulated Miinto; `look` is what the checks of Miinto find."""

    def __init__(self, made: Hub, partners: Partners) -> None:
        self.made = made
        self.miinto = MiintoSimulator(now=made.clock.now)
        self.miinto.seed(sample())
        self.miinto.seed({"feeds": {"shop.tsv": f"{FEED_HEAD}\n{FEED_ROW}\n"}})
        partners.cores[AT] = self.miinto
        self.mintsoft = MintsoftSimulator(now=made.clock.now)
        self.mintsoft.seed(
            {
                "users": [{"name": "hub", "password": "x", "static_key": KEY}],
                "clients": {"12": "Example Fashion"},
                "warehouses": {"3": {"name": "Corby"}, "4": {"name": "London"}},
            }
        )
        partners.cores["http://127.0.0.1:2"] = self.mintsoft
        self.applied = 0
        self.apply()
        made.secrets.write(
            "example", "miinto", {"identifier": IDENTIFIER, "secret": "an invented secret"}
        )
        made.secrets.write("example", "mintsoft", {"api_key": KEY})

    def apply(self, *, strategy: str = "auto", **changes: Any) -> None:
        content = merchant_file(miinto=block(**changes))
        content["flows"]["process_receipts"]["strategy"] = strategy
        self.made.merchants.apply(Merchant.model_validate(content), "test", after=self.applied)
        self.applied += 1

    def set(self, **settings: Any) -> None:
        self.miinto.settings = changed(self.miinto.settings, settings)

    def order(self, shop: str = DK) -> tuple[int, Any]:
        return self.miinto.order(shop, [{"sku": "LINEN-SHIRT-M"}])

    def rma(self, shop: str = DK) -> dict[str, Any]:
        number, _ = self.order(shop)
        return self.miinto.create_rma(shop, number)

    def subject(self) -> Subject:
        return Subject(
            world=self.made.world("example"),
            read_secret=lambda name: self.made.secrets.read("example", name).value,
            market_of=lambda: Market(
                self.made.market_world("example"), self.made.market.probe("example")
            ),
        )

    def look(self) -> dict[str, Finding]:
        found: dict[str, Finding] = {}
        for finding in run_checks(self.subject(), (area.AREA,)):
            assert finding.name not in found, finding.name
            found[finding.name] = finding
        return found

    def results(self, *names: str) -> list[str]:
        found = self.look()
        return [found[name].result.value for name in names]

    @property
    def written(self) -> list[str]:
        """What was sent to Miinto that is no read; the login is the only one that may be."""
        return [
            call
            for call in self.miinto.calls.counts
            if not call.startswith("GET ") and "/auth/channels" not in call
        ]
