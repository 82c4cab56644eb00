"""A return that is closed in the portal after it was announced: told, listed, never paid (R19)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.problems import problem
from local.simulators.wire import Reply
from returns_hub.domain.facts import ExternalReturnMade, Reopened, Withdrawn, WouldSend
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.withdraw import LISTED_FOR
from returns_hub.flows.withdrawn_list import ARRIVED, NOT_ARRIVED, mark_handled, withdrawn_lines
from tests.support.worlds import RETURN_ID, Bench, announced, item, redo_return, shipment


def two_parcels() -> Bench:
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", 2, shipmentGroupIds=["b"])]
    return announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])


def listed(bench: Bench) -> list[tuple[int, str, int, str, str]]:
    rows = withdrawn_lines(bench.returns, "example", bench.clock.now())
    return [(r.external_return_id, r.sku, r.quantity, r.status, r.note) for r in rows]


def folds(bench: Bench) -> None:
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state())


@pytest.mark.parametrize("status", ["rejected", "deleted", "complete"])
def test_R19_a_closed_return_is_told_once_everywhere_and_listed(status: str) -> None:
    bench = announced()

    assert bench.changes(status) == "skipped"

    (fact,) = bench.facts(Withdrawn)
    assert (fact.status, fact.shipment) == (status, "sg_one")
    note = bench.comments()[-1]
    assert f"The return is {status}, and Mintsoft external return 41" in note
    assert "cannot cancel it" in note
    assert bench.telemetry.total("Withdrawn", outcome=status) == 1
    assert bench.telemetry.total(OPERATOR_NEEDED) == 1
    assert bench.state().outcome == "withdrawn"
    assert listed(bench) == [(41, "TEE", 1, status, NOT_ARRIVED)]
    folds(bench)


def test_closed_again_and_told_again_it_is_said_once() -> None:
    bench = announced()
    bench.changes("rejected")
    version = bench.state().version

    bench.approve()
    bench.clock.advance(minutes=1)
    bench.approve()
    assert bench.state().version == version
    bench.changes("deleted")

    assert len(bench.facts(Withdrawn)) == 1
    assert len(bench.comments()) == 2
    assert bench.telemetry.total("Withdrawn") == 1


def test_only_what_the_warehouse_still_expects_is_withdrawn() -> None:
    bench = two_parcels()
    bench.receive(41)
    assert bench.poll() == {"processed_in_part": 1}

    bench.changes("complete")

    assert [fact.shipment for fact in bench.facts(Withdrawn)] == ["b"]
    assert listed(bench) == [(42, "MUG", 2, "complete", NOT_ARRIVED)]


def test_a_return_that_the_hub_had_completed_is_not_withdrawn() -> None:
    bench = announced()
    bench.receive(41)
    bench.poll()
    bench.clock.advance(minutes=1)
    bench.redo.all_books()

    assert bench.approve() == "skipped"

    assert not bench.facts(Withdrawn)
    assert bench.telemetry.total(OPERATOR_NEEDED) == 0
    assert bench.state().outcome == "processed"


def test_a_return_closed_before_it_was_announced_has_nothing_to_withdraw() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], status="rejected"))
    bench.approve()
    assert not bench.facts(Withdrawn)
    assert not bench.external_returns()


def test_a_record_whose_create_had_no_answer_is_found_and_withdrawn_with_the_others() -> None:
    bench = two_parcels_with_a_lost_answer()
    bench.clock.advance(minutes=10)

    assert bench.changes("rejected") == "skipped"

    made = {fact.shipment: fact.how for fact in bench.facts(ExternalReturnMade)}
    assert set(made) == {"a", "b"}
    assert {fact.shipment for fact in bench.facts(Withdrawn)} == {"a", "b"}
    folds(bench)


def two_parcels_with_a_lost_answer() -> Bench:
    bench = Bench()
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    shipments = [shipment("a", ["item1"]), shipment("b", ["item2"])]
    bench.put(redo_return(items, shipments=shipments))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="CreateExternalReturn"))
    from returns_hub.errors import UnknownOutcome

    with pytest.raises(UnknownOutcome):
        bench.approve()
    return bench


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_BEFORE])
def test_a_comment_without_an_answer_leaves_one_comment_and_one_withdrawal(kind: FaultKind) -> None:
    bench = announced()
    bench.redo.faults.add(Fault(kind, path="comments", method="POST"))
    bench.clock.advance(minutes=1)
    bench.redo.change_status(RETURN_ID, "rejected")
    text = bench.message()
    from returns_hub.errors import UnknownOutcome

    with pytest.raises((Retryable, UnknownOutcome)):
        bench.approve(text)
    assert not bench.facts(Withdrawn)
    bench.clock.advance(minutes=5)

    # The same message, after the time at which its body would still be fresh.
    assert bench.approve(text) == "skipped"
    assert len(bench.facts(Withdrawn)) == 1
    assert len(bench.comments()) == 2


def test_a_portal_that_takes_no_comment_keeps_nothing_else_from_being_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = announced()

    def refuse(*_: object) -> Reply:
        raise problem(400, "Bad Request", "no comments on what was reset")

    monkeypatch.setattr(bench.redo, "_comment", refuse)

    assert bench.changes("deleted") == "skipped"

    assert len(bench.facts(Withdrawn)) == 1
    assert bench.telemetry.total("Withdrawn") == 1
    assert len(bench.comments()) == 1


def test_shadow_writes_nothing_and_says_what_it_would_say() -> None:
    bench = announced()
    bench.file["flows"]["create_external_returns"]["mode"] = "shadow"

    bench.changes("rejected")

    assert len(bench.comments()) == 1
    assert "cannot cancel it" in bench.facts(WouldSend)[-1].summary
    assert listed(bench)


def test_a_late_message_with_an_old_body_takes_nothing_back() -> None:
    bench = announced()
    old = dict(bench.redo.returns[RETURN_ID])
    bench.changes("rejected")

    text = bench.message(body=old, occurred_at=bench.clock.now().isoformat())
    bench.approve(text)

    assert not bench.facts(Reopened)
    assert bench.state().outcome == "withdrawn"


def test_an_old_reading_that_is_still_closed_withdraws_nothing_after_the_reopening() -> None:
    bench = announced()
    bench.changes("rejected")
    closed = dict(bench.redo.returns[RETURN_ID])
    bench.changes("open")
    assert len(bench.facts(Reopened)) == 1

    real = bench.redo.returns[RETURN_ID]
    bench.redo.returns[RETURN_ID] = closed
    bench.clock.advance(minutes=1)
    bench.approve()
    bench.redo.returns[RETURN_ID] = real

    assert len(bench.facts(Withdrawn)) == 1
    assert bench.state().outcome == "announced"


# -- goods that arrive all the same -------------------------------------------------------------


def test_goods_of_a_withdrawn_return_pay_nothing_and_are_seen() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.receive(41)

    assert bench.poll() == {"skipped_closed": 1}

    assert not bench.submissions()
    assert bench.telemetry.total("ArrivedAfterWithdrawal") == 1
    assert bench.telemetry.total(OPERATOR_NEEDED) == 2
    assert listed(bench) == [(41, "TEE", 1, "rejected", ARRIVED)]
    assert len(bench.facts(Withdrawn)) == 1


def test_goods_that_arrive_before_the_closing_was_heard_of_are_listed_too() -> None:
    bench = announced()
    bench.redo.change_status(RETURN_ID, "rejected")
    bench.receive(41)

    bench.poll()
    assert listed(bench) == [(41, "TEE", 1, "rejected", ARRIVED)]
    bench.approve()

    assert len(bench.facts(Withdrawn)) == 1
    assert len(bench.comments()) == 1


def test_a_record_that_is_only_touched_after_it_was_paid_is_no_arrival() -> None:
    bench = announced()
    bench.file["flows"]["process_receipts"]["strategy"] = "by_date"
    bench.receive(41)
    assert bench.poll() == {"processed": 1}
    bench.clock.advance(minutes=1)
    bench.redo.all_books()
    bench.receive(41)

    assert bench.poll() == {"skipped_closed": 1}
    assert bench.telemetry.total("ArrivedAfterWithdrawal") == 0
    assert listed(bench) == []


# -- the list -----------------------------------------------------------------------------------


def test_the_list_names_what_the_warehouse_needs() -> None:
    bench = announced(item(1, "TEE"), item(2, "TEE", 2), item(3, "MUG"))
    bench.changes("rejected")

    rows = withdrawn_lines(bench.returns, "example", bench.clock.now())

    assert [(r.sku, r.quantity) for r in rows] == [("TEE", 3), ("MUG", 1)]
    first = rows[0]
    assert (first.warehouse, first.reference, first.return_id) == (3, "#5501", RETURN_ID)
    assert (first.carrier, first.tracking) == ("RoyalMail", "RM-sg_one")
    assert first.since == bench.facts(Withdrawn)[0].at


def test_what_a_person_saw_to_leaves_the_list_with_who_and_why() -> None:
    bench = announced()
    bench.changes("rejected")

    told = mark_handled(bench.returns, bench.clock, "example", 41, "pat", "sent to quarantine")

    assert told == RETURN_ID
    assert listed(bench) == []
    event = bench.returns.timeline("example", RETURN_ID)[-1]
    assert (event.actor, event.fact.kind) == ("pat", "withdrawal_handled")
    with pytest.raises(Permanent, match="not in the list"):
        mark_handled(bench.returns, bench.clock, "example", 41, "pat", "again")
    with pytest.raises(Permanent, match="not in the list"):
        mark_handled(bench.returns, bench.clock, "example", 77, "pat", "nobody's")


def test_of_two_that_stay_behind_only_the_one_that_was_seen_to_leaves_the_list() -> None:
    bench = two_parcels()
    bench.changes("rejected")

    mark_handled(bench.returns, bench.clock, "example", 41, "pat", "sent back")

    assert listed(bench) == [(42, "MUG", 2, "rejected", NOT_ARRIVED)]


def test_what_never_came_leaves_the_list_in_the_end() -> None:
    bench = announced()
    bench.changes("rejected")
    bench.clock.moment += LISTED_FOR - timedelta(minutes=1)
    assert bench.watch() == {}
    assert listed(bench)

    bench.clock.advance(minutes=2)
    assert bench.watch() == {"withdrawn.left_the_list": 1}
    assert listed(bench) == []
    assert bench.state().outcome == "withdrawn"
    assert bench.watch() == {}
