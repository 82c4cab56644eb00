"""Deliberate defects: the feed to stock intelligence."""

from __future__ import annotations

from tests.mutations.model import LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

STOCK = tests("flow/wair/test_feed_stock.py")
PRODUCTS = tests("flow/wair/test_feed_products.py")
POWER = tests("flow/wair/test_feed_power.py")
MAPPING = tests("unit/test_wair_mapping.py")
KEPT = tests("contract/test_told_rows.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


PLACES = tests("flow/wair/test_feed_places.py")
FILES = tests("contract/test_wair_files.py")
CUT_OFF = "                    self._telling.unsettle(part, after_no_end(told))\n"

OF_WAIR_FEED = (
    _defect(
        "another place is told on from where the first one was cut off",
        LOST,
        ("flows/wair/feed_due.py", '    changes |= {"behind": {}}\n', ""),
        PLACES,
    ),
    _defect(
        "a load without its last part counts as told",
        LOST,
        (
            "flows/wair/feed_stock.py",
            CUT_OFF,
            CUT_OFF.replace("after_no_end(told)", "last_of(change, done) or None"),
        ),
        PLACES,
    ),
    _defect(
        "a SKU that is spelt otherwise now is told as 0",
        TOLD,
        (
            "domain/wair/stock_changes.py",
            "    left = [sku for sku in gone if sku.casefold() not in alike]\n",
            "    left = [sku for sku in gone if sku not in alike]\n",
        ),
        PLACES,
    ),
    _defect(
        "rows are told while an older request may still be taken in",
        TOLD,
        (
            "flows/wair/feed.py",
            "    if until is not None and world.stores.clock.now() < until:\n",
            "    if False:\n",
        ),
        PLACES,
    ),
    _defect(
        "a location that left the file is told as 0 without anybody's word",
        TOLD,
        (
            "flows/wair/feed_left.py",
            'word = self._telling.guard.leaving(location, skus) if skus else "stay"',
            'word = "tell" if skus else "stay"',
        ),
        PLACES,
    ),
    _defect(
        "files of a load that was cut off say that they are the whole set",
        LOST,
        (
            "adapters/wair/file_sink.py",
            "        partly |= {name for name, part in last.items() if part.more}\n",
            "",
        ),
        FILES,
    ),
    _defect(
        "a batch that a run left open is not closed by the next one",
        LOST,
        (
            "flows/wair/feed_batch.py",
            "        if self._place.cursor.open:\n",
            "        if False:\n",
        ),
        STOCK,
        POWER,
    ),
    _defect(
        "a batch is opened before the cursor names it",
        LOST,
        (
            "flows/wair/feed_batch.py",
            "        self._place.advance(number=number, open=run)\n",
            "        self._place.advance(number=number)\n",
        ),
        POWER,
    ),
    _defect(
        "what has no known end is taken for what is kept",
        LOST,
        (
            "flows/wair/feed_telling.py",
            "        self.place.advance(begun=begun)\n        told = self.batch",
            "        told = self.batch",
        ),
        POWER,
        STOCK,
    ),
    _defect(
        "a SKU whose stock is shown twice is told all the same",
        TOLD,
        (
            "domain/wair/location_stock.py",
            "    if level.is_doubtful:\n",
            "    if False:\n",
        ),
        MAPPING,
        STOCK,
    ),
    _defect(
        "a full load is claimed though a location was not read",
        LOST,
        (
            "flows/wair/feed_stock.py",
            "if {stock.location for stock in stocks} == ids and all(known) and not is_cut:",
            "if all(known) and not is_cut:",
        ),
        STOCK,
    ),
    _defect(
        "a full load is claimed though what is there of a SKU is not known",
        LOST,
        (
            "flows/wair/feed_stock.py",
            "== ids and all(known) and not is_cut:",
            "== ids and not is_cut:",
        ),
        STOCK,
    ),
    _defect(
        "an item loses a SKU that the warehouse's list did not show",
        LOST,
        (
            "flows/wair/feed_products.py",
            "            if product is not None:\n",
            "            if False:\n",
        ),
        PRODUCTS,
    ),
    _defect(
        "an empty warehouse is a warehouse without stock",
        TOLD,
        ("flows/wair/feed_read.py", "        if not levels:\n", "        if False:\n"),
        STOCK,
    ),
    _defect(
        "a shadow tells",
        SHADOW,
        (
            "flows/wair/feed_stock.py",
            "        if self._connection.data_set(name).mode is Mode.SHADOW:\n",
            "        if False:\n",
        ),
        STOCK,
    ),
    _defect(
        "rounds of one run are parts of the same number in one batch",
        TWICE,
        (
            "flows/wair/feed_stock.py",
            "            self._telling.close()\n",
            "            pass\n",
        ),
        STOCK,
    ),
    _defect(
        "a bucket's other rows are forgotten when one of them is kept",
        LOST,
        (
            "adapters/dynamodb/told_rows.py",
            "            held = {} if whole else _unpacked(packed)\n",
            "            held: dict[str, str] = {}\n",
        ),
        KEPT,
    ),
)
