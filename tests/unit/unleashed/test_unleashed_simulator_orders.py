"""The simulator of Unleashed: sales orders are written whole, agree in their totals, and end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.unleashed_caller import Account, content_of, refusal_of

GUID = "5c0e6b0e-0000-4000-8000-00000000a001"
OTHER = "5c0e6b0e-0000-4000-8000-00000000a002"


def order(**changes: Any) -> dict[str, Any]:
    """The body of a new order, as the facts have it."""
    return {
        "OrderStatus": "Placed",
        "OrderDate": "2026-03-02",
        "RequiredDate": "2026-03-05",
        "SourceId": "mintsoft-778812",
        "CustomerRef": "WEB-1042",
        "Customer": {"CustomerCode": "WEBSHOP"},
        "Warehouse": {"WarehouseCode": "MAIN"},
        "Tax": {"TaxCode": "V.A.T."},
        "ExchangeRate": 1.0,
        "SubTotal": 15.00,
        "TaxTotal": 3.00,
        "Total": 18.00,
        "DeliveryName": "J Example",
        "SalesOrderLines": [line()],
    } | changes


def line(**changes: Any) -> dict[str, Any]:
    return {
        "LineNumber": 1,
        "Product": {"ProductCode": "TEE-RED-M"},
        "OrderQuantity": 2,
        "UnitPrice": 7.5,
        "LineTotal": 15.00,
        "LineTax": 3.00,
        "TaxRate": 0.2,
    } | changes


def made(account: Account, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = account.post("/SalesOrders", order(**changes))
    return found


def test_an_order_is_kept_under_the_callers_guid() -> None:
    account = Account()
    answered = account.post(f"/SalesOrders/{GUID}", order(Guid=GUID))
    assert answered["OrderNumber"] == "SO-00000001"
    found = account.get(f"/SalesOrders/{GUID}")
    assert found == answered
    assert (found["Total"], found["CreatedBy"]) == (18.0, "api@unleashedsoftware.com")
    assert found["Customer"]["CustomerName"] == "Web shop"
    told = account.happened("order_made")
    assert [(row["guid"], row["by"], row["lines"]) for row in told] == [
        (GUID, "api@unleashedsoftware.com", {"TEE-RED-M": "2"})
    ]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SubTotal": 14.0}, "SubTotal"),
        ({"TaxTotal": 2.99}, "TaxTotal"),
        ({"Total": 18.01}, "Total"),
        ({"Customer": None}, "Customer"),
        ({"Customer": {"CustomerCode": "webshop"}}, "webshop"),
        ({"Warehouse": {"WarehouseCode": "NOWHERE"}}, "NOWHERE"),
        ({"ExchangeRate": None}, "ExchangeRate"),
        ({"ExchangeRate": "1"}, "ExchangeRate"),
        ({"OrderStatus": "Completed"}, "OrderStatus"),
        ({"OrderStatus": "Open"}, "OrderStatus"),
        ({"CustomOrderStatus": "On hold"}, "Parked"),
        ({"OrderStatus": "Parked", "CustomOrderStatus": "Nobody's"}, "Nobody's"),
        ({"SalesOrderLines": []}, "SalesOrderLines"),
        ({"SalesOrderLines": None}, "SalesOrderLines"),
        ({"SalesOrderLines": [line(Product=None)]}, "Product"),
        ({"SalesOrderLines": [line(Product={"ProductCode": "TEE"})]}, "TEE"),
        ({"SalesOrderLines": [line(OrderQuantity=None)]}, "OrderQuantity"),
        ({"SalesOrderLines": [line(UnitPrice=None)]}, "UnitPrice"),
        ({"SalesOrderLines": [line(LineTotal=None)]}, "LineTotal"),
        ({"RequiredDate": "1999-12-31"}, "RequiredDate"),
        ({"RequiredDate": "/Date(1772409600000)/"}, "RequiredDate"),
        ({"CustomerRef": "x" * 501}, "CustomerRef"),
        ({"Currency": {"CurrencyCode": "DKK"}}, "currency"),
        ({"Salesrep": "x"}, "Salesrep"),
        ({"Tax": None}, "Tax"),
        ({"Guid": "not a guid"}, "Guid"),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(changes: dict[str, Any], word: str) -> None:
    account = Account()
    assert word in account.refused("POST", "/SalesOrders", order(**changes))
    assert account.items("/SalesOrders") == []
    assert account.happened("order_made") == []
    assert sum(account.books()["refusals"].values()) == 1


def test_only_one_object_is_taken() -> None:
    account = Account()
    for body in ([order()], "x", 3):
        account.refused("POST", "/SalesOrders", body)


def test_what_a_put_leaves_out_is_blank_after_it() -> None:
    account = Account()
    first = made(account)
    whole = order(SalesOrderLines=[line(Guid=first["SalesOrderLines"][0]["Guid"])])
    del whole["CustomerRef"], whole["DeliveryName"], whole["SourceId"]
    changed = account.put(f"/SalesOrders/{first['Guid']}", whole)
    assert (changed["CustomerRef"], changed["DeliveryName"], changed["SourceId"]) == (None,) * 3
    assert changed["OrderNumber"] == first["OrderNumber"]
    assert changed["CreatedOn"] == first["CreatedOn"]
    without_lines = order()
    del without_lines["SalesOrderLines"]
    assert "SalesOrderLines" in account.refused(
        "PUT", f"/SalesOrders/{first['Guid']}", without_lines
    )


def test_an_object_as_it_was_read_can_be_written_back() -> None:
    account = Account(dates_taken="both")
    guid = account.admin(
        "place-order",
        {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}, "charges": {"Carriage": 4.95}},
    )["guid"]
    read = account.get(f"/SalesOrders/{guid}")
    written = account.put(f"/SalesOrders/{guid}", read)
    stamps = {"LastModifiedBy", "LastModifiedOn", "SalesOrderLines"}
    assert {k: v for k, v in written.items() if k not in stamps} == {
        k: v for k, v in read.items() if k not in stamps
    }
    assert [row["Product"] for row in written["SalesOrderLines"]] == [
        row["Product"] for row in read["SalesOrderLines"]
    ]
    account.set(dates_taken="iso")
    assert "/Date(" in account.refused("PUT", f"/SalesOrders/{guid}", read)


def test_a_put_replaces_the_lines_or_merges_them() -> None:
    account = Account()
    first = made(account)
    jeans = line(Product={"ProductCode": "JEANS-32"})
    changed = account.put(f"/SalesOrders/{first['Guid']}", order(SalesOrderLines=[jeans]))
    assert [row["Product"]["ProductCode"] for row in changed["SalesOrderLines"]] == ["JEANS-32"]
    account.set(put_lines="merge")
    changed = account.put(f"/SalesOrders/{first['Guid']}", order())
    codes = [row["Product"]["ProductCode"] for row in changed["SalesOrderLines"]]
    assert (codes, changed["SubTotal"]) == (["JEANS-32", "TEE-RED-M"], 30.0)
    foreign = order(SalesOrderLines=[line(Guid=GUID)])
    assert GUID in account.refused("PUT", f"/SalesOrders/{first['Guid']}", foreign)


def test_the_guids_of_path_and_body_are_the_same() -> None:
    account = Account()
    assert "Guid" in account.refused("POST", f"/SalesOrders/{GUID}", order(Guid=OTHER))
    first = made(account)
    assert "Guid" in account.refused("PUT", f"/SalesOrders/{first['Guid']}", order(Guid=OTHER))


def test_a_guid_that_there_is_is_refused_overwritten_or_doubled() -> None:
    account = Account()
    account.post(f"/SalesOrders/{GUID}", order())
    assert GUID in account.refused("POST", f"/SalesOrders/{GUID}", order(CustomerRef="again"))
    account.set(existing_guid="overwrite")
    again = account.post(f"/SalesOrders/{GUID}", order(CustomerRef="again"))
    assert (again["Guid"], again["CustomerRef"], again["OrderNumber"]) == (
        GUID, "again", "SO-00000001"
    )  # fmt: skip
    assert len(account.items("/SalesOrders")) == 1
    account.set(existing_guid="duplicate")
    double = account.post(f"/SalesOrders/{GUID}", order())
    assert double["Guid"] != GUID
    assert len(account.items("/SalesOrders")) == 2


@pytest.mark.parametrize(
    ("setting", "number"), [("ignored", "SO-00000001"), ("taken", "MINE-1"), ("refused", "")]
)
def test_a_number_of_the_callers_own(setting: str, number: str) -> None:
    account = Account(order_number=setting)
    reply = account.call("POST", "/SalesOrders", order(OrderNumber="MINE-1"))
    if not number:
        assert refusal_of(reply)[0] == 400
        return
    assert content_of(reply)["OrderNumber"] == number
    if setting == "taken":
        assert "17" in account.refused("POST", "/SalesOrders", order(OrderNumber="x" * 18))
        assert "exists" in account.refused("POST", "/SalesOrders", order(OrderNumber="MINE-1"))


def test_a_new_order_may_not_be_found_at_once() -> None:
    account = Account(visible_seconds=5)
    guid = made(account)["Guid"]
    assert account.call("GET", f"/SalesOrders/{guid}").status == 404
    account.clock.advance(seconds=5)
    assert account.call("GET", f"/SalesOrders/{guid}").status == 200


def test_lines_are_written_by_the_calls_that_the_setting_has() -> None:
    account = Account()
    first = made(account, SalesOrderLines=[line(), line(LineNumber=2)], SubTotal=30, TaxTotal=6,
                 Total=36)  # fmt: skip
    guid, number = first["Guid"], first["SalesOrderLines"][0]["Guid"]
    one = f"/SalesOrders/{guid}/Lines/{number}"
    for method, target in (("POST", f"/SalesOrders/{guid}/Lines"), ("PUT", one), ("DELETE", one)):
        assert account.call(method, target, line()).status == 404
    account.delete(f"/SalesOrders/Lines/{number}")
    left = account.get(f"/SalesOrders/{guid}")
    assert (len(left["SalesOrderLines"]), left["Total"]) == (1, 18.0)
    last = left["SalesOrderLines"][0]["Guid"]
    assert "last" in account.refused("DELETE", f"/SalesOrders/Lines/{last}")

    account.set(order_line_calls="all")
    changed = account.put(
        f"/SalesOrders/{guid}/Lines/{last}", line(OrderQuantity=4, LineTotal=30, LineTax=6)
    )
    assert (changed["SubTotal"], changed["TaxTotal"], changed["Total"]) == (30.0, 6.0, 36.0)
    assert account.post(f"/SalesOrders/{guid}/Lines", line())["Total"] == 54.0


def test_a_deleted_order_cannot_be_changed() -> None:
    account = Account()
    guid = made(account)["Guid"]
    account.delete(f"/SalesOrders/{guid}")
    assert account.get(f"/SalesOrders/{guid}")["OrderStatus"] == "Deleted"
    for method, target in (
        ("PUT", f"/SalesOrders/{guid}"),
        ("DELETE", f"/SalesOrders/{guid}"),
        ("POST", f"/SalesOrders/{guid}/Complete"),
    ):
        body = order() if method == "PUT" else None
        assert "Deleted" in account.refused(method, target, body)


def test_without_management_completing_ships_and_invoices() -> None:
    account = Account()
    guid = made(account)["Guid"]
    assert account.items("/SalesShipments") == []
    done = account.post(f"/SalesOrders/{guid}/Complete")
    assert done["OrderStatus"] == "Completed"
    (shipment,) = account.items("/SalesShipments")
    assert (shipment["ShipmentStatus"], shipment["OrderGuid"]) == ("Dispatched", guid)
    (invoice,) = account.items("/Invoices?invoiceStatus=Completed")
    assert (invoice["OrderNumber"], invoice["Total"]) == (done["OrderNumber"], 18.0)
    assert account.on_hand("TEE-RED-M") == 38.0
    assert "Completed" in account.refused("POST", f"/SalesOrders/{guid}/Complete")
    assert len(account.happened("shipment_dispatched")) == 1


def test_completing_more_than_there_is_is_refused_whole() -> None:
    account = Account()
    guid = made(
        account, SalesOrderLines=[line(OrderQuantity=41)]
    )["Guid"]  # fmt: skip
    assert "TEE-RED-M" in account.refused("POST", f"/SalesOrders/{guid}/Complete")
    assert account.items("/SalesShipments") == []
    assert account.on_hand("TEE-RED-M") == 40.0
    account.set(short_dispatch="allow")
    account.post(f"/SalesOrders/{guid}/Complete")
    assert account.on_hand("TEE-RED-M") == -1.0


def test_with_management_everything_has_to_be_dispatched_first() -> None:
    account = Account(management=True)
    placed = made(account)
    assert "dispatched" in account.refused("POST", f"/SalesOrders/{placed['Guid']}/Complete")
    account.admin("ship", {"number": placed["OrderNumber"], "status": "Dispatched"})
    assert account.get(f"/SalesOrders/{placed['Guid']}")["OrderStatus"] == "Placed"
    account.post(f"/SalesOrders/{placed['Guid']}/Complete")
    assert account.on_hand("TEE-RED-M") == 38.0


def test_a_body_where_there_is_none_is_refused() -> None:
    account = Account()
    guid = made(account)["Guid"]
    assert "body" in account.refused("POST", f"/SalesOrders/{guid}/Complete", {"Guid": guid})


def test_journal_only_is_told_in_the_query_or_the_object() -> None:
    account = Account()
    first = account.post("/SalesOrders?sendAccountingJournalOnly=true", order())
    second = made(account, SendAccountingJournalOnly=True)
    third = made(account)
    told = [row["SendAccountingJournalOnly"] for row in (first, second, third)]
    assert told == [True, True, False]
    account.post(f"/SalesOrders/{first['Guid']}/Complete")
    assert [row["journal_only"] for row in account.happened("invoice_made")] == [True]
    assert "true or false" in account.refused("POST", "/SalesOrders?serialBatch=yes", order())


@pytest.mark.parametrize(("query", "kept"), [("", None), ("?serialBatch=true", "L2501")])
def test_an_orders_batches_are_dropped_without_the_parameter(query: str, kept: str | None) -> None:
    account = Account()
    mug = {"ProductCode": "MUG-RED"}
    one = line(Product=mug, BatchNumbers=[{"Number": "L2501", "Quantity": 2}])
    placed = account.post(f"/SalesOrders{query}", order(SalesOrderLines=[one]))
    batches = placed["SalesOrderLines"][0]["BatchNumbers"] or [{"Number": None}]
    assert [row["Number"] for row in batches] == [kept]
    account.post(f"/SalesOrders/{placed['Guid']}/Complete")
    (moved,) = [row for row in account.books()["movements"] if row["what"] != "opening"]
    assert moved["batches"] == ({kept: "-2"} if kept else {})
