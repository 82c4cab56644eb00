"""Unleashed as the store of record of the marketplace's refunds, over its simulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.ports.refunds import CreditNoteDraft, CreditNoteLine
from tests.support.fakes import START
from tests.support.order_worlds import LATER, draft
from tests.support.store_worlds import StoreBench

REFUND = "miinto-045-1234-30001-r0123456789ab"


def note(*lines: tuple[str, int, int], order: str = "MI-1", **changes: Any) -> CreditNoteDraft:
    rows = tuple(CreditNoteLine(*line) for line in lines or (("TEE", 1, 18990),))
    made = CreditNoteDraft(REFUND, order, "DKK", rows, "Return accepted", START)
    return replace(made, **changes)


@pytest.fixture
def it() -> StoreBench:
    bench = StoreBench()
    bench.sales_orders().create_sales_order(draft("MI-1", ("TEE", 3)), LATER)
    return bench


def notes(it: StoreBench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = it.desk_there.records("CreditNotes")
    return found


def test_what_was_paid_is_credited_to_the_orders_customer_with_the_tax_in_it(
    it: StoreBench,
) -> None:
    made = it.credit_notes().create_credit_note(note(("TEE", 3, 10000)), LATER)
    (found,) = notes(it)
    assert found["Guid"] == made
    assert found["Customer"]["CustomerCode"] == "WEBSHOP-DK"
    assert float(found["SubTotal"]) == pytest.approx(83.33, abs=0.001)
    assert float(found["Total"]) == pytest.approx(100.0, abs=0.011)
    assert not any(line["Return"] for line in found["CreditLines"])
    assert "Patricia" not in found["Comments"]


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER])
def test_after_a_lost_answer_the_marker_tells(it: StoreBench, kind: FaultKind) -> None:
    credits_ = it.credit_notes()
    it.unleashed.faults.add(Fault(kind, path="/FreeCredit"))
    with pytest.raises(UnknownOutcome):
        credits_.create_credit_note(note(), LATER)
    (made,) = notes(it)
    assert credits_.find_credit_note(REFUND, START) == Found(made["Guid"])


def test_a_note_whose_marker_is_gone_is_no_answer(it: StoreBench) -> None:
    credits_ = it.credit_notes()
    credits_.create_credit_note(note(), LATER)
    for row in it.desk_there.company.all("CreditNotes").values():
        row["Comments"] = None
    assert isinstance(credits_.find_credit_note(REFUND, START), Inconclusive)


def test_what_people_made_by_hand_does_not_count_as_ours(it: StoreBench) -> None:
    credits_ = it.credit_notes()
    credits_.create_credit_note(note(), LATER)
    for row in it.desk_there.company.all("CreditNotes").values():
        row |= {"Comments": "sorry", "CreatedBy": "clerk@example.test"}
    assert credits_.find_credit_note(REFUND, START) == NotFound()


def test_one_that_was_deleted_was_made_all_the_same(it: StoreBench) -> None:
    credits_ = it.credit_notes()
    made = credits_.create_credit_note(note(), LATER)
    it.account.delete(f"/CreditNotes/{made}")
    assert credits_.find_credit_note(REFUND, START) == Found(made)


def test_only_what_changed_since_the_first_try_is_read(it: StoreBench) -> None:
    credits_ = it.credit_notes()
    credits_.create_credit_note(note(), LATER)
    assert credits_.find_credit_note(REFUND, START + timedelta(days=2)) == NotFound()


def test_an_order_that_was_exported_is_found_by_its_number(it: StoreBench) -> None:
    for row in it.desk_there.company.all("SalesOrders").values():
        row["SourceId"] = "returns-hub:WEB-7"
    assert it.credit_notes().create_credit_note(note(order="WEB-7"), LATER)


@pytest.mark.parametrize(
    ("draft_", "said"),
    [
        (note(order="MI-404"), "no sales order of order MI-404"),
        (note(currency="SEK"), "is in DKK"),
        (note(("NO-SUCH", 1, 100)), "NO-SUCH"),
    ],
)
def test_what_cannot_be_credited_is_refused_by_name(
    it: StoreBench, draft_: CreditNoteDraft, said: str
) -> None:
    with pytest.raises(Permanent, match=said):
        it.credit_notes().create_credit_note(draft_, LATER)
    assert notes(it) == []


def taxed(it: StoreBench, order: Decimal | str | None, tax: Decimal | str | None) -> None:
    """Rates that orders, and their tax, show; a text is none that can be read."""
    for row in it.desk_there.company.all("SalesOrders").values():
        row["TaxRate"] = order
    for row in it.desk_there.company.all("Taxes").values():
        row["TaxRate"] = tax


@pytest.mark.parametrize(
    ("order", "tax", "net"),
    [
        (Decimal("0.2"), None, "83.33"),
        (None, Decimal("0.25"), "80.00"),
    ],
)
def test_the_tax_in_a_refund_is_the_orders(
    it: StoreBench, order: Decimal | None, tax: Decimal | None, net: str
) -> None:
    taxed(it, order, tax)
    it.credit_notes().create_credit_note(note(("TEE", 1, 10000)), LATER)
    (found,) = notes(it)
    assert Decimal(str(found["CreditLines"][0]["CreditPrice"])) == Decimal(net)


def test_an_order_without_a_tax_has_none_in_its_refund(it: StoreBench) -> None:
    for row in it.desk_there.company.all("SalesOrders").values():
        row |= {"TaxRate": None, "Tax": None}
    it.credit_notes().create_credit_note(note(("TEE", 1, 10000)), LATER)
    (found,) = notes(it)
    assert found["CreditLines"][0]["CreditPrice"] == 100


@pytest.mark.parametrize(
    ("order", "tax"), [("as agreed", Decimal("0.2")), (None, None), (None, "as agreed")]
)
def test_a_refund_of_which_the_tax_is_not_known_is_a_persons(
    it: StoreBench, order: str | None, tax: Decimal | str | None
) -> None:
    taxed(it, order, tax)
    with pytest.raises(Permanent, match="MI-1"):
        it.credit_notes().create_credit_note(note(), LATER)
    assert notes(it) == []
