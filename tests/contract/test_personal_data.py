"""Rows about a person: found and taken out alike in the simulation's DynamoDB and in moto."""

from __future__ import annotations

import json

import pytest

from returns_hub.errors import Conflict, Permanent
from returns_hub.flows.privacy.find import LOOKED_IN
from returns_hub.flows.privacy.forget import forget
from tests.contract.conftest import Stores
from tests.support.privacy import (
    MERCHANT,
    ORDER_NAME,
    PAT,
    RMA,
    SHOP,
    People,
    every_row,
    planted_in,
    rma,
)

BOTH = pytest.mark.parametrize("people", ["simulated", "dynamodb"], indirect=True)


@pytest.fixture
def people(request: pytest.FixtureRequest) -> People:
    stores: Stores = request.getfixturevalue(getattr(request, "param", "simulated"))
    made = People(stores.client, stores.clock)
    made.plant()
    return made


def test_a_person_is_found_in_every_place(people: People) -> None:
    places = {copy.place for copy in people.find().copies}
    assert places == LOOKED_IN


@BOTH
def test_after_forgetting_no_planted_value_is_anywhere(people: People) -> None:
    assert len(planted_in(people.client)) > 20
    forget(people.find(), people.desk, lambda _: None)
    left = [row for row in planted_in(people.client) if not stays(row)]
    assert left == []


def stays(row: str) -> bool:
    """What the map says stays: the number of an order or parcel as the key of its record and its
    operation, and as the name that those rows call themselves by."""
    word = row.rpartition(": ")[2]
    is_key = "EX-5501" in word or word == "MIINTO-TRACK-7"
    return row.startswith(("SyncTable|", "LedgerTable|")) and is_key


def test_everybody_elses_rows_are_as_they_were(people: People) -> None:
    before = every_row(people.client)
    touched = {copy.where for copy in people.find().copies}
    assert not any("other" in where for where in touched)
    forget(people.find(), people.desk, lambda _: None)
    after = every_row(people.client)
    others = [
        key for key in before if "other" in key or "5502" in key or "other" in repr(before[key])
    ]
    assert len(others) > 15
    assert {key: after.get(key) for key in others} == {key: before[key] for key in others}


def test_forgotten_twice_changes_nothing(people: People) -> None:
    forget(people.find(), people.desk, lambda _: None)
    once = every_row(people.client)
    done = forget(people.find(), people.desk, lambda _: None)
    assert (done.masked, done.deleted) == (0, 0)
    twice = every_row(people.client)
    register = {key for key in once if "#forgotten|" in key}
    assert {k: v for k, v in twice.items() if k not in register} == {
        k: v for k, v in once.items() if k not in register
    }


@BOTH
def test_a_row_that_changed_meanwhile_is_not_written_over(people: People) -> None:
    entry = next(c for c in people.find().copies if c.place == "parked")
    people.park("dealt-with", "a new message", subject=PAT)
    with pytest.raises(Conflict):
        people.data.take_out(entry)
    kept = people.parking.read(MERCHANT, "dealt-with")
    assert kept is not None
    assert kept.payload == "a new message"


@BOTH
def test_an_answer_that_was_lost_is_no_conflict(people: People) -> None:
    for copy in people.find().copies:
        if copy.does in {"mask", "delete"}:
            people.data.take_out(copy)
            people.data.take_out(copy)


def test_an_rma_that_miinto_tells_again_brings_nothing_back(people: People) -> None:
    forget(people.find(), people.desk, lambda _: None)
    assert not people.market.keep_rma(MERCHANT, rma()), "unchanged, it is known"
    changed = rma(status_word="archived")
    assert people.market.keep_rma(MERCHANT, changed)
    kept = people.market.rma(MERCHANT, RMA)
    assert kept is not None
    assert kept.status_word == "archived"
    assert [row for row in planted_in(people.client) if "#rma#" in row] == []


def test_an_rma_that_is_open_again_is_kept_whole_for_who_decides_it(people: People) -> None:
    forget(people.find(), people.desk, lambda _: None)
    again = rma(status="pending")
    people.market.keep_rma(MERCHANT, again)
    assert people.market.rma(MERCHANT, RMA) == again
    people.market.keep_rma(MERCHANT, rma(status="declined"))
    kept = people.market.rma(MERCHANT, RMA)
    assert kept is not None
    assert kept.tracking == ""


def test_an_open_parked_item_keeps_all_from_being_forgotten(people: People) -> None:
    people.park("open-one", f'{{"return_id": "{PAT}"}}', close=False)
    before = every_row(people.client)
    with pytest.raises(Permanent, match="hub parked show"):
        forget(people.find(), people.desk, lambda _: None)
    assert every_row(people.client) == before


def test_the_register_tells_ids_and_no_words(people: People) -> None:
    forget(people.find(), people.desk, lambda _: None)
    names = {one.name: one.done_at for one in people.data.remembered(MERCHANT)}
    assert set(names) == {f"return {PAT}", f"return {RMA}", f"order {SHOP} 7001"}
    assert all(names.values())


def test_by_an_order_name_the_return_is_found(people: People) -> None:
    assert people.subject(orders=(ORDER_NAME,)).return_ids == (PAT,)
    assert people.subject(orders=("MI-7001",)).return_ids == (RMA,)
    assert people.subject(orders=(f"{SHOP}/7001",)).orders == ((SHOP, 7001),)
    assert people.subject(tracking=("rmpat 0001 gb",)).return_ids == (PAT,)
    nobody = people.subject(orders=("#NOBODY",))
    assert (nobody.return_ids, nobody.orders) == ((), ())
    assert people.find(nobody).copies == ()


def test_operations_about_an_order_of_the_marketplace_are_found_without_a_scan(
    people: People,
) -> None:
    found = people.find(people.subject(return_ids=(RMA,)), scan=False)
    assert {copy.where for copy in found.copies if copy.place == "ledger"} == {
        f"operation create-order/{MERCHANT}/MI-7001",
        f"operation send-tracking/{MERCHANT}/{SHOP}/7001/MIINTO-TRACK-7",
    }


def test_an_email_finds_the_message_that_holds_it(people: People) -> None:
    people.park("unreadable", json.dumps({"mail": "robin@example.test"}))
    found = people.find(people.subject(texts=("robin@example.test",)), scan=False)
    assert [copy.where for copy in found.copies] == ["parked item unreadable"]
