"""The feed of a machine that ends anywhere: batches are closed, and rows are told at last."""

from __future__ import annotations

import pytest

from returns_hub.flows.wair.feed_cursor import ask_full
from tests.support.feed_worlds import FeedBench
from tests.support.power import Mains, Power, PowerCut

WRITES = {
    "ledger": ("claim", "settle"),
    "cursors": ("acquire", "advance", "release"),
    "kept": ("keep_told",),
    "feed": ("begin", "tell", "end"),
}


def bench_of_everything() -> FeedBench:
    bench = FeedBench(
        locations=[{"id": "WH-1", "warehouses": [3]}, {"id": "WH-2", "warehouses": [4]}]
    )
    bench.set("stock", chunk=2, full_load=True)
    for number, sku in enumerate(("TEE-RED-S", "TEE-RED-M", "MUG")):
        bench.products.put(sku)
        bench.stock.put(sku, 10 + number, free=9)
        bench.stock.put(sku, 20 + number, at=4)
    return bench


def cut_off(bench: FeedBench, steps: int, minutes: int) -> bool:
    """A run that ends where the power does; whether it did."""
    power, kept = Power(steps), {name: getattr(bench, name) for name in WRITES}
    really = bench.feed
    for name, calls in WRITES.items():
        setattr(bench, name, Mains(kept[name], power, *calls))
    try:
        world = bench.world()
        really.connection = world.require_intelligence().connection
        bench.run(minutes=minutes)
    except PowerCut:
        return True
    else:
        return False
    finally:
        for name in WRITES:
            setattr(bench, name, kept[name])


def is_right(bench: FeedBench) -> None:
    for location, at in (("WH-1", 3), ("WH-2", 4)):
        wanted = {sku: one.total for sku, one in bench.stock.levels[at].items()}
        assert bench.stock_there(location) == wanted
        held = {sku: (one.total or 0) - one.level for sku, one in bench.stock.levels[at].items()}
        there: dict[str, int] = {sku: n for sku, n in bench.reserved_there(location).items() if n}
        assert there == {sku: n for sku, n in held.items() if n}
        assert bench.kept.told("example", "stock", location) == {
            sku: str(units) for sku, units in wanted.items()
        }
    assert set(bench.feed.books["items"]) == {"TEE", "MUG"}
    assert set(bench.feed.books["sizes"]) == {"S", "M"}
    assert bench.feed.open == ""
    cursor = bench.cursor()
    assert (cursor.open, cursor.begun, cursor.todo, cursor.full_todo, cursor.master) == (
        "",
        (),
        (),
        (),
        "",
    )


def settle(bench: FeedBench) -> None:
    """Runs until there is nothing to do; a lease of a run that is gone ends by itself."""
    for _ in range(6):
        bench.run(minutes=6)
    assert not bench.is_due(minutes=1)


@pytest.mark.parametrize("when", ["first", "changed", "full"])
def test_wherever_the_power_goes_all_is_told_at_last_and_every_batch_closed(when: str) -> None:
    steps = 0
    while True:
        bench = bench_of_everything()
        if when != "first":
            bench.run()
            is_right(bench)
            bench.stock.put("MUG", 1)
            bench.stock.put("TEE-RED-M", 3, free=1, at=4)
        if when == "full":
            ask_full(bench.world().stores, "example")
        is_cut = cut_off(bench, steps, 16)
        # What changes back would hide behind what was kept before.
        bench.stock.put("MUG", 12, free=9)
        settle(bench)
        bench.clock.advance(minutes=15)
        is_right(bench)
        if not is_cut:
            break
        steps += 1
    assert steps > 30


def test_two_cuts_in_a_row() -> None:
    for first in range(0, 60, 7):
        for second in range(0, 40, 5):
            bench = bench_of_everything()
            cut_off(bench, first, 16)
            bench.stock.put("MUG", 12, free=2)
            cut_off(bench, second, 16)
            settle(bench)
            is_right(bench)
