"""Where Unleashed is the master, the warehouse's count is set to what Unleashed says."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.unleashed.stock_rule import InFlight
from tests.support.erp_stock import BLUE, CAP, DRESS, TEE, StockBench, fly
from tests.support.erp_worlds import PRODUCTS

SET = "/api/Product/BulkOnHandStockUpdate"


def master(**more: Any) -> StockBench:
    """Needs no proof: nothing is adjusted at Unleashed."""
    return StockBench(proven=False, master="unleashed", **more)


def counted(bench: StockBench, sku: str, warehouse: int = 3) -> int:
    return bench.mintsoft.stock[warehouse, PRODUCTS[sku]].units


def sets(bench: StockBench) -> list[dict[str, int]]:
    return [
        {row["SKU"]: row["Quantity"] for row in entry["rows"]}
        for entry in bench.journal("BulkOnHandStockUpdate")
    ]


def test_the_warehouse_is_set_to_what_unleashed_says() -> None:
    bench = master()
    bench.count(TEE, 38)
    bench.hands.count_stock("MAIN", {BLUE: 31})
    assert bench.run("stock") == {"adjusted": 1}
    assert (counted(bench, TEE), counted(bench, BLUE)) == (40, 31)
    assert (bench.there(TEE), bench.there(BLUE)) == (40, 31)
    assert bench.run("stock") == {}
    assert sets(bench) == [{BLUE: 31, TEE: 40}]
    assert bench.written_there() == []


def test_what_is_on_its_way_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = master()
    fly(monkeypatch, {TEE: InFlight(despatched=2), DRESS: InFlight(completed=1)})
    bench.count(TEE, 38)
    bench.hands.count_stock("MAIN", {DRESS: 11})
    bench.run("stock")
    assert sets(bench) == []


def test_a_product_that_the_warehouse_does_not_know_is_left() -> None:
    bench = master()
    bench.run("stock")
    assert sets(bench) == []


def test_units_in_quarantine_are_not_set_over() -> None:
    bench = master()
    bench.count(TEE, 38, quarantined=3)
    bench.run("stock")
    assert sets(bench) == []
    assert bench.kept()["left"]["level_unproven"] == [1, [TEE]]


def test_so_many_at_once() -> None:
    bench = master(lines_per_adjustment=1)
    bench.count(TEE, 38)
    bench.count(CAP, 2)
    bench.run("stock")
    assert sets(bench) == [{CAP: 0}, {TEE: 40}]


def test_limits_stop_it_as_the_other_way_round() -> None:
    bench = master(hard_stop={"from_units": 1, "most_percent": 1})
    bench.count(TEE, 20)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_limits"]
    assert sets(bench) == []


def test_a_warehouse_that_takes_the_number_for_another_stops_everything() -> None:
    """On hand is what is not set aside: eight units more than were meant lie there afterwards."""
    bench = StockBench(proven=False, master="unleashed", settings=Settings(on_hand_set="free"))
    order = {"ClientId": 12, "OrderNumber": "X1", "WarehouseId": 3, "Country": "GB"}
    order |= {"CourierService": "AUTO", "OrderItems": [{"SKU": TEE, "Quantity": 8}]}
    bench.raw("PUT", "/api/Order", order)
    bench.count(TEE, 38)
    bench.run("stock")
    assert bench.parked() == ["unleashed.stock_surprise"]
    assert "was 38 and was set to 40, and is 48" in bench.reasons()[0]
    bench.run("stock")
    assert len(sets(bench)) == 1


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_lost_answer_is_looked_up_by_the_count(kind: FaultKind) -> None:
    bench = master()
    bench.mintsoft.faults.add(Fault(kind, SET, "POST", times=1))
    bench.count(TEE, 38)
    for _ in range(3):
        bench.run("stock")
    assert sets(bench) == [{TEE: 40}]
    assert (counted(bench, TEE), bench.parked()) == (40, [])


def refuse(bench: StockBench, patch: pytest.MonkeyPatch, *skus: str) -> None:
    """Mintsoft takes no number for these."""
    set_one = type(bench.mintsoft)._set_one

    def one(self: Any, row: Any, client_id: int) -> Any:
        if row.sku in skus:
            return {"Success": False, "Message": "It is locked", "ProductId": 0, "SKU": row.sku}
        return set_one(self, row, client_id)

    patch.setattr(type(bench.mintsoft), "_set_one", one)


def test_a_refusal_asks_a_person() -> None:
    bench = master()
    bench.count(TEE, 38)
    with pytest.MonkeyPatch.context() as patch:
        refuse(bench, patch, TEE)
        bench.run("stock")
    assert bench.reasons() == ["Mintsoft refused: It is locked"]
    bench.replay()
    bench.run("stock")
    assert (counted(bench, TEE), bench.parked()) == (40, [])


def test_one_that_is_refused_among_others_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = master()
    refuse(bench, monkeypatch, TEE)
    bench.count(TEE, 38)
    bench.count(CAP, 3)
    assert bench.run("stock") == {"later": 1}
    assert ("stock not set", {"sku": TEE, "why": "Mintsoft refused: It is locked"}) in (
        bench.telemetry.lines
    )
    bench.run("stock", minutes=11)
    assert bench.parked() == ["unleashed.stock_surprise"]
    assert counted(bench, CAP) == 0
