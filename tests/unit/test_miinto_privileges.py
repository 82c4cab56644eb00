"""Which shops a login may use, however its privileges are written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.miinto.privileges import Grant, Grants, grants_of

ALL = {"*": -1}
DK, NL = "1-m!i!s-045-1234", "1-m!i!s-031-778"


@pytest.mark.parametrize("empty", [None, [], {}, "", 0, [1], {"__GLOBAL__": []}, {"DK": []}])
def test_nothing_is_written_in_many_ways(empty: Any) -> None:
    assert grants_of(empty) == Grants()


def test_shops_with_their_countries() -> None:
    privileges = {
        "__GLOBAL__": {"Store": {DK: ALL, NL: []}},
        "DK": {"ShopAdmin": {DK: ALL}, "Other": {"x": ALL}},
        "nl": {"ShopAdmin": {NL: {}}},
        "SE": {"ShopAdmin": []},
        "Something": {"ShopAdmin": {"y": ALL}},
    }
    assert grants_of(privileges) == Grants((Grant(NL, ("NL",)), Grant(DK, ("DK",))))


def test_a_country_may_hold_several_shops_and_a_shop_several_countries() -> None:
    privileges = {
        "__GLOBAL__": {"Store": {"a": ALL, "b": ALL, "c": ALL}},
        "DK": {"ShopAdmin": {"a": ALL, "b": ALL}},
        "SE": {"ShopAdmin": {"b": ALL}},
    }
    assert grants_of(privileges).shops == (
        Grant("a", ("DK",)),
        Grant("b", ("DK", "SE")),
        Grant("c", ()),
    )


@pytest.mark.parametrize(
    ("privileges", "shops", "any_shop"),
    [
        ({"__GLOBAL__": {"Store": {"*": ALL}}}, (), True),
        ({"DK": {"*": {"a": ALL}}}, (Grant("a", ("DK",)),), False),
        ({"*": {"Store": {"a": ALL}}}, (Grant("a", ()),), False),
        ({"*": {"*": {"*": ALL}}}, (), True),
        ({"*": -1}, (), False),
        ({"__GLOBAL__": {"*": {"a": ALL, "*": ALL}}}, (Grant("a", ()),), True),
    ],
)
def test_a_star_at_any_level(privileges: Any, shops: Any, any_shop: bool) -> None:
    assert grants_of(privileges) == Grants(shops, any_shop)


def test_as_kept_and_back() -> None:
    for grants in (Grants(), Grants((Grant(DK, ("DK", "SE")), Grant("b", ())), any_shop=True)):
        assert Grants.of_text(grants.to_text()) == grants


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"shops":[[]],"any":true}', "null"])
def test_what_was_not_kept_by_us_is_none(text: str) -> None:
    assert Grants.of_text(text) is None


WORDS = st.sampled_from(["__GLOBAL__", "Store", "ShopAdmin", "DK", "*", "a", "b"])
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.just([]),
    lambda inner: st.dictionaries(WORDS, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=12,
)


@given(privileges=ANYTHING)
def test_no_shape_stops_a_login(privileges: Any) -> None:
    grants = grants_of(privileges)
    assert Grants.of_text(grants.to_text()) == grants


def test_what_is_kept_fits_into_a_secret() -> None:
    many = {f"{'x' * 55}{n:05}": ALL for n in range(2000)}
    assert len(grants_of({"DK": {"ShopAdmin": many}}).to_text()) < 60_000
