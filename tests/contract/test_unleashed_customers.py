"""Unleashed's adapter for customers, over the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.adapters.unleashed.customers import UnleashedCustomers
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Permanent
from tests.support.erp_worlds import ErpBench

PLACE = {
    "AddressName": "Shop",
    "StreetAddress": "3 High Street",
    "StreetAddress2": "Unit 4",
    "City": "Leeds",
    "Region": "West Yorkshire",
    "PostalCode": "LS1 1AA",
    "Country": "United Kingdom",
}


def of_type(kind: str, **changes: Any) -> dict[str, Any]:
    return PLACE | {"AddressType": kind, "City": kind} | changes


def customers_of(bench: ErpBench) -> UnleashedCustomers:
    return UnleashedCustomers(bench.unleashed_account())


def edit(bench: ErpBench, code: str = "BOUTIQUE", **fields: Any) -> None:
    company = bench.desk_there.company
    record = company.coded("Customers", code)
    record |= fields
    company.touch(record, "clerk@example.test")


def name_all(bench: ErpBench, name: str) -> None:
    for code in ("WEBSHOP", "BOUTIQUE"):
        edit(bench, code, CustomerName=name)


def asked(bench: ErpBench) -> list[str]:
    found = [request.target for request in bench.to_unleashed.requests]
    bench.to_unleashed.requests.clear()
    return found


@pytest.mark.parametrize("keys", ["pascal", "camel"])
def test_an_address_is_read_in_our_words(keys: str) -> None:
    bench = ErpBench()
    edit(
        bench,
        Addresses=[of_type("Shipping", City="Leeds")],
        ContactFirstName="Pat",
        ContactLastName="Sample",
        Email="pat@example.test",
        MobileNumber="+44 99",
    )
    bench.account.set(keys=keys)

    assert customers_of(bench).address_of("BOUTIQUE") == Recipient(
        country="United Kingdom",
        first_name="Pat",
        last_name="Sample",
        company="A boutique",
        address=("3 High Street", "Unit 4"),
        town="Leeds",
        county="West Yorkshire",
        postcode="LS1 1AA",
        email="pat@example.test",
        phone="+44 99",
    )


@pytest.mark.parametrize(
    ("kinds", "chosen"),
    [
        (("Postal", "Physical", "Shipping"), "Shipping"),
        (("Postal", "physical"), "physical"),
        (("Postal",), "Postal"),
        (("Other",), None),
        ((), None),
    ],
)
def test_goods_go_to_the_shipping_address_first(kinds: tuple[str, ...], chosen: str | None) -> None:
    bench = ErpBench()
    edit(bench, Addresses=[of_type(kind) for kind in kinds] or None)

    found = customers_of(bench).address_of("BOUTIQUE")

    assert (found.town if found else None) == chosen


def test_an_address_with_nothing_in_it_is_none() -> None:
    bench = ErpBench()
    bare = {"AddressType": "Shipping", "Country": "United Kingdom", "City": " "}
    edit(bench, Addresses=[bare, of_type("Physical"), of_type("Physical", City="Second")])

    found = customers_of(bench).address_of("BOUTIQUE")

    assert found is not None
    assert found.town == "Physical"


@pytest.mark.parametrize("name", ["PostalCode", "PostCode", "DeliveryPostCode"])
def test_a_postcode_is_read_under_any_of_its_names(name: str) -> None:
    bench = ErpBench()
    edit(bench, Addresses=[{"AddressType": "Shipping", name: "LS1 1AA"}])

    found = customers_of(bench).address_of("BOUTIQUE")

    assert found is not None
    assert found.postcode == "LS1 1AA"


def test_a_customer_is_asked_for_once_in_a_run() -> None:
    bench = ErpBench()
    customers = customers_of(bench)

    customers.address_of("BOUTIQUE")
    customers.with_code("BOUTIQUE")
    customers.address_of("NOBODY")
    customers.address_of("NOBODY")

    assert len(asked(bench)) == 3, "a look-up, the customer, and a look-up that found nobody"
    customers_of(bench).address_of("BOUTIQUE")
    assert len(asked(bench)) == 1, "the Guid is kept, and the address is not"


def test_code_and_currency_of_a_customer() -> None:
    bench = ErpBench()
    found = customers_of(bench).with_code("WEBSHOP-DK")

    assert found is not None
    assert (found.code, found.currency, found.name) == ("WEBSHOP-DK", "DKK", "Web shop in Denmark")
    assert "Denmark" not in repr(found)
    assert customers_of(bench).with_code("WEBSHOP-D") is None


def test_an_obsolete_customer_has_its_address_and_is_not_found_by_name() -> None:
    bench = ErpBench()
    edit(bench, Obsolete=True)

    assert customers_of(bench).address_of("BOUTIQUE") is not None
    assert customers_of(bench).with_name("A boutique") is None


def test_a_customer_is_found_by_its_whole_name() -> None:
    bench = ErpBench()

    found = customers_of(bench).with_name("Web shop")

    assert found is not None
    assert found.code == "WEBSHOP"
    assert [target.partition("?")[2] for target in asked(bench)] == [
        "customerName=Web&pageSize=200"
    ]
    assert customers_of(bench).with_name("Web") is None


def test_a_name_that_was_found_is_not_searched_again() -> None:
    bench = ErpBench()
    customers_of(bench).with_name("Web shop")
    asked(bench)

    assert customers_of(bench).with_name("Web shop") is not None
    (target,) = asked(bench)
    assert target.startswith("/Customers/")
    edit(bench, "WEBSHOP", CustomerName="Another")
    assert customers_of(bench).with_name("Web shop") is None


def test_a_name_that_several_have_is_a_persons_question() -> None:
    bench = ErpBench()
    name_all(bench, "Marketplace")

    with pytest.raises(Permanent, match="BOUTIQUE, WEBSHOP") as refused:
        customers_of(bench).with_name("Marketplace")

    assert "Marketplace" not in refused.value.reason


def test_a_name_that_cannot_be_a_filter_is_found_all_the_same() -> None:
    bench = ErpBench()
    edit(bench, CustomerName="Ünleashed & Co")

    found = customers_of(bench).with_name("Ünleashed & Co")

    assert found is not None
    assert found.code == "BOUTIQUE"


def test_codes_that_were_learned_are_not_looked_up() -> None:
    bench = ErpBench(page_size=2)

    pages = list(customers_of(bench).learn(None))

    assert [(page.number, page.count) for page in pages] == [(1, 2), (2, 1)]
    asked(bench)
    assert customers_of(bench).address_of("BOUTIQUE") is not None
    assert len(asked(bench)) == 1
