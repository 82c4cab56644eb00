"""Assemblies of Unleashed: components picked, what is made received, then completed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.moves import MovesBench


def bench_with(block: dict[str, Any] | None = None, **settings: Any) -> MovesBench:
    """Both sides are made and the booking completes, unless other settings are said."""
    bench = MovesBench(**(block or {}))
    bench.set("assemblies", **({"orders": True, "asns": True, "complete": True} | settings))
    return bench


def begun(bench: MovesBench, quantity: Any = 2, **more: Any) -> dict[str, str]:
    """An assembly whose order and ASN are made."""
    made = bench.park_assembly(quantity, **more)
    bench.run("assemblies")
    bench.run("assemblies")
    return made


def record_of(bench: MovesBench, made: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = bench.hands.numbered("Assemblies", made["number"])
    return record


def status(bench: MovesBench, made: dict[str, str]) -> str:
    return bench.status_there("Assemblies", made["number"])


def test_components_are_picked_and_what_they_make_is_expected() -> None:
    bench = bench_with(courier="8")
    made = begun(bench)

    (order,) = bench.made_orders()
    assert (order.number, order.warehouse_id) == (made["number"], 3)
    assert {item.sku: item.quantity for item in order.items} == {"TEE-RED-M": 4, "TEE-BLU-L": 2}
    (asn,) = bench.made_asns()
    assert (asn.header["POReference"], asn.warehouse_id) == (made["number"], 3)
    assert {item.sku: item.expected for item in asn.items} == {"SOCK-3PK": 2}
    body = next(r for r in bench.to_mintsoft.requests if r.method == "PUT").json()
    assert body["ExternalOrderReference"] == f"unleashed:assembly:{made['guid']}"
    assert (body["CompanyName"], body["CourierServiceId"]) == ("Main", 8)
    assert (bench.assembly(made).outcome, bench.run("assemblies")) == ("waits", {})


@pytest.mark.parametrize(
    ("settings", "orders", "asns"),
    [({"asns": False, "complete": False}, 1, 0), ({"orders": False}, 0, 1)],
    ids=["orders", "asns"],
)
def test_each_side_has_its_own_switch(settings: dict[str, Any], orders: int, asns: int) -> None:
    bench = bench_with(**settings)
    begun(bench)

    assert (len(bench.made_orders()), len(bench.made_asns())) == (orders, asns)


def test_the_booking_completes_it_once() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)

    assert bench.run("assemblies") == {"completed": 1}
    assert bench.run("assemblies") == {"over": 1}
    assert status(bench, made) == "Completed"
    assert bench.written_there() == [f"POST /Assemblies/{made['guid']}/Complete"]
    for code in ("TEE-RED-M", "TEE-BLU-L"):
        assert bench.stock_there(code, "MAIN") == bench.here(code, 3)
    assert bench.stock_there("SOCK-3PK", "MAIN") == bench.here("SOCK-3PK", 3) == 2


def test_without_complete_a_person_completes_it() -> None:
    bench = bench_with(complete=False)
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id)

    assert bench.run("assemblies") == {"booked_in": 1}
    assert (status(bench, made), bench.parked()) == ("Parked", [])


@pytest.mark.parametrize("many", [1, 3])
def test_where_another_number_was_made_nothing_is_completed(many: int) -> None:
    bench = bench_with()
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id, ("SOCK-3PK", many))
    bench.run("assemblies")

    assert bench.parked() == ["unleashed.booked_differs"]
    assert f"booked in {many} of 2 SOCK-3PK" in bench.reasons()[0]
    assert status(bench, made) == "Parked"


@pytest.mark.parametrize(
    ("code", "field"),
    [("SOCK-3PK", "IsBatchTracked"), ("TEE-BLU-L", "IsSerialized")],
    ids=["made", "component"],
)
def test_with_batches_or_serials_a_person_completes_it(code: str, field: str) -> None:
    bench = bench_with()
    bench.desk_there.company.coded("Products", code)[field] = True
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("assemblies")

    assert bench.parked() == ["unleashed.cannot_complete"]
    assert f"{code} has batch or serial numbers" in bench.reasons()[0]
    assert (status(bench, made), bench.written_there()) == ("Parked", [])


def test_a_custom_status_overrides_and_is_never_asked_for() -> None:
    bench = bench_with(custom_statuses=["Ready to ship"])
    plain = bench.park_assembly()
    custom = bench.park_assembly(1, custom="ready to ship")
    bench.run("assemblies")

    assert not bench.assembly(plain).was_begun
    assert bench.assembly(custom).done("order")
    asked = [r.target for r in bench.to_unleashed.requests if r.path.startswith("/Assemblies")]
    assert asked
    assert not any("customAssemblyStatus" in target for target in asked)


def test_a_deletion_is_noticed() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.hands.delete_assembly(made["number"])
    bench.run("assemblies")

    assert bench.parked() == ["unleashed.move_deleted"]


def test_one_that_is_taken_apart_is_a_persons_question() -> None:
    bench = bench_with()
    made = bench.park_assembly()
    record_of(bench, made)["AssemblyType"] = "Disassembly"
    bench.run("assemblies")

    assert bench.parked() == ["unleashed.move"]
    assert "of the type Disassembly" in bench.reasons()[0]
    assert bench.made_orders() == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Quantity": Decimal("2.5")}, "what is made holds 2.5 of SOCK-3PK"),
        ({"line": {"Quantity": Decimal("0.5")}}, "line 1 holds 0.5 of TEE-RED-M"),
        ({"line": {"WastageQuantity": Decimal(1)}}, "line 1 names a wastage of 1"),
        (
            {"line": {"UnitCost": Decimal(3), "LineTotalCost": Decimal(24)}},
            "line 1 names 4 of TEE-RED-M, and its cost is of 8",
        ),
    ],
    ids=["made", "component", "wastage", "of_one_piece"],
)
def test_what_cannot_be_picked_for_sure_is_a_persons_question(
    change: dict[str, Any], why: str
) -> None:
    bench = bench_with()
    made = bench.park_assembly()
    record = record_of(bench, made)
    record["AssemblyLines"][0].update(change.pop("line", {}))
    record.update(change)
    bench.run("assemblies")

    assert bench.parked() == ["unleashed.move"]
    assert why in bench.reasons()[0]
    assert (bench.made_orders(), bench.made_asns()) == ([], [])


def test_costs_of_all_pieces_raise_no_question() -> None:
    bench = bench_with()
    made = bench.park_assembly()
    line = record_of(bench, made)["AssemblyLines"][0]
    line.update({"UnitCost": Decimal(3), "LineTotalCost": Decimal(12)})
    bench.run("assemblies")

    assert bench.parked() == []
    assert len(bench.made_orders()) == 1


def test_completed_by_hand_meanwhile_nothing_is_completed_again() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.hands.complete_assembly(made["number"])
    bench.book_in(bench.made_asns()[0].id)
    bench.run("assemblies")

    assert (bench.written_there(), bench.parked()) == ([], [])
    assert bench.assembly(made).outcome == "completed"
