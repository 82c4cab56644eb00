"""An approved return is announced once: messages come again, answers are lost, runs crash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.facts import Event, ExternalReturnMade
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows.announce_return import announce_return
from returns_hub.flows.plan_return import NEW_RETURNS
from returns_hub.flows.receive_approved_return import parse, receive_approved_return
from returns_hub.ports import Capabilities, ExternalReturnDraft
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment

CREATE = "CreateExternalReturn"


def test_the_same_message_again_costs_no_partner_call() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    text = bench.message(body=redo_return([item(1, "TEE")]), occurred_at="2026-03-02T08:59:00Z")
    bench.approve(text)
    before = len(bench.to_redo.requests), len(bench.to_mintsoft.requests)

    assert bench.approve(text) == "skipped"

    assert (len(bench.to_redo.requests), len(bench.to_mintsoft.requests)) == before


def test_a_line_is_never_announced_twice_when_its_shipment_is_named_later() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE", shipmentGroupIds=[])], shipments=[]))
    bench.approve()
    bench.clock.advance(minutes=5)
    bench.put(redo_return([item(1, "TEE")], updatedAt="2026-03-02T09:04:00Z"))

    bench.approve()

    assert len(bench.external_returns()) == 1


def test_a_line_that_is_added_later_gets_an_external_return_of_its_own() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.clock.advance(minutes=5)
    items = [item(1, "TEE"), item(2, "MUG", shipmentGroupIds=["late"])]
    both = [shipment("sg_one", ["item1"]), shipment("late", ["item2"])]
    bench.put(redo_return(items, shipments=both, updatedAt="2026-03-02T09:04:00Z"))

    bench.approve()

    assert [[row.sku for row in m.rows] for m in bench.external_returns()] == [["TEE"], ["MUG"]]
    assert bench.telemetry.total(NEW_RETURNS) == 1


def test_speed_what_is_made_and_told_is_recorded_by_one_write() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    append, written = bench.returns.append, list[list[str]]()

    def noted(state: ReturnState, events: Sequence[Event]) -> ReturnState:
        written.append([event.rule for event in events])
        return append(state, events)

    bench.returns.append = noted  # type: ignore[method-assign]

    assert bench.approve() == "announced"

    assert written == [
        ["plan shipments", "plan shipments"],
        ["one external return per shipment", "tell the portal"],
    ]


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_BEFORE])
def test_what_is_made_is_known_while_the_portal_cannot_be_told(kind: FaultKind) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.redo.faults.add(Fault(kind, path="comments", method="POST"))

    with pytest.raises((Retryable, UnknownOutcome)):
        bench.approve()

    assert bench.state().shipments[0].external_return_id == 41
    assert bench.returns.find("example", 41) == RETURN_ID
    assert not bench.state().is_announced


def test_a_crash_after_the_portal_was_told_is_made_good() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    append = bench.returns.append

    def crash(state: ReturnState, events: Sequence[Event]) -> ReturnState:
        if any(isinstance(event.fact, ExternalReturnMade) for event in events):
            raise KeyboardInterrupt
        return append(state, events)

    bench.returns.append = crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.approve()
    assert len(bench.comments()) == 1
    bench.returns.append = append  # type: ignore[method-assign]

    assert bench.approve() == "announced"

    assert len(bench.comments()) == 1
    assert len(bench.external_returns()) == 1
    assert bench.returns.find("example", 41) == RETURN_ID
    assert bench.state().is_announced


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.HTML_200_AFTER,
        FaultKind.CUT_OFF_AFTER,
    ],
)
def test_a_create_whose_answer_is_lost_is_found_again_not_made_again(kind: FaultKind) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(kind, path=CREATE))

    with pytest.raises(UnknownOutcome):
        bench.approve()
    with pytest.raises(Retryable):
        bench.approve()
    bench.clock.advance(minutes=4)

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1
    assert bench.state().shipments[0].external_return_id == 41


def test_a_create_that_did_not_happen_is_parked_until_the_look_up_is_proven() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(hours=25)

    assert bench.approve() == "parked"

    assert not bench.external_returns()
    (parked,) = bench.parking.list_parked("example")
    assert "RH-" in parked.reason


def test_a_create_that_did_not_happen_is_sent_again_once_the_look_up_is_proven() -> None:
    bench = Bench()
    bench.capabilities.put("example", Capabilities(marker_look_up=True))
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_BEFORE, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1


def test_a_refused_connection_is_known_not_sent_and_may_be_sent_again_at_once() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    world = bench.world()
    world.warehouse.find_product("TEE")
    bench.catalogue.remember("example", {"TEE": 901})
    bench.to_mintsoft.refuse = True
    with pytest.raises(Retryable):
        bench.approve()
    bench.to_mintsoft.refuse = False

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1


def test_a_comment_whose_answer_is_lost_is_not_posted_twice() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="comments", method="POST"))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)

    bench.approve()

    assert len(bench.comments()) == 1
    assert len(bench.external_returns()) == 1
    assert bench.state().is_announced


def test_two_runs_at_once_make_one_external_return() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    first, second = bench.world(), bench.world()
    made_during: list[str] = []
    create = first.warehouse.create_external_return

    def slow_create(draft: ExternalReturnDraft, send_by: datetime) -> int:
        with pytest.raises(Retryable):
            announce_return(parse(bench.message()), second)
        made_during.append("tried")
        return create(draft, send_by)

    first.warehouse.create_external_return = slow_create  # type: ignore[method-assign]

    receive_approved_return(bench.message(), first.stores, lambda _: first)

    assert made_during == ["tried"]
    assert len(bench.external_returns()) == 1


@pytest.mark.parametrize("status", ["complete", "rejected"])
def test_a_record_whose_answer_was_lost_is_found_though_the_return_is_closed_by_now(
    status: str,
) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.redo.set_status(RETURN_ID, status)
    bench.clock.advance(minutes=4)

    assert bench.approve() == "skipped"

    assert bench.returns.find("example", 41) == RETURN_ID
    assert len(bench.external_returns()) == 1


def test_a_message_that_comes_back_goes_on_with_what_was_planned() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    text = bench.message(occurred_at="2026-03-02T08:59:00Z")
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_429, path=CREATE))
    with pytest.raises(Retryable):
        bench.approve(text)

    assert bench.approve(text) == "announced"
    assert len(bench.external_returns()) == 1


def test_a_line_that_joins_an_announced_shipment_later_gets_an_external_return_of_its_own() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    assert bench.approve() == "announced"
    for number, sku in ((2, "MUG"), (3, "CAP")):
        later = redo_return(
            [item(1, "TEE"), *(item(n, s) for n, s in ((2, "MUG"), (3, "CAP")) if n <= number)],
            updatedAt=f"2026-03-02T09:0{number}:00Z",
        )
        bench.put(later)
        bench.clock.advance(minutes=2)
        assert bench.approve(bench.message(occurred_at=f"2026-03-02T09:0{number}:00Z")), sku

    skus = [[row.sku for row in made.rows] for made in bench.external_returns()]
    assert skus == [["TEE"], ["MUG"], ["CAP"]]
    keys = [shipment.key for shipment in bench.state().shipments]
    assert len(set(keys)) == 3
    for record in bench.external_returns():
        bench.receive(record.id)
    bench.poll()
    assert bench.submissions() == {"item1": 1, "item2": 1, "item3": 1}
