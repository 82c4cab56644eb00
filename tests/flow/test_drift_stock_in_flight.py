"""Stock that is on its way from one system to the other is no drift, however long it takes."""

from __future__ import annotations

import pytest

from local.simulators.faults import FaultKind
from returns_hub.domain.drift.findings import Standing
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.flows.drift.comparisons import STOCK
from returns_hub.flows.drift.look import look_at
from tests.support.drift_stock import DriftStockBench, differences_of, drift_world_of
from tests.support.erp_stock import BLUE, DRESS, TEE, fly
from tests.support.erp_worlds import ErpBench
from tests.support.market_partners import DK
from tests.support.purchases import PurchaseBench
from tests.support.unleashed_despatches import DespatchBench


@pytest.fixture
def bench() -> DriftStockBench:
    return DriftStockBench()


def told_of(bench: ErpBench) -> set[tuple[str, str, int]]:
    return {(one.kind, one.subject, one.units) for one in differences_of(drift_world_of(bench))}


# -- goods that Unleashed was not told of ---------------------------------------------------------


def test_an_order_that_was_despatched_and_is_not_told_yet_is_no_drift() -> None:
    it = DespatchBench()
    it.file["mintsoft"]["orders"] = {"stock_level_means": "available"}
    it.tell()
    _, made = it.sell({TEE: 2, "JEANS-32": 1})
    it.clock.advance(days=1)
    before = told_of(it)
    it.despatch(made)
    assert told_of(it) == before
    it.clock.advance(days=7)
    assert told_of(it) == before
    it.tell()
    it.clock.advance(days=1)
    assert told_of(it) == before


def test_goods_that_are_booked_in_and_not_receipted_yet_are_no_drift() -> None:
    it = PurchaseBench()
    _, asn = it.announced({TEE: 5})
    it.run("receipts")
    it.clock.advance(days=1)
    before = told_of(it)
    it.book_in(asn)
    it.clock.advance(days=7)
    assert told_of(it) == before
    it.run("receipts")
    it.settle()
    it.clock.advance(days=1)
    assert told_of(it) == before


def test_what_is_on_its_way_is_taken_off_and_the_rest_is_drift(
    bench: DriftStockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fly(monkeypatch, {TEE: InFlight(despatched=2), BLUE: InFlight(received=3)})
    bench.hands.count_stock("MAIN", {TEE: 42, BLUE: 22})
    assert bench.differences() == []
    bench.hands.count_stock("MAIN", {TEE: 43})
    (found,) = bench.differences()
    assert found.units == 1
    assert found.says == {"mintsoft": 40, "unleashed": 43, "on its way": -2}


def test_a_product_without_stock_in_unleashed_may_be_on_its_way_too(
    bench: DriftStockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.count("CAP-BLACK", 4)
    bench.all_told()
    assert len(bench.differences()) == 1
    fly(monkeypatch, {"CAP-BLACK": InFlight(received=4)})
    assert bench.differences() == []


def test_what_the_sync_knows_of_and_waits_with_is_no_drift() -> None:
    bench = DriftStockBench(proven=True, mode="live", settle_minutes=120)
    bench.run("stock")
    bench.hands.count_stock("MAIN", {DRESS: 15})
    bench.run("stock")
    bench.wait(minutes=90)
    assert bench.differences() == []
    # It should have been adjusted by now: that it was not is what a person has to hear of.
    bench.wait(minutes=90)
    assert [one.subject for one in bench.differences()] == [f"{DRESS} @ MAIN"]


# -- stock that changed a moment ago --------------------------------------------------------------


def test_what_changed_in_the_warehouse_a_moment_ago_is_on_its_way(bench: DriftStockBench) -> None:
    bench.count(TEE, 37)
    assert bench.differences() == []
    bench.wait(minutes=59)
    assert bench.differences() == []
    bench.wait(minutes=30)
    kinds = {one.kind for one in bench.differences()}
    assert kinds == {"stock.unleashed", "stock.wair", "stock.miinto"}


def test_what_changed_since_the_last_run_of_the_sync_is_on_its_way() -> None:
    bench = DriftStockBench(proven=True, mode="live", once_per_day=True, settle_minutes=0)
    bench.run("stock", days=1)
    bench.run("stock", days=1)
    bench.file["wair"], bench.file["miinto"] = None, None
    bench.wait(hours=1)
    bench.count(TEE, 37)
    bench.wait(hours=8)
    assert bench.differences() == []


def test_a_sync_that_does_not_run_any_more_is_no_excuse() -> None:
    bench = DriftStockBench(proven=True, mode="live", every_minutes=15)
    bench.run("stock")
    bench.file["wair"], bench.file["miinto"] = None, None
    bench.wait(minutes=5)
    bench.count(TEE, 37)
    bench.wait(minutes=85)
    assert bench.differences() == []
    bench.wait(minutes=15)
    assert [one.subject for one in bench.differences()] == [f"{TEE} @ MAIN"]


def test_a_feed_run_under_way_is_no_drift(bench: DriftStockBench) -> None:
    for sku, units in ((TEE, 30), (BLUE, 20), (DRESS, 9)):
        bench.count(sku, units)
    # Of what changed, the run has told one so far.
    bench.told_rows.rows["stock", "WH-1"][TEE] = "30"
    assert [one for one in bench.differences() if one.kind == "stock.wair"] == []


# -- promises -------------------------------------------------------------------------------------


def test_units_promised_to_a_buyer_of_miinto_are_no_drift(
    bench: DriftStockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised = {DK: {TEE: 2}}
    monkeypatch.setattr(bench.market, "promised", lambda _: promised)
    assert bench.differences() == []
    bench.push()
    assert bench.differences() == []
    # Of three units fewer two are promised: nobody knows of the third.
    bench.count(TEE, 39)
    bench.feed()
    bench.hands.count_stock("MAIN", {TEE: 39})
    bench.market.keep_told_stock("example", DK, {key_of(bench, 38): 40})
    bench.wait(days=1)
    (found,) = bench.differences()
    assert (found.kind, found.says) == ("stock.miinto", {"mintsoft": 37, "miinto": 40})


def key_of(bench: DriftStockBench, units: int) -> str:
    told = bench.market.told_stock("example", DK)
    return next(key for key, held in told.items() if held == units)


# -- what a second look makes of it ---------------------------------------------------------------


class Looks:
    """Looks, one after the other, of the comparisons of stock."""

    def __init__(self, bench: DriftStockBench) -> None:
        self._bench = bench

    def standings(self) -> list[Standing]:
        looked = look_at(self._bench.drift_world(), comparisons=STOCK)
        assert looked is not None
        return [finding.standing for finding in looked.folded.findings]


def test_it_counts_when_a_second_look_after_the_grace_time_shows_the_same(
    bench: DriftStockBench,
) -> None:
    looks = Looks(bench)
    bench.hands.count_stock("MAIN", {TEE: 43})
    assert looks.standings() == [Standing.SUSPECTED]
    bench.wait(minutes=59)
    assert looks.standings() == [Standing.SUSPECTED]
    bench.wait(minutes=2)
    assert looks.standings() == [Standing.NEW]
    bench.hands.count_stock("MAIN", {TEE: 40})
    bench.wait(minutes=60)
    assert looks.standings() == [Standing.RESOLVED]


def test_numbers_that_move_from_look_to_look_never_count(bench: DriftStockBench) -> None:
    looks = Looks(bench)
    for there in (43, 44, 45, 46, 47):
        bench.hands.count_stock("MAIN", {TEE: there})
        assert looks.standings() == [Standing.SUSPECTED]
        bench.wait(minutes=90)


def test_what_counts_already_is_not_resolved_by_stock_that_moves(bench: DriftStockBench) -> None:
    looks = Looks(bench)
    bench.hands.count_stock("MAIN", {TEE: 43})
    bench.told_rows.rows["stock", "WH-1"][BLUE] = "24"
    told = dict(bench.market.told_stock("example", DK))
    dress = next(key for key, units in told.items() if units == 12)
    bench.market.keep_told_stock("example", DK, {dress: 13})
    looks.standings()
    bench.wait(hours=2)
    assert looks.standings() == [Standing.NEW] * 3
    rows = set(bench.findings.rows)
    for sku, units in ((TEE, 39), (BLUE, 26), (DRESS, 11)):
        bench.count(sku, units)
    bench.wait(minutes=5)
    # Of each the one that counts goes on; the others are on their way.
    assert looks.standings() == [Standing.RECURRING] * 3
    assert bench.findings.rows.keys() == rows


def test_what_cannot_be_compared_now_is_not_resolved(bench: DriftStockBench) -> None:
    looks = Looks(bench)
    bench.hands.count_stock("MAIN", {TEE: 43})
    looks.standings()
    bench.wait(hours=2)
    assert looks.standings() == [Standing.NEW]
    bench.hands.count_stock("MAIN", {TEE: 40})
    bench.fault(FaultKind.ERROR_500_BEFORE, path="/StockOnHand", method="GET", times=99)
    assert looks.standings() == [Standing.NEW]
    bench.unleashed.faults.clear()
    bench.wait(hours=1)
    assert looks.standings() == [Standing.RESOLVED]
