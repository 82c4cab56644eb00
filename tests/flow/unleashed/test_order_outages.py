"""Orders while Unleashed is away, runs that meet, and warehouses that are stopped."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import FaultKind
from tests.support.erp_orders import TEE, OrdersBench, made, until


def test_what_came_before_an_error_in_the_list_counts() -> None:
    bench = OrdersBench(page_size=5)
    numbers = [bench.place()[1] for _ in range(12)]
    bench.fault_there(FaultKind.ERROR_500_BEFORE, "/SalesOrders/2", times=9)

    ended = bench.run("orders")
    assert ended == {"imported": 5, "cut_off": 1}
    bench.unleashed.faults.clear()
    until(bench, "imported")

    assert [len(bench.all_with(number)) for number in numbers] == [1] * 12


@pytest.mark.parametrize("kind", [FaultKind.HTTP_429, FaultKind.ERROR_500_BEFORE])
def test_a_run_that_cannot_read_leaves_everything_to_the_next(kind: FaultKind) -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.fault_there(kind, "/SalesOrders", times=9)
    assert bench.run("orders") == {"cut_off": 1}
    bench.unleashed.faults.clear()

    assert bench.run("orders") == {"imported": 1}
    assert bench.units(number) == {TEE: 2}


def test_a_refused_key_stops_the_run_and_asks_nothing_of_orders() -> None:
    bench = OrdersBench()
    bench.place()
    bench.secrets.values["example", "unleashed"] = {
        "api_id": "11112222-3333-4444-5555-666677778888",
        "api_key": "another-invented-key==",
    }

    assert bench.run("orders") == {"cut_off": 1}
    assert bench.parked() == []
    assert ("Misconfigured", {"merchant": "example", "code": "unleashed.key_refused"}) in [
        (metric, dimensions) for metric, _, dimensions in bench.telemetry.counts
    ]


def test_a_months_calls_that_are_used_up_are_waited_for() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.unleashed.gate.set_used(bench.desk_there.company, 250_000)
    assert bench.run("orders") == {"cut_off": 1}
    assert bench.run("orders") == {"cut_off": 1}
    bench.unleashed.gate.set_used(bench.desk_there.company, 0)
    bench.run("orders", days=31)

    assert bench.units(number) == {TEE: 2}


def test_a_run_that_has_made_its_calls_leaves_the_rest_to_the_next() -> None:
    bench = OrdersBench(page_size=10, calls_per_run=10)
    numbers = [bench.place()[1] for _ in range(75)]
    runs = 0
    while runs < 6 and made(bench) < 75:
        bench.run("orders")
        runs += 1

    assert [len(bench.all_with(number)) for number in numbers] == [1] * 75


# -- runs that meet -----------------------------------------------------------------------------


def test_a_second_run_at_the_same_time_leaves() -> None:
    bench = OrdersBench()
    bench.place()
    inner: list[dict[str, int]] = []
    create = bench.orders.create_order

    def meanwhile(*args: Any) -> Any:
        if not inner:
            inner.append(bench.run("orders", seconds=1))
        return create(*args)

    bench.orders.create_order = meanwhile  # type: ignore[method-assign,assignment]
    bench.run("orders")

    assert inner == [{}]
    assert made(bench) == 1


def test_a_run_that_was_cut_anywhere_is_gone_on_with() -> None:
    for at in range(1, 30):
        bench = OrdersBench()
        _, number = bench.place({TEE: 2})
        left = [at]
        handle = bench.mintsoft.handle

        def cut(request: Any, left: list[int] = left, handle: Any = handle) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise RuntimeError("cut")
            reply = handle(request)
            left[0] -= 1
            if left[0] == 0:
                raise RuntimeError("cut")
            return reply

        bench.mintsoft.handle = cut  # type: ignore[method-assign]
        try:
            bench.run("orders")
        except RuntimeError:
            bench.mintsoft.handle = handle  # type: ignore[method-assign]
        is_through = left[0] > 0
        for _ in range(3):
            bench.run("orders")
        assert (made(bench), bench.units(number)) == (1, {TEE: 2}), at
        if is_through:
            return
    raise AssertionError("never came through")


# -- warehouses ---------------------------------------------------------------------------------


def test_a_stopped_warehouse_holds_its_orders_and_heals_by_itself() -> None:
    bench = OrdersBench(warehouses={"MAIN": 3})
    waiting = [bench.place(warehouse="3PL")[1] for _ in range(5)]
    _, other = bench.place()
    assert bench.run("orders") == {"later": 5, "imported": 1}
    assert bench.parked() == ["unleashed.warehouse_stopped"]
    bench.to_unleashed.requests.clear()
    assert bench.run("orders") == {"later": 5}
    assert [asked.path for asked in bench.to_unleashed.requests] == [
        "/Warehouses/1",
        "/SalesOrders/1",
        "/SalesOrders/1",
    ]

    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 4}
    bench.version += 1

    assert bench.run("orders") == {"imported": 5}
    assert {bench.got(number).warehouse_id for number in waiting} == {4}
    assert (bench.got(other).warehouse_id, bench.parked()) == (3, [])


def test_an_order_that_leaves_a_stopped_warehouse_does_not_wait_on() -> None:
    bench = OrdersBench(warehouses={"MAIN": 3})
    _, number = bench.place(warehouse="3PL")
    bench.run("orders")
    bench.hands.edit_order(number, {}, warehouse="MAIN")

    assert bench.run("orders") == {"later": 1, "imported": 1}
    assert bench.got(number).warehouse_id == 3


def test_a_deletion_in_a_stopped_warehouse_is_seen() -> None:
    bench = OrdersBench(warehouses={"MAIN": 3})
    guid, number = bench.place(warehouse="3PL")
    bench.run("orders")
    bench.hands.delete_order(number)
    bench.run("orders")

    assert bench.told(guid) == ["unleashed.order_deleted"]


def test_warehouses_that_cannot_be_read_are_no_reason_to_ask_anybody() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.fault_there(FaultKind.ERROR_500_BEFORE, "/Warehouses", times=9)
    assert bench.run("orders") == {"later": 1}
    bench.unleashed.faults.clear()
    bench.run("orders")

    assert (bench.units(number), bench.parked()) == ({TEE: 2}, [])


def test_a_plan_tells_nobody_of_a_stopped_warehouse() -> None:
    bench = OrdersBench(warehouses={"MAIN": 3})
    bench.place(warehouse="3PL")
    bench.clock.advance(minutes=20)

    (plan,) = bench.plan("orders")

    (change,) = plan.changes
    assert (change.does, change.code) == ("later", "unleashed.warehouse_stopped")
    assert bench.parked() == []
