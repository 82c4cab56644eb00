"""Receipts when answers are lost, others act meanwhile, and runs overlap: goods are booked once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.sync.sync_world import Draft
from returns_hub.flows.sync.take import Taking
from returns_hub.flows.unleashed.goods.receipts import ReceiptsSource
from returns_hub.flows.unleashed.goods.untold import untold_receipts
from tests.support.purchases import BLUE, ORDERS, RECEIPTS, TEE, PurchaseBench

AFTER = [
    FaultKind.RESET_AFTER,
    FaultKind.ERROR_500_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.HTML_200_AFTER,
    FaultKind.CUT_OFF_AFTER,
]
BEFORE = [
    FaultKind.RESET_BEFORE,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.HTTP_429,
    FaultKind.HTML_ERROR,
    FaultKind.UNAUTHORISED,
]


@pytest.mark.parametrize("path", ["/Receipt$", "/Lines/", "/Complete$"])
@pytest.mark.parametrize("kind", [*AFTER, *BEFORE])
def test_whatever_answer_is_lost_goods_are_receipted_once(path: str, kind: FaultKind) -> None:
    bench = PurchaseBench({"complete_order": True})
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    before = bench.stock()
    bench.book_in(asn)
    bench.lose(path, kind, method="PUT" if path == "/Lines/" else "POST")
    bench.run("receipts")
    bench.settle(8)

    assert bench.stock() == before + 5
    assert len(bench.account.happened("purchase_receipted")) == 1
    assert bench.order(guid)["OrderStatus"] == "Complete"
    assert bench.parked() == []
    assert bench.untold() == 0


@pytest.mark.parametrize("kind", AFTER)
def test_whatever_answer_to_raising_a_line_is_lost_it_is_raised_once(kind: FaultKind) -> None:
    bench = PurchaseBench({"over_receipt": "raise_line"})
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 8))
    bench.lose("/Lines/", kind, method="PUT")
    bench.run("receipts")
    bench.settle(8)

    assert bench.lines(guid)[0]["OrderQuantity"] == 8
    assert bench.lines(guid)[0]["LineTotal"] == Decimal("60.00")
    assert (bench.booked(guid), bench.parked()) == ([8], [])


@pytest.mark.parametrize("kind", [*AFTER, *BEFORE])
def test_whatever_answer_to_making_an_asn_is_lost_there_is_one(kind: FaultKind) -> None:
    bench = PurchaseBench(asns_awaiting_delivery=True)
    guid = bench.place()
    bench.mintsoft.faults.add(Fault(kind, path="/api/ASN$", method="PUT"))
    bench.mintsoft.faults.add(Fault(kind, path="/Confirm$", method="GET"))
    bench.settle(10)

    assert len(bench.made()) == 1
    assert bench.mintsoft.asns[bench.asn_of(guid)].status_id == 3
    assert bench.parked() == []


def test_a_lost_part_receipt_of_an_order_that_stays_open_is_a_persons() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.lose("/Receipt$")
    bench.run("receipts")
    with pytest.raises(Retryable):
        untold_receipts(bench.erp_world("stock"))
    bench.settle(8)

    assert bench.parked() == ["operation.unknown_outcome"]
    assert bench.booked(guid) == [2]
    bench.discard("it was booked")
    bench.settle(2)
    assert bench.booked(guid) == [2]

    # What comes later might be those same goods to the hub: it books nothing more of this order.
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.settle(3)
    assert bench.parked() == ["receipts.left"]
    assert (bench.booked(guid), bench.posts()) == ([2], 1)
    with pytest.raises(Retryable):
        untold_receipts(bench.erp_world("stock"))
    bench.discard("receipted by hand")
    assert bench.untold() == 0


def test_a_part_receipt_that_was_lost_after_a_refusal_is_not_sent_again() -> None:
    bench = PurchaseBench({"part_deliveries": "each"}, batches_and_serials=True)
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced({"MUG-RED": 5})
    bench.book_in(asn, ("MUG-RED", 2), complete=False)
    bench.run("receipts")
    assert bench.parked() == ["unleashed.refused"]

    # The product has no batches after all, and is receipted as it was wanted before.
    product = bench.desk_there.company.by_code("Products", "MUG-RED")
    assert product is not None
    product["IsBatchTracked"] = False
    bench.replay()
    bench.lose("/Receipt$")
    bench.settle(8)
    assert bench.booked(guid) == [2]
    assert bench.parked() == ["operation.unknown_outcome"]


@pytest.mark.parametrize("kind", AFTER)
def test_a_receipt_that_was_lost_after_a_refusal_is_found(kind: FaultKind) -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({"MUG-RED": 5})
    bench.book_in(asn)
    bench.run("receipts")
    assert bench.parked() == ["unleashed.refused"]
    product = bench.desk_there.company.by_code("Products", "MUG-RED")
    assert product is not None
    product["IsBatchTracked"] = False
    bench.replay()
    bench.lose("/Receipt$", kind)
    bench.settle(6)

    assert (bench.booked(guid), bench.parked()) == ([5], [])
    assert len(bench.account.happened("purchase_receipted")) == 1


def test_a_person_who_looked_does_not_have_it_booked_twice() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.lose("/Receipt$")
    bench.run("receipts")
    bench.settle(8)
    assert bench.parked() == ["operation.unknown_outcome"]
    bench.replay()
    bench.settle(4)

    assert bench.parked() == ["operation.unknown_outcome"]
    assert bench.booked(guid) == [2]


def test_a_person_vouches_that_a_receipt_was_not_booked() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.lose("/Receipt$", FaultKind.RESET_BEFORE)
    bench.run("receipts")
    bench.touch(guid, Comments="call before delivery")
    bench.settle(8)
    assert bench.parked() == ["operation.unknown_outcome"]
    bench.replay(send_again=True)
    bench.settle(4)

    assert bench.parked() == []
    assert bench.booked(guid) == [2]


def test_a_part_receipt_that_never_arrived_is_sent_again() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.lose("/Receipt$", FaultKind.RESET_BEFORE)
    bench.run("receipts")
    assert bench.untold() == 2
    bench.settle(8)

    assert (bench.booked(guid), bench.parked()) == ([2], [])
    assert bench.untold() == 0


def test_what_is_booked_in_while_a_receipts_end_is_unknown_comes_with_the_next() -> None:
    bench = PurchaseBench({"part_deliveries": "each"})
    bench.account.set(partial_receipt="stays")
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 2), complete=False)
    bench.lose("/Receipt$", FaultKind.RESET_BEFORE)
    bench.run("receipts")
    bench.book_in(asn, (TEE, 3))
    bench.settle(8)

    assert (bench.booked(guid), bench.parked()) == ([5], [])
    assert bench.posts() == 3


def test_a_line_that_changed_before_the_receipt_was_sent_again_is_a_persons() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn)
    bench.lose("/Receipt$", FaultKind.HTTP_429)
    bench.run("receipts")
    bench.order_more(guid, 3)
    bench.run("receipts")

    assert bench.parked() == ["receipts.changed"]
    assert bench.booked(guid) == [0]
    bench.order_more(guid, 5)
    bench.replay()
    bench.settle(2)
    assert bench.booked(guid) == [5]


def test_a_receipt_by_hand_between_the_lines_and_the_receipt_is_not_repeated() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    before = bench.stock()
    bench.book_in(asn)
    bench.lose("/Receipt$", FaultKind.HTTP_429)
    bench.run("receipts")
    bench.receipt_by_hand(guid, 5)
    bench.settle(3)

    assert bench.stock() == before + 5
    assert bench.parked() == []
    assert len(bench.account.happened("purchase_receipted")) == 1


def test_a_receipt_by_hand_of_other_units_meanwhile_is_a_persons() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn)
    bench.lose("/Receipt$", FaultKind.HTTP_429)
    bench.run("receipts")
    bench.receipt_by_hand(guid, 4)
    bench.settle(3)

    assert bench.parked() == ["receipts.in_another_way"]
    assert bench.booked(guid) == [4]


def test_a_refused_receipt_is_a_persons_and_is_decided_anew() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({"MUG-RED": 4})
    bench.book_in(asn, batch="L3001")
    bench.run("receipts")
    assert bench.parked() == ["unleashed.refused"]
    assert "pending batches" in bench.reasons()[0]

    bench.file["unleashed"]["batches_and_serials"] = True
    bench.version += 1
    bench.replay()
    # Batches that are named together with the goods are what Unleashed wanted.
    bench.mintsoft.asns[asn].items[0].allocations[0].quantity = 4
    bench.mintsoft.asns[asn].items[0].allocations[0].batch = "L3001"
    bench.settle(2)
    assert bench.booked(guid) == [4]


def test_two_runs_at_once_receipt_once() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn)
    source = ReceiptsSource(bench.erp_world("receipts"))
    lease = bench.cursors.acquire(cursor_name(RECEIPTS, "example"), "another-run", 300)
    assert lease is not None
    assert bench.run("receipts", seconds=1) == {}
    assert bench.posts() == 0
    (change,) = source.pull(bench.clock.now() - timedelta(days=1))

    # A run that lost its lease goes on beside the other one, with what it had read before.
    bench.cursors.release(lease)
    bench.run("receipts", seconds=1)
    late = Taking(source, bench.erp_world("receipts").sync, lambda: True)
    assert late.deal_with(change).word == "known"
    late_state = late.world.load(RECEIPTS, guid)
    stale = late_state.model_copy(update={"steps": (), "settled": ""})
    with pytest.raises(Conflict):
        late._taken(change, Draft(late.world, stale.model_copy(update={"version": 0})))

    assert bench.posts() == 1
    assert bench.booked(guid) == [5]


def test_the_goods_of_an_asn_whose_making_was_not_answered_wait_for_its_id() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.lose_at_mintsoft("/api/ASN$")
    bench.run("purchase_orders")
    assert bench.state_of(ORDERS, guid).is_open("asn")
    (asn,) = bench.mintsoft.asns
    bench.book_in(asn)

    assert bench.run("receipts", seconds=1) == {"later": 1}
    assert bench.untold() == 5
    bench.settle(4)
    assert bench.booked(guid) == [5]
    assert bench.parked() == []


def test_goods_are_on_their_way_from_booking_to_receipt() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced({TEE: 5, BLUE: 2})
    assert bench.untold() == 0
    bench.book_in(asn, (TEE, 2), complete=False)
    assert bench.untold() == 2

    bench.run("receipts")
    bench.clock.advance(days=3)
    bench.run("receipts")
    assert (bench.untold(), bench.untold(BLUE)) == (2, 0)
    bench.book_in(asn)
    assert (bench.untold(), bench.untold(BLUE)) == (5, 2)
    bench.run("receipts")
    assert (bench.untold(), bench.untold(BLUE)) == (0, 0)
    assert bench.booked(guid) == [5, 2]


def test_parked_goods_are_on_their_way_until_a_person_has_seen_to_them() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.book_in(asn, (TEE, 9))
    bench.run("receipts")
    bench.clock.advance(days=5)
    bench.run("receipts")
    assert bench.untold() == 9

    bench.receipt_by_hand(guid, 5)
    assert bench.untold() == 0
    bench.discard()
    assert bench.untold() == 0


def test_goods_that_were_receipted_before_they_came_are_on_their_way_the_other_way_round() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.receipt_by_hand(guid, 5)
    assert bench.untold() == -5
    bench.both()
    bench.settle()
    assert bench.untold() == -5
    bench.book_in(asn, (TEE, 2), complete=False)
    assert bench.untold() == -3
    bench.book_in(asn)
    assert bench.untold() == 0
    bench.settle()
    assert not bench.state_of(ORDERS, guid).in_work


def test_receipted_goods_of_an_asn_that_is_gone_are_not_waited_for() -> None:
    bench = PurchaseBench()
    guid, asn = bench.announced()
    bench.receipt_by_hand(guid, 5)
    bench.both()
    del bench.mintsoft.asns[asn]
    assert bench.untold() == 0
    bench.both()
    assert not bench.state_of(ORDERS, guid).in_work


def test_receipted_goods_are_not_waited_for_for_ever() -> None:
    bench = PurchaseBench()
    guid, _ = bench.announced()
    bench.receipt_by_hand(guid, 5)
    bench.both()
    assert bench.state_of(ORDERS, guid).in_work
    bench.both(days=31)
    assert not bench.state_of(ORDERS, guid).in_work
    bench.both(days=1)
    assert bench.untold() == 0


def test_nobody_is_going_to_tell_while_receipts_are_not_live() -> None:
    bench = PurchaseBench({"mode": "shadow"})
    _, asn = bench.announced()
    bench.book_in(asn)
    bench.run("receipts")
    assert bench.untold() == 0

    bench.set("receipts", mode="live")
    assert bench.untold() == 5


def test_what_cannot_be_told_of_goods_on_their_way_is_not_guessed() -> None:
    bench = PurchaseBench()
    _, asn = bench.announced()
    bench.mintsoft.settings = bench.mintsoft.settings.__class__(asn_counts="booked")
    bench.book_in(asn)
    bench.run("receipts")
    with pytest.raises(Retryable):
        untold_receipts(bench.erp_world("stock"))
    assert bench.posts() == 0

    bench.file["mintsoft"]["goods"] = {"booked_quantity": "booked"}
    bench.version += 1
    bench.run("receipts")
    assert bench.posts() == 1
