"""A warehouse that is stopped holds its records up, and is told of once."""

from __future__ import annotations

import pytest

from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.warehouse_problems import FLOW, require_place, tell_problems
from tests.support.erp_worlds import ErpBench


def told(bench: ErpBench) -> list[tuple[str, str]]:
    """Open parked work about warehouses, id and reason."""
    items = bench.parking.list_parked("example")
    return [(item.parked_id, item.reason) for item in items if item.flow == FLOW]


def tick(bench: ErpBench) -> ErpWorld:
    """A run that asks for the warehouses."""
    world = bench.erp_world("orders")
    tell_problems(world)
    return world


def test_a_mapped_warehouse_has_its_id_and_one_elsewhere_has_none() -> None:
    bench = ErpBench(warehouses={"MAIN": 3}, warehouses_elsewhere=["3PL"])
    world = tick(bench)

    assert require_place(world, "MAIN") == 3
    assert require_place(world, "3PL") is None
    assert told(bench) == []


def test_records_of_a_stopped_warehouse_wait() -> None:
    world = ErpBench(warehouses={"MAIN": 3, "3PL": 99}).erp_world("orders")

    with pytest.raises(Retryable) as stopped:
        require_place(world, "3PL")

    assert stopped.value.code == "unleashed.warehouse_stopped"
    assert "99" in stopped.value.reason
    assert stopped.value.after == 900


def test_a_record_of_no_warehouse_is_a_persons_question() -> None:
    world = ErpBench().erp_world("orders")

    with pytest.raises(Permanent, match="names no warehouse"):
        require_place(world, " ")


def test_each_problem_is_told_once() -> None:
    bench = ErpBench(warehouses={"MAIN": 99})

    for _ in range(3):
        tick(bench)

    items = bench.parking.list_parked("example")
    assert [item.parked_id for item in items] == [f"{FLOW}/3PL", f"{FLOW}/MAIN"]
    assert {item.times for item in items} == {1}
    assert "not mapped" in items[0].reason


def test_it_comes_off_the_list_when_it_is_mended_and_is_told_when_it_comes_again() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 99})
    tick(bench)
    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 4}
    bench.version += 1
    tick(bench)
    assert told(bench) == []

    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 99}
    bench.version += 1
    tick(bench)

    assert [parked_id for parked_id, _ in told(bench)] == [f"{FLOW}/3PL"]


def test_another_problem_of_a_code_is_told_again_in_its_place() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 99})
    tick(bench)
    bench.file["unleashed"]["warehouses"] = {"MAIN": 3}
    bench.version += 1
    tick(bench)

    assert [reason for _, reason in told(bench)] == [
        "warehouse 3PL is not mapped: name it in unleashed.warehouses, or in "
        "unleashed.warehouses_elsewhere when it is not in this Mintsoft"
    ]


def test_a_discard_holds_while_it_is_the_same_problem() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 99})
    tick(bench)
    bench.discard("known")

    tick(bench)
    assert told(bench) == []

    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 98}
    bench.version += 1
    tick(bench)
    assert len(told(bench)) == 1


def test_a_replay_does_nothing_but_have_it_told_again_when_nothing_was_mended() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 99})
    tick(bench)
    bench.replay()
    assert told(bench) == []

    tick(bench)

    assert len(told(bench)) == 1


def test_nothing_wrong_costs_one_read() -> None:
    bench = ErpBench()
    world = bench.erp_world("orders")
    world.places  # noqa: B018 - asked for
    bench.parking.park = None  # type: ignore[assignment,method-assign]
    bench.parking.list_parked = None  # type: ignore[assignment,method-assign]

    tell_problems(world)


def test_a_code_that_cannot_stand_in_an_id_is_hashed() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 4})
    bench.desk_there.seed({"warehouses": [{"WarehouseCode": "NO/RD #2", "WarehouseName": "North"}]})
    tick(bench)

    ((parked_id, reason),) = told(bench)
    assert parked_id.startswith(f"{FLOW}/code-")
    assert "NO/RD #2" in reason
