"""What the flows rely on, held against the stores in memory and those in DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.core.models import botocore_stubber

from returns_hub.adapters.dynamodb.returns import SCAN_PAUSE
from returns_hub.domain.backfill import Ending, Selection
from returns_hub.domain.facts import (
    DueCleared,
    DueSet,
    Event,
    ExternalReturnMade,
    OperatorActed,
    ReceiptSettled,
    ReceiptTaken,
    Reopened,
    Seen,
)
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.domain.operations import (
    Claim,
    ClaimedFrom,
    HeldElsewhere,
    Operation,
    OperationState,
    Settled,
)
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable
from returns_hub.flows.backfill_jobs import cancel, held, list_jobs
from returns_hub.flows.catch_up_counts import Counted, DayCounts, report
from returns_hub.ports import Capabilities, CursorStanding, ParkedItem
from tests.contract.conftest import Stores
from tests.support.fakes import START
from tests.support.worlds import merchant_file

OPERATION = Operation("create/m/r/s", "m", 30, 55, 3600)


def claim(stores: Stores, owner: str = "a", **options: Any) -> Claim:
    got = stores.ledger.claim(OPERATION, owner, **options)
    assert isinstance(got, Claim), got
    return got


# -- the ledger -------------------------------------------------------------------------------


def test_the_first_claim_may_send_at_once(stores: Stores) -> None:
    got = claim(stores)

    assert (got.claimed_from, got.fence) == (ClaimedFrom.NOTHING, 1)
    assert got.first_claimed_at == START


def test_a_claim_that_holds_keeps_everyone_else_off(stores: Stores) -> None:
    claim(stores)
    stores.clock.advance(seconds=119)

    got = stores.ledger.claim(OPERATION, "b")

    assert isinstance(got, HeldElsewhere)


def test_an_unsettled_claim_is_taken_over_after_its_lease_with_a_higher_fence(
    stores: Stores,
) -> None:
    claim(stores)
    stores.clock.advance(seconds=121)

    got = claim(stores, "b")

    assert (got.claimed_from, got.fence) == (ClaimedFrom.UNSETTLED, 2)
    assert got.first_claimed_at == START


def test_whoever_was_taken_over_can_settle_nothing(stores: Stores) -> None:
    first = claim(stores)
    stores.clock.advance(seconds=121)
    claim(stores, "b")

    with pytest.raises(Conflict):
        stores.ledger.settle(first, OperationState.CONFIRMED, partner_id="41")


def test_a_confirmed_operation_tells_its_partner_id_for_ever(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.CONFIRMED, partner_id="41")
    stores.clock.advance(days=100)

    assert stores.ledger.claim(OPERATION, "b") == Settled(OperationState.CONFIRMED, "41")


def test_a_released_operation_may_be_sent_at_once(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.RELEASED, code="c", reason="r")
    stores.clock.advance(seconds=1)

    got = claim(stores, "b")

    assert (got.claimed_from, got.fence) == (ClaimedFrom.RELEASED, 2)
    assert got.first_claimed_at == stores.clock.now()


def test_a_rejected_operation_is_sent_again_only_on_request(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.REJECTED, code="c", reason="r")

    assert stores.ledger.claim(OPERATION, "b") == Settled(OperationState.REJECTED, "", "c", "r")
    assert claim(stores, "b", retry_rejected=True).claimed_from is ClaimedFrom.RELEASED


def test_what_was_refused_long_ago_and_is_sent_anew_begins_anew(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.REJECTED, code="c", reason="r")
    stores.clock.advance(days=4)

    again = claim(stores, "b", retry_rejected=True)

    assert again.first_claimed_at == stores.clock.now()
    # So does what others are told, and what is known once nobody heard the end of it.
    held = stores.ledger.claim(OPERATION, "c")
    assert isinstance(held, HeldElsewhere)
    assert held.first_claimed_at == again.first_claimed_at
    stores.clock.advance(seconds=121)
    assert claim(stores, "c").first_claimed_at == again.first_claimed_at


def test_settling_twice_alike_is_no_conflict(stores: Stores) -> None:
    got = claim(stores)
    stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")

    stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")
    with pytest.raises(Conflict):
        stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="42")


def test_a_claim_whose_answer_was_lost_is_recognised(dynamodb: Stores) -> None:
    lose_first_answer(dynamodb)

    assert claim(dynamodb).claimed_from is ClaimedFrom.NOTHING


def test_a_take_over_whose_answer_was_lost_looks_up_first(dynamodb: Stores) -> None:
    dynamodb.ledger.settle(claim(dynamodb), OperationState.RELEASED)
    lose_first_answer(dynamodb)

    assert claim(dynamodb, "b").claimed_from is ClaimedFrom.UNSETTLED


def lose_first_answer(stores: Stores) -> None:
    """The next request is carried out, and its answer lost; the client repeats it."""
    lost: list[str] = []

    def lose(request: Any, event_name: str, **more: Any) -> None:
        if not lost:
            lost.append("answer")
            botocore_stubber(event_name, request, **more)
            raise EndpointConnectionError(endpoint_url="http://x")

    stores.client.meta.events.register_first("before-send.dynamodb.*", lose)


def test_requests_of_the_ledger(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    got = claim(dynamodb)
    dynamodb.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")

    assert dynamodb.requests == ["UpdateItem", "UpdateItem"]


# -- timelines --------------------------------------------------------------------------------


def seen(sequence: int, status: str = "open") -> Event:
    fact = Seen(source="t", return_type="return", status=status, portal_updated_at=START)
    return event(sequence, fact)


def event(sequence: int, fact: Any) -> Event:
    return Event(sequence=sequence, at=START, actor="hub", rule="r", config_version=1, fact=fact)


def made(sequence: int, number: int) -> Event:
    fact = ExternalReturnMade(shipment="s", external_return_id=number, how="sent")
    return event(sequence, fact)


def settled(sequence: int, number: int, outcome: str) -> Event:
    fact = ReceiptSettled(external_return_id=number, receipt=f"{number}@1", outcome=outcome)
    return event(sequence, fact)


def test_an_unknown_return_has_an_empty_state(stores: Stores) -> None:
    assert stores.returns.load("m", "r").version == 0
    assert stores.returns.timeline("m", "r") == ()


def test_state_is_the_fold_of_the_timeline_byte_for_byte(stores: Stores) -> None:
    state = stores.returns.append(stores.returns.load("m", "r"), [seen(1), made(2, 41)])
    stores.returns.append(state, [settled(3, 41, "processed")])

    folded = fold("m", "r", stores.returns.timeline("m", "r"))

    assert canonical(stores.returns.load("m", "r")) == canonical(folded)
    assert folded.version == 3


def test_two_writers_one_wins(stores: Stores) -> None:
    empty = stores.returns.load("m", "r")
    stores.returns.append(empty, [seen(1)])

    with pytest.raises(Conflict):
        stores.returns.append(empty, [seen(1, "delivered")])
    assert len(stores.returns.timeline("m", "r")) == 1


def test_an_append_whose_answer_was_lost_is_recognised(dynamodb: Stores) -> None:
    lose_first_answer(dynamodb)

    after = dynamodb.returns.append(dynamodb.returns.load("m", "r"), [seen(1)])

    assert after.version == 1
    assert len(dynamodb.returns.timeline("m", "r")) == 1


def test_two_writers_of_a_timeline_that_is_there_already_one_wins(stores: Stores) -> None:
    state = stores.returns.append(stores.returns.load("m", "r"), [seen(1)])
    stores.returns.append(state, [made(2, 41)])

    with pytest.raises(Conflict):
        stores.returns.append(state, [seen(2, "delivered")])
    assert stores.returns.timeline("m", "r") == (seen(1), made(2, 41))


def test_an_append_that_meets_its_own_work_is_recognised(
    dynamodb: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out = dynamodb.client.transact_write_items

    def twice(**parameters: Any) -> Any:
        carry_out(**parameters)
        return carry_out(**parameters | {"ClientRequestToken": "forgotten"})

    monkeypatch.setattr(dynamodb.client, "transact_write_items", twice)

    after = dynamodb.returns.append(dynamodb.returns.load("m", "r"), [seen(1)])

    assert after.version == 1


def test_external_returns_lead_back_to_their_return(stores: Stores) -> None:
    stores.returns.append(stores.returns.load("m", "r"), [made(1, 41)])

    assert stores.returns.find("m", 41) == "r"
    assert stores.returns.find("other", 41) is None


def test_open_external_returns_in_order_and_only_while_open(stores: Stores) -> None:
    four = [made(1, 9), made(2, 100), made(3, 101), made(4, 102)]
    first = stores.returns.append(stores.returns.load("m", "r1"), four)
    stores.returns.append(stores.returns.load("m", "r2"), [made(1, 41)])
    stores.returns.append(stores.returns.load("other", "r3"), [made(1, 50)])
    rows = ((9, "r1"), (41, "r2"), (100, "r1"), (101, "r1"), (102, "r1"))
    assert stores.returns.open_external_returns("m", 0, 10) == rows
    assert stores.returns.open_external_returns("m", 9, 1) == rows[1:2]

    after = stores.returns.append(first, [settled(5, 9, "processed")])
    stores.returns.append(after, [settled(6, 100, "waiting")])

    assert stores.returns.open_external_returns("m", 0, 10) == rows[1:]
    assert stores.returns.find("m", 9) == "r1"


@pytest.mark.parametrize("act", ["replayed", "answered"])
def test_what_a_person_sends_back_to_the_flows_is_open_again(stores: Stores, act: Any) -> None:
    taken = ReceiptTaken(external_return_id=41, receipt="41@1", units={}, decision="ask")
    events = [made(1, 41), event(2, taken), settled(3, 41, "parked")]
    state = stores.returns.append(stores.returns.load("m", "r"), events)
    assert stores.returns.open_external_returns("m", 0, 10) == ()

    fact = OperatorActed(act=act, subject="process_receipts/r/41", answers={"a": "process"})
    stores.returns.append(state, [event(4, fact)])

    assert stores.returns.open_external_returns("m", 0, 10) == ((41, "r"),)


def walked(stores: Stores, *arguments: Any) -> dict[str, Any]:
    return {name: at for page in stores.returns.walk(*arguments) for name, at in page}


def test_a_walk_meets_every_return_of_a_merchant_with_its_last_change(stores: Stores) -> None:
    for number in range(5):
        stores.returns.append(stores.returns.load("m", f"r{number}"), [seen(1), made(2, number)])
    stores.returns.append(stores.returns.load("m2", "r9"), [seen(1)])
    stores.clock.advance(hours=1)
    later = stores.clock.now()
    stores.returns.append(
        stores.returns.load("m", "r3"), [seen(3).model_copy(update={"at": later})]
    )

    assert walked(stores, "m") == {f"r{n}": later if n == 3 else START for n in range(5)}
    assert walked(stores, "m", later) == {"r3": later}
    assert walked(stores, "m", START) == walked(stores, "m")
    assert walked(stores, "none") == {}


def test_a_walk_does_not_crowd_out_the_flows(simulated: Stores) -> None:
    for number in range(5):
        simulated.returns.append(simulated.returns.load("m", f"r{number}"), [seen(1)])
    pages = len(list(simulated.returns.walk("m")))

    assert pages > 2
    waited = (simulated.clock.now() - START).total_seconds()
    assert waited == pytest.approx(SCAN_PAUSE * (pages - 1))


def due_in(sequence: int, minutes: float, kind: str = "hold", subject: str = "") -> Event:
    at = START + timedelta(minutes=minutes)
    return event(sequence, DueSet(due_kind=kind, subject=subject, at=at, why="for a test"))


def test_what_is_due_comes_longest_overdue_first_until_inclusive(stores: Stores) -> None:
    for return_id, minutes in (("r3", 30), ("r1", 10), ("r2", 20), ("r4", 31), ("r0", -5)):
        stores.returns.append(stores.returns.load("m", return_id), [due_in(1, minutes)])
    stores.returns.append(stores.returns.load("other", "r9"), [due_in(1, 1)])
    stores.returns.append(stores.returns.load("m", "r8"), [seen(1)])
    until = START + timedelta(minutes=30)
    rows = tuple(
        (START + timedelta(minutes=minutes), return_id)
        for minutes, return_id in ((-5, "r0"), (10, "r1"), (20, "r2"), (30, "r3"))
    )

    assert stores.returns.due("m", until, 10) == rows
    assert stores.returns.due("m", until, 2) == rows[:2]
    assert stores.returns.due("m", until - timedelta(microseconds=1), 10) == rows[:3]


def test_a_return_is_due_at_its_earliest_moment_and_not_any_more_when_all_are_cleared(
    stores: Stores,
) -> None:
    late = START + timedelta(hours=9)
    state = stores.returns.append(
        stores.returns.load("m", "r"), [due_in(1, 60), due_in(2, 20, "clock", "s1")]
    )
    assert stores.returns.due("m", late, 10) == ((START + timedelta(minutes=20), "r"),)

    state = stores.returns.append(state, [due_in(3, 90, "clock", "s1")])
    assert stores.returns.due("m", late, 10) == ((START + timedelta(minutes=60), "r"),)

    cleared = DueCleared(due_kind="hold")
    state = stores.returns.append(state, [event(4, cleared)])
    assert stores.returns.due("m", late, 10) == ((START + timedelta(minutes=90), "r"),)
    assert state == stores.returns.load("m", "r")

    state = stores.returns.append(state, [event(5, DueCleared(due_kind="clock", subject="s1"))])
    assert (state.due, state.due_at) == ((), None)
    assert stores.returns.due("m", late, 10) == ()


def test_a_return_stays_due_whatever_else_happens_to_it(stores: Stores) -> None:
    state = stores.returns.append(stores.returns.load("m", "r"), [due_in(1, 10)])
    stores.returns.append(state, [seen(2)])

    at = START + timedelta(minutes=10)
    assert stores.returns.due("m", at, 10) == ((at, "r"),)


def test_a_lost_race_leaves_what_is_due_as_it_was(stores: Stores) -> None:
    first = stores.returns.load("m", "r")
    stores.returns.append(first, [due_in(1, 10)])

    with pytest.raises(Conflict):
        stores.returns.append(first, [due_in(1, 99)])

    at = START + timedelta(minutes=10)
    assert stores.returns.due("m", START + timedelta(days=1), 10) == ((at, "r"),)


def test_reopened_what_was_left_while_it_was_closed_is_open_again(stores: Stores) -> None:
    taken = [
        event(3, taking(9)),
        settled(4, 9, "skipped_closed"),
        event(5, taking(41)),
        settled(6, 41, "processed"),
    ]
    events = [made(1, 9), made(2, 41), *taken]
    state = stores.returns.append(stores.returns.load("m", "r"), events)
    assert stores.returns.open_external_returns("m", 0, 10) == ()

    stores.returns.append(state, [event(7, Reopened(was="rejected", status="open"))])

    assert stores.returns.open_external_returns("m", 0, 10) == ((9, "r"),)


def taking(number: int) -> ReceiptTaken:
    return ReceiptTaken(
        external_return_id=number, receipt=f"{number}@1", units={"TEE": 1}, decision="process"
    )


def test_requests_of_a_timeline(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    dynamodb.returns.append(dynamodb.returns.load("m", "r"), [seen(1), made(2, 41)])

    assert dynamodb.requests == ["GetItem", "TransactWriteItems"]


# -- cursors ----------------------------------------------------------------------------------


def test_one_lease_at_a_time_and_the_fence_rises(stores: Stores) -> None:
    first = stores.cursors.acquire("c", "a", 60)
    assert stores.cursors.acquire("c", "b", 60) is None
    stores.clock.advance(seconds=61)

    second = stores.cursors.acquire("c", "b", 60)

    assert (first.fence, second.fence) == (1, 2)


def test_whoever_lost_the_lease_cannot_move_the_cursor(stores: Stores) -> None:
    first = stores.cursors.acquire("c", "a", 60)
    stores.clock.advance(seconds=61)
    second = stores.cursors.acquire("c", "b", 60)
    stores.cursors.advance(second, {"at": 2})

    with pytest.raises(Conflict):
        stores.cursors.advance(first, {"at": 1})
    stores.cursors.release(first)
    assert stores.cursors.read("c") == {"at": 2}
    assert stores.cursors.acquire("c", "c", 60) is None


def test_a_released_lease_is_free_and_keeps_the_value(stores: Stores) -> None:
    lease = stores.cursors.acquire("c", "a", 60)
    stores.cursors.advance(lease, {"at": 1, "seen": {"41": "x"}})
    stores.cursors.release(lease)

    again = stores.cursors.acquire("c", "b", 60)

    assert again.value == {"at": 1, "seen": {"41": "x"}}


def test_a_cursor_that_was_never_written_is_empty(stores: Stores) -> None:
    assert stores.cursors.read("nothing") == {}
    assert stores.cursors.standing("nothing") == CursorStanding()


def test_a_cursor_tells_when_it_was_worked_on(stores: Stores) -> None:
    began = stores.clock.now()
    lease = stores.cursors.acquire("c", "a", 60)
    held = stores.cursors.standing("c")
    assert (held.runs, held.moved_at, held.ended_at) == (1, None, None)
    assert held.held_until == began + timedelta(seconds=60)

    stores.clock.advance(seconds=10)
    stores.cursors.advance(lease, {"at": 1})
    stores.clock.advance(seconds=10)
    stores.cursors.release(lease)
    stores.clock.advance(seconds=10)

    standing = stores.cursors.standing("c")
    assert standing == CursorStanding(
        value={"at": 1},
        runs=1,
        moved_at=began + timedelta(seconds=10),
        ended_at=began + timedelta(seconds=20),
    )


def test_a_lease_that_ended_by_itself_holds_nothing(stores: Stores) -> None:
    stores.cursors.acquire("c", "a", 60)
    stores.clock.advance(seconds=61)

    assert stores.cursors.standing("c").held_until is None


def test_a_backfill_is_held_gone_on_with_and_cancelled(stores: Stores) -> None:
    kept = SimpleNamespace(cursors=stores.cursors, clock=stores.clock, owner="a")
    world: Any = kept
    window = Selection(since=START - timedelta(days=1), until=START)
    with held(world, "m", "job", window, "pat", restart=False) as job:
        job.job = job.job.with_one("r1", "v1", Ending.SENT)
        job.save(position={"since": "x", "step": 60.0})
        stores.clock.advance(seconds=120)
        job.keep_lease()
        stores.clock.advance(seconds=120)
        with pytest.raises(Retryable), held(world, "m", "job", window, "lee", restart=False):
            pass
        assert cancel(world, "m", "job", "lee") == "stopping"
        assert job.is_cancelled
    with held(world, "m", "job", window, "pat", restart=False) as job:
        assert job.job.position == {"since": "x", "step": 60.0}
        assert (job.job.dealt, job.job.counts) == ({"r1": "v1"}, {Ending.SENT: 1})
        job.end("cancelled")
    (listed,) = list_jobs(stores.cursors, "m")

    assert (listed.state, listed.ended_by) == ("cancelled", "lee")
    assert list_jobs(stores.cursors, "other") == ()


def test_counts_of_catching_up_come_back_as_they_were_kept(stores: Stores) -> None:
    tally = Counted.of({}, START - timedelta(days=1)).begin()
    tally.note("sent", START, is_first_reading=True)
    tally.note("known", START, is_first_reading=True)
    counted = Counted(START - timedelta(days=1), {}).with_all(tally)
    lease = stores.cursors.acquire("catch-up/m", "a", 60)
    stores.cursors.advance(lease, {"since": START.isoformat(), **counted.to_value()})
    found = report(stores.cursors, "m", days=1, now=START)

    assert found.days == ((START.date(), DayCounts(read=2, known=1, missed=1)),)
    assert found.caught_up_to == START


# -- the small ones ---------------------------------------------------------------------------


def test_parking_the_same_twice_keeps_one(stores: Stores) -> None:
    item = ParkedItem("m", "f/r", "f", "c", "why", "r", "{}")
    stores.parking.park(item)
    stores.parking.park(item)

    (found,) = stores.parking.list_parked("m")
    assert replace(found, first_seen_at=None) == replace(item, times=2)
    assert stores.parking.list_parked("other") == ()


def test_what_a_person_dealt_with_is_closed_kept_and_open_again_when_parked_again(
    stores: Stores,
) -> None:
    item = ParkedItem("m", "f/r", "f", "c", "why", "r", "{}")
    assert not stores.parking.close(item, "discarded", "pat")
    stores.parking.park(item)

    assert stores.parking.close(item, "replayed", "pat", "mended")
    assert not stores.parking.close(item, "discarded", "lee")
    assert stores.parking.list_parked("m") == ()
    (closed,) = stores.parking.list_parked("m", closed_too=True)
    assert (closed.state, closed.closed_by, closed.note) == ("replayed", "pat", "mended")

    stores.parking.park(item)
    (again,) = stores.parking.list_parked("m")
    assert (again.state, again.closed_by, again.note) == ("open", "", "")


def test_what_was_parked_again_since_it_was_read_stays_open(stores: Stores) -> None:
    stores.parking.park(ParkedItem("m", "f/r", "f", "c", "why", "r", "{}"))
    (read,) = stores.parking.list_parked("m")
    stores.parking.park(read)

    assert not stores.parking.close(read, "replayed", "pat")
    (newest,) = stores.parking.list_parked("m")
    assert stores.parking.close(newest, "replayed", "pat")


def test_closed_work_is_not_taken_out_of_the_table_for_a_list_of_what_is_open(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        simulated.parking.park(ParkedItem("m", f"f/{number}", "f", "c", "why", "r", "{}"))
    for item in simulated.parking.list_parked("m")[:9]:
        simulated.parking.close(item, "replayed", "pat")
    carry_out, taken = simulated.client.query, list[str]()

    def query(**parameters: Any) -> Any:
        answer = carry_out(**parameters)
        taken.extend(row["sk"]["S"] for row in answer["Items"])
        return answer

    monkeypatch.setattr(simulated.client, "query", query)

    assert [item.parked_id for item in simulated.parking.list_parked("m")] == ["f/9"]
    assert taken == ["f/9"]
    assert len(simulated.parking.list_parked("m", closed_too=True)) == 10


def test_a_huge_payload_is_cut_and_never_refused(dynamodb: Stores) -> None:
    dynamodb.parking.park(ParkedItem("m", "x", "f", "c", "why", "", "é\x00\ud800" * 300_000))

    (kept,) = dynamodb.parking.list_parked("m")
    assert kept.payload.endswith("longer than what is kept]")


def test_the_catalogue_knows_remembers_and_forgets(stores: Stores) -> None:
    many = {f"SKU-{number}": number for number in range(1, 131)}
    stores.catalogue.remember("m", many)

    assert stores.catalogue.known("m", [*many, "NEW"]) == many
    assert stores.catalogue.known("other", ["SKU-1"]) == {}
    stores.catalogue.forget("m", ["SKU-1"])
    assert stores.catalogue.known("m", ["SKU-1", "SKU-2"]) == {"SKU-2": 2}


def test_the_catalogue_asks_once_for_many_and_not_at_all_when_warm(dynamodb: Stores) -> None:
    from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue

    dynamodb.catalogue.remember("m", {f"S{n}": n + 1 for n in range(20)})
    cold = DynamoDbCatalogue(dynamodb.client, "CatalogueTable", dynamodb.clock)
    dynamodb.requests.clear()
    for _ in range(3):
        cold.known("m", [f"S{n}" for n in range(20)])

    assert dynamodb.requests == ["BatchGetItem"]
    dynamodb.clock.advance(days=8)
    assert cold.known("m", ["S1"]) == {}


def test_capabilities_are_unproven_until_put(stores: Stores) -> None:
    assert stores.capabilities.get("m") == Capabilities()
    found = Capabilities(returns_list=False, marker_look_up=True, probed_at=START)
    stores.capabilities.put("m", found)

    assert stores.capabilities.get("m") == found


def test_an_rma_contract_is_unproven_until_it_is_kept_and_a_newer_proof_counts(
    stores: Stores,
) -> None:
    assert stores.capabilities.rma_proof("m") is None
    good = RmaProof(contract="c1", proven=True, at=START, unknown_words=("in_review",))
    stores.capabilities.keep_rma_proof("m", good)
    stores.capabilities.put("m", Capabilities(marker_look_up=True))

    assert stores.capabilities.rma_proof("m") == good
    assert stores.capabilities.rma_proof("n") is None
    bad = RmaProof(contract="c1", proven=False, at=START, why="Miinto answered 404")
    stores.capabilities.keep_rma_proof("m", bad)
    assert stores.capabilities.rma_proof("m") == bad
    assert stores.capabilities.get("m").marker_look_up is True


def test_merchant_files_are_versioned_and_a_lost_race_is_told(dynamodb: Stores) -> None:
    merchants = dynamodb.merchants
    file = Merchant.model_validate(merchant_file())
    assert merchants.apply(file, "ana", after=0).version == 1
    with pytest.raises(Conflict):
        merchants.apply(file, "ben", after=0)
    merchants.apply(file, "ben", after=1)

    assert merchants.live("example").version == 2
    assert [found.applied_by for found in merchants.versions("example")] == ["ana", "ben"]
    assert merchants.version("example", 1).merchant == file
    assert merchants.all_ids() == ("example",)
    with pytest.raises(Permanent, match="hub config apply"):
        merchants.live("nobody")


def test_the_blocks_of_merchant_files_are_listed(dynamodb: Stores) -> None:
    merchants = dynamodb.merchants
    blocks: dict[str, dict[str, Any]] = {
        "both": {"miinto": {}, "unleashed": {}},
        "erp": {"unleashed": {}},
        "neither": {},
        "sold": {"miinto": {}},
    }
    for name, block in blocks.items():
        merchants.apply(
            Merchant.model_validate(merchant_file(merchant=name, **block)), "a", after=0
        )
    assert merchants.ids_with_unleashed() == ("both", "erp")
    assert merchants.ids_with_miinto() == ("both", "sold")

    merchants.apply(Merchant.model_validate(merchant_file(merchant="erp")), "ana", after=1)
    assert merchants.ids_with_unleashed() == ("both",)


def test_throttling_is_retryable_and_a_missing_table_is_not(dynamodb: Stores) -> None:
    from returns_hub.adapters.dynamodb.returns import DynamoDbReturns

    elsewhere = DynamoDbReturns(dynamodb.client, "no-such-table", dynamodb.clock)
    with pytest.raises(Misconfigured):
        elsewhere.load("m", "r")

    def refuse(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://x")

    dynamodb.client.meta.events.register_first("before-send.dynamodb.*", refuse)
    with pytest.raises(Retryable):
        dynamodb.returns.load("m", "r")
