"""What stops the stock sync, what is held against what stock really did, and what gets lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.simulators.faults import FaultKind
from returns_hub.adapters.unleashed.stock import UnleashedStock
from returns_hub.domain.unleashed.names import STOCK as NAME
from returns_hub.domain.unleashed.stock_settings import HardStop
from tests.support.erp_stock import BLUE, DRESS, TEE, StockBench


@pytest.fixture(params=["delta", "absolute"])
def bench(request: pytest.FixtureRequest) -> StockBench:
    return StockBench(adjustment=request.param)


# -- limits -------------------------------------------------------------------------------------


def test_a_warehouse_that_went_wrong_is_not_adjusted_in_small_pieces() -> None:
    bench = StockBench(hard_stop={"from_units": 10, "most_percent": 20}, lines_per_adjustment=1)
    bench.count(TEE, 10)
    bench.count(BLUE, 24)
    bench.count(TEE, 9, warehouse=4)
    assert bench.run("stock") == {"parked": 1, "adjusted": 1}
    assert bench.parked() == ["unleashed.stock_limits"]
    assert "31 units of 106 would change, more than 20 %" in bench.reasons()[0]
    assert (bench.there(TEE), bench.there(BLUE), bench.there(TEE, "3PL")) == (40, 25, 9)
    bench.run("stock")
    assert (bench.there(TEE), bench.there(TEE, "3PL")) == (40, 9)


def test_with_higher_limits_a_person_has_it_done_again() -> None:
    bench = StockBench(hard_stop={"from_units": 10, "most_percent": 20})
    bench.count(TEE, 10)
    bench.run("stock")
    bench.set("stock", hard_stop={"most_percent": 50})
    bench.replay()
    bench.run("stock")
    assert (bench.there(TEE), bench.parked()) == (10, [])


def test_what_a_person_takes_off_is_left_until_it_is_another_difference() -> None:
    bench = StockBench(hard_stop={"from_units": 10, "most_percent": 20})
    bench.count(TEE, 10)
    bench.run("stock")
    bench.discard()
    bench.run("stock")
    assert bench.parked() == []
    bench.count(TEE, 9)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_limits"]


def test_a_warehouse_whose_count_is_all_zero_is_stopped() -> None:
    bench = StockBench(hard_stop=HardStop(from_units=1_000_000).model_dump())
    for at in range(12):
        code = f"P{at}"
        bench.hands.add_product({"ProductCode": code, "ProductDescription": code})
        bench.hands.count_stock("MAIN", {code: 5})
        product = {"sku": code, "name": code, "client_id": 12}
        bench.mintsoft.seed({"products": {str(500 + at): product}})
        bench.mintsoft.set_stock(3, 500 + at, 0)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_limits"]
    assert "12 products of 18 with stock would go to 0" in bench.reasons()[0]
    assert bench.adjustments() == []


# -- never below nothing ------------------------------------------------------------------------


def test_stock_is_never_driven_below_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from returns_hub.domain.unleashed.stock_rule import InFlight
    from tests.support.erp_stock import fly

    bench = StockBench(hard_stop={"most_percent": 100})
    fly(monkeypatch, {DRESS: InFlight(received=3)})
    bench.count(DRESS, 0)
    bench.run("stock")
    assert bench.adjustments() == [{DRESS: -12}]
    assert bench.there(DRESS) == 0


# -- what stock really did ----------------------------------------------------------------------


def lie(bench: StockBench, adjustment: str) -> None:
    """From now on the account takes the quantity for the other thing."""
    bench.account.set(adjustment=adjustment)


@pytest.mark.parametrize(("said", "really"), [("delta", "absolute"), ("absolute", "delta")])
def test_an_account_that_changed_its_mind_stops_every_warehouse(said: str, really: str) -> None:
    bench = StockBench(adjustment=said)
    lie(bench, really)
    bench.count(BLUE, 27)
    bench.count(TEE, 9, warehouse=4)
    assert bench.run("stock")["parked"] == 1
    assert bench.parked() == ["unleashed.stock_surprise"]
    assert f"takes NewQuantity as {really}, and not as {said}" in bench.reasons()[0]
    booked = len(bench.adjustments())
    assert bench.there(TEE, "3PL") == 5
    for _ in range(3):
        assert bench.run("stock") == {"cut_off": 1}
    assert len(bench.adjustments()) == booked


def test_a_person_who_looked_lets_it_go_on() -> None:
    bench = StockBench()
    lie(bench, "absolute")
    bench.count(BLUE, 27)
    bench.run("stock")
    lie(bench, "delta")
    bench.discard("put right by hand")
    bench.run("stock")
    bench.run("stock")
    assert (bench.there(BLUE), bench.parked(), bench.standing()) == (27, [], "adjusted")


def test_looked_at_again_it_stops_again_while_it_is_wrong() -> None:
    bench = StockBench()
    lie(bench, "absolute")
    bench.count(BLUE, 27)
    bench.run("stock")
    bench.replay()
    assert bench.run("stock", minutes=5)["parked"] == 1
    bench.hands.count_stock("MAIN", {BLUE: 27})
    bench.replay()
    bench.run("stock", minutes=5)
    assert bench.parked() == []


def test_an_adjustment_that_does_nothing_is_waited_for_and_then_stops(bench: StockBench) -> None:
    stock = bench.desk_there.company.stock
    move, stock.move = stock.move, lambda *_, **__: None  # type: ignore[method-assign]
    bench.count(TEE, 38)
    assert bench.run("stock") == {"later": 1}
    assert bench.parked() == []
    bench.run("stock", minutes=5)
    assert bench.parked() == []
    bench.run("stock", minutes=6)
    assert bench.parked() == ["unleashed.stock_surprise"]
    assert "did not change the stock of TEE-RED-M" in bench.reasons()[0]
    stock.move = move  # type: ignore[method-assign]


def test_an_adjustment_that_is_never_shown_is_waited_for_and_then_stops(
    bench: StockBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UnleashedStock, "read_adjustment", lambda *_: None)
    bench.count(TEE, 38)
    assert bench.run("stock") == {"later": 1}
    bench.run("stock", minutes=5)
    assert bench.parked() == []
    bench.run("stock", minutes=6)
    assert bench.parked() == ["unleashed.stock_surprise"]
    assert "is not in Unleashed" in bench.reasons()[0]
    assert len(bench.adjustments()) == 1


def test_an_adjustment_that_was_parked_there_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench()
    create = type(bench.desk_there.adjustments).create

    def parked(self: Any, record: Any, *more: Any) -> Any:
        return create(self, record | {"Status": "Parked"}, *more)

    monkeypatch.setattr(type(bench.desk_there.adjustments), "create", parked)
    bench.count(TEE, 38)
    bench.run("stock")
    assert "is parked, and not completed" in bench.reasons()[0]


def test_goods_that_left_an_order_meanwhile_are_no_surprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody completes an order between the adjustment and the look at what it did."""
    bench = StockBench()
    order = bench.hands.place_order("WEBSHOP", {TEE: 3})
    after_adjusting(bench, monkeypatch, lambda: bench.hands.complete_order(order["number"]))
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == []
    assert bench.there(TEE) == 35


def test_an_order_that_came_and_left_meanwhile_is_no_surprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one that is exported once the warehouse has sent it: it was never seen to be allocated."""
    bench = StockBench()

    def sell() -> None:
        bench.hands.complete_order(bench.hands.place_order("WEBSHOP", {TEE: 3})["number"])

    after_adjusting(bench, monkeypatch, sell)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == []
    assert bench.there(TEE) == 35


def test_goods_that_a_credit_note_brings_back_meanwhile_are_no_surprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = StockBench()
    after_adjusting(bench, monkeypatch, lambda: bench.hands.credit("WEBSHOP", {TEE: 3}))
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == []
    assert bench.there(TEE) == 41


@pytest.mark.parametrize(
    "other", [{"returns": False}, {"warehouse": "3PL"}, {"complete": False}], ids=str
)
def test_a_credit_note_that_brings_nothing_here_explains_nothing(
    other: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = StockBench()

    def credit_and_find() -> None:
        bench.hands.credit("WEBSHOP", {TEE: 3}, **other)
        bench.hands.count_stock("MAIN", {TEE: 41})

    after_adjusting(bench, monkeypatch, credit_and_find)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_surprise"]


def test_a_transfer_whose_units_cannot_be_read_explains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = StockBench()

    def transfer() -> None:
        made = bench.hands.park_transfer("MAIN", "3PL", {TEE: 4})
        bench.hands.complete_transfer(made["number"])
        record = bench.hands.numbered("WarehouseStockTransfers", made["number"])
        for line in record["TransferDetails"]:
            del line["TransferQuantity"]

    after_adjusting(bench, monkeypatch, transfer)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_surprise"]


def test_an_order_of_before_explains_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench()
    order = bench.hands.place_order("WEBSHOP", {TEE: 3})
    bench.clock.advance(minutes=5)

    def sell_and_lose() -> None:
        bench.hands.complete_order(order["number"])
        bench.hands.count_stock("MAIN", {TEE: 32})

    after_adjusting(bench, monkeypatch, sell_and_lose)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_surprise"]


def test_what_somebody_else_adjusts_meanwhile_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench()
    after_adjusting(bench, monkeypatch, lambda: bench.hands.count_stock("MAIN", {TEE: 30}))
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_surprise"]


def after_adjusting(bench: StockBench, monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
    """Something happens right behind the first adjustment."""
    kind = type(bench.desk_there.adjustments)
    post = kind.post
    done: list[bool] = []

    def posted(self: Any, call: Any, guid: str | None) -> Any:
        reply = post(self, call, guid)
        if not done:
            done.append(True)
            then()
        return reply

    monkeypatch.setattr(kind, "post", posted)


def test_what_changed_since_it_was_compared_is_not_adjusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody counts in Unleashed right before the product is read for its adjustment."""
    bench = StockBench()
    bench.count(TEE, 38)
    bench.count(BLUE, 24)
    on_hand = type(bench.desk_there.on_hand)
    page = on_hand.page

    def shown(self: Any, call: Any, number: int) -> Any:
        if "productId" in call.query and bench.there(TEE) == 40:
            bench.hands.count_stock("MAIN", {TEE: 39})
        return page(self, call, number)

    monkeypatch.setattr(on_hand, "page", shown)
    bench.run("stock")
    assert bench.adjustments() == [{BLUE: -1}]
    bench.run("stock")
    assert bench.adjustments() == [{BLUE: -1}, {TEE: -1}]


# -- lost answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.ERROR_500_AFTER]
)
def test_an_adjustment_whose_answer_is_lost_is_found_by_its_guid(
    bench: StockBench, kind: FaultKind
) -> None:
    bench.fault(kind, times=1)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.run("stock")
    bench.run("stock")
    assert bench.adjustments() == [{TEE: -2}]
    assert (bench.there(TEE), bench.parked()) == (38, [])
    assert bench.telemetry.total("SyncSteps", outcome="looked_up") == 1


def test_the_same_difference_once_more_is_another_adjustment(bench: StockBench) -> None:
    """Two units are gone, the answer is lost, and two more units go: four in all."""
    bench.fault(FaultKind.RESET_AFTER, times=1)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.count(TEE, 36)
    for _ in range(3):
        bench.run("stock")
    assert bench.adjustments() == [{TEE: -2}, {TEE: -2}]
    assert (bench.there(TEE), bench.parked()) == (36, [])


@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.ERROR_500_BEFORE])
def test_one_that_never_arrived_is_booked_as_things_are_then(
    bench: StockBench, kind: FaultKind
) -> None:
    bench.fault(kind, times=1)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.count(TEE, 36)
    for _ in range(3):
        bench.run("stock")
    assert (bench.there(TEE), bench.parked()) == (36, [])
    assert sum(lines[TEE] for lines in bench.adjustments()) == -4


def test_one_that_never_arrived_and_is_not_needed_any_more_is_left() -> None:
    bench = StockBench()
    bench.fault(FaultKind.RESET_BEFORE, times=1)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.hands.count_stock("MAIN", {TEE: 38})
    bench.run("stock")
    bench.run("stock")
    assert bench.adjustments() == []
    assert (bench.standing(), bench.there(TEE)) == ("in_step", 38)


def test_late_goods_that_moved_hide_what_a_lost_adjustment_did() -> None:
    bench = StockBench()
    bench.fault(FaultKind.TIMEOUT_AFTER, times=1)
    bench.count(TEE, 38)
    bench.run("stock")
    bench.hands.count_stock("MAIN", {TEE: 33})
    bench.run("stock", hours=2)
    bench.run("stock")
    assert bench.parked() == []
    assert bench.there(TEE) == 38


def test_a_refused_adjustment_asks_a_person_and_changes_nothing() -> None:
    bench = StockBench()
    bench.set("stock", adjustment_reason="Nowhere")
    bench.count(TEE, 38)
    bench.run("stock")
    assert "There is no adjustment reason" in bench.reasons()[0]
    bench.run("stock")
    assert bench.adjustments() == []
    bench.set("stock", adjustment_reason="Mintsoft")
    bench.replay()
    bench.run("stock")
    assert (bench.there(TEE), bench.parked()) == (38, [])


def test_unleashed_is_away_and_comes_back() -> None:
    bench = StockBench()
    bench.count(TEE, 38)
    bench.to_unleashed.refuse = True
    assert bench.run("stock") == {"cut_off": 1}
    bench.to_unleashed.refuse = False
    bench.run("stock")
    assert bench.there(TEE) == 38


# -- warehouses ---------------------------------------------------------------------------------


def test_a_warehouse_that_is_stopped_is_left_and_the_others_go_on() -> None:
    bench = StockBench(block={"warehouses": {"MAIN": 3, "3PL": 99}})
    bench.count(TEE, 38)
    bench.run("stock")
    assert (bench.there(TEE), bench.there(TEE, "3PL")) == (38, 5)


def test_stock_of_another_warehouse_is_not_taken_for_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The filter is not honoured: every product comes with the sum of all warehouses."""
    bench = StockBench()
    monkeypatch.setattr(type(bench.desk_there.on_hand), "_warehouse", lambda *_: None)
    assert bench.run("stock") == {"cut_off": 1}
    assert bench.telemetry.total("Misconfigured") == 1


# -- once a day ---------------------------------------------------------------------------------


def at(bench: StockBench, text: str) -> dict[str, int]:
    """A tick at this time, UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return bench.run("stock", seconds=(moment - bench.clock.now()).total_seconds())


def test_once_a_day_it_waits_for_its_time_looks_twice_and_rests() -> None:
    bench = StockBench(once_per_day=True, daily_at="02:00", settle_minutes=30)
    bench.count(TEE, 38)
    begin = bench.calls()
    at(bench, "2026-03-10T20:00:00")
    assert bench.calls() == begin
    at(bench, "2026-03-11T02:01:00")
    assert bench.adjustments() == []
    looked = bench.calls()
    at(bench, "2026-03-11T02:20:00")
    assert bench.calls() == looked
    at(bench, "2026-03-11T02:35:00")
    assert bench.adjustments() == [{TEE: -2}]
    rests = bench.calls()
    bench.count(TEE, 30)
    at(bench, "2026-03-11T02:40:00")
    at(bench, "2026-03-11T23:00:00")
    assert bench.calls() == rests
    at(bench, "2026-03-12T02:00:00")
    at(bench, "2026-03-12T02:30:00")
    assert bench.there(TEE) == 30


def test_a_full_sync_that_is_asked_for_need_not_wait_for_the_time_of_day() -> None:
    from returns_hub.flows.unleashed.stock.full import ask_full

    bench = StockBench(once_per_day=True, settle_minutes=0)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.there(TEE) == 40
    ask_full(bench.world().stores, "example")
    bench.run("stock")
    assert bench.there(TEE) == 38


def test_the_proof_is_needed_before_anything_is_adjusted() -> None:
    bench = StockBench(proven=False)
    bench.count(TEE, 38)
    assert bench.run("stock") == {"cut_off": 1}
    assert bench.telemetry.total("OperatorNeeded") == 1
    assert bench.adjustments() == []
    bench.prove()
    bench.run("stock")
    assert bench.there(TEE) == 38
    bench.set("stock", adjustment_means="absolute")
    bench.count(TEE, 30)
    assert bench.run("stock") == {"cut_off": 1}
    assert (bench.there(TEE), bench.state_of(NAME, "MAIN").standing) == (38, "adjusted")
