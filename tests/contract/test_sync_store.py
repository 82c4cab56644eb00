"""The store of records that are kept in step: what the flows rely on, in memory and in DynamoDB."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
from returns_hub.domain.facts import Parked, Skipped
from returns_hub.domain.sync.records import (
    RecordSeen,
    RecordSettled,
    StepDone,
    StepPlanned,
    SyncEvent,
    SyncFact,
    SyncState,
    Unparked,
    fold,
)
from returns_hub.errors import Conflict, Permanent
from tests.contract.conftest import Stores
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import START, TestClock
from tests.support.sync import SyncBench

FLOW = "unleashed.orders"
SEEN = RecordSeen(source_version="v1", changed_at=START)
PARKED = Parked(flow=FLOW, parked_id=f"{FLOW}/A", code="x.y", reason="odd")


def events_for(state: SyncState, *facts: SyncFact, at: datetime = START) -> list[SyncEvent]:
    return [
        SyncEvent(sequence=n, at=at, actor="hub", rule="x", config_version=1, fact=fact)
        for n, fact in enumerate(facts, start=state.version + 1)
    ]


def test_what_is_known_of_many_is_read_at_once(stores: Stores) -> None:
    wanted = [f"k{number:03}" for number in range(120)]
    here = {key: put(stores, key, SEEN) for key in wanted[::2]}

    found = stores.sync.load_many("example", FLOW, [*wanted, wanted[0]])

    assert list(found) == wanted
    for key, state in found.items():
        assert state == here.get(key, SyncState(merchant="example", flow=FLOW, key=key))
    assert stores.sync.load_many("example", FLOW, []) == {}


def put(
    stores: Stores, key: str, *facts: SyncFact, flow: str = FLOW, at: datetime = START
) -> SyncState:
    state = stores.sync.load("example", flow, key)
    made: SyncState = stores.sync.append(state, events_for(state, *facts, at=at))
    return made


def keys(states: tuple[SyncState, ...]) -> list[str]:
    return [state.key for state in states]


def test_what_nobody_knows_of_is_empty(stores: Stores) -> None:
    state = stores.sync.load("example", FLOW, "A")

    assert state == SyncState(merchant="example", flow=FLOW, key="A")
    assert stores.sync.timeline("example", FLOW, "A") == ()
    assert stores.sync.append(state, []) == state
    assert stores.sync.load("example", FLOW, "A").version == 0


def test_the_state_is_what_the_timeline_folds_to(stores: Stores) -> None:
    planned = StepPlanned(step="order", summary="an order", told={"sku": "TEE", "units": 2})
    put(stores, "A", SEEN, planned)
    after = put(stores, "A", StepDone(step="order", partner_id="7001", how="sent"))

    empty = SyncState(merchant="example", flow=FLOW, key="A")
    kept = stores.sync.timeline("example", FLOW, "A")
    assert [event.sequence for event in kept] == [1, 2, 3]
    assert stores.sync.load("example", FLOW, "A") == after == fold(empty, kept)
    assert after.steps[0].told == {"sku": "TEE", "units": 2}


def test_records_of_other_merchants_flows_and_keys_are_others(stores: Stores) -> None:
    put(stores, "A", SEEN)
    put(stores, "A", SEEN, SEEN, flow="unleashed.products")

    assert stores.sync.load("example", FLOW, "A").version == 1
    assert stores.sync.load("example", FLOW, "B").version == 0
    assert stores.sync.load("other", FLOW, "A").version == 0
    assert stores.sync.load("example", "unleashed.products", "A").version == 2
    assert stores.sync.in_work("other", FLOW, 10) == ()


@pytest.mark.parametrize("key", ["a/b", "a#b", "SO-1 §", "é" * 200])
def test_any_key_is_a_key(stores: Stores, key: str) -> None:
    put(stores, key, SEEN, StepDone(step="order", partner_id=key, how="sent"))

    assert stores.sync.load("example", FLOW, key).key == key
    assert keys(stores.sync.in_work("example", FLOW, 10)) == [key]
    assert stores.sync.made_by("example", FLOW, key) == key


def test_who_is_late_has_to_decide_again(stores: Stores) -> None:
    empty = stores.sync.load("example", FLOW, "A")
    first = stores.sync.append(empty, events_for(empty, SEEN))

    with pytest.raises(Conflict):
        stores.sync.append(empty, events_for(empty, RecordSeen(source_version="other")))
    put(stores, "A", RecordSettled(source_version="v1", outcome="in_step"))
    with pytest.raises(Conflict):
        stores.sync.append(first, events_for(first, RecordSeen(source_version="other")))

    assert stores.sync.load("example", FLOW, "A").source_version == "v1"
    assert len(stores.sync.timeline("example", FLOW, "A")) == 2


def test_what_a_step_made_is_found_by_its_id(stores: Stores) -> None:
    put(stores, "A", SEEN, StepDone(step="order", partner_id="7001", how="sent"))
    put(stores, "B", SEEN, StepDone(step="order", how="sent"))

    assert stores.sync.made_by("example", FLOW, "7001") == "A"
    assert stores.sync.made_by("example", FLOW, "7002") is None
    assert stores.sync.made_by("other", FLOW, "7001") is None
    assert stores.sync.made_by("example", "unleashed.products", "7001") is None


def test_many_ids_made_in_one_go_are_all_found(stores: Stores) -> None:
    made = [StepDone(step=f"lines/{n}", partner_id=f"{n}", how="sent") for n in range(39)]
    put(stores, "A", SEEN, *made)

    assert {stores.sync.made_by("example", FLOW, f"{n}") for n in range(39)} == {"A"}
    long = "9" * 3000
    put(stores, "B", SEEN, StepDone(step="order", partner_id=long, how="sent"))
    assert stores.sync.made_by("example", FLOW, long) == "B"


def test_in_work_is_what_was_begun_and_is_not_at_its_end(stores: Stores) -> None:
    for minute, key in enumerate(["E", "D", "C", "B", "A"]):
        put(stores, key, SEEN, at=START + timedelta(minutes=minute))
    put(stores, "D", RecordSettled(source_version="v1", outcome="in_step"))
    put(stores, "B", PARKED)

    assert keys(stores.sync.in_work("example", FLOW, 10)) == ["E", "C", "A"]

    put(stores, "B", Unparked(act="replayed"))
    put(stores, "D", RecordSeen(source_version="v2"), at=START + timedelta(hours=1))
    assert keys(stores.sync.in_work("example", FLOW, 10)) == ["E", "C", "B", "A", "D"]

    put(stores, "B", PARKED, Unparked(act="discarded"))
    put(stores, "A", Skipped(flow=FLOW, code="x", reason="y"))
    assert keys(stores.sync.in_work("example", FLOW, 10)) == ["E", "C", "A", "D"]


def test_in_work_goes_on_behind_where_it_ended(stores: Stores) -> None:
    for number in range(7):
        put(stores, f"k{number}", SEEN)
    first = stores.sync.in_work("example", FLOW, 3)
    place = SyncState(merchant="example", flow=FLOW, key="k2", began_at=START)

    assert keys(first) == ["k0", "k1", "k2"]
    assert keys(stores.sync.in_work("example", FLOW, 3, first[-1])) == ["k3", "k4", "k5"]
    assert keys(stores.sync.in_work("example", FLOW, 9, place)) == ["k3", "k4", "k5", "k6"]
    assert stores.sync.in_work("example", FLOW, 9, stores.sync.load("example", FLOW, "k6")) == ()


def test_what_is_too_large_is_refused_with_a_reason_and_changes_nothing(stores: Stores) -> None:
    put(stores, "A", SEEN)
    with pytest.raises(Permanent, match=r"sync\.too_large.*400 KB of at most 390"):
        put(stores, "A", StepPlanned(step="s", summary="s", told={"note": "é" * 200_000}))

    for number in range(3):
        told = {"note": "x" * 100_000}
        put(stores, "A", StepPlanned(step=f"s{number}", summary="s", told=told))
    with pytest.raises(Permanent, match=r"the record A of unleashed\.orders"):
        put(stores, "A", StepPlanned(step="one more", summary="s", told={"note": "x" * 100_000}))
    put(stores, "A", PARKED)

    assert [s.name for s in stores.sync.load("example", FLOW, "A").steps] == ["s0", "s1", "s2"]


# -- of DynamoDB alone -----------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_known_by_its_own_id(
    tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = TestClock()
    made = Stores(clock, "simulated")
    client: Any = InMemoryDynamoDb(tables, now=lambda: clock.now().timestamp(), page=3)
    store = DynamoDbSyncStore(client, "SyncTable", clock)
    made.sync = store
    once = client.transact_write_items

    def repeated(**request: Any) -> Any:
        once(**request)
        request.pop("ClientRequestToken")
        return once(**request)

    monkeypatch.setattr(client, "transact_write_items", repeated)

    assert put(made, "A", SEEN).version == 1
    assert put(made, "A", RecordSettled(source_version="v1", outcome="x")).version == 2


def test_a_state_of_goods_stays_and_events_go(dynamodb: Stores) -> None:
    done = StepDone(step="order", partner_id="7001", how="sent")
    settled = RecordSettled(source_version="v1", outcome="x")
    put(dynamodb, "A", SEEN, done, settled, flow="unleashed.products")

    items = dynamodb.client.scan(TableName="SyncTable")["Items"]
    going = {item["sk"]["S"] for item in items if "expires_at" in item}
    assert going == {"EVENT#00000001", "EVENT#00000002", "EVENT#00000003"}
    assert {item["sk"]["S"] for item in items} - going == {"STATE", "LINK"}


def test_a_settled_order_goes_after_ten_years_and_one_in_work_never(simulated: Stores) -> None:
    def ends() -> dict[str, int]:
        items = simulated.client.tables["SyncTable"].items.values()
        return {i["sk"]["S"]: int(i.get("expires_at", {"N": 0})["N"]) for i in items}

    put(simulated, "A", SEEN, StepDone(step="order", partner_id="7001", how="sent"))
    in_ten_years = int((simulated.clock.now() + timedelta(days=3650)).timestamp())
    assert (ends()["STATE"], ends()["LINK"]) == (0, in_ten_years + 400 * 86_400)
    put(simulated, "A", RecordSettled(source_version="v1", outcome="x"))
    assert ends()["STATE"] == in_ten_years
    put(simulated, "A", PARKED)
    assert ends()["STATE"] == 0, "a person is asked"


def test_other_trouble_is_no_conflict(dynamodb: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "X")

    monkeypatch.setattr(dynamodb.client, "transact_write_items", denied)
    with pytest.raises(Exception, match="dynamodb"):
        put(dynamodb, "A", SEEN)


def test_each_is_as_many_requests_as_it_says(dynamodb: Stores) -> None:
    state = dynamodb.sync.load("example", FLOW, "A")
    assert dynamodb.requests == ["GetItem"]
    dynamodb.sync.append(state, events_for(state, SEEN))
    dynamodb.sync.in_work("example", FLOW, 10)
    assert dynamodb.requests == ["GetItem", "TransactWriteItems", "Query"]


def test_a_run_costs_the_requests_that_the_architecture_says(dynamodb: Stores) -> None:
    it = SyncBench()
    dynamodb.clock.moment = it.clock.moment
    it.records, it.ledger = dynamodb.sync, dynamodb.ledger

    def requests_of_a_run() -> list[str]:
        dynamodb.requests.clear()
        it.clock.advance(hours=1)
        dynamodb.clock.moment = it.clock.moment
        it.run(seconds=0)
        return dynamodb.requests[1:]

    it.put("A")
    one_step = ["GetItem", "TransactWriteItems", *["UpdateItem"] * 2, "TransactWriteItems"]
    assert requests_of_a_run() == one_step
    assert requests_of_a_run() == []
    it.put("A", "a", version="in step all the same")
    assert requests_of_a_run() == ["GetItem", "TransactWriteItems"]
