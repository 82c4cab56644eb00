"""What every store of record's credit notes have to do; the fake first, adapters as they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.ports.refunds import CreditNoteDraft, CreditNoteLine, CreditNotes
from tests.support.fakes import START
from tests.support.order_worlds import draft as order
from tests.support.refund_worlds import FakeCreditNotes
from tests.support.store_worlds import StoreBench

LATER = START + timedelta(minutes=1)
Make = Callable[[], CreditNotes]


def unleashed() -> CreditNotes:
    """Unleashed over its simulator, with the order that is refunded."""
    bench = StoreBench()
    bench.sales_orders().create_sales_order(order("MI-DK-555001"), LATER)
    return bench.credit_notes()


STORES: dict[str, Make] = {"fake": FakeCreditNotes, "unleashed": unleashed}


@pytest.fixture(params=STORES)
def notes(request: pytest.FixtureRequest) -> CreditNotes:
    return STORES[request.param]()


def draft(reference: str = "miinto-045-1234-30001-r0123456789ab") -> CreditNoteDraft:
    return CreditNoteDraft(
        reference=reference,
        order_number="MI-DK-555001",
        currency="DKK",
        lines=(CreditNoteLine(sku="TEE", quantity=1, amount_minor=49900),),
        reason="Return accepted",
        credited_at=START,
    )


def test_what_was_made_is_found_by_its_reference(notes: CreditNotes) -> None:
    assert notes.find_credit_note(draft().reference) == NotFound()
    number = notes.create_credit_note(draft(), LATER)
    assert number
    assert notes.find_credit_note(draft().reference) == Found(number)
    assert notes.find_credit_note("another") == NotFound()


def test_two_of_one_reference_are_no_answer(notes: CreditNotes) -> None:
    notes.create_credit_note(draft(), LATER)
    notes.create_credit_note(draft(), LATER)
    assert isinstance(notes.find_credit_note(draft().reference), Inconclusive)


def test_a_credit_note_of_nothing_is_refused(notes: CreditNotes) -> None:
    empty = CreditNoteDraft("r", "MI-1", "DKK", (), "Return accepted", START)
    with pytest.raises(Permanent):
        notes.create_credit_note(empty, LATER)
    assert notes.find_credit_note("r") == NotFound()


def test_one_whose_answer_was_lost_is_found() -> None:
    notes = FakeCreditNotes()
    notes.lose_answers = 1
    with pytest.raises(UnknownOutcome):
        notes.create_credit_note(draft(), LATER)
    assert isinstance(notes.find_credit_note(draft().reference), Found)
