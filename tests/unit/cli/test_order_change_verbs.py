"""Changed orders on a whole hub: its queue, its dead letters, and the command."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.order_change_worlds import ChangeBench
from tests.support.worlds import KEY, merchant_file
from tests.unit.cli.conftest import Command, Partners

MINTSOFT = "http://127.0.0.1:2"
ALLOWED = {
    "ControlTable": {"GetItem", "UpdateItem"},
    "MerchantsTable": {"GetItem"},
    "ParkedTable": {"UpdateItem"},
    "SyncTable": {"GetItem", "Put", "Query"},
    "LedgerTable": {"UpdateItem"},
}
"""As the template lets the function; tests/template holds that side."""


@pytest.fixture
def bench(made: Hub, partners: Partners) -> ChangeBench:
    """A merchant with a warehouse, and the queues."""
    it = ChangeBench()
    it.clock.moment = made.clock.now()
    partners.cores[MINTSOFT] = it.mintsoft
    sqs = boto3.client("sqs")
    names = ("order_changes_queue", "order_changes_dead_letter_queue", "poll_mintsoft_queue")
    urls = {f"{n}_url": sqs.create_queue(QueueName=n)["QueueUrl"] for n in names}
    for name in ("poll_mintsoft", "approved_returns"):
        urls[f"{name}_dead_letter_queue_url"] = urls["poll_mintsoft_queue_url"]
    made.settings = made.settings.model_copy(update=urls)
    file = merchant_file(order_changes={"mode": "live"})
    made.merchants.apply(Merchant.model_validate(file), "test", after=0)
    made.secrets.write("example", "mintsoft", {"api_key": KEY})
    return it


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
        answer = run.order_changes({"Records": records})
    return [row["itemIdentifier"] for row in answer["batchItemFailures"]]


def on_queue(made: Hub) -> list[dict[str, Any]]:
    """Messages that wait on the queue, taken off it."""
    url = made.settings.order_changes_queue_url
    found = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def calls_of(made: Hub) -> set[tuple[str, str]]:
    """Table and call of everything that is asked of DynamoDB from now on."""
    seen: set[tuple[str, str]] = set()

    def see(params: dict[str, Any], model: Any, **_: Any) -> None:
        body = json.loads(params["body"])
        if model.name != "TransactWriteItems":
            seen.add((body["TableName"], model.name))
        for item in body.get("TransactItems", []):
            seen.update((content["TableName"], kind) for kind, content in item.items())

    made.dynamodb.meta.events.register("before-call.dynamodb", see)
    return seen


def test_a_batch_ends_each_message_in_its_own_way_with_the_rights_it_has(
    made: Hub, bench: ChangeBench
) -> None:
    order, picked = bench.order("1001"), bench.order("1002", status="PICKED")
    bench.order("1003")
    seen = calls_of(made)
    failed = deliver(
        made,
        bench.message("a"),
        bench.message("b", order="1002"),
        bench.message("c", order="1003", kind="edited", replaced_by="1003-1"),
        "no JSON",
        bench.message("d", merchant="nobody"),
    )

    assert failed == ["2"]
    assert bench.cancelled() == [order]
    assert len(bench.comments_on(picked)) == 1
    assert deliver(made, bench.message("e", kind="edited")) == []
    codes = sorted(item.code for item in made.parking.list_parked("_unknown"))
    assert codes == ["merchant.unknown", "order_change.not_json"]
    asked = {(t, c) for t, c in seen if (t, c) != ("ParkedTable", "Query")}
    assert asked <= {(table, call) for table, calls in ALLOWED.items() for call in calls}
    assert {table for table, _ in asked} == set(ALLOWED)


def test_a_change_by_hand_is_shown_first_and_then_told(
    made: Hub, bench: ChangeBench, command: Command
) -> None:
    order = bench.order("1001")
    tried = command("orders", "change", "example", "1001", "cancelled", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert f"would cancel order 1001 (id {order})" in tried.output
    assert (bench.writes(), on_queue(made)) == (0, [])
    assert made.sync_records().in_work("example", "relay.order_changes", 9) == ()

    told = command("orders", "change", "example", "1001", "cancelled", "--yes")
    assert told.exit_code == 0, told.output
    (message,) = on_queue(made)
    assert (message["order"], message["kind"], message["source"]) == (
        "1001",
        "cancelled",
        "operator",
    )
    assert deliver(made, json.dumps(message)) == []
    assert bench.cancelled() == [order]
    command("orders", "change", "example", "1001", "cancelled", "--yes")
    assert on_queue(made)[0]["id"] == message["id"]


@pytest.mark.parametrize(
    ("status", "arguments", "says"),
    [
        ("PICKED", ("cancelled",), "a person would be asked: order 1001"),
        ("NEW", ("edited", "--replaced-by", "1001-1"), "it would wait: order 1001 was edited"),
        ("CANCELLED", ("cancelled",), "nothing would be done: order 1001 is cancelled"),
        ("DESPATCHED", ("cancelled",), "it had left"),
    ],
)
def test_a_dry_run_says_what_would_become_of_it(
    bench: ChangeBench, command: Command, status: str, arguments: tuple[str, ...], says: str
) -> None:
    bench.order("1001", status=status)
    tried = command("orders", "change", "example", "1001", *arguments, "--dry-run")
    assert says in " ".join(tried.output.split())
    content = json.loads(
        command("orders", "change", "example", "1001", *arguments, "--dry-run", "--json").stdout
    )
    assert content["told"] is False
    assert content["change"]["order"] == "1001"


def test_what_waits_is_listed_and_told_as_a_story(
    made: Hub, bench: ChangeBench, command: Command
) -> None:
    bench.order("1001")
    bench.order("1002", status="PICKED")
    deliver(
        made,
        bench.message("a", kind="edited", replaced_by="1001-1"),
        bench.message("b", order="1002"),
    )
    listed = command("orders", "changes", "example")
    assert "2 changed orders wait" in listed.output
    rows = json.loads(command("orders", "changes", "example", "--json").output)["changes"]
    assert [(r["order"], r["stands"], r["change"]) for r in rows] == [
        ("1001", "waits", "a"),
        ("1002", "parked", "b"),
    ]
    assert rows[1]["why"].startswith("order_change.in_work")

    story = command("orders", "show", "example", "1002")
    assert "order 1002 stands: parked" in story.output
    assert "what counts: change b: cancelled" in story.output
    content = json.loads(command("orders", "show", "example", "1002", "--json").output)
    assert (content["standing"], content["key"]) == ("parked", "1002")


def test_what_is_asked_and_answered_goes_on_from_the_list_of_parked_work(
    made: Hub, bench: ChangeBench, command: Command
) -> None:
    order = bench.order("1001", status="PICKED")
    deliver(made, bench.message("a"))
    (item,) = made.parking.list_parked("example")
    bench.mintsoft.set_status(order, 1)
    replayed = command("parked", "replay", item.parked_id, "--merchant", "example", "--yes")
    assert replayed.exit_code == 0, replayed.output
    (message,) = on_queue(made)
    assert deliver(made, json.dumps(message)) == []
    assert bench.cancelled() == [order]


def test_dead_letters_are_judged_by_the_contract(
    made: Hub, bench: ChangeBench, command: Command
) -> None:
    url = made.settings.order_changes_dead_letter_queue_url
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=bench.message(kind="deleted"))
    told = command("dlq", "list", "--queue", "order-changes", "--json")
    assert told.exit_code == 0, told.output
    assert "order_change.invalid" in told.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("change", "nobody", "1001", "cancelled"), "nobody"),
        (("change", "example", "1001", "cancelled", "--replaced-by", "2"), "replaced_by"),
        (("change", "example", "1001", "edited", "--replaced-by", "1001"), "replace itself"),
        (("change", "example", "1001", "edited", "--id", "a b"), "id"),
        (("change", "example", "1001", "deleted"), "deleted"),
        (("change", "example", "10\udcff", "cancelled"), "printable"),
        (("show", "example", "4711"), "nothing was told of order 4711"),
        (("changes", "nobody"), "nobody"),
    ],
)
def test_a_mistake_is_told_in_words(
    bench: ChangeBench, command: Command, arguments: tuple[str, ...], says: str
) -> None:
    told = command("orders", *arguments)
    assert told.exit_code in {1, 2}
    assert says in told.output
    assert "Traceback" not in told.output


def test_with_the_flow_off_nothing_is_told_by_hand(
    made: Hub, bench: ChangeBench, command: Command
) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=1)
    bench.order("1001")
    told = command("orders", "change", "example", "1001", "cancelled", "--yes")
    assert told.exit_code == 1
    assert "order_changes.mode off" in told.output
    assert on_queue(made) == []
