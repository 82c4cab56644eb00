"""What was told to another place, or in a load that has no end, is told anew; and what is spelt
otherwise now is no zero."""

from __future__ import annotations

import pytest

from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.flows.wair.feed_cursor import ask_full
from tests.support.feed_worlds import FeedBench

LOST = UnknownOutcome("wair.unknown_outcome", "no answer")
NO = Permanent("wair.refused", "skuId is not known")


@pytest.fixture
def bench() -> FeedBench:
    made = FeedBench()
    made.only("stock")
    made.stock.put("TEE-S", 12)
    made.stock.put("TEE-M", 8)
    made.stock.put("MUG", 3)
    return made


def full(bench: FeedBench) -> dict[str, int]:
    """A full run that a person asks for."""
    bench.clock.advance(minutes=1)
    ask_full(bench.world().stores, "example")
    return bench.run(minutes=1)


def slow(bench: FeedBench) -> None:
    """So slow that two parts fit into a run."""
    really = bench.feed.tell

    def slowly(*arguments: object) -> str:
        bench.clock.left -= 110
        answer: str = really(*arguments)
        return answer

    bench.feed.tell = slowly


def test_another_place_is_told_from_the_first_row_on_though_a_run_was_cut_off(
    bench: FeedBench,
) -> None:
    bench.run()
    bench.set("stock", chunk=1)
    slow(bench)
    assert bench.run(minutes=5)["stock.not_told"] == 1
    bench.file["wair"]["tenant"] = "production"
    bench.feed.books["stock"].clear()
    bench.run(minutes=5)
    bench.run(minutes=5)
    assert bench.stock_there() == {"TEE-S": 12, "TEE-M": 8, "MUG": 3}


def test_items_too(bench: FeedBench) -> None:
    bench.only("items")
    for sku in ("ONE", "THREE", "TWO"):
        bench.products.put(sku)
    bench.run()
    bench.set("items", chunk=1)
    slow(bench)
    assert bench.run(minutes=5)["items.not_told"] == 1
    bench.file["wair"]["tenant"] = "production"
    bench.feed.books["items"].clear()
    for _ in range(3):
        bench.run(minutes=5)
    assert set(bench.feed.books["items"]) == {"ONE", "TWO", "THREE"}


@pytest.mark.parametrize("name", ["stock", "items"])
def test_a_load_without_its_last_part_counts_for_nothing(bench: FeedBench, name: str) -> None:
    """A sink may take a full load in with its last part alone."""
    bench.only(name)
    for sku in ("MUG", "TEE-M", "TEE-S"):
        bench.products.put(sku)
    bench.set(name, chunk=1, full_load=True)
    slow(bench)
    for _ in range(4):
        bench.run(minutes=5)
    plain = {
        getattr(row, "sku", None) or row.item
        for part in bench.feed.parts
        for row in part.rows
        if not part.full
    }
    assert plain == {"MUG", "TEE-M", "TEE-S"}


def test_after_a_load_of_which_a_part_was_refused_every_row_is_told_again(
    bench: FeedBench,
) -> None:
    bench.run()
    bench.set("stock", chunk=1, full_load=True)
    bench.feed.parts.clear()
    bench.feed.trouble += [("after", None), ("after", None), ("before", NO)]
    assert bench.run(minutes=5)["failed"] == 1
    told = [row.sku for part in bench.feed.parts for row in part.rows if not part.full]
    assert told == ["MUG", "TEE-M", "TEE-S"]
    assert bench.run() == {"stock.unchanged": 3}


def test_a_load_that_is_refused_again_is_a_persons(bench: FeedBench) -> None:
    bench.run()
    bench.set("stock", chunk=1, full_load=True)
    yes = ("after", None)
    bench.feed.trouble += [yes, yes, ("before", NO), yes, yes, yes, ("before", NO)]
    assert bench.run(minutes=5)["failed"] == 2
    assert bench.parked() == ["wair.refused"]
    assert not bench.is_due(minutes=1)


def test_a_refused_load_of_items_is_told_again_without_replacing(bench: FeedBench) -> None:
    bench.only("sizes", "items")
    bench.products.put("TEE-RED-S")
    bench.set("sizes", full_load=True)
    bench.feed.trouble += [("after", None), ("before", NO)]
    assert bench.run()["failed"] == 1
    assert set(bench.feed.books["items"]) == {"TEE"}
    bench.run(minutes=5)
    assert [(part.data_set, part.full) for part in bench.feed.parts][-2:] == [
        ("sizes", False),
        ("items", False),
    ]
    assert not bench.is_due(minutes=1)


def test_a_sku_that_is_spelt_in_other_letters_now_is_no_zero(bench: FeedBench) -> None:
    """Where capitals make no difference there, its zero would overwrite what is told of it."""
    for sku in ("MUG", "TEE-M", "TEE-S"):
        bench.products.put(sku)
    bench.only("stock", "reserved", "items")
    bench.stock.put("TEE-M", 8, free=5)
    bench.run()
    del bench.stock.levels[3]["TEE-M"]
    bench.stock.put("Tee-M", 8, free=6)
    ended = full(bench)
    told = [
        (row.sku, row.on_hand)
        for part in bench.feed.parts[-3:]
        for row in part.rows
        if part.data_set == "stock"
    ]
    assert ("TEE-M", 0) not in told
    assert ("Tee-M", 8) in told
    assert bench.reserved_there() == {"TEE-M": 3, "Tee-M": 2}
    assert ended["stock.vanished"] == 1


# -- a request whose end nobody knows ------------------------------------------------------------


@pytest.mark.parametrize("tries", [1, 3])
def test_nothing_newer_is_told_while_an_older_request_may_still_arrive(
    bench: FeedBench, tries: int
) -> None:
    """One of them may be taken in late, and would overwrite what was told after it."""
    bench.run()
    bench.stock.put("MUG", 2)
    bench.feed.trouble += [("after", None), *[("before", LOST)] * tries]
    bench.run()
    calls = len(bench.feed.calls)
    bench.stock.put("MUG", 1)
    assert bench.run(now=True, seconds=10) == {"settling": 1}
    assert len(bench.feed.calls) == calls
    assert bench.run(now=True, seconds=60)["stock.told"] >= 1
    assert bench.stock_there()["MUG"] == 1


# -- a location that the file does not name any more ---------------------------------------------


@pytest.fixture
def moved(bench: FeedBench) -> FeedBench:
    bench.only("stock", "reserved")
    bench.stock.put("TEE-M", 8, free=5)
    bench.run()
    bench.file["wair"]["locations"] = [{"id": "WH-2", "warehouses": [3]}]
    return bench


def test_a_location_that_left_the_file_is_a_persons(moved: FeedBench) -> None:
    """What was told of it stays there beside the same goods under another name."""
    moved.run(minutes=5)
    moved.run()
    assert moved.parked() == ["wair.location_left"]
    (item,) = moved.parking.list_parked("example")
    assert "WH-1" in item.reason
    assert "3 SKUs" in item.reason
    assert moved.stock_there() == {"TEE-S": 12, "TEE-M": 8, "MUG": 3}


def test_its_stock_is_told_as_0_when_a_person_says_so(moved: FeedBench) -> None:
    moved.run(minutes=5)
    moved.replay()
    moved.run()
    assert moved.stock_there() == {"TEE-S": 0, "TEE-M": 0, "MUG": 0}
    assert moved.reserved_there() == {"TEE-M": 0}
    assert moved.stock_there("WH-2") == {"TEE-S": 12, "TEE-M": 8, "MUG": 3}
    assert moved.run() == {"stock.unchanged": 3, "reserved.unchanged": 1}
    assert moved.feed.open == ""


def test_it_stays_as_it_is_when_a_person_says_so(moved: FeedBench) -> None:
    moved.run(minutes=5)
    moved.discard()
    moved.run()
    assert moved.stock_there() == {"TEE-S": 12, "TEE-M": 8, "MUG": 3}
    assert moved.run() == {"stock.unchanged": 3, "reserved.unchanged": 1}
    assert not moved.parked()


def test_one_that_comes_back_is_a_location_as_before(moved: FeedBench) -> None:
    moved.run(minutes=5)
    moved.file["wair"]["locations"] = [{"id": "WH-1", "warehouses": [3]}]
    moved.run(minutes=5)
    assert [item.subject for item in moved.parking.list_parked("example")] == ["feed/WH-2"]
    assert moved.stock_there()["MUG"] == 3


def test_nobody_is_asked_about_a_location_without_stock_or_in_shadow(bench: FeedBench) -> None:
    bench.stock.levels = {3: {}, 4: {}}
    bench.stock.put("MUG", 0)
    bench.stock.put("CAP", 2, at=4)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.run()
    bench.file["wair"]["locations"] = [{"id": "WH-3", "warehouses": [3, 4]}]
    bench.set("stock", mode="shadow")
    bench.run(minutes=5)
    assert not bench.parked()
    bench.set("stock", mode="live")
    bench.run(minutes=5)
    assert [item.subject for item in bench.parking.list_parked("example")] == ["feed/WH-2"]
