"""Locations, and items with their sizes and colours, are told: what changed, or every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from returns_hub.domain.base import short_hash
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.catalogue import EXPECTED, Catalogue, catalogue_of
from returns_hub.domain.wair.rows import ColorRow, ItemRow, LocationRow, Row, SizeRow
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.flows.wair.feed_batch import FLOW
from returns_hub.flows.wair.feed_due import OF_PRODUCTS
from returns_hub.flows.wair.feed_products import ProductReading
from returns_hub.flows.wair.feed_read import kept_products, units_of
from returns_hub.flows.wair.feed_telling import Set, Telling, after_no_end

MOST_NAMED = 20


@dataclass(frozen=True)
class MasterChanges:
    """What of a set is to be told.

    Args:
        name: Which set.
        changed: Ids of the rows that are to be told -> a word that is equal for equal rows.
        unchanged: How many are as they were told.
        rows: Every row of the set, made when it is needed.
    """

    name: DataSetName
    changed: dict[str, str]
    unchanged: int
    rows: Callable[[], Iterator[Row]]

    def __len__(self) -> int:
        return len(self.changed)

    def to_tell(self) -> Iterator[Row]:
        """Their rows, in the order of `changed`."""
        return (row for row in self.rows() if id_of(row) in self.changed)


class MasterTelling:
    """One run's share of what changes rarely.

    Args:
        telling: Of the run.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._world = telling.world
        self._place = telling.place
        self._connection = telling.connection
        self._sets = [name for name in OF_PRODUCTS if self._connection.is_told(name)]

    def tell_places(self) -> None:
        """Tell the locations, if they are to be told.

        Raises:
            Verdict: What ended it.
        """
        if not self._place.cursor.places:
            return
        if self._tell(self._changes("locations", self._locations)):
            self._place.advance(places=False)

    def tell_products(self) -> None:
        """Read on, and once all products are read tell items, sizes and colours.

        Raises:
            Verdict: What ended it.
        """
        if not self._place.cursor.master or self._place.cursor.places:
            return
        if self._sets:
            if not ProductReading(self._world, self._place).is_done():
                self._telling.note("products", "being_read", 1)
                return
            catalogue = self.catalogue()
            self._explain(catalogue)
            is_known = catalogue.left_out.keys() <= EXPECTED
            is_told = True
            for changes in self.changes(catalogue):
                if not self._tell(changes, is_known=is_known):
                    is_told = False
                    if not self._telling.was_refused(changes.name):
                        return
            if not is_told:
                return
        self._place.advance(master="", reading=None)

    def catalogue(self) -> Catalogue:
        """The products as they were read last."""
        return catalogue_of(
            kept_products(self._world),
            self._connection.skus,
            units_of(self._world),
            count_bundles=self._connection.count_bundles,
        )

    def changes(self, catalogue: Catalogue) -> Iterator[MasterChanges]:
        """What of each set is to be told, in the order of `DATA_SETS`."""
        rows: dict[str, Callable[[], Iterator[Row]]] = {
            "sizes": catalogue.sizes,
            "colors": catalogue.colors,
            "items": catalogue.items,
        }
        return (self._changes(name, rows[name]) for name in self._sets)

    def places(self) -> MasterChanges:
        """What of the locations is to be told."""
        return self._changes("locations", self._locations)

    def _locations(self) -> Iterator[Row]:
        for one in sorted(self._connection.locations, key=lambda location: location.id):
            yield LocationRow(one.id, one.id, one.name or one.id, one.type)

    def _changes(self, name: DataSetName, rows: Callable[[], Iterator[Row]]) -> MasterChanges:
        told = self._world.kept.told(self._world.merchant, name)
        cursor = self._place.cursor
        is_full = cursor.master == "full" or name in cursor.begun
        behind = cursor.behind.get(name, "")
        changed: dict[str, str] = {}
        count = 0
        for row in rows():
            count += 1
            key, word = id_of(row), short_hash(repr(row))
            if told.get(key) != word or (is_full and key > behind):
                changed[key] = word
        return MasterChanges(name, changed, count - len(changed), rows)

    def _tell(self, changes: MasterChanges, *, is_known: bool = True) -> bool:
        """Whether the set is told, or never will be like that.

        Args:
            changes: What of it.
            is_known: Nothing is left out for want of knowing, so that the rest may go there.
        """
        name, data_set = changes.name, self._connection.data_set(changes.name)
        self._telling.note(name, "unchanged", changes.unchanged)
        if data_set.mode is Mode.SHADOW:
            self._telling.note(name, "would_tell", len(changes))
            return True
        is_all_rows = self._place.cursor.master == "full"
        is_cut = name in self._place.cursor.behind
        full = data_set.full_load and is_all_rows and is_known and not is_cut
        if data_set.full_load and is_all_rows and not full:
            self._telling.note(name, "full_load_withheld", 1)
        told = self._telling.tell(Set(name, [name], full), changes.to_tell(), len(changes))
        done = dict(islice(changes.changed.items(), told.rows))
        is_all = told.rows == len(changes)
        if done:
            self._world.kept.keep_told(self._world.merchant, name, done, whole=full and is_all)
        if is_all:
            self._telling.settle(name, told.rows, full=is_all_rows)
        elif told.is_known and full:
            self._telling.unsettle(name, after_no_end(told))
        elif told.is_known:
            behind = next(reversed(done), None) if told.trouble is None else None
            self._telling.unsettle(name, behind)
        self._telling.raise_trouble()
        return is_all or (self._telling.was_refused(name) and not full)

    def _explain(self, catalogue: Catalogue) -> None:
        for why, skus in catalogue.left_out.items():
            self._telling.note("items", why, len(skus))
            named = ", ".join(sku[:60] for sku in skus[:MOST_NAMED])
            log = self._world.stores.telemetry.log
            log("products left out", flow=FLOW, why=why, count=len(skus), skus=named)


def id_of(row: Row) -> str:
    """A row's stable id.

    Raises:
        TypeError: It is a row of stock, which is kept by location.
    """
    match row:
        case LocationRow():
            return row.location
        case SizeRow():
            return row.size
        case ColorRow():
            return row.color
        case ItemRow():
            return row.item
        case _:
            raise TypeError("rows of stock are kept by location")
