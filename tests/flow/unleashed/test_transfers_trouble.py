"""Transfers and assemblies when things go wrong: lost answers, refusals, two runs, shadow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.flows.unleashed.run import run_flow
from returns_hub.ports import Lease
from tests.support.moves import MovesBench

CURSOR = "sync/unleashed.transfers/example"
AFTER = [FaultKind.RESET_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.ERROR_500_AFTER]
BEFORE = [FaultKind.ERROR_500_BEFORE, FaultKind.HTTP_429]


def bench_with(**settings: Any) -> MovesBench:
    bench = MovesBench()
    bench.set("transfers", **({"orders_at_source": True, "asns_at_destination": True} | settings))
    return bench


def runs(bench: MovesBench, many: int = 4) -> None:
    """So many ticks, far enough apart that claims have ended."""
    for _ in range(many):
        bench.run("transfers")


@pytest.mark.parametrize("kind", [*AFTER, *BEFORE])
@pytest.mark.parametrize("path", ["(?i)/api/order$", "(?i)/api/asn$"], ids=["order", "asn"])
def test_an_answer_that_is_lost_at_the_warehouse_makes_nothing_twice(
    path: str, kind: FaultKind
) -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.mintsoft.faults.add(Fault(kind, path=path, method="PUT"))

    runs(bench)

    assert len(bench.made_orders()) == len(bench.made_asns()) == 1
    assert (bench.transfer(made).outcome, bench.parked()) == ("waits", [])


@pytest.mark.parametrize("kind", [*AFTER, *BEFORE])
def test_an_answer_that_is_lost_at_completing_moves_goods_once(kind: FaultKind) -> None:
    bench = bench_with()
    made = bench.park_transfer()
    runs(bench, 2)
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    bench.unleashed.faults.add(Fault(kind, path="/Complete$", method="POST"))

    runs(bench)

    assert bench.stock_there("TEE-RED-M", "MAIN") == 36
    assert len(bench.account.happened("transfer_completed")) == 1
    assert (bench.transfer(made).outcome, bench.parked()) == ("over", [])


def test_goods_booked_in_long_before_the_asn_is_known_complete_it_all_the_same() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    fault = Fault(FaultKind.TIMEOUT_AFTER, path="(?i)/api/asn$", method="PUT")
    bench.mintsoft.faults.add(fault)
    bench.run("transfers")
    asn = bench.made_asns()[0]
    comments, asn.header["Comments"] = asn.header["Comments"], ""
    bench.book_in(asn.id)
    # So long that no list of what changed lately shows the booking any more.
    runs(bench, 9)
    assert not bench.transfer(made).done("asn")
    asn.header["Comments"] = comments

    runs(bench, 6)

    assert bench.status_there("WarehouseStockTransfers", made["number"]) == "Completed"
    assert len(bench.made_asns()) == 1


def test_what_unleashed_refuses_for_want_of_stock_is_completed_when_there_is_some() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    runs(bench, 2)
    bench.hands.count_stock("MAIN", {"TEE-RED-M": 1})
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    assert bench.parked() == ["unleashed.refused"]
    assert "not enough stock of TEE-RED-M" in bench.reasons()[0]

    bench.hands.count_stock("MAIN", {"TEE-RED-M": 4})
    bench.replay()
    runs(bench, 1)
    assert bench.status_there("WarehouseStockTransfers", made["number"]) == "Completed"
    assert bench.parked() == []


def test_completed_by_hand_between_the_reading_and_the_completing_is_a_success() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    runs(bench, 2)
    bench.book_in(bench.made_asns()[0].id)
    handle = bench.unleashed.handle

    def first_by_hand(request: Any) -> Any:
        if request.path.endswith("/Complete"):
            bench.unleashed.handle = handle  # type: ignore[method-assign]
            bench.hands.complete_transfer(made["number"])
        return handle(request)

    bench.unleashed.handle = first_by_hand  # type: ignore[method-assign]
    bench.run("transfers")

    assert bench.parked() == []
    assert len(bench.account.happened("transfer_completed")) == 1


def test_a_sku_that_the_warehouse_does_not_have_asks_and_goes_on_when_it_has() -> None:
    bench = bench_with()
    made = bench.park_transfer({"MUG-RED": 1})
    bench.run("transfers")
    assert len(bench.parked()) == 1
    assert bench.made_asns() == []

    bench.mintsoft.seed({"products": {"950": {"sku": "MUG-RED", "name": "Mug", "client_id": 12}}})
    bench.replay()
    runs(bench, 2)
    assert (bench.transfer(made).outcome, bench.parked()) == ("waits", [])


@pytest.mark.parametrize("edit", ["units", "merged"])
def test_an_order_that_was_changed_before_its_answer_was_missed_is_still_ours(edit: str) -> None:
    bench = bench_with(asns_at_destination=False)
    made = bench.park_transfer()
    fault = Fault(FaultKind.TIMEOUT_AFTER, path="(?i)/api/order$", method="PUT")
    bench.mintsoft.faults.add(fault)
    bench.run("transfers")
    order = bench.made_orders()[0]
    if edit == "units":
        order.items[0].quantity = 3
    else:
        bench.stranger("OTHER-1")
        other = bench.made_orders()[-1]
        other.client_id = order.client_id
        bench.merge(order.id, other.id)
    runs(bench)

    assert len(bench.made_orders()) == 1
    assert bench.transfer(made).partner_id("order") == str(order.id)


def test_an_order_that_somebody_else_made_with_its_number_is_never_taken_for_ours() -> None:
    bench = bench_with(asns_at_destination=False)
    made = bench.park_transfer()
    body = {
        "ClientId": 12,
        "OrderNumber": made["number"],
        "WarehouseId": 3,
        "Country": "GB",
        "CourierService": "AUTO",
        "OrderItems": [{"SKU": "TEE-RED-M", "Quantity": 4}],
    }
    bench.raw("PUT", "/api/Order", body)
    runs(bench)

    assert bench.parked() == ["unleashed.number_taken"]
    assert not bench.transfer(made).done("order")


def test_a_run_that_meets_another_leaves() -> None:
    bench = bench_with()
    bench.park_transfer()
    assert bench.cursors.acquire(CURSOR, "another", 3600) is not None

    assert bench.run("transfers") == {}
    assert bench.made_orders() == []


def test_two_runs_at_once_make_one_order_and_one_asn() -> None:
    bench = bench_with()
    bench.park_transfer()
    handle = bench.mintsoft.handle
    inner: list[dict[str, Any]] = []

    def with_another_run(request: Any) -> Any:
        if request.method == "PUT" and not inner:
            inner.append({})
            # Its lease is lost while it is at it.
            bench.cursors.release(Lease(CURSOR, "hub", 1, bench.clock.now(), {}))
            inner[0] = run_flow("transfers", bench.erp_world("transfers"))
        return handle(request)

    bench.mintsoft.handle = with_another_run  # type: ignore[method-assign]
    bench.run("transfers")
    runs(bench, 2)

    assert inner
    assert len(bench.made_orders()) == len(bench.made_asns()) == 1


def test_a_shadow_writes_nothing_and_live_takes_up_what_it_saw() -> None:
    bench = bench_with(mode="shadow")
    made = bench.park_transfer()

    assert bench.run("transfers") == {"shadow": 1}
    assert (bench.made_orders(), bench.made_asns()) == ([], [])

    bench.set("transfers", mode="live")
    bench.run("transfers", hours=9)
    assert bench.transfer(made).done("asn")
    assert len(bench.made_orders()) == 1


def test_a_plan_tells_the_steps() -> None:
    bench = bench_with()
    bench.park_transfer()
    (plan,) = bench.plan("transfers")

    (change,) = plan.changes
    assert [(step.name, step.partner, step.does) for step in change.steps] == [
        ("order", "mintsoft", "create"),
        ("asn", "mintsoft", "create"),
    ]
    assert "picks 4 TEE-RED-M at MAIN" in change.steps[0].summary
    assert bench.made_orders() == []


def test_a_list_that_fails_is_read_again() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.unleashed.faults.add(
        Fault(FaultKind.ERROR_500_BEFORE, path="WarehouseStockTransfers", times=8)
    )
    assert bench.run("transfers").get("cut_off") == 1
    bench.unleashed.faults.clear()
    runs(bench, 2)

    assert bench.transfer(made).outcome == "waits"


def test_a_hundred_open_ones_cost_a_quiet_run_a_handful_of_calls() -> None:
    bench = bench_with()
    for _ in range(100):
        bench.park_transfer({"TEE-RED-M": 1})
    bench.run("transfers")
    bench.run("transfers")
    bench.run("transfers", minutes=300)
    there, here = len(bench.to_unleashed.requests), len(bench.to_mintsoft.requests)

    assert bench.run("transfers", minutes=300) == {}

    assert len(bench.to_unleashed.requests) - there <= 2
    assert len(bench.to_mintsoft.requests) - here <= 6


@pytest.mark.parametrize("minutes", [5, 20])
def test_the_flow_keeps_its_interval(minutes: int) -> None:
    bench = bench_with(every_minutes=15)
    bench.run("transfers")
    bench.park_transfer()

    bench.run("transfers", minutes=minutes)

    assert len(bench.made_orders()) == (timedelta(minutes=minutes) >= timedelta(minutes=15))
