"""Locations that the merchant's file does not name any more: what was told of them stays there.

Beside the same goods under another location's name it would be counted twice. But the goods may
also be told by somebody else by now: so a person is asked.
"""

from __future__ import annotations

from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.location_stock import LocationStock
from returns_hub.flows.wair.feed_batch import TIME_FOR_A_PART
from returns_hub.flows.wair.feed_cursor import part_key
from returns_hub.flows.wair.feed_due import STOCK
from returns_hub.flows.wair.feed_stock import StockTelling
from returns_hub.flows.wair.feed_telling import Telling


class LeftLocations:
    """One run's share of them.

    Args:
        telling: Of the run.
        stock: Tells rows.
    """

    def __init__(self, telling: Telling, stock: StockTelling) -> None:
        self._telling = telling
        self._stock = stock
        self._world = telling.world
        self._place = telling.place
        self._connection = telling.connection

    def run(self) -> None:
        """Ask about them, and tell what a person has decided.

        Raises:
            Verdict: What ended it.
        """
        live = [name for name in STOCK if self._connection.is_told(name)]
        if any(self._connection.data_set(name).mode is not Mode.LIVE for name in live) or not live:
            return
        for location in self._left():
            skus = self._with_stock(location)
            word = self._telling.guard.leaving(location, skus) if skus else "stay"
            if word == "tell" and self._has_time():
                nothing = LocationStock(location, {})
                word = "stay" if self._stock.tell_left(nothing) else ""
            if word == "stay":
                self._forget(location)

    def _left(self) -> list[str]:
        """Those of which something was told."""
        named = {location.id for location in self._connection.locations}
        told = (key.split("/", 1) for key in self._place.cursor.last)
        return sorted({one[1] for one in told if len(one) > 1 and one[1] not in named})

    def _with_stock(self, location: str) -> int:
        """How many SKUs have stock there, as far as it was told."""
        kept, merchant = self._world.kept, self._world.merchant
        told = [kept.told(merchant, name, location) for name in STOCK]
        return len({sku for rows in told for sku, units in rows.items() if units != "0"})

    def _has_time(self) -> bool:
        return self._world.stores.clock.remaining() >= TIME_FOR_A_PART

    def _forget(self, location: str) -> None:
        """Nothing more is done about it; what was told of it stays kept."""
        gone = {part_key(name, location) for name in STOCK}
        cursor = self._place.cursor
        self._place.advance(
            last={key: one for key, one in cursor.last.items() if key not in gone},
            begun=tuple(key for key in cursor.begun if key not in gone),
            behind={key: row for key, row in cursor.behind.items() if key not in gone},
        )
        self._telling.guard.forget(location)
