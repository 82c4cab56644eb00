"""The adapters for transfers, assemblies and addresses of warehouses over Unleashed's simulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wire import Reply
from returns_hub.adapters.unleashed.assemblies import UnleashedAssemblies
from returns_hub.adapters.unleashed.moves import UnleashedMoves
from returns_hub.adapters.unleashed.transfers import UnleashedTransfers
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.unleashed.moves import Move, move_problem, units
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START
from tests.support.moves import MovesBench
from tests.support.order_worlds import LATER

AN_HOUR_AGO = START - timedelta(hours=1)
NOBODY = "00000000-0000-4000-8000-000000000000"


def transfers(bench: MovesBench) -> UnleashedTransfers:
    return UnleashedTransfers(bench.unleashed_account())


def assemblies(bench: MovesBench) -> UnleashedAssemblies:
    return UnleashedAssemblies(bench.unleashed_account())


def changed(adapter: UnleashedMoves) -> list[Move]:
    return list(adapter.changed_since(AN_HOUR_AGO))


def rewriting(bench: MovesBench, path: str, change: Callable[[dict[str, Any]], None]) -> None:
    """From now on lists and objects below this path come with their rows changed."""
    handle = bench.unleashed.handle

    def answer(request: Any) -> Reply:
        reply = handle(request)
        if not request.path.startswith(path) or reply.status != 200 or not reply.body:
            return reply
        content = json.loads(reply.body)
        rows = content.get("Items", [content])
        for row in rows:
            change(row)
        return Reply(reply.status, reply.headers, json.dumps(content).encode())

    bench.unleashed.handle = answer  # type: ignore[method-assign]


DIALECTS: list[dict[str, Any]] = [
    {},
    {"keys": "camel"},
    {"single_wrapped": True},
    {"transfer_number_key": "TransferNumber"},
    {"transfer_number_key": "WarehouseTransferNumber"},
    {"other_order": "oldest"},
    {"without_pagination": ("WarehouseStockTransfers", "Assemblies")},
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_transfer_is_read_in_every_dialect(dialect: dict[str, Any]) -> None:
    bench = MovesBench()
    bench.account.set(**dialect)
    made = bench.park_transfer({"TEE-RED-M": 4, "TEE-BLU-L": 1})
    adapter = transfers(bench)

    (listed,) = changed(adapter)
    read = adapter.read(made["guid"])

    assert read == listed
    assert (listed.guid, listed.number, listed.status) == (made["guid"], made["number"], "Parked")
    assert (listed.source_code, listed.destination_code) == ("MAIN", "3PL")
    assert units(listed.taken) == units(listed.brought) == {"TEE-RED-M": 4, "TEE-BLU-L": 1}
    assert listed.created_at == listed.modified_at == START
    assert move_problem(listed) is None
    assert adapter.read(made["number"]) == listed


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_an_assembly_is_read_in_every_dialect(dialect: dict[str, Any]) -> None:
    bench = MovesBench()
    bench.account.set(**dialect)
    made = bench.park_assembly(2, custom="On hold")

    (listed,) = changed(assemblies(bench))

    assert assemblies(bench).read(made["guid"]) == listed
    assert (listed.number, listed.status, listed.custom_status) == (
        made["number"],
        "Parked",
        "On hold",
    )
    assert (listed.source_code, listed.destination_code) == ("MAIN", "MAIN")
    assert units(listed.taken) == {"TEE-RED-M": 4, "TEE-BLU-L": 2}
    assert units(listed.brought) == {"SOCK-3PK": 2}
    assert move_problem(listed) is None


def test_a_single_warehouse_stands_for_both() -> None:
    bench = MovesBench()
    bench.park_assembly(2, warehouse="3PL")

    def single(row: dict[str, Any]) -> None:
        row["Warehouse"] = row.pop("SourceWarehouse")
        row.pop("DestinationWarehouse")

    rewriting(bench, "/Assemblies", single)

    (listed,) = changed(assemblies(bench))
    assert (listed.source_code, listed.destination_code) == ("3PL", "3PL")


def test_lists_hold_every_status_deleted_ones_too() -> None:
    bench = MovesBench()
    bench.hands.delete_transfer(bench.park_transfer()["number"])
    bench.hands.complete_transfer(bench.park_transfer()["number"])
    bench.hands.delete_assembly(bench.park_assembly(1)["number"])
    bench.hands.complete_assembly(bench.park_assembly(1)["number"])

    for adapter in (transfers(bench), assemblies(bench)):
        found = {move.status: move for move in changed(adapter)}
        assert set(found) == {"Deleted", "Completed"}
        assert found["Deleted"].is_deleted
        assert found["Completed"].is_completed


def test_an_account_that_knows_no_deleted_assemblies_is_read_without_them() -> None:
    bench = MovesBench()
    bench.hands.complete_assembly(bench.park_assembly(1)["number"])
    handle = bench.unleashed.handle

    def answer(request: Any) -> Reply:
        if request.query.get("assemblyStatus") == "Deleted":
            return Reply(400, {}, b'{"Description": "There is no such status."}')
        return handle(request)

    bench.unleashed.handle = answer  # type: ignore[method-assign]
    (found,) = changed(assemblies(bench))

    assert found.is_completed


def test_what_did_not_change_since_is_left_out() -> None:
    bench = MovesBench()
    bench.park_transfer()
    bench.clock.advance(hours=2)

    assert list(transfers(bench).changed_since(bench.clock.now() - timedelta(hours=1))) == []


def test_a_list_without_lines_is_made_whole_by_reading_each() -> None:
    bench = MovesBench()
    bench.park_transfer()
    bench.park_assembly(2)
    rewriting(bench, "/WarehouseStockTransfers/1", lambda row: row.pop("TransferDetails"))
    rewriting(bench, "/Assemblies/1", lambda row: row.update({"AssemblyLines": None}))

    assert [units(move.taken) for move in changed(transfers(bench))] == [{"TEE-RED-M": 4}]
    assert [units(m.taken) for m in changed(assemblies(bench))] == [
        {"TEE-RED-M": 4, "TEE-BLU-L": 2}
    ]


def test_one_status_alone() -> None:
    bench = MovesBench()
    parked = bench.park_transfer()
    done = bench.park_transfer()
    bench.hands.complete_transfer(done["number"])
    bench.clock.advance(hours=2)
    adapter = transfers(bench)

    assert [move.guid for move in adapter.with_status("Parked")] == [parked["guid"]]
    assert [move.guid for move in adapter.with_status("Completed", AN_HOUR_AGO)] == [done["guid"]]
    assert list(adapter.with_status("Completed", START + timedelta(hours=1))) == []


@pytest.mark.parametrize("quantity", ["many", None, True])
def test_a_quantity_that_cannot_be_read_is_a_question_about_this_one(quantity: object) -> None:
    bench = MovesBench()
    bench.park_transfer()
    rewriting(
        bench,
        "/WarehouseStockTransfers",
        lambda row: row["TransferDetails"][0].update({"TransferQuantity": quantity}),
    )

    (listed,) = changed(transfers(bench))
    assert "has the quantity NaN" in str(move_problem(listed))


def test_lines_that_are_no_list_are_unreadable() -> None:
    bench = MovesBench()
    bench.park_transfer()
    rewriting(
        bench, "/WarehouseStockTransfers", lambda row: row.update({"TransferDetails": "none"})
    )

    with pytest.raises(Retryable):
        changed(transfers(bench))


def test_a_number_under_another_key_is_a_question() -> None:
    bench = MovesBench()
    bench.park_transfer()

    def other(row: dict[str, Any]) -> None:
        row["Reference"] = row.pop("TransferOrderNumber")

    rewriting(bench, "/WarehouseStockTransfers", other)

    (listed,) = changed(transfers(bench))
    assert "has no number" in str(move_problem(listed))


def test_one_that_is_not_there_is_none() -> None:
    bench = MovesBench()
    assert transfers(bench).read(NOBODY) is None
    assert assemblies(bench).read(NOBODY) is None


# -- completing -------------------------------------------------------------------------------


def test_completing_sends_no_body_and_moves_goods() -> None:
    bench = MovesBench()
    made = bench.park_transfer()
    adapter = transfers(bench)
    assert adapter.completed(made["guid"]) == NotFound()

    adapter.complete(made["guid"], LATER)

    (sent,) = [r for r in bench.to_unleashed.requests if r.method == "POST"]
    assert (sent.path, sent.body) == (f"/WarehouseStockTransfers/{made['guid']}/Complete", b"")
    assert adapter.completed(made["guid"]) == Found(made["guid"])
    assert bench.stock_there("TEE-RED-M", "3PL") == 9


def test_one_that_is_completed_already_is_no_error() -> None:
    bench = MovesBench()
    made = bench.park_assembly(1)
    bench.hands.complete_assembly(made["number"])

    assemblies(bench).complete(made["guid"], LATER)

    assert len(bench.account.happened("assembly_completed")) == 1


def test_a_refusal_says_why() -> None:
    bench = MovesBench()
    made = bench.park_transfer({"TEE-RED-M": 41})

    with pytest.raises(Permanent, match="not enough stock of TEE-RED-M"):
        transfers(bench).complete(made["guid"], LATER)
    assert transfers(bench).completed(made["guid"]) == NotFound()


def test_a_lost_answer_is_an_unknown_outcome_and_the_look_up_tells() -> None:
    bench = MovesBench()
    made = bench.park_transfer()
    bench.unleashed.faults.add(Fault(FaultKind.TIMEOUT_AFTER, path="/Complete$"))

    with pytest.raises(UnknownOutcome):
        transfers(bench).complete(made["guid"], LATER)
    assert transfers(bench).completed(made["guid"]) == Found(made["guid"])


def test_the_look_up_of_one_that_is_gone_tells_nothing() -> None:
    assert isinstance(transfers(MovesBench()).completed(NOBODY), Inconclusive)


# -- products and addresses -------------------------------------------------------------------


def test_products_with_batches_or_serials_are_named() -> None:
    bench = MovesBench()
    bench.park_assembly(1)
    (assembly,) = changed(assemblies(bench))
    assert assemblies(bench).tracked_in(assembly) == ()

    bench.desk_there.company.coded("Products", "TEE-BLU-L")["IsBatchTracked"] = True
    bench.desk_there.company.coded("Products", "SOCK-3PK")["IsSerialized"] = True
    assert assemblies(bench).tracked_in(assembly) == ("SOCK-3PK", "TEE-BLU-L")


def test_a_product_that_is_not_known_cannot_be_told() -> None:
    bench = MovesBench()
    bench.park_assembly(1)
    rewriting(bench, "/Assemblies", lambda row: row["Product"].update({"Guid": NOBODY}))
    (assembly,) = changed(assemblies(bench))

    with pytest.raises(Permanent, match="SOCK-3PK"):
        assemblies(bench).tracked_in(assembly)


def test_a_warehouse_has_an_address_read_once() -> None:
    bench = MovesBench()
    place = bench.desk_there.company.coded("Warehouses", "3PL")
    place |= {
        "StreetNo": "12",
        "AddressLine1": "Sample Street",
        "AddressLine2": "Unit 4",
        "Suburb": "Docks",
        "Region": "Greater London",
        "ContactName": "Pat van Sample",
        "MobileNumber": "+44 7000 000000",
    }
    warehouses = bench.erp().warehouses

    found = warehouses.address_of("3PL")

    assert found is not None
    assert found.address == ("12 Sample Street", "Unit 4", "Docks")
    assert (found.company, found.first_name, found.last_name) == (
        "Third party",
        "Pat van",
        "Sample",
    )
    assert (found.town, found.county, found.postcode) == ("London", "Greater London", "E1 0AA")
    assert (found.country, found.phone) == ("United Kingdom", "+44 7000 000000")
    assert warehouses.address_of("3pl") is None
    assert len(bench.to_unleashed.requests) == 1


def test_a_version_does_not_change_with_the_way_a_number_is_written() -> None:
    bench = MovesBench()
    made = bench.park_transfer({"TEE-RED-M": Decimal("4.000")})
    one = transfers(bench).read(made["guid"])
    bench.edit_transfer(made["number"], {"TEE-RED-M": Decimal(4)})
    other = transfers(bench).read(made["guid"])

    assert one
    assert other
    assert one.version == other.version
    bench.edit_transfer(made["number"], {"TEE-RED-M": Decimal(5)})
    third = transfers(bench).read(made["guid"])
    assert third
    assert third.version != one.version
