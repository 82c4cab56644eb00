"""Credit notes that people make in Unleashed for orders of the marketplace become RMA requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.unleashed.hands_goods import Hands
from returns_hub.adapters.unleashed.store_of_record import UnleashedStoreCredits
from returns_hub.flows.miinto.store_refund_message import parse
from returns_hub.ports.refunds import CreditNoteDraft, CreditNoteLine
from tests.support.fakes import START
from tests.support.market_store_worlds import MarketStoreBench
from tests.support.order_worlds import LATER
from tests.support.order_worlds import draft as order

REFUNDS = {"mode": "live", "from_store": "automatic"}


def bench(**miinto: Any) -> MarketStoreBench:
    it = MarketStoreBench(**{"refunds": REFUNDS} | miinto)
    it.set("credit_notes")
    it.sales_orders().create_sales_order(order("MI-045-1234-1", ("TEE", 2)), LATER)
    return it


def credited(it: MarketStoreBench, **how: Any) -> dict[str, Any]:
    """Somebody credits a tee of the marketplace's order."""
    (sale,) = it.sold()
    hands = Hands(it.desk_there)
    content = {"reference": sale["OrderNumber"]} | how
    return hands.credit("WEBSHOP-DK", {"TEE": 1}, **content)


def test_a_completed_note_is_told_once_as_a_stores_refund() -> None:
    it = bench()
    made = credited(it)

    assert it.run("credit_notes") == {"told": 1}
    it.run("credit_notes")
    (text,) = it.store_refunds
    refund = parse(text)
    assert refund.refund_id == f"unleashed-{made['guid']}"
    assert json.loads(text)["order"] == {"number": "MI-045-1234-1"}
    assert (refund.units, refund.currency, refund.source) == ({"TEE": 1}, "DKK", "unleashed")


def test_one_of_an_invoice_is_known_by_it() -> None:
    it = bench()
    (sale,) = it.sold()
    Hands(it.desk_there).complete_order(sale["OrderNumber"])
    (invoice,) = it.desk_there.records("Invoices")
    made = credited(it, reference=None, free=False)
    note = it.desk_there.company.one("CreditNotes", made["guid"])
    note["InvoiceNumber"] = invoice["InvoiceNumber"]

    assert it.run("credit_notes") == {"told": 1}
    assert len(it.store_refunds) == 1


def test_a_draft_is_told_when_it_is_completed() -> None:
    it = bench()
    made = credited(it, complete=False)
    it.run("credit_notes")
    assert it.store_refunds == []
    it.account.post(f"/CreditNotes/{made['guid']}/Complete")
    assert it.run("credit_notes") == {"told": 1}


def test_the_hubs_own_notes_never_come_back() -> None:
    it = bench()
    credits_: UnleashedStoreCredits = it.credit_notes()
    line = CreditNoteLine("TEE", 1, 18990)
    draft = CreditNoteDraft("r-1", "MI-045-1234-1", "DKK", (line,), "Return", START)
    made = credits_.create_credit_note(draft, LATER)
    it.account.post(f"/CreditNotes/{made}/Complete")

    it.run("credit_notes")
    assert it.store_refunds == []
    assert it.parked() == []


@pytest.mark.parametrize("customer", ["BOUTIQUE", "WEBSHOP-DK"])
def test_a_note_of_no_order_is_left_unless_it_is_the_marketplaces_customers(customer: str) -> None:
    it = bench()
    Hands(it.desk_there).credit(customer, {"TEE": 1})

    it.run("credit_notes")
    assert it.store_refunds == []
    asked = ["unleashed.credit_of_nothing"] if customer == "WEBSHOP-DK" else []
    assert it.parked() == asked


def test_a_note_of_another_sellers_order_is_left() -> None:
    it = bench()
    made = Hands(it.desk_there).place_order("BOUTIQUE", {"TEE": 1})
    Hands(it.desk_there).credit("BOUTIQUE", {"TEE": 1}, reference=made["number"])
    assert it.run("credit_notes") == {"skipped": 1}
    assert it.store_refunds == []


def test_an_exported_order_of_the_marketplace_counts_as_well() -> None:
    it = bench()
    (sale,) = it.desk_there.company.all("SalesOrders").values()
    sale["SourceId"] = "returns-hub:MI-045-1234-1"
    credited(it)
    assert it.run("credit_notes") == {"told": 1}


def test_nothing_is_told_while_the_marketplace_takes_no_refunds_of_stores() -> None:
    it = bench(refunds={"mode": "off"})
    credited(it)
    it.run("credit_notes")
    assert it.store_refunds == []
