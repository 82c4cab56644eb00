"""A person's acts on a return in the portal: once for each request, and on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import Settings
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.returns import PortalAbilities, ReturnStatus
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.act_on_return import Request, comment, set_status
from returns_hub.flows.world import World
from tests.support.power import Mains, Power, PowerCut
from tests.support.worlds import RETURN_ID, TOKEN, Bench, item, redo_return

FIRST = Request("one", "pat")


def a_return(**changes: Any) -> Bench:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], **changes))
    return bench


def told(bench: Bench) -> list[tuple[str, str, str, str]]:
    """Acts on the timeline: what, what came of it, the status, and who."""
    return [
        (event.fact.act, event.fact.outcome, event.fact.status, event.actor)
        for event in bench.returns.timeline("example", RETURN_ID)
        if isinstance(event.fact, OperatorActed)
    ]


def statuses(bench: Bench) -> list[str]:
    return bench.redo.books.statuses.get(RETURN_ID, [])


@pytest.mark.parametrize("wanted", ["complete", "flagged", "rejected", "deleted"])
def test_a_status_is_set_once_and_the_timeline_says_by_whom(wanted: str) -> None:
    bench = a_return()
    status = ReturnStatus(wanted)

    assert set_status(bench.world(), RETURN_ID, status, FIRST).how == "sent"
    assert set_status(bench.world(), RETURN_ID, status, FIRST).how == "already"
    assert statuses(bench) == [wanted]
    assert told(bench) == [
        ("status_change", "asked", wanted, "pat"),
        ("status_change", "done", wanted, "pat"),
    ]
    assert bench.facts(OperatorActed)[0].before == "open"


def test_the_same_is_done_again_when_it_is_asked_for_again() -> None:
    bench = a_return()
    set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST)
    bench.redo.set_status(RETURN_ID, "open")
    set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, Request("two", "lee"))

    assert statuses(bench) == ["flagged", "open", "flagged"]


def test_a_return_that_the_hub_had_not_seen_gets_a_timeline_and_is_not_called_in_work() -> None:
    bench = a_return()
    set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST)

    assert bench.state().outcome == "not_seen"
    bench.redo.set_status(RETURN_ID, "open")
    assert bench.approve() == "announced"
    events = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, events)) == canonical(bench.state())


@pytest.mark.parametrize("fault", [FaultKind.ERROR_500_AFTER, FaultKind.RESET_AFTER])
def test_a_change_whose_answer_was_lost_is_found_and_not_repeated(fault: FaultKind) -> None:
    bench = a_return()
    bench.redo.faults.add(Fault(fault, path="status", method="PUT"))
    with pytest.raises(UnknownOutcome):
        set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST)
    with pytest.raises(Retryable):
        set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST)
    bench.clock.advance(minutes=3)

    done = set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST)
    assert done.how == "looked_up"
    assert statuses(bench) == ["rejected"]
    assert told(bench)[-1] == ("status_change", "done", "rejected", "pat")


def test_a_change_that_did_not_get_there_is_sent_again() -> None:
    bench = a_return()
    bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="status", method="PUT"))
    with pytest.raises(UnknownOutcome):
        set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST)
    bench.clock.advance(minutes=3)

    assert set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST).how == "sent"
    assert statuses(bench) == ["rejected"]
    assert len(told(bench)) == 2


def test_a_change_is_not_sent_over_what_somebody_else_did_meanwhile() -> None:
    bench = a_return()
    bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="status", method="PUT"))
    with pytest.raises(UnknownOutcome):
        set_status(bench.world(), RETURN_ID, ReturnStatus.COMPLETE, FIRST)
    bench.redo.set_status(RETURN_ID, "rejected")
    bench.clock.advance(minutes=3)

    with pytest.raises(UnknownOutcome, match="complete was asked for, and it is rejected"):
        set_status(bench.world(), RETURN_ID, ReturnStatus.COMPLETE, FIRST)
    assert statuses(bench) == ["rejected"]
    bench.clock.advance(days=2)
    with pytest.raises(Permanent):
        set_status(bench.world(), RETURN_ID, ReturnStatus.COMPLETE, FIRST)
    assert [outcome for _, outcome, _, _ in told(bench)] == ["asked"]


@pytest.mark.parametrize(("by_now", "how"), [("in_transit", "looked_up"), ("rejected", "sent")])
def test_a_return_that_was_opened_and_moved_on_was_opened(by_now: str, how: str) -> None:
    bench = a_return(status="rejected")
    bench.redo.faults.add(Fault(FaultKind.ERROR_500_AFTER, path="status", method="PUT"))
    with pytest.raises(UnknownOutcome):
        set_status(bench.world(), RETURN_ID, ReturnStatus.OPEN, FIRST)
    bench.redo.set_status(RETURN_ID, by_now)
    bench.clock.advance(minutes=3)

    assert set_status(bench.world(), RETURN_ID, ReturnStatus.OPEN, FIRST).how == how


def test_a_refusal_is_told_in_the_portals_words_and_stays_one() -> None:
    bench = a_return()
    bench.redo.settings = Settings(refuse_status="a complete return cannot be flagged")
    for _ in range(2):
        with pytest.raises(Permanent, match="cannot be flagged"):
            set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST)

    assert [outcome for _, outcome, _, _ in told(bench)] == ["asked", "refused"]
    assert "cannot be flagged" in bench.facts(OperatorActed)[1].note
    assert len([r for r in bench.to_redo.requests if r.method == "PUT"]) == 1


def test_a_missing_scope_leaves_the_request_to_be_repeated() -> None:
    bench = a_return()
    bench.redo.tokens[TOKEN] = frozenset({"returns_read"})
    with pytest.raises(Misconfigured, match="returns_write"):
        set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST)
    bench.redo.tokens[TOKEN] = frozenset({"returns_read", "returns_write"})

    assert set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST).how == "sent"
    assert len(told(bench)) == 2


def test_an_unknown_return_leaves_no_trace() -> None:
    bench = Bench()
    with pytest.raises(Permanent, match="does not know it"):
        set_status(bench.world(), "nobody", ReturnStatus.FLAGGED, FIRST)
    with pytest.raises(Permanent, match="does not know it"):
        comment(bench.world(), "nobody", "hello", FIRST)

    assert bench.returns.events == {}
    assert bench.ledger.rows == {}


@pytest.mark.parametrize("status", [ReturnStatus.IN_TRANSIT, ReturnStatus.UNKNOWN])
def test_a_status_that_nobody_can_set_is_refused_before_anything(status: ReturnStatus) -> None:
    bench = a_return()
    with pytest.raises(Permanent, match="no return can be put into"):
        set_status(bench.world(), RETURN_ID, status, FIRST)
    assert bench.to_redo.requests == []


def test_a_request_is_one_act() -> None:
    bench = a_return()
    set_status(bench.world(), RETURN_ID, ReturnStatus.FLAGGED, FIRST)

    with pytest.raises(Permanent, match="something else"):
        set_status(bench.world(), RETURN_ID, ReturnStatus.REJECTED, FIRST)
    with pytest.raises(Permanent, match="something else"):
        comment(bench.world(), RETURN_ID, "hello", FIRST)
    assert bench.comments() == []


# -- stopped at every step --------------------------------------------------------------------


def cut_off_after(bench: Bench, steps: int, act: Callable[[World], object]) -> bool:
    """Do an act in a process that ends after so many steps; whether it came to its end before."""
    power = Power(steps)
    world = bench.world()
    ledger: Any = Mains(bench.ledger, power)
    returns: Any = Mains(bench.returns, power, "append")
    portal: Any = Mains(world.portal, power, "set_status", "add_comment")
    stores = replace(world.stores, ledger=ledger, returns=returns)
    try:
        act(replace(world, stores=stores, portal=portal))
    except PowerCut:
        return False
    return True


@pytest.mark.parametrize(
    "act",
    [
        lambda world: set_status(world, RETURN_ID, ReturnStatus.REJECTED, FIRST),
        lambda world: comment(world, RETURN_ID, "hello", FIRST),
    ],
    ids=["status", "comment"],
)
def test_stopped_at_any_step_the_same_request_is_carried_out_once(
    act: Callable[[World], object],
) -> None:
    for steps in range(100):
        bench = a_return()
        whole = cut_off_after(bench, steps, act)
        bench.clock.advance(minutes=3)
        act(bench.world())

        assert len(statuses(bench)) + len(bench.comments()) == 1, steps
        assert [outcome for _, outcome, _, _ in told(bench)] == ["asked", "done"], steps
        if whole:
            assert steps == 10
            return


# -- comments ---------------------------------------------------------------------------------


def test_a_comment_is_added_once_and_its_text_stays_in_the_portal() -> None:
    bench = a_return()
    for _ in range(2):
        comment(bench.world(), RETURN_ID, "Asked the carrier.\nThey look.", FIRST)

    (added,) = bench.comments()
    assert added.startswith("Asked the carrier.\nThey look. [RH-")
    assert told(bench) == [("comment", "asked", "", "pat"), ("comment", "done", "", "pat")]
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert "carrier" not in str(timeline)


def test_a_comment_whose_answer_was_lost_is_found() -> None:
    bench = a_return()
    bench.redo.faults.add(Fault(FaultKind.ERROR_500_AFTER, path="comments", method="POST"))
    with pytest.raises(UnknownOutcome):
        comment(bench.world(), RETURN_ID, "hello", FIRST)
    bench.clock.advance(minutes=3)

    assert comment(bench.world(), RETURN_ID, "hello", FIRST).how == "looked_up"
    assert len(bench.comments()) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ("x" * 2001, "2001 characters; there is room for 2000"),
        ("bell \x07", "cannot be shown"),
        ("half \ud800", "cannot be shown"),
    ],
)
def test_a_comment_that_is_none_is_refused_before_anything(text: str, why: str) -> None:
    bench = a_return()
    with pytest.raises(Permanent, match=why):
        comment(bench.world(), RETURN_ID, text, FIRST)
    assert bench.to_redo.requests == []


def test_a_portals_own_limit_holds_with_the_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = a_return()
    world = bench.world()
    monkeypatch.setattr(type(world.portal), "abilities", PortalAbilities(longest_comment=100))
    with pytest.raises(Permanent, match="room for 74"):
        comment(world, RETURN_ID, "x" * 75, FIRST)

    comment(world, RETURN_ID, "x" * 74, FIRST)
    assert len(bench.comments()[0]) == 100
