"""Stock intelligence in memory, and a merchant's world with it, for tests of its feed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

from returns_hub.domain.wair.location_stock import reserved_row
from returns_hub.domain.wair.rows import (
    ColorRow,
    ItemRow,
    LocationRow,
    ReservedRow,
    Row,
    SizeRow,
    StockRow,
)
from returns_hub.domain.wair.settings import DataSetName, WairConnection
from returns_hub.domain.warehouse_goods import ProductPage, WarehouseProduct
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed import run_feed
from returns_hub.flows.wair.feed_cursor import FeedCursor, cursor_name
from returns_hub.flows.wair.feed_due import is_due
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from returns_hub.ports.feed import Part, StockAdvice
from tests.support import fakes
from tests.support.bare import bare_world, person_at
from tests.support.fake_goods import FakeProductsWarehouse
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.sync import FakeSyncStore
from tests.support.worlds import merchant_file

ROWS: Mapping[DataSetName, type] = {
    "locations": LocationRow,
    "sizes": SizeRow,
    "colors": ColorRow,
    "items": ItemRow,
    "stock": StockRow,
    "reserved": ReservedRow,
}
LIVE = {name: {"mode": "live"} for name in ROWS}


def id_of(row: Row) -> str:
    """What a row is told under."""
    match row:
        case LocationRow():
            return row.location
        case SizeRow():
            return row.size
        case ColorRow():
            return row.color
        case ItemRow():
            return row.item
        case StockRow():
            return f"{row.location}|{row.sku}"
        case ReservedRow():
            return row.id


class FakeFeed:
    """`ports.feed.Feed` that keeps the rules: one batch at a time, rows in an open batch only,
    parts no larger than they may be and numbered without a gap, a set replaced by its last part.

    `trouble` is what goes wrong with the next writes, as in `FakeOrdersWarehouse`.
    """

    def __init__(self, clock: fakes.TestClock) -> None:
        self._clock = clock
        self.connection: WairConnection | None = None
        self.books: dict[str, dict[str, Row]] = {name: {} for name in ROWS}
        self.open: str = ""
        self.batches: list[str] = []
        self.parts: list[Part] = []
        self.calls: list[str] = []
        self.trouble: deque[tuple[Literal["before", "after"], Verdict]] = deque()
        self.away: Verdict | None = None
        self._loading: dict[str, dict[str, Row]] = {}
        self._told: list[Part] = []

    def require_open(self) -> None:
        """See `ports.feed.Feed.require_open`."""
        if self.away is not None:
            raise self.away

    def begin(self, run: str, send_by: datetime) -> str:
        """See `ports.feed.Feed.begin`."""
        after = self._before("start", send_by)
        assert not self.open or self.open == run, f"{self.open} is open, and {run} begins"
        self.open = run
        self.batches.append(run)
        self._loading, self._told = {}, []
        self._after(after)
        return f"batch {run}"

    def tell(self, run: str, part: Part, send_by: datetime) -> str:
        """See `ports.feed.Feed.tell`."""
        assert self.connection is not None
        assert run == self.open, f"rows of {run} while {self.open or 'none'} is open"
        assert 0 < len(part.rows) <= self.connection.chunk_of(part.data_set)
        assert {type(row) for row in part.rows} == {ROWS[part.data_set]}
        assert self.connection.data_set(part.data_set).mode.value == "live"
        self._in_order(part)
        after = self._before(f"{part.data_set} {part.number}", send_by)
        self._told.append(part)
        self.parts.append(part)
        rows = {id_of(row): row for row in part.rows}
        assert len(rows) == len(part.rows), "an id twice in one part"
        if part.full:
            loading = self._loading.setdefault(part.data_set, {})
            loading |= rows
        self.books[part.data_set] |= rows
        if part.full and not part.more:
            self.books[part.data_set] = self._loading.pop(part.data_set)
        self._after(after)
        return ""

    def end(self, run: str, send_by: datetime) -> None:
        """See `ports.feed.Feed.end`."""
        after = self._before("stop", send_by)
        if self.open == run:
            self.open = ""
        self._after(after)

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:
        """See `ports.feed.Feed.told_back`."""
        return iter(self.books[data_set].values())

    def check_access(self) -> str:
        """See `ports.feed.Feed.check_access`."""
        return "yes"

    def _in_order(self, part: Part) -> None:
        """Parts have no gap, the last one says that it is, and one told again is the same."""
        mine = [one for one in self._told if one.data_set == part.data_set]
        if mine and mine[-1].number == part.number:
            assert part == mine[-1], "another part of the same number"
            return
        assert part.number == (mine[-1].number + 1 if mine else 1), "a part is left out"
        assert not mine or (mine[-1].more and mine[-1].full == part.full), "it was the last part"

    def _before(self, what: str, send_by: datetime) -> Verdict | None:
        self.calls.append(what)
        if self.away is not None:
            raise self.away
        if self._clock.now() > send_by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        when, verdict = self.trouble.popleft() if self.trouble else ("", None)
        if when == "before" and verdict is not None:
            raise verdict
        return verdict

    def _after(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            raise verdict


class FakeFeedStore:
    """`ports.feed_store.FeedStore`, of what was told."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], dict[str, str]] = {}

    def told(self, merchant: str, data_set: str, part: str = "") -> Mapping[str, str]:
        """See `FeedStore.told`."""
        return dict(self.rows.get((merchant, data_set, part), {}))

    def keep_told(
        self,
        merchant: str,
        data_set: str,
        rows: Mapping[str, str],
        *,
        part: str = "",
        gone: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """See `FeedStore.keep_told`."""
        before = {} if whole else self.rows.get((merchant, data_set, part), {})
        leaving = set(gone) - rows.keys()
        after = {key: text for key, text in before.items() if key not in leaving}
        self.rows[merchant, data_set, part] = after | dict(rows)


class PagedProducts(FakeProductsWarehouse):
    """Products whose list comes in pages of two; `hides` are left out of every list."""

    SIZE = 2

    def __init__(self, clock: fakes.TestClock, skus: tuple[str, ...] = ()) -> None:
        super().__init__(clock, skus)
        self.hides: set[int] = set()
        self.pages: list[tuple[datetime | None, int]] = []
        self.away: Verdict | None = None
        self.seconds = 0.0

    def products_updated_since(
        self, since: datetime | None, most_calls: int, first_page: int = 1
    ) -> ProductPage:
        """See `ProductsWarehouse.products_updated_since`; one page at a time."""
        if self.away is not None:
            raise self.away
        self._clock.left -= self.seconds
        self.pages.append((since, first_page))
        found = super().products_updated_since(since, most_calls).products
        shown = [one for one in found if one.product_id not in self.hides]
        at = (first_page - 1) * self.SIZE
        more = first_page + 1 if at + self.SIZE < len(shown) else None
        return ProductPage(tuple(shown[at : at + self.SIZE]), 1, more)

    def put(self, sku: str, name: str = "", **fields: Any) -> int:
        """A product that is there; its id."""
        made = max([900, *self.kept]) + 1
        now = self._clock.now()
        self.kept[made] = replace(
            WarehouseProduct(made, sku, name or sku.title(), now.isoformat(), now), **fields
        )
        return made


class Levels(FakeOrdersWarehouse):
    """Stock as the warehouse's list shows it; `seconds` is what reading one warehouse takes."""

    def __init__(self, clock: fakes.TestClock) -> None:
        super().__init__(clock)
        self.levels: dict[int, dict[str, StockLevel]] = {}
        self.reads: list[int] = []
        self.away: dict[int, Verdict] = {}
        self.seconds = 0.0

    def stock_levels(self, warehouse_id: int) -> Mapping[str, StockLevel]:
        """See `OrdersWarehouse.stock_levels`."""
        self.reads.append(warehouse_id)
        self._clock.left -= self.seconds
        if warehouse_id in self.away:
            raise self.away[warehouse_id]
        return dict(self.levels.get(warehouse_id, {}))

    def put(self, sku: str, units: int, free: int | None = None, at: int = 3, **more: Any) -> None:
        """So many units are there, and of them so many are not allocated."""
        level = units if free is None else free
        self.levels.setdefault(at, {})[sku] = StockLevel(level, units, **more)


def wair_block(**changes: Any) -> dict[str, Any]:
    """The `wair:` block; every set is live."""
    content: dict[str, Any] = {
        "base_url": "http://127.0.0.1:5/api/v1",
        "tenant": "example",
        "locations": [{"id": "WH-1", "warehouses": [3]}],
        "data_sets": {name: dict(one) for name, one in LIVE.items()},
    }
    return content | changes


class FeedBench:
    """Everything a test of the feed holds in its hands."""

    def __init__(self, **wair: Any) -> None:
        self.clock = fakes.TestClock()
        self.clock.left = 280.0
        self.telemetry = fakes.Telemetry()
        self.ledger: Any = fakes.Ledger(self.clock)
        self.cursors: Any = fakes.Cursors(self.clock)
        self.parking = fakes.Parking()
        self.kept: Any = FakeFeedStore()
        self.feed: Any = FakeFeed(self.clock)
        self.stock: Any = Levels(self.clock)
        self.products: Any = PagedProducts(self.clock)
        self.runs = 0
        self.file = merchant_file()
        self.file["mintsoft"]["orders"] = {"stock_level_means": "available"}
        self.file["wair"] = wair_block(**wair)

    # -- the world --------------------------------------------------------------------------

    def set(self, name: str, **changes: Any) -> None:
        """Change how one set is told."""
        sets = self.file["wair"]["data_sets"]
        sets[name] = sets.get(name, {}) | changes

    def only(self, *names: str) -> None:
        """Tell these sets alone."""
        self.file["wair"]["data_sets"] = {name: {"mode": "live"} for name in names}

    def world(self) -> FeedWorld:
        """What a run is given."""
        world = bare_world(self, self.file)
        connection = world.live.merchant.wair
        assert connection is not None
        self.feed.connection = connection
        return FeedWorld(
            sync=SyncWorld(world, FakeSyncStore(self.clock)),
            orders=self.stock,
            order_changes=cast(Any, None),
            products=self.products,
            sales=cast(Any, None),
            kept=self.kept,
            intelligence=Intelligence(connection, self.feed, cast(StockAdvice, None)),
        )

    # -- what happens in it -----------------------------------------------------------------

    def run(self, *, now: bool = False, **later: float) -> dict[str, int]:
        """One tick of the feed, 15 minutes later unless it is said."""
        self.clock.advance(**(later or {"minutes": 15}))
        self.clock.left = 280.0
        return run_feed(self.world(), now)

    def is_due(self, **later: float) -> bool:
        """Whether the feed has something to do."""
        self.clock.advance(**later)
        return is_due(self.world(), self.clock.now())

    def person(self) -> Desk:
        """A person at the list of parked work."""
        return person_at(self)

    def replay(self) -> None:
        """A person has the only parked item done again."""
        (item,) = self.parking.list_parked("example")
        assert replay(item, self.person()) == "replayed"

    def discard(self) -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked("example")
        assert discard(item, self.person(), "it is wrong") == "discarded"

    # -- what came of it --------------------------------------------------------------------

    def cursor(self) -> FeedCursor:
        """Where the feed stands."""
        return FeedCursor.of(self.cursors.read(cursor_name("example")))

    def stock_there(self, location: str = "WH-1") -> dict[str, int]:
        """SKU -> units, as stock intelligence has them."""
        rows = self.feed.books["stock"].values()
        return {row.sku: row.on_hand for row in rows if row.location == location}

    def reserved_there(self, location: str = "WH-1") -> dict[str, int]:
        """SKU -> units not for replenishment, as stock intelligence has them."""
        rows = self.feed.books["reserved"].values()
        assert all(row == reserved_row(row.location, row.sku, row.quantity) for row in rows)
        return {row.sku: row.quantity for row in rows if row.location == location}

    def told_in_all(self, name: str) -> int:
        """Rows of a set that were told, every part of every run."""
        return sum(len(part.rows) for part in self.feed.parts if part.data_set == name)

    def parked(self) -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked("example")]

    def left_out(self) -> dict[str, str]:
        """Why -> the SKUs that a run left out, as the log says."""
        return {
            str(fields["why"]): str(fields["skus"])
            for text, fields in self.telemetry.lines
            if text in {"stock left out", "products left out"}
        }
