"""Timelines of returns, held against those in memory and in DynamoDB."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.returns import SCAN_PAUSE
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
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Conflict
from tests.contract.conftest import Stores, lose_first_answer
from tests.support.fakes import START
from tests.support.worlds import Bench, item, redo_return


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


@pytest.mark.parametrize(
    ("lines", "is_on_timeline"), [(50, True), (90, False)], ids=["its event", "its state"]
)
def test_goods_that_are_too_much_for_a_timeline_go_to_a_person(
    dynamodb: Stores, lines: int, is_on_timeline: bool
) -> None:
    """They hold up no others, and are not taken for a race that somebody else won."""
    bench = Bench()
    bench.returns = dynamodb.returns
    items = [item(number, f"SKU-{number}".ljust(2000, "X")) for number in range(lines)]
    products = {
        str(5000 + number): {"sku": one["sku"], "name": "long", "client_id": 12}
        for number, one in enumerate(items)
    }
    bench.mintsoft.seed({"products": products})
    bench.put(redo_return(items))
    assert bench.approve() == "announced"
    bench.receive(41)

    assert bench.poll() == {"parked": 1}

    (parked,) = bench.parking.list_parked("example")
    assert parked.code == "return.too_large"
    assert bench.state().is_parked is is_on_timeline
    assert not bench.submissions()


def test_requests_of_a_timeline(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    dynamodb.returns.append(dynamodb.returns.load("m", "r"), [seen(1), made(2, 41)])

    assert dynamodb.requests == ["GetItem", "TransactWriteItems"]
