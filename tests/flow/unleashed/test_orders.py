"""Sales orders of Unleashed become orders of the warehouse, each once, as the file says."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.warehouse_orders import Recipient
from tests.support.erp_orders import ADDRESS, BLUE, FLOW, TEE, OrdersBench

NO_COUNTRY = {name: text for name, text in ADDRESS.items() if name != "DeliveryCountry"}


def test_an_order_is_made_once_with_all_that_it_says() -> None:
    bench = OrdersBench()
    guid, number = bench.place(
        {TEE: 2, BLUE: 1},
        fields={
            "CustomerRef": "WEB-1",
            "Comments": "Gift",
            "DeliveryInstruction": "Ring twice",
            "DeliveryContact": {
                "FirstName": "Robin",
                "LastName": "Elsewhere",
                "EmailAddress": "robin@example.test",
                "MobilePhone": "+44 1",
            },
        },
    )

    assert bench.run("orders") == {"imported": 1}
    assert bench.run("orders") == {}
    made = bench.got(number)
    assert bench.units(number) == {TEE: 2, BLUE: 1}
    assert [item.price for item in made.items] == [19.9, 19.9]
    assert made.external_reference == f"unleashed:order:{guid}"
    assert made.warehouse_id == 3
    said = {name: text for name, text in made.header.items() if text}
    assert said == {
        "FirstName": "Robin",
        "LastName": "Elsewhere",
        "CompanyName": "Patricia Sample",
        "Address1": "1 Test Street",
        "Address2": "Top floor",
        "Address3": "Testside",
        "Town": "Leeds",
        "County": "Yorkshire",
        "PostCode": "LS1 1AA",
        "Country": "GB",
        "Email": "robin@example.test",
        "Phone": "+44 1",
        "Comments": "Gift",
        "DeliveryNotes": "Ring twice",
        "Currency": "GBP",
        "ChannelId": 1,
    }
    assert {row["Name"]: row["Value"] for row in made.name_values} == {
        "Unleashed order": number,
        "Unleashed Guid": guid,
        "Customer reference": "WEB-1",
    }
    assert bench.records.made_by("example", FLOW, str(made.id)) == guid
    assert bench.journal("create-order")[1:] == []


def test_nothing_is_written_to_unleashed() -> None:
    bench = OrdersBench()
    bench.place()
    bench.run("orders")

    assert bench.written_there() == []


# -- the settings of the connector's General tab ----------------------------------------------


@pytest.mark.parametrize(
    ("settings", "imported"),
    [
        ({}, ["Placed", "Backordered"]),
        (
            {"statuses": ["open"], "open_means": ["placed", "parked"]},
            ["Parked", "Placed", "Parked/On hold", "Parked/Ready to ship"],
        ),
        ({"statuses": ["placed"]}, ["Placed"]),
        ({"statuses": ["parked"]}, ["Parked", "Parked/On hold", "Parked/Ready to ship"]),
        ({"statuses": ["backordered", "placed"]}, ["Placed", "Backordered"]),
        ({"statuses": ["completed"]}, ["Completed"]),
        ({"custom_statuses": ["ready to SHIP"]}, ["Parked/Ready to ship"]),
        (
            {"statuses": ["placed"], "custom_statuses": ["On hold", "Ready to ship"]},
            ["Parked/On hold", "Parked/Ready to ship"],
        ),
    ],
)
def test_orders_of_the_wanted_statuses_are_imported(
    settings: dict[str, Any], imported: list[str]
) -> None:
    bench = OrdersBench(settings)
    numbers: dict[str, str] = {}
    for status in ("Parked", "Placed", "Backordered"):
        numbers[status] = bench.place(status=status)[1]
    for custom in ("On hold", "Ready to ship"):
        numbers[f"Parked/{custom}"] = bench.place(custom=custom)[1]
    numbers["Completed"] = bench.place()[1]
    bench.hands.complete_order(numbers["Completed"])
    numbers["Deleted"] = bench.place()[1]
    bench.hands.delete_order(numbers["Deleted"])

    bench.run("orders")

    assert sorted(s for s, n in numbers.items() if bench.all_with(n)) == sorted(imported)
    assert bench.parked() == []


def test_no_status_is_ever_asked_for_but_deleted() -> None:
    bench = OrdersBench({"custom_statuses": ["Ready to ship"]})
    bench.place(custom="Ready to ship")
    bench.run("orders")

    asked = bench.asked_there("/SalesOrders/1")
    assert {target.partition("&")[0] for target in asked} == {
        f"/SalesOrders/1?{asked[0].partition('?')[2].partition('&')[0]}",
        "/SalesOrders/1?orderStatus=Deleted",
    }
    assert all("Z" not in target and "%" not in target for target in asked)


def test_a_draft_is_imported_once_it_is_placed() -> None:
    bench = OrdersBench()
    guid, number = bench.place(status="Parked")
    assert bench.run("orders") == {"skipped": 1}
    assert bench.told(guid) == ["unleashed.order_status"]

    bench.hands.set_order_status(number, "Placed")

    assert bench.run("orders") == {"imported": 1}


def test_the_prefix_is_before_the_number() -> None:
    bench = OrdersBench({"number_prefix": "UNL-"})
    _, number = bench.place()
    bench.run("orders")

    assert bench.all_with(number) == []
    assert bench.got(f"UNL-{number}").items


def test_a_number_that_is_too_long_is_a_persons_question() -> None:
    bench = OrdersBench({"number_prefix": "A-LONG-PREFIX-"})
    bench.file["mintsoft"]["orders"] = {"number_length": 20}
    bench.place()
    bench.run("orders")

    assert bench.parked() == ["unleashed.order_unfit"]
    assert "more than 20 characters" in bench.reasons()[0]


@pytest.mark.parametrize(
    ("source", "channel"),
    [("miinto-778", "Miinto"), ("MIINTO", "Miinto"), ("miintoX", "Default"), (None, "Default")],
)
def test_the_channel_is_that_of_the_source(source: str | None, channel: str) -> None:
    bench = OrdersBench(
        {"channel": "Default", "channel_by_source": True, "channels": {"Miinto": "Miinto"}}
    )
    _, number = bench.place(fields={"SourceId": source})
    bench.run("orders")

    made = bench.got(number)
    assert bench.mintsoft.tenant.channels[made.header["ChannelId"]] == channel


def test_a_channel_may_be_an_id() -> None:
    bench = OrdersBench({"channel": "2"})
    _, number = bench.place()
    bench.run("orders")

    assert bench.got(number).header["ChannelId"] == 2


def test_the_courier_is_that_of_the_delivery_method() -> None:
    bench = OrdersBench({"couriers": {"express": "GLS Parcel Shop"}, "courier_default": "7"})
    _, express = bench.place(fields={"DeliveryMethod": "Express"})
    _, other = bench.place()
    bench.run("orders")

    assert (bench.got(express).courier_id, bench.got(other).courier_id) == (8, 7)


def test_the_default_country_is_for_orders_without_one() -> None:
    bench = OrdersBench({"default_country": "DK"})
    _, without = bench.place(address=NO_COUNTRY)
    _, with_one = bench.place()
    bench.run("orders")

    assert bench.got(without).header["Country"] == "DK"
    assert bench.got(with_one).header["Country"] == "GB"


def test_without_a_default_an_order_without_a_country_waits_for_a_person() -> None:
    bench = OrdersBench()
    _, number = bench.place(address=NO_COUNTRY)
    assert bench.run("orders") == {"parked": 1}
    assert bench.parked() == ["unleashed.order_country"]

    bench.hands.set_order_fields(number, {"DeliveryCountry": "Denmark"})
    bench.replay()

    assert bench.run("orders") == {"imported": 1}
    assert bench.got(number).header["Country"] == "DK"


def test_a_country_that_mintsoft_does_not_know_is_a_persons_question() -> None:
    bench = OrdersBench()
    bench.place(address=ADDRESS | {"DeliveryCountry": "Atlantis"})

    assert bench.run("orders") == {"parked": 1}
    assert "Atlantis" in bench.reasons()[0]


@pytest.mark.parametrize("own", [{}, {"DeliveryCountry": "France"}, {"DeliveryName": "Ida Holm"}])
def test_the_customers_address_is_for_orders_without_one(own: dict[str, str]) -> None:
    bench = OrdersBench()
    numbers = [bench.place(customer="BOUTIQUE", address=own)[1] for _ in range(2)]
    bench.run("orders")

    for number in numbers:
        header = bench.got(number).header
        assert header["Address1"] == "3 High Street"
        assert (header["Town"], header["PostCode"], header["Country"]) == ("Leeds", "LS1 1AA", "GB")
        named = f"{header['FirstName']} {header['LastName']} {header['CompanyName']}"
        assert ("Ida Holm" in named) is ("DeliveryName" in own)
    assert len(bench.asked_there("/Customers")) == 2, "its Guid and the customer, for both orders"


def test_an_address_of_its_own_needs_no_customer() -> None:
    bench = OrdersBench()

    def address_of(_: str) -> Recipient | None:
        raise AssertionError("not needed")

    bench.customers_address = address_of
    bench.place()

    assert bench.run("orders") == {"imported": 1}


def test_a_customer_without_an_address_leaves_the_default_country() -> None:
    bench = OrdersBench({"default_country": "GB"})
    _, number = bench.place(customer="WEBSHOP-DK", address={})
    bench.run("orders")

    assert bench.got(number).header["Country"] == "GB"


def test_the_ioss_number_goes_with_every_order() -> None:
    bench = OrdersBench({"ioss_number": "IM0123456789"})
    bench.place()
    bench.run("orders")

    (asked,) = [one for one in bench.to_mintsoft.requests if one.method == "PUT"]
    assert asked.json()["IOSSNumber"] == "IM0123456789"


@pytest.mark.parametrize(
    ("settings", "comments"),
    [({}, ""), ({"charges": "comment"}, "Charges: Freight, Gift wrap")],
)
def test_charges_hold_no_goods(settings: dict[str, Any], comments: str) -> None:
    bench = OrdersBench(settings)
    _, number = bench.place({TEE: 1}, charges={"Freight": 4.5, "Gift wrap": 2})
    bench.run("orders")

    assert bench.units(number) == {TEE: 1}
    assert bench.got(number).header["Comments"] == comments
