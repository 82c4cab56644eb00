"""The bench of the lint measures what it says."""

from __future__ import annotations

from bench.lint import CASES, lint


def test_nothing_wrong_is_nothing_found_and_costs_its_pages() -> None:
    row = lint(150, CASES[0], 0.0)
    assert row.counts == {}
    # Two pages and the empty one behind them, of products; one of orders.
    assert row.requests["mintsoft"] == 4
    assert row.requests["unleashed"] == 2
    assert row.peak_mb > 0


def test_skus_that_are_spelt_otherwise_are_each_found_once() -> None:
    row = lint(150, CASES[1], 0.0)
    assert row.counts["sku_twins_across"] == 150 + 11
    assert row.counts["sku_characters"] == 150
    assert set(row.counts) == {"sku_twins_across", "sku_characters"}
