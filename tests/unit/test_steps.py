"""Where a return waits, since when, and what it is worth: all of it folded from its timeline."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.case import LineToProcess
from returns_hub.domain.facts import (
    CarrierDelivered,
    CommentAdded,
    DueCleared,
    DueSet,
    Event,
    ExternalReturnMade,
    Fact,
    Flagged,
    LinesCommitted,
    LinesProcessed,
    OperatorActed,
    Parked,
    ProcessingChecked,
    ReceiptSettled,
    ReceiptTaken,
    Reopened,
    Seen,
    ShipmentsPlanned,
    Skipped,
    WithdrawalHandled,
    Withdrawn,
    event_from_json,
)
from returns_hub.domain.overview.steps import Step, step_of
from returns_hub.domain.parked_ids import parked_batch_id, parked_receipt_id
from returns_hub.domain.returns import PortalReturn, ReturnStatus
from returns_hub.domain.shipments import PlannedLine, PlannedShipment
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import canonical, fold
from tests.support.fakes import START


def planned(key: str = "a", *lines: str, **changes: Any) -> PlannedShipment:
    content: dict[str, Any] = {"warehouse_id": 3, "reference": "#5501"} | changes
    rows = tuple(
        PlannedLine(line_id=line, sku="TEE", quantity=1, reason_id=1, reason_mapped=True)
        for line in lines or (f"line-{key}",)
    )
    return PlannedShipment(key=key, lines=rows, **content)


def seen(status: str = "open", **changes: Any) -> Seen:
    content: dict[str, Any] = {"source": "t", "return_type": "return", "portal_updated_at": START}
    return Seen(status=status, **content | changes)


def plan(*keys: str, shadow: bool = False) -> ShipmentsPlanned:
    return ShipmentsPlanned(shipments=tuple(map(planned, keys or ("a",))), shadow=shadow)


def made(key: str = "a", number: int = 41) -> tuple[Fact, Fact]:
    made_now = ExternalReturnMade(shipment=key, external_return_id=number, how="sent")
    return made_now, CommentAdded(about=key)


def taken(number: int = 41, decision: str = "process") -> ReceiptTaken:
    return ReceiptTaken(
        external_return_id=number, receipt=f"{number}@1", units={"TEE": 1}, decision=decision
    )


def settled(outcome: str, number: int = 41, until: datetime | None = None) -> ReceiptSettled:
    return ReceiptSettled(
        external_return_id=number, receipt=f"{number}@1", outcome=outcome, until=until
    )


def committed(*lines: str, batch: int = 1, number: int = 41) -> LinesCommitted:
    rows = tuple(
        LineToProcess(line_id=line, sku="TEE", restock=True) for line in lines or ("line-a",)
    )
    return LinesCommitted(batch=batch, receipt=f"{number}@1", lines=rows)


def delivered(key: str = "a", at: datetime = START, source: Any = "carrier") -> CarrierDelivered:
    return CarrierDelivered(shipment=key, at=at, source=source)


def parked(parked_id: str = "create_external_return/r", **more: Any) -> Parked:
    return Parked(flow="f", parked_id=parked_id, code="c", reason="r", **more)


def events(*facts: Fact) -> list[Event]:
    """An event a minute, from `START` + 1 minute on."""
    return [
        Event(
            sequence=number,
            at=START + timedelta(minutes=number),
            actor="hub",
            rule="t",
            config_version=1,
            fact=fact,
        )
        for number, fact in enumerate(facts, start=1)
    ]


def after(*facts: Fact) -> ReturnState:
    return fold("m", "r", events(*facts))


IN_WORK = (seen(), plan(), *made())
PROCESSED = (*IN_WORK, taken(), committed(), LinesProcessed(batch=1, how="sent"))
CHECK = DueSet(due_kind="check_processing", at=START)
LISTED = DueSet(due_kind="withdrawn", subject="a", at=START)
CLOSING = Withdrawn(status="rejected", at=START, shipment="a", note="n")
BATCH = parked_batch_id("r", 1)

WAITS: dict[str, tuple[Step | None, tuple[Fact, ...]]] = {
    "nothing is known": (None, ()),
    "a person acted on one not seen": (None, (OperatorActed(act="comment", subject="x"),)),
    "seen": (Step.ANNOUNCE, (seen(),)),
    "planned": (Step.ANNOUNCE, (seen(), plan())),
    "made, not told": (Step.ANNOUNCE, (seen(), plan(), made()[0])),
    "one of two made": (Step.ANNOUNCE, (seen(), plan("a", "b"), *made("a"))),
    "announced": (Step.TRANSIT, IN_WORK),
    "delivered": (Step.BOOKING_IN, (*IN_WORK, delivered())),
    "one of two delivered": (
        Step.BOOKING_IN,
        (seen(), plan("a", "b"), *made("a"), *made("b", 42), delivered("b")),
    ),
    "confirmed, not decided": (Step.DECISION, (*IN_WORK, taken())),
    "held": (Step.DECISION, (*IN_WORK, taken(), settled("held", until=START))),
    "waiting": (Step.DECISION, (*IN_WORK, taken(), settled("waiting"))),
    "processed in part, the rest held": (
        Step.DECISION,
        (*PROCESSED, settled("processed_in_part", until=START)),
    ),
    "committed": (Step.PROCESSING, (*IN_WORK, taken(), committed())),
    "committed, closed meanwhile": (
        Step.PROCESSING,
        (*IN_WORK, taken(), committed(), seen("complete")),
    ),
    "taken by the portal, receipt not settled": (Step.CHECKING, (*PROCESSED, CHECK)),
    "to be checked": (Step.CHECKING, (*PROCESSED, CHECK, settled("processed"))),
    "never checked": (None, (*PROCESSED, settled("processed"))),
    "checked": (
        None,
        (
            *(*PROCESSED, CHECK, settled("processed")),
            ProcessingChecked(batches=(1,), outcome="complete"),
            DueCleared(due_kind="check_processing"),
        ),
    ),
    "processed, not complete": (
        Step.PERSON,
        (
            *(*PROCESSED, CHECK, settled("processed")),
            ProcessingChecked(batches=(1,), outcome="not_completed"),
            parked("check_processing/r", beside=True),
            DueCleared(due_kind="check_processing"),
        ),
    ),
    "processed and complete": (
        None,
        (*PROCESSED, CHECK, settled("processed"), seen("complete")),
    ),
    "one parcel processed, the other on its way": (
        Step.TRANSIT,
        (
            *(seen(), plan("a", "b"), *made("a"), *made("b", 42), taken(), committed()),
            *(LinesProcessed(batch=1, how="sent"), CHECK, settled("processed_in_part")),
        ),
    ),
    "a part of the goods came": (
        Step.BOOKING_IN,
        (
            seen(),
            ShipmentsPlanned(shipments=(planned("a", "line-a", "line-b"),)),
            *(*made(), taken(), committed(), LinesProcessed(batch=1, how="sent")),
            settled("processed_in_part"),
        ),
    ),
    "nobody waits for the rest any more": (
        None,
        (
            seen(),
            ShipmentsPlanned(shipments=(planned("a", "line-a", "line-b"),)),
            *(*made(), taken(), committed(), LinesProcessed(batch=1, how="sent")),
            settled("stopped_watching"),
        ),
    ),
    "parked before it was planned": (Step.PERSON, (seen(), parked())),
    "a shipment is parked": (
        Step.PERSON,
        (seen(), plan("a", "b"), *made("a"), parked("x", subject="b")),
    ),
    "a receipt is parked": (Step.PERSON, (*IN_WORK, taken(), settled("parked"))),
    "a batch is parked": (
        Step.PERSON,
        (*IN_WORK, taken(), committed(), parked(BATCH, subject="batch-1")),
    ),
    "parked beside while on its way": (Step.TRANSIT, (*IN_WORK, parked("x", beside=True))),
    "parked beside and seen to": (
        None,
        (*PROCESSED, parked("x", beside=True), OperatorActed(act="discarded", subject="x")),
    ),
    "flagged by the hub": (Step.PERSON, (*IN_WORK, Flagged(receipt="41@1", note="n"))),
    "flagged in the portal": (Step.PERSON, (*IN_WORK, seen("flagged"))),
    "flagged, then reopened": (
        Step.TRANSIT,
        (*IN_WORK, seen("flagged"), Reopened(was="flagged", status="open")),
    ),
    "flagged, then complete": (
        None,
        (*IN_WORK, Flagged(receipt="41@1", note="n"), seen("complete")),
    ),
    "replayed": (
        Step.ANNOUNCE,
        (seen(), plan(), parked("x", subject="a"), OperatorActed(act="replayed", subject="x")),
    ),
    "answered": (
        Step.DECISION,
        (
            *(*IN_WORK, taken(), settled("parked")),
            OperatorActed(act="answered", subject=parked_receipt_id("r", 41)),
        ),
    ),
    "a batch is replayed": (
        Step.PROCESSING,
        (
            *(*IN_WORK, taken(), committed(), parked(BATCH, subject="batch-1")),
            OperatorActed(act="replayed", subject=BATCH),
        ),
    ),
    "closed": (None, (*IN_WORK, seen("rejected"))),
    "closed, never planned": (
        None,
        (seen("deleted"), Skipped(flow="f", code="return.not_open", reason="r")),
    ),
    "discarded": (
        None,
        (seen(), plan(), parked("x", subject="a"), OperatorActed(act="discarded", subject="x")),
    ),
    "discarded as a whole": (
        None,
        (
            seen(),
            parked(),
            OperatorActed(act="discarded", subject="create_external_return/r"),
        ),
    ),
    "skipped": (None, (seen(), Skipped(flow="f", code="return.type_excluded", reason="r"))),
    "no home for it": (
        None,
        (seen(), Skipped(flow="f", code="warehouse.unmapped", reason="r", subject="a")),
    ),
    "shadow": (None, (seen(), plan(shadow=True))),
    "shadow, flagged in the portal": (None, (seen(), plan(shadow=True), seen("flagged"))),
    "receipt dealt with in shadow": (None, (*IN_WORK, taken(), settled("shadow"))),
    "nothing new": (None, (*IN_WORK, taken(), settled("nothing_new"))),
    "withdrawn": (Step.PERSON, (*IN_WORK, CLOSING, LISTED)),
    "withdrawn and handled": (
        None,
        (*IN_WORK, CLOSING, LISTED, WithdrawalHandled(shipment="a", note="n")),
    ),
    "withdrawn, then reopened": (
        Step.TRANSIT,
        (*IN_WORK, CLOSING, LISTED, Reopened(was="rejected", status="open")),
    ),
    "reopened after goods had come": (
        Step.DECISION,
        (
            *(*IN_WORK, taken(decision="skip_closed"), settled("skipped_closed")),
            Reopened(was="complete", status="open"),
        ),
    ),
}


@pytest.mark.parametrize("name", WAITS)
def test_where_a_return_waits(name: str) -> None:
    step, facts = WAITS[name]
    state = after(*facts)

    assert (state.step, step_of(state)) == (step, step)
    assert (state.step_since is None) is (step is None)


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def test_a_return_waits_since_the_event_that_led_it_there() -> None:
    assert after(seen(), plan()).step_since == minute(1)
    assert after(*IN_WORK).step_since == minute(4)
    assert after(*IN_WORK, seen("in_transit")).step_since == minute(4)
    assert after(*IN_WORK, taken(), parked("x", beside=True)).step_since == minute(5)


def test_delivered_goods_wait_since_their_delivery_whenever_it_was_told() -> None:
    first, second = minute(-600), minute(-900)
    both = (seen(), plan("a", "b"), *made("a"), *made("b", 42))
    assert after(*both, delivered("a", first)).step_since == first
    assert after(*both, delivered("a", first), delivered("b", second)).step_since == second
    later = (*both, delivered("a", first), delivered("b", second), taken(42), settled("held", 42))
    assert (after(*later).step, after(*later).step_since) == (Step.DECISION, minute(9))


def test_what_a_return_is_worth_is_the_portals_last_word_on_it() -> None:
    worth: Any = {"value": Decimal("20.50"), "currency": "GBP"}
    first = after(seen(**worth))
    assert (first.value, first.currency) == (Decimal("20.50"), "GBP")
    told_less = after(seen(**worth), seen("delivered"))
    assert (told_less.value, told_less.currency) == (Decimal("20.50"), "GBP")
    changed = after(seen(**worth), seen(value=Decimal(9), currency="EUR"))
    assert (changed.value, changed.currency) == (Decimal(9), "EUR")


def test_the_same_events_give_the_same_bytes_also_when_they_were_stored() -> None:
    timeline = events(seen(value=Decimal("20.50"), currency="GBP"), plan(), *made(), delivered())
    stored = [event_from_json(event.model_dump_json()) for event in timeline]
    told = canonical(fold("m", "r", timeline))

    assert canonical(fold("m", "r", stored)) == told
    assert canonical(ReturnState.model_validate_json(told)) == told
    assert json.loads(told)["value"] == "20.50"


def test_what_an_earlier_release_stored_is_read() -> None:
    (event,) = events(seen())
    old = json.loads(event.model_dump_json())
    for name in ("value", "currency"):
        del old["fact"][name]
    read = event_from_json(json.dumps(old))
    assert canonical(fold("m", "r", [read])) == canonical(fold("m", "r", [event]))

    kept = json.loads(canonical(after(*IN_WORK)))
    for name in ("step", "step_since", "value", "currency"):
        del kept[name]
    state = ReturnState.model_validate_json(json.dumps(kept))
    assert (state.step, state.value, step_of(state)) == (None, None, Step.TRANSIT)


@pytest.mark.parametrize(
    ("told", "worth"),
    [
        ({"value_total": "20", "refund_total": "5", "currency": "GBP"}, ("20", "GBP")),
        ({"refund_total": "5", "currency": "GBP"}, ("5", "GBP")),
        ({"value_total": "0", "refund_total": "5", "currency": "GBP"}, ("0", "GBP")),
        ({"value_total": "20"}, None),
        ({"value_total": "20", "currency": "pounds"}, None),
        ({"value_total": "1E+40", "currency": "GBP"}, None),
        ({"value_total": "1E-40", "currency": "GBP"}, None),
        ({}, None),
    ],
)
def test_what_the_portal_tells_of_a_returns_worth(told: Any, worth: Any) -> None:
    amounts: Any = {n: v if n == "currency" else Decimal(v) for n, v in told.items()}
    found = PortalReturn(
        id="r", status=ReturnStatus.OPEN, created_at=START, updated_at=START, **amounts
    ).worth
    assert found == (None if worth is None else (Decimal(worth[0]), worth[1]))
