"""By what returns are found: where they wait, and terms; in memory and in DynamoDB alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.found_returns import STEP_INDEX, step_attributes
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.facts import (
    CarrierDelivered,
    CommentAdded,
    Event,
    ExternalReturnMade,
    Fact,
    Seen,
    ShipmentsPlanned,
)
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.shipments import LeftOff, PlannedLine, PlannedShipment
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.domain.timeline import canonical
from returns_hub.errors import Conflict
from returns_hub.ports import Waiting
from tests.contract.conftest import Stores
from tests.support.fakes import START, Telemetry


def seen(*orders: str, status: str = "open", **changes: Any) -> Seen:
    content: dict[str, Any] = {"source": "t", "return_type": "return", "portal_updated_at": START}
    return Seen(status=status, order_names=orders, **content | changes)


def planned(*skus: str, key: str = "a", tracking: str = "", left: str = "") -> ShipmentsPlanned:
    lines = tuple(
        PlannedLine(line_id=f"{key}-{number}", sku=sku, quantity=1, reason_id=1, reason_mapped=True)
        for number, sku in enumerate(skus)
    )
    shipment = PlannedShipment(
        key=key, warehouse_id=3, reference="#1", lines=lines, tracking=tracking
    )
    left_off = (LeftOff(line_id="x", sku=left, reason="r"),) if left else ()
    return ShipmentsPlanned(shipments=(shipment,), left_off=left_off)


def made(number: int, key: str = "a") -> tuple[Fact, Fact]:
    told = CommentAdded(about=key)
    return ExternalReturnMade(shipment=key, external_return_id=number, how="sent"), told


def tell(stores: Stores, return_id: str, *facts: Fact, merchant: str = "m") -> ReturnState:
    """Append these facts now."""
    state: ReturnState = stores.returns.load(merchant, return_id)
    events = [
        Event(
            sequence=state.version + number,
            at=stores.clock.now(),
            actor="hub",
            rule="t",
            config_version=1,
            fact=fact,
        )
        for number, fact in enumerate(facts, start=1)
    ]
    after: ReturnState = stores.returns.append(state, events)
    return after


def found(stores: Stores, kind: TermKind, term: str, limit: int = 10) -> tuple[str, ...]:
    rows: tuple[str, ...] = stores.returns.find_by("m", kind, term, limit)
    return rows


# -- steps --------------------------------------------------------------------------------------


def test_returns_wait_at_their_step_the_longest_waiting_first(stores: Stores) -> None:
    for name in ("r2", "r1", "r3", "r4"):
        tell(stores, name, seen(value=Decimal("20.50"), currency="GBP"), planned("TEE"))
        stores.clock.advance(minutes=1)
    tell(stores, "r9", seen(), merchant="other")
    tell(stores, "r1", *made(41))

    rows = stores.returns.in_step("m", Step.ANNOUNCE, 10)

    assert [row.return_id for row in rows] == ["r2", "r3", "r4"]
    assert rows[0] == Waiting("r2", START, Decimal("20.50"), "GBP")
    assert stores.returns.in_step("m", Step.ANNOUNCE, 2) == rows[:2]
    (moved,) = stores.returns.in_step("m", Step.TRANSIT, 10)
    assert (moved.return_id, moved.since) == ("r1", START + timedelta(minutes=4))
    assert stores.returns.in_step("m", Step.PERSON, 10) == ()


def test_a_step_tells_the_delivery_that_nobody_booked_in_and_no_worth_where_none_is(
    stores: Stores,
) -> None:
    at = START - timedelta(days=4)
    tell(stores, "r", seen(), planned("TEE"), *made(41))
    tell(stores, "r", CarrierDelivered(shipment="a", at=at, source="carrier"))

    assert stores.returns.in_step("m", Step.BOOKING_IN, 10) == (
        Waiting("r", at, None, "", delivered_at=at),
    )
    assert stores.returns.in_step("m", Step.TRANSIT, 10) == ()


def test_a_senseless_time_hides_no_other_return(stores: Stores) -> None:
    at = datetime(7, 1, 1, tzinfo=UTC)
    for name, moment in (("r1", START), ("r2", at)):
        tell(stores, name, seen(), planned("TEE"), *made(41))
        tell(stores, name, CarrierDelivered(shipment="a", at=moment, source="carrier"))

    rows = stores.returns.in_step("m", Step.BOOKING_IN, 10)
    assert [(row.return_id, row.since) for row in rows] == [("r2", at), ("r1", START)]


def test_who_waits_for_nothing_is_at_no_step(stores: Stores) -> None:
    tell(stores, "r", seen(), planned("TEE"), *made(41))
    tell(stores, "r", seen(status="complete"))

    assert all(stores.returns.in_step("m", step, 10) == () for step in Step)


def test_more_rows_than_a_page_are_all_told(simulated: Stores) -> None:
    for number in range(8):
        tell(simulated, f"r{number}", seen())

    assert len(simulated.returns.in_step("m", Step.ANNOUNCE, 10)) == 8
    assert len(simulated.returns.in_step("m", Step.ANNOUNCE, 7)) == 7


# -- terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("term", ["#EX-5501", "ex-5501", "  Ex-5501 ", "##EX-5501"])
def test_an_orders_name_is_found_as_people_write_it(stores: Stores, term: str) -> None:
    tell(stores, "r", seen("#EX-5501", "#EX-5502"))

    assert found(stores, TermKind.ORDER, term) == ("r",)
    assert found(stores, TermKind.ORDER, "EX-55") == ()
    assert found(stores, TermKind.SKU, term) == ()
    assert stores.returns.find_by("other", TermKind.ORDER, term, 10) == ()


@pytest.mark.parametrize("term", ["RM 1234 5678 9GB", "rm123456789gb", "RM-1234-56789-GB"])
def test_a_tracking_number_is_found_by_its_letters_and_digits(stores: Stores, term: str) -> None:
    tell(stores, "r", seen(), planned("TEE", tracking="RM 123456789 GB"))

    assert found(stores, TermKind.TRACKING, term) == ("r",)


def test_a_sku_is_found_also_of_a_line_that_is_not_announced(stores: Stores) -> None:
    tell(stores, "r", seen(), planned("Tee Red/M", left="GIFT"))

    assert found(stores, TermKind.SKU, "TEE  red/m") == ("r",)
    assert found(stores, TermKind.SKU, "gift") == ("r",)
    assert found(stores, TermKind.SKU, "tee") == ()


@pytest.mark.parametrize("term", ["", "  ", "#", "\u200b", "\ud800"])
def test_a_term_of_nothing_finds_nothing(stores: Stores, term: str) -> None:
    tell(stores, "r", seen("#", "", "\u200b"), planned("TEE"))

    assert all(found(stores, kind, term) == () for kind in TermKind)


def test_of_many_returns_of_a_sku_the_newest_are_told(stores: Stores) -> None:
    for number in range(12):
        tell(stores, f"r{number:02}", seen(), planned("TEE"))
        stores.clock.advance(seconds=1)
    tell(stores, "r03", *made(41))

    assert found(stores, TermKind.SKU, "TEE", 5) == ("r11", "r10", "r09", "r08", "r07")
    assert len(found(stores, TermKind.SKU, "TEE", 20)) == 12


def test_a_term_that_is_told_later_is_found_and_the_earlier_stays(stores: Stores) -> None:
    tell(stores, "r", seen("#5501"))
    tell(stores, "r", seen("#5502"))
    tell(stores, "r", planned("TEE"))

    assert found(stores, TermKind.ORDER, "5501") == found(stores, TermKind.ORDER, "5502") == ("r",)
    assert found(stores, TermKind.SKU, "TEE") == ("r",)


def test_who_lost_a_race_is_not_found_by_what_it_wanted_to_tell(stores: Stores) -> None:
    empty = stores.returns.load("m", "r")
    tell(stores, "r", seen("#1"))
    lost = Event(sequence=1, at=START, actor="t", rule="t", config_version=1, fact=seen("#2"))
    with pytest.raises(Conflict):
        stores.returns.append(empty, [lost])

    assert found(stores, TermKind.ORDER, "2") == ()


def test_states_are_loaded_together_in_the_order_asked_for(stores: Stores) -> None:
    for name in ("a", "b", "c"):
        tell(stores, name, seen(f"#{name}"))

    states = stores.returns.load_many("m", ["c", "none", "a", "c"])

    assert [state.return_id for state in states] == ["c", "a"]
    assert canonical(states[0]) == canonical(stores.returns.load("m", "c"))
    assert stores.returns.load_many("other", ["a"]) == ()


# -- in DynamoDB alone --------------------------------------------------------------------------


def test_the_index_has_what_a_state_tells_it_and_no_more(tables: dict[str, Any]) -> None:
    indexes = {i["IndexName"]: i for i in tables["ReturnsTable"]["GlobalSecondaryIndexes"]}
    index = indexes[STEP_INDEX]
    planned_one = PlannedShipment(key="a", warehouse_id=3, reference="#1", lines=())
    state = ReturnState(
        merchant="m",
        return_id="r",
        step=Step.BOOKING_IN,
        step_since=START,
        value=Decimal(1),
        currency="GBP",
        shipments=(ShipmentState(key="a", planned=planned_one, delivered_at=START),),
    )

    assert index["Projection"]["ProjectionType"] == "INCLUDE"
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    assert step_attributes(state).keys() == {*keys, *index["Projection"]["NonKeyAttributes"]}
    assert keys == ["step_pk", "step_sk"]


def items(stores: Stores, pk: str) -> list[Any]:
    """What stands under a key, of any sort key."""
    rows: list[Any] = stores.client.scan(
        TableName="ReturnsTable",
        FilterExpression="begins_with(pk, :pk)",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ProjectionExpression="pk, sk, return_id, expires_at",
    )["Items"]
    return rows


def test_terms_are_written_once_and_expire_as_events_do(dynamodb: Stores) -> None:
    tell(dynamodb, "r", seen("#5501"), planned("TEE", "CAP", tracking="RM1"))
    dynamodb.clock.advance(hours=1)
    tell(dynamodb, "r", *made(41))
    tell(dynamodb, "r", seen("#5501", status="in_transit"))

    rows = items(dynamodb, "m#find#")
    assert sorted(row["pk"]["S"] for row in rows) == [
        "m#find#order#5501",
        "m#find#sku#cap",
        "m#find#sku#tee",
        "m#find#tracking#rm1",
    ]
    ends = int((START + timedelta(days=400)).timestamp())
    assert {row["expires_at"]["N"] for row in rows} == {str(ends)}


def test_an_append_stays_one_request(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    tell(dynamodb, "r", seen("#5501"), planned("TEE", tracking="RM1"))

    assert dynamodb.requests == ["GetItem", "TransactWriteItems"]


def test_a_return_of_many_skus_is_appended_and_said_to_be_found_by_some(dynamodb: Stores) -> None:
    telemetry = Telemetry()
    dynamodb.returns = DynamoDbReturns(dynamodb.client, "ReturnsTable", dynamodb.clock, telemetry)
    skus = [f"S{number}" for number in range(500)]
    after = tell(dynamodb, "r", seen("#5501"), planned(*skus, tracking="RM1"))

    assert after.version == 2
    assert len(items(dynamodb, "m#find#")) == 60
    assert found(dynamodb, TermKind.ORDER, "5501") == ("r",)
    assert found(dynamodb, TermKind.SKU, "S57") == ("r",)
    assert found(dynamodb, TermKind.SKU, "S58") == ()
    ((_, told),) = telemetry.lines
    assert (told["return_id"], told["kept"], told["left_off"]) == ("r", 60, 442)


def test_events_go_before_terms_where_a_transaction_is_full(dynamodb: Stores) -> None:
    telemetry = Telemetry()
    dynamodb.returns = DynamoDbReturns(dynamodb.client, "ReturnsTable", dynamodb.clock, telemetry)
    facts: list[Fact] = [seen("#5501"), planned(*[f"S{number}" for number in range(80)])]
    tell(dynamodb, "r", *facts, *[CommentAdded(about="x") for _ in range(87)])

    assert len(items(dynamodb, "m#find#")) == 10
    assert telemetry.lines[0][1]["left_off"] == 71


def test_what_an_earlier_release_wrote_is_found_from_its_next_event_on(dynamodb: Stores) -> None:
    tell(dynamodb, "r", seen("#5501"), planned("TEE"), *made(41))
    state = dynamodb.returns.load("m", "r")
    new = {"step", "step_since", "value", "currency"}
    old = {name: part for name, part in json.loads(canonical(state)).items() if name not in new}
    for row in items(dynamodb, "m#find#"):
        key = {name: row[name] for name in ("pk", "sk")}
        dynamodb.client.delete_item(TableName="ReturnsTable", Key=key)
    dynamodb.client.update_item(
        TableName="ReturnsTable",
        Key={"pk": {"S": "m#return#r"}, "sk": {"S": "STATE"}},
        UpdateExpression="SET #state = :state REMOVE step_pk, step_sk",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": json.dumps(old)}},
    )
    assert dynamodb.returns.in_step("m", Step.TRANSIT, 10) == ()

    dynamodb.clock.advance(hours=1)
    tell(dynamodb, "r", seen("#5501", status="in_transit"))

    assert found(dynamodb, TermKind.ORDER, "5501") == found(dynamodb, TermKind.SKU, "TEE") == ("r",)
    (row,) = dynamodb.returns.in_step("m", Step.TRANSIT, 10)
    assert row.since == START + timedelta(hours=1)
