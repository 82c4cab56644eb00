"""Stock is told to stock intelligence: what changed, summed right, and never on a guess."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.wair.feed_cursor import ask_full
from tests.support.feed_worlds import FeedBench

LOST = UnknownOutcome("wair.unknown_outcome", "no answer")
AWAY = Retryable("wair.away", "away", after=5)
LONG_AWAY = Retryable("wair.away", "away", after=300)
NO = Permanent("wair.refused", "skuId is not known")


@pytest.fixture
def bench() -> FeedBench:
    made = FeedBench()
    made.only("stock", "reserved")
    made.stock.put("TEE-RED-S", 12)
    made.stock.put("TEE-RED-M", 8, free=5)
    made.stock.put("MUG", 0)
    return made


def many(bench: FeedBench, count: int, units: int = 5, at: int = 3) -> list[str]:
    bench.stock.levels[at] = {}
    skus = [f"SKU-{number:03d}" for number in range(count)]
    for sku in skus:
        bench.stock.put(sku, units, at=at)
    return skus


def full(bench: FeedBench) -> dict[str, int]:
    """A full run that a person asks for."""
    bench.clock.advance(minutes=1)
    ask_full(bench.world().stores, "example")
    return bench.run(minutes=1)


# -- what is told ------------------------------------------------------------------------------


def test_all_is_told_first_and_then_what_changed(bench: FeedBench) -> None:
    assert bench.run() == {"stock.told": 3, "reserved.told": 1}
    assert bench.stock_there() == {"TEE-RED-S": 12, "TEE-RED-M": 8, "MUG": 0}
    assert bench.reserved_there() == {"TEE-RED-M": 3}
    assert bench.feed.calls == ["start", "stock 1", "reserved 1", "stop"]

    assert bench.run() == {"stock.unchanged": 3, "reserved.unchanged": 1}
    assert len(bench.feed.batches) == 1
    bench.stock.put("TEE-RED-S", 11)
    assert bench.run() == {"stock.told": 1, "stock.unchanged": 2, "reserved.unchanged": 1}
    assert bench.stock_there()["TEE-RED-S"] == 11
    assert bench.kept.told("example", "stock", "WH-1")["TEE-RED-S"] == "11"


def test_what_is_there_is_told_with_allocated_and_quarantined_units_beside_it(
    bench: FeedBench,
) -> None:
    bench.stock.put("TEE-RED-M", 20, free=14, quarantined=2)
    bench.run()
    assert (bench.stock_there()["TEE-RED-M"], bench.reserved_there()["TEE-RED-M"]) == (20, 8)
    bench.stock.put("TEE-RED-M", 20, free=20)
    bench.run()
    assert (bench.stock_there()["TEE-RED-M"], bench.reserved_there()["TEE-RED-M"]) == (20, 0)


def test_a_locations_warehouses_are_summed(bench: FeedBench) -> None:
    bench.file["wair"]["locations"] = [
        {"id": "UK", "warehouses": [3, 4]},
        {"id": "DE", "warehouses": [5]},
    ]
    bench.stock.put("TEE-RED-M", 10, free=9, at=4)
    bench.stock.put("CAP", 2, at=4)
    bench.stock.put("TEE-RED-M", 7, at=5)
    bench.run()
    assert bench.stock_there("UK") == {"TEE-RED-S": 12, "TEE-RED-M": 18, "MUG": 0, "CAP": 2}
    assert bench.reserved_there("UK") == {"TEE-RED-M": 4}
    assert bench.stock_there("DE") == {"TEE-RED-M": 7}
    assert bench.feed.calls.count("start") == 1
    assert bench.feed.calls.count("stock 1") == 1


def test_what_the_warehouse_cannot_tell_is_never_told(bench: FeedBench) -> None:
    bench.file["mintsoft"]["orders"] = {"stock_level_means": "unknown"}
    bench.stock.put("CAP", 3, is_doubtful=True)
    bench.stock.put("tee-red-s", 1)
    bench.stock.put("SET", 4, bundle=True)
    ended = bench.run()
    assert bench.stock_there() == {"MUG": 0}
    assert ended["stock.unproven"] == 1
    assert bench.left_out() == {
        "unproven": "TEE-RED-M",
        "doubtful": "CAP",
        "case_twin": "TEE-RED-S, tee-red-s",
        "bundle": "SET",
    }


def test_a_sku_that_one_warehouse_cannot_tell_is_not_told_from_the_other(bench: FeedBench) -> None:
    bench.file["wair"]["locations"] = [{"id": "UK", "warehouses": [3, 4]}]
    bench.stock.put("TEE-RED-S", 2, at=4, is_doubtful=True)
    bench.run()
    assert "TEE-RED-S" not in bench.stock_there("UK")


def test_bundles_are_told_where_the_file_says_so(bench: FeedBench) -> None:
    bench.stock.put("SET", 4, bundle=True)
    bench.file["wair"]["count_bundles"] = True
    bench.run()
    assert bench.stock_there()["SET"] == 4


def test_what_is_allocated_is_not_guessed_where_one_number_is_shown(bench: FeedBench) -> None:
    bench.file["mintsoft"]["orders"] = {"stock_level_means": "on_hand"}
    one = bench.stock.levels[3]["TEE-RED-M"]
    bench.stock.levels[3]["TEE-RED-M"] = type(one)(level=9, total=None, quarantined=2)
    assert bench.run()["reserved.allocated_unknown"] == 1
    assert bench.stock_there()["TEE-RED-M"] == 9
    assert "TEE-RED-M" not in bench.reserved_there()


def test_parts_are_as_large_as_the_file_says_and_tell_whether_more_follow(
    bench: FeedBench,
) -> None:
    bench.set("stock", chunk=4)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    many(bench, 6)
    many(bench, 3, at=4)
    assert bench.run()["stock.told"] == 9
    parts = [(p.number, len(p.rows), p.more, p.full) for p in bench.feed.parts]
    assert parts == [(1, 4, True, False), (2, 4, True, False), (3, 1, False, False)]


def test_units_that_can_be_promised_are_told_when_they_change_where_they_are_told_at_all(
    bench: FeedBench,
) -> None:
    bench.only("stock")
    bench.run()
    bench.stock.put("TEE-RED-M", 8, free=2)
    assert bench.run() == {"stock.unchanged": 3}
    bench.set("stock", fields={"available": "availableQuantity"})
    bench.run()
    assert bench.run() == {"stock.unchanged": 3}
    bench.stock.put("TEE-RED-M", 8, free=1)
    assert bench.run() == {"stock.told": 1, "stock.unchanged": 2}
    assert bench.feed.books["stock"]["WH-1|TEE-RED-M"].available == 1
    assert bench.kept.told("example", "stock", "WH-1")["TEE-RED-M"] == "8"


def test_a_set_whose_master_is_there_is_not_told(bench: FeedBench) -> None:
    bench.set("stock", master="wair")
    assert bench.run() == {"reserved.told": 1}
    assert bench.stock_there() == {}


def test_shadow_tells_nothing_and_counts(bench: FeedBench) -> None:
    bench.set("stock", mode="shadow")
    bench.set("reserved", mode="shadow")
    assert bench.run() == {"stock.would_tell": 3, "reserved.would_tell": 1}
    assert (bench.feed.calls, bench.kept.rows) == ([], {})
    bench.set("stock", mode="live")
    assert bench.run()["stock.told"] == 3


def test_another_rule_or_another_place_is_told_everything_anew(bench: FeedBench) -> None:
    bench.run()
    bench.file["wair"]["tenant"] = "production"
    assert bench.is_due(minutes=1)
    assert bench.run(minutes=0)["stock.told"] == 3


# -- full runs ---------------------------------------------------------------------------------


def test_every_row_is_told_at_night_and_when_a_person_asks(bench: FeedBench) -> None:
    bench.run()
    assert bench.run(hours=12) == {"stock.unchanged": 3, "reserved.unchanged": 1}
    assert bench.run(hours=6) == {"stock.told": 3, "reserved.told": 1}
    assert bench.run(hours=6) == {"stock.unchanged": 3, "reserved.unchanged": 1}
    assert full(bench) == {"stock.told": 3, "reserved.told": 1}
    assert not any(part.full for part in bench.feed.parts)


def test_a_sku_that_left_the_list_is_a_zero_in_a_full_run_if_it_is_a_product_still(
    bench: FeedBench,
) -> None:
    bench.run()
    bench.products.put("TEE-RED-M")
    del bench.stock.levels[3]["TEE-RED-M"], bench.stock.levels[3]["TEE-RED-S"]
    bench.run()
    assert bench.stock_there()["TEE-RED-M"] == 8
    assert full(bench)["stock.vanished"] == 1
    assert bench.stock_there() == {"TEE-RED-S": 12, "TEE-RED-M": 0, "MUG": 0}
    assert bench.reserved_there() == {"TEE-RED-M": 0}
    assert bench.left_out()["vanished"] == "TEE-RED-S"


def test_no_zero_is_told_of_a_location_of_which_one_warehouse_was_not_read(
    bench: FeedBench,
) -> None:
    bench.file["wair"]["locations"] = [{"id": "UK", "warehouses": [3, 4]}]
    bench.stock.put("CAP", 2, at=4)
    bench.products.put("TEE-RED-M")
    bench.run()
    del bench.stock.levels[3]["TEE-RED-M"]
    bench.stock.away[4] = Retryable("mintsoft.cut_off", "cut off")
    calls = list(bench.feed.calls)
    assert full(bench) == {"failed": 1}
    assert bench.feed.calls == calls
    bench.stock.away.clear()
    assert bench.run()["stock.told"] == 4
    assert bench.stock_there("UK")["TEE-RED-M"] == 0


def test_a_full_load_replaces_the_set_when_everything_was_read(bench: FeedBench) -> None:
    bench.set("stock", full_load=True, chunk=2)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.stock.put("CAP", 2, at=4)
    bench.run()
    bench.feed.parts.clear()
    del bench.stock.levels[3]["MUG"]
    full(bench)
    told = [(p.number, p.full, p.more) for p in bench.feed.parts if p.data_set == "stock"]
    assert told == [(1, True, True), (2, True, False)]
    assert bench.stock_there() == {"TEE-RED-S": 12, "TEE-RED-M": 8}
    assert bench.kept.told("example", "stock", "WH-1").keys() == {"TEE-RED-S", "TEE-RED-M"}
    bench.stock.put("CAP", 3, at=4)
    bench.run()
    assert not bench.feed.parts[-1].full


def not_read(bench: FeedBench) -> None:
    bench.stock.away[4] = AWAY


def not_known(bench: FeedBench) -> None:
    bench.stock.put("TEE-RED-M", 8, is_doubtful=True)


def no_time(bench: FeedBench) -> None:
    bench.stock.seconds = 120.0


@pytest.mark.parametrize("trouble", [not_read, not_known, no_time])
def test_a_full_load_is_never_claimed_of_a_part(
    bench: FeedBench, trouble: Callable[[FeedBench], None]
) -> None:
    bench.set("stock", full_load=True)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.stock.put("CAP", 2, at=4)
    bench.run()
    bench.feed.parts.clear()
    trouble(bench)
    assert full(bench)["stock.full_load_withheld"] >= 1
    assert bench.feed.parts
    assert not any(part.full for part in bench.feed.parts)
    assert bench.stock_there()["TEE-RED-M"] == 8


def test_a_full_load_that_was_cut_off_begins_again_from_its_first_part(bench: FeedBench) -> None:
    bench.set("stock", full_load=True, chunk=2)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.stock.put("CAP", 2, at=4)
    bench.run()
    bench.feed.parts.clear()
    # The start, and the first part, are taken.
    bench.feed.trouble += [("after", None), ("after", None), ("before", LONG_AWAY)]
    assert full(bench)["failed"] == 1
    bench.feed.parts.clear()
    assert bench.run(minutes=5)["stock.told"] == 4
    told = [(p.number, p.full, p.more) for p in bench.feed.parts if p.data_set == "stock"]
    assert told == [(1, True, True), (2, True, False)]


# -- never on a guess --------------------------------------------------------------------------


def test_an_empty_warehouse_is_an_operators_and_no_zero(bench: FeedBench) -> None:
    bench.run()
    bench.stock.levels[3] = {}
    assert bench.run() == {"failed": 1}
    assert bench.telemetry.total("Misconfigured", code="mintsoft.no_stock") == 1
    assert bench.stock_there()["TEE-RED-M"] == 8


def test_a_location_that_cannot_be_read_does_not_keep_the_others_back(bench: FeedBench) -> None:
    bench.file["wair"]["locations"].insert(0, {"id": "WH-2", "warehouses": [4]})
    ended = bench.run()
    assert (ended["failed"], ended["stock.told"]) == (1, 3)
    assert not bench.is_due(minutes=5)
    bench.stock.put("CAP", 2, at=4)
    bench.run()
    assert bench.stock_there("WH-2") == {"CAP": 2}


def test_a_sudden_drop_is_told_when_a_person_lets_it_pass(bench: FeedBench) -> None:
    skus = many(bench, 40)
    bench.run()
    for sku in skus[:13]:
        bench.stock.put(sku, 0)
    assert bench.run() == {"stock.asked": 1}
    assert bench.run() == {"stock.asked": 1}
    assert set(bench.stock_there().values()) == {5}
    (item,) = bench.parking.list_parked("example")
    assert (item.code, item.times) == ("stock.sudden_drop", 1)
    assert "13 of 40 SKUs of location WH-1" in item.reason

    bench.replay()
    assert bench.run()["stock.told"] == 13
    for sku in skus[13:30]:
        bench.stock.put(sku, 0)
    assert bench.run() == {"stock.asked": 1}
    assert bench.parked() == ["stock.sudden_drop"]


def test_a_drop_that_a_person_does_not_believe_is_never_told(bench: FeedBench) -> None:
    skus = many(bench, 40)
    bench.run()
    for sku in skus[:20]:
        bench.stock.put(sku, 0)
    bench.run()
    bench.discard()
    assert bench.run() == {"stock.asked": 1}
    assert full(bench) == {"stock.asked": 1}
    for sku in skus[:20]:
        bench.stock.put(sku, 4)
    assert bench.run()["stock.told"] == 40


def test_one_locations_drop_does_not_keep_the_others_back(bench: FeedBench) -> None:
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    skus = many(bench, 40)
    many(bench, 3, at=4)
    bench.run()
    for sku in skus[:20]:
        bench.stock.put(sku, 0)
    bench.stock.put(skus[0], 9, at=4)
    assert bench.run() == {"stock.asked": 1, "stock.told": 1, "stock.unchanged": 2}
    assert bench.stock_there("WH-2")[skus[0]] == 9


@pytest.mark.parametrize(
    ("gone", "share", "stops"), [(12, 30, False), (13, 30, True), (9, 1, False)]
)
def test_only_a_large_share_is_a_sudden_drop(
    bench: FeedBench, gone: int, share: int, stops: bool
) -> None:
    bench.file["wair"]["most_to_zero_percent"] = share
    skus = many(bench, 40)
    bench.run()
    for sku in skus[:gone]:
        bench.stock.put(sku, 0)
    assert ("stock.asked" in bench.run()) is stops


def test_a_shadow_says_that_it_would_ask(bench: FeedBench) -> None:
    skus = many(bench, 40)
    bench.run()
    bench.set("stock", mode="shadow")
    bench.set("reserved", mode="shadow")
    for sku in skus[:20]:
        bench.stock.put(sku, 0)
    assert bench.run()["stock.would_ask"] == 1
    assert bench.parked() == []


def test_skus_that_leave_at_once_where_the_set_is_replaced_are_a_sudden_drop(
    bench: FeedBench,
) -> None:
    bench.set("stock", full_load=True)
    skus = many(bench, 40)
    bench.run()
    for sku in skus[:20]:
        del bench.stock.levels[3][sku]
    assert full(bench) == {"stock.asked": 1, "stock.vanished": 20}
    assert len(bench.stock_there()) == 40


# -- trouble -----------------------------------------------------------------------------------


def test_a_part_is_tried_again_and_then_the_run_ends_and_says_so(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None), ("before", AWAY)]
    assert bench.run() == {"stock.told": 3, "reserved.told": 1}
    assert bench.feed.calls.count("stock 1") == 2

    bench.stock.put("TEE-RED-S", 1)
    bench.feed.trouble += [("after", None), *[("before", AWAY)] * 3]
    ended = bench.run()
    assert (ended["failed"], ended["stock.not_told"]) == (1, 1)
    assert bench.feed.open == ""
    assert bench.telemetry.total("RunsFailed", flow="wair_feed") == 1
    assert bench.is_due(minutes=1)
    assert bench.run(minutes=1)["stock.told"] == 1


def test_what_wants_patience_is_not_tried_again_at_once(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None), ("before", LONG_AWAY)]
    assert bench.run()["failed"] == 1
    assert bench.feed.calls == ["start", "stock 1", "stop"]
    wrong = Misconfigured("wair.bad_login", "the login is refused")
    bench.feed.trouble += [("after", None), ("before", wrong)]
    assert bench.run()["failed"] == 1
    assert bench.feed.calls.count("stock 1") == 2


def test_an_unknown_end_is_never_kept_as_told(bench: FeedBench) -> None:
    bench.run()
    bench.stock.put("TEE-RED-S", 1)
    bench.feed.trouble += [("after", None), *[("after", LOST)] * 3]
    assert bench.run()["failed"] == 1
    assert bench.feed.open == ""
    assert bench.kept.told("example", "stock", "WH-1")["TEE-RED-S"] == "12"
    bench.stock.put("TEE-RED-S", 12)
    assert bench.run()["stock.told"] == 3
    assert bench.stock_there()["TEE-RED-S"] == 12
    assert bench.run() == {"stock.unchanged": 3, "reserved.unchanged": 1}


def test_an_unknown_end_that_a_second_try_settles_is_told(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None), ("after", LOST)]
    assert bench.run() == {"stock.told": 3, "reserved.told": 1}
    assert bench.run() == {"stock.unchanged": 3, "reserved.unchanged": 1}


def test_an_unknown_try_before_one_that_is_known_not_done_stays_unknown(bench: FeedBench) -> None:
    bench.run()
    bench.stock.put("TEE-RED-S", 1)
    bench.feed.trouble += [("after", None), ("after", LOST), ("before", LONG_AWAY)]
    bench.run()
    bench.stock.put("TEE-RED-S", 12)
    assert bench.run()["stock.told"] == 3


def test_reserved_units_that_may_have_been_told_are_taken_back(bench: FeedBench) -> None:
    bench.run()
    bench.stock.put("MUG", 4, free=1)
    # Start and stock are taken; what became of the reserved units nobody hears.
    bench.feed.trouble += [("after", None)] * 2 + [("after", LOST)] * 3
    bench.run()
    assert bench.reserved_there()["MUG"] == 3
    bench.stock.put("MUG", 4)
    bench.run()
    assert bench.reserved_there()["MUG"] == 0


def test_rows_before_a_failed_part_are_kept_as_told(bench: FeedBench) -> None:
    bench.set("stock", chunk=2)
    bench.run()
    for sku in ("TEE-RED-S", "TEE-RED-M", "MUG"):
        bench.stock.put(sku, 20)
    bench.feed.trouble += [("after", None), ("after", None), ("before", LONG_AWAY)]
    ended = bench.run()
    assert (ended["stock.told"], ended["stock.not_told"]) == (2, 1)
    assert bench.run(minutes=5)["stock.told"] == 1


def test_what_is_refused_is_a_persons_and_keeps_no_other_set_back(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None), ("before", NO)]
    ended = bench.run()
    assert (ended["failed"], ended["reserved.told"]) == (1, 1)
    assert bench.feed.open == ""
    assert bench.parked() == ["wair.refused"]
    assert not bench.is_due(minutes=5)
    bench.run()
    assert len(bench.stock_there()) == 3


def test_nothing_is_read_while_the_partner_is_known_to_be_away(bench: FeedBench) -> None:
    bench.feed.away = AWAY
    assert bench.run() == {"failed": 1}
    assert bench.stock.reads == []


# -- the batch ---------------------------------------------------------------------------------


def test_a_batch_that_cannot_be_closed_is_closed_by_the_next_run(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None)] * 3 + [("before", LONG_AWAY)]
    assert bench.run()["failed"] == 1
    first = bench.feed.open
    assert first
    assert bench.is_due(minutes=1)
    bench.run(minutes=1)
    assert bench.feed.open == ""
    assert bench.feed.calls[-1] == "stop"
    assert bench.cursor().open == ""


def test_nothing_is_told_while_an_open_batch_cannot_be_closed(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", None)] * 3 + [("before", LONG_AWAY)]
    bench.run()
    bench.stock.put("MUG", 9)
    bench.feed.trouble.append(("before", LONG_AWAY))
    assert bench.run() == {"failed": 1}
    assert bench.stock_there()["MUG"] == 0
    bench.run()
    assert bench.stock_there()["MUG"] == 9


def test_a_batch_whose_stop_is_refused_goes_to_a_person_and_the_feed_goes_on(
    bench: FeedBench,
) -> None:
    bench.feed.trouble += [("after", None)] * 3 + [("before", NO)]
    bench.run()
    assert bench.parked() == ["wair.batch_not_closed"]
    bench.feed.open = ""
    bench.stock.put("MUG", 9)
    assert bench.run()["stock.told"] == 1


def test_a_batch_that_may_be_open_is_closed(bench: FeedBench) -> None:
    bench.feed.trouble += [("after", LOST)] * 3
    assert bench.run()["failed"] == 1
    assert (bench.feed.open, bench.feed.calls[-1], bench.cursor().open) == ("", "stop", "")
    assert bench.run()["stock.told"] == 3


def test_a_refused_start_is_an_operators(bench: FeedBench) -> None:
    bench.feed.trouble.append(("before", NO))
    assert bench.run()["failed"] == 1
    assert bench.telemetry.total("Misconfigured", code="wair.no_batch") == 1
    assert (bench.feed.calls, bench.parked()) == (["start"], [])


# -- time --------------------------------------------------------------------------------------


def test_locations_that_there_is_no_time_for_are_the_next_runs(bench: FeedBench) -> None:
    bench.file["wair"]["locations"] = [
        {"id": f"WH-{number}", "warehouses": [number]} for number in range(3, 8)
    ]
    for number in range(3, 8):
        bench.stock.put("MUG", number, at=number)
    bench.stock.seconds = 60.0
    first = bench.run()
    assert first["locations.not_started"] == 3
    assert bench.stock.reads == [3, 4]
    assert bench.is_due(minutes=1)
    bench.run(minutes=4)
    bench.run(minutes=5)
    assert bench.stock.reads == [3, 4, 5, 6, 7]
    assert [bench.stock_there(f"WH-{number}")["MUG"] for number in range(3, 8)] == [3, 4, 5, 6, 7]
    assert not bench.is_due(minutes=1)


def test_what_does_not_fit_into_memory_at_once_is_told_in_a_batch_of_its_own(
    bench: FeedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.flows.wair.feed_stock.MOST_ROWS", 1)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.stock.put("MUG", 2, at=4)
    bench.set("stock", full_load=True)
    ended = bench.run()
    assert (ended["stock.told"], ended["stock.full_load_withheld"]) == (4, 1)
    assert bench.feed.calls == [
        *("start", "stock 1", "reserved 1", "stop"),
        *("start", "stock 1", "stop"),
    ]
    assert len({*bench.feed.batches}) == 2


def test_no_second_batch_is_opened_while_the_first_cannot_be_closed(
    bench: FeedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.flows.wair.feed_stock.MOST_ROWS", 1)
    bench.file["wair"]["locations"].append({"id": "WH-2", "warehouses": [4]})
    bench.stock.put("MUG", 2, at=4)
    bench.feed.trouble += [("after", None)] * 3 + [("before", LONG_AWAY)] * 2
    assert bench.run()["failed"] == 2
    assert bench.stock_there("WH-2") == {}
    assert bench.feed.calls == ["start", "stock 1", "reserved 1", "stop", "stop"]
    bench.run(minutes=5)
    assert bench.stock_there("WH-2") == {"MUG": 2}


def test_parts_that_there_is_no_time_for_are_the_next_runs(bench: FeedBench) -> None:
    bench.set("stock", chunk=1)
    really = bench.feed.tell

    def slowly(*arguments: object) -> str:
        bench.clock.left -= 110
        answer: str = really(*arguments)
        return answer

    bench.feed.tell = slowly
    ended = bench.run()
    assert (ended["stock.told"], ended["stock.not_told"]) == (2, 1)
    assert bench.feed.open == ""
    assert bench.run(minutes=5)["stock.told"] == 1


def test_a_full_load_that_there_was_no_time_for_is_told_to_its_end_without_the_flag(
    bench: FeedBench,
) -> None:
    bench.only("stock")
    bench.set("stock", chunk=1, full_load=True)
    really = bench.feed.tell

    def slowly(*arguments: object) -> str:
        bench.clock.left -= 110
        answer: str = really(*arguments)
        return answer

    bench.feed.tell = slowly
    bench.run()
    assert bench.run(minutes=5)["stock.full_load_withheld"] == 1
    assert bench.run(minutes=5)["stock.full_load_withheld"] == 1
    assert [part.full for part in bench.feed.parts] == [True, True, False, False, False]
    assert not bench.is_due(minutes=1)
    bench.feed.tell = really
    full(bench)
    assert [part.full for part in bench.feed.parts[-3:]] == [True] * 3


def test_a_second_run_leaves_the_first_alone(bench: FeedBench) -> None:
    held = bench.cursors.acquire("wair/feed/example", "another", 3600.0)
    assert bench.run() == {}
    assert not bench.is_due()
    bench.cursors.release(held)
    assert bench.run()["stock.told"] == 3


def test_it_is_due_when_its_interval_is_over(bench: FeedBench) -> None:
    assert bench.is_due()
    bench.run()
    assert not bench.is_due(minutes=14)
    assert bench.is_due(minutes=1)
    assert bench.run(now=True, minutes=0)["stock.unchanged"] == 3
    assert bench.run(now=True, minutes=1)["stock.unchanged"] == 3
    assert bench.run(minutes=1) == {}


def test_how_old_what_was_told_is_is_counted(bench: FeedBench) -> None:
    bench.run()
    assert bench.telemetry.total("FeedAgeMinutes", flow="wair.stock") == 0
    bench.feed.away = AWAY
    bench.run(minutes=40)
    assert bench.telemetry.total("FeedAgeMinutes", flow="wair.stock") == 40
