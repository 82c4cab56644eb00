"""Parked work, done again or taken out by a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.facts import OperatorActed, Parked
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import UnknownOutcome
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.process_receipts import process_receipts_of
from returns_hub.ports import ParkedItem
from tests.support.doors import DoorBench
from tests.support.worlds import RETURN_ID, Bench, item, redo_return


class Office:
    """A bench with a person at a desk; what they send is kept."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.to_returns: list[str] = []
        self.to_receipts: list[str] = []
        self.desk = Desk(
            who="pat",
            returns=bench.returns,
            parking=bench.parking,
            clock=bench.clock,
            send_return=self.to_returns.append,
            send_receipt=self.to_receipts.append,
        )

    def parked(self) -> ParkedItem:
        (found,) = self.bench.parking.list_parked("example")
        return found

    def deliver(self) -> Any:
        """What the person's act sent is handled."""
        if self.to_returns:
            return self.bench.approve(self.to_returns.pop())
        assert json.loads(self.to_receipts.pop())["return_id"] == RETURN_ID
        return process_receipts_of(self.bench.world(), RETURN_ID)


def unknown_sku() -> Office:
    bench = Bench()
    bench.put(redo_return([item(1, "NEW"), item(2, "MUG", shipmentGroupIds=["sg_one"])]))
    assert bench.approve() == "parked"
    return Office(bench)


def add_product(bench: Bench) -> None:
    bench.mintsoft.seed({"products": {"905": {"sku": "NEW", "name": "New", "client_id": 12}}})


def test_a_parked_shipment_is_announced_after_its_replay_and_the_timeline_says_by_whom() -> None:
    office = unknown_sku()
    add_product(office.bench)

    assert replay(office.parked(), office.desk) == "replayed"
    assert office.deliver() == "announced"
    assert len(office.bench.external_returns()) == 1
    assert office.bench.parking.list_parked("example") == ()
    (act,) = [
        event
        for event in office.bench.returns.timeline("example", RETURN_ID)
        if isinstance(event.fact, OperatorActed)
    ]
    assert act.actor == "pat"
    timeline = office.bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(office.bench.state())


def test_replaying_twice_changes_nothing() -> None:
    office = unknown_sku()
    add_product(office.bench)
    found = office.parked()
    replay(found, office.desk)
    office.deliver()
    before = office.bench.state()

    assert replay(found, office.desk) == "already"
    (closed,) = office.bench.parking.list_parked("example", closed_too=True)
    assert replay(closed, office.desk) == "already"
    while office.to_returns:
        office.deliver()
    assert office.bench.state() == before
    assert len(office.bench.external_returns()) == 1


def test_a_replay_that_is_no_use_parks_it_again() -> None:
    office = unknown_sku()
    replay(office.parked(), office.desk)
    assert office.deliver() == "parked"
    assert office.parked().code == "mintsoft.unknown_sku"


def test_a_replay_that_was_interrupted_after_the_timeline_can_be_repeated() -> None:
    office = unknown_sku()
    add_product(office.bench)
    found = office.parked()

    def gone(_: str) -> None:
        raise KeyboardInterrupt

    broken = Desk("pat", office.bench.returns, office.bench.parking, office.bench.clock, gone, gone)
    try:
        replay(found, broken)
    except KeyboardInterrupt:
        assert office.parked() == found
    assert replay(found, office.desk) == "replayed"
    assert office.deliver() == "announced"
    assert len(office.bench.facts(OperatorActed)) == 1


def test_a_discarded_shipment_is_never_announced_again() -> None:
    office = unknown_sku()
    assert discard(office.parked(), office.desk, "sent back by hand") == "discarded"
    add_product(office.bench)

    office.bench.approve()
    office.bench.approve(office.bench.message(source="replay"))

    assert office.bench.external_returns() == []
    assert office.bench.state().outcome == "discarded"
    (kept,) = office.bench.parking.list_parked("example", closed_too=True)
    assert (kept.state, kept.note) == ("discarded", "sent back by hand")


def unknown_batch() -> Office:
    """A process call without an answer, held by the portal, parked after its time."""
    bench = Bench()
    lines = [item(1, "TEE"), item(2, "MUG", shipmentGroupIds=["b"])]
    bench.put(redo_return(lines))
    assert bench.approve() == "announced"
    bench.receive(41)
    bench.redo.faults.add(Fault(FaultKind.RESET_BEFORE, path="process", method="POST"))
    bench.poll()
    for _ in range(6):
        bench.clock.advance(minutes=5)
        bench.poll()
    assert bench.state().batches[0].outcome == "parked"
    return Office(bench)


def batch_item(office: Office) -> ParkedItem:
    items = office.bench.parking.list_parked("example")
    (found,) = [found for found in items if "batch-1" in found.parked_id]
    return found


def test_a_process_call_of_unknown_outcome_is_not_repeated_by_a_plain_replay() -> None:
    office = unknown_batch()
    replay(batch_item(office), office.desk)
    office.deliver()

    assert office.bench.submissions() == {}
    assert office.bench.state().batches[0].outcome == "parked"


def test_with_a_persons_word_that_it_was_not_carried_out_it_is_sent_once() -> None:
    office = unknown_batch()
    replay(batch_item(office), office.desk, send_again=True)
    office.deliver()
    office.bench.clock.advance(minutes=5)
    office.bench.poll()

    assert set(office.bench.submissions().values()) == {1}
    assert office.bench.state().outcome == "processed"
    assert office.bench.parking.list_parked("example") == ()


def test_a_discarded_batch_stays_out_and_its_receipt_with_it() -> None:
    office = unknown_batch()
    assert discard(batch_item(office), office.desk, "done in the portal") == "discarded"
    for _ in range(3):
        office.bench.clock.advance(minutes=5)
        office.bench.poll()

    assert office.bench.submissions() == {}
    assert office.bench.state().outcome == "discarded"


@pytest.mark.off_contract("a word that Redo may add")
def test_a_parked_receipt_is_decided_anew() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.receive(41)
    bench.redo.set_status(RETURN_ID, "a_new_word")
    bench.poll()
    office = Office(bench)
    assert office.bench.facts(Parked)
    bench.redo.set_status(RETURN_ID, "open")

    replay(office.parked(), office.desk)
    office.deliver()

    assert bench.submissions() == {"item1": 1}
    assert bench.state().outcome == "processed"


def test_a_message_is_sent_as_it_came_and_one_whose_return_is_known_without_its_bodies() -> None:
    bench = Bench()
    bench.approve("no json")
    office = Office(bench)
    (found,) = bench.parking.list_parked("_unknown")
    assert replay(found, office.desk) == "replayed"
    assert office.to_returns == ["no json"]


def test_a_create_of_unknown_outcome_is_not_repeated_by_a_plain_replay() -> None:
    bench = Bench()
    bench.mintsoft.settings = Settings(index_delay_seconds=10**7)
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="CreateExternalReturn"))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(hours=25)
    assert bench.approve() == "parked"
    office = Office(bench)
    replay(office.parked(), office.desk)
    bench.clock.advance(minutes=10)

    assert office.deliver() == "parked"
    assert len(bench.external_returns()) == 1


def test_what_the_webhooks_door_kept_cannot_be_done_again_and_can_be_discarded() -> None:
    door = DoorBench()
    door.send({"return": {}})
    office = Office(door.bench)

    assert replay(office.parked(), office.desk) == "names no return"
    assert not office.to_returns + office.to_receipts
    assert office.parked().state == "open"
    assert discard(office.parked(), office.desk, "Redo was told") == "discarded"
