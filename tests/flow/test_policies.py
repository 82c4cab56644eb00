"""The decision table at work: what the warehouse confirms becomes what the portal does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.bodies import whole_totals
from returns_hub.domain.decisions import decide
from returns_hub.domain.facts import Event, OperatorActed, ReceiptTaken, WouldSend
from returns_hub.domain.policy import Policy
from returns_hub.domain.returns import PortalAbilities
from returns_hub.flows.process_receipts import process_receipts_of
from returns_hub.flows.watch_returns import watch_returns
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment

GOOD, FAULTY, DISCARD = 1, 2, 3
MONEY = {"amount": {"amount": "30.00", "currency": "GBP"}}


def announced(
    *items: dict[str, Any], policy: dict[str, Any] | None = None, **changes: Any
) -> Bench:
    bench = Bench()
    bench.mintsoft.seed({"reasons": {"3": {"name": "Discard", "stock_action": "Scrap"}}})
    bench.file["flows"]["process_receipts"]["policy"] = policy or {}
    bench.put(redo_return(list(items) or [item(1, "TEE")], **changes))
    assert bench.approve() == "announced"
    return bench


def came(bench: Bench, *rows: tuple[Any, ...], number: int = 41) -> None:
    """Rows (SKU, quantity, reason id, remark)."""
    names = ("sku", "quantity", "reason_id", "remark")
    bench.clock.advance(minutes=1)
    bench.mintsoft.receive(number, [dict(zip(names, row, strict=False)) for row in rows])


def books(bench: Bench, name: str) -> dict[str, Any]:
    bench.clock.advance(seconds=5)
    found = bench.redo.all_books()[name]
    return {key.split("/")[1]: value for key, value in found.items()}


def test_R15_the_stock_action_decides_what_goes_back_on_sale() -> None:
    lines = {"damaged": "process_no_restock", "scrapped": "reject"}
    bench = announced(item(1, "TEE"), item(2, "MUG"), item(3, "CAP"), policy={"lines": lines})
    came(bench, ("TEE", 1, GOOD), ("MUG", 1, FAULTY), ("CAP", 1, DISCARD))

    assert bench.poll() == {"processed": 1}

    assert books(bench, "restocked") == {"item1": True, "item2": False}
    assert books(bench, "rejected") == {"item3": 1}
    note = bench.comments()[-1]
    assert "MUG: expected 1, received 1 (1 quarantine): processed, not restocked" in note
    assert "CAP: expected 1, received 1 (1 scrap): rejected" in note


def test_R15_by_default_the_condition_changes_nothing_and_is_told() -> None:
    bench = announced(item(1, "TEE"))
    came(bench, ("TEE", 1, FAULTY))

    bench.poll()

    assert books(bench, "restocked") == {"item1": True}
    assert "(1 quarantine): processed whole" in bench.comments()[-1]


def test_R14_the_share_that_arrived_is_paid() -> None:
    bench = announced(
        item(1, "TEE", 3, refund=MONEY),
        policy={"preset": "pay-what-arrived"},
        totals=whole_totals(refund="30.00"),
    )
    bench.file["redo"]["adjustment_counts"] = "line"
    came(bench, ("TEE", 2))

    assert bench.poll() == {"processed": 1}

    assert books(bench, "adjusted") == {"item1": 20.0}
    assert "expected 3, received 2: the received share is paid" in bench.comments()[-1]


def test_R14_no_share_is_paid_when_the_lines_currency_is_not_the_returns() -> None:
    euros = {"amount": {"amount": "30.00", "currency": "EUR"}}
    bench = announced(
        item(1, "TEE", 3, refund=euros),
        policy={"preset": "pay-what-arrived"},
        totals=whole_totals(refund="30.00"),
    )
    bench.file["redo"]["adjustment_counts"] = "line"
    came(bench, ("TEE", 2))

    assert bench.poll() == {"flagged": 1}
    assert not bench.submissions()


def test_R14_no_share_is_paid_while_nobody_proved_what_an_amount_counts_for() -> None:
    bench = announced(item(1, "TEE", 3, refund=MONEY), policy={"preset": "pay-what-arrived"})
    came(bench, ("TEE", 2))

    assert bench.poll() == {"flagged": 1}
    assert not bench.submissions()


def test_limits_count_what_the_customer_gets_in_all() -> None:
    totals = whole_totals(refund="30.00", storeCredit="30.00", exchange="30.00")
    limits = {"most_money": 80, "currency": "GBP"}
    bench = announced(policy={"limits": limits}, totals=totals)
    bench.receive(41)

    assert bench.poll() == {"parked": 1}

    (parked,) = bench.parking.list_parked("example")
    assert parked.code == "decision.ask"
    assert "90.00 GBP is more than the 80" in parked.reason


def answer(bench: Bench, **answers: str) -> None:
    state = bench.state()
    (parked,) = bench.parking.list_parked("example")
    fact = OperatorActed(act="answered", subject=parked.parked_id, answers=answers)
    event = Event(
        sequence=state.version + 1,
        at=bench.clock.now(),
        actor="pat",
        rule="by hand",
        config_version=0,
        fact=fact,
    )
    bench.returns.append(state, [event])
    bench.parking.close(parked, "replayed", "pat")


def test_a_question_waits_for_its_answer_and_the_answer_is_carried_out_once() -> None:
    bench = announced(item(1, "TEE", 3), item(2, "MUG"), policy={"preset": "ask"})
    came(bench, ("TEE", 2), ("MUG", 1))
    assert bench.poll() == {"parked": 1}
    assert bench.poll() == {}
    assert len(bench.state().parked_ids) == 1
    assert not bench.submissions()

    answer(bench, item1="process_no_restock")
    assert process_receipts_of(bench.world(), RETURN_ID) == {"processed": 1}
    assert bench.poll() == {}

    assert bench.submissions() == {"item1": 1, "item2": 1}
    assert books(bench, "restocked") == {"item1": False, "item2": True}
    taken = bench.facts(ReceiptTaken)[-1]
    assert taken.case is not None
    assert taken.case.answers == {"item1": "process_no_restock"}


def test_an_answered_receipt_is_found_by_the_schedule_too() -> None:
    bench = announced(item(1, "TEE", 3), policy={"preset": "ask"})
    came(bench, ("TEE", 2))
    bench.poll()

    answer(bench, item1="reject")

    assert bench.poll() == {"processed": 1}
    assert books(bench, "rejected") == {"item1": 1}


def test_an_answer_after_part_of_the_return_was_processed_is_carried_out() -> None:
    bench = announced(
        item(1, "TEE"),
        item(2, "MUG", 2),
        policy={"lines": {"short": "hold"}, "hold_hours": 1, "after_hold": "ask"},
    )
    came(bench, ("TEE", 1), ("MUG", 1))
    assert bench.poll() == {"processed_in_part": 1}
    bench.clock.advance(hours=2)
    assert bench.poll() == {"parked": 1}

    answer(bench, item2="process")

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_a_hold_ends_without_the_warehouse_saying_anything_more() -> None:
    bench = announced(item(1, "TEE", 3), policy={"lines": {"short": "hold"}, "hold_hours": 24})
    came(bench, ("TEE", 2))
    assert bench.poll() == {"held": 1}
    bench.clock.advance(hours=23)
    assert bench.poll() == {}

    bench.clock.advance(hours=2)

    assert bench.poll() == {"flagged": 1}
    assert bench.poll() == {}
    assert bench.redo.returns[RETURN_ID]["status"] == "flagged"


def test_the_watch_comes_when_a_hold_ends() -> None:
    bench = announced(item(1, "TEE", 3), policy={"lines": {"short": "hold"}, "hold_hours": 24})
    came(bench, ("TEE", 2))
    bench.poll()
    assert watch_returns(bench.world()) == {}

    bench.clock.advance(hours=24)

    assert watch_returns(bench.world()) == {"hold.looked_at": 1}
    assert bench.redo.returns[RETURN_ID]["status"] == "flagged"
    assert bench.state().due_of("hold", "41") is None


def test_a_hold_that_more_goods_ended_is_not_looked_at_twice() -> None:
    bench = announced(item(1, "TEE", 3), policy={"lines": {"short": "hold"}, "hold_hours": 24})
    came(bench, ("TEE", 2))
    bench.poll()
    bench.clock.advance(hours=23)
    came(bench, ("TEE", 3))
    assert bench.poll() == {"processed": 1}
    assert bench.state().due_of("hold", "41") is None
    bench.clock.advance(hours=2)

    assert "hold.looked_at" not in watch_returns(bench.world())
    assert bench.submissions() == {"item1": 1}


def test_R17_the_hub_waits_before_it_acts() -> None:
    bench = announced(policy={"wait_seconds": 600})
    bench.receive(41)

    assert bench.poll() == {"held": 1}
    assert not bench.submissions()
    bench.clock.advance(minutes=11)
    assert bench.poll() == {"processed": 1}
    assert bench.poll() == {}


def test_nothing_is_processed_before_all_shipments_are_confirmed() -> None:
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(
        *items,
        policy={"complete_when": "all_shipments"},
        shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])],
    )
    bench.receive(41)
    assert bench.poll() == {"waiting": 1}
    assert not bench.submissions()

    bench.receive(42)

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_an_alias_of_the_warehouse_is_the_shops_SKU() -> None:
    bench = announced(policy={"matching": {"aliases": {"CAP": "TEE"}}})
    came(bench, ("CAP", 1))

    assert bench.poll() == {"processed": 1}


@pytest.mark.parametrize(
    ("of_line", "of_product", "ending"),
    [
        ("5000000000012", "5000000000012", "processed"),
        ("5000000000012", "5000000000029", "flagged"),
        ("5000000000012", "500000000001", "flagged"),
        ("1234567", "1234567", "flagged"),
        ("12345678", "12345678", "processed"),
    ],
)
def test_a_barcode_identifies_goods_only_whole_and_long_enough(
    of_line: str, of_product: str, ending: str
) -> None:
    bench = announced(item(1, "TEE", upc=of_line), policy={"matching": {"barcodes": True}})
    bench.mintsoft.seed(
        {"products": {"905": {"sku": "W-9", "name": "Tee", "client_id": 12, "ean": of_product}}}
    )
    came(bench, ("W-9", 1))

    assert bench.poll() == {ending: 1}


def test_a_barcode_that_fits_two_products_of_the_return_identifies_none() -> None:
    same: dict[str, Any] = {"upc": "5000000000012"}
    bench = announced(
        item(1, "TEE", **same), item(2, "MUG", **same), policy={"matching": {"barcodes": True}}
    )
    bench.mintsoft.seed(
        {"products": {"905": {"sku": "W-9", "client_id": 12, "name": "W", "upc": same["upc"]}}}
    )
    came(bench, ("W-9", 1))

    assert bench.poll() == {"flagged": 1}


def test_what_a_barcode_told_is_remembered_for_later_receipts() -> None:
    items = [
        item(1, "TEE", 2, upc="5000000000012", shipmentGroupIds=["a"]),
        item(2, "MUG", shipmentGroupIds=["b"]),
    ]
    bench = announced(
        *items,
        policy={"matching": {"barcodes": True}, "complete_when": "all_shipments"},
        shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])],
    )
    bench.mintsoft.seed(
        {"products": {"905": {"sku": "W-9", "client_id": 12, "name": "W", "ean": "5000000000012"}}}
    )
    came(bench, ("W-9", 2))
    bench.poll()
    bench.receive(42)

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_parts_that_arrive_make_up_their_bundle() -> None:
    bundles = {"TEE": {"MUG": 2, "CAP": 1}}
    bench = announced(policy={"matching": {"bundles": bundles}})
    came(bench, ("MUG", 2), ("CAP", 1))

    assert bench.poll() == {"processed": 1}


def test_R20_what_the_warehouse_wrote_is_carried_to_the_portal_and_not_kept() -> None:
    bench = announced()
    came(bench, ("TEE", 1, GOOD, "small stain on the sleeve"))

    assert bench.poll() == {"processed": 1}

    note = bench.comments()[-1]
    assert "The warehouse wrote: TEE: small stain on the sleeve." in note
    assert "Redo return" not in note
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert "stain" not in "".join(event.model_dump_json() for event in timeline)


def test_the_differences_are_told_once_whatever_happens_between() -> None:
    bench = announced(item(1, "TEE", 3), policy={"lines": {"short": "process"}})
    came(bench, ("TEE", 2))
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="comments", method="POST"))
    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=10)

    assert bench.poll() == {"processed": 1}

    assert sum("processed whole" in comment for comment in bench.comments()) == 1
    assert bench.submissions() == {"item1": 1}


def test_every_decision_names_its_policy_and_can_be_made_again() -> None:
    bench = announced(item(1, "TEE", 3))
    came(bench, ("TEE", 2))
    bench.poll()

    (taken,) = bench.facts(ReceiptTaken)

    assert taken.policy == Policy().version
    assert taken.case is not None
    again = decide(taken.case, Policy(), PortalAbilities())
    assert (again.action.value, again.findings) == (taken.decision, taken.findings)
    assert decide(taken.case, Policy(preset="ask"), PortalAbilities()).action.value == "ask"


def test_in_shadow_the_table_is_tried_without_writing() -> None:
    bench = announced(
        item(1, "TEE", 3, refund=MONEY), item(2, "MUG"), policy={"lines": {"damaged": "reject"}}
    )
    bench.file["flows"]["process_receipts"]["mode"] = "shadow"
    came(bench, ("TEE", 3), ("MUG", 1, FAULTY))

    assert bench.poll() == {"shadow": 1}

    assert bench.facts(WouldSend)[-1].summary == "TEE (restock), MUG (reject)"
    assert not bench.submissions()


def test_what_a_line_is_worth_is_read_from_the_portal() -> None:
    bench = announced(item(1, "TEE", refund=MONEY), totals=whole_totals(refund="30.00"))

    found = bench.world().portal.read_return(RETURN_ID)

    assert found.lines[0].value == Decimal("30.00")
    assert (found.value_total, found.currency) == (Decimal("30.00"), "GBP")


@pytest.mark.parametrize(
    ("other", "worth"),
    [
        ({"amount": "0.00", "currency": "GBP"}, (Decimal("30.00"), "GBP")),
        ({"amount": "0"}, (Decimal("30.00"), "GBP")),
        ({"amount": "0.00", "currency": "EUR"}, (Decimal("30.00"), "GBP")),
        ({"amount": "1.00"}, (None, None)),
        ({"amount": "1.00", "currency": "EUR"}, (None, None)),
        ({"amount": "free", "currency": "GBP"}, (None, None)),
        ({"amount": "NaN", "currency": "GBP"}, (None, None)),
        ({"amount": "Infinity", "currency": "GBP"}, (None, None)),
        ({"currency": "GBP"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_what_a_return_is_worth_is_not_told_unless_every_part_of_it_is(
    other: dict[str, str], worth: tuple[Decimal | None, str | None]
) -> None:
    totals = whole_totals(refund="30.00") | {"storeCredit": {"amount": other}}
    bench = announced(item(1, "TEE"), totals=totals)

    found = bench.world().portal.read_return(RETURN_ID)

    assert (found.value_total, found.currency) == worth
    assert found.refund_total == Decimal("30.00")
