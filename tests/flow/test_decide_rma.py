"""A person accepts or declines an RMA: once, by its question or on their own account."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.facts import LinesCommitted, LinesProcessed, OperatorActed
from returns_hub.domain.state import BY_HAND
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto import decide_rma as deciding
from returns_hub.flows.miinto import rma_questions
from returns_hub.flows.miinto.decide_rma import RmaDecided, accept_rma, decline_rma
from returns_hub.flows.operator import Desk, replay
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
from tests.support.worlds import RETURN_ID

TWO = (position(1), position(2, "5700000000024"))
OFF = {"announce": {"mode": "off"}, "decide": {"mode": "off"}}


def bench(**settings: Any) -> RmaBench:
    return RmaBench(file=rma_file(**settings))


def arrive(made: RmaBench, *goods: tuple[str, int]) -> None:
    """The warehouse confirms one unit of each SKU; reason 2 puts it into quarantine."""
    made.clock.advance(minutes=1)
    rows = [{"sku": sku, "quantity": 1, "reason_id": reason} for sku, reason in goods]
    made.mintsoft.receive(41, rows)


def accept(made: RmaBench, *lines: str, insist: bool = False, note: str = "") -> RmaDecided:
    return accept_rma(made.world(), RMA_RETURN, "pat", lines, note, insist)


def decline(made: RmaBench, reason: str = "Worn", *lines: str) -> RmaDecided:
    return decline_rma(made.world(), RMA_RETURN, "pat", reason, lines)


def lost() -> None:
    raise UnknownOutcome("miinto.unknown_outcome", "no answer")


# -- on their own account -----------------------------------------------------------------------


def test_a_decline_before_anything_came_is_sent_in_the_persons_name() -> None:
    made = bench().announced(rma(*TWO))

    done = decline(made, "Outside  the\tterm")

    assert (done.how, done.verdict, done.lines) == ("sent", "decline", ("811", "812"))
    why = "Outside the term"
    assert made.rmas.decisions == [(DENMARK, RMA_ID, (), {"811": why, "812": why})]
    acts = [e for e in made.rma_events() if isinstance(e.fact, OperatorActed | LinesCommitted)]
    assert {event.actor for event in acts} == {"pat"}
    (batch,) = made.rma_facts(LinesCommitted)
    assert batch.receipt == BY_HAND


def test_some_positions_alone() -> None:
    made = bench(**OFF)
    made.rmas.put(rma(*TWO))

    assert accept(made, "812").lines == ("812",)

    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("812",), {})]
    assert decline(made).lines == ("811",)
    assert made.rmas.decisions[1] == (DENMARK, RMA_ID, (), {"811": "Worn"})


def test_an_rma_that_the_hub_never_saw_is_decided_with_a_remark() -> None:
    made = bench(**OFF)
    made.rmas.put(rma())

    done = accept(made, note="agreed by phone")

    assert done.how == "sent"
    assert "nothing is known of its goods" in done.remarks[0]
    assert made.rma_facts(OperatorActed)[0].note == "agreed by phone"


def test_the_same_command_again_sends_nothing() -> None:
    made = bench(**OFF)
    made.rmas.put(rma())
    accept(made, "811")

    assert accept(made, "811").how == "already"
    assert len(made.rmas.decisions) == 1
    with pytest.raises(Permanent, match="no position is left to decide"):
        accept(made)
    with pytest.raises(Permanent, match="position 811 is accepted at Miinto already"):
        decline(made, "x", "811")
    assert len(made.rmas.decisions) == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [(("999",), "no position 999; there are: 811, 812"), (("812",), "812 is declined at Miinto")],
)
def test_positions_that_cannot_be_decided(lines: tuple[str, ...], said: str) -> None:
    made = bench().announced(rma(*TWO))
    made.rmas.settle(DENMARK, RMA_ID, declined=["812"])

    with pytest.raises(Permanent, match=said):
        decline(made, "x", *lines)
    assert not made.rmas.decisions


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501, "a\x1bb"])
def test_a_decline_needs_a_reason_that_can_be_shown(reason: str) -> None:
    made = bench().announced()

    with pytest.raises(Permanent, match="reason"):
        decline(made, reason)


def test_what_says_something_unknown_is_not_decided() -> None:
    made = bench().announced()
    made.rmas.put(rma(status="unknown", status_word="on_hold"))

    with pytest.raises(Permanent, match="'on_hold'"):
        decline(made)
    made.rmas.put(rma(position(1), position(2, status="unknown", status_word="lost")))
    with pytest.raises(Permanent, match="'lost'"):
        decline(made, "x", "811")
    assert not made.rmas.decisions


def test_a_return_of_the_portals_is_no_rma() -> None:
    with pytest.raises(Permanent, match="is not an RMA"):
        accept_rma(bench().world(), RETURN_ID, "pat")


# -- against the warehouse's finding ------------------------------------------------------------


@pytest.mark.parametrize(
    ("goods", "said"),
    [
        ((), "the warehouse has not got it"),
        ((("TEE", 2), ("MUG", 1)), r"TEE: expected 1, received 1 \(1 quarantine\)"),
        ((("MUG", 1),), "TEE: expected 1, received 0"),
    ],
    ids=["nothing confirmed", "damaged", "missing"],
)
@pytest.mark.parametrize("mode", ["live", "off"])
def test_an_accept_against_its_finding_is_refused_unless_meant(
    goods: Any, said: str, mode: str
) -> None:
    made = bench(decide={"mode": mode}).announced(rma(*TWO))
    if goods:
        arrive(made, *goods)
    made.poll()

    with pytest.raises(Permanent, match=said):
        accept(made, "811")
    assert not made.rmas.decisions

    done = accept(made, "811", insist=True)
    made.poll()
    assert done.remarks
    if done.how == "sent":
        assert made.rmas.decisions == [(DENMARK, RMA_ID, ("811",), {})]


def test_a_decline_is_nobodys_loss() -> None:
    made = bench(decide={"mode": "off"}).announced()
    arrive(made, ("TEE", 1))

    assert decline(made).how == "sent"


# -- the answer to a question -------------------------------------------------------------------


def asked(*goods: tuple[str, int]) -> RmaBench:
    """An RMA of a shirt and a mug about which the hub has asked."""
    made = bench().announced(rma(*TWO))
    arrive(made, *(goods or (("TEE", 1), ("MUG", 1))))
    assert made.poll() == {"parked": 1}
    return made


def test_where_the_hub_asks_it_is_the_answer_and_the_flow_carries_it_out() -> None:
    made = asked()
    woken: list[str] = []

    done = accept_rma(made.world(), RMA_RETURN, "pat", wake=woken.append)

    assert (done.how, done.lines) == ("answered", ("811", "812"))
    assert not made.rmas.decisions
    assert len(woken) == 1
    assert made.poll() == {"processed": 1}
    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("811", "812"), {})]
    assert not made.parked("decision.ask")


def test_an_answer_that_declines_tells_miinto_the_persons_words() -> None:
    made = asked()

    decline(made, "Heavily worn", "811")
    assert made.poll() == {"parked": 1}
    accept(made, "812")
    made.poll()

    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("812",), {"811": "Heavily worn"})]


def test_an_answer_for_one_position_says_what_is_still_asked() -> None:
    made = asked()

    done = accept(made, "811")

    assert any(remark.startswith("the hub still asks: Proposed") for remark in done.remarks)


def test_goods_that_nobody_announced_are_answered_with_it_and_told() -> None:
    made = asked(("TEE", 1), ("MUG", 1), ("CAP", 1))

    done = accept(made)

    assert "other goods came with it: CAP: expected 0, received 1" in done.remarks
    assert made.poll() == {"processed": 1}


def test_a_question_is_not_answered_while_nobody_would_carry_it_out() -> None:
    made = asked()
    made.file["miinto"]["rma"]["decide"]["mode"] = "off"

    assert accept(made, "811").how == "sent"
    assert len(made.parked("decision.ask")) == 1
    assert accept(made).how == "sent"
    assert [accepted for _, _, accepted, _ in made.rmas.decisions] == [("811",), ("812",)]
    assert made.parked("decision.ask") == []
    assert not made.rma_state().is_parked


def test_a_question_that_a_cut_off_command_left_is_closed_by_the_same_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = asked()
    made.file["miinto"]["rma"]["decide"]["mode"] = "off"

    def cut(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(rma_questions, "discard", cut)
        with pytest.raises(SystemExit):
            accept(made, "811", "812")
    assert accept(made, "811", "812").how == "already"
    assert made.parked("decision.ask") == []


def test_a_position_without_a_product_is_sent_beside_the_answer() -> None:
    made = bench()
    made.rmas.put(rma(position(1), position(2, "0000000000000")))
    made.fetch()
    made.deliver()
    arrive(made, ("TEE", 1))
    made.poll()

    done = accept(made)

    assert (done.how, done.lines) == ("sent", ("811", "812"))
    assert made.rmas.decisions == [(DENMARK, RMA_ID, ("812",), {})]
    made.poll()
    assert made.rmas.decisions[1] == (DENMARK, RMA_ID, ("811",), {})


def test_the_hub_does_not_ask_about_what_a_person_decided_before_it_came() -> None:
    made = bench().announced()
    decline(made)
    made.rmas.put(rma(position(1, status="declined"), status="declined"))
    arrive(made, ("TEE", 1))

    assert made.poll() == {"skipped_closed": 1}
    assert len(made.rmas.decisions) == 1


# -- cut off ------------------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_looked_up_by_the_same_command() -> None:
    made = bench(**OFF)
    made.rmas.put(rma())
    made.rmas.after_decide = lost
    with pytest.raises(UnknownOutcome):
        accept(made)
    made.rmas.after_decide = None

    with pytest.raises(Retryable):
        accept(made)
    made.clock.advance(minutes=5)

    assert accept(made).how == "already"
    assert len(made.rmas.decisions) == 1
    (processed,) = made.rma_facts(LinesProcessed)
    assert processed.how == "looked_up"


@pytest.mark.parametrize("mode", ["off", "shadow", "live"])
def test_what_was_cut_off_before_it_was_sent_is_finished_by_what_is_due(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    made = bench(announce={"mode": "off"}, decide={"mode": mode})
    made.rmas.put(rma())

    def cut(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "send_unfinished", cut)
        with pytest.raises(SystemExit):
            decline(made)
    assert made.watch() == {}
    assert not made.rmas.decisions

    made.clock.advance(minutes=5)
    assert made.watch() == {"by_hand.finished": 1}

    assert made.rmas.decisions == [(DENMARK, RMA_ID, (), {"811": "Worn"})]
    assert made.rma_state().due_of("by_hand") is None


def test_the_same_command_finishes_what_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench(**OFF)
    made.rmas.put(rma())

    def cut(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "send_unfinished", cut)
        with pytest.raises(SystemExit):
            decline(made)

    done = decline(made)

    assert (done.how, done.lines) == ("already", ("811",))
    assert len(made.rmas.decisions) == 1
    assert made.rma_state().due_of("by_hand") is None


def test_a_request_that_may_be_lost_waits_for_a_person_and_is_replayed_by_their_word() -> None:
    made = bench(**OFF)
    made.rmas.put(rma())
    made.rmas.before_decide = lost
    with pytest.raises(UnknownOutcome):
        decline(made)
    made.rmas.before_decide = None
    for _ in range(6):
        made.clock.advance(minutes=10)
        made.watch()
    assert not made.rmas.decisions
    (item,) = made.parking.list_parked("example")
    assert item.code == "operation.unknown_outcome"
    assert made.rma_state().batches[0].outcome == "parked"

    desk = Desk("pat", made.returns, made.parking, made.clock, lambda _: None, lambda _: None)
    assert replay(item, desk, send_again=True) == "replayed"
    made.watch()

    assert made.rmas.decisions == [(DENMARK, RMA_ID, (), {"811": "Worn"})]
    assert made.rma_state().due_of("by_hand") is None


def test_asking_for_the_receipts_of_the_rma_finishes_it_too() -> None:
    made = bench(**OFF)
    made.rmas.put(rma())
    made.rmas.after_decide = lost
    with pytest.raises(UnknownOutcome):
        decline(made)
    made.rmas.after_decide = None
    made.clock.advance(minutes=5)

    assert process_receipts_of(made.world(), RMA_RETURN) == {"off": 1}
    assert made.rma_state().batches[0].outcome == "processed"
    assert made.watch() == {}


def test_somebody_elses_decision_meanwhile_is_told() -> None:
    made = bench(**OFF)
    made.rmas.put(rma(*TWO))

    def before(readings: int) -> None:
        if readings == 2:
            made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])

    made.rmas.before_read = before

    decline(made)

    assert made.rmas.decisions == [(DENMARK, RMA_ID, (), {"812": "Worn"})]
    assert "to be declined and is accepted" in made.parked("return.decided_otherwise")[0]


def test_what_is_in_a_request_of_the_hubs_is_not_decided_beside_it() -> None:
    made = bench(decide={"mode": "live", "policy": {"confirm": {"processing": "unless_matched"}}})
    made.announced()
    arrive(made, ("TEE", 1))
    made.rmas.before_decide = lost
    assert made.poll() == {"later": 1}
    made.rmas.before_decide = None

    with pytest.raises(Permanent, match="no position is left to decide"):
        decline(made)
    with pytest.raises(Permanent, match="in a request of the hub's already"):
        decline(made, "x", "811")
    assert not made.rmas.decisions
