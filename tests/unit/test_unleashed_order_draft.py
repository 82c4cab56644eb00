"""What of a sales order is compared from reading to reading, and what the warehouse is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from returns_hub.domain.unleashed.order_draft import (
    address_mark,
    draft_of,
    goods_in_words,
    has_address,
    version_of,
    warehouse_in,
    with_customers,
)
from returns_hub.domain.unleashed.orders_rule import ImportOrder
from returns_hub.domain.unleashed.sales_orders import SalesLine, SalesOrder
from returns_hub.domain.warehouse_orders import OrderLine, Recipient

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAT = Recipient("Denmark", "Pat", "Sample", address=("Example Street 1",), town="Sampletown")
LINE = SalesLine(1, "TEE", Decimal(2), Decimal("7.50"), description="Tee", guid="l1")
CHARGE = SalesLine(2, "", Decimal(1), Decimal(4), is_charge=True, description="Freight")
ORDER = SalesOrder(
    guid="g1",
    number="SO-1",
    status="Placed",
    warehouse_code="MAIN",
    currency="GBP",
    lines=(LINE, CHARGE),
    recipient=PAT,
    modified_at=NOW,
    created_at=NOW,
)
Change = Callable[[SalesOrder], SalesOrder]


@pytest.mark.parametrize(
    "change",
    [
        lambda o: replace(o, modified_at=NOW + timedelta(days=1)),
        lambda o: replace(o, lines=(CHARGE, LINE)),
        lambda o: replace(o, lines=(replace(LINE, quantity=Decimal("2.00")), CHARGE)),
        lambda o: replace(o, lines=(replace(LINE, unit_price=Decimal("7.5")), CHARGE)),
        lambda o: replace(o, lines=(replace(LINE, guid="l9", description="Shirt"), CHARGE)),
        lambda o: replace(o, status="PLACED"),
    ],
)
def test_what_means_the_same_is_the_same_version(change: Change) -> None:
    assert version_of(change(ORDER)) == version_of(ORDER)


@pytest.mark.parametrize(
    "change",
    [
        lambda o: replace(o, status="Parked"),
        lambda o: replace(o, custom_status="On hold"),
        lambda o: replace(o, warehouse_code="3PL"),
        lambda o: replace(o, lines=(replace(LINE, quantity=Decimal(3)), CHARGE)),
        lambda o: replace(o, lines=(replace(LINE, sku="CAP"), CHARGE)),
        lambda o: replace(o, lines=(LINE, replace(CHARGE, description="Gift"))),
        lambda o: replace(o, lines=(LINE,)),
        lambda o: replace(o, recipient=replace(PAT, town="Elsewhere")),
        lambda o: replace(o, recipient=replace(PAT, country="Sweden")),
        lambda o: replace(o, source_id="shop"),
        lambda o: replace(o, delivery_method="Express"),
        lambda o: replace(o, comments="\ud800 no proper text"),
        lambda o: replace(o, unreadable="why"),
    ],
)
def test_what_the_flow_acts_on_makes_another_version(change: Change) -> None:
    assert version_of(change(ORDER)) != version_of(ORDER)


def test_a_version_names_its_warehouse() -> None:
    assert warehouse_in(version_of(ORDER)) == "MAIN"
    assert warehouse_in("") == ""
    assert warehouse_in(version_of(replace(ORDER, warehouse_code="a@b"))) == "a@b"


def test_the_mark_of_an_address_is_one_orders_own() -> None:
    assert address_mark(ORDER) == address_mark(replace(ORDER, comments="other"))
    assert address_mark(ORDER) != address_mark(replace(ORDER, guid="g2"))
    assert address_mark(ORDER) != address_mark(replace(ORDER, recipient=Recipient("DK")))


@pytest.mark.parametrize(
    ("recipient", "has"),
    [
        (Recipient("DK", first_name="Pat"), False),
        (Recipient("", address=("Street",)), True),
        (Recipient("", town="Leeds"), True),
        (Recipient("", postcode="LS1"), True),
    ],
)
def test_a_country_alone_is_no_address(recipient: Recipient, has: bool) -> None:
    assert has_address(recipient) is has


def test_the_customers_address_is_for_who_the_order_names() -> None:
    customers = Recipient("", "Kim", "Shop", address=("3 High Street",), email="k@example.test")

    nobody = with_customers(Recipient("DK"), customers)
    somebody = with_customers(Recipient("DK", last_name="Holm", phone="1"), customers)

    assert (nobody.country, nobody.first_name, nobody.email) == ("DK", "Kim", "k@example.test")
    assert (somebody.first_name, somebody.last_name, somebody.phone) == ("", "Holm", "1")
    assert somebody.address == ("3 High Street",)


def test_the_draft_names_the_order_and_leaves_out_what_there_is_not() -> None:
    judged = ImportOrder("SO-1", 3, "DK", (OrderLine("TEE", 2, 750),), charges=("Freight", "Gift"))
    draft = draft_of(replace(ORDER, comments="Hello"), judged, PAT)

    assert (draft.external_reference, draft.number) == ("unleashed:order:g1", "SO-1")
    assert draft.comments == "Hello\nCharges: Freight, Gift"
    assert draft.recipient == replace(PAT, country="DK")
    assert draft.name_values == (("Unleashed order", "SO-1"), ("Unleashed Guid", "g1"))
    assert (draft.channel, draft.courier) == ("", "AUTO")


def test_ids_are_ids_and_names_are_names() -> None:
    judged = ImportOrder("SO-1", 3, "DK", (), channel="2", courier="7")
    draft = draft_of(ORDER, judged, PAT)

    assert (draft.channel, draft.courier) == (2, 7)


def test_many_goods_are_told_in_few_words() -> None:
    assert goods_in_words({"A": 2, "B": 1}) == "2 x A, 1 x B"
    assert goods_in_words({f"S{n}": n for n in range(12)}).endswith("9 x S9, and 2 more")
