"""An RMA of Miinto goes through the same flows as a return of the portal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.domain.answering import as_proposed, seen
from returns_hub.domain.facts import (
    CarrierDelivered,
    ClockRang,
    CommentAdded,
    LinesCommitted,
    ReceiptTaken,
    Skipped,
    Withdrawn,
    WouldSend,
)
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.flows.act_on_return import Request, comment, set_status
from returns_hub.flows.explain import explain
from returns_hub.flows.operator import Desk, answer
from returns_hub.flows.process_receipts import process_receipts_of
from tests.support.rma_worlds import (
    DENMARK,
    RMA_ID,
    RMA_RETURN,
    RmaBench,
    position,
    rma,
    rma_file,
)
from tests.support.worlds import RETURN_ID, Bench, item, redo_return

UNLESS_MATCHED = {"policy": {"confirm": {"processing": "unless_matched"}}, "mode": "live"}
TWO = (position(1), position(2, "5700000000024"))


def bench(**settings: Any) -> RmaBench:
    return RmaBench(file=rma_file(**settings))


TEE_DAMAGED: dict[str, Any] = {"sku": "TEE", "quantity": 1, "reason_id": 2}
MUG_DAMAGED: dict[str, Any] = {"sku": "MUG", "quantity": 1, "reason_id": 2}


def arrive(made: RmaBench, *goods: str | dict[str, Any]) -> None:
    """The warehouse confirms one unit of each; reason 2 puts it into quarantine."""
    made.clock.advance(minutes=1)
    rows = [{"sku": row, "quantity": 1} if isinstance(row, str) else row for row in goods]
    made.mintsoft.receive(41, rows)


def answer_as_proposed(made: RmaBench, note: str = "", **other: str) -> None:
    """Pat answers the question, as `hub decide answer --all as_proposed` does."""
    world = made.world().for_return(RMA_RETURN)
    policy = world.live.merchant.flows.process_receipts.policy
    case = explain(world, RMA_RETURN).receipts[-1].case
    answers = {**as_proposed(case, policy), **other}
    (question,) = (i for i in made.parking.list_parked("example") if i.code == "decision.ask")
    desk = Desk("pat", made.returns, made.parking, made.clock, made.sent.append, made.sent.append)
    assert answer(question, desk, answers, seen=seen(case, policy, answers), note=note)
    made.sent.clear()


# -- announcing ---------------------------------------------------------------------------------


def test_an_rma_becomes_an_external_return_in_its_shops_warehouse() -> None:
    made = bench().announced(rma(*TWO))

    (record,) = made.external_returns()
    assert record.warehouse_id == 4
    assert record.reference == "2611111"
    assert {row.sku: row.quantity for row in record.rows} == {"TEE": 1, "MUG": 1}
    assert made.rma_state().outcome == "announced"
    assert not made.comments()


def test_its_reference_is_the_warehouses_order_where_the_hub_knows_it() -> None:
    made = bench()
    made.order("MI-DK-555001")

    made.announced()

    assert made.external_returns()[0].reference == "MI-DK-555001"


def test_the_orders_own_line_tells_the_sku() -> None:
    made = bench()
    made.order(
        "MI-1",
        OrderLine(position=71, quantity=1, price=1, sku="CAP", gtin="5700000000017"),
    )

    made.announced()

    assert [row.sku for row in made.external_returns()[0].rows] == ["CAP"]


def test_an_orders_line_is_found_by_its_product_where_the_rma_names_none() -> None:
    made = bench()
    made.order("MI-1", OrderLine(position=9, quantity=1, price=1, sku="CAP", gtin="5700000000017"))

    made.announced(rma(position(1, order_position=None)))

    assert [row.sku for row in made.external_returns()[0].rows] == ["CAP"]


def test_the_portals_timeline_is_the_hubs_own() -> None:
    made = bench().announced()

    assert [fact.where for fact in made.rma_facts(CommentAdded)] == ["hub"]


def test_a_warehouse_of_its_own_for_a_shops_returns() -> None:
    made = bench()
    made.file["mintsoft"]["warehouses"]["by_location"][DENMARK] = 3

    made.announced()

    assert made.external_returns()[0].warehouse_id == 3


def test_a_position_whose_product_is_not_found_is_left_off_and_told_once() -> None:
    made = bench()
    made.rmas.put(rma(position(1), position(2, "0000000000000")))
    made.fetch()

    assert made.deliver() == ["parked"]

    (record,) = made.external_returns()
    assert [row.sku for row in record.rows] == ["TEE"]
    (reason,) = made.parked("return.line_without_sku")
    assert "position 812" in reason
    assert [s.subject for s in made.rma_facts(Skipped)] == ["812"]
    for item_ in list(made.parking.list_parked("example")):
        made.parking.close(item_, "discarded", "pat")
    made.approve(made.message(return_id=RMA_RETURN, source="replay"))
    assert not made.parked("return.line_without_sku")


def test_an_rma_of_which_no_product_is_found_waits_for_a_person() -> None:
    made = bench()
    made.rmas.put(rma(position(1, "0000000000000")))
    made.fetch()

    assert made.deliver() == ["parked"]
    assert made.parked("return.no_sku")


def test_shadow_tells_what_it_would_do_and_writes_nothing() -> None:
    made = bench(announce={"mode": "shadow"}, decide={"mode": "shadow"})
    made.rmas.put(rma())
    made.fetch()

    assert made.deliver() == ["shadow"]

    assert not made.external_returns()
    assert [(w.partner, w.operation) for w in made.rma_facts(WouldSend)] == [
        ("mintsoft", "create external return")
    ]


def test_an_rma_from_before_the_switch_is_the_old_connectors() -> None:
    made = bench()
    made.file["live_from"] = "2026-03-02T08:30:00Z"
    made.rmas.put(rma())
    made.fetch()

    assert made.deliver() == ["skipped"]
    assert not made.external_returns()


# -- deciding -----------------------------------------------------------------------------------


def test_a_person_is_asked_with_the_proposal_and_their_answer_is_sent_once() -> None:
    made = bench().announced(rma(*TWO))
    arrive(made, "TEE", MUG_DAMAGED)

    assert made.poll() == {"parked": 1}
    (reason,) = made.parked("decision.ask")
    assert reason.startswith("Proposed: accept TEE (expected 1, received 1); decline MUG: The item")
    assert not made.rmas.decisions

    answer_as_proposed(made)
    assert made.poll() == {"processed": 1}

    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("811",), {"812": "The item arrived damaged"})]
    assert made.rma_state().outcome == "processed"
    assert made.poll() == {}


def test_the_answers_note_is_what_miinto_is_told() -> None:
    made = bench().announced()
    arrive(made, TEE_DAMAGED)
    made.poll()

    answer_as_proposed(made, note="Heavily worn")
    made.poll()

    assert made.rmas.decisions[0][3] == {"811": "Heavily worn"}
    case = made.rma_facts(ReceiptTaken)[-1].case
    assert case is not None
    assert case.answer_reasons == {"811": "Heavily worn"}


def test_a_match_passes_where_the_file_says_so() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)

    assert made.poll() == {"processed": 1}
    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("811",), {})]


def test_an_accept_is_not_sent_against_what_the_warehouse_found_since() -> None:
    made = bench().announced()
    made.receive(41)
    made.poll()
    answer_as_proposed(made)
    arrive(made, TEE_DAMAGED)

    assert made.poll() == {"parked": 1}

    assert not made.rmas.decisions
    assert "decline TEE" in made.parked("decision.ask")[0]


def test_what_somebody_decided_at_miinto_is_not_decided_again() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)
    made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])

    assert made.poll() == {"skipped_closed": 1}
    assert not made.rmas.decisions


def test_a_decision_of_somebody_elses_in_the_last_moment_is_told() -> None:
    made = bench(decide=UNLESS_MATCHED).announced(rma(*TWO))
    made.receive(41)
    seen_before = len(made.rmas.reads)

    def before(readings: int) -> None:
        if readings == seen_before + 1:
            made.rmas.settle(DENMARK, RMA_ID, declined=["811"])

    made.rmas.before_read = before

    made.poll()

    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("812",), {})]
    (reason,) = made.parked("return.decided_otherwise")
    assert "TEE (line 811): to be accepted and is declined" in reason


def test_what_the_hub_decided_itself_is_seen_closed_and_nothing_is_told_as_left_undone() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)
    made.poll()
    made.fetch()
    made.deliver()
    assert made.rma_state().portal_status == "complete"
    assert made.rma_facts(Skipped) == []


def test_an_answer_that_is_lost_is_looked_up_and_not_sent_again() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)

    def lost() -> None:
        from returns_hub.errors import UnknownOutcome

        raise UnknownOutcome("miinto.unknown_outcome", "no answer")

    made.rmas.after_decide = lost
    assert made.poll() == {"later": 1}

    made.rmas.after_decide = None
    made.clock.advance(minutes=5)
    assert made.poll() == {"processed": 1}
    assert len(made.rmas.decisions) == 1


def test_a_decision_that_may_be_lost_is_never_sent_again_on_a_guess() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)

    def lost() -> None:
        from returns_hub.errors import UnknownOutcome

        raise UnknownOutcome("miinto.unknown_outcome", "no answer")

    made.rmas.before_decide = lost
    made.poll()
    made.rmas.before_decide = None
    for _ in range(6):
        made.clock.advance(minutes=10)
        made.poll()

    assert not made.rmas.decisions
    assert made.parked("operation.unknown_outcome")


@pytest.mark.parametrize("status", ["on_hold", ""])
def test_a_word_that_nobody_told_of_leads_to_a_person(status: str) -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)
    made.rmas.put(rma(status="unknown", status_word=status))

    assert made.poll() == {"parked": 1}
    assert not made.rmas.decisions


def test_an_unknown_word_of_a_position_leads_to_a_person() -> None:
    made = bench(decide=UNLESS_MATCHED).announced(rma(*TWO))
    made.receive(41)
    odd = position(2, "5700000000024", status="unknown", status_word="lost")
    made.rmas.put(rma(position(1), odd))

    assert made.poll() == {"parked": 1}
    assert not made.rmas.decisions


# -- switches -----------------------------------------------------------------------------------


def two_returns(made: RmaBench) -> None:
    """An RMA and a return of the portal, both announced and arrived."""
    made.put(redo_return([item(1, "TEE")]))
    assert Bench.approve(made) == "announced"
    made.announced()
    assert [r.id for r in made.external_returns()] == [41, 42]
    made.receive(41)
    made.receive(42)


def test_receipts_of_rmas_stay_open_while_their_flow_is_off() -> None:
    made = bench(decide={"mode": "off"})
    two_returns(made)

    assert made.poll() == {"processed": 1}
    assert made.submissions() == {"item1": 1}
    assert made.rma_state().receipts == ()

    made.file["miinto"]["rma"]["decide"] = UNLESS_MATCHED
    made.clock.advance(minutes=5)
    assert made.poll() == {"processed": 1}
    assert len(made.rmas.decisions) == 1


def test_rmas_are_decided_though_the_merchants_own_flow_is_off() -> None:
    made = bench(decide=UNLESS_MATCHED)
    two_returns(made)
    made.file["flows"]["process_receipts"]["mode"] = "off"

    assert made.poll() == {"processed": 1}
    assert len(made.rmas.decisions) == 1
    assert not made.submissions()

    made.file["flows"]["process_receipts"]["mode"] = "live"
    made.clock.advance(minutes=5)
    assert made.poll() == {"processed": 1}
    assert made.submissions() == {"item1": 1}


def test_nothing_is_read_while_both_are_off() -> None:
    made = bench(decide={"mode": "off"})
    made.file["flows"]["process_receipts"]["mode"] = "off"

    assert made.poll() == {"off": 1}


def test_shadow_of_rmas_tells_while_the_portals_returns_are_live() -> None:
    made = bench(decide={"mode": "shadow", "policy": UNLESS_MATCHED["policy"]})
    two_returns(made)

    assert made.poll() == {"processed": 1, "shadow": 1}
    assert not made.rmas.decisions
    assert [w.partner for w in made.rma_facts(WouldSend)] == ["miinto"]


# -- one's trouble is its own -------------------------------------------------------------------


def test_miinto_away_stops_no_return_of_the_portal() -> None:
    made = bench(decide=UNLESS_MATCHED)
    two_returns(made)
    made.rmas.down["*"] = Retryable("miinto.down", "away")

    assert made.poll() == {"processed": 1, "later": 1}
    assert made.submissions() == {"item1": 1}

    made.rmas.down.clear()
    made.clock.advance(minutes=5)
    assert made.poll() == {"processed": 1}


def test_the_portal_away_stops_no_announcement_of_an_rma(monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench()
    made.rmas.put(rma())
    made.fetch()
    from returns_hub.adapters.redo.portal import RedoPortal

    def away(self: RedoPortal) -> None:
        raise Retryable("redo.down", "away")

    monkeypatch.setattr(RedoPortal, "require_open", away)

    assert made.deliver() == ["announced"]
    with pytest.raises(Retryable):
        Bench.approve(made)


@pytest.mark.parametrize("away", ["miinto", "redo", "both"])
def test_what_is_due_of_one_portal_is_looked_at_while_the_other_is_away(
    monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    made = bench(decide=UNLESS_MATCHED)
    two_returns(made)
    made.poll()
    made.clock.advance(minutes=11)
    from returns_hub.adapters.redo.portal import RedoPortal

    def is_away(self: Any) -> None:
        raise Retryable("partner.down", "away")

    if away in {"miinto", "both"}:
        made.rmas.down["*"] = Retryable("miinto.down", "away")
    if away in {"redo", "both"}:
        monkeypatch.setattr(RedoPortal, "require_open", is_away)

    endings = made.watch()

    if away == "both":
        assert endings == {"failed": 1}
    else:
        assert endings == {"check_processing.complete": 1, "portal_away": 1}


def test_an_rma_is_no_return_of_the_portals_where_its_portal_is_not_wired() -> None:
    made = bench()
    world = Bench.world(made)

    assert world.for_return(RETURN_ID) is world
    with pytest.raises(Misconfigured):
        world.for_return(RMA_RETURN)


# -- afterwards ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "status"),
    [({"accepted": ["811"]}, "complete"), ({"declined": ["811"]}, "rejected")],
)
def test_an_rma_decided_elsewhere_while_its_goods_are_expected_is_withdrawn(
    decided: dict[str, list[str]], status: str
) -> None:
    made = bench().announced()
    made.clock.advance(minutes=10)
    made.rmas.settle(DENMARK, RMA_ID, **decided)

    made.fetch()
    assert made.deliver() == ["skipped"]

    (fact,) = made.rma_facts(Withdrawn)
    assert fact.status == status
    assert made.rma_state().outcome == "withdrawn"
    made.receive(41)
    assert made.poll() == {"skipped_closed": 1}
    assert not made.rmas.decisions


def test_what_was_sent_is_read_again_and_what_did_not_happen_is_raised() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)
    made.poll()
    made.rmas.put(rma())
    made.clock.advance(minutes=11)
    assert made.watch() == {"check_processing.not_yet": 1}
    made.clock.advance(minutes=60)
    assert made.watch() == {"check_processing.not_completed": 1}
    assert made.parked("return.not_completed")
    assert len(made.rmas.decisions) == 1


def test_a_decision_turned_round_afterwards_is_raised() -> None:
    made = bench(decide=UNLESS_MATCHED).announced(rma(*TWO))
    made.receive(41)
    made.poll()
    made.rmas.put(rma(position(1, status="declined"), position(2, status="accepted")))
    made.clock.advance(minutes=11)

    made.watch()

    assert "to be accepted and is declined" in made.parked("return.decided_otherwise")[0]


CLOCKS = {"enabled": True, "warn_hours": 24, "hold_hours": 48, "escalate_hours": None}


def test_a_clock_rings_without_a_comment_and_a_flag_is_a_person_asked() -> None:
    made = bench(clocks=CLOCKS)
    delivered = made.clock.now()
    made.rmas.put(rma(delivered_at=delivered))
    made.fetch()
    made.clock.advance(hours=1)
    assert made.deliver() == ["announced"]
    made.fetch()
    made.rmas.put(rma(delivered_at=delivered, tracking="T1"))
    made.fetch()
    made.deliver()
    assert made.rma_facts(CarrierDelivered)

    made.clock.advance(hours=25)
    assert made.watch() == {"not_booked_in.warn": 1}
    made.clock.advance(hours=24)
    assert made.watch() == {"not_booked_in.hold": 1}

    assert [c.stage for c in made.rma_facts(ClockRang)] == ["warn", "hold"]
    assert made.parked("return.not_booked_in")
    assert not made.rma_state().flagged


def test_no_clock_rings_for_rmas_whose_decision_is_off() -> None:
    made = bench(clocks=CLOCKS, decide={"mode": "off"})
    made.rmas.put(rma(delivered_at=made.clock.now()))
    made.fetch()
    made.deliver()
    made.clock.advance(days=9)

    assert made.watch() == {}


# -- by hand ------------------------------------------------------------------------------------


def test_an_rma_takes_no_comment_and_no_status() -> None:
    made = bench().announced()

    with pytest.raises(Permanent, match="takes no comments"):
        comment(made.world(), RMA_RETURN, "x", Request("r1", "pat"))
    with pytest.raises(Permanent, match="put into no status"):
        set_status(made.world(), RMA_RETURN, ReturnStatus.COMPLETE, Request("r2", "pat"))
    assert not made.rmas.decisions


def test_explaining_names_the_rmas_own_switch() -> None:
    made = bench(decide={"mode": "shadow"}).announced()
    made.receive(41)

    found = explain(made.world(), RMA_RETURN)

    assert any(remark.startswith("miinto.rma.decide is shadow") for remark in found.remarks)
    assert found.receipts[-1].decision.policy.startswith("marketplace@")


def test_the_receipts_of_one_rma_are_asked_for() -> None:
    made = bench(decide=UNLESS_MATCHED).announced()
    made.receive(41)

    assert process_receipts_of(made.world(), RMA_RETURN) == {"processed": 1}
    (batch,) = made.rma_facts(LinesCommitted)
    assert [line.line_id for line in batch.lines] == ["811"]


def test_worth_is_in_the_currencys_own_unit() -> None:
    made = bench().announced(rma(position(1), position(2, "5700000000024", quantity=2, price=100)))
    read = explain(made.world(), RMA_RETURN).portal_return

    assert [str(line.value) for line in read.lines] == ["499.00", "None"]
    assert read.value_total is None
    made.file["miinto"]["transfers"] = {"price_is": "unit"}
    read = explain(made.world(), RMA_RETURN).portal_return
    assert str(read.value_total) == "501.00"


def test_messages_hold_no_more_than_they_need() -> None:
    made = bench()
    made.rmas.put(rma())
    made.fetch()

    assert set(json.loads(made.sent[0])) == {
        "schema",
        "merchant",
        "return_id",
        "occurred_at",
        "source",
    }
