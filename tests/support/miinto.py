"""A marketplace in memory, and a merchant's world with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from returns_hub.domain.miinto.orders import MarketOrder, ShippingProvider
from returns_hub.domain.miinto.transfers import Item, Position, Transfer, TransferState
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.marketplace import FeedRow, MappedProduct, ShopAccess, StockRow
from tests.support.fakes import TestClock
from tests.support.market import MarketStore
from tests.support.worlds import Bench, merchant_file

DK, SE = "1-m!i!s-045-1234", "1-m!i!s-046-77"
PAGE = 50
Kind = TypeVar("Kind")


class LostAnswer(Exception):
    """The request is carried out, and its answer is lost."""


class FakeMarketplace:
    """`ports.Marketplace`. It decides a position once, as Miinto does.

    `faults` holds for each kind of request what the next ones come to: an exception, a
    `LostAnswer`, or None for a good one. What `before` holds is done before each of its kind.
    """

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.transfers: dict[tuple[str, int], Transfer] = {}
        self.made: list[MarketOrder] = []
        self.decisions: list[tuple[str, int, tuple[int, ...], tuple[int, ...]]] = []
        self.map: dict[str, list[MappedProduct]] = {}
        self.rows: list[FeedRow] = []
        self.requests: Counter[str] = Counter()
        self.faults: dict[str, list[Exception | None]] = {}
        self.before: dict[str, Callable[[], None]] = {}
        self.names_orders = True
        self.unreadable_in: set[str] = set()
        """Shops in whose list one entry, beside the others, cannot be read."""

    # -- what a test does --------------------------------------------------------------------

    def offer(
        self,
        number: int,
        *positions: Position,
        shop: str = DK,
        currency: str | None = "DKK",
        created_at: datetime | None = None,
    ) -> None:
        self.transfers[shop, number] = Transfer(
            shop=shop,
            id=number,
            currency=currency,
            created_at=created_at or self._clock.now(),
            pending=positions,
        )

    def decided_elsewhere(
        self, number: int, *positions: int, shop: str = DK, accepted: bool = False
    ) -> None:
        """Somebody decides in Miinto's own pages, or the offer expires."""
        transfer = self.transfers[shop, number]
        ids = positions or tuple(position.id for position in transfer.pending)
        self._take(transfer, ids if accepted else (), () if accepted else ids)

    def fail(self, kind: str, *faults: Exception | None) -> None:
        self.faults.setdefault(kind, []).extend(faults)

    # -- the port ----------------------------------------------------------------------------

    def require_open(self) -> None:
        self._fault("open")

    def shops(self) -> tuple[ShopAccess, ...]:
        return ()

    def pending_transfers(self, shop: str) -> Iterator[Transfer]:
        self._ask("transfers")
        mine = [transfer for (of, _), transfer in self.transfers.items() if of == shop]
        for number, transfer in enumerate(mine):
            if number and number % PAGE == 0:
                self._ask("transfers")
            yield transfer
        if shop in self.unreadable_in:
            raise Retryable("miinto.unreadable", "a transfer of Miinto's cannot be read at id")

    def read_transfer(self, shop: str, transfer: int) -> Transfer | None:
        self.requests["read_transfer"] += 1
        found = [one for one in self.pending_transfers(shop) if one.id == transfer]
        return found[0] if found else None

    def decide_transfer(
        self,
        shop: str,
        transfer: int,
        accepted: Sequence[int],
        declined: Sequence[int],
        send_by: datetime,
    ) -> int | None:
        self.requests["decide"] += 1
        lost = self._fault("decide")
        found = self.transfers.get((shop, transfer))
        pending = {position.id for position in found.pending} if found else set()
        if found is None or not pending.issuperset((*accepted, *declined)):
            raise Permanent("miinto.refused", "Miinto refuses it: position is not pending")
        self.decisions.append((shop, transfer, tuple(accepted), tuple(declined)))
        order = self._take(found, accepted, declined)
        if lost:
            raise UnknownOutcome("miinto.unknown_outcome", "no answer")
        return order if self.names_orders else None

    def orders(self, shop: str, since: datetime) -> Iterator[MarketOrder]:
        self._ask("orders")
        for order in reversed(self.made):
            if order.shop == shop:
                yield order

    def read_order(self, shop: str, order: int) -> MarketOrder | None:
        return next((one for one in self.made if (one.shop, one.id) == (shop, order)), None)

    def shipping_providers(self, shop: str, order: int) -> tuple[ShippingProvider, ...]:
        return ()

    def send_tracking(
        self, shop: str, order: int, values: Mapping[str, str], send_by: datetime
    ) -> None:
        self.requests["tracking"] += 1

    def product_map(self, shop: str) -> Iterator[MappedProduct]:
        self._ask("map")
        yield from self.map.get(shop, ())

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        self._ask("feed")
        yield from self.rows

    def push_stock(self, shop: str, rows: Sequence[StockRow], send_by: datetime) -> None:
        self.requests["stock"] += 1

    def check_access(self) -> str:
        return ""

    # -- how ---------------------------------------------------------------------------------

    def _ask(self, kind: str) -> None:
        self.requests[kind] += 1
        self._fault(kind)

    def _fault(self, kind: str) -> bool:
        """Whether the answer is to be lost."""
        if kind in self.before:
            self.before[kind]()
        faults = self.faults.get(kind)
        fault = faults.pop(0) if faults else None
        if isinstance(fault, LostAnswer):
            return True
        if fault is not None:
            raise fault
        return False

    def _take(
        self, transfer: Transfer, accepted: Sequence[int], declined: Sequence[int]
    ) -> int | None:
        gone = {*accepted, *declined}
        rest = tuple(position for position in transfer.pending if position.id not in gone)
        key = (transfer.shop, transfer.id)
        if rest:
            self.transfers[key] = transfer.model_copy(update={"pending": rest})
        else:
            del self.transfers[key]
        if not accepted:
            return None
        order = MarketOrder(
            shop=transfer.shop,
            id=555_001 + len(self.made),
            created_at=transfer.created_at,
            accepted=tuple(p for p in transfer.pending if p.id in set(accepted)),
        )
        self.made.append(order)
        return order.id


class FakeStock:
    """Stock of `ports.OrdersWarehouse`."""

    def __init__(self) -> None:
        self.levels: dict[int, dict[str, StockLevel]] = {}
        self.requests = 0
        self.faults: list[Exception] = []

    def require_open(self) -> None:
        """It is."""

    def stock_levels(self, warehouse_id: int) -> Mapping[str, StockLevel]:
        self.requests += 1
        if self.faults:
            raise self.faults.pop(0)
        return dict(self.levels.get(warehouse_id, {}))


def position(number: int, price: int = 9_900, quantity: int = 1, **of_item: Any) -> Position:
    item = {"product_id": "id-tee", "name": "Tee"} | of_item
    return Position(id=number, quantity=quantity, price=price, item=Item.model_validate(item))


class MarketBench:
    """A merchant with a marketplace: TEE is id-tee there, costs 100.00 DKK, and there are 5."""

    def __init__(self, **miinto: Any) -> None:
        self.bench = Bench(file=merchant_file(miinto=self.settings(**miinto)))
        self.clock, self.telemetry = self.bench.clock, self.bench.telemetry
        self.market = MarketStore(self.clock)
        self.miinto = FakeMarketplace(self.clock)
        self.stock = FakeStock()
        self.miinto.map[DK] = [MappedProduct("S", "TEE", "5700000000017", "id-tee")]
        self.miinto.map[SE] = list(self.miinto.map[DK])
        self.price("TEE", DKK=10_000, SEK=15_000)
        self.stock.levels = {3: {"TEE": StockLevel(5)}}

    @staticmethod
    def settings(**changes: Any) -> dict[str, Any]:
        """A `miinto:` block that decides by the rule."""
        return {
            "shops": [
                {"id": DK, "warehouse": 3, "country": "DK"},
                {"id": SE, "warehouse": 3, "country": "SE"},
            ],
            "transfers": {"mode": "live", "rule": {"automatic": True}},
        } | changes

    def price(self, sku: str, gtin: str = "", **prices: int) -> None:
        row = FeedRow(sku, f"G-{sku}", "Acme", "Black", "M", gtin, prices, prices)
        self.miinto.rows = [one for one in self.miinto.rows if one.sku != sku] + [row]

    def file(self, **miinto: Any) -> None:
        """The merchant applies another file."""
        self.bench.file = self.bench.file | {"miinto": self.settings(**miinto)}
        self.bench.version += 1

    def tick(self, minutes: float = 5) -> dict[str, int]:
        """One tick of the schedule that decides transfers."""
        self.clock.advance(minutes=minutes)
        return decide_transfers(self.world())

    def world(self) -> MarketWorld:
        return MarketWorld(
            world=self.bench.world(),
            marketplace=self.miinto,
            rmas=None,
            market=self.market,
            orders=cast(OrdersWarehouse, self.stock),
        )

    def state(self, number: int, shop: str = DK) -> TransferState:
        return self.market.transfer("example", shop, number)

    def verdicts(self, number: int, shop: str = DK) -> dict[int, str]:
        return {one.position: one.code for one in self.state(number, shop).judgements}

    def facts(self, kind: type[Kind], number: int, shop: str = DK) -> list[Kind]:
        events = self.market.timeline("example", "transfer", shop, number)
        return [event.fact for event in events if isinstance(event.fact, kind)]

    def kinds(self, number: int, shop: str = DK) -> list[str]:
        events = self.market.timeline("example", "transfer", shop, number)
        return [event.fact.kind for event in events]


def live(**rule: Any) -> dict[str, Any]:
    """A `transfers:` block that decides by this rule."""
    return {"mode": "live", "rule": {"automatic": True} | rule}
