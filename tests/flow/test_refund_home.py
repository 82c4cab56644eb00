"""The refund of an accepted RMA goes home, once, however it was accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.domain.facts import (
    DueSet,
    LinesProcessed,
    Parked,
    RefundCommitted,
    RefundSettled,
    Seen,
    Skipped,
    WouldSend,
)
from returns_hub.domain.miinto.facts import RefundTied, RmaTied
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.miinto.refund_due import refund_due_facts
from returns_hub.flows.operator import Desk, replay
from returns_hub.flows.way import Way
from tests.support.refund_worlds import ORDER, RETURN, RMA, SHOP, RefundBench, miinto, position
from tests.support.worlds import merchant_file


def bench_with(refunds: dict[str, Any], **rest: Any) -> RefundBench:
    return RefundBench(file=merchant_file(miinto=miinto(refunds=refunds, **rest)))


def accepted(bench: RefundBench | None = None) -> RefundBench:
    bench = bench or RefundBench()
    bench.order()
    bench.rma()
    bench.accept("811")
    return bench


def by_hand(bench: RefundBench) -> None:
    """The fetch of RMAs reads it and writes what follows."""
    rma = bench.rmas.rmas[SHOP, RMA]
    world = bench.world()
    state = bench.rma_state()
    world.record(state, "fetched", *refund_due_facts(state, rma, world))


def see(bench: RefundBench) -> None:
    at = bench.clock.now()
    bench.tell(Seen(source="t", return_type="return", status="open", portal_updated_at=at))


def test_an_accepted_batch_goes_home_at_once_and_the_order_knows() -> None:
    bench = accepted()

    (refund,) = bench.queue.told
    assert json.loads(refund.to_json()) == {
        "schema": "refund/1",
        "merchant": "example",
        "refund_id": refund.refund_id,
        "source": "miinto",
        "return_id": RETURN,
        "shop": SHOP,
        "market": "DK",
        "order_id": ORDER,
        "parent_order_id": "2611111",
        "order_number": "MI-DK-555001",
        "currency": "DKK",
        "lines": [
            {
                "sku": "TEE",
                "quantity": 1,
                "amount_minor": 49900,
                "position": "811",
                "order_position": 71,
                "reason": "too_small",
            }
        ],
        "total_minor": 49900,
        "reason": "goods_accepted",
        "accepted_at": "2026-03-02T09:00:00Z",
    }
    assert [fact.refund_id for fact in bench.order_facts(RefundTied)] == [refund.refund_id]
    assert [fact.return_id for fact in bench.order_facts(RmaTied)] == [RETURN]
    assert bench.rma_state().due_of("refund_home", "1") is None
    assert bench.watch() == {}
    timeline = bench.returns.timeline("example", RETURN)
    assert canonical(fold("example", RETURN, timeline)) == canonical(bench.rma_state())


def test_it_becomes_due_in_the_transaction_of_what_it_follows_from() -> None:
    bench = accepted()
    kinds = [e.fact.kind for e in bench.returns.timeline("example", RETURN)]
    done = kinds.index("lines_processed")
    due = [e.fact for e in bench.returns.timeline("example", RETURN)][done + 1 : done + 3]
    assert [fact.due_kind for fact in due if isinstance(fact, DueSet)] == [
        "check_processing",
        "refund_home",
    ]


def test_what_cannot_be_told_at_once_is_told_by_the_next_run() -> None:
    bench = RefundBench()
    bench.queue.trouble.append(Retryable("aws.sqs.busy", "busy"))
    accepted(bench)
    assert bench.queue.told == []

    bench.clock.advance(minutes=5)
    assert bench.watch() == {"refund_home.sent": 1}
    assert len(bench.queue.told) == 1
    assert bench.watch() == {}


def test_a_telling_without_an_answer_is_repeated_under_the_same_id_in_the_same_bytes() -> None:
    bench = RefundBench()
    bench.queue.trouble.append(UnknownOutcome("aws", "no answer"))
    accepted(bench)

    bench.clock.advance(minutes=5)
    assert bench.watch() == {"refund_home.sent": 1}
    first, second = bench.queue.told
    assert first.to_json() == second.to_json()
    assert len(bench.rma_facts(RefundCommitted)) == 1


def test_a_declined_batch_brings_nothing_home() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    bench.accept(declined=["811"])

    assert bench.queue.told == []
    assert bench.rma_state().due_of("refund_home", "1") is None


def test_only_accepted_lines_of_a_batch_go_home() -> None:
    bench = RefundBench()
    bench.order(
        OrderLine(position=71, quantity=1, price=49900, sku="TEE"),
        OrderLine(position=72, quantity=1, price=9900, sku="MUG"),
    )
    bench.rma(position(811), position(812, of=72))
    bench.accept("812", declined=["811"])

    (refund,) = bench.queue.told
    assert [(line.sku, line.amount_minor) for line in refund.lines] == [("MUG", 9900)]


def test_each_batch_brings_home_its_own_lines() -> None:
    bench = RefundBench()
    bench.order(
        OrderLine(position=71, quantity=1, price=49900, sku="TEE"),
        OrderLine(position=72, quantity=1, price=9900, sku="MUG"),
    )
    bench.rma(position(811), position(812, of=72))
    bench.accept("811")
    bench.accept("812")

    assert [[line.position for line in told.lines] for told in bench.queue.told] == [
        ["811"],
        ["812"],
    ]
    assert len({told.refund_id for told in bench.queue.told}) == 2


def test_what_miinto_shows_declined_is_not_refunded_whatever_the_hub_sent() -> None:
    """Somebody declined it in the panel while the hub's request had no answer."""
    bench = RefundBench()
    bench.order()
    bench.rma()
    bench.commit("811")
    bench.rmas.stand(SHOP, RMA, {"811": "declined"})
    bench.finish()

    assert len(bench.rma_facts(LinesProcessed)) == 1
    assert bench.queue.told == []
    assert bench.parked() == ["refund.not_accepted"]
    assert bench.rma_state().due_of("refund_home", "1") is None


def shown_later() -> RefundBench:
    """Miinto took the decision, and shows the position as pending for now."""
    bench = RefundBench()
    bench.order()
    bench.rma()
    bench.commit("811")
    bench.rmas.decide = lambda *_: None  # type: ignore[method-assign]
    bench.finish()
    return bench


def test_what_miinto_does_not_show_yet_is_waited_for_an_hour_at_most() -> None:
    bench = shown_later()
    assert bench.queue.told == []
    bench.clock.advance(minutes=30)
    assert bench.watch()["refund_home.not_yet"] == 1
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    assert bench.watch()["refund_home.sent"] == 1

    late = shown_later()
    late.clock.advance(minutes=61)
    assert late.watch()["refund_home.nothing"] == 1
    assert "refund.not_accepted" in late.parked()
    assert late.queue.told == []


def test_an_rma_accepted_in_the_panel_goes_home_once() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)
    by_hand(bench)

    assert bench.watch() == {"refund_home.sent": 1}
    assert bench.queue.told[0].reason == "accepted_at_miinto"
    by_hand(bench)
    assert bench.watch() == {}
    assert len(bench.queue.told) == 1


def test_what_the_hub_accepted_is_not_due_again_when_it_is_read_again() -> None:
    bench = accepted()
    by_hand(bench)

    assert bench.watch() == {}
    assert len(bench.queue.told) == 1


def test_a_batch_under_way_keeps_the_reading_from_refunding_its_lines() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    bench.commit("811")
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)
    assert bench.watch() == {}

    bench.finish()
    assert len(bench.queue.told) == 1


def test_both_ways_at_once_bring_one_refund_home() -> None:
    """The panel's acceptance became due, and then the hub's own batch ended too."""
    bench = RefundBench()
    bench.order()
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)
    bench.accept("811")

    assert len(bench.queue.told) == 1
    assert bench.watch() == {"refund_home.nothing": 1}
    assert len(bench.queue.told) == 1


def test_what_was_accepted_before_the_switch_stays_where_it_is() -> None:
    bench = RefundBench()
    old = bench.rma(status="accepted", created_at="2025-12-01T00:00:00Z")
    world = bench.world()
    assert refund_due_facts(bench.rma_state(), old, world) == []
    untold = old.model_copy(update={"created_at": None})
    assert refund_due_facts(bench.rma_state(), untold, world) == []
    young = old.model_copy(update={"created_at": bench.clock.now()})
    assert len(refund_due_facts(bench.rma_state(), young, world)) == 1


def test_nothing_goes_home_under_a_contract_that_reads_did_not_prove() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)
    bench.prove(proven=False)
    assert bench.watch() == {"refund_home.later": 1}
    assert bench.queue.told == []
    bench.prove()
    assert bench.watch() == {"refund_home.sent": 1}


def test_the_hub_does_not_accept_what_it_had_requested_before() -> None:
    """The buyer made an RMA for goods that came without one; accepting it would pay them twice."""
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    bench.market.keep_rma("example", bench.rma())
    bench.accept("811")

    assert bench.rmas.rmas[SHOP, RMA].status == "pending"
    assert bench.parked() == ["rma.requested_before"]
    assert bench.queue.told == []

    declining = RefundBench()
    declining.order()
    declining.came()
    declining.market.keep_rma("example", declining.rma())
    declining.accept(declined=["811"])
    assert declining.rmas.rmas[SHOP, RMA].status == "declined"


def test_an_unknown_status_is_no_acceptance() -> None:
    bench = RefundBench()
    see(bench)
    odd = bench.rma(position(811, status="accepted"), status="unknown", status_word="settled")
    assert refund_due_facts(bench.rma_state(), odd, bench.world()) == []


def test_shadow_tells_what_would_go_home_once() -> None:
    bench = bench_with({"mode": "shadow", "to": "queue"})
    bench.order()
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)
    assert bench.watch() == {"refund_home.shadow": 1}
    by_hand(bench)
    assert bench.watch() == {}

    assert bench.queue.told == []
    (would,) = bench.rma_facts(WouldSend)
    assert "1 x TEE" in would.summary
    assert bench.order_facts(RefundTied) == []
    assert not bench.ledger.rows


def test_a_switch_turned_off_underway_asks_a_person_and_a_replay_brings_it_home() -> None:
    bench = RefundBench()
    bench.queue.trouble.append(Retryable("aws.sqs.busy", "busy"))
    accepted(bench)
    bench.file["miinto"]["refunds"]["mode"] = "shadow"
    assert bench.watch() == {"refund_home.parked": 1}
    assert bench.parked() == ["refund.off"]
    assert bench.queue.told == []

    bench.file["miinto"]["refunds"]["mode"] = "live"
    (item,) = bench.parking.list_parked("example")
    desk = Desk("pat", bench.returns, bench.parking, bench.clock, bool, bool)
    assert replay(item, desk) == "replayed"
    assert replay(item, desk) == "already" or bench.parked() == []
    assert bench.watch() == {"refund_home.sent": 1}
    assert len(bench.queue.told) == 1


def test_one_target_refused_does_not_stop_the_other_and_a_replay_tries_it_alone() -> None:
    bench = RefundBench(credit_notes_on=True)
    bench.queue.trouble.append(Permanent("aws.sqs.invalid", "cannot hold this"))
    accepted(bench)
    (refund_id,) = bench.notes.made
    assert bench.parked() == ["aws.sqs.invalid"]
    assert {f.target: f.outcome for f in bench.rma_facts(RefundSettled)} == {
        "queue": "parked",
        "credit_note": "sent",
    }

    (item,) = bench.parking.list_parked("example")
    desk = Desk("pat", bench.returns, bench.parking, bench.clock, bool, bool)
    assert replay(item, desk) == "replayed"
    assert bench.watch() == {"refund_home.sent": 1}
    assert [told.refund_id for told in bench.queue.told] == [refund_id]
    assert [len(drafts) for drafts in bench.notes.made.values()] == [1]


def test_a_credit_note_without_an_answer_is_looked_up_and_never_made_twice() -> None:
    bench = RefundBench(credit_notes_on=True)
    bench.notes.lose_answers = 1
    accepted(bench)
    (draft,) = next(iter(bench.notes.made.values()))
    assert (draft.order_number, draft.currency) == ("MI-DK-555001", "DKK")
    assert [(line.sku, line.quantity, line.amount_minor) for line in draft.lines] == [
        ("TEE", 1, 49900)
    ]

    bench.clock.advance(minutes=5)
    assert bench.watch() == {"refund_home.sent": 1}
    assert [len(drafts) for drafts in bench.notes.made.values()] == [1]
    assert len(bench.queue.told) == 1


def test_a_credit_note_is_not_guessed() -> None:
    bench = RefundBench(file=merchant_file(miinto=miinto(transfers={})), credit_notes_on=True)
    bench.order(OrderLine(position=71, quantity=2, price=49900, sku="TEE"))
    bench.rma(position(811, 2, price=49900))
    bench.accept("811")

    assert bench.parked() == ["refund.not_told_whole"]
    assert bench.queue.told[0].total_minor is None
    assert bench.queue.told[0].lines[0].amount_minor is None
    assert not bench.notes.made


def test_a_target_that_the_stack_does_not_have_makes_the_refund_wait() -> None:
    bench = bench_with({"mode": "live", "to": "bus"})
    bench.bus.trouble.append(Misconfigured("aws.events.refused", "no such bus"))
    accepted(bench)
    assert bench.watch() == {"refund_home.sent": 1}
    assert len(bench.bus.told) == 1
    assert bench.queue.told == []
    assert bench.telemetry.total("Misconfigured") == 1


def test_an_order_that_the_hub_never_saw_gets_no_timeline() -> None:
    bench = RefundBench()
    bench.rma()
    bench.accept("811")

    (refund,) = bench.queue.told
    assert (refund.order_id, refund.order_number) == (ORDER, None)
    assert bench.order_state().version == 0


def test_a_store_that_refunded_first_is_not_told_to_refund_again() -> None:
    """Refund from the store, RMA request, accepted by Miinto: it must not come home."""
    bench = RefundBench()
    bench.order()
    assert bench.refunded() == "requested"
    (made,) = bench.rmas.rmas.values()
    bench.rmas.stand(SHOP, made.id, {p.id: "accepted" for p in made.positions})
    rma, world = bench.rmas.rmas[SHOP, made.id], bench.world()
    for _ in range(2):
        state = bench.rma_state(made.return_id)
        facts = refund_due_facts(state, rma, world)
        if facts:
            world.record(state, "fetched", *facts)
            assert bench.watch() == {"refund_home.from_store": 1}

    assert bench.queue.told == []
    assert len(bench.rma_facts(Skipped, made.return_id)) == 1


def test_what_the_store_booked_of_its_own_accord_is_not_told_back() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    assert bench.refunded() == "echo"
    by_hand(bench)

    assert bench.watch() == {"refund_home.from_store": 1}
    assert bench.queue.told == []
    by_hand(bench)
    assert bench.watch() == {}


def test_an_acceptance_of_units_requested_as_well_goes_to_a_person_once() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    bench.rma()
    see(bench)
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    by_hand(bench)

    assert bench.watch() == {"refund_home.parked": 1}
    assert bench.parked() == ["refund.requested_too"]
    assert bench.queue.told == []
    by_hand(bench)
    assert bench.watch() == {}
    assert len(bench.rma_facts(Parked)) == 1


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_nothing_goes_home_where_refunds_are_not_live(mode: str) -> None:
    bench = bench_with({"mode": mode, "to": "queue"})
    accepted(bench)
    assert bench.queue.told == []
    assert not [key for key in bench.ledger.rows if key.startswith("refund-home/")]


# -- as RMAs are fetched ------------------------------------------------------------------------


def fetched(bench: RefundBench) -> tuple[dict[str, int], list[str]]:
    sent: list[str] = []
    return fetch_rmas(bench.market_world(), Way(sent.append, lambda: 0)), sent


def announcing() -> RefundBench:
    rma = {"announce": {"mode": "live"}, "decide": {"mode": "live"}, "requests": "automatic"}
    bench = RefundBench(file=merchant_file(miinto=miinto(rma=rma)))
    bench.order()
    return bench


def test_fetching_sees_the_panels_acceptance_and_the_refund_goes_home() -> None:
    bench = announcing()
    bench.rma()
    assert fetched(bench)[0] == {"told": 1}
    bench.rmas.stand(SHOP, RMA, {"811": "accepted"})
    fetched(bench)
    fetched(bench)
    assert bench.watch() == {"refund_home.sent": 1}
    assert len(bench.queue.told) == 1


def test_an_rma_that_the_hub_requested_is_not_announced_and_its_refund_goes_home() -> None:
    bench = announcing()
    bench.came()
    assert fetched(bench) == ({"requested_own": 1}, [])
    (made,) = bench.rmas.rmas.values()
    bench.rmas.stand(SHOP, made.id, {p.id: "accepted" for p in made.positions})
    assert fetched(bench) == ({"requested_own": 1}, [])
    assert bench.watch() == {"refund_home.sent": 1}
    assert bench.queue.told[0].return_id == made.return_id


def test_an_rma_for_what_was_requested_before_is_announced_once_the_request_is_declined() -> None:
    bench = announcing()
    bench.came()
    (made,) = bench.rmas.rmas.values()
    bench.rma()
    assert fetched(bench) == ({"requested_own": 1, "requested_twice": 1}, [])
    assert bench.parked() == ["rma.requested_before"]
    bench.rmas.stand(SHOP, made.id, {p.id: "declined" for p in made.positions})
    fetched(bench)
    assert bench.order_state().requests[0].outcome == "declined"
    counts, sent = fetched(bench)
    assert (counts, len(sent)) == ({"told": 1}, 1)
