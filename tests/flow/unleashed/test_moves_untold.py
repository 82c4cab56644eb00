"""What transfers and assemblies tell the stock sync of goods on their way to being told."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Retryable
from tests.support.moves import SOCK, MovesBench

RED = "TEE-RED-M"


def transfers(**settings: Any) -> MovesBench:
    bench = MovesBench()
    bench.set("transfers", **({"orders_at_source": True, "asns_at_destination": True} | settings))
    return bench


def begun(bench: MovesBench) -> dict[str, str]:
    made = bench.park_transfer()
    bench.run("transfers")
    bench.run("transfers")
    return made


def balance(bench: MovesBench, code: str, place: int, warehouse: str) -> int:
    """By how much the stock sync would change Unleashed's number of units."""
    flying = bench.untold().get((place, code), InFlight())
    will_be = int(bench.stock_there(code, warehouse)) - flying.despatched + flying.received
    return bench.here(code, place) - flying.completed - will_be


def test_nothing_is_told_before_anything_moved() -> None:
    bench = transfers()
    bench.park_transfer()
    assert bench.untold() == {}
    bench.run("transfers")
    bench.run("transfers")
    assert bench.untold() == {}


def test_a_transfer_is_told_at_both_ends_until_it_is_completed() -> None:
    bench = transfers()
    made = begun(bench)
    bench.mintsoft.set_stock(4, 801, 5)

    bench.despatch(bench.made_orders()[0].id)
    assert bench.untold() == {(3, RED): InFlight(despatched=4)}
    bench.book_in(bench.made_asns()[0].id, (RED, 3), complete=False)
    assert bench.untold() == {(3, RED): InFlight(despatched=4), (4, RED): InFlight(received=3)}
    assert balance(bench, RED, 3, "MAIN") == balance(bench, RED, 4, "3PL") == 0

    bench.book_in(bench.made_asns()[0].id, (RED, 1))
    bench.run("transfers")
    assert bench.status_there("WarehouseStockTransfers", made["number"]) == "Completed"
    assert bench.untold() == {}
    assert balance(bench, RED, 3, "MAIN") == balance(bench, RED, 4, "3PL") == 0


def test_a_part_that_left_is_told_alone() -> None:
    bench = transfers()
    begun(bench)
    first = bench.made_orders()[0].id
    bench.split(first, {RED: 1})
    bench.despatch(first)

    assert bench.untold() == {(3, RED): InFlight(despatched=3)}


@pytest.mark.parametrize(("path", "what"), [("/api/Order", "order"), ("/api/ASN", "asn")])
def test_while_nobody_knows_whether_its_order_was_made_nothing_is_adjusted(
    path: str, what: str
) -> None:
    bench = transfers(orders_at_source=what == "order", asns_at_destination=what == "asn")
    made = bench.park_transfer()
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path=path, method="PUT"))
    bench.run("transfers")
    assert bench.state_of("unleashed.transfers", made["guid"]).is_open(what)
    for order in bench.made_orders():
        bench.despatch(order.id)

    with pytest.raises(Retryable, match=f"whether the {what} of transfer TX-.* is not known yet"):
        bench.untold()

    bench.run("transfers")
    assert bench.untold() == ({(3, RED): InFlight(despatched=4)} if what == "order" else {})


def test_an_asn_that_was_refused_holds_up_no_stock() -> None:
    bench = MovesBench()
    bench.set("assemblies", orders=True, asns=True)
    made = bench.park_assembly(2)
    del bench.mintsoft.tenant.products[SOCK]
    bench.run("assemblies")
    assert bench.parked() == ["mintsoft.refused"]
    assert bench.untold() == {}

    # Changed while a person is asked, the step may be sent again; nobody sends it yet.
    bench.despatch(bench.made_orders()[0].id)
    company = bench.desk_there.company
    company.touch(company.one("Assemblies", made["guid"]), "pat@example.test")
    bench.run("assemblies")
    assert bench.assembly(made).is_open("asn")
    flying = {(3, RED): InFlight(despatched=4), (3, "TEE-BLU-L"): InFlight(despatched=2)}
    assert bench.untold() == flying


def test_where_free_stock_is_compared_what_the_warehouse_holds_for_it_is_told() -> None:
    bench = transfers()
    bench.set("stock", mode="off", count="on_hand")
    made = begun(bench)
    held = {(3, RED): InFlight(ordered=-4)}
    assert bench.untold() == held

    bench.despatch(bench.made_orders()[0].id)
    assert bench.untold() == {(3, RED): InFlight(despatched=4, ordered=-4)}
    bench.hands.complete_transfer(made["number"])
    bench.run("transfers")
    assert bench.untold() == {(4, RED): InFlight(received=-4)}


def test_completed_by_hand_first_it_is_told_the_other_way_round() -> None:
    bench = transfers()
    made = begun(bench)
    bench.mintsoft.set_stock(4, 801, 5)
    bench.hands.complete_transfer(made["number"])
    bench.run("transfers")

    assert bench.untold() == {(3, RED): InFlight(completed=4), (4, RED): InFlight(received=-4)}
    assert balance(bench, RED, 3, "MAIN") == balance(bench, RED, 4, "3PL") == 0

    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    assert bench.untold() == {}
    assert balance(bench, RED, 3, "MAIN") == balance(bench, RED, 4, "3PL") == 0


def test_several_are_summed() -> None:
    bench = transfers(asns_at_destination=False)
    bench.park_transfer({RED: 1})
    bench.park_transfer({RED: 2})
    bench.run("transfers")
    for order in bench.made_orders():
        bench.despatch(order.id)

    assert bench.untold() == {(3, RED): InFlight(despatched=3)}


def test_of_many_the_asns_come_in_one_list() -> None:
    bench = transfers(orders_at_source=False)
    for _ in range(8):
        bench.park_transfer({RED: 2})
    bench.run("transfers")
    bench.run("transfers")
    for asn in bench.made_asns()[:3]:
        bench.book_in(asn.id, (RED, 1), complete=False)
    bench.clock.advance(minutes=5)
    bench.book_in(bench.made_asns()[0].id, (RED, 1), complete=False)
    here = len(bench.to_mintsoft.requests)

    assert bench.untold() == {(4, RED): InFlight(received=4)}
    assert len(bench.to_mintsoft.requests) - here <= 2


def test_an_assembly_tells_components_and_what_was_made() -> None:
    bench = MovesBench()
    bench.set("assemblies", orders=True, asns=True)
    made = bench.park_assembly(2)
    bench.run("assemblies")
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("assemblies")

    assert bench.untold() == {
        (3, RED): InFlight(despatched=4),
        (3, "TEE-BLU-L"): InFlight(despatched=2),
        (3, "SOCK-3PK"): InFlight(received=2),
    }
    bench.hands.complete_assembly(made["number"])
    assert bench.untold() == {}


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_a_flow_that_is_not_live_tells_nothing_and_asks_nobody(mode: str) -> None:
    bench = transfers(mode=mode)
    bench.park_transfer()

    assert bench.untold() == {}
    assert bench.to_unleashed.requests == []


def test_without_time_nothing_is_said() -> None:
    bench = transfers()
    begun(bench)
    bench.despatch(bench.made_orders()[0].id)
    bench.clock.left = 30.0

    with pytest.raises(Retryable):
        bench.untold()


def test_what_is_over_is_not_read_again() -> None:
    bench = transfers()
    begun(bench)
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    bench.run("transfers")
    here = len(bench.to_mintsoft.requests)

    assert bench.untold() == {}
    assert len(bench.to_mintsoft.requests) == here
