"""Units are counted as AWS bills them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.scale.meter import Meter, metered, size
from tests.support.dynamodb import InMemoryDynamoDb

TABLE = {
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-due",
            "KeySchema": [
                {"AttributeName": "due_pk", "KeyType": "HASH"},
                {"AttributeName": "due_sk", "KeyType": "RANGE"},
            ],
        }
    ],
}


def row(**more: str) -> dict[str, Any]:
    return {name: {"S": text} for name, text in {"pk": "a", "sk": "b", **more}.items()}


@pytest.fixture
def store() -> InMemoryDynamoDb:
    return InMemoryDynamoDb({"T": TABLE})


@pytest.fixture
def meter(store: InMemoryDynamoDb) -> Meter:
    return metered(store)


def test_a_write_is_each_kilobyte_begun_of_the_larger_item(
    store: InMemoryDynamoDb, meter: Meter
) -> None:
    store.put_item(TableName="T", Item=row(text="x" * 1500))
    assert meter.writes == 2
    store.put_item(TableName="T", Item=row())
    assert meter.writes == 4
    assert meter.requests == {"put_item": 2}


def test_a_transaction_is_twice_that(store: InMemoryDynamoDb, meter: Meter) -> None:
    store.transact_write_items(TransactItems=[{"Put": {"TableName": "T", "Item": row()}}])
    assert meter.writes == 2


def test_an_index_is_paid_where_its_entry_comes_goes_moves_or_changes(
    store: InMemoryDynamoDb, meter: Meter
) -> None:
    for more, units in (
        ({"due_pk": "d", "due_sk": "1"}, 1 + 1),
        ({"due_pk": "d", "due_sk": "2"}, 1 + 2),
        ({"due_pk": "d", "due_sk": "2"}, 1),
        ({"due_pk": "d", "due_sk": "2", "other": "x"}, 1 + 1),
        ({}, 1 + 1),
    ):
        before = meter.writes
        store.put_item(TableName="T", Item=row(**more))
        assert meter.writes - before == units, more


def test_a_refused_condition_is_paid(store: InMemoryDynamoDb, meter: Meter) -> None:
    store.put_item(TableName="T", Item=row())
    with pytest.raises(ClientError):
        store.put_item(TableName="T", Item=row(), ConditionExpression="attribute_not_exists(pk)")
    assert meter.writes == 2


def test_a_batch_is_its_writes_in_one_request(store: InMemoryDynamoDb, meter: Meter) -> None:
    puts = [{"PutRequest": {"Item": row(sk=str(place))}} for place in range(3)]
    store.batch_write_item(RequestItems={"T": puts})
    assert meter.writes == 3
    assert +meter.requests == {"batch_write_item": 1}


def test_reads_are_each_four_kilobytes_and_half_where_they_may_be_old(
    store: InMemoryDynamoDb, meter: Meter
) -> None:
    store.put_item(TableName="T", Item=row(text="x" * 5000))
    key = row()
    for asked, units in (
        ({"Key": key}, 1.0),
        ({"Key": key, "ConsistentRead": True}, 2.0),
        ({"Key": row(sk="none")}, 0.5),
    ):
        before = meter.reads
        store.get_item(TableName="T", **asked)
        assert meter.reads - before == units, asked
    before = meter.reads
    store.query(
        TableName="T",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "a"}},
    )
    assert meter.reads - before == 1.0


def test_an_items_size_is_its_names_and_values() -> None:
    assert size({"ab": {"S": "äb"}, "n": {"N": "12"}}) == 2 + 3 + 1 + 2
    assert size({"m": {"M": {"x": {"BOOL": True}}}}) == 1 + 3 + 2 + 1
    assert size(None) == 0
