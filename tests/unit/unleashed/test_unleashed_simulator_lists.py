"""The simulator of Unleashed: pages, their order, filters, dates and keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.unleashed_caller import Account, refusal_of


def placed(account: Account, many: int, **order: Any) -> list[str]:
    """Numbers of orders that were placed one after the other, a minute apart."""
    numbers = []
    for _ in range(many):
        account.clock.advance(minutes=1)
        made = account.admin(
            "place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}, **order}
        )
        numbers.append(made["number"])
    return numbers


def numbers_of(account: Account, target: str) -> list[str]:
    return [row["OrderNumber"] for row in account.items(target)]


def test_a_page_past_the_end_is_the_last_page_again() -> None:
    account = Account()
    numbers = placed(account, 5)
    pages = [account.get(f"/SalesOrders/{n}?pageSize=2") for n in (1, 2, 3, 4, 99)]
    assert pages[0]["Pagination"] == {
        "NumberOfItems": 5,
        "PageSize": 2,
        "PageNumber": 1,
        "NumberOfPages": 3,
    }
    assert [[row["OrderNumber"] for row in page["Items"]] for page in pages] == [
        [numbers[4], numbers[3]],
        [numbers[2], numbers[1]],
        [numbers[0]],
        [numbers[0]],
        [numbers[0]],
    ]
    assert pages[4]["Pagination"]["PageNumber"] == 3
    assert account.get("/SalesOrders/Page/2?pageSize=2")["Items"] == pages[1]["Items"]
    account.set(clamped_number="asked")
    assert account.get("/SalesOrders/99?pageSize=2")["Pagination"]["PageNumber"] == 99


def test_the_last_change_comes_first_and_moves_rows_while_they_are_paged() -> None:
    account = Account()
    numbers = placed(account, 4)
    first = numbers_of(account, "/SalesOrders/1?pageSize=2")
    account.admin("edit-order", {"number": numbers[0], "goods": {"TEE-RED-M": 3}})
    second = numbers_of(account, "/SalesOrders/2?pageSize=2")
    assert first == [numbers[3], numbers[2]]
    assert second == [numbers[2], numbers[1]]  # one twice; the changed one was missed
    assert numbers_of(account, "/SalesOrders?pageSize=1") == [numbers[0]]


def test_a_list_drifts_on_demand_for_so_many_passes() -> None:
    account = Account(drift="vanish")
    numbers = placed(account, 5)

    def one_pass() -> list[str]:
        return [
            number
            for page in (1, 2, 3)
            for number in numbers_of(account, f"/SalesOrders/{page}?pageSize=2")
        ]

    spoilt = one_pass()
    assert numbers[2] not in spoilt
    assert sorted(one_pass()) == sorted(numbers)
    account.set(drift="arrive", drift_passes=9)
    assert one_pass().count(numbers[3]) == 2


def test_a_page_size_has_its_bounds() -> None:
    account = Account()
    for size in ("0", "1001", "x", "-1"):
        assert "pageSize" in account.refused("GET", f"/SalesOrders?pageSize={size}")
    account.set(over_page_size="cap")
    assert account.get("/SalesOrders?pageSize=5000")["Pagination"]["PageSize"] == 1000
    assert account.get("/SalesOrders")["Pagination"]["PageSize"] == 200


def test_credit_notes_and_invoices_are_counted_without_rows() -> None:
    account = Account()
    account.admin("credit", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}})
    counted = account.get("/CreditNotes?creditStatus=Completed&pageSize=0")
    assert (counted["Pagination"]["NumberOfItems"], counted["Items"]) == (1, [])
    assert account.get("/Invoices?pageSize=0")["Pagination"]["NumberOfItems"] == 0


def test_some_lists_have_no_pagination() -> None:
    account = Account()
    assert set(account.get("/StockAdjustments")) == {"Items"}
    assert set(account.get("/Currencies")) == {"Items"}
    account.set(without_pagination=["Warehouses"])
    assert set(account.get("/StockAdjustments")) == {"Pagination", "Items"}
    assert set(account.get("/Warehouses")) == {"Items"}


def test_code_filters_match_prefixes() -> None:
    account = Account()
    placed(account, 1)
    placed(account, 1, customer="WEBSHOP-DK")
    assert len(account.items("/SalesOrders?customerCode=webshop")) == 2
    assert len(account.items("/SalesOrders?customerCode=WEBSHOP-")) == 1
    codes = [row["ProductCode"] for row in account.items("/Products?productCode=jeans")]
    assert codes == ["JEANS-32", "JEANS-34"]


def test_deleted_orders_come_only_when_they_are_asked_for() -> None:
    account = Account()
    kept, gone = placed(account, 2)
    account.admin("delete-order", {"number": gone})
    assert numbers_of(account, "/SalesOrders") == [kept]
    assert numbers_of(account, "/SalesOrders?orderStatus=Deleted,Parked") == [gone]
    assert numbers_of(account, f"/SalesOrders?orderNumber={gone}") == [gone]


def test_custom_statuses_are_extensions_of_parked_and_override_the_status() -> None:
    account = Account(escapes="as_sent")
    (plain,) = placed(account, 1)
    (held,) = placed(account, 1, custom="On hold")
    assert account.items(f"/SalesOrders?orderNumber={held}")[0]["OrderStatus"] == "Parked"
    assert numbers_of(account, "/SalesOrders?orderStatus=Parked") == [held]
    asked = "/SalesOrders?customOrderStatus=On%20hold&orderStatus=Placed"
    assert numbers_of(account, asked) == [held]
    account.admin("order-status", {"number": held, "status": "Placed"})
    assert set(numbers_of(account, "/SalesOrders?orderStatus=Placed")) == {plain, held}


def test_what_overrides_everything_overrides_everything() -> None:
    account = Account()
    (number,) = placed(account, 1, fields={"SourceId": "web-1"})
    later = "&modifiedSince=2030-01-01&orderStatus=Parked"
    assert numbers_of(account, f"/SalesOrders?orderNumber={number}{later}") == [number]
    assert numbers_of(account, f"/SalesOrders?sourceId=web-1{later}") == [number]
    assert numbers_of(account, f"/SalesOrders?customerCode=WEBSHOP{later}") == []


def test_changed_since_counts_the_second_itself() -> None:
    account = Account()
    placed(account, 1)
    moment = account.clock().strftime("%Y-%m-%dT%H:%M:%S")
    assert len(account.items(f"/SalesOrders?modifiedSince={moment}")) == 1
    account.clock.advance(seconds=1)
    later = account.clock().strftime("%Y-%m-%dT%H:%M:%S")
    assert account.items(f"/SalesOrders?modifiedSince={later}") == []
    for text in ("2026-03-02T09:00:00Z", "02.03.2026", "2026-13-01"):
        assert "modifiedSince" in account.refused("GET", f"/SalesOrders?modifiedSince={text}")


def test_a_change_is_always_later_than_the_one_before() -> None:
    account = Account()
    (number,) = placed(account, 1)
    target = f"/SalesOrders?orderNumber={number}"
    stamps = [account.items(target)[0]["LastModifiedOn"]]
    for many in (2, 3):
        account.admin("edit-order", {"number": number, "goods": {"TEE-RED-M": many}})
        stamps.append(account.items(target)[0]["LastModifiedOn"])
    assert stamps == sorted(set(stamps))


def test_an_unknown_parameter_is_refused_or_does_nothing() -> None:
    account = Account()
    assert "pageNumber" in account.refused("GET", "/SalesOrders?pageNumber=2")
    account.set(unknown_parameters="ignore")
    assert account.call("GET", "/SalesOrders?pageNumber=2").status == 200


def test_dates_are_milliseconds_and_missing_values_null() -> None:
    account = Account()
    (number,) = placed(account, 1)
    row = account.items(f"/SalesOrders?orderNumber={number}")[0]
    midnight = account.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    assert row["OrderDate"] == f"/Date({round(midnight.timestamp() * 1000)})/"
    assert row["RequiredDate"] is None
    assert row["SalesOrderLines"][0]["BatchNumbers"] is None


def test_keys_come_in_other_cases() -> None:
    account = Account(keys="camel", error_keys="camel", salesperson_key="Salesperson")
    placed(account, 1)
    row = account.get("/SalesOrders")["items"][0]
    assert {"guid", "orderNumber", "salesperson"} <= set(row)
    assert set(account.get("/SalesOrders")["pagination"]) >= {"numberOfItems"}
    reply = account.call("GET", "/SalesOrders?x=1")
    assert set(json.loads(reply.body)) == {"description", "debugInformation"}
    account.set(keys="pascal")
    assert "Salesperson" in account.items("/SalesOrders")[0]
    account.set(salesperson_key="SalesPerson")
    assert "SalesPerson" in account.items("/SalesOrders")[0]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("PUT", "/SalesOrders", 405),
        ("DELETE", "/Products/11111111-1111-4111-8111-111111111111", 405),
        ("PUT", "/Products/11111111-1111-4111-8111-111111111111", 405),
        ("POST", "/Invoices", 405),
        ("POST", "/Warehouses", 405),
        ("GET", "/Shipments", 404),
        ("GET", "/SalesInvoices", 404),
        ("GET", "/SalesOrders/0", 404),
        ("GET", "/SalesOrders/11111111-1111-4111-8111-111111111111", 404),
        ("POST", "/WarehouseStockTransfers/11111111-1111-4111-8111-111111111111", 405),
    ],
)
def test_what_is_not_there(method: str, target: str, status: int) -> None:
    assert refusal_of(Account().call(method, target))[0] == status


def test_one_record_may_be_wrapped() -> None:
    account = Account(single_wrapped=True)
    guid = account.items("/Warehouses")[0]["Guid"]
    assert account.get(f"/Warehouses/{guid.upper()}")["Items"][0]["Guid"] == guid
    account.set(single_wrapped=False)
    assert account.get(f"/Warehouses/{guid}")["Guid"] == guid
