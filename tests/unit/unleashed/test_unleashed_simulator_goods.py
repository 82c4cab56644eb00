"""The simulator of Unleashed: products, customers, credit notes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.unleashed_caller import Account

GUID = "0b6f0000-0000-4000-8000-00000000a001"


def product(**changes: Any) -> dict[str, Any]:
    return {
        "ProductCode": "SCARF-SAND",
        "ProductDescription": "Scarf sand",
        "Barcode": "5700000000109",
        "Weight": 0.42,
        "UnitOfMeasure": {"Name": "EA"},
        "DefaultSellPrice": 7.5,
        "MinimumSaleQuantity": 2,
    } | changes


def test_one_post_makes_and_updates_a_product() -> None:
    account = Account()
    made = account.post(f"/Products/{GUID}", product())
    assert (made["Guid"], made["Obsolete"], made["Weight"]) == (GUID, False, 0.42)
    whole = product(ProductDescription="Scarf, sand")
    del whole["Barcode"], whole["Weight"], whole["MinimumSaleQuantity"]
    changed = account.post(f"/Products/{GUID}", whole)
    assert changed["ProductDescription"] == "Scarf, sand"
    assert (changed["Barcode"], changed["Weight"]) == (None, None)
    assert changed["MinimumSaleQuantity"] == 2.0  # of the few that keep their value
    assert len(account.happened("product_changed")) == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ProductCode": None}, "ProductCode"),
        ({"ProductCode": "TEE-RED-M"}, "TEE-RED-M"),
        ({"ProductCode": "x" * 101}, "ProductCode"),
        ({"Weight": "0.42"}, "Weight"),
        ({"SellPriceTier1": {"Name": "Retail", "Value": "1"}}, "SellPriceTier1"),
        ({"UnitOfMeasure": {"Name": "BOX"}}, "BOX"),
    ],
)
def test_what_is_wrong_with_a_product(changes: dict[str, Any], word: str) -> None:
    assert word in Account().refused("POST", "/Products", product(**changes))


@pytest.mark.parametrize("key", ["ProductCode", "IsBatchTracked", "IsSerialized"])
def test_some_of_a_product_is_fixed(key: str) -> None:
    account = Account()
    account.post(f"/Products/{GUID}", product())
    other = "ELSE" if key == "ProductCode" else True
    assert key in account.refused("POST", f"/Products/{GUID}", product(**{key: other}))


def test_an_obsolete_product_is_seen_only_when_it_is_asked_for() -> None:
    account = Account()
    account.post(f"/Products/{GUID}", product())
    assert account.post(f"/Products/Obsolete/{GUID}")["Obsolete"] is True
    assert account.items("/Products?productCode=SCARF-SAND") == []
    assert account.items("/Products?productCode=SCARF-SAND&modifiedSince=2020-01-01") == []
    (row,) = account.items("/Products?productCode=SCARF-SAND&includeObsolete=true")
    assert row["Guid"] == GUID


def test_products_are_filtered_and_ordered() -> None:
    account = Account()

    def codes(query: str) -> list[str]:
        return [row["ProductCode"] for row in account.items(f"/Products?{query}")]

    assert codes("pageSize=3") == ["BOOTS-41", "CAP-BLACK", "CARRIAGE"]
    assert codes("ProductBarcode=5700000000017") == ["TEE-RED-M"]
    assert codes("ProductBarcode=570000000001") == []
    assert codes("product=red") == ["MUG-RED", "TEE-RED-M"]
    assert codes("productDescription=tee") == ["TEE-BLU-L", "TEE-RED-M"]
    account.clock.advance(minutes=1)
    account.admin("change-product", {"code": "CAP-BLACK", "fields": {"Barcode": "1"}})
    assert codes("orderBy=LastModifiedOn&sort=desc&pageSize=1") == ["CAP-BLACK"]
    moment = account.clock().strftime("%Y-%m-%dT%H:%M:%S")
    assert codes(f"modifiedSince={moment}") == ["CAP-BLACK"]
    assert "SOCK-3PK" not in codes("excludeAssembled=true")
    assert "orderBy" in account.refused("GET", "/Products?orderBy=Weight")


def test_an_update_as_it_was_read() -> None:
    account = Account(dates_taken="both")
    (row,) = account.items("/Products?productCode=TEE-RED-M")
    account.post(f"/Products/{row['Guid']}", row | {"Barcode": "1"})
    changed = account.get(f"/Products/{row['Guid']}")
    stamps = {"LastModifiedOn", "LastModifiedBy", "Barcode"}
    assert {k: v for k, v in changed.items() if k not in stamps} == {
        k: v for k, v in row.items() if k not in stamps
    }


def test_one_post_makes_and_updates_a_customer() -> None:
    account = Account()
    body = {"CustomerCode": "CHANNEL-1", "CustomerName": "A channel", "Notes": "x"}
    made = account.post(f"/Customers/{GUID}", body)
    assert (made["Guid"], made["Currency"]["CurrencyCode"]) == (GUID, "GBP")
    changed = account.post(
        f"/Customers/{GUID}", {"CustomerCode": "CHANNEL-1", "CustomerName": "The channel"}
    )
    assert (changed["CustomerName"], changed["Notes"]) == ("The channel", None)
    assert "CustomerCode" in account.refused("POST", f"/Customers/{GUID}", body | {
        "CustomerCode": "CHANNEL-2"
    })  # fmt: skip
    assert "exists" in account.refused("POST", "/Customers", body)
    codes = [row["CustomerCode"] for row in account.items("/Customers?customer=shop")]
    assert codes == ["WEBSHOP", "WEBSHOP-DK"]
    assert account.items(f"/Customers/{GUID}/Contacts") == []


# -- credit notes -------------------------------------------------------------------------------


def credit(**changes: Any) -> dict[str, Any]:
    return {
        "CreditDate": "2026-03-02",
        "Customer": {"CustomerCode": "WEBSHOP"},
        "Warehouse": {"WarehouseCode": "MAIN"},
        "ExchangeRate": 1,
        "Tax": {"TaxCode": "V.A.T."},
        "Reference": "RMA-30001",
        "CreditLines": [line()],
    } | changes


def line(**changes: Any) -> dict[str, Any]:
    return {
        "Product": {"ProductCode": "TEE-RED-M"},
        "CreditQuantity": 2,
        "CreditPrice": 10,
        "Reason": "Return",
        "Return": True,
    } | changes


def test_a_free_credit_is_parked_and_returns_stock_when_it_is_completed() -> None:
    account = Account()
    made = account.post("/CreditNotes/FreeCredit", credit())
    assert (made["Status"], made["SubTotal"], made["TaxTotal"], made["Total"]) == (
        "Parked", 20.0, 4.0, 24.0
    )  # fmt: skip
    assert account.on_hand("TEE-RED-M") == 40.0
    one = f"/CreditNotes/{made['Guid']}"
    assert account.post(f"{one}/Complete")["Status"] == "Completed"
    assert account.on_hand("TEE-RED-M") == 42.0
    assert "Completed" in account.refused("POST", f"{one}/Complete")
    assert account.on_hand("TEE-RED-M") == 42.0
    (row,) = account.happened("credit_completed")
    assert (row["reference"], row["total"]) == ("RMA-30001", "24.00")


def test_without_return_no_stock_comes_back() -> None:
    account = Account()
    made = account.post("/CreditNotes/FreeCredit", credit(CreditLines=[line(Return=False)]))
    account.post(f"/CreditNotes/{made['Guid']}/Complete")
    assert account.on_hand("TEE-RED-M") == 40.0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"CreditDate": None}, "CreditDate"),
        ({"Customer": None}, "Customer"),
        ({"Warehouse": None}, "Warehouse"),
        ({"ExchangeRate": None}, "ExchangeRate"),
        ({"CreditLines": []}, "CreditLines"),
        ({"CreditLines": [line(Reason=None)]}, "Reason"),
        ({"CreditLines": [line(Return=None)]}, "Return"),
        ({"CreditLines": [line(CreditQuantity=0)]}, "CreditQuantity"),
        ({"CreditLines": [line(CreditPrice=-1)]}, "CreditPrice"),
        ({"CreditLines": [line(Quantity=1)]}, "Quantity"),
    ],
)
def test_what_is_wrong_with_a_credit(changes: dict[str, Any], word: str) -> None:
    account = Account()
    assert word in account.refused("POST", "/CreditNotes/FreeCredit", credit(**changes))
    assert account.items("/CreditNotes") == []


def test_only_free_credits_can_be_changed() -> None:
    account = Account()
    given = {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}, "complete": False, "free": False}
    made = account.admin("credit", given)
    one = f"/CreditNotes/{made['guid']}"
    for method, target in (("PUT", one), ("DELETE", one), ("POST", f"{one}/Lines")):
        assert "free-entry" in account.refused(method, target, credit())


def test_a_credit_and_its_lines_are_written_while_it_is_parked() -> None:
    account = Account()
    made = account.post("/CreditNotes/FreeCredit", credit())
    one, first = f"/CreditNotes/{made['Guid']}", made["CreditLines"][0]["Guid"]
    assert account.post(f"{one}/Lines", line())["Total"] == 48.0
    assert account.put(f"{one}/Lines/{first}", line(CreditQuantity=1))["Total"] == 36.0
    account.delete(f"{one}/Lines/{first}")
    assert account.get(one)["Total"] == 24.0
    blank = credit()
    del blank["Reference"]
    changed = account.put(one, blank)
    assert (changed["Reference"], changed["CreditNumber"]) == (None, made["CreditNumber"])
    account.delete(one)
    assert account.items("/CreditNotes") == []
    assert account.items("/CreditNotes?creditStatus=Deleted")[0]["Guid"] == made["Guid"]


def test_returned_batches_are_pending_while_the_credit_is_parked() -> None:
    account = Account()
    mug = line(Product={"ProductCode": "MUG-RED"})
    made = account.post("/CreditNotes/FreeCredit", credit(CreditLines=[mug]))
    one = f"/CreditNotes/{made['Guid']}"
    assert "batches" in account.refused("POST", f"{one}/Complete")
    pending = [{"Number": "L2408", "Quantity": 2}]
    number = made["CreditLines"][0]["Guid"]
    account.put(f"{one}/Lines/{number}", mug | {"PendingBatchNumbers": pending})
    account.post(f"{one}/Complete")
    stock, desk = account.desk.company.stock, account.desk
    assert stock.batches(desk.product("MUG-RED"), desk.warehouse("MAIN"))["L2408"] == 8


def test_the_same_credit_twice_is_two() -> None:
    account = Account()
    for _ in range(2):
        account.post("/CreditNotes/FreeCredit", credit())
    assert len(account.items("/CreditNotes")) == 2
    account.post("/CreditNotes/FreeCredit", credit(Guid=GUID))
    assert GUID in account.refused("POST", "/CreditNotes/FreeCredit", credit(Guid=GUID))
