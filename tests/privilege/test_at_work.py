"""Doors at work under their own policies, in the cases that nothing else in the suite makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.queues.sqs import COPY_FROM_RECEIVE, run_batch
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Retryable
from returns_hub.flows.miinto import receive_store_refund
from returns_hub.ports import ParkedItem
from returns_hub.runs import Run
from tests.simulation.environment import SETTINGS
from tests.support.doors import TOKEN, LoopDoorBench
from tests.support.erp_hub import ErpHub
from tests.support.refund_worlds import RefundBench
from tests.support.widget_hub import QUEUES, WidgetHub, letter
from tests.unit.test_widgets import Page


def message(body: Any, receives: int = 1) -> dict[str, Any]:
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }
    return {"Records": [record]}


def full(_: str) -> None:
    raise Retryable("gate.full", "no turn at the partner", after=5, rate=2.0)


@pytest.mark.parametrize(
    ("function", "queue"),
    [
        ("CreateExternalReturnFunction", "approved-returns"),
        ("StoreRefundsFunction", "store-refunds"),
        ("UnleashedSyncFunction", "unleashed-sync"),
        ("DespatchRelayFunction", "despatches"),
        ("OrderChangesFunction", "order-changes"),
    ],
)
def test_messages_of_a_busy_partner_are_spread_and_go_on_as_copies(
    function: str, queue: str
) -> None:
    it = ErpHub(function=function)
    around: dict[str, Any] = {"telemetry": it.telemetry, "worst_case": 1.0}
    for receives in (1, COPY_FROM_RECEIVE):
        with it.invocation():
            run_batch(
                message({}, receives),
                full,
                queue=it.hub.queue(queue),
                clock=it.hub.clock,
                **around,
            )
    assert {("sqs:GetQueueAttributes"), ("sqs:SendMessage"), ("sqs:ChangeMessageVisibility")} <= {
        action for action, _ in it.policy.asked
    }


@pytest.mark.parametrize(
    ("function", "run"),
    [
        ("MiintoRmaFunction", Run.miinto_of_merchants),
        ("DriftReportFunction", Run.drift_of_merchants),
    ],
)
def test_a_message_that_meets_a_fault_of_ours_comes_back_later(
    function: str,
    run: Callable[[Run, dict[str, Any]], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = ErpHub(function=function)
    monkeypatch.setattr(DynamoDbMerchants, "live", lambda *_: 1 // 0)
    with it.invocation(900) as at_work:
        answer = run(at_work, message({"merchant": "example"}))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert "sqs:ChangeMessageVisibility" in {action for action, _ in it.policy.asked}


def test_merchants_of_the_marketplace_are_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    it = ErpHub(function="MiintoRmaFunction")
    monkeypatch.setattr(it.hub.merchants, "ids_with_miinto", lambda: ("example", "another"))
    with it.invocation() as run:
        run.miinto_tick()
    assert [sent["merchant"] for sent in it.sent] == ["example", "another"]


def test_a_refund_that_is_told_back_is_written_onto_its_returns_timeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For an order that the hub never saw: there is no other timeline for it."""
    there = RefundBench()
    there.rma()
    there.accept("811")
    home = there.queue.told[0]
    it = ErpHub(function="StoreRefundsFunction")
    it.bench.file["miinto"] = there.file["miinto"]
    it.apply()
    monkeypatch.setattr(receive_store_refund, "_told_back", lambda *_: home)
    told = there.store_message(origin=home.refund_id, order={"number": "MI-X"})
    with it.invocation() as run:
        answer = run.store_refunds(message(json.loads(told)))
    assert answer == {"batchItemFailures": []}
    assert ("dynamodb:PutItem", "ReturnsTable.Arn") in it.policy.asked


@pytest.mark.parametrize("queue", [name.replace("_", "-") for name in QUEUES])
def test_dead_letters_of_every_queue_are_shown_and_discarded(queue: str) -> None:
    it = WidgetHub()
    it.apply()
    name = letter(it, queue, {"merchant": "example"})
    page = Page(it.show(widget="dead_letters", queue=queue, message_id=name))
    (asks, *_) = page.asks(act="dlq discard")
    told = it.act("it was dealt with", **asks)
    assert it.queues[f"{queue}-dead"] == {}, Page(told).words


def test_the_door_for_loop_puts_deliveries_onto_the_queue_or_aside() -> None:
    door, it = LoopDoorBench(), ErpHub(function="LoopWebhookFunction")
    tables: Any = it.tables
    person = DynamoDbMerchants(tables, SETTINGS.merchants_table, it.clock)
    person.apply(Merchant.model_validate(door.bench.file), "test", after=0)
    it.set_secret("example", door.secret, {door.field: TOKEN})
    it.bench.clock.advance(seconds=31)
    statuses = []
    for event in (door.event(), door.event(body=b'{"topic": "return"}')):
        with it.invocation() as run:
            statuses.append(run.loop_webhook(event)["statusCode"])
    assert statuses[0] == 202
    assert it.sent[0]["merchant"] == "example"
    assert ("dynamodb:UpdateItem", "ParkedTable.Arn") in it.policy.asked


def test_a_step_of_returns_is_listed_and_items_of_one_cause_are_replayed_together() -> None:
    it = WidgetHub()
    it.apply()
    assert "Nothing waits here" in it.show(widget="money_line", merchant="example", step="announce")
    parking = it.open.parking
    for number in range(2):
        parking.park(
            ParkedItem("example", f"i{number}", "process_receipts", "a.b", "why", "s", "{}")
        )
    listed = Page(it.show(widget="parked", merchant="example", flow="process_receipts", code="a.b"))
    together = [one for one in listed.asks(act="parked replay") if "parked_id" not in one]
    it.act("mended", **together[0])
    assert [item.state for item in parking.list_parked("example", closed_too=True)] == [
        "replayed",
        "replayed",
    ]
