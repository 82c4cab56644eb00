"""What the portal's webhook delivers reaches the return's flow, whatever comes how often (X1)."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.merchant_samples import sample_files
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.deliveries import pruned, read_delivery
from returns_hub.adapters.redo.translate import to_return
from returns_hub.domain.facts import ExternalReturnMade, Skipped
from returns_hub.domain.returns import NOT_YET_APPROVED, ReturnStatus
from returns_hub.errors import Retryable
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.receive_webhook import LARGEST_MESSAGE
from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft
from tests.support.doors import DoorBench, delivery
from tests.support.worlds import RETURN_ID, item, redo_return, shipment

CANARY = "canary-7c1f"
MOST = [status for status in ReturnStatus if status is not ReturnStatus.UNKNOWN]


def test_a_delivery_becomes_a_message_that_announces_the_return_without_asking_the_portal() -> None:
    door = DoorBench()

    assert door.send() == (202, {"outcome": "queued"})

    (text,) = door.sent
    event = parse(text)
    assert (event.merchant, event.return_id, event.source) == ("example", RETURN_ID, "webhook")
    assert event.occurred_at == datetime.fromisoformat("2026-03-02T08:59:00Z")
    assert door.partner_calls() == 0
    door.bench.put(redo_return([item(1, "TEE")]))
    assert door.bench.approve(text) == "announced"
    assert [r.method for r in door.bench.to_redo.requests] == ["POST"]
    assert door.bench.telemetry.total("Webhooks", merchant="example", outcome="queued") == 1


def test_the_message_holds_nothing_that_the_hub_does_not_read() -> None:
    door = DoorBench()
    body = redo_return(
        [
            item(
                1,
                "TEE",
                customerComment=CANARY,
                multipleChoiceQuestions=[{"question": CANARY, "answer": CANARY}],
                grade=CANARY,
                exchangeItem={"product": {"name": CANARY}},
            )
        ],
        source={
            "emailAddress": CANARY,
            "name": {"given": CANARY, "surname": CANARY},
            "mailingAddress": {"line1": CANARY, "city": CANARY},
            "phoneNumber": CANARY,
        },
        destination={"mailingAddress": {"line1": CANARY}},
        giftCards=[{"code": CANARY, "amount": {"amount": "5.00", "currency": "GBP"}}],
        notes=[{"message": CANARY, "image": CANARY}],
        internalCreatedByName=CANARY,
        shipments=[shipment(postageLabel=CANARY, trackingUrl=CANARY)],
        dropoffs=[{"shipmentGroupId": "sg_one", "qrCode": CANARY}],
    )
    order = {
        "id": "order1",
        "name": "#5501",
        "customer": {"name": {"given": CANARY}, "emailAddress": CANARY},
        "items": [
            {
                "id": "6100000000001/1",
                "product": {"name": CANARY},
                "variant": {"sku": "TEE", "name": CANARY},
                "price": {"amount": CANARY},
            }
        ],
    }
    door.send(delivery(body, order=order, merchantName=CANARY))

    assert CANARY not in door.sent[0]
    assert json.loads(door.sent[0])["order"]["items"] == [
        {"id": "6100000000001/1", "variant": {"sku": "TEE"}}
    ]
    assert CANARY not in str(door.bench.telemetry.lines)


@pytest.mark.parametrize("sample", sample_files(), ids=lambda sample: sample["about"])
def test_a_pruned_body_reads_as_the_whole_one(sample: dict[str, Any]) -> None:
    text = json.dumps([sample["return"], sample["order"]])
    text = text.replace("{created}", "2026-03-02T08:15:00Z")
    whole, order = json.loads(text.replace("{updated}", "2026-03-02T08:59:00.123Z"))

    def read(body: Any, orders: Any) -> Any:
        return to_return(models.Return.model_validate(body), models.Order.model_validate(orders))

    short, short_order = pruned(models.Return, whole), pruned(models.Order, order)
    assert read(short, short_order) == read(whole, order)
    assert json.loads(json.dumps(short)) == short
    assert set(short or {}) < set(whole)


# -- repetitions, old versions, nothing new -------------------------------------------------------


def test_the_same_delivery_again_calls_no_partner() -> None:
    door = DoorBench()
    text = door.tell()
    door.bench.approve(text)
    before = door.partner_calls()

    again = door.tell()
    assert door.bench.approve(again) == "skipped"
    door.bench.clock.advance(hours=3)
    assert door.bench.approve(again) == "skipped"

    assert door.partner_calls() == before
    assert len(door.bench.external_returns()) == 1


def test_a_hundred_of_the_same_delivery_make_one_external_return() -> None:
    door = DoorBench()
    for _ in range(100):
        door.tell()
    assert len(door.sent) == 100

    endings = [door.bench.approve(text) for text in door.sent]

    assert endings == ["announced"] + ["skipped"] * 99
    assert len(door.bench.external_returns()) == 1
    assert len(door.bench.comments()) == 1


def test_an_older_delivery_after_a_newer_one_changes_nothing_and_calls_no_partner() -> None:
    door = DoorBench()
    older = door.tell()
    door.bench.clock.advance(minutes=1)
    newer = door.tell(updatedAt="2026-03-02T09:00:30Z")
    door.bench.approve(newer)
    before, kinds = door.partner_calls(), door.bench.kinds()

    assert door.bench.approve(older) == "skipped"

    assert door.partner_calls() == before
    assert door.bench.kinds() == kinds


def test_a_newer_delivery_with_no_new_goods_is_seen_and_calls_no_partner() -> None:
    door = DoorBench()
    door.bench.approve(door.tell())
    before = door.partner_calls()
    door.bench.clock.advance(minutes=1)

    door.bench.approve(door.tell(updatedAt="2026-03-02T09:00:30Z"))

    assert door.partner_calls() == before
    assert door.bench.kinds()[-1] == "seen"
    assert len(door.bench.external_returns()) == 1


def test_a_newer_delivery_with_another_line_announces_that_line() -> None:
    door = DoorBench()
    door.bench.approve(door.tell())
    body = redo_return(
        [item(1, "TEE"), item(2, "MUG", shipmentGroupIds=["late"])],
        shipments=[shipment("sg_one", ["item1"]), shipment("late", ["item2"])],
        updatedAt="2026-03-02T09:00:00Z",
    )
    door.bench.put(body)
    door.send(delivery(body))

    door.bench.approve(door.sent[-1])

    assert [[row.sku for row in m.rows] for m in door.bench.external_returns()] == [
        ["TEE"],
        ["MUG"],
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "rejected"},
        {"type": "claim"},
        {"status": "awaiting_owl"},
        {"items": []},
        {"items": [item(1, "TEE", 0)]},
    ],
    ids=["closed", "another type", "unknown status", "no lines", "quantity 0"],
)
def test_a_delivery_that_was_skipped_or_parked_is_dropped_when_it_comes_again(
    changes: dict[str, Any],
) -> None:
    door = DoorBench()
    door.bench.put(redo_return([item(1, "TEE")]))
    door.send(delivery(redo_return([item(1, "TEE")]) | changes))
    door.bench.approve(door.sent[0])
    kinds = door.bench.kinds()
    door.bench.clock.advance(hours=3)

    assert door.bench.approve(door.sent[0]) == "skipped"

    assert door.partner_calls() == 0
    assert door.bench.kinds() == kinds


def test_a_return_that_was_skipped_is_seen_again_when_it_changed() -> None:
    door = DoorBench()
    door.bench.approve(door.tell(status="rejected"))
    door.bench.clock.advance(minutes=1)
    newer = door.tell(status="rejected", updatedAt="2026-03-02T09:00:30Z")
    door.bench.approve(newer)
    door.bench.clock.advance(hours=1)

    assert door.bench.approve(newer) == "skipped"

    assert door.partner_calls() == 0
    assert [kind for kind in door.bench.kinds() if kind == "skipped"] == ["skipped"]


def test_a_repetition_finishes_what_an_earlier_run_began() -> None:
    door = DoorBench()
    text = door.tell()
    door.bench.to_mintsoft.refuse = True
    with pytest.raises(Retryable):
        door.bench.approve(text)
    door.bench.to_mintsoft.refuse = False
    door.bench.clock.advance(minutes=1)

    assert door.bench.approve(door.tell()) == "announced"
    assert len(door.bench.external_returns()) == 1


def test_a_replay_by_hand_is_never_stale() -> None:
    door = DoorBench()
    door.bench.approve(door.tell(status="awaiting_owl"))
    door.bench.put(redo_return([item(1, "TEE")]))

    again = door.bench.message(source="replay", occurred_at="2026-03-02T08:59:00Z")
    assert door.bench.approve(again) == "announced"


# -- which returns are passed on ------------------------------------------------------------------


@pytest.mark.parametrize("status", MOST)
def test_all_but_what_waits_for_its_approval_is_passed_on(status: ReturnStatus) -> None:
    door = DoorBench()
    answer = door.send(delivery(redo_return([item(1, "TEE")], status=status.value)))

    if status in NOT_YET_APPROVED:
        assert (answer, door.sent) == ((200, {"outcome": "not_approved"}), [])
        assert door.bench.telemetry.total("Webhooks", outcome="not_approved") == 1
    else:
        assert (answer[0], len(door.sent)) == (202, 1)


def test_a_known_return_that_waits_for_its_approval_again_is_passed_on() -> None:
    door = DoorBench()
    door.bench.approve(door.tell())
    body = redo_return([item(1, "TEE")], status="in_review", updatedAt="2026-03-02T09:00:30Z")

    assert door.send(delivery(body))[0] == 202
    assert len(door.sent) == 2


def test_what_cannot_be_looked_up_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    door = DoorBench()

    def busy(*_: str) -> Any:
        raise Retryable("aws.dynamodb.busy", "busy")

    monkeypatch.setattr(door.bench.returns, "load", busy)
    body = redo_return([item(1, "TEE")], status="in_review")
    assert door.send(delivery(body))[0] == 202


@pytest.mark.parametrize(
    ("kind", "source"),
    [("created", "webhook"), ("updated", "webhook"), ("backfill", "webhook-backfill")],
)
def test_the_source_says_what_was_told_again(kind: str, source: str) -> None:
    door = DoorBench()
    door.send(delivery(type=kind))
    assert parse(door.sent[0]).source == source


@pytest.mark.parametrize("missing", ["type", "at", "merchantName"])
def test_no_field_but_the_return_is_needed(missing: str) -> None:
    door = DoorBench()
    content = delivery()
    del content[missing]
    assert door.send(content)[0] == 202
    assert parse(door.sent[0]).portal_return is not None


def test_a_word_that_we_were_not_told_of_is_no_reason_to_refuse() -> None:
    door = DoorBench()
    assert door.send(delivery(type="merged", topic="return", more={"a": 1}))[0] == 202
    assert parse(door.sent[0]).source == "webhook"


# -- thin messages --------------------------------------------------------------------------------


def told_thin(door: DoorBench) -> datetime:
    """The version of the one message, which has no bodies."""
    event = parse(door.sent[-1])
    assert event.portal_return is None
    assert event.portal_order is None
    return event.occurred_at


@pytest.mark.parametrize(
    "changes",
    [
        {"items": "x"},
        {"items": [{"id": "item1"}]},
        {"status": 5},
        {"order": None},
        {"shipments": {}},
        {"createdAt": "soon"},
    ],
)
def test_a_body_that_cannot_be_read_whole_is_read_from_the_portal(changes: dict[str, Any]) -> None:
    door = DoorBench()
    door.bench.put(redo_return([item(1, "TEE")]))

    assert door.send(delivery(redo_return([item(1, "TEE")]) | changes))[0] == 202

    assert told_thin(door).isoformat() == "2026-03-02T08:59:00+00:00"
    assert door.bench.approve(door.sent[0]) == "announced"


@pytest.mark.parametrize("order", [None, {}, [], {"id": "order1", "items": [{"sku": "TEE"}]}])
def test_without_its_order_a_return_may_lack_its_skus_so_it_is_read_from_the_portal(
    order: Any,
) -> None:
    door = DoorBench()
    door.send(delivery(order=order))
    told_thin(door)


def test_what_does_not_fit_into_a_message_is_read_from_the_portal() -> None:
    door = DoorBench()
    fits = redo_return([item(n, "TEE", reason="x" * 400) for n in range(200)])
    large = redo_return([item(n, "TEE", reason="x" * 400) for n in range(500)])

    door.send(delivery(fits))
    assert parse(door.sent[0]).portal_return is not None
    assert door.send(delivery(large))[0] == 202
    told_thin(door)
    assert all(len(text.encode()) <= LARGEST_MESSAGE for text in door.sent)


@pytest.mark.parametrize("at", [None, "", "soon", 20260302, "2026-03-02", 1.5, []])
def test_without_a_version_the_return_is_read_from_the_portal(at: Any) -> None:
    door = DoorBench()
    door.send(delivery(redo_return([item(1, "TEE")], updatedAt=at)))

    assert told_thin(door) == door.bench.clock.now()


def test_a_version_of_the_future_does_not_hide_those_to_come() -> None:
    door = DoorBench()
    door.bench.put(redo_return([item(1, "TEE")]))
    door.send(delivery(redo_return([item(1, "TEE")], updatedAt="2099-01-01T00:00:00Z")))

    assert told_thin(door) == door.bench.clock.now()
    door.bench.approve(door.sent[0])
    door.bench.clock.advance(minutes=1)
    body = redo_return([item(1, "TEE"), item(2, "MUG")], updatedAt="2026-03-02T09:00:30Z")
    door.bench.put(body)
    door.send(delivery(body))
    door.bench.approve(door.sent[1])
    assert len(door.bench.external_returns()) == 2


def test_clocks_that_differ_a_little_are_believed() -> None:
    door = DoorBench()
    at = (door.bench.clock.now() + timedelta(minutes=4)).isoformat()
    door.send(delivery(redo_return([item(1, "TEE")], updatedAt=at)))
    assert parse(door.sent[0]).portal_return is not None


# -- the switch from an old connector -------------------------------------------------------------


def test_a_return_made_before_the_switch_is_left_though_it_was_changed_after_it() -> None:
    door = DoorBench()
    text = door.tell(createdAt="2025-12-30T00:00:00Z")

    assert door.bench.approve(text) == "skipped"

    assert not door.bench.external_returns()
    assert door.bench.facts(Skipped)[-1].code == "merchant.before_live_from"
    assert door.partner_calls() == 0


def test_a_record_of_the_old_connector_is_adopted_when_the_file_says_so() -> None:
    door = DoorBench()
    door.bench.file["flows"]["create_external_returns"]["before_live_from"] = "adopt"
    draft = ExternalReturnDraft(3, "#5501", "OLD", (ReturnItemDraft("TEE", 901, 1, 1),))
    door.bench.world().warehouse.create_external_return(draft, door.bench.clock.now())
    text = door.tell(createdAt="2025-12-30T00:00:00Z")

    door.bench.approve(text)

    assert [made.how for made in door.bench.facts(ExternalReturnMade)] == ["adopted"]
    assert len(door.bench.external_returns()) == 1


def test_a_line_that_joins_a_known_return_is_announced_though_that_was_made_before_the_switch() -> (
    None
):
    door = DoorBench()
    old = "2025-12-30T00:00:00Z"
    door.bench.put(redo_return([item(1, "TEE")], createdAt=old))
    door.bench.approve()
    door.bench.clock.advance(minutes=1)
    lines = [item(1, "TEE"), item(2, "MUG")]
    body = redo_return(lines, createdAt=old, updatedAt="2026-03-02T09:00:30Z")
    door.bench.put(body)
    door.send(delivery(body))

    door.bench.approve(door.sent[0])

    assert len(door.bench.external_returns()) == 2


def test_reading_a_delivery_changes_nothing_of_it() -> None:
    content = delivery()
    before = deepcopy(content)
    assert read_delivery(content) == read_delivery(before)
    assert content == before
