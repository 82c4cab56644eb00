"""Each rule over the books of Unleashed and the warehouse, seen to hold and seen to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation import erp_rules, erp_stock_rules
from tests.simulation.erp_books import Booked, Books, Document, Made, Movement

SALE = Document("sale:s1", "SO-1", {"TEE": 2}, wants_order=True)
PURCHASE = Document("purchase:p1", "PO-1", {"TEE": 5}, wants_asn=True)
TRANSFER = Document("transfer:t1", "TX-1", {"TEE": 3}, wants_order=True, wants_asn=True)
ORDER = Made(501, "sale:s1", "MAIN", {"TEE": 2}, done={"TEE": 2}, is_over=True)
ASN = Made(301, "purchase:p1", "MAIN", {"TEE": 5}, done={"TEE": 5}, bookings=1, is_over=True)
MOVED_IN = Made(302, "transfer:t1", "3PL", {"TEE": 3}, done={"TEE": 3}, bookings=1, is_over=True)
MOVED_OUT = Made(502, "transfer:t1", "MAIN", {"TEE": 3}, done={"TEE": 3}, is_over=True)


def moved(
    at: float, side: str, units: int, what: str = "moved", doc: str = "", **more: Any
) -> Movement:
    return Movement(at, side, "MAIN", "TEE", units, what, doc, **more)


def adjusted(at: float, units: int) -> Movement:
    return moved(at, "unleashed", units, "stock_adjusted", by_hub=True)


HAPPENED = (
    moved(0, "unleashed", 10, "opening"),
    moved(0, "warehouse", 10, "counted"),
    moved(100, "warehouse", -2, doc="sale:s1"),
    moved(200, "unleashed", -2, "shipment_dispatched", "sale:s1", by_hub=True),
    moved(300, "warehouse", 5, doc="purchase:p1"),
    moved(400, "unleashed", 5, "purchase_receipted", "purchase:p1", by_hub=True),
    moved(500, "warehouse", -4, "counted"),
    adjusted(600, -4),
)
WELL = Books(
    movements=HAPPENED,
    documents={one.name: one for one in (SALE, PURCHASE, TRANSFER)},
    orders=(ORDER, MOVED_OUT),
    asns=(ASN, MOVED_IN),
    booked=(
        Booked(200, "dispatched", "sale:s1", "ss1", by_hub=True),
        Booked(200, "completed", "sale:s1", "s1", by_hub=True),
        Booked(400, "receipted", "purchase:p1", "p1", by_hub=True),
        Booked(700, "completed", "transfer:t1", "t1", by_hub=True),
    ),
    open_places=frozenset({("MAIN", "TEE")}),
    adjusts=True,
)


def told(books: Books) -> list[str]:
    """Every sentence of every rule."""
    return [
        *erp_rules.done_twice(books),
        *erp_rules.broken(books),
        *erp_rules.lost(books),
        *erp_stock_rules.twice(books),
        *erp_stock_rules.broken(books),
    ]


def of(books: Books, *documents: Document) -> dict[str, Document]:
    """The books' documents with these in place of theirs."""
    return {**books.documents, **{one.name: one for one in documents}}


def test_books_that_agree_break_no_rule() -> None:
    assert told(WELL) == []


SHORT = replace(ASN, done={"TEE": 4})
RECEIPTED = Booked(450, "receipted", "purchase:p1", "p1", by_hub=True)
BROKEN: dict[str, tuple[Books, str]] = {
    "two orders for one sale": (
        replace(WELL, orders=(*WELL.orders, replace(ORDER, number=503))),
        "sale SO-1 has 2 orders in the warehouse",
    ),
    "two ASNs for one purchase": (
        replace(WELL, asns=(*WELL.asns, replace(ASN, number=303))),
        "purchase PO-1 has 2 ASNs in the warehouse",
    ),
    "a booking receipted twice": (
        replace(WELL, booked=(*WELL.booked, RECEIPTED)),
        "purchase PO-1 was receipted 2 times for 1 bookings",
    ),
    "two bookings of an ASN that is told when it is over": (
        replace(
            WELL,
            asns=(replace(ASN, bookings=2), MOVED_IN),
            booked=(*WELL.booked, RECEIPTED),
        ),
        "purchase PO-1 was receipted 2 times for 1 bookings",
    ),
    "an order completed twice": (
        replace(WELL, booked=(*WELL.booked, WELL.booked[1])),
        "s1 was completed 2 times in Unleashed",
    ),
    "two credit notes for one batch": (
        replace(WELL, credits={"return 7, batch 1": 2}),
        "return 7, batch 1 has 2 credit notes",
    ),
    "other units in the warehouse": (
        replace(WELL, documents=of(WELL, replace(SALE, units={"TEE": 3}))),
        "sale SO-1 says 3 TEE, and order 501 holds 2 TEE",
    ),
    "an order for nothing": (
        replace(WELL, orders=(*WELL.orders, replace(ORDER, number=504, doc="sale:none"))),
        "order 504 of the warehouse is for sale:none, which is not there",
    ),
    "more receipted than came": (
        replace(WELL, asns=(SHORT, MOVED_IN)),
        "5 TEE of purchase PO-1 were receipted, and 4 were booked in",
    ),
    "a booking that is not receipted": (
        replace(WELL, movements=(*HAPPENED[:5], *HAPPENED[6:])),
        "5 TEE of purchase PO-1 were booked in, nothing receipted, and nothing tells why",
    ),
    "more dispatched than left": (
        replace(WELL, orders=(replace(ORDER, done={"TEE": 1}), MOVED_OUT)),
        "2 TEE of sale SO-1 left Unleashed by the hub's word, and 1 left the warehouse",
    ),
    "a despatch that is not told": (
        replace(WELL, movements=(*HAPPENED[:3], *HAPPENED[4:])),
        "2 TEE of sale SO-1 left the warehouse, nothing left Unleashed, and nothing tells why",
    ),
    "a transfer completed before it came": (
        replace(WELL, asns=(ASN, replace(MOVED_IN, done={"TEE": 2}))),
        "transfer TX-1 was completed, and 2 TEE was booked in",
    ),
    "an echo": (
        replace(WELL, echoes=("sales order SO-2 came back as an order",)),
        "sales order SO-2 came back as an order",
    ),
    "a write though nothing happened": (
        replace(WELL, late_writes=("PUT /SalesOrders/s1 at 9000 s",)),
        "though nothing happened any more, the hub wrote PUT /SalesOrders/s1 at 9000 s",
    ),
    "a sale that nobody knows of": (
        replace(WELL, orders=(MOVED_OUT,)),
        "sale SO-1 has no order in the warehouse, and nothing tells why",
    ),
    "a purchase that nobody knows of": (
        replace(WELL, asns=(MOVED_IN,)),
        "purchase PO-1 has no ASN in the warehouse, and nothing tells why",
    ),
    "a difference adjusted twice": (
        replace(WELL, movements=(*HAPPENED, adjusted(700, -4))),
        "at 700 s -4 TEE were adjusted in MAIN, and the difference was +0",
    ),
    "away from the count": (
        replace(WELL, movements=(*HAPPENED[:-1], adjusted(600, 4))),
        "at 600 s +4 TEE were adjusted in MAIN, and the difference was -4 or +0",
    ),
    "beyond the count": (
        replace(WELL, movements=(*HAPPENED[:-1], adjusted(600, -5))),
        "at 600 s -5 TEE were adjusted in MAIN, and the difference was -4 or +0",
    ),
    "goods on their way adjusted as well": (
        replace(WELL, movements=(*HAPPENED[:3], adjusted(150, -2), *HAPPENED[3:])),
        "at 150 s -2 TEE were adjusted in MAIN, and the difference was +0",
    ),
    "a swing": (
        replace(WELL, movements=(*HAPPENED, adjusted(2000, -1), adjusted(2100, 1))),
        "TEE in MAIN swings: -1 at 2000 s, +1 at 2100 s, and nothing happened between",
    ),
    "apart in the end": (
        replace(WELL, movements=HAPPENED[:-1]),
        "TEE in MAIN is -4 away from the count",
    ),
}


@pytest.mark.parametrize(("books", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_says_what_broke(books: Books, sentence: str) -> None:
    assert sentence in told(books)


WORD = frozenset({"parked"})
ALLOWED: dict[str, Books] = {
    "a person was asked about the units": replace(
        WELL, documents=of(WELL, replace(SALE, units={"TEE": 3}, told=WORD))
    ),
    "a person was asked about the despatch": replace(
        WELL,
        documents=of(WELL, replace(SALE, told_back=WORD)),
        movements=(*HAPPENED[:3], *HAPPENED[4:]),
    ),
    "each booking is receipted by itself": replace(
        WELL,
        asns=(replace(ASN, bookings=2), MOVED_IN),
        booked=(*WELL.booked, RECEIPTED),
        parts=True,
    ),
    "a sale that was taken back": replace(
        WELL, orders=(MOVED_OUT,), documents=of(WELL, replace(SALE, is_gone=True))
    ),
    "what a person took off the list may be adjusted": replace(
        WELL,
        documents=of(WELL, replace(SALE, told_back=WORD, let_go=True)),
        movements=(*HAPPENED[:3], *HAPPENED[4:], adjusted(700, -2)),
    ),
    "or left": replace(
        WELL,
        documents=of(WELL, replace(SALE, told_back=WORD, let_go=True)),
        movements=(*HAPPENED[:3], *HAPPENED[4:]),
    ),
    "an adjustment in two parts": replace(
        WELL, movements=(*HAPPENED[:-1], adjusted(600, -1), adjusted(700, -3))
    ),
    "an adjustment of what was counted some minutes ago": replace(
        WELL,
        movements=(
            *HAPPENED[:-1],
            moved(590, "warehouse", 1, "counted"),
            adjusted(600, -4),
            adjusted(900, 1),
        ),
    ),
    "a count after an adjustment brings it back": replace(
        WELL,
        movements=(*HAPPENED, moved(2000, "warehouse", 4, "counted"), adjusted(2100, 4)),
    ),
    "a person's act brings it back": replace(
        WELL,
        documents=of(WELL, replace(SALE, told_back=WORD, let_go=True)),
        movements=(*HAPPENED[:3], *HAPPENED[4:], adjusted(1700, -2), adjusted(2600, 2)),
        acts=(2000.0,),
    ),
    "stock that a person was asked about": replace(WELL, movements=HAPPENED[:-1], is_stopped=True),
    "stock that nobody adjusts": replace(WELL, movements=HAPPENED[:-1], adjusts=False),
}


@pytest.mark.parametrize("books", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_may_be_breaks_no_rule(books: Books) -> None:
    assert told(books) == []
