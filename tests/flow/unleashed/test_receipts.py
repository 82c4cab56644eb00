"""What the warehouse booked in is receipted, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.purchases import BLUE, RECEIPTS, TEE, PurchaseBench


def test_what_was_booked_in_is_receipted_once() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    before = bench.stock()
    bench.book_in(asn)

    assert bench.run("receipts") == {"receipted": 1}
    assert bench.order(guid)["OrderStatus"] == "Receipted"
    assert bench.booked(guid) == [5, 2]

    bench.settle()
    assert bench.stock() == before + 5
    assert bench.posts() == 1
    assert bench.parked() == []


def test_nothing_is_receipted_before_the_warehouse_has_finished() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    assert bench.run("receipts") == {}
    bench.book_in(asn, (TEE, 2), complete=False)

    assert bench.run("receipts") == {"part_booked": 1}
    assert bench.run("receipts") == {"part_booked": 1}
    assert bench.posts() == 0
    bench.book_in(asn)
    bench.run("receipts")

    assert bench.booked(guid) == [5]
    assert bench.posts() == 1


def test_a_short_delivery_is_receipted_as_it_came_and_told() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 3))

    assert bench.run("receipts") == {"receipted_short": 1}
    assert bench.booked(guid) == [3]
    bench.settle()
    assert bench.parked() == []
    assert bench.posts() == 1


def test_an_asn_that_ends_without_goods_is_nothing_to_receipt() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.set_asn_status(asn, 6)

    assert bench.run("receipts") == {"nothing_came": 1}
    assert (bench.booked(guid), bench.posts(), bench.parked()) == ([0], 0, [])


@pytest.mark.parametrize("closes", ["closes", "stays"])
def test_a_short_delivery_is_not_receipted_again_where_the_order_stays_open(closes: str) -> None:
    bench = PurchaseBench()
    bench.account.set(partial_receipt=closes)
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 3))
    bench.settle()

    assert bench.booked(guid) == [3]
    assert bench.posts() == 1
    assert bench.untold() == 0


def test_each_booking_is_receipted_for_itself() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    bench.book_in(asn, (TEE, 2), complete=False)
    assert bench.run("receipts") == {"receipted_so_far": 1}
    assert bench.booked(guid) == [2, 0]

    bench.book_in(asn, (TEE, 3), (BLUE, 1), complete=False)
    bench.run("receipts")
    assert bench.booked(guid) == [5, 1]
    bench.book_in(asn, (BLUE, 1))
    bench.run("receipts")

    assert bench.booked(guid) == [5, 2]
    assert bench.posts() == 3
    bench.settle()
    assert bench.order(guid)["OrderStatus"] == "Receipted"
    assert (bench.posts(), bench.parked()) == (3, [])


def test_a_second_booking_that_unleashed_takes_no_receipt_for_goes_to_a_person() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.run("receipts")
    bench.book_in(asn, (TEE, 3))
    bench.settle(2)

    assert bench.parked() == ["receipts.closed"]
    assert "TEE-RED-M 2 and 5" in bench.reasons()[0]
    assert bench.booked(guid) == [2]
    assert bench.untold() == 3
    bench.discard()
    bench.settle(2)
    assert bench.untold() == 0


def test_more_than_ordered_goes_to_a_person_and_nothing_is_sent() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    bench.book_in(asn, (TEE, 7), (BLUE, 2))
    bench.settle(2)

    assert bench.parked() == ["receipts.over"]
    assert "2 of TEE-RED-M" in bench.reasons()[0]
    assert bench.booked(guid) == [0, 0]
    assert not any(one.startswith("PUT") for one in bench.written_there())

    bench.order_more(guid, 7)
    bench.replay()
    bench.run("receipts")
    assert bench.booked(guid) == [7, 2]


def test_a_line_is_raised_and_then_receipted() -> None:
    bench = PurchaseBench({"over_receipt": "raise_line"})
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    bench.book_in(asn, (TEE, 7), (BLUE, 2))
    bench.run("receipts")

    line = bench.lines(guid)[0]
    assert (line["OrderQuantity"], line["LineTotal"], line["LineTax"]) == (
        Decimal(7),
        Decimal("52.50"),
        Decimal("10.50"),
    )
    assert bench.booked(guid) == [7, 2]
    bench.settle()
    assert bench.parked() == []
    assert bench.posts() == 1


def test_a_line_whose_money_was_set_by_hand_is_not_raised() -> None:
    bench = PurchaseBench({"over_receipt": "raise_line"})
    guid, asn = bench.announced()
    bench.edit_line(guid, LineTotal=Decimal("30.00"))
    bench.book_in(asn, (TEE, 7))
    bench.run("receipts")

    assert bench.parked() == ["purchase_orders.cannot_raise"]
    assert bench.lines(guid)[0]["OrderQuantity"] == 5
    assert bench.posts() == 0


def test_the_hubs_own_raise_is_no_edit_of_the_purchase_order() -> None:
    bench = PurchaseBench({"over_receipt": "raise_line", "part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    bench.book_in(asn, (TEE, 7), complete=False)
    bench.run("receipts")
    assert bench.lines(guid)[0]["OrderQuantity"] == 7
    assert bench.order(guid)["OrderStatus"] == "Placed"
    bench.settle(2)
    assert bench.parked() == []

    bench.order_more(guid, 9)
    bench.settle(1)
    assert bench.parked() == ["purchase_orders.changed"]


def test_units_of_a_sku_fill_its_lines_in_order_and_the_rest_goes_onto_the_last() -> None:
    bench = PurchaseBench({"over_receipt": "raise_line"})
    guid = bench.place({TEE: 5, BLUE: 4})
    second = bench.lines(guid)[1]
    second["Product"] = bench.lines(guid)[0]["Product"]
    bench.touch(guid)
    bench.run("purchase_orders")
    bench.book_in(bench.asn_of(guid), (TEE, 7))
    assert [row[1] for row in bench.made()[0]["units"]] == [5, 4]
    bench.run("receipts")
    assert bench.booked(guid) == [5, 2]

    more = bench.place({TEE: 5, BLUE: 4})
    bench.lines(more)[1]["Product"] = bench.lines(more)[0]["Product"]
    bench.touch(more)
    bench.run("purchase_orders")
    bench.book_in(bench.asn_of(more), (TEE, 12))
    bench.run("receipts")
    assert bench.booked(more) == [5, 7]


def test_goods_that_are_not_on_the_order_go_to_a_person() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 5), (BLUE, 1))
    bench.run("receipts")

    assert bench.parked() == ["receipts.not_ordered"]
    assert bench.booked(guid) == [0]


def test_what_somebody_had_set_on_a_line_is_not_receipted_by_chance() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    bench.edit_line(guid, 1, ReceiptQuantity=Decimal(2))
    bench.book_in(asn, (TEE, 5))
    bench.run("receipts")

    assert bench.booked(guid) == [5, 0]


def test_an_order_that_was_receipted_by_hand_is_not_receipted_twice() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.receipt_by_hand(guid, 5)
    before = bench.stock()
    bench.book_in(asn)

    assert bench.run("receipts") == {"by_hand": 1}
    bench.settle()
    assert (bench.stock(), bench.posts(), bench.parked()) == (before, 0, [])
    assert bench.untold() == 0


def test_a_receipt_by_hand_of_other_units_is_told() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.receipt_by_hand(guid, 5)
    bench.book_in(asn, (TEE, 4))

    assert bench.run("receipts") == {"skipped": 1}
    told = [event.fact for event in bench.records.timeline("example", RECEIPTS, guid)]
    assert any("TEE-RED-M 5 and 4" in getattr(fact, "reason", "") for fact in told)
    assert bench.posts() == 0


def test_an_order_that_was_receipted_in_part_by_hand_goes_to_a_person() -> None:
    bench = PurchaseBench()
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.receipt_by_hand(guid, 2)
    bench.book_in(asn)
    bench.run("receipts")

    assert bench.parked() == ["receipts.part_by_hand"]
    assert bench.booked(guid) == [2]


def test_an_order_that_is_parked_again_takes_no_receipt() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.hands.set_purchase_status(bench.order(guid)["OrderNumber"], "Parked")
    bench.book_in(asn)
    bench.run("receipts")
    assert bench.parked() == ["receipts.not_placed"]

    bench.hands.set_purchase_status(bench.order(guid)["OrderNumber"], "Placed")
    bench.replay()
    bench.run("receipts")
    assert bench.booked(guid) == [5]


def test_a_discrepancy_waits_for_a_person() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 4), complete=False)
    bench.set_asn_status(asn, 5)
    bench.run("receipts")
    assert bench.parked() == ["receipts.discrepancy"]

    bench.set_asn_status(asn, 6)
    bench.replay()
    bench.run("receipts")
    assert bench.booked(guid) == [4]


def test_an_order_that_is_receipted_in_full_is_completed_when_the_file_says_so() -> None:
    bench = PurchaseBench({"complete_order": True})
    guid, asn = bench.announced()
    short, other = bench.announced()
    bench.book_in(asn)
    bench.book_in(other, (TEE, 3))
    bench.settle(2)

    assert bench.order(guid)["OrderStatus"] == "Complete"
    assert bench.order(short)["OrderStatus"] == "Receipted"
    assert bench.posts("Complete") == 1


def test_a_service_is_not_announced_and_comes_with_the_goods() -> None:
    bench = PurchaseBench({"complete_order": True})
    guid, asn = bench.announced({TEE: 5, "CARRIAGE": 1})
    assert bench.made()[0]["units"] == [[TEE, 5]]
    bench.book_in(asn)
    bench.settle(2)

    assert bench.booked(guid) == [5, 1]
    assert bench.order(guid)["OrderStatus"] == "Complete"


def test_batches_go_along_with_their_expiry_dates() -> None:
    bench = PurchaseBench(batches_and_serials=True)
    guid, asn = bench.announced({"MUG-RED": 5, TEE: 1})
    bench.book_in(asn, ("MUG-RED", 3), complete=False, batch="L3001", expires="2028-01-31")
    bench.book_in(asn, ("MUG-RED", 2), complete=False, batch="L3002")
    bench.book_in(asn, (TEE, 1))
    bench.run("receipts")

    batches = bench.lines(guid)[0]["BatchNumbers"]
    assert [(b["Number"], int(b["Quantity"]), str(b["ExpiryDate"])[:10]) for b in batches] == [
        ("L3001", 3, "2028-01-31"),
        ("L3002", 2, "None"),
    ]
    assert bench.booked(guid) == [5, 1]


def test_serial_numbers_go_along() -> None:
    bench = PurchaseBench(batches_and_serials=True)
    guid, asn = bench.announced({"WATCH-01": 2})
    bench.book_in(asn, ("WATCH-01", 1), complete=False, serial="S1")
    bench.book_in(asn, ("WATCH-01", 1), serial="S2")
    bench.run("receipts")

    assert bench.lines(guid)[0]["SerialNumbers"] == ["S1", "S2"]


def test_batches_that_do_not_add_up_go_to_a_person() -> None:
    bench = PurchaseBench(batches_and_serials=True)
    guid, asn = bench.announced({"MUG-RED": 5})
    bench.book_in(asn, ("MUG-RED", 3), complete=False, batch="L3001")
    bench.book_in(asn, ("MUG-RED", 2))
    bench.run("receipts")

    assert bench.parked() == ["receipts.batches"]
    assert bench.booked(guid) == [0]


def test_each_booking_has_its_own_batches() -> None:
    bench = PurchaseBench({"part_deliveries": "each"}, batches_and_serials=True)
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced({"MUG-RED": 5})
    bench.book_in(asn, ("MUG-RED", 3), complete=False, batch="L3001")
    bench.run("receipts")
    bench.book_in(asn, ("MUG-RED", 2), batch="L3001")
    bench.run("receipts")

    assert [int(b["Quantity"]) for b in bench.lines(guid)[0]["BatchNumbers"]] == [3, 2]
    assert bench.parked() == []


def test_asns_of_others_are_left() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(bench.announce(bench.order(guid)["OrderNumber"], (TEE, 5)))
    bench.run("receipts")
    assert bench.booked(guid) == [0]

    bench.book_in(asn)
    bench.run("receipts")
    assert bench.booked(guid) == [5]


def test_a_shadow_receipts_nothing_and_what_it_passed_is_receipted_live() -> None:
    bench = PurchaseBench({"mode": "shadow"})
    guid, asn = bench.announced()
    bench.book_in(asn)
    assert bench.run("receipts") == {"shadow": 1}
    assert bench.written_there() == []

    bench.set("receipts", mode="live")
    bench.run("receipts")
    assert bench.booked(guid) == [5]


def test_the_plan_shows_the_receipt() -> None:
    bench = PurchaseBench()
    _, asn = bench.announced()
    bench.book_in(asn)
    (plan,) = bench.plan("receipts")

    assert [step.name.split("/")[0] for step in plan.changes[0].steps] == ["set", "receipt"]
    assert bench.posts() == 0
