"""A large catalogue: read in parts, within its calls, and afterwards by change only."""

from __future__ import annotations

import json

from returns_hub.domain.unleashed.names import STOCK as NAME
from tests.support.erp_stock import CAP, TEE, StockBench, catalogue

MANY, PAGE = 2_000, 200
"""Ten pages: more than the calls of one run."""


def test_a_large_catalogue_is_read_in_parts_within_the_calls_of_a_run() -> None:
    only = {"warehouses": {"MAIN": 3}, "warehouses_elsewhere": ["3PL"]}
    block = {"calls_per_run": 10, "catalogue_page_size": PAGE, **only}
    bench = StockBench(block=block, lines_per_adjustment=10)
    catalogue(bench, MANY)
    off = [f"P{n:05d}" for n in range(0, MANY, 80)]
    for sku in off:
        bench.count(sku, 4)
    bench.count(CAP, 3)

    runs, most = 0, 0
    while bench.there(off[-1]) != 4 or bench.there(CAP) != 3:
        begin = bench.calls()
        bench.run("stock", minutes=5)
        most = max(most, bench.calls() - begin)
        assert len(json.dumps(bench.cursors.read("sync/unleashed.stock/example"))) < 350_000
        runs += 1
        assert runs < 30, bench.kept().keys()
    assert runs > 2
    assert most <= 10
    assert [bench.there(sku) for sku in off] == [4] * len(off)
    assert sum(len(lines) for lines in bench.adjustments()) == len(off) + 1
    assert bench.parked() == []


def test_afterwards_it_costs_by_change_only() -> None:
    bench = StockBench(block={"catalogue_page_size": 100})
    catalogue(bench, 2000)
    bench.wait(hours=4)
    bench.run("stock")
    bench.wait(hours=4)
    bench.run("stock")
    begin = bench.calls()
    bench.run("stock")
    resting = bench.calls() - begin
    bench.count("P00007", 4)
    begin = bench.calls()
    bench.run("stock")
    assert bench.there("P00007") == 4
    changed = bench.calls() - begin
    assert (resting, changed) == (3, 12)


def test_where_very_much_changed_everything_is_read() -> None:
    bench = StockBench(block={"catalogue_page_size": 1000})
    catalogue(bench, 300)
    bench.wait(hours=4)
    bench.run("stock")
    bench.wait(hours=4)
    for n in range(0, 300, 2):
        bench.count(f"P{n:05d}", 4)
    begin = bench.calls()
    bench.run("stock")
    # Everything in one page, 150 products in 4 lots, and 2 adjustments with a look each.
    assert bench.calls() - begin < 45
    assert bench.there("P00298") == 4
    assert bench.there(TEE) == 40


def test_more_differences_than_can_be_kept_wait_for_their_turn() -> None:
    bench = StockBench(settle_minutes=30, hard_stop={"from_units": 1_000_000})
    catalogue(bench, 1200)
    for n in range(1200):
        bench.count(f"P{n:05d}", 4)
    for _ in range(4):
        bench.run("stock", minutes=30)
        value = bench.cursors.read("sync/unleashed.stock/example")
        assert len(json.dumps(value)) < 350_000
    for _ in range(4):
        bench.run("stock", hours=24)
    assert {bench.there(f"P{n:05d}") for n in range(1200)} == {4}


def test_what_stands_in_a_shadow_costs_calls_once_and_is_told_once() -> None:
    """Before a flow goes live much differs, for days: nothing evens it out."""
    bench = StockBench(proven=False, settle_minutes=30)
    bench.set("stock", mode="shadow", adjustment_means="unknown")
    catalogue(bench, 1000)
    for n in range(300):
        bench.count(f"P{n:05d}", 4)
    bench.wait(hours=4)
    bench.run("stock")
    assert bench.run("stock", minutes=30) == {"shadow": 1}
    told = bench.state_of(NAME, "MAIN").version
    for _ in range(3):
        begin = bench.calls()
        assert bench.run("stock", minutes=15) == {}
        assert bench.calls() - begin <= 5
    bench.count("P00900", 3)
    bench.run("stock", minutes=15)
    assert bench.run("stock", minutes=30) == {"shadow": 1}
    assert bench.state_of(NAME, "MAIN").version < told + 8
    bench.run("stock", hours=24)
    (plan,) = bench.plan("stock")
    assert sum("adjust 100 products" in step.steps[0].summary for step in plan.changes) == 3
    # Live begins with what the shadow knows of.
    bench.set("stock", mode="live", adjustment_means="delta", settle_minutes=30)
    bench.prove()
    bench.run("stock", minutes=15)
    assert sum(len(lines) for lines in bench.adjustments()) == 301
