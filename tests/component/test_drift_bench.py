"""The bench of a look at stock measures what it says: what differs is found, in few calls."""

from __future__ import annotations

from bench.drift import look


def test_a_look_finds_what_differs_and_asks_each_warehouse_once() -> None:
    looked = look(200, 3)

    # The sample's own products are not at Mintsoft.
    assert looked.found == {
        "lint.barcode_duplicate": 7,
        "lint.sku_not_in_mintsoft": 11,
        "stock.unleashed": 2,
        "stock.wair": 2 * 3,
        "stock.miinto": 2 * 2,
        "stock.mintsoft_missing": 6,
    }
    assert looked.failed == {}
    # Stock of each warehouse, rows read again, products; and two pages of products for the lint.
    assert looked.calls["unleashed"] == 1 + 3 + 2 + 2
    assert looked.peak_mb > 0
    assert looked.seconds(0.6) > looked.seconds(0.0)
