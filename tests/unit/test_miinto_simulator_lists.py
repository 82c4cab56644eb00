"""The simulator of Miinto: its lists, and what can be wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.miinto.sample import DK
from tests.support.miinto_caller import Marketplace, data_of, refusal_of

TEE = {"sku": "TEE-RED-M"}


class Listed:
    """Transfers, one a minute, and what pages of them show."""

    def __init__(self, count: int, **settings: Any) -> None:
        self.market = Marketplace(**settings)
        for _ in range(count):
            self.market.miinto.offer([DK], [TEE])
            self.market.clock.advance(minutes=1)
        self.caller = self.market.caller()

    def page(self, **query: Any) -> list[int]:
        return [row["id"] for row in data_of(self.reply(**query))]

    def reply(self, **query: Any) -> Any:
        wanted = [(name, str(value)) for name, value in query.items()]
        return self.caller.get(f"/shops/{DK}/transfers", wanted)

    def total(self, **query: Any) -> Any:
        return json.loads(self.reply(**query).body)["meta"].get("totalItemCount")


def test_pages_by_limit_and_offset_newest_first() -> None:
    lists = Listed(5)
    pages = [lists.page(limit=2, offset=at, sort="-createdAt") for at in (0, 2, 4, 6)]
    assert pages == [[9005, 9004], [9003, 9002], [9001], []]
    assert lists.page(sort="createdAt")[0] == 9001
    assert lists.page()[0] == 9005
    assert (lists.page(limit=0), lists.total(limit=0)) == ([], 5)


def test_a_limit_is_capped_or_refused() -> None:
    lists = Listed(4, largest_page=3)
    assert len(lists.page(limit=50)) == 3
    lists.market.set(over_limit="refuse")
    assert refusal_of(lists.reply(limit=50))[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "x"},
        {"offset": "-1"},
        {"sort": "price"},
        {"status": "pending"},
        {"status[]": "unheard"},
    ],
)
def test_a_parameter_that_is_wrong_is_refused(query: dict[str, str]) -> None:
    assert refusal_of(Listed(1).reply(**query))[0] == 400


def test_states_are_filtered_and_may_be_several() -> None:
    lists = Listed(3)
    for number, word in ((9001, "accepted"), (9002, "declined")):
        lists.market.miinto.decide_elsewhere(DK, number, **{word: [number - 9001 + 71]})
    shown = {
        wanted: sorted(
            row["id"]
            for row in data_of(
                lists.caller.get(f"/shops/{DK}/transfers", [("status[]", s) for s in wanted])
            )
        )
        for wanted in ((), ("pending",), ("accepted",), ("accepted", "declined"))
    }
    assert shown == {
        (): [9003],
        ("pending",): [9003],
        ("accepted",): [9001],
        ("accepted", "declined"): [9001, 9002],
    }
    lists.market.set(filter_heeded=False)
    assert len(lists.page(**{"status[]": "accepted"})) == 3


def test_an_unknown_word_is_listed_without_a_filter_only() -> None:
    lists = Listed(1)
    lists.market.admin("word", {"kind": "transfer", "shop": DK, "id": 9001, "word": "parked"})
    assert lists.page() == []
    lists.market.set(filter_heeded=False)
    assert data_of(lists.reply())[0]["status"] == "parked"


def test_a_list_that_shifts_shows_a_row_again_and_loses_none() -> None:
    lists = Listed(5, list_order="shifting")
    pages = [lists.page(limit=2, offset=at) for at in (0, 2, 4)]
    assert pages == [[9005, 9004], [9004, 9003], [9002, 9001]]
    assert [lists.total(limit=2, offset=at) for at in (0, 2)] == [5, 6]


def test_lists_with_duplicates() -> None:
    lists = Listed(8, list_duplicates=True)
    pages = [lists.page(limit=3, offset=at) for at in (0, 3, 6, 9)]
    assert pages == [[9008, 9008, 9007], [9006, 9005, 9004], [9003, 9002, 9001], [9001]]
    assert lists.total() == 10


def test_lists_without_order_and_without_a_count() -> None:
    lists = Listed(20, list_order="shuffled", total_count=False)
    first, second = lists.page(), lists.page()
    assert first != second
    assert sorted(first) == sorted(second) == list(range(9001, 9021))
    assert lists.total() is None


def test_one_transfer_is_read_only_where_that_is_set() -> None:
    lists = Listed(1)
    assert refusal_of(lists.caller.get(f"/shops/{DK}/transfers/9001"))[0] == 404
    lists.market.set(transfer_read=True)
    assert data_of(lists.caller.get(f"/shops/{DK}/transfers/9001"))["id"] == 9001
