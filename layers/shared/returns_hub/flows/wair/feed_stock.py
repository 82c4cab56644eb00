"""A location's stock, and what of it is reserved, is told: what changed, or every row.

Locations are read and held against what was told one after the other, compactly, so that memory
stays flat; what there is no time for is the next run's. What was told is kept location by location.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.location_stock import LocationStock, reasons
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName, WairConnection, WairLocation
from returns_hub.domain.wair.stock_changes import (
    Drop,
    ReservedChanges,
    StockChanges,
    Wanted,
    reserved_changes,
    stock_changes,
)
from returns_hub.errors import Verdict
from returns_hub.flows.wair.feed_batch import FLOW, TIME_FOR_A_PART
from returns_hub.flows.wair.feed_cursor import part_key
from returns_hub.flows.wair.feed_due import STOCK
from returns_hub.flows.wair.feed_read import StillProducts, location_stock
from returns_hub.flows.wair.feed_telling import Set, Telling, after_no_end
from returns_hub.flows.world import REQUEST_SECONDS

TIME_FOR_A_LOCATION = 3 * REQUEST_SECONDS
"""Of reading one more location, and of telling what was read."""
MOST_ROWS = 400_000
"""That are in memory at once, about 40 MB; more are the next run's."""
MOST_NAMED = 20
FREE = "stock.available"
"""Where it is kept what was told of units that can be promised, beside ``stock``."""

Changes = StockChanges | ReservedChanges


@dataclass(frozen=True)
class Looked:
    """A location that was read, and what of it is to be told.

    Args:
        stock: Its stock.
        full: Whether every row is.
        changes: By set.
        drop: See `Drop`.
    """

    stock: LocationStock
    full: bool
    changes: dict[DataSetName, Changes]
    drop: Drop


class StockTelling:
    """One run's share of the locations.

    Args:
        telling: Of the run.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._world = telling.world
        self._place = telling.place
        self._connection = telling.connection
        self._sets = [name for name in STOCK if self._connection.is_told(name)]
        self._still = StillProducts(telling.world, telling.place.cursor)
        self._slowest = 0.0
        self._tells_free = _tells_free(self._connection)

    def run(self) -> None:
        """Tell what is to be told of the locations that are to be looked at.

        Raises:
            Verdict: What ended it; every location that was told is kept.
        """
        by_id = {location.id: location for location in self._connection.locations}
        self._place.advance(todo=tuple(one for one in self._place.cursor.todo if one in by_id))
        while self._place.cursor.todo:
            if not self._has_time():
                self._telling.note("locations", "not_started", len(self._place.cursor.todo))
                return
            stocks = self._read([by_id[one] for one in self._place.cursor.todo])
            if not stocks:
                return
            self._tell(stocks)
            # Parts of a set are numbered within their batch, and the last one says that it is.
            self._telling.close()

    def plan(self) -> tuple[Looked, ...]:
        """What would be told of every location in the list; nothing is written."""
        by_id = {location.id: location for location in self._connection.locations}
        todo = [by_id[one] for one in self._place.cursor.todo if one in by_id]
        return tuple(self._looked(stock, replaces=False) for stock in self._read(todo))

    def tell_left(self, stock: LocationStock) -> bool:
        """Tell that a location which left the file has nothing any more; whether all of it is told.

        Args:
            stock: The location's, without a row.

        Raises:
            Verdict: What ended it.
        """
        ended = True
        for name in self._sets:
            told = self._world.kept.told(self._world.merchant, name, stock.location)
            zeros = tuple(sorted(sku for sku, units in told.items() if units != "0"))
            kind = StockChanges if name == "stock" else ReservedChanges
            changes: Changes = kind(stock, array("l"), zeros)
            one = Looked(stock, full=False, changes={name: changes}, drop=Drop())
            ended = all(self._tell_set(name, [one], full=False)) and ended
            self._telling.raise_trouble()
        self._telling.close()
        return ended

    # -- reading --------------------------------------------------------------------------

    def _has_time(self) -> bool:
        """Whether one more location may be read, though it be slower than those before."""
        needed = max(TIME_FOR_A_LOCATION, TIME_FOR_A_PART + self._slowest * 3 / 2)
        return self._world.stores.clock.remaining() >= needed

    def _read(self, locations: Sequence[WairLocation]) -> list[LocationStock]:
        """The stock of as many of these locations as there is time and room for.

        One that cannot be read is the next look's, and does not keep the others back.
        """
        stocks: list[LocationStock] = []
        names: dict[str, str] = {}
        clock = self._world.stores.clock
        enough = clock.remaining() / 2
        for location in locations:
            is_much = sum(len(one.skus) for one in stocks) >= MOST_ROWS
            if stocks and (is_much or clock.remaining() < enough or not self._has_time()):
                break
            before = clock.remaining()
            try:
                stocks.append(location_stock(self._world, location, names))
                self._slowest = max(self._slowest, before - clock.remaining())
            except Verdict as verdict:
                self._telling.failed(verdict)
                todo = self._place.cursor.todo
                self._place.advance(todo=tuple(one for one in todo if one != location.id))
        return stocks

    def _looked(self, stock: LocationStock, *, replaces: bool) -> Looked:
        cursor = self._place.cursor
        full = stock.location in cursor.full_todo
        changes: dict[DataSetName, Changes] = {}
        drop = Drop()
        for name in self._sets:
            told = self._world.kept.told(self._world.merchant, name, stock.location)
            key = part_key(name, stock.location)
            sure, behind = key not in cursor.begun, cursor.behind.get(key, "")
            wanted = Wanted(full or not sure, sure, replaces, behind)
            if name == "stock":
                of_stock = stock_changes(stock, told, wanted, self._still, self._free(stock))
                changes[name], drop = of_stock, of_stock.drop
            else:
                changes[name] = reserved_changes(stock, told, wanted, self._still)
        return Looked(stock, full, changes, drop)

    # -- telling --------------------------------------------------------------------------

    def _tell(self, stocks: list[LocationStock]) -> None:
        replaces = {name for name in self._sets if self._replaces(name, stocks)}
        looked: list[Looked] = []
        for stock in stocks:
            one = self._looked(stock, replaces="stock" in replaces)
            self._explain(one)
            if self._may_drop(one):
                looked.append(one)
        if len(looked) < len(stocks):
            # What is asked about would be gone there.
            replaces = set()
        whole: list[bool] = [True] * len(looked)
        for name in self._sets:
            done = self._tell_set(name, looked, full=name in replaces)
            whole = [before and now for before, now in zip(whole, done, strict=True)]
            self._telling.raise_trouble()
        asked = {stock.location for stock in stocks} - {one.stock.location for one in looked}
        ended = {one.stock.location for one, is_all in zip(looked, whole, strict=True) if is_all}
        for location in ended:
            self._telling.guard.forget(location)
        full = {one.stock.location for one in looked if one.full}
        cursor = self._place.cursor
        self._place.advance(
            todo=tuple(one for one in cursor.todo if one not in ended | asked),
            full_todo=tuple(one for one in cursor.full_todo if one not in ended & full),
        )

    def _tell_set(self, name: DataSetName, looked: Sequence[Looked], *, full: bool) -> list[bool]:
        """Tell one set of these locations; which of them are told."""
        changes = [one.changes[name] for one in looked]
        for change in changes:
            self._telling.note(name, "unchanged", change.unchanged)
        if self._connection.data_set(name).mode is Mode.SHADOW:
            self._telling.note(name, "would_tell", sum(map(len, changes)))
            return [True] * len(looked)
        parts = [one.stock.location for one, change in zip(looked, changes, strict=True) if change]
        rows: Iterator[Row] = (row for change in changes for row in change.to_tell())
        count = sum(map(len, changes))
        told = self._telling.tell(
            Set(name, [part_key(name, part) for part in parts], full), rows, count
        )
        has_end = told.rows == count
        left = told.rows
        ended: list[bool] = []
        for one, change in zip(looked, changes, strict=True):
            done = min(left, len(change))
            left -= done
            is_all = done == len(change)
            self._keep(name, one, change, done, whole=full and has_end)
            part = part_key(name, one.stock.location)
            if full and not has_end:
                if told.is_known:
                    self._telling.unsettle(part, after_no_end(told))
            elif is_all:
                self._telling.settle(part, done, full=one.full)
            elif told.is_known:
                behind = last_of(change, done) if told.trouble is None else ""
                self._telling.unsettle(part, behind or None)
            ended.append(is_all or self._telling.was_refused(name))
        # What a load without an end leaves there, nobody knows: all of it is told again.
        return [has_end] * len(ended) if full else ended

    def _keep(
        self, name: DataSetName, one: Looked, change: Changes, done: int, *, whole: bool
    ) -> None:
        rows = dict(islice(change.as_told(), done))
        if not rows and not whole:
            return
        kept, part = self._world.kept, one.stock.location
        kept.keep_told(self._world.merchant, name, rows, part=part, whole=whole)
        if self._tells_free and isinstance(change, StockChanges):
            rows = dict(islice(change.free_as_told(), done))
            kept.keep_told(self._world.merchant, FREE, rows, part=part, whole=whole)

    def _free(self, stock: LocationStock) -> Mapping[str, str] | None:
        if not self._tells_free:
            return None
        return self._world.kept.told(self._world.merchant, FREE, stock.location)

    def _replaces(self, name: DataSetName, stocks: Sequence[LocationStock]) -> bool:
        """Whether what is told is the whole set: every location, read to its end, and every SKU
        known that is there."""
        data_set = self._connection.data_set(name)
        if not data_set.full_load or data_set.mode is not Mode.LIVE:
            return False
        full = set(self._place.cursor.full_todo)
        ids = {location.id for location in self._connection.locations}
        if full != ids:
            return False
        is_cut = any(part_key(name, one) in self._place.cursor.behind for one in ids)
        known = [s.is_known if name == "stock" else s.is_reserved_known for s in stocks]
        if {stock.location for stock in stocks} == ids and all(known) and not is_cut:
            return True
        self._telling.note(name, "full_load_withheld", 1)
        return False

    # -- what a person has to see ---------------------------------------------------------

    def _may_drop(self, one: Looked) -> bool:
        location, guard = one.stock.location, self._telling.guard
        if any(self._connection.data_set(name).mode is Mode.LIVE for name in self._sets):
            passes = guard.may_pass(location, one.drop)
            self._telling.note("stock", "asked", 0 if passes else 1)
            return passes
        self._telling.note("stock", "would_ask", 1 if guard.is_sudden(one.drop) else 0)
        return True

    def _explain(self, one: Looked) -> None:
        for name, why, skus in left_out(one):
            self._telling.note(name, why, len(skus))
            named = ", ".join(sku[:60] for sku in skus[:MOST_NAMED])
            self._world.stores.telemetry.log(
                "stock left out",
                flow=FLOW,
                location=one.stock.location,
                why=why,
                count=len(skus),
                skus=named,
            )


def _tells_free(connection: WairConnection) -> bool:
    """Whether rows of stock also tell what can be promised: WAIR's own names have none for it."""
    stock = connection.data_set("stock")
    is_named = "available" in stock.fields or connection.sink != "wair_api"
    return is_named and "available" not in stock.omit


def last_of(change: Changes, done: int) -> str:
    """The SKU of the last row of stock among the first that were told; nothing without any."""
    at = min(done, len(change.rows)) - 1
    return change.stock.skus[change.rows[at]] if at >= 0 else ""


def left_out(one: Looked) -> Iterator[tuple[DataSetName, str, Sequence[str]]]:
    """What of a location is not told: of which set, why, and its SKUs."""
    for why, skus in reasons(one.stock.left_out):
        yield "stock", why, skus
    for name, change in one.changes.items():
        if isinstance(change, StockChanges) and change.vanished:
            yield name, "vanished", change.vanished
        if isinstance(change, ReservedChanges) and change.unknown:
            yield name, "allocated_unknown", change.unknown
