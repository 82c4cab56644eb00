"""A hub of a merchant that sells on Miinto, for tests of the command: its stores are real, over
DynamoDB in this process; the marketplace and the flows' writes are told what to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.facts import MarketFact, OrderSeen, TransferJudged, TransferSeen
from returns_hub.domain.miinto.orders import Address, Customer, MarketOrder, OrderLine
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, RmaStatus
from returns_hub.domain.miinto.transfers import Item, Judgement, Position
from returns_hub.errors import Verdict
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.ports.marketplace import (
    FeedRow,
    Granted,
    MappedProduct,
    Service,
    ShopAccess,
)
from tests.support.worlds import merchant_file

DK, NL = "1-m!i!s-045-1234", "1-m!i!s-031-778"
MADE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
BUYER = Customer(
    name="Ida Marie Holm",
    email="ida@example.test",
    phone="+4500000000",
    billing=Address(
        name="Ida Marie Holm", street="Nygade 1", postcode="8000", city="Aarhus", country="DK"
    ),
    delivery=Address(
        name="Ida Marie Holm", street="Nygade 1", postcode="8000", city="Aarhus", country="DK"
    ),
)
PRIVATE = ("Ida", "Marie", "Holm", "ida@", "+45", "Nygade", "8000", "Aarhus")


def miinto_block(**changes: Any) -> dict[str, Any]:
    shops = [{"id": DK, "warehouse": 3}, {"id": NL, "warehouse": 4}]
    return {"shops": shops, "transfers": {"price_is": "unit"}} | changes


def miinto_file(**changes: Any) -> dict[str, Any]:
    return merchant_file(miinto=miinto_block(**changes))


@dataclass
class FakeMarketplace:
    """The part of `ports.Marketplace` that the command reads."""

    access: tuple[ShopAccess, ...] = (
        ShopAccess(DK, ("DK",), "Example DK"),
        ShopAccess(NL, ("NL",), "Example NL"),
    )
    orders_by_id: dict[int, MarketOrder] = field(default_factory=dict)
    trouble: Verdict | None = None
    reads: int = 0

    def shops(self) -> tuple[ShopAccess, ...]:
        return self.access

    def read_order(self, shop: str, order: int) -> MarketOrder | None:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        found = self.orders_by_id.get(order)
        return found if found is not None and found.shop == shop else None

    def product_map(self, shop: str) -> Iterator[MappedProduct]:
        return iter(())

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        return iter(())


@dataclass
class FakeProbe:
    """`ports.MarketplaceProbe`."""

    statuses: dict[Service, str | Verdict] = field(default_factory=dict)
    access: tuple[ShopAccess, ...] = (ShopAccess(DK, ("DK",)), ShopAccess(NL, ("NL",)))
    any_shop: bool = False
    names: dict[str, str | Verdict] = field(default_factory=dict)
    versions: tuple[str, ...] = ("2.6",)
    paths: dict[str, str] = field(default_factory=dict)

    def service_status(self, service: Service) -> str:
        return _given(self.statuses.get(service, "OK"))

    def granted(self) -> Granted:
        return Granted(self.access, self.any_shop)

    def shop_name(self, shop: str) -> str:
        return _given(self.names.get(shop, "A shop"))

    def answers_version(self, version: str, shop: str) -> bool:
        return version in self.versions

    def answer_to(self, path: str) -> str:
        return self.paths.get(path, "404")


def _given(what: str | Verdict) -> str:
    if isinstance(what, Verdict):
        raise what
    return what


@dataclass
class MiintoHub:
    """What a test of the command holds in its hands."""

    made: Hub
    marketplace: FakeMarketplace = field(default_factory=FakeMarketplace)
    probe: FakeProbe = field(default_factory=FakeProbe)

    def world(self, merchant: str = "example") -> MarketWorld:
        return replace(
            self.made.market.world(merchant),
            marketplace=self.marketplace,  # type: ignore[arg-type]
        )

    def apply(self, content: dict[str, Any], after: int = 0) -> None:
        self.made.merchants.apply(Merchant.model_validate(content), "test", after=after)

    def transfer(self, number: int, *facts: MarketFact, shop: str = DK) -> None:
        world = self.world()
        world.record_transfer(world.market.transfer("example", shop, number), "test", *facts)

    def order(self, number: int, *facts: MarketFact, shop: str = DK) -> None:
        world = self.world()
        world.record_order(world.market.order("example", shop, number), "test", *facts)

    def keep(self, rma: Rma) -> None:
        self.world().market.keep_rma("example", rma)


def offered(*prices: int, currency: str = "DKK", at: datetime = MADE) -> TransferSeen:
    """A transfer whose positions are numbered from 71 on."""
    return TransferSeen(
        currency=currency,
        created_at=at,
        positions=tuple(
            Position(
                id=71 + n,
                quantity=1,
                price=price,
                item=Item(name=f"Shirt {n}", gtin="5700000000017"),
            )
            for n, price in enumerate(prices)
        ),
    )


def judged(*verdicts: Any) -> TransferJudged:
    return TransferJudged(
        rule="accept@1",
        judgements=tuple(
            Judgement(
                position=71 + n,
                verdict=verdict,
                code="a_code",
                why=f"because of {verdict}",
                sku="TEE",
                available=5,
                least_price=48403,
            )
            for n, verdict in enumerate(verdicts)
        ),
    )


def seen(
    price: int = 49900, *, quantity: int = 1, currency: str = "DKK", at: datetime = MADE
) -> OrderSeen:
    line = OrderLine(position=71, quantity=quantity, price=price, sku="TEE", name="Linen shirt")
    return OrderSeen(parent_id="2611111", created_at=at, currency=currency, lines=(line,))


def live_order(number: int, shop: str = DK) -> MarketOrder:
    return MarketOrder(
        shop=shop,
        id=number,
        delivery_type="parcel_shop",
        delivery_word="ParcelShopDelivery",
        customer=BUYER,
    )


def an_rma(number: str = "30001", status: RmaStatus = "pending", **changes: Any) -> Rma:
    content: dict[str, Any] = {
        "shop": DK,
        "id": number,
        "status": status,
        "status_word": status,
        "created_at": MADE,
        "order_id": "555001",
        "parent_id": "2611111",
        "currency": "DKK",
        "positions": (
            RmaPosition(id="811", price=49900, item=Item(name="Linen shirt"), reason="too_small"),
            RmaPosition(id="812", price=9900, item=Item(name="Belt")),
        ),
        "raw": {"email": "ida@example.test"},
    }
    return Rma(**content | changes)
