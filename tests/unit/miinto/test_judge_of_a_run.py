"""The judge of the marketplace's part of `make run` sees each kind of wrong, by the books alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from local.run.miinto_books import is_marketplaces
from local.run.miinto_cases import DK, NL
from local.run.miinto_check import MiintoJudgement, judge_miinto
from tests.support.marketplace_run import DAMAGED, GOOD, Acted

ACTED = Acted()
CLEAN = ACTED.books()
FIRST, OF_NL, WITHOUT = "MI-045-1234-555001", "MI-031-778-555001", "MI-045-1234-555002"
Change = Callable[[Any], Any]


def judged(change: Change = lambda books: None) -> MiintoJudgement:
    books = copy.deepcopy(CLEAN)
    change(books)
    return judge_miinto(ACTED.cases, books)


def again(books: Any, what: str) -> None:
    """The newest entry of Miinto's journal about something, a second time."""
    books.miinto["journal"].append(books.journal(what)[-1])


def said_again(books: Any, call: str) -> None:
    journal = books.mintsoft["journal"]
    journal.append(next(entry for entry in journal if entry["call"] == call))


def announced_again(books: Any) -> None:
    records = books.mintsoft["external_returns"]
    records.append(copy.deepcopy(records[0]) | {"id": 99})


def commented_twice(books: Any) -> None:
    comment = {"call": "order-comment", "order_id": 501, "text": "label"}
    books.mintsoft["journal"].extend([comment, dict(comment)])


def order(books: Any, number: str) -> Any:
    return books.orders_called(number)[0]


def rma(books: Any, key: str) -> Any:
    return books.miinto["rmas"][key]


def line(books: Any, key: str) -> Any:
    return next(iter(rma(books, key)["positions"].values()))


GOOD_RMA, DAMAGED_RMA, REQUEST = f"{DK}/30001", f"{NL}/30001", f"{DK}/30002"


def test_a_run_without_fault_is_judged_so() -> None:
    judgement = judged()

    assert judgement.sentences == ()
    assert judgement.summary() == {
        "miinto_orders": 3,
        "rmas_accepted": 1,
        "rmas_declined": 1,
        "rma_requests": 1,
    }
    assert [(one.order, one.number, one.word) for one in judgement.ended] == [
        ("555001", FIRST, "accepted"),
        ("555001", OF_NL, "declined"),
        ("555002", WITHOUT, "requested"),
        *[("", "", "left to a person")] * 3,
    ]
    assert judgement.ended[1].back == "RMA 30001 declined: it is torn"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda b: again(b, "transfer_decided"), "transfer 9002 of 1-m!i!s-045-1234 was decided"),
        (lambda b: said_again(b, "create-order"), f"order {FIRST} was made in Mintsoft"),
        (lambda b: again(b, "tracking_told"), "Miinto was told of the parcel of position"),
        (announced_again, "external return 99 was made again for miinto-045-1234-30001"),
        (lambda b: again(b, "rma_decided"), "of RMA 30001 of 1-m!i!s-031-778 was decided"),
        (lambda b: again(b, "rma_requested"), "of order 555002 of 1-m!i!s-045-1234 was requested"),
        (lambda b: b.refunds.append(b.refunds[0]), "of miinto-045-1234-30001 was told"),
        (commented_twice, "comment 'label' was put on Mintsoft's order 501"),
    ],
)
def test_what_was_done_twice_is_a_duplicate(change: Change, sentence: str) -> None:
    judgement = judged(change)

    assert any(sentence in told for told in judgement.duplicates), judgement
    assert not judgement.lost


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda b: b.miinto["transfers"][f"{DK}/9001"]["positions"].update({"71": "pending"}),
            "the transfer is accepted, pending",
        ),
        (lambda b: b.miinto["transfers"].pop(f"{NL}/9002"), "it was not offered"),
        (lambda b: b.mintsoft["orders"].remove(order(b, OF_NL)), "order 555001 is not in Mintsoft"),
        (lambda b: rma(b, DAMAGED_RMA).update(status="pending"), "RMA 30001 was not decided"),
        (lambda b: b.miinto["rmas"].pop(GOOD_RMA), "0 RMAs of order 555001"),
        (lambda b: b.miinto["rmas"].pop(REQUEST), "0 RMA requests of order 555002"),
        (lambda b: b.refunds.clear(), "the refund of RMA 30001 went nowhere"),
        (lambda b: b.hub_says.clear(), "the hub says nothing about it"),
    ],
)
def test_what_ended_nowhere_is_lost(change: Change, sentence: str) -> None:
    judgement = judged(change)

    assert any(sentence in told for told in judgement.lost), judgement
    assert "lost" in {one.word for one in judgement.ended}


def decided_though_left(books: Any) -> None:
    books.miinto["transfers"][f"{NL}/9002"]["positions"] = {"72": "declined"}


def found_damaged(books: Any) -> None:
    for row in books.mintsoft["external_returns"][0]["rows"]:
        row["reason_id"] = DAMAGED


def found_fewer(books: Any) -> None:
    books.mintsoft["external_returns"][0]["rows"][0]["quantity"] = 1


def found_good(books: Any) -> None:
    for row in books.mintsoft["external_returns"][1]["rows"]:
        row["reason_id"] = GOOD


def not_confirmed(books: Any) -> None:
    books.mintsoft["external_returns"][0]["confirmed"] = False


def by_somebody(books: Any) -> None:
    books.journal("rma_decided")[0]["by"] = "admin panel"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (found_damaged, "2 x TEE-RED-M accepted, and the warehouse found 0 of them good"),
        (found_fewer, "2 x TEE-RED-M accepted, and the warehouse found 1 of them good"),
        (not_confirmed, "2 x TEE-RED-M accepted, and the warehouse found 0 of them good"),
        (found_good, "DRESS-GRN-S declined, and the warehouse found all good"),
        (
            lambda b: b.mintsoft["external_returns"].pop(0),
            "2 x TEE-RED-M accepted, and the warehouse found 0 of them good",
        ),
    ],
)
def test_a_decision_against_the_warehouses_finding_is_seen(change: Change, sentence: str) -> None:
    (told,) = judged(change).sentences

    assert sentence in told


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (decided_though_left, "Out of stock (NL): declined; a person was to decide it"),
        (
            lambda b: b.hub_says.update({(DK, 9004): "price_too_low"}),
            "left as price_too_low; expected: unknown_product",
        ),
        (lambda b: order(b, FIRST)["items"].pop(), f"order {FIRST} has [('TEE-RED-M', 2)]"),
        (lambda b: order(b, FIRST).update(status_id=1), f"order {FIRST} was not despatched"),
        (
            lambda b: b.miinto["orders"][f"{DK}/555001"].update(tracking={}),
            f"order {FIRST} left as T501, and Miinto shows no parcel",
        ),
        (lambda b: order(b, OF_NL).update(tracking_number="X"), f"order {OF_NL} left as X"),
        (
            lambda b: b.mintsoft["orders"].append(order(b, FIRST) | {"number": "MI-1"}),
            "order MI-1 in Mintsoft is of no order of Miinto's",
        ),
        (
            lambda b: b.journal("transfer_decided")[0].update(transfer=77),
            "transfer 77 of 1-m!i!s-045-1234 was decided, and nobody offered it here",
        ),
        (lambda b: b.miinto["refusals"].update(rma=2), "Miinto refused a request, 2 times: rma"),
        (lambda b: rma(b, DAMAGED_RMA).update(status="accepted"), "RMA 30001 is accepted"),
        (lambda b: line(b, DAMAGED_RMA).update(reason=""), "was declined without a reason"),
        (by_somebody, "RMA 30001 was decided by admin panel"),
        (
            lambda b: b.refunds[0]["lines"][0].update(amount_minor=19900),
            "the refund of RMA 30001 says 19900, and Miinto paid 39800",
        ),
        (lambda b: b.refunds[0].update(currency="EUR"), "the refund of RMA 30001 is in EUR"),
        (
            lambda b: b.refunds.append(b.refunds[0] | {"return_id": "miinto-031-778-30001"}),
            "Miinto did not accept position 811 of miinto-031-778-30001",
        ),
        (
            lambda b: line(b, REQUEST).update(quantity=2),
            "and the warehouse got {'HOODIE-GREY-M': 1}",
        ),
        (
            lambda b: b.mintsoft["external_returns"][1]["rows"][0].update(
                comments=f"Miinto return miinto-1-2 [RH-{'b' * 20}]"
            ),
            "is of miinto-1-2, and Miinto has no such RMA",
        ),
    ],
)
def test_every_other_difference_is_a_sentence(change: Change, sentence: str) -> None:
    judgement = judged(change)

    assert any(sentence in told for told in judgement.unexpected), judgement
    assert not judgement.duplicates


def test_goods_of_the_marketplace_are_told_from_those_of_the_portal() -> None:
    records = CLEAN.mintsoft["external_returns"]
    of_redo = copy.deepcopy(records[0])
    of_redo["rows"][0]["comments"] = f"Redo return abc [RH-{'a' * 20}]"

    assert [is_marketplaces(record) for record in [*records, of_redo]] == [True] * 3 + [False]
