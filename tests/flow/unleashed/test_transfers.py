"""Warehouse transfers of Unleashed: picked at the source, received and completed."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.unleashed.echoes import is_for_unleashed
from tests.support.moves import MovesBench


def bench_with(block: dict[str, Any] | None = None, **settings: Any) -> MovesBench:
    """Both sides of a transfer are made, unless other settings are said."""
    bench = MovesBench(**(block or {}))
    bench.set("transfers", **({"orders_at_source": True, "asns_at_destination": True} | settings))
    return bench


def begun(bench: MovesBench, goods: dict[str, Any] | None = None) -> dict[str, str]:
    """A transfer whose order and ASN are made."""
    made = bench.park_transfer(goods)
    bench.run("transfers")
    bench.run("transfers")
    return made


def status(bench: MovesBench, made: dict[str, str]) -> str:
    return bench.status_there("WarehouseStockTransfers", made["number"])


# -- making -----------------------------------------------------------------------------------


def test_a_transfer_is_picked_at_its_source_and_expected_at_its_destination() -> None:
    bench = bench_with(courier="8")
    made = bench.park_transfer({"TEE-RED-M": 4, "TEE-BLU-L": 1})

    assert bench.run("transfers") == {"waits": 1}

    (order,) = bench.made_orders()
    assert (order.number, order.warehouse_id) == (made["number"], 3)
    assert {item.sku: item.quantity for item in order.items} == {"TEE-RED-M": 4, "TEE-BLU-L": 1}
    (asn,) = bench.made_asns()
    assert (asn.header["POReference"], asn.warehouse_id) == (made["number"], 4)
    assert {item.sku: item.expected for item in asn.items} == {"TEE-RED-M": 4, "TEE-BLU-L": 1}
    state = bench.transfer(made)
    assert state.partner_id("order") == str(order.id)
    assert state.partner_id("asn") == str(asn.id)
    assert bench.run("transfers") == {"waits": 1}
    assert bench.run("transfers") == {}
    assert len(bench.made_orders()) == len(bench.made_asns()) == 1


def test_the_order_goes_to_the_destinations_address_and_is_known_as_ours() -> None:
    bench = bench_with(courier="8")
    made = bench.park_transfer()

    bench.run("transfers")

    body = next(r for r in bench.to_mintsoft.requests if r.method == "PUT").json()
    reference = body["ExternalOrderReference"]
    assert is_for_unleashed(reference)
    assert reference == f"unleashed:transfer:{made['guid']}"
    assert (body["CourierServiceId"], body["WarehouseId"]) == (8, 3)
    assert (body["CompanyName"], body["Address1"]) == ("Third party", "2 Sample Street")
    assert (body["Town"], body["PostCode"], body["Country"]) == (
        "London",
        "E1 0AA",
        "United Kingdom",
    )


def test_a_destination_without_a_country_has_the_files_or_asks() -> None:
    bench = bench_with()
    bench.desk_there.company.coded("Warehouses", "3PL")["Country"] = None
    bench.park_transfer()

    assert bench.run("transfers") == {"parked": 1}
    assert bench.parked() == ["unleashed.warehouse_address"]
    assert bench.made_orders() == []

    bench.set("orders", mode="off", default_country="GB")
    bench.replay()
    assert bench.run("transfers") == {"waits": 1}
    assert len(bench.made_orders()) == 1


def test_with_asns_awaiting_delivery_the_asn_is_expected_at_once() -> None:
    bench = bench_with({"asns_awaiting_delivery": True})
    begun(bench)

    assert [asn.status_id for asn in bench.made_asns()] == [3]
    assert len(bench.journal("confirm-asn")) == 1


def test_half_a_unit_is_a_persons_question() -> None:
    bench = bench_with()
    bench.park_transfer({"TEE-RED-M": 4, "TEE-BLU-L": 1.5})

    assert bench.run("transfers") == {"parked": 1}
    assert "line 2 holds 1.5 of TEE-BLU-L" in bench.reasons()[0]
    assert (bench.made_orders(), bench.made_asns()) == ([], [])


@pytest.mark.parametrize(
    ("elsewhere", "orders", "asns"), [("MAIN", 0, 1), ("3PL", 1, 0)], ids=["source", "destination"]
)
def test_with_one_side_elsewhere_what_is_ours_is_done(
    elsewhere: str, orders: int, asns: int
) -> None:
    mapped = {code: place for code, place in {"MAIN": 3, "3PL": 4}.items() if code != elsewhere}
    bench = bench_with({"warehouses": mapped, "warehouses_elsewhere": [elsewhere]})
    begun(bench)

    assert (len(bench.made_orders()), len(bench.made_asns())) == (orders, asns)
    assert bench.parked() == []


def test_with_both_sides_elsewhere_it_is_left() -> None:
    block = {"warehouses": {"OTHER": 3}, "warehouses_elsewhere": ["MAIN", "3PL"]}
    bench = bench_with(block)
    made = bench.park_transfer()

    assert bench.run("transfers") == {"skipped": 1}
    assert bench.transfer(made).skips == ("unleashed.elsewhere",)


def test_a_stopped_warehouse_holds_it_up_and_it_comes_by_itself() -> None:
    bench = bench_with({"warehouses": {"MAIN": 3}})
    made = bench.park_transfer()

    assert bench.run("transfers") == {"later": 1}
    assert bench.made_orders() == []

    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 4}
    bench.version += 1
    assert bench.run("transfers") == {"waits": 1}
    assert bench.transfer(made).done("asn")


@pytest.mark.parametrize(
    ("word", "code"),
    [("Completed", "unleashed.status"), ("In transit", "unleashed.unknown_status")],
)
def test_another_status_is_left(word: str, code: str) -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.hands.numbered("WarehouseStockTransfers", made["number"])["TransferStatus"] = word

    assert bench.run("transfers") == {"skipped": 1}
    assert bench.transfer(made).skips == (code,)


def test_completed_ones_are_taken_where_the_file_wants_them() -> None:
    bench = bench_with(statuses=["completed"])
    made = bench.park_transfer()
    bench.hands.complete_transfer(made["number"])
    bench.run("transfers")
    bench.run("transfers")

    assert len(bench.made_orders()) == len(bench.made_asns()) == 1
    assert bench.transfer(made).outcome == "completed"
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    assert bench.transfer(made).outcome == "over"
    assert bench.written_there() == []


def test_what_was_made_before_the_hub_went_live_is_left() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.file["live_from"] = (bench.clock.now()).isoformat()
    bench.version += 1
    record = bench.hands.numbered("WarehouseStockTransfers", made["number"])
    record["CreatedOn"] = bench.clock.now().replace(year=2025)

    assert bench.run("transfers") == {"skipped": 1}
    assert bench.transfer(made).skips == ("unleashed.before_live",)


# -- completing -------------------------------------------------------------------------------


def test_the_asns_booking_completes_it_and_goods_move_once() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)

    assert bench.run("transfers") == {"completed": 1}

    assert status(bench, made) == "Completed"
    assert bench.stock_there("TEE-RED-M", "MAIN") == bench.here("TEE-RED-M", 3) == 36
    assert bench.stock_there("TEE-RED-M", "3PL") == 9
    assert bench.run("transfers") == {"over": 1}
    assert bench.run("transfers") == {}
    assert bench.written_there() == [f"POST /WarehouseStockTransfers/{made['guid']}/Complete"]
    assert bench.parked() == []


def test_goods_that_are_booked_in_before_the_order_is_sent_complete_it_too() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    bench.run("transfers")

    assert status(bench, made) == "Completed"
    assert bench.transfer(made).outcome == "completed"
    assert bench.parked() == []


@pytest.mark.parametrize(
    "came",
    [
        [("TEE-RED-M", 3)],
        [("TEE-RED-M", 5)],
        [("TEE-BLU-L", 4)],
        [("TEE-RED-M", 4), ("TEE-BLU-L", 1)],
    ],
    ids=["less", "more", "other", "besides"],
)
def test_where_other_units_came_nothing_is_completed(came: list[tuple[str, int]]) -> None:
    bench = bench_with()
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id, *came)

    assert bench.run("transfers") == {"parked": 1}

    assert bench.parked() == ["unleashed.booked_differs"]
    assert (status(bench, made), bench.written_there()) == ("Parked", [])


def test_what_is_booked_in_part_waits_for_the_rest() -> None:
    bench = bench_with()
    made = begun(bench)
    asn = bench.made_asns()[0].id
    bench.book_in(asn, ("TEE-RED-M", 3), complete=False)
    assert bench.run("transfers") == {}

    bench.book_in(asn)
    assert bench.run("transfers") == {"completed": 1}
    assert status(bench, made) == "Completed"


def test_a_person_sets_the_transfer_to_what_came_and_has_it_done_again() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id, ("TEE-RED-M", 3))
    bench.run("transfers")
    bench.edit_transfer(made["number"], {"TEE-RED-M": 3})
    assert bench.run("transfers") == {"parked": 1}

    bench.replay()
    bench.run("transfers")
    assert bench.parked() == []
    assert bench.stock_there("TEE-RED-M", "MAIN") == 37


def test_a_despatch_alone_completes_nothing() -> None:
    bench = bench_with(asns_at_destination=False)
    made = begun(bench)
    bench.despatch(bench.made_orders()[0].id)
    bench.run("transfers")

    assert bench.made_asns() == []
    assert (status(bench, made), bench.written_there(), bench.parked()) == ("Parked", [], [])


def test_a_discrepancy_at_the_dock_asks_a_person_and_goes_on_when_it_is_settled() -> None:
    bench = bench_with()
    made = begun(bench)
    asn = bench.made_asns()[0].id
    bench.set_asn_status(asn, 5)
    bench.run("transfers")
    assert bench.parked() == ["unleashed.asn_discrepancy"]

    bench.book_in(asn)
    bench.replay()
    bench.run("transfers")
    assert status(bench, made) == "Completed"


def test_where_it_is_unclear_how_many_came_a_person_says_which_number_counts() -> None:
    bench = bench_with({"settings": Settings(asn_counts="booked")})
    made = begun(bench)
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    assert (bench.parked(), status(bench, made)) == (["unleashed.asn_unclear"], "Parked")

    bench.file["mintsoft"]["goods"] = {"booked_quantity": "booked"}
    bench.version += 1
    bench.replay()
    bench.run("transfers")
    assert (bench.parked(), status(bench, made)) == ([], "Completed")


def test_an_order_with_the_same_id_as_an_asn_does_not_hide_it() -> None:
    bench = bench_with()
    first = begun(bench)
    same = bench.made_asns()[0].id
    bench.mintsoft._next_order_id = same - 1
    second = begun(bench, {"TEE-BLU-L": 1})
    assert bench.transfer(second).partner_id("order") == bench.transfer(first).partner_id("asn")

    bench.book_in(same)
    bench.run("transfers")

    assert (status(bench, first), status(bench, second)) == ("Completed", "Parked")


# -- hands at both sides ----------------------------------------------------------------------


def test_completed_by_hand_meanwhile_nothing_is_completed_again() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.hands.complete_transfer(made["number"])
    assert bench.run("transfers") == {"completed": 1}

    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)
    assert bench.run("transfers") == {"over": 1}
    assert (bench.written_there(), bench.parked()) == ([], [])


def test_deleted_before_it_was_begun_it_is_left() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.hands.delete_transfer(made["number"])

    assert bench.run("transfers") == {"skipped": 1}
    assert bench.transfer(made).skips == ("unleashed.deleted",)


def test_deleted_afterwards_a_person_takes_it_back_at_the_warehouse() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.hands.delete_transfer(made["number"])
    bench.run("transfers")
    assert bench.parked() == ["unleashed.move_deleted"]
    assert "its order is NEW, its ASN is NEW" in bench.reasons()[0]

    bench.mintsoft.set_status(bench.made_orders()[0].id, 3)
    bench.raw("DELETE", f"/api/ASN/{bench.made_asns()[0].id}")
    bench.replay()
    assert bench.run("transfers") == {"taken_back": 1}
    assert bench.parked() == []


def test_an_edit_afterwards_asks_until_the_warehouse_has_the_same() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.edit_transfer(made["number"], {"TEE-RED-M": 6})
    bench.run("transfers")
    assert bench.parked() == ["unleashed.move_edited"]
    assert "Mintsoft has 4 of 6 TEE-RED-M" in bench.reasons()[0]
    assert len(bench.made_orders()) == len(bench.made_asns()) == 1

    bench.made_orders()[0].items[0].quantity = 6
    bench.made_asns()[0].items[0].expected = 6
    bench.replay()
    bench.run("transfers")
    assert bench.parked() == []
    bench.book_in(bench.made_asns()[0].id)
    bench.run("transfers")
    assert bench.stock_there("TEE-RED-M", "MAIN") == 34


def test_another_destination_afterwards_asks() -> None:
    bench = bench_with()
    made = begun(bench)
    record = bench.hands.numbered("WarehouseStockTransfers", made["number"])
    record["SourceWarehouse"], record["DestinationWarehouse"] = (
        record["DestinationWarehouse"],
        record["SourceWarehouse"],
    )
    bench.desk_there.company.touch(record, "pat@example.test")
    bench.run("transfers")

    assert bench.parked() == ["unleashed.move_edited"]


def test_what_only_bumped_is_known() -> None:
    bench = bench_with()
    made = begun(bench)
    record = bench.hands.numbered("WarehouseStockTransfers", made["number"])
    record["Comments"] = "please hurry"
    bench.desk_there.company.touch(record, "pat@example.test")

    assert bench.run("transfers") == {}


def test_an_order_that_is_cancelled_at_the_warehouse_asks() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.mintsoft.set_status(bench.made_orders()[0].id, 3)

    assert bench.run("transfers") == {"parked": 1}
    assert bench.parked() == ["unleashed.order_cancelled"]
    bench.hands.complete_transfer(made["number"])
    bench.replay()
    bench.run("transfers")
    assert bench.parked() == []


def test_an_asn_that_is_deleted_at_the_warehouse_asks_when_it_is_looked_at() -> None:
    bench = bench_with()
    made = begun(bench)
    bench.raw("DELETE", f"/api/ASN/{bench.made_asns()[0].id}")
    bench.edit_transfer(made["number"], {"TEE-RED-M": 4})
    bench.run("transfers")

    assert bench.parked() == ["unleashed.asn_gone"]
