"""The bench of the ERP measures what it says: everything ends, is counted, and comes once."""

from __future__ import annotations

from bench.unleashed import orders, products, stock
from bench.unleashed_world import MEGABYTES


def test_a_catalogue_is_read_once_and_then_costs_what_changed() -> None:
    first, quiet, changed, resumed = products(120, 0.0)

    # The sample's products are not at Mintsoft, and one of them has no goods.
    assert first.counts == {"in_step": 118, "made": 13, "skipped": 1}
    assert first.requests["unleashed"] == 1
    assert first.notes["twice"] == 0
    assert quiet.counts == {}
    assert quiet.requests["unleashed"] == 1
    assert "mintsoft" not in quiet.requests
    assert changed.counts == {"updated": 10}
    assert changed.requests["mintsoft"] == 10 * 4
    assert resumed.notes["twice"] == 0
    assert resumed.notes["products at Mintsoft"] == first.notes["products at Mintsoft"]
    assert 0 < sum(resumed.counts.values()) < sum(first.counts.values())
    assert max(row.peak_mb for row in (first, quiet, changed, resumed)) > 0
    assert MEGABYTES == 256


def test_orders_are_made_once_and_then_cost_their_edits() -> None:
    made, quiet, edited = orders(7, 0.0)

    assert made.counts == {"imported": 7}
    assert made.notes["orders at Mintsoft"] == 7
    assert quiet.counts == {}
    assert "mintsoft" not in quiet.requests
    assert edited.counts == {"edited": 1}
    assert edited.notes["orders at Mintsoft"] == 7
    assert edited.notes["twice"] == 0


def test_stock_is_compared_adjusted_once_and_then_quiet() -> None:
    compared, adjusted, quiet, again = stock(100, 0.0)

    assert compared.notes == {
        "pages of StockOnHand": 2,
        "adjustments": 0,
        "left that differ": 1,
    }
    assert adjusted.counts == {"adjusted": 1}
    assert adjusted.notes["adjustments"] == 1
    assert adjusted.notes["left that differ"] == 0
    for row in (quiet, again):
        assert row.counts == {}
        assert row.notes["adjustments"] == 0
        assert row.notes["left that differ"] == 0
