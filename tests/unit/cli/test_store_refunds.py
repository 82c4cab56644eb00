"""The door for a store's refunds on a whole hub, and what DynamoDB keeps of refunds."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import DueSet, RefundCommitted, RefundSettled
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.facts import OrderPlanned, OrderSeen
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of
from returns_hub.domain.timeline import canonical, fold
from returns_hub.flows.miinto.market_world import MarketWorld
from tests.support.refund_worlds import NUMBER, ORDER, RETURN, SHOP, FakeRmas, miinto
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_refund_events import REFUND


@pytest.fixture
def rmas(made: Hub, monkeypatch: pytest.MonkeyPatch) -> FakeRmas:
    """A merchant with Miinto, an order that is in the warehouse, and the queues."""
    sqs = boto3.client("sqs")
    urls = {
        f"store_refunds_{name}url": sqs.create_queue(QueueName=f"store-{name}q")["QueueUrl"]
        for name in ("queue_", "dead_letter_queue_")
    }
    urls["poll_mintsoft_queue_url"] = sqs.create_queue(QueueName="poll")["QueueUrl"]
    urls["poll_mintsoft_dead_letter_queue_url"] = urls["poll_mintsoft_queue_url"]
    urls["approved_returns_dead_letter_queue_url"] = urls["poll_mintsoft_queue_url"]
    made.settings = made.settings.model_copy(update=urls)
    merchant = Merchant.model_validate(merchant_file(miinto=miinto()))
    made.merchants.apply(merchant, "test", after=0)
    made.merchants.apply(Merchant.model_validate(merchant_file(merchant="plain")), "test", after=0)
    assert merchant.miinto is not None
    proof = RmaProof(contract=contract_of(merchant.miinto), proven=True, at=made.clock.now())
    made.capabilities.keep_rma_proof("example", proof)
    fake = FakeRmas(made.clock.now)

    def market_world(merchant_id: str) -> MarketWorld:
        nothing = cast(Any, None)
        world = made.world(merchant_id)
        return MarketWorld(world, nothing, fake, made.market.store(), nothing)

    monkeypatch.setattr(made, "market_world", market_world)
    market = market_world("example")
    lines = (OrderLine(position=71, quantity=2, price=49900, sku="TEE"),)
    seen = OrderSeen(currency="DKK", lines=lines)
    planned = OrderPlanned(number=NUMBER, warehouse=3)
    market.record_order(market.market.order("example", SHOP, ORDER), "t", seen, planned)
    return fake


def message(made: Hub, **changes: Any) -> str:
    content = {
        "schema": "store-refund/1",
        "merchant": "example",
        "refund_id": "SR-1",
        "occurred_at": made.clock.now().isoformat(),
        "source": "shop",
        "order": {"number": NUMBER},
        "lines": [{"sku": "TEE", "quantity": 1}],
    }
    return json.dumps(content | changes)


def deliver(made: Hub, *bodies: str) -> list[str]:
    """One invocation; the numbers of the records that are to come back."""
    records = [
        {"messageId": str(number), "receiptHandle": f"h{number}", "body": body, "attributes": {}}
        for number, body in enumerate(bodies)
    ]
    context = SimpleNamespace(
        aws_request_id="request", get_remaining_time_in_millis=lambda: 110_000
    )
    with made.invocation(context) as run:
        answer = run.store_refunds({"Records": records})
    return [row["itemIdentifier"] for row in answer["batchItemFailures"]]


def test_one_batch_ends_each_message_in_its_own_way(made: Hub, rmas: FakeRmas) -> None:
    failed = deliver(
        made,
        message(made),
        "no JSON",
        message(made, merchant="nobody"),
        message(made, merchant="plain"),
        message(made, refund_id="SR-2", order={"number": "MI-LATER"}),
        message(made, refund_id="SR-3", order={"number": "#5501"}),
    )

    assert failed == ["4"]
    assert [draft.positions for draft in rmas.drafts] == [{71: 1}]
    codes = sorted(item.code for item in made.parking.list_parked("_unknown"))
    assert codes == ["merchant.unknown", "refund.no_marketplace", "refund.not_json"]
    assert made.parking.list_parked("example") == ()
    state = made.market.store().order("example", SHOP, ORDER)
    assert [(r.outcome, r.positions) for r in state.requests] == [("made", {71: 1})]
    assert state.refunds == ("SR-1",)
    assert deliver(made, message(made)) == []
    assert len(rmas.drafts) == 1


def test_a_parked_refund_is_replayed_onto_its_own_queue(
    made: Hub, rmas: FakeRmas, command: Command
) -> None:
    text = message(made, order={"market": "SE", "id": 1})
    assert deliver(made, text) == []
    (item,) = made.parking.list_parked("example")
    assert item.code == "refund.unknown_market"

    told = command("parked", "replay", item.parked_id, "--merchant", "example", "--yes")
    assert told.exit_code == 0, told.output
    url = made.settings.store_refunds_queue_url
    (sent,) = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(sent["Body"])["refund_id"] == "SR-1"
    assert rmas.drafts == []


def test_a_dead_letter_of_the_queue_is_listed_by_its_contract(
    made: Hub, rmas: FakeRmas, command: Command
) -> None:
    url = made.settings.store_refunds_dead_letter_queue_url
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=message(made))
    told = command("dlq", "list", "--queue", "store-refunds")
    assert told.exit_code == 0, told.output
    assert "readable" in told.output
    assert not rmas.drafts


def test_a_return_with_a_refund_is_stored_and_read_as_it_folds(made: Hub, rmas: FakeRmas) -> None:
    world = made.world("example")
    at = made.clock.now()
    state = made.returns.load("example", RETURN)
    world.record(
        state,
        "t",
        RefundCommitted(refund=REFUND, targets=("queue", "credit_note")),
        DueSet(due_kind="refund_home", subject="1", at=at),
        RefundSettled(refund_id=REFUND.refund_id, target="queue", outcome="sent"),
    )
    stored = made.returns.load("example", RETURN)
    timeline = made.returns.timeline("example", RETURN)
    assert canonical(stored) == canonical(fold("example", RETURN, timeline))
    assert stored.refunds[0].open_targets == ("credit_note",)
    assert stored.refunds[0].refund.to_json() == REFUND.to_json()
    assert made.returns.due("example", at, 10) == ((at, RETURN),)
    assert not rmas.drafts


def test_a_function_is_given_the_targets_that_its_environment_names(made: Hub) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    nothing = made.world("example").refunds
    assert nothing is not None
    assert (nothing.queue, nothing.bus) == (None, None)
    names = {"refunds_queue_url": "https://queue", "refunds_bus": "refunds"}
    made.settings = made.settings.model_copy(update=names)
    targets = made.world("example").refunds
    assert targets is not None
    assert targets.queue is not None
    assert targets.bus is not None
    assert targets.credit_notes is None
