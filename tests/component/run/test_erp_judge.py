"""The judge of the ERP's part of `make run`: each of its sentences can be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.run.erp_books import ErpBooks
from local.run.erp_check import COUNTS, NO_ORDER, WEBHOOKS, judge_erp
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from tests.support.erp_run import asn_of, clean, entry, order_of, parked

Breaks = Callable[[ErpBooks], None]


def journal(books: ErpBooks, merchant: str = "example") -> list[dict[str, Any]]:
    """A company's, to be written in."""
    found: list[dict[str, Any]] = books.companies[merchant]["journal"]
    return found


def without(what: str, guid: str, merchant: str = "example") -> Breaks:
    """Books in which this never happened."""

    def broken(books: ErpBooks) -> None:
        found = journal(books, merchant)
        found[:] = [e for e in found if (e["what"], e["guid"]) != (what, guid)]

    return broken


def again(what: str, guid: str, merchant: str = "example") -> Breaks:
    """Books in which this happened twice."""

    def broken(books: ErpBooks) -> None:
        found = journal(books, merchant)
        found += [e for e in found if (e["what"], e["guid"]) == (what, guid)][:1]

    return broken


def put(where: Callable[[ErpBooks], Any], key: str, value: Any) -> Breaks:
    """Books in which this says something else."""

    def broken(books: ErpBooks) -> None:
        where(books)[key] = value

    return broken


def test_a_clean_run_is_judged_clean() -> None:
    judgement = judge_erp(clean())

    assert judgement.sentences == ()
    assert judgement.summary() == {
        "products_kept": 1,
        "customers_read": 3,
        "unleashed_orders": 2,
        "unleashed_shipments": 1,
        "despatches_told": 2,
        "asns": 1,
        "receipts": 1,
        "assemblies": 1,
        "transfers": 1,
        "orders_exported": 1,
        "credit_notes": 1,
        "adjustments": 1,
        "webhooks_taken": 2,
    }


def test_every_flow_has_a_count() -> None:
    assert set(COUNTS) == {*FLOW_NAMES, WEBHOOKS}


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_a_flow_that_was_not_shown_is_named(flow: Any) -> None:
    nothing = ErpBooks(mintsoft={"orders": [], "asns": [], "journal": []}, flows=(flow,))

    assert judge_erp(nothing).lost == [
        f"{flow}: nothing of it was shown",
        "webhooks: nothing of it was shown",
    ]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (again("order_completed", "o1"), "sales order SO-1 was completed"),
        (again("purchase_receipted", "p1"), "purchase order PO-1 was receipted"),
        (again("transfer_completed", "transfer1"), "transfer TX-1 was completed"),
        (again("assembly_completed", "assembly1"), "assembly ASM-1 was completed"),
        (again("shipment_dispatched", "s9", "outlet"), "shipment SS-9 was dispatched"),
        (again("stock_adjusted", "a2"), "adjustment SA-2 was booked"),
        (again("order_made", "o7"), "the order hub:7 was exported to Unleashed"),
        (
            put(lambda books: books.credits, "c2", "Return: return r-1, batch 1"),
            "the credit note 'Return: return r-1, batch 1' was made",
        ),
        (again("credit_completed", "c1"), "credit note CR-1 was completed"),
        (
            lambda books: books.mintsoft["journal"].append(books.mintsoft["journal"][2]),
            "an order was made in Mintsoft for unleashed:order:o1",
        ),
        (
            lambda books: books.mintsoft["asns"].append(asn_of("TX-1")),
            "the ASN TX-1 of example was made",
        ),
    ],
)
def test_what_was_done_twice_is_told(broken: Breaks, sentence: str) -> None:
    books = clean()
    broken(books)

    assert judge_erp(books).duplicates == [f"{sentence} more than once"]


def no_order(guid: str) -> Breaks:
    def broken(books: ErpBooks) -> None:
        rows = books.mintsoft["orders"]
        rows[:] = [row for row in rows if not row["external_reference"].endswith(f":{guid}")]

    return broken


def no_asn(number: str) -> Breaks:
    def broken(books: ErpBooks) -> None:
        rows = books.mintsoft["asns"]
        rows[:] = [row for row in rows if row["header"]["POReference"] != number]

    return broken


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (no_order("o1"), "SO-1 is not in Mintsoft"),
        (without("order_completed", "o1"), "SO-1 is not completed at Unleashed"),
        (without("shipment_changed", "s1"), "SO-1 left as T-o1, and Unleashed was not told"),
        (
            without("shipment_dispatched", "s9", "outlet"),
            "SS-9 left as T-s9, and Unleashed was not told",
        ),
        (
            without("order_completed", "o9", "outlet"),
            "SO-9 is not completed at Unleashed",
        ),
        (no_asn("PO-1"), "PO-1 was not announced to Mintsoft"),
        (
            without("purchase_receipted", "p1"),
            "PO-1 is booked in, and Unleashed was not told",
        ),
        (no_order("transfer1"), "the goods of TX-1 were not picked in Mintsoft"),
        (no_asn("ASM-1"), "ASM-1 was not announced to Mintsoft"),
        (
            without("assembly_completed", "assembly1"),
            "ASM-1 is booked in, and Unleashed was not told",
        ),
    ],
)
def test_what_ended_nowhere_is_lost(broken: Breaks, sentence: str) -> None:
    books = clean()
    broken(books)
    named = [one for one in judge_erp(books).lost if "nothing of it" not in one]

    assert named == [sentence]


@pytest.mark.parametrize("what", ["order_completed", "order_made"])
def test_an_order_of_the_web_shop_that_was_not_exported_is_lost(what: str) -> None:
    books = clean()
    without(what, "o7")(books)
    named = [one for one in judge_erp(books).lost if "nothing of it" not in one]

    assert "1 orders of the web shop left, and 0 are completed at Unleashed" in named


def test_a_return_without_a_credit_note_is_lost() -> None:
    books = replace(clean(), credits={"c1": "of another return"})

    assert judge_erp(books).lost == ["return r-1 was processed, and Unleashed has no credit note"]


def test_a_return_of_an_order_that_unleashed_never_had_is_a_persons() -> None:
    books = clean()
    flow = "unleashed.credit_notes"
    books.parked.append(parked(f"{flow}/elsewhere/1", flow, NO_ORDER))  # type: ignore[attr-defined]
    assert judge_erp(books).sentences == ()
    books.parked.append(parked(f"{flow}/r-1/1", flow, NO_ORDER))  # type: ignore[attr-defined]
    books.parked.append(parked(f"{flow}/elsewhere/2", flow))  # type: ignore[attr-defined]

    asked = f"a person of example is asked ({flow}): a reason"
    assert judge_erp(books).unexpected == [asked, asked]


def test_a_deleted_order_that_nobody_is_asked_about_is_lost() -> None:
    books = replace(clean(), parked=[])

    assert judge_erp(books).lost == [
        "SO-2 was deleted after its import, and nobody is asked about it"
    ]


def test_a_deleted_order_that_never_reached_mintsoft_is_nobodys() -> None:
    books = replace(clean(), parked=[])
    no_order("o2")(books)

    assert judge_erp(books).sentences == ()


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (
            put(lambda b: b.mintsoft["orders"][0]["items"][0], "quantity", 3),
            "SO-1 has {'TEE': 3} in Mintsoft, and {'TEE': 2} in Unleashed",
        ),
        (
            put(lambda b: b.mintsoft["asns"][0]["items"][0], "allocations", [{"quantity": 1}]),
            "PO-1: {'TEE': 1} booked in, and {'TEE': 2} receipted",
        ),
        (
            put(lambda b: b.mintsoft["stock"][0], "units", 9),
            "TEE in MAIN of example: 8 in Mintsoft, 5 in Unleashed",
        ),
        (
            put(lambda b: b.companies["outlet"]["stock"], "LEEDS", {}),
            "COAT in LEEDS of outlet: 7 in Mintsoft, 0 in Unleashed",
        ),
        (
            put(lambda b: b.companies["outlet"]["refusals"], "PUT SalesOrders: no", 2),
            "Unleashed refused something of outlet, 2 times: PUT SalesOrders: no",
        ),
        (
            put(lambda b: b.companies["example"]["unknown_keys"], "Speling", 1),
            "Unleashed refused something of example, 1 times: Speling",
        ),
        (
            put(
                lambda b: b.companies["example"]["webhooks"],
                "deliveries",
                [{"event_id": "e9", "state": "dropped"}],
            ),
            "the webhook e9 of example was never taken",
        ),
        (
            lambda b: b.mintsoft["orders"].append(order_of("o6")),
            "order N-o6 in Mintsoft is of no record of Unleashed's",
        ),
        (
            lambda b: b.parked.append(parked("record/unleashed.orders/o1")),
            "a person of example is asked (unleashed.orders): a reason",
        ),
    ],
)
def test_what_ended_otherwise_is_told(broken: Breaks, sentence: str) -> None:
    books = clean()
    broken(books)

    assert judge_erp(books).unexpected == [sentence]


def test_an_edit_counts_as_it_stands_at_the_end() -> None:
    books = clean()
    changed = entry("order_changed", "o1", order="SO-1", lines={"TEE": "3"}, source_id=None)
    journal(books).append(changed)

    assert judge_erp(books).unexpected == [
        "SO-1 has {'TEE': 2} in Mintsoft, and {'TEE': 3} in Unleashed"
    ]


def test_stock_that_is_left_out_and_goods_elsewhere_do_not_count() -> None:
    books = clean()
    books.mintsoft["stock"][0]["units"] = 99
    books = replace(books, counted={"example": frozenset(), "outlet": frozenset({"COAT"})})

    assert judge_erp(books).sentences == ()
