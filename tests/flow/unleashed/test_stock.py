"""The warehouse's count becomes adjustments of Unleashed's stock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed import untold
from returns_hub.flows.unleashed.stock import compare, source
from returns_hub.flows.unleashed.stock.full import ask_full
from tests.support.erp_stock import BLUE, CAP, DRESS, JEANS, TEE, StockBench, fly, worth


@pytest.fixture(params=["delta", "absolute"])
def bench(request: pytest.FixtureRequest) -> StockBench:
    return StockBench(adjustment=request.param)


def test_what_the_warehouse_counted_is_what_unleashed_says(bench: StockBench) -> None:
    bench.count(TEE, 38)
    bench.count(BLUE, 31)
    bench.count(CAP, 4)
    assert bench.run("stock") == {"adjusted": 1}
    assert (bench.there(TEE), bench.there(BLUE), bench.there(CAP)) == (38, 31, 4)
    assert bench.adjustments() == [{BLUE: 6, CAP: 4, TEE: -2}]
    assert bench.run("stock") == {}
    assert bench.parked() == []


def test_units_that_go_take_their_average_cost_and_new_ones_come_at_the_purchase_price(
    bench: StockBench,
) -> None:
    before = worth(bench, TEE)
    bench.count(TEE, 38)
    bench.count(CAP, 4)
    bench.run("stock")
    assert worth(bench, TEE) == before
    assert worth(bench, CAP) == Decimal(4)


def test_an_adjustment_has_so_many_lines_and_the_next_one_the_others() -> None:
    bench = StockBench(lines_per_adjustment=2)
    for sku, units in ((TEE, 38), (BLUE, 20), (DRESS, 11), (CAP, 4), (JEANS, 5)):
        bench.count(sku, units)
    assert bench.run("stock") == {"adjusted": 3}
    assert [len(lines) for lines in bench.adjustments()] == [2, 2, 1]
    assert bench.there(TEE) == 38


def test_every_warehouse_has_its_own_count(bench: StockBench) -> None:
    bench.count(TEE, 38)
    bench.count(TEE, 9, warehouse=4)
    assert bench.run("stock") == {"adjusted": 2}
    assert (bench.there(TEE), bench.there(TEE, "3PL")) == (38, 9)


def test_what_the_warehouse_does_not_know_is_never_a_zero(bench: StockBench) -> None:
    """3PL has five shirts in Unleashed, of which warehouse 4 shows no row."""
    bench.run("stock")
    assert bench.there(TEE, "3PL") == 5
    assert bench.adjustments() == []


def test_a_product_that_unleashed_does_not_know_is_told(bench: StockBench) -> None:
    bench.mintsoft.seed({"products": {"990": {"sku": "ONLY-HERE", "name": "x", "client_id": 12}}})
    bench.mintsoft.set_stock(3, 990, 5)
    bench.run("stock")
    assert bench.kept()["left"]["not_in_unleashed"][0] == 4
    assert "ONLY-HERE" in bench.kept()["left"]["not_in_unleashed"][1]


@pytest.mark.parametrize(
    ("sku", "why"), [("MUG-RED", "tracked"), ("CARRIAGE", ""), ("WATCH-01", "tracked")]
)
def test_services_and_tracked_products_are_left_alone(sku: str, why: str) -> None:
    bench = StockBench()
    bench.mintsoft.seed({"products": {"991": {"sku": sku, "name": "x", "client_id": 12}}})
    bench.mintsoft.set_stock(3, 991, 3)
    bench.run("stock")
    assert bench.adjustments() == []
    assert sku in bench.kept()["left"].get("tracked", [0, []])[1] or why == ""


def test_an_obsolete_product_is_left_and_told() -> None:
    bench = StockBench()
    bench.hands.obsolete_product(TEE)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.adjustments() == []
    assert bench.kept()["left"]["obsolete"] == [1, [TEE]]


def test_a_product_without_any_cost_is_told_and_not_booked() -> None:
    bench = StockBench()
    bench.hands.add_product({"ProductCode": "FREE", "ProductDescription": "Free"})
    bench.mintsoft.seed({"products": {"992": {"sku": "FREE", "name": "x", "client_id": 12}}})
    bench.mintsoft.set_stock(3, 992, 3)
    bench.run("stock")
    assert bench.adjustments() == []
    assert bench.kept()["left"]["no_cost"] == [1, ["FREE"]]


def test_a_bundle_repeats_its_components_and_is_left_alone() -> None:
    for excluded, units in ((True, 0), (False, 20)):
        bench = StockBench(exclude_bundles=excluded)
        bench.hands.add_product(
            {"ProductCode": "SET", "ProductDescription": "Set", "DefaultPurchasePrice": 9}
        )
        parts = {TEE: 2}
        product = {"sku": "SET", "name": "Set", "client_id": 12, "components": parts}
        bench.mintsoft.seed({"products": {"993": product}})
        bench.run("stock")
        assert bench.there("SET") == units


def test_units_in_quarantine_count_only_where_the_file_says_so() -> None:
    for counts, units in ((False, 37), (True, 40)):
        bench = StockBench(count_quarantine=counts)
        bench.count(TEE, 40, quarantined=3)
        bench.run("stock")
        assert bench.there(TEE) == units


def test_level_compares_all_units_and_on_hand_those_that_nothing_is_promised_of() -> None:
    for count, units in (("level", 40), ("on_hand", 45)):
        bench = StockBench(count=count)
        # Unleashed has allocated five that the warehouse does not know of.
        bench.hands.place_order("WEBSHOP", {TEE: 5})
        bench.run("stock")
        assert bench.there(TEE) == units, count


def test_numbers_whose_meaning_is_not_proven_are_told_and_not_sent() -> None:
    bench = StockBench()
    bench.file["mintsoft"]["orders"] = {"stock_level_means": "unknown"}
    bench.version += 1
    order = {"ClientId": 12, "OrderNumber": "X1", "WarehouseId": 3, "Country": "GB"}
    order |= {"CourierService": "AUTO", "OrderItems": [{"SKU": TEE, "Quantity": 2}]}
    bench.raw("PUT", "/api/Order", order)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.there(TEE) == 40
    assert bench.kept()["left"]["level_unproven"] == [1, [TEE]]


def test_a_sku_that_the_warehouse_shows_twice_is_not_adjusted() -> None:
    bench = StockBench()
    twin = {"sku": TEE, "name": "again", "client_id": 12}
    bench.mintsoft.seed({"products": {"994": twin}})
    bench.mintsoft.set_stock(3, 994, 7)
    bench.run("stock")
    assert bench.there(TEE) == 40
    assert bench.kept()["left"]["level_unproven"] == [1, [TEE]]


# -- on its way ---------------------------------------------------------------------------------


def test_what_is_on_its_way_to_being_told_is_not_adjusted(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench()
    fly(monkeypatch, {TEE: InFlight(despatched=2), BLUE: InFlight(received=6)})
    bench.count(TEE, 38)
    bench.count(BLUE, 31)
    bench.run("stock")
    assert bench.adjustments() == []


def test_parts_of_several_flows_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench()
    one = {3: {TEE: InFlight(despatched=2)}, 4: {TEE: InFlight(despatched=9)}}
    other = {3: {TEE: InFlight(despatched=1, received=1)}}
    monkeypatch.setattr(untold, "UNTOLD", (lambda _: one, lambda _: other))
    bench.count(TEE, 37)
    bench.run("stock")
    assert bench.adjustments() == [{TEE: -1}]


def test_where_it_cannot_be_told_what_is_on_its_way_nothing_is_adjusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = StockBench()

    def away(_: object) -> untold.Untold:
        raise Retryable("fake.away", "cannot be told now")

    monkeypatch.setattr(untold, "UNTOLD", (away,))
    bench.count(TEE, 38)
    assert bench.run("stock") == {"cut_off": 1}
    assert bench.adjustments() == []


def test_what_moves_while_it_is_looked_at_waits_for_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A despatch comes between the two looks: at the first the count shows it, and its flow not."""
    bench = StockBench()
    despatched = {3: {TEE: InFlight(despatched=2)}}
    told = iter([{}, despatched, despatched])
    monkeypatch.setattr(untold, "UNTOLD", (lambda _: next(told),))
    bench.count(TEE, 38)
    bench.count(BLUE, 24)
    bench.run("stock")
    assert bench.adjustments() == [{BLUE: -1}]


# -- settled ------------------------------------------------------------------------------------


def test_a_difference_has_to_be_the_same_for_a_while() -> None:
    bench = StockBench(settle_minutes=30)
    bench.count(TEE, 38)
    assert bench.run("stock", minutes=15) == {}
    assert bench.run("stock", minutes=15) == {}
    assert list(bench.kept()["pending"]) == [TEE]
    bench.count(TEE, 37)
    bench.run("stock", minutes=15)
    bench.run("stock", minutes=15)
    assert bench.adjustments() == []
    bench.run("stock", minutes=15)
    assert bench.adjustments() == [{TEE: -3}]
    assert "pending" not in bench.kept()


def test_a_difference_that_goes_by_itself_is_forgotten() -> None:
    bench = StockBench(settle_minutes=30)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.hands.count_stock("MAIN", {TEE: 38})
    bench.run("stock")
    bench.count(TEE, 36)
    bench.run("stock")
    assert bench.adjustments() == []


def test_only_differences_are_kept() -> None:
    bench = StockBench(settle_minutes=30)
    bench.run("stock")
    bench.run("stock")
    kept = bench.kept()
    assert set(kept) == {"from", "full", "totals", "pages", "left", "unknown"}


# -- what costs --------------------------------------------------------------------------------


def test_between_full_ones_only_what_changed_is_read() -> None:
    bench = StockBench(settle_minutes=30)
    bench.wait(hours=6)
    bench.run("stock")
    bench.wait(hours=6)
    bench.run("stock")
    paths = [asked.target for asked in bench.to_unleashed.requests]
    before = len(paths)
    bench.run("stock")
    newest = [asked.target for asked in bench.to_unleashed.requests][before:]
    of_stock = [target for target in newest if "StockOnHand" in target]
    assert of_stock
    assert all("modifiedSince" in target for target in of_stock)
    assert not any("Products" in target for target in newest)


def test_a_change_on_either_side_is_found_between_full_ones() -> None:
    bench = StockBench()
    bench.wait(hours=6)
    bench.run("stock")
    bench.count(TEE, 38)
    bench.hands.count_stock("MAIN", {BLUE: 27})
    bench.run("stock")
    assert (bench.there(TEE), bench.there(BLUE)) == (38, 25)


def test_what_unleashed_does_not_know_is_looked_for_by_full_ones_alone() -> None:
    bench = StockBench()
    for n in range(40):
        product = {"sku": f"ONLY-{n}", "name": "x", "client_id": 12}
        bench.mintsoft.seed({"products": {str(700 + n): product}})
        bench.mintsoft.set_stock(3, 700 + n, 5)
    bench.run("stock")
    for n in range(40):
        bench.mintsoft.set_stock(3, 700 + n, 6)
    begin = len(bench.to_unleashed.requests)
    bench.run("stock")
    newest = [asked.target for asked in bench.to_unleashed.requests[begin:]]
    asked = [target for target in newest if target.startswith("/Products")]
    assert all("productId=" in target or "productCode=" in target for target in asked)
    assert not any("ONLY" in target for target in asked)
    bench.hands.add_product(
        {"ProductCode": "ONLY-7", "ProductDescription": "x", "DefaultPurchasePrice": 3}
    )
    bench.hands.count_stock("MAIN", {"ONLY-7": 2})
    bench.run("stock")
    assert bench.there("ONLY-7") == 6


def test_a_full_sync_that_is_asked_for_is_done_at_the_next_run() -> None:
    bench = StockBench(every_minutes=600)
    bench.run("stock")
    full_at = bench.kept()["full"]
    assert bench.run("stock", minutes=5) == {"not_due": 1}
    ask_full(bench.world().stores, "example")
    assert bench.run("stock", minutes=5) == {}
    assert bench.kept()["full"] > full_at
    again = bench.kept()["full"]
    assert bench.run("stock", minutes=5) == {"not_due": 1}
    assert bench.kept()["full"] == again


def test_a_full_one_comes_by_itself_after_its_hours() -> None:
    bench = StockBench(full_every_hours=6)
    bench.run("stock")
    full_at = bench.kept()["full"]
    bench.run("stock", hours=5)
    assert bench.kept()["full"] == full_at
    bench.run("stock", hours=1)
    assert bench.kept()["full"] > full_at


# -- shadow and plan ----------------------------------------------------------------------------


def test_a_shadow_and_a_plan_write_nothing_and_tell_it() -> None:
    bench = StockBench(proven=False)
    bench.set("stock", mode="shadow", adjustment_means="unknown")
    bench.count(TEE, 38)
    assert bench.run("stock") == {"shadow": 1}
    assert bench.run("stock") == {}
    assert bench.written_there() == []
    kept = bench.cursors.read("sync/unleashed.stock/example")
    (plan,) = bench.plan("stock")
    assert bench.cursors.read("sync/unleashed.stock/example") == kept
    (change,) = plan.changes
    assert (change.key, change.does) == ("MAIN", "create")
    assert change.steps[0].summary == "adjust 1 products of MAIN: +0 and -2 units"
    assert bench.written_there() == []


def test_a_total_is_not_set_on_stock_that_moved_since_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = StockBench(adjustment="absolute")
    bench.count(TEE, 38)
    read = compare.fresh

    def moves_after(*given: Any) -> Any:
        found = read(*given)
        monkeypatch.setattr(source, "fresh", read)
        bench.hands.count_stock("MAIN", {TEE: 45})
        return found

    monkeypatch.setattr(source, "fresh", moves_after)
    bench.run("stock")
    assert bench.there(TEE) == 45
    assert bench.adjustments() == []
    for _ in range(3):
        bench.run("stock", minutes=10)
    assert bench.there(TEE) == 38
