"""A question about a return, explained, answered by a person, and carried out once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from returns_hub.domain.answering import answered, seen
from returns_hub.domain.case import Action, Decision
from returns_hub.domain.decisions import decide
from returns_hub.domain.explaining import tell_answers, tell_history, tell_lines
from returns_hub.domain.facts import OperatorActed, ReceiptTaken
from returns_hub.domain.receipts import ReceivedRow
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Permanent
from returns_hub.flows.explain import Explained, explain
from returns_hub.flows.operator import Desk, answer
from returns_hub.flows.process_receipts import process_receipts_of
from returns_hub.flows.questions import questions_of
from returns_hub.ports import ParkedItem
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment


def announced(*items: dict[str, Any], policy: dict[str, Any] | None = None, **more: Any) -> Bench:
    bench = Bench()
    bench.file["flows"]["process_receipts"]["policy"] = policy or {"preset": "ask"}
    bench.put(redo_return(list(items) or [item(1, "TEE", 3)], **more))
    assert bench.approve() == "announced"
    return bench


def asked(*goods: tuple[str, int], items: tuple[dict[str, Any], ...] = ()) -> Bench:
    """A return of three shirts of which the goods came, and a question about it."""
    bench = announced(*items)
    bench.receive(41, *(goods or (("TEE", 2),)))
    assert bench.poll() == {"parked": 1}
    return bench


def desk_of(bench: Bench, sent: list[str] | None = None) -> Desk:
    kept = [] if sent is None else sent
    return Desk("pat", bench.returns, bench.parking, bench.clock, kept.append, kept.append)


def question(bench: Bench) -> ParkedItem:
    (found,) = bench.parking.list_parked("example")
    return found


def last(bench: Bench) -> Explained:
    return explain(bench.world(), RETURN_ID).receipts[-1]


def say(bench: Bench, **answers: str) -> str:
    """Pat answers, as the command does it."""
    about = last(bench).case
    policy = bench.live().merchant.flows.process_receipts.policy
    units = seen(about, policy, answers)
    return answer(question(bench), desk_of(bench), answers, seen=units)


def statuses(bench: Bench) -> list[str]:
    """Where the lines stand in the portal, once it has come round to them."""
    bench.redo.all_books()
    return [line["status"] for line in bench.redo.returns[RETURN_ID]["items"]]


def would(bench: Bench, **answers: str) -> Decision:
    policy = bench.live().merchant.flows.process_receipts.policy
    case = answered(last(bench).case, policy, answers)
    return decide(case, policy, bench.world().portal.abilities)


# -- answers ------------------------------------------------------------------------------------


def test_an_answer_wakes_the_flow_and_is_carried_out_once() -> None:
    bench = asked()
    sent: list[str] = []

    assert would(bench, item1="process_no_restock").action is Action.PROCESS
    outcome = answer(
        question(bench), desk_of(bench, sent), {"item1": "process_no_restock"}, seen={"item1": 2}
    )

    assert outcome == "answered"
    assert [json.loads(text) for text in sent] == [{"merchant": "example", "return_id": RETURN_ID}]
    assert process_receipts_of(bench.world(), RETURN_ID) == {"processed": 1}
    assert bench.poll() == {}
    assert bench.submissions() == {"item1": 1}
    bench.clock.advance(seconds=5)
    assert not any(bench.redo.all_books()["restocked"].values())
    (told,) = tell_answers(bench.returns.timeline("example", RETURN_ID))
    assert (told.who, told.answers) == ("pat", {"item1": "process_no_restock"})
    (closed,) = bench.parking.list_parked("example", closed_too=True)
    assert (closed.state, closed.closed_by) == ("replayed", "pat")
    assert bench.state().parked_ids == frozenset()
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state())


def test_answering_reject_rejects_the_line_in_the_portal() -> None:
    bench = asked()
    say(bench, item1="reject")

    assert bench.poll() == {"processed": 1}
    bench.clock.advance(seconds=5)
    assert statuses(bench) == ["rejected"]
    assert not bench.redo.all_books()["payments"]


def test_answering_twice_keeps_the_first_word() -> None:
    bench = asked()
    found = question(bench)
    assert say(bench, item1="reject") == "answered"

    assert answer(found, desk_of(bench), {"item1": "process"}, seen={"item1": 2}) == "already"
    (closed,) = bench.parking.list_parked("example", closed_too=True)
    assert answer(closed, desk_of(bench), {"item1": "process"}, seen={"item1": 2}) == "already"

    assert bench.state().answers == {"item1": "reject"}
    assert len(bench.facts(OperatorActed)) == 1
    bench.poll()
    assert bench.submissions() == {"item1": 1}


@pytest.mark.parametrize("stop", ["close", "send"])
@pytest.mark.parametrize("has_run", [False, True])
def test_an_answer_that_was_cut_short_is_carried_out_and_can_be_repeated(
    stop: str, has_run: bool
) -> None:
    bench = asked()
    found = question(bench)

    class Gone(Exception):
        pass

    def gone(*_: object, **__: object) -> Any:
        raise Gone

    class Parking:
        """Closing never comes back."""

        close = staticmethod(gone)

    desk = desk_of(bench)
    broken = replace(desk, send_receipt=gone)
    if stop != "send":
        broken = replace(desk, parking=Parking())  # type: ignore[arg-type]  # just the one call
    with pytest.raises(Gone):
        answer(found, broken, {"item1": "reject"}, seen={"item1": 2})

    if has_run:
        assert bench.poll() == {"processed": 1}
    if stop != "send":
        assert questions_of("example", RETURN_ID, desk).unfinished == (found,)
        assert answer(found, desk, {"item1": "process"}, seen={"item1": 2}) == "already"
    assert bench.parking.list_parked("example") == ()
    assert len(bench.facts(OperatorActed)) == 1
    bench.poll()
    bench.clock.advance(seconds=5)
    assert statuses(bench) == ["rejected"]
    assert bench.submissions() == {"item1": 1}


def test_a_question_that_comes_up_again_at_once_is_not_closed_with_the_first() -> None:
    """The flow may be faster than the command: what it asks anew is a new question."""
    bench = asked(("TEE", 2), ("MUG", 1), items=(item(1, "TEE", 3), item(2, "MUG", 2)))
    found = question(bench)
    desk = desk_of(bench)

    class Quick:
        """The schedule's tick comes between the timeline and the list of parked work."""

        @staticmethod
        def close(*arguments: Any) -> bool:
            assert bench.poll() == {"parked": 1}
            return bench.parking.close(*arguments)

    quick = replace(desk, parking=Quick())  # type: ignore[arg-type]  # just the one call
    answer(found, quick, {"item1": "process"}, seen={"item1": 2})

    (again,) = bench.parking.list_parked("example")
    assert again.parked_id == found.parked_id
    assert questions_of("example", RETURN_ID, desk).waiting == ((41, again),)


def test_an_answer_about_one_line_stays_when_other_goods_come() -> None:
    items = (item(1, "TEE", 3), item(2, "MUG", shipmentGroupIds=["b"]))
    bench = announced(
        *items,
        policy={"preset": "ask", "complete_when": "all_shipments"},
        shipments=[shipment("sg_one", ["item1"]), shipment("b", ["item2"])],
    )
    bench.receive(41, ("TEE", 2))
    bench.receive(42, ("CAP", 1), ("MUG", 1))
    assert bench.poll() == {"waiting": 1, "parked": 1}
    assert say(bench, item1="process", **{"*": "go_on"}) == "answered"
    assert bench.poll()["processed"] == 1

    assert bench.submissions() == {"item1": 1, "item2": 1}


def go_on(bench: Bench) -> None:
    assert say(bench, **{"*": "go_on"}) == "answered"


def two_shipments() -> Bench:
    bench = announced(
        item(1, "TEE"),
        item(2, "MUG", shipmentGroupIds=["b"]),
        shipments=[shipment("sg_one", ["item1"]), shipment("b", ["item2"])],
    )
    bench.receive(41, ("TEE", 1), ("CAP", 1))
    assert bench.poll() == {"parked": 1}
    return bench


def test_goods_that_were_waved_through_are_not_asked_about_again() -> None:
    bench = two_shipments()
    go_on(bench)
    assert bench.poll() == {"processed_in_part": 1}

    bench.receive(42, ("MUG", 1))
    assert bench.poll() == {"processed": 1}


@pytest.mark.parametrize("goods", [("CAP", 1), ("HAT", 1)])
def test_more_goods_beyond_the_lines_are_asked_about_anew(goods: tuple[str, int]) -> None:
    bench = two_shipments()
    go_on(bench)
    bench.poll()

    bench.receive(42, ("MUG", 1), goods)
    assert bench.poll() == {"parked": 1}
    assert bench.submissions() == {"item1": 1}

    go_on(bench)
    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_a_line_that_a_person_holds_waits_for_more_of_it_and_no_longer() -> None:
    bench = asked()
    say(bench, item1="hold")
    assert bench.poll() in ({"waiting": 1}, {"held": 1})
    bench.clock.advance(minutes=10)
    assert bench.poll() == {}

    bench.receive(41, ("TEE", 3))

    assert bench.poll() == {"processed": 1}


def test_what_a_person_holds_is_asked_again_when_the_hold_is_over() -> None:
    bench = announced(policy={"preset": "ask", "hold_hours": 24})
    bench.receive(41, ("TEE", 2))
    bench.poll()
    say(bench, item1="hold")
    bench.poll()
    before = len(bench.kinds())
    bench.clock.advance(hours=25)

    assert bench.poll() == {"parked": 1}
    assert bench.poll() == {}
    assert len(bench.kinds()) == before + 3
    assert would(bench, item1="hold").action is Action.ASK


def test_limits_are_satisfied_by_an_answer_for_every_line() -> None:
    bench = announced(item(1, "TEE", 2), item(2, "MUG", 2), policy={"limits": {"most_units": 3}})
    bench.receive(41)
    assert bench.poll() == {"parked": 1}

    assert would(bench, item1="process").action is Action.ASK
    say(bench, item1="process", item2="reject")

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_a_later_confirmation_may_decide_what_was_asked() -> None:
    bench = asked()
    bench.receive(41, ("TEE", 3))
    assert process_receipts_of(bench.world(), RETURN_ID) == {"processed": 1}

    with pytest.raises(Permanent, match="overtaken"):
        questions_of("example", RETURN_ID, desk_of(bench))


def test_what_waits_for_no_answer_says_why() -> None:
    bench = announced(item(1, "TEE"), policy={"preset": "standard"})
    desk = desk_of(bench)
    with pytest.raises(Permanent, match="knows nothing"):
        questions_of("example", "66aa01f0c0ffee0000000009", desk)
    with pytest.raises(Permanent, match="not waiting for an answer; it stands: announced"):
        questions_of("example", RETURN_ID, desk)
    bench.receive(41, ("CAP", 1))
    assert bench.poll() == {"flagged": 1}
    with pytest.raises(Permanent, match="decided in the portal"):
        questions_of("example", RETURN_ID, desk)


# -- explanations -------------------------------------------------------------------------------


def remarks(bench: Bench) -> str:
    return "; ".join(explain(bench.world(), RETURN_ID).remarks)


def test_what_keeps_the_hub_from_deciding_is_said() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    assert "has not been announced" in remarks(bench)
    bench.approve()
    assert "external return 41 is announced; its goods are not confirmed yet" in remarks(bench)
    bench.file["flows"]["process_receipts"]["mode"] = "shadow"
    assert "told, not carried out" in remarks(bench)
    bench.mintsoft.returns.clear()
    assert "does not know external return 41" in remarks(bench)


def test_an_explanation_is_what_the_next_run_decides_and_writes_nothing() -> None:
    bench = announced(item(1, "TEE", 3), item(2, "MUG"), policy={"lines": {"short": "reject"}})
    bench.receive(41, ("TEE", 2), ("MUG", 1))
    before = (bench.kinds(), len(bench.to_redo.requests))

    found = last(bench)

    assert bench.kinds() == before[0]
    asked_for = [request.method for request in bench.to_redo.requests[before[1] :]]
    assert set(asked_for) == {"GET"}
    assert found.is_due
    assert found.decision.action is Action.PROCESS
    bench.poll()
    (taken,) = bench.facts(ReceiptTaken)
    assert (taken.decision, taken.note) == (found.decision.action.value, found.decision.note)
    assert taken.case == found.case


def test_receipts_of_one_run_are_explained_one_after_the_other() -> None:
    bench = announced(
        item(1, "TEE"),
        item(2, "MUG", shipmentGroupIds=["b"]),
        policy={"preset": "standard"},
        shipments=[shipment("sg_one", ["item1"]), shipment("b", ["item2"])],
    )
    bench.receive(41, ("TEE", 1))
    bench.receive(42, ("MUG", 1))

    first, second = explain(bench.world(), RETURN_ID).receipts

    assert [line.line_id for line in first.decision.lines] == ["item1"]
    assert [line.line_id for line in second.decision.lines] == ["item2"]
    assert bench.poll() == {"processed_in_part": 1, "processed": 1}
    done = explain(bench.world(), RETURN_ID).receipts
    assert [found.settled for found in done] == ["processed_in_part", "processed"]
    assert not any(found.is_due for found in done)


def test_goods_that_have_not_come_can_be_supposed() -> None:
    bench = announced(item(1, "TEE", 2), policy={"preset": "standard"})
    (found,) = explain(bench.world(), RETURN_ID, [ReceivedRow(sku="TEE", quantity=1)]).receipts
    assert found.supposed
    assert (found.decision.action, found.decision.rule) == (Action.FLAG, "short: flag")

    bench.receive(41, ("TEE", 1))
    more = explain(bench.world(), RETURN_ID, [ReceivedRow(sku="TEE", quantity=1)]).receipts
    assert [f.decision.action for f in more] == [Action.FLAG, Action.PROCESS]


def test_each_line_is_told_with_its_rows_and_who_says_them() -> None:
    bench = announced(
        item(1, "TEE", 3),
        item(2, "MUG"),
        item(3, None),
        item(4, "CAP", greenReturn=True),
        policy={"lines": {"short": "hold", "damaged": "reject"}},
    )
    bench.mintsoft.receive(
        41, [{"sku": "TEE", "quantity": 2, "reason_id": 2}, {"sku": "X", "quantity": 1}]
    )
    policy = bench.live().merchant.flows.process_receipts.policy

    tee, mug, nothing, cap, extra = tell_lines(last(bench).case, policy)

    assert [(row.row, row.says, row.origin) for row in tee.rows] == [
        ("damaged", "reject", "override"),
        ("short", "hold", "override"),
    ]
    assert tee.action == "hold"
    assert [(row.row, row.origin) for row in mug.rows] == [("missing", "preset")]
    assert "no SKU" in nothing.why
    assert "customer keeps" in cap.why
    assert (extra.rows[0].row, extra.action) == ("wrong_sku", "flag")


def test_what_was_decided_is_told_with_what_became_of_it() -> None:
    bench = asked()
    say(bench, item1="reject")
    bench.poll()

    first, second = tell_history(bench.returns.timeline("example", RETURN_ID))

    assert (first.decision, first.rule, first.config_version) == ("ask", "short: ask", 1)
    assert first.policy.startswith("ask@")
    assert first.became == (
        "put before a person (decision.ask)",
        "settled: parked",
        "answered by pat",
    )
    assert second.decision == "process"
    assert second.became == ("process call 1 was taken (sent)", "settled: processed")
