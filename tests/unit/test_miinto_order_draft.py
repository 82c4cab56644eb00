"""An order of the marketplace as an order of the store of record: nothing lost, nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.miinto.order_draft import (
    draft_of,
    number_of,
    recipient_of,
    split_name,
    unit_price,
    unknown_products,
)
from returns_hub.domain.miinto.orders import Address, Customer, OrderLine, OrderState
from returns_hub.domain.miinto.settings import MiintoShop, Orders, slug_of
from returns_hub.domain.warehouse_orders import MERGED, draft_problem
from returns_hub.errors import Permanent
from tests.support.market_partners import BUYER, DK, market_order

shops = st.one_of(
    st.builds(
        lambda code, shop: f"1-m!i!s-{code:03d}-{shop}",
        st.integers(0, 999),
        st.integers(1, 99999),
    ),
    st.from_regex(r"[A-Za-z0-9!._-]{1,20}", fullmatch=True).filter(slug_of),
)
words = st.text(st.characters(categories=("Lu", "Ll", "Pd")), min_size=1, max_size=12)


# -- numbers -----------------------------------------------------------------------------------


@given(st.lists(st.tuples(shops, st.integers(1, 10**9)), min_size=2, max_size=8, unique=True))
def test_two_orders_never_get_one_number(orders: list[tuple[str, int]]) -> None:
    """Whose shops have different short names, which the merchant's file is held to."""
    places = {(slug_of(shop), order) for shop, order in orders}
    assert len({number_of("MI-", slug, order) for slug, order in places}) == len(places)


def test_shop_and_order_are_told_apart_in_a_number() -> None:
    assert number_of("MI-", "045-12", 345) != number_of("MI-", "045-1", 2345)


@given(shops, st.integers(1, 10**9))
def test_a_number_is_one_that_the_warehouse_takes(shop: str, order: int) -> None:
    number = number_of("MI-", slug_of(shop), order)
    assert MERGED not in number
    assert number.isprintable()
    assert number == number.strip()


# -- names -------------------------------------------------------------------------------------


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from([" ", "  ", "\t", "\u00a0"]))
def test_no_word_of_a_name_is_lost(parts: list[str], between: str) -> None:
    first, last = split_name(between.join(parts))
    assert " ".join(filter(None, (first, last))) == " ".join(parts)
    assert last


@given(words, words)
def test_a_name_with_a_comma_is_turned(first: str, last: str) -> None:
    assert split_name(f"{last}, {first}") == (first, last)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ida Holm", ("Ida", "Holm")),
        ("Anna Maria van der Berg", ("Anna", "Maria van der Berg")),
        ("Cher", ("", "Cher")),
        ("Holm, Ida", ("Ida", "Holm")),
        ("Acme, Inc, London", ("Acme,", "Inc, London")),
        (", Ida", (",", "Ida")),
        ("  ", ("", "")),
    ],
)
def test_names(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


# -- where it goes -----------------------------------------------------------------------------


def customer(**delivery: str) -> Customer:
    whole = BUYER.delivery.model_dump() | delivery
    return BUYER.model_copy(update={"delivery": Address(**whole)})


@pytest.mark.parametrize(
    ("kind", "name", "person", "company"),
    [
        ("home", "Ida Holm", "Ida Holm", ""),
        ("home", "Bo Holm", "Bo Holm", ""),
        ("home", "", "Ida Holm", ""),
        ("company", "Acme ApS", "Ida Holm", "Acme ApS"),
        ("company", "ida holm", "ida holm", ""),
        ("company", "", "Ida Holm", ""),
        ("parcel_shop", "Kiosk 7", "Ida Holm", "Kiosk 7"),
        ("unknown", "Bo Holm", "Bo Holm", ""),
    ],
)
def test_who_gets_it(kind: Any, name: str, person: str, company: str) -> None:
    found = recipient_of(market_order(1, delivery_type=kind, customer=customer(name=name)))
    assert f"{found.first_name} {found.last_name}" == person
    assert found.company == company
    assert (found.email, found.phone) == (BUYER.email, BUYER.phone)


def test_to_a_parcel_shop_goes_the_pick_up_points_address() -> None:
    to = customer(name="Kiosk 7", street="Torvet 2", postcode="8200", city="Aarhus N")
    order = market_order(1, delivery_type="parcel_shop", customer=to)
    found = recipient_of(order)
    assert (found.address, found.postcode, found.town) == (("Torvet 2",), "8200", "Aarhus N")
    assert draft(order=order).delivery_notes == "Parcel shop: Kiosk 7"


@pytest.mark.parametrize(
    ("told", "iso"), [("DK", "DK"), ("uk", "GB"), ("GB", "GB"), ("EL", "GR"), (" se ", "SE")]
)
def test_countries_are_iso(told: str, iso: str) -> None:
    assert recipient_of(market_order(1, customer=customer(country=told))).country == iso


@pytest.mark.parametrize("what", ["street", "postcode", "city", "country"])
def test_what_an_address_lacks_is_named_and_not_what_it_holds(what: str) -> None:
    with pytest.raises(Permanent) as verdict:
        recipient_of(market_order(1, customer=customer(**{what: " "})))
    assert verdict.value.reason.endswith(f"has no {what}")
    assert "Nygade" not in verdict.value.reason


# -- prices and lines --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "price", "means", "unit"),
    [
        (1, 49900, "unknown", 49900),
        (2, 49900, "unit", 49900),
        (2, 49900, "line", 24950),
        (3, 100, "line", None),
        (2, 49900, "unknown", None),
    ],
)
def test_a_units_price_is_told_where_it_is_known_exactly(
    quantity: int, price: int, means: Any, unit: int | None
) -> None:
    line = OrderLine(position=71, quantity=quantity, price=price, sku="TEE")
    assert unit_price(line, means) == unit


def draft(means: Any = "unit", order: Any = None, **line: Any) -> Any:
    content: dict[str, Any] = {"position": 71, "quantity": 1, "price": 49900, "sku": "TEE"} | line
    state = OrderState(
        merchant="m",
        shop=DK,
        id=1,
        number="MI-045-1234-1",
        lines=(OrderLine(**content),),
    )
    return draft_of(
        state,
        order or market_order(1),
        MiintoShop(id=DK, warehouse=3),
        courier="AUTO",
        price_is=means,
        settings=Orders(channel="Miinto"),
    )


def test_a_price_that_is_not_known_for_one_unit_is_told_in_words() -> None:
    (item,) = draft("unknown", quantity=2).items
    assert item.unit_price_minor is None
    assert item.details == "499.00 DKK, for all 2 or for each: see Miinto"
    (item,) = draft("line", quantity=3, price=100).items
    assert item.details == "1.00 DKK for all 3"


def test_a_draft_is_one_that_the_warehouse_takes() -> None:
    made = draft()
    assert draft_problem(made, 50) is None
    assert made.external_reference == "261/MI-045-1234-1"
    assert made.channel == "Miinto"
    assert draft(order=market_order(1, parent_id="")).external_reference == ""


def test_an_unknown_delivery_type_is_told_the_warehouse() -> None:
    order = market_order(1, delivery_type="unknown", delivery_word="DroneDelivery")
    assert "delivery type DroneDelivery" in draft(order=order).comments


def test_unknown_products_are_told_in_few_words() -> None:
    lines = [OrderLine(position=n, quantity=1, price=1, gtin=f"g{n}") for n in range(1, 9)]
    told = unknown_products(lines)
    assert told.startswith("position 1 (item without id, GTIN g1, no name)")
    assert told.endswith("and 3 more")
    assert unknown_products([OrderLine(position=1, quantity=1, price=1, sku="TEE")]) == ""
