"""The marketplace in memory, and a merchant's world with it, for tests of its orders' flows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.orders import (
    Address,
    Customer,
    MarketOrder,
    OrderState,
    ShippingProvider,
)
from returns_hub.domain.miinto.transfers import Item, Position, Transfer
from returns_hub.errors import Retryable, UnknownOutcome, Verdict
from returns_hub.flows.miinto.follow_despatches import follow_despatches
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.push_stock import push_stock
from returns_hub.flows.miinto.sync_orders import sync_orders
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.ports.marketplace import FeedRow, MappedProduct, ShopAccess, StockRow
from tests.support import fakes
from tests.support.bare import bare_world, person_at
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.market import MarketStore
from tests.support.worlds import merchant_file

DK, SE = "1-m!i!s-045-1234", "1-m!i!s-046-77"
BUYER = Customer(
    name="Ida Holm",
    email="ida@example.test",
    phone="+4599999999",
    billing=Address(
        name="Ida Holm", street="Nygade 1", postcode="8000", city="Aarhus", country="DK"
    ),
    delivery=Address(
        name="Ida Holm", street="Nygade 1", postcode="8000", city="Aarhus", country="DK"
    ),
)
PERSONAL = ("Ida", "Holm", "ida@example.test", "99999999", "Nygade", "Aarhus", "labels.example")
"""What must be nowhere but in the warehouse's order."""
GTINS = {"TEE": "5700000000017", "MUG": "5700000000024", "CAP": "5700000000031"}


def position(number: int, sku: str, quantity: int = 1, price: int = 49900) -> Position:
    """A line of an order, by its GTIN."""
    item = Item(product_id=f"item-{sku}", gtin=GTINS.get(sku, sku), name=f"A {sku.lower()}")
    return Position(id=number, quantity=quantity, price=price, item=item)


def market_order(number: int, *positions: Position, shop: str = DK, **changes: Any) -> MarketOrder:
    """An accepted order of one tee, unless other lines are named."""
    content: dict[str, Any] = {
        "shop": shop,
        "id": number,
        "parent_id": f"26{number}",
        "created_at": fakes.START - timedelta(minutes=10),
        "currency": "DKK",
        "accepted": positions or (position(71, "TEE"),),
        "delivery_type": "home",
        "delivery_word": "HomeDelivery",
        "customer": BUYER,
    }
    return MarketOrder(**(content | changes))


@dataclass(frozen=True)
class Told:
    """A call that told of a despatch."""

    shop: str
    order: int
    values: Mapping[str, str]


class FakeMarketplace:
    """`ports.marketplace.Marketplace`, of orders and stock.

    `trouble` is what goes wrong with the next writes, as in `FakeOrdersWarehouse`; `away` is what
    every read raises. In the list of `unreadable_in` one order, beside the others, cannot be read.
    """

    def __init__(self, clock: fakes.TestClock) -> None:
        self._clock = clock
        self.known: dict[tuple[str, int], MarketOrder] = {}
        self.providers: dict[int, tuple[str, ...]] = {}
        self.told: list[Told] = []
        self.pushed: list[tuple[str, tuple[StockRow, ...]]] = []
        self.rows: list[FeedRow] = []
        self.feed_ends = True
        self.trouble: deque[tuple[Literal["before", "after"], Verdict]] = deque()
        self.away: Verdict | None = None
        self.away_shops: set[str] = set()
        self.unreadable_in: set[str] = set()
        self.reads: list[str] = []
        self.shows_tracking = True

    def put(self, order: MarketOrder) -> None:
        """The order as Miinto has it."""
        self.known[order.shop, order.id] = order

    def require_open(self) -> None:
        return

    def shops(self) -> tuple[ShopAccess, ...]:
        return (ShopAccess(DK, ("DK",)), ShopAccess(SE, ("SE",)))

    def pending_transfers(self, shop: str) -> Iterator[Transfer]:
        return iter(())

    def read_transfer(self, shop: str, transfer: int) -> Transfer | None:
        return None

    def decide_transfer(
        self,
        shop: str,
        transfer: int,
        accepted: Sequence[int],
        declined: Sequence[int],
        send_by: datetime,
    ) -> int | None:
        raise AssertionError("orders decide no transfer")

    def orders(self, shop: str, since: datetime) -> Iterator[MarketOrder]:
        self._read(f"orders {shop}")
        if shop in self.away_shops:
            raise Retryable("miinto.away", "away")
        mine = [order for order in self.known.values() if order.shop == shop]
        mine.sort(key=lambda order: order.created_at or since, reverse=True)
        for order in mine:
            # One of which everything came back keeps its status, and has no goods in it.
            is_accepted = bool(order.accepted) or not (order.pending or order.declined)
            if is_accepted and (order.created_at is None or order.created_at >= since):
                yield order.model_copy(
                    update={"customer": None, "label_url": None, "tracking_seen": None}
                )
        if shop in self.unreadable_in:
            raise Retryable("miinto.unreadable", "an order of Miinto's cannot be read at id")

    def read_order(self, shop: str, order: int) -> MarketOrder | None:
        self._read(f"order {order}")
        found = self.known.get((shop, order))
        if found is None or not self.shows_tracking:
            return found
        told = [t.values["tracking"] for t in self.told if (t.shop, t.order) == (shop, order)]
        return found.model_copy(update={"tracking_seen": told[-1] if told else None})

    def shipping_providers(self, shop: str, order: int) -> tuple[ShippingProvider, ...]:
        self._read(f"providers {order}")
        return tuple(ShippingProvider(id=one) for one in self.providers.get(order, ()))

    def send_tracking(
        self, shop: str, order: int, values: Mapping[str, str], send_by: datetime
    ) -> None:
        after = self._before(send_by)
        self.told.append(Told(shop, order, dict(values)))
        self._after(after)

    def product_map(self, shop: str) -> Iterator[MappedProduct]:
        return iter(())

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        self._read("feed")
        yield from self.rows
        if not self.feed_ends:
            raise Retryable("miinto.feed_cut_off", "the feed is cut off")

    def push_stock(self, shop: str, rows: Sequence[StockRow], send_by: datetime) -> None:
        after = self._before(send_by)
        self.pushed.append((shop, tuple(rows)))
        self._after(after)

    def check_access(self) -> str:
        return "yes"

    def _read(self, what: str) -> None:
        self.reads.append(what)
        if self.away is not None:
            raise self.away

    def _before(self, send_by: datetime) -> Verdict | None:
        if self._clock.now() > send_by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        when, verdict = self.trouble.popleft() if self.trouble else ("", None)
        if when == "before" and verdict is not None:
            raise verdict
        return verdict

    def _after(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            raise verdict


class Products:
    """Finds a SKU by GTIN, as the product map and the feed do."""

    def __init__(self) -> None:
        self.skus = {gtin: sku for sku, gtin in GTINS.items()}
        self.away: Verdict | None = None
        self.asked: list[tuple[str, int]] = []
        self.most = 1000

    def __call__(self, shop: str, items: Sequence[Item], /) -> Mapping[Item, str | None]:
        self.asked.append((shop, len(items)))
        if self.away is not None:
            raise self.away
        return {item: self.skus.get(item.gtin or "") for item in items[: self.most]}


class MarketBench:
    """Everything a test of the orders' flows holds in its hands."""

    def __init__(self, **miinto: Any) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.ledger = fakes.Ledger(self.clock)
        self.cursors = fakes.Cursors(self.clock)
        self.parking = fakes.Parking()
        self.market: Any = MarketStore(self.clock)
        self.marketplace: Any = FakeMarketplace(self.clock)
        self.warehouse: Any = FakeOrdersWarehouse(self.clock)
        for sku in GTINS:
            self.warehouse.set_stock(sku, 100)
        self.identify = Products()
        self.runs = 0
        self.file: dict[str, Any] = merchant_file()
        self.settings: dict[str, Any] = {
            "shops": [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 3}],
            "orders": {"mode": "live"},
            "transfers": {"price_is": "unit"},
            **miinto,
        }

    def set(self, block: str, **changes: Any) -> None:
        """Change one block of the merchant's `miinto:`."""
        self.settings[block] = self.settings.get(block, {}) | changes

    def world(self) -> MarketWorld:
        world = bare_world(self, self.file | {"miinto": self.settings})
        return MarketWorld(world, self.marketplace, None, self.market, self.warehouse)

    # -- what happens in it -----------------------------------------------------------------

    def sync(self, **minutes: float) -> dict[str, int]:
        """One tick of the orders."""
        self.clock.advance(**(minutes or {"minutes": 5}))
        return sync_orders(self.world(), self.identify)

    def follow(self, **minutes: float) -> dict[str, int]:
        """One tick of the despatches."""
        self.clock.advance(**(minutes or {"minutes": 5}))
        return follow_despatches(self.world())

    def push(self, **minutes: float) -> dict[str, int]:
        """One tick of the stock."""
        self.clock.advance(**(minutes or {"minutes": 5}))
        return push_stock(self.world())

    def desk(self) -> Desk:
        """A person at the list of parked work."""
        return person_at(self, market=lambda: self.market)

    def replay(self, *, send_again: bool = False) -> None:
        """A person has the only parked item done again."""
        (item,) = self.parking.list_parked("example")
        assert replay(item, self.desk(), send_again=send_again) == "replayed"

    def discard(self, note: str) -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked("example")
        assert discard(item, self.desk(), note) == "discarded"

    def made(self, number: int = 1, **changes: Any) -> int:
        """An order that is made; the warehouse's id of it."""
        self.marketplace.put(market_order(number, **changes))
        assert self.sync().get("made") == 1
        made_id = self.state(number).made_id
        assert made_id is not None
        return made_id

    # -- what came of it --------------------------------------------------------------------

    def state(self, number: int = 1, shop: str = DK) -> OrderState:
        found: OrderState = self.market.order("example", shop, number)
        return found

    def kinds(self, number: int = 1, shop: str = DK) -> list[str]:
        return [e.fact.kind for e in self.market.timeline("example", "order", shop, number)]

    def parked(self) -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked("example")]

    def reasons(self) -> str:
        return "\n".join(item.reason for item in self.parking.list_parked("example"))

    def drafts(self) -> list[Any]:
        return [kept.draft for kept in self.warehouse.kept.values()]


LIVE = Mode.LIVE.value
AWAY = Retryable("partner.away", "away")
LOST = UnknownOutcome("mintsoft.unknown_outcome", "no answer")
"""Whether the warehouse did it nobody knows."""
