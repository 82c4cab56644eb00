"""What the hub relies on of the local AWS; run on every bump of its version."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.facts import DueCleared, DueSet, Event, Seen
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.overview.steps import Step
from tests.simulation.watched import tables
from tests.support import fakes


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture
def table(aws: LocalAws, request: pytest.FixtureRequest) -> tuple[Any, str]:
    client = aws.client("dynamodb")
    name = request.node.name[:60]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "open_pk", "open_sk")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "open",
                "KeySchema": [
                    {"AttributeName": "open_pk", "KeyType": "HASH"},
                    {"AttributeName": "open_sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return client, name


def key(pk: str, sk: str = "s") -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def test_a_failed_condition_returns_the_stored_item(table: tuple[Any, str]) -> None:
    client, name = table
    client.put_item(TableName=name, Item=key("a") | {"owner": {"S": "first"}})
    with pytest.raises(ClientError) as raised:
        client.update_item(
            TableName=name,
            Key=key("a"),
            UpdateExpression="SET #o = :o",
            ConditionExpression="attribute_not_exists(pk)",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": "second"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert raised.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert raised.value.response["Item"]["owner"] == {"S": "first"}  # type: ignore[typeddict-item]


def test_of_many_conditional_writers_one_wins(table: tuple[Any, str]) -> None:
    client, name = table
    won: list[int] = []

    def write(number: int) -> None:
        try:
            client.put_item(
                TableName=name,
                Item=key("race") | {"n": {"N": str(number)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
            won.append(number)
        except ClientError:
            return

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_transaction_is_all_or_nothing(table: tuple[Any, str]) -> None:
    client, name = table
    client.put_item(TableName=name, Item=key("there"))
    puts: list[Any] = [
        {"Put": {"TableName": name, "Item": key("new")}},
        {
            "Put": {
                "TableName": name,
                "Item": key("there"),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        },
    ]
    with pytest.raises(ClientError) as raised:
        client.transact_write_items(TransactItems=puts)
    assert raised.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert "Item" not in client.get_item(TableName=name, Key=key("new"), ConsistentRead=True)


def test_a_sparse_index_holds_only_what_has_its_keys(table: tuple[Any, str]) -> None:
    client, name = table
    client.put_item(
        TableName=name, Item=key("x") | {"open_pk": {"S": "m"}, "open_sk": {"S": "002"}}
    )
    client.put_item(
        TableName=name, Item=key("y") | {"open_pk": {"S": "m"}, "open_sk": {"S": "001"}}
    )
    client.put_item(TableName=name, Item=key("z"))
    client.put_item(TableName=name, Item=key("x"))
    rows = client.query(
        TableName=name,
        IndexName="open",
        KeyConditionExpression="open_pk = :m AND open_sk > :zero",
        ExpressionAttributeValues={":m": {"S": "m"}, ":zero": {"S": "000"}},
    )["Items"]
    assert [row["pk"]["S"] for row in rows] == ["y"]


def test_what_is_due_is_found_in_the_templates_index(aws: LocalAws) -> None:
    properties = tables()["ReturnsTable"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client = aws.client("dynamodb")
    client.create_table(TableName="due", **{name: properties[name] for name in wanted})
    returns = DynamoDbReturns(client, "due", fakes.TestClock())
    for number in (3, 1, 2):
        at = fakes.START + timedelta(minutes=number)
        fact = DueSet(due_kind="hold", at=at)
        event = Event(sequence=1, at=at, actor="t", rule="t", config_version=1, fact=fact)
        returns.append(returns.load("m", f"r{number}"), [event])
    state = returns.load("m", "r1")
    cleared = event.model_copy(update={"sequence": 2, "fact": DueCleared(due_kind="hold")})
    returns.append(state, [cleared])

    due = returns.due("m", fakes.START + timedelta(minutes=3), 10)

    assert [return_id for _, return_id in due] == ["r2", "r3"]
    assert len(returns.due("m", fakes.START + timedelta(minutes=2), 10)) == 1
    assert len(returns.due("m", fakes.START + timedelta(days=1), 1)) == 1


def test_where_returns_wait_and_what_they_are_found_by(aws: LocalAws) -> None:
    properties = tables()["ReturnsTable"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client = aws.client("dynamodb")
    client.create_table(TableName="found", **{name: properties[name] for name in wanted})
    returns = DynamoDbReturns(client, "found", fakes.TestClock())
    for number in (3, 1, 2):
        at = fakes.START + timedelta(minutes=number)
        fact = Seen(
            source="t",
            return_type="return",
            status="open",
            portal_updated_at=at,
            order_names=("#5501",),
            value=Decimal("20.50"),
            currency="GBP",
        )
        event = Event(sequence=1, at=at, actor="t", rule="t", config_version=1, fact=fact)
        returns.append(returns.load("m", f"r{number}"), [event])
    closed = fact.model_copy(update={"status": "complete"})
    returns.append(
        returns.load("m", "r1"), [event.model_copy(update={"sequence": 2, "fact": closed})]
    )

    waiting = returns.in_step("m", Step.ANNOUNCE, 10)

    assert [(row.return_id, row.value) for row in waiting] == [
        ("r2", Decimal("20.50")),
        ("r3", Decimal("20.50")),
    ]
    assert returns.find_by("m", TermKind.ORDER, "5501", 2) == ("r3", "r2")
    assert [state.return_id for state in returns.load_many("m", ["r2", "r9"])] == ["r2"]


def test_a_queue_counts_receives_postpones_and_gives_up_to_the_dead_letter_queue(
    aws: LocalAws,
) -> None:
    sqs = aws.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = sqs.create_queue(
        QueueName="work", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "30"}
    )["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    for count in ("1", "2"):
        (message,) = receive(sqs, url)
        assert message["Attributes"]["ApproximateReceiveCount"] == count
        assert not receive(sqs, url)
        handle = message["ReceiptHandle"]
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert not receive(sqs, url)
    assert receive(sqs, dead)[0]["Body"] == "x"


def test_a_delayed_message_is_not_there_before_its_time(aws: LocalAws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="delayed")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=1)

    assert not receive(sqs, url)
    time.sleep(1.1)
    assert receive(sqs, url)


def receive(sqs: Any, url: str) -> list[Any]:
    answer = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], WaitTimeSeconds=0)
    messages: list[Any] = answer.get("Messages", [])
    return messages


def test_a_secret_has_versions_and_a_missing_one_says_so(aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager")
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId="p/m/none")
    first = secrets.create_secret(Name="p/m/s", SecretString="{}")["VersionId"]
    second = secrets.put_secret_value(SecretId="p/m/s", SecretString='{"a": "b"}')["VersionId"]
    got = secrets.get_secret_value(SecretId="p/m/s")

    assert first != second
    assert (got["SecretString"], got["VersionId"]) == ('{"a": "b"}', second)


def test_it_listens_on_this_machine_only_and_keeps_nothing(tmp_path: Path) -> None:
    with LocalAws(tmp_path) as one:
        one.client("sqs").create_queue(QueueName="q")
    with LocalAws(tmp_path) as two:
        assert two.client("sqs").list_queues().get("QueueUrls", []) == []
