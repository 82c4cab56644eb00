"""The judge of the stock feed's part of `make run`: each of its sentences can be said."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.run.wair_books import WairBooks
from local.run.wair_check import judge_wair
from tests.support.wair_run import clean, event_of, item_of, order_of, parked

Breaks = Callable[[Any], None]


def broken(change: Breaks) -> WairBooks:
    """The clean books after a change; fields that are texts and numbers are changed by `said`."""
    books = copy.deepcopy(clean())
    change(books)
    return books


def said(**asked: Any) -> WairBooks:
    """The clean books, where people wanted or saw something else."""
    books = clean()
    return replace(books, asked=replace(books.asked, **asked))


def order(books: WairBooks, order_id: int) -> Any:
    (found,) = [one for one in books.mintsoft["orders"] if one["id"] == order_id]
    return found


def test_a_clean_run_is_judged_clean() -> None:
    judgement = judge_wair(clean())

    assert judgement.sentences == ()
    assert judgement.summary() == {
        "feed_batches": 2,
        "stock_rows": 3,
        "reserved_rows": 1,
        "feed_products": 2,
        "advice_kept": 4,
        "despatches_relayed": 3,
        "orders_cancelled": 2,
        "bundle_questions": 1,
    }
    assert [one.count for one in judgement.shown] == list(judgement.summary().values())


def test_what_was_not_shown_is_named() -> None:
    def nothing(books: Any) -> None:
        books.tenant["batches"].clear()
        books.tenant["batches"]["open"] = 0
        books.tenant["stock"].clear()
        books.tenant["sets"]["items"].clear()
        books.tenant["sets"]["reserved"].clear()
        books.channel["taken"].clear()
        books.mintsoft["journal"].clear()
        books.parked.clear()

    lost = judge_wair(replace(broken(nothing), advice=(0, 0))).lost

    names = ("feed batches", "stock rows", "reserved rows", "feed products", "advice kept")
    more = ("despatches relayed", "orders cancelled", "bundle questions")
    assert lost[:8] == [f"{name}: nothing of it was shown" for name in (*names, *more)]


def tenant(word: str, value: Any) -> Breaks:
    return lambda books: books.tenant.update({word: value})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            tenant("batches", {"open": 1, "started": 2, "stopped": 1}),
            "2 batches were opened, 1 closed",
        ),
        (tenant("unfinished_full_loads", ["reserved"]), "a full load of reserved never came to"),
        (tenant("refusals", {"POST /Stock 400": 2}), "WAIR refused something, 2 times: POST /St"),
        (
            lambda books: books.tenant["stock"]["COR"].update({"TEE-RED-M": 8}),
            "stock of TEE-RED-M in COR: 9 in Mintsoft, 8 at WAIR",
        ),
        (
            lambda books: books.tenant["stock"]["COR"].pop("MUG-RED"),
            "stock of MUG-RED in COR: 0 in Mintsoft, None at WAIR",
        ),
        (
            lambda books: books.tenant["stock"]["LDN"].update({"GHOST": 1}),
            "stock of GHOST in LDN: 0 in Mintsoft, 1 at WAIR",
        ),
        (
            lambda books: books.tenant["sets"]["reserved"][0].update({"quantity": 2}),
            "reserved of TEE-RED-M in COR: 3 in Mintsoft, 2 at WAIR",
        ),
        (
            lambda books: books.tenant["sets"]["reserved"].append(
                {"locationId": "LDN", "skuId": "MUG-RED", "quantity": 1}
            ),
            "reserved of MUG-RED in LDN: 0 in Mintsoft, 1 at WAIR",
        ),
        (
            lambda books: books.channel.update({"unsigned": 1}),
            "1 events for the channel were not signed as agreed",
        ),
        (
            lambda books: books.channel.update({"out_of_order": ["d1"]}),
            "the channel was told the older d1 after a newer one",
        ),
        (
            lambda books: books.channel["taken"].append(event_of(6, 1)),
            "the channel was told that order 6 left, and it did not",
        ),
        (
            lambda books: books.channel["taken"][2]["lines"][0].update({"despatched": 4}),
            "SHOP-3-E1: {'TEE-RED-M': 1} left, and the channel was told {'TEE-RED-M': 4}",
        ),
        (
            lambda books: books.channel["taken"][2].update({"tracking_number": "X"}),
            "SHOP-3-E1: the channel was told the number X",
        ),
        (
            lambda books: books.channel["taken"][1]["lines"][0].update({"despatched_so_far": 1}),
            "SHOP-1 left in 2 parts with {'TEE-RED-M': 3}, and the channel was told "
            "{'TEE-RED-M': 2} with 0 left",
        ),
        (
            lambda books: books.channel["taken"][1]["lines"][0].update({"left": 1}),
            "SHOP-1 left in 2 parts with {'TEE-RED-M': 3}, and the channel was told "
            "{'TEE-RED-M': 3} with 1 left",
        ),
        (
            lambda books: order(books, 3).update({"status_id": 1}),
            "SHOP-2 was changed upstream, and is not cancelled at Mintsoft",
        ),
        (
            lambda books: books.mintsoft["journal"].pop(0),
            "SHOP-2 is cancelled at Mintsoft, and the hub did not do it",
        ),
        (
            lambda books: order(books, 5).update({"status_id": 1}),
            "SHOP-3-E1 took the place of SHOP-3, and did not leave",
        ),
        (
            lambda books: books.mintsoft["journal"].append(
                {"call": "cancel-order", "number": "N-6"}
            ),
            "N-6 was cancelled, and nobody wanted it",
        ),
        (
            lambda books: books.parked.append(parked()),
            "of SHOP-4, which holds a bundle, 2 questions are asked",
        ),
        (
            lambda books: books.parked.append(parked(subject="mintsoft-order/8")),
            "a person of example is asked (wair_bundles): a reason",
        ),
        (
            lambda books: books.parked.append(parked("relay.tell", "despatch d1 to channel")),
            "a person of example is asked (relay.tell): a reason",
        ),
    ],
)
def test_what_is_otherwise_is_told(change: Breaks, sentence: str) -> None:
    told = judge_wair(broken(change)).unexpected

    assert any(one.startswith(sentence) for one in told), told


@pytest.mark.parametrize(
    ("books", "sentence"),
    [
        (
            said(rows_told=3),
            "one row of stock changed, and 3 were told; at WAIR changed: TEE-RED-M in COR",
        ),
        (
            said(rows_moved=()),
            "one row of stock changed, and 1 were told; at WAIR changed: nothing",
        ),
        (
            replace(clean(), advice=(2, 1)),
            "WAIR has 3 stock targets, and 2 are kept",
        ),
        (
            replace(clean(), advice=(3, 2)),
            "WAIR has 1 proposals of transfers, and 2 are kept",
        ),
    ],
)
def test_what_people_see_otherwise_is_told(books: WairBooks, sentence: str) -> None:
    assert judge_wair(books).unexpected == [sentence]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda books: books.tenant["journal"].pop(1),
            "of sizes WAIR was told nothing",
        ),
        (
            lambda books: books.tenant["sets"]["locations"].pop(),
            "WAIR does not know the location LDN",
        ),
        (
            lambda books: books.tenant["sets"]["items"].pop(),
            "WAIR does not know the product MUG-RED",
        ),
        (
            lambda books: books.tenant["sets"]["sizes"].clear(),
            "of sizes WAIR does not know M",
        ),
        (
            lambda books: books.tenant["sets"]["colors"].clear(),
            "of colors WAIR does not know RED",
        ),
        (
            lambda books: books.tenant["sets"]["sizes"][0].pop("sortOrder"),
            "the size M has no place among the sizes",
        ),
        (
            lambda books: books.channel["taken"].pop(),
            "SHOP-3-E1 (order 5) left, and the channel was not told",
        ),
    ],
)
def test_what_is_lost_is_told(change: Breaks, sentence: str) -> None:
    assert judge_wair(broken(change)).lost == [sentence]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda books: books.channel["taken"].append(event_of(5, 1)),
            "of order 5 the channel was told 2 things",
        ),
        (
            lambda books: books.channel["came_again"].append("d5"),
            "the channel was told d5 2 times",
        ),
        (
            lambda books: books.mintsoft["journal"].append(
                {"call": "cancel-order", "number": "SHOP-3"}
            ),
            "SHOP-3 was cancelled 2 times",
        ),
    ],
)
def test_what_was_done_twice_is_told(change: Breaks, sentence: str) -> None:
    assert judge_wair(broken(change)).duplicates == [sentence]


def test_other_clients_bundles_and_what_is_discontinued_are_nobodys_trouble() -> None:
    books = clean()

    assert {row["sku"] for row in books.products()} == {"TEE-RED-M", "MUG-RED"}
    assert order_of("OUT-1", 8, client_id=13) not in books.orders()
    assert item_of("COAT") not in books.rows("items")
