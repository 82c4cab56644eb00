"""The warehouse's stock is told to the marketplace: what changed, and never on a guess."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.ports.marketplace import FeedRow
from tests.support.market_partners import AWAY, DK, SE, MarketBench, market_order, position

LOST = UnknownOutcome("miinto.unknown_outcome", "no answer")


def row(sku: str, size: str = "M", group: str = "") -> FeedRow:
    return FeedRow(sku=sku, group=group or f"G-{sku}", brand="Acme", color="Red", size=size)


@pytest.fixture
def bench() -> MarketBench:
    made = MarketBench(stock={"mode": "live"}, shops=[{"id": DK, "warehouse": 3}])
    made.marketplace.rows = [row("TEE"), row("MUG"), row("CAP")]
    return made


def told(bench: MarketBench, shop: str = DK) -> dict[str, int]:
    """What Miinto shows: the last word for each variant's group."""
    return {
        r.group: r.stock for where, rows in bench.marketplace.pushed if where == shop for r in rows
    }


def last(bench: MarketBench) -> dict[str, int]:
    return {r.group: r.stock for r in bench.marketplace.pushed[-1][1]}


def many(bench: MarketBench, count: int, units: int = 5) -> list[str]:
    """So many products, each with a variant of its own."""
    skus = [f"SKU-{number:03d}" for number in range(count)]
    bench.marketplace.rows = [row(sku) for sku in skus]
    bench.warehouse.units.clear()
    for sku in skus:
        bench.warehouse.set_stock(sku, units)
    return skus


def test_every_variant_is_told_first_and_then_what_changed(bench: MarketBench) -> None:
    assert bench.push() == {"told": 3}
    assert told(bench) == {"G-TEE": 100, "G-MUG": 100, "G-CAP": 100}
    (shop, (first, *_)) = bench.marketplace.pushed[0]
    assert shop == DK
    assert (first.brand, first.color, first.size) == ("Acme", "Red", "M")

    assert bench.push() == {"unchanged": 3}
    assert len(bench.marketplace.pushed) == 1
    bench.warehouse.set_stock("MUG", 7)
    assert bench.push() == {"unchanged": 2, "told": 1}
    assert last(bench) == {"G-MUG": 7}


def test_every_variant_is_told_again_after_some_hours(bench: MarketBench) -> None:
    bench.push()
    assert bench.push(hours=23) == {"unchanged": 3}
    assert bench.push(hours=2) == {"told": 3}
    assert bench.push() == {"unchanged": 3}


def test_what_is_promised_and_kept_back_is_taken_off(bench: MarketBench) -> None:
    bench.set("stock", stock_kept_back=3)
    bench.marketplace.put(market_order(1, position(71, "TEE", 2), position(72, "UNKNOWN")))
    bench.sync()
    bench.warehouse.set_stock("MUG", 2)
    bench.warehouse.set_stock("CAP", 50, quarantined=10)
    bench.push()
    assert told(bench) == {"G-TEE": 95, "G-MUG": 0, "G-CAP": 37}


def test_what_one_shop_promised_is_not_taken_off_another_shops_warehouse() -> None:
    shops = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 4}]
    bench = MarketBench(stock={"mode": "live"}, shops=shops)
    bench.marketplace.rows = [row("TEE")]
    bench.warehouse.skus.discard("TEE")
    bench.marketplace.put(market_order(1, position(71, "TEE", 2)))
    bench.sync()
    bench.warehouse.skus.add("TEE")
    bench.warehouse.set_stock("TEE", 100, warehouse_id=4)
    bench.push()
    assert (told(bench), told(bench, SE)) == ({"G-TEE": 98}, {"G-TEE": 100})


def test_an_order_that_is_made_between_two_reads_counts_at_least_once(bench: MarketBench) -> None:
    bench.warehouse.skus.discard("TEE")
    bench.marketplace.put(market_order(1, position(71, "TEE", 2)))
    bench.sync()
    really = bench.warehouse.stock_levels

    def meanwhile(warehouse: int) -> Any:
        levels = really(warehouse)
        bench.market.promises.clear()
        bench.warehouse.set_stock("TEE", 98)
        return levels

    bench.warehouse.stock_levels = meanwhile
    bench.push()
    assert told(bench)["G-TEE"] == 98


def test_a_sku_with_several_variants_keys_is_told_for_each(bench: MarketBench) -> None:
    bench.marketplace.rows = [row("TEE", size="S"), row("TEE", size="M")]
    assert bench.push()["told"] == 2


def test_each_shop_has_its_warehouses_stock(bench: MarketBench) -> None:
    bench.settings["shops"] = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 4}]
    bench.warehouse.set_stock("TEE", 8, warehouse_id=4)
    assert bench.push() == {"told": 4, "unknown_in_warehouse": 2}
    assert told(bench, SE) == {"G-TEE": 8}


def test_batches_are_as_large_as_the_file_says(bench: MarketBench) -> None:
    bench.set("stock", batch=4)
    many(bench, 10)
    bench.push()
    assert [len(rows) for _, rows in bench.marketplace.pushed] == [4, 4, 2]
    keys = sorted(bench.ledger.rows)
    assert keys == [f"push-stock/example/045-1234/1/{number}" for number in (1, 2, 3)]


def test_what_cannot_be_told_is_counted_listed_and_never_a_zero(bench: MarketBench) -> None:
    bench.marketplace.rows = [
        row("TEE"),
        row("GONE"),
        row("MUG", group="SAME"),
        row("CAP", group="SAME"),
    ]
    assert bench.push() == {"told": 1, "unknown_in_warehouse": 1, "ambiguous": 2}
    assert told(bench) == {"G-TEE": 100}
    lines = {
        fields["why"]: fields["skus"]
        for text, fields in bench.telemetry.lines
        if text == "stock left out"
    }
    assert lines == {"unknown_in_warehouse": "GONE", "ambiguous": "CAP, MUG"}
    bench.marketplace.rows = [row("TEE")]
    assert bench.push()["no_feed_row"] == 2


# -- never on a guess --------------------------------------------------------------------------


def test_stock_that_cannot_be_read_stays_as_it_was_told(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.push()
    bench.marketplace.pushed.clear()
    levels_of = bench.warehouse.stock_levels

    def levels(warehouse_id: int) -> dict[str, StockLevel]:
        odd = StockLevel(0, is_doubtful=True, is_unreadable=True)
        return {**levels_of(warehouse_id), "MUG": odd}

    monkeypatch.setattr(bench.warehouse, "stock_levels", levels)
    assert bench.push() == {"unchanged": 2, "unknown_in_warehouse": 1}
    assert not bench.marketplace.pushed


def test_a_feed_that_was_cut_off_is_not_used(bench: MarketBench) -> None:
    bench.marketplace.feed_ends = False
    assert bench.push() == {"failed": 1}
    assert bench.marketplace.pushed == []


def test_a_stock_read_that_was_cut_off_is_not_used(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: int) -> Any:
        raise AWAY

    monkeypatch.setattr(bench.warehouse, "stock_levels", cut)
    assert bench.push() == {"failed": 1}
    assert bench.marketplace.pushed == []


def test_an_empty_feed_and_an_empty_stock_are_an_operators(bench: MarketBench) -> None:
    bench.warehouse.units.clear()
    assert bench.push() == {"failed": 1}
    assert bench.telemetry.total("Misconfigured", code="mintsoft.no_stock") == 1
    bench.marketplace.rows = []
    assert bench.push() == {"failed": 1}
    assert bench.telemetry.total("Misconfigured", code="miinto.no_feed") == 1
    assert bench.marketplace.pushed == []


def empty(bench: MarketBench, skus: list[str]) -> None:
    for sku in skus:
        bench.warehouse.set_stock(sku, 0)


def test_a_sudden_drop_stops_the_push_until_a_person_lets_it_pass(bench: MarketBench) -> None:
    skus = many(bench, 40)
    bench.push()
    empty(bench, skus[:13])
    assert bench.push() == {"asked": 1}
    assert bench.push() == {"asked": 1}
    assert set(told(bench).values()) == {5}
    (item,) = bench.parking.list_parked("example")
    assert (item.code, item.times) == ("stock.sudden_drop", 1)
    assert "13 of 40 variants" in item.reason

    bench.replay()
    assert bench.push()["told"] == 13
    assert sum(units == 0 for units in told(bench).values()) == 13
    empty(bench, skus[13:30])
    assert bench.push() == {"asked": 1}
    assert len(bench.parking.list_parked("example")) == 1


def test_a_drop_that_a_person_does_not_believe_is_never_told(bench: MarketBench) -> None:
    skus = many(bench, 40)
    bench.push()
    empty(bench, skus[:20])
    bench.push()
    bench.discard("it is wrong")
    assert bench.push() == {"asked": 1}
    for sku in skus[:20]:
        bench.warehouse.set_stock(sku, 4)
    assert bench.push()["told"] == 20
    empty(bench, skus[:20])
    assert bench.push() == {"asked": 1}
    assert len(bench.parking.list_parked("example")) == 1


@pytest.mark.parametrize(
    ("gone", "share", "stops"), [(12, 30, False), (13, 30, True), (9, 1, False)]
)
def test_only_a_large_share_is_a_sudden_drop(
    bench: MarketBench, gone: int, share: int, stops: bool
) -> None:
    bench.set("stock", most_to_zero_percent=share)
    skus = many(bench, 40)
    bench.push()
    empty(bench, skus[:gone])
    assert ("asked" in bench.push()) is stops


# -- trouble -----------------------------------------------------------------------------------


def test_after_an_unknown_end_every_variant_is_told_anew(bench: MarketBench) -> None:
    """Nobody knows what Miinto shows: it may be the number that was never kept."""
    bench.push()
    bench.warehouse.set_stock("TEE", 1)
    bench.marketplace.trouble.append(("after", LOST))
    assert bench.push()["failed"] == 1
    bench.warehouse.set_stock("TEE", 100)
    assert bench.push() == {"told": 3}
    assert told(bench)["G-TEE"] == 100
    assert bench.push() == {"unchanged": 3}


def test_what_is_known_not_told_is_told_by_the_next_run(bench: MarketBench) -> None:
    bench.set("stock", batch=2)
    bench.push()
    for sku in ("TEE", "MUG", "CAP"):
        bench.warehouse.set_stock(sku, 9)
    bench.marketplace.trouble.append(("before", AWAY))
    assert bench.push() == {"failed": 1}
    assert bench.push() == {"told": 3}


def test_batches_before_the_trouble_are_kept(bench: MarketBench) -> None:
    bench.set("stock", batch=1)
    bench.push()
    for sku in ("TEE", "MUG", "CAP"):
        bench.warehouse.set_stock(sku, 9)
    really = bench.marketplace.push_stock
    sent: list[int] = []

    def second_fails(*arguments: Any) -> None:
        sent.append(1)
        if len(sent) == 2:
            raise AWAY
        really(*arguments)

    bench.marketplace.push_stock = second_fails
    assert bench.push() == {"told": 1, "failed": 1}
    assert bench.push() == {"unchanged": 1, "told": 2}


def refusing(bench: MarketBench, *groups: str) -> list[int]:
    """Miinto refuses a request that holds one of these variants; the sizes of all requests."""
    really = bench.marketplace.push_stock
    sizes: list[int] = []

    def push_stock(shop: str, rows: Any, send_by: Any) -> None:
        sizes.append(len(rows))
        if any(one.group in groups for one in rows):
            raise Permanent("miinto.refused", "Miinto refuses it: no such item")
        really(shop, rows, send_by)

    bench.marketplace.push_stock = push_stock
    return sizes


def test_what_miinto_refuses_is_parked(bench: MarketBench) -> None:
    really = bench.marketplace.push_stock
    refusing(bench, "G-TEE", "G-MUG", "G-CAP")
    assert bench.push() == {"failed": 1}
    assert bench.parked() == ["miinto.refused"]
    bench.marketplace.push_stock = really
    assert bench.push() == {"told": 3}


def test_one_variant_that_miinto_refuses_stops_no_other_and_is_named(bench: MarketBench) -> None:
    bench.set("stock", batch=16)
    many(bench, 64)
    refusing(bench, "G-SKU-007")
    assert bench.push() == {"told": 63, "failed": 1}
    assert bench.parked() == ["miinto.refused"]
    assert bench.reasons() == "Miinto refuses it: no such item: SKU-007"

    bench.warehouse.set_stock("SKU-050", 1)
    assert bench.push() == {"unchanged": 62, "told": 1, "failed": 1}
    assert last(bench) == {"G-SKU-050": 1}


def test_what_is_refused_of_every_variant_is_kept_as_it_was_told_before(bench: MarketBench) -> None:
    bench.push()
    really = bench.marketplace.push_stock
    refusing(bench, "G-CAP")
    assert bench.push(hours=25) == {"told": 2, "failed": 1}
    bench.marketplace.push_stock = really
    assert bench.push() == {"unchanged": 3}


def test_a_shop_that_refuses_everything_is_left_after_some_requests(bench: MarketBench) -> None:
    bench.set("stock", batch=1)
    skus = many(bench, 64)
    sizes = refusing(bench, *(f"G-{sku}" for sku in skus))
    assert bench.push() == {"failed": 1}
    assert len(sizes) == 20


def test_a_feed_that_takes_several_runs_comes_to_its_end(bench: MarketBench) -> None:
    """What was not told yet comes before what is only told again."""
    bench.set("stock", batch=1)
    skus = many(bench, 12)
    really = bench.marketplace.push_stock
    left: list[int] = []

    def slow(*arguments: Any) -> None:
        really(*arguments)
        left.append(1)
        if len(left) % 5 == 0:
            bench.clock.left = 5.0

    bench.marketplace.push_stock = slow
    for _ in range(3):
        bench.clock.left = 300.0
        bench.push()
    assert set(told(bench)) == {f"G-{sku}" for sku in skus}


def test_shops_take_turns_where_the_time_does_not_suffice_for_all(bench: MarketBench) -> None:
    bench.settings["shops"] = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 3}]
    really = bench.marketplace.push_stock

    def slow(*arguments: Any) -> None:
        really(*arguments)
        bench.clock.left = 5.0

    bench.marketplace.push_stock = slow
    for _ in range(2):
        bench.clock.left = 300.0
        for sku in ("TEE", "MUG", "CAP"):
            bench.warehouse.set_stock(sku, 50 + int(bench.clock.now().minute))
        assert bench.push() == {"told": 3, "not_started": 1}
    assert set(told(bench, SE)) == {"G-TEE", "G-MUG", "G-CAP"}


def test_one_shops_trouble_is_its_own(bench: MarketBench) -> None:
    bench.settings["shops"] = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 3}]
    bench.marketplace.trouble.append(("before", AWAY))
    assert bench.push() == {"failed": 1, "told": 3}
    assert told(bench, DK) == {}


def test_time_ends_a_run_and_the_next_goes_on(bench: MarketBench) -> None:
    bench.set("stock", batch=1)
    really = bench.marketplace.push_stock

    def slow(*arguments: Any) -> None:
        really(*arguments)
        bench.clock.left = 5.0

    bench.clock.left = 300.0
    bench.marketplace.push_stock = slow
    assert bench.push() == {"told": 1, "not_started": 2}
    bench.clock.left = 300.0
    bench.marketplace.push_stock = really
    assert bench.push() == {"told": 3}
    assert bench.push() == {"unchanged": 3}


def test_in_shadow_nothing_is_told_nor_kept(bench: MarketBench) -> None:
    bench.set("stock", mode="shadow")
    assert bench.push() == {"would_tell": 3}
    assert (bench.marketplace.pushed, bench.ledger.rows) == ([], {})
    bench.set("stock", mode="live")
    assert bench.push() == {"told": 3}


def test_stock_only_tells_stock(bench: MarketBench) -> None:
    bench.settings["level"] = "stock_only"
    assert bench.push() == {"told": 3}


def test_off_reads_nothing(bench: MarketBench) -> None:
    bench.set("stock", mode="off")
    assert bench.push() == {"off": 1}
    assert bench.marketplace.reads == []


def test_one_run_at_a_time(bench: MarketBench) -> None:
    assert bench.cursors.acquire("miinto/stock/example", "another", 3600)
    assert bench.push() == {}
