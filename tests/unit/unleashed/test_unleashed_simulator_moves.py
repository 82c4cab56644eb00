"""The simulator of Unleashed: transfers between warehouses, and assemblies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.unleashed_caller import Account

GUID = "11110000-0000-4000-8000-00000000a001"


def transfer(**changes: Any) -> dict[str, Any]:
    return {
        "SourceWarehouse": {"WarehouseCode": "MAIN"},
        "DestinationWarehouse": {"WarehouseCode": "3PL"},
        "TransferStatus": "Parked",
        "Comments": "ms:asn:5512",
        "TransferDetails": [{"Product": {"ProductCode": "TEE-RED-M"}, "TransferQuantity": 24}],
    } | changes


def levels(account: Account, code: str = "TEE-RED-M") -> tuple[float, float]:
    return account.on_hand(code), account.on_hand(code, "3PL")


def test_completing_moves_the_goods_in_one_step() -> None:
    account = Account()
    made = account.post("/WarehouseStockTransfers", transfer())
    assert (made["TransferOrderNumber"], made["TransferStatus"]) == ("TX-00000001", "Parked")
    assert levels(account) == (40.0, 5.0)
    one = f"/WarehouseStockTransfers/{made['Guid']}"
    assert account.post(f"{one}/Complete")["TransferStatus"] == "Completed"
    assert levels(account) == (16.0, 29.0)
    assert "Completed" in account.refused("POST", f"{one}/Complete")
    assert "Completed" in account.refused("DELETE", one)
    assert account.get("/WarehouseStockTransfers/TX-00000001")["Guid"] == made["Guid"]
    assert levels(account) == (16.0, 29.0)
    (row,) = account.happened("transfer_completed")
    assert (row["source"], row["destination"], row["lines"]) == ("MAIN", "3PL", {"TEE-RED-M": "24"})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"Guid": GUID}, "Guid"),
        ({"TransferStatus": None}, "TransferStatus"),
        ({"TransferStatus": "Completed"}, "TransferStatus"),
        ({"DestinationWarehouse": {"WarehouseCode": "MAIN"}}, "same"),
        ({"SourceWarehouse": None}, "SourceWarehouse"),
        ({"TransferDetails": []}, "TransferDetails"),
        (
            {"TransferDetails": [{"Product": {"ProductCode": "TEE-RED-M"}, "TransferQuantity": 0}]},
            "TransferQuantity",
        ),
    ],
)
def test_what_is_wrong_is_refused(changes: dict[str, Any], word: str) -> None:
    account = Account()
    assert word in account.refused("POST", "/WarehouseStockTransfers", transfer(**changes))
    assert account.items("/WarehouseStockTransfers") == []


def test_more_than_there_is_stays_parked() -> None:
    account = Account()
    made = account.admin(
        "park-transfer", {"source": "MAIN", "destination": "3PL", "goods": {"TEE-RED-M": 41}}
    )
    one = f"/WarehouseStockTransfers/{made['guid']}"
    assert "TEE-RED-M" in account.refused("POST", f"{one}/Complete")
    assert (levels(account), account.get(one)["TransferStatus"]) == ((40.0, 5.0), "Parked")


def test_batches_move_along() -> None:
    account = Account()
    made = account.admin(
        "park-transfer", {"source": "MAIN", "destination": "3PL", "goods": {"MUG-RED": 7}}
    )
    account.admin("complete-transfer", {"number": made["number"]})
    stock, desk = account.desk.company.stock, account.desk
    left = stock.batches(desk.product("MUG-RED"), desk.warehouse("MAIN"))
    there = stock.batches(desk.product("MUG-RED"), desk.warehouse("3PL"))
    assert left == {"L2501": Decimal(3)}
    assert there == {"L2408": Decimal(6), "L2501": Decimal(1)}


def test_the_list_has_deleted_ones_too_unless_it_is_asked() -> None:
    account = Account()
    made = account.post("/WarehouseStockTransfers", transfer())
    account.delete(f"/WarehouseStockTransfers/{made['Guid']}")
    (row,) = account.items("/WarehouseStockTransfers")
    assert row["TransferStatus"] == "Deleted"
    assert account.items("/WarehouseStockTransfers?transferStatus=Parked,Completed") == []


def test_a_transfer_is_written_whole_and_by_lines() -> None:
    account = Account(transfer_number_key="TransferNumber")
    made = account.post("/WarehouseStockTransfers", transfer())
    assert made["TransferNumber"] == "TX-00000001"
    one = f"/WarehouseStockTransfers/{made['Guid']}"
    changed = account.put(one, transfer(Comments=None))
    assert (changed["Comments"], changed["TransferNumber"]) == (None, "TX-00000001")
    number = changed["TransferDetails"][0]["Guid"]
    jeans = {"Product": {"ProductCode": "JEANS-32"}, "TransferQuantity": 1}
    assert len(account.post(f"{one}/Lines", jeans)["TransferDetails"]) == 2
    line = {"Product": {"ProductCode": "TEE-RED-M"}, "TransferQuantity": 2}
    changed = account.put(f"{one}/Lines/{number}", line)
    assert changed["TransferDetails"][0]["TransferQuantity"] == 2.0
    account.delete(f"{one}/Lines/{number}")
    last = account.get(one)["TransferDetails"][0]["Guid"]
    assert "last" in account.refused("DELETE", f"{one}/Lines/{last}")


# -- assemblies ---------------------------------------------------------------------------------


def assembly(**changes: Any) -> dict[str, Any]:
    return {
        "AssemblyStatus": "Parked",
        "Product": {"ProductCode": "SOCK-3PK"},
        "Quantity": 3,
        "Warehouse": {"WarehouseCode": "MAIN"},
    } | changes


def test_completing_an_assembly_takes_components_and_makes_goods() -> None:
    account = Account()
    made = account.post("/Assemblies", assembly())
    lines = {row["Product"]["ProductCode"]: row["Quantity"] for row in made["AssemblyLines"]}
    assert lines == {"TEE-RED-M": 6.0, "TEE-BLU-L": 3.0}
    one = f"/Assemblies/{made['Guid']}"
    done = account.post(f"{one}/Complete")
    assert (done["AssemblyStatus"], done["TotalCost"]) == ("Completed", 67.5)
    found = [account.on_hand(code) for code in ("TEE-RED-M", "TEE-BLU-L", "SOCK-3PK")]
    assert found == [34.0, 22.0, 3.0]
    assert "Completed" in account.refused("POST", f"{one}/Complete")
    assert "Completed" in account.refused("DELETE", one)


def test_an_assembly_without_its_components_stays_parked() -> None:
    account = Account()
    made = account.admin("park-assembly", {"product": "SOCK-3PK", "quantity": 21})
    assert "TEE-RED-M" in account.refused("POST", f"/Assemblies/{made['guid']}/Complete")
    assert account.on_hand("TEE-BLU-L") == 25.0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"AssemblyStatus": "Completed"}, "AssemblyStatus"),
        ({"Quantity": 0}, "Quantity"),
        ({"Warehouse": None}, "Warehouse"),
        ({"Product": {"ProductCode": "JEANS-32"}}, "bill"),
        ({"BatchNumbers": []}, "BatchNumbers"),
        ({"Components": []}, "Components"),
    ],
)
def test_what_is_wrong_with_an_assembly(changes: dict[str, Any], word: str) -> None:
    assert word in Account().refused("POST", "/Assemblies", assembly(**changes))


def test_assemblies_are_found_by_their_statuses() -> None:
    account = Account()
    made = account.admin("park-assembly", {"product": "SOCK-3PK", "quantity": 1, "custom": "Pick"})
    other = account.admin("park-assembly", {"product": "SOCK-3PK", "quantity": 1})
    account.admin("delete-assembly", {"number": other["number"]})

    def found(query: str) -> list[str]:
        return [row["AssemblyNumber"] for row in account.items(f"/Assemblies?{query}")]

    assert found("assemblyStatus=Parked") == [made["number"]]
    assert found("customAssemblyStatus=Pick&assemblyStatus=Completed") == [made["number"]]
    assert found(f"assemblyNumber={other['number']}") == [other["number"]]
    account.admin("complete-assembly", {"number": made["number"]})
    assert found("assemblyStatus=Completed") == [made["number"]]
    assert account.items("/BillOfMaterials")[0]["BillOfMaterialsLines"][0]["Quantity"] == 2.0


def test_lines_of_an_assembly() -> None:
    account = Account()
    made = account.post("/Assemblies", assembly())
    one = f"/Assemblies/{made['Guid']}"
    first, second = (row["Guid"] for row in made["AssemblyLines"])
    line = {"Product": {"ProductCode": "TEE-RED-M"}, "Quantity": 1}
    account.put(f"{one}/Lines/{first}", line)
    account.delete(f"{one}/Lines/{second}")
    changed = account.put(one, assembly(Quantity=1, AssemblyLines=[line]))
    assert len(changed["AssemblyLines"]) == 1
    assert "last" in account.refused("DELETE", f"{one}/Lines/{GUID}")
    assert len(account.post(f"{one}/Lines", line)["AssemblyLines"]) == 2
