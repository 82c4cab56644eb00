"""Codes of Unleashed's warehouses: a doubt stops that warehouse, and names it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.settings import same_code
from returns_hub.domain.unleashed.warehouses import ErpWarehouse, Place, Places, places_of

MINTSOFT = {3: "Corby", 4: "London"}


def rows(*codes: str) -> tuple[ErpWarehouse, ...]:
    return tuple(ErpWarehouse(code) for code in codes)


def test_a_map_that_both_sides_know_is_open() -> None:
    places = places_of({"MAIN": 3, "NORTH": 4}, ["SHOP"], rows("MAIN", "NORTH", "SHOP"), MINTSOFT)

    assert places.open == {"MAIN": 3, "NORTH": 4}
    assert places.problems == ()
    assert places.of("NORTH") == Place(4)
    assert places.of("shop").is_elsewhere
    assert not places.of("NORTH").is_elsewhere


@pytest.mark.parametrize(
    ("mapped", "listed", "stopped", "said"),
    [
        ({"MAIN": 3, "EAST": 4}, rows("MAIN"), "EAST", "EAST is not in Unleashed; it has MAIN"),
        ({"MAIN": 3, "north": 4}, rows("MAIN", "NORTH"), "north", "it has NORTH: write it so"),
        ({"MAIN": 3, "NORTH": 4}, rows("MAIN", "NORTH", "north"), "NORTH", "NORTH and north of"),
        ({"MAIN": 3, "NORTH": 4}, rows("MAIN", "NORTH", "NORTH"), "NORTH", "two warehouses with"),
        (
            {"MAIN": 3, "NORTH": 4},
            (*rows("MAIN"), ErpWarehouse("NORTH", obsolete=True)),
            "NORTH",
            "NORTH is obsolete",
        ),
        ({"MAIN": 3, "NORTH": 9}, rows("MAIN", "NORTH"), "NORTH", "it has 3 (Corby), 4 (London)"),
        ({"MAIN": 3}, rows("MAIN", "NORTH"), "NORTH", "warehouse NORTH is not mapped"),
    ],
)
def test_a_doubt_stops_its_warehouse_alone(
    mapped: dict[str, int], listed: tuple[ErpWarehouse, ...], stopped: str, said: str
) -> None:
    places = places_of(mapped, [], listed, MINTSOFT)

    assert places.open == {"MAIN": 3}
    assert said in places.stopped[stopped]
    assert places.of(stopped).warehouse_id is None
    assert said in places.of(stopped).why


def test_two_codes_of_one_mintsoft_warehouse_stop_both() -> None:
    places = places_of(
        {"MAIN": 3, "NORTH": 3, "EAST": 4}, [], rows("MAIN", "NORTH", "EAST"), MINTSOFT
    )

    assert places.open == {"EAST": 4}
    assert places.stopped["MAIN"] == "the warehouses NORTH and MAIN both name Mintsoft warehouse 3"
    assert "MAIN and NORTH" in places.stopped["NORTH"]


def test_a_code_that_is_written_wrong_is_told_once() -> None:
    places = places_of({"main": 3}, [], rows("MAIN"), MINTSOFT)
    assert places.problems == ("warehouse main is not in Unleashed; it has MAIN: write it so",)


def test_an_obsolete_warehouse_that_nobody_mapped_is_nobodys_business() -> None:
    old = ErpWarehouse("OLD", obsolete=True)
    assert places_of({"MAIN": 3}, [], (*rows("MAIN"), old), MINTSOFT).problems == ()


def test_what_names_no_warehouse_or_an_unknown_one_is_stopped() -> None:
    places = Places(open={"MAIN": 3}, elsewhere=frozenset({"SHOP"}))
    assert places.of("").why == "it names no warehouse"
    assert "warehouse MIAN is not mapped" in places.of("MIAN").why
    assert "main is not mapped" in places.of("main").why


CODES = st.sampled_from(["MAIN", "main", "MA IN", "NORTH", "North", "EAST"])


@given(
    st.dictionaries(CODES, st.integers(1, 4)),
    st.lists(CODES),
    st.lists(st.builds(ErpWarehouse, CODES, obsolete=st.booleans())),
    st.dictionaries(st.integers(1, 4), st.just("x")),
)
def test_an_open_warehouse_is_beyond_doubt(
    mapped: dict[str, int],
    elsewhere: list[str],
    listed: list[ErpWarehouse],
    mintsoft: dict[int, str],
) -> None:
    places = places_of(mapped, elsewhere, listed, mintsoft)

    assert not places.open.keys() & places.stopped.keys()
    assert places.open.keys() | places.stopped.keys() >= mapped.keys()
    for code, id_ in places.open.items():
        alike = [row for row in listed if same_code(row.code) == same_code(code)]
        assert [(row.code, row.obsolete) for row in alike] == [(code, False)]
        assert id_ in mintsoft
        assert list(places.open.values()).count(id_) == 1
    for code, why in places.stopped.items():
        assert code in why or same_code(code) in same_code(why)
