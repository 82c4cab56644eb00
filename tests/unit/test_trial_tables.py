"""What a trial reads of the tables is what it would read had its writes been made."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.expressions import NotModelled, condition, require, update
from returns_hub.adapters.trial.tables import TrialTables
from tests.simulation.watched import tables
from tests.support.dynamodb import InMemoryDynamoDb

TABLE = "MarketTable"


def row(dice: random.Random) -> dict[str, Any]:
    number = dice.randrange(12)
    found = {
        "pk": {"S": f"example#{number % 2}"},
        "sk": {"S": f"{number:02d}"},
        "version": {"N": str(dice.randrange(3))},
        "word": {"S": dice.choice("ab")},
    }
    if dice.random() < 0.6:
        found |= {"work_pk": {"S": "example"}, "work_sk": {"S": f"{dice.randrange(6)}#{number}"}}
    return found


def key(item: dict[str, Any]) -> dict[str, Any]:
    return {"pk": item["pk"], "sk": item["sk"]}


def change(dice: random.Random, *stores: Any) -> None:
    """The same write to each."""
    item, more = row(dice), row(dice)
    wanted = dice.randrange(6)
    ends: list[str] = []
    for store in stores:
        shown = "done"
        try:
            match wanted:
                case 0:
                    store.put_item(TableName=TABLE, Item=item)
                case 1:
                    store.delete_item(TableName=TABLE, Key=key(item))
                case 2:
                    store.put_item(
                        TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)"
                    )
                case 3:
                    answer = store.update_item(
                        TableName=TABLE,
                        Key=key(item),
                        UpdateExpression="SET word = :word ADD version :one",
                        ConditionExpression="attribute_not_exists(word) OR word = :was",
                        ExpressionAttributeValues={
                            ":word": {"S": "c"},
                            ":was": {"S": "a"},
                            ":one": {"N": "1"},
                        },
                        ReturnValues="ALL_NEW",
                        ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    )
                    shown = repr(sorted(answer["Attributes"].items()))
                case 4:
                    store.transact_write_items(
                        TransactItems=[
                            {"Put": {"TableName": TABLE, "Item": item}},
                            {
                                "Put": {
                                    "TableName": TABLE,
                                    "Item": {**more, "pk": {"S": "example#0"}},
                                    "ConditionExpression": "version = :zero",
                                    "ExpressionAttributeValues": {":zero": {"N": "0"}},
                                }
                            },
                        ]
                    )
                case _:
                    requests = [{"PutRequest": {"Item": item}}]
                    store.batch_write_item(RequestItems={TABLE: requests})
        except ClientError as error:
            told: Any = error.response
            reasons = told.get("CancellationReasons")
            shown = repr((told["Error"]["Code"], told.get("Item"), reasons))
        ends.append(shown)
    assert len(set(ends)) == 1


def all_of(store: Any, limit: int, *, forward: bool, by_work: bool, only: str = "") -> list[Any]:
    """Every row of a partition, page by page."""
    asked: dict[str, Any] = {
        "KeyConditionExpression": "pk = :pk AND sk >= :from",
        "ExpressionAttributeValues": {":pk": {"S": "example#1"}, ":from": {"S": "03"}},
        "ConsistentRead": True,
    }
    if by_work:
        asked = {
            "IndexName": "market-in-work",
            "KeyConditionExpression": "work_pk = :pk AND work_sk > :from",
            "ExpressionAttributeValues": {":pk": {"S": "example"}, ":from": {"S": "1"}},
        }
    if only:
        asked["FilterExpression"] = "word = :only"
        asked["ExpressionAttributeValues"][":only"] = {"S": only}
    found, start = [], dict[str, Any]()
    while True:
        page = store.query(TableName=TABLE, Limit=limit, ScanIndexForward=forward, **asked, **start)
        assert len(page["Items"]) <= limit
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


@pytest.mark.parametrize("seed", range(12))
def test_reads_in_a_trial_are_as_if_its_writes_were_made(seed: int) -> None:
    dice = random.Random(seed)
    real = InMemoryDynamoDb(tables(), page=3)
    for _ in range(dice.randrange(15)):
        change(dice, real)
    done = copy.deepcopy(real)
    before = repr(real.tables[TABLE].items)
    trial = TrialTables(real)  # type: ignore[arg-type]
    for _ in range(20):
        change(dice, done, trial)
        item = row(dice)
        one: dict[str, Any] = {"TableName": TABLE, "Key": key(item), "ConsistentRead": True}
        assert trial.get_item(**one) == done.get_item(**one)
        keys = [key(row(dice)) for _ in range(1)] + [key(item)]
        unique = list({repr(each): each for each in keys}.values())
        wanted = {TABLE: {"Keys": unique}}
        got = [store.batch_get_item(RequestItems=wanted)["Responses"] for store in (trial, done)]
        assert _sorted(got[0].get(TABLE, [])) == _sorted(got[1].get(TABLE, []))
        limit, forward = dice.choice((1, 2, 5)), dice.random() < 0.5
        for by_work in (False, True):
            only = dice.choice(("", "a"))
            rows = [
                all_of(store, limit, forward=forward, by_work=by_work, only=only)
                for store in (trial, done)
            ]
            assert rows[0] == rows[1]
    scans: list[list[Any]] = []
    for store in (trial, done):
        scans.append([])
        start: dict[str, Any] = {}
        while True:
            page = store.scan(
                TableName=TABLE,
                FilterExpression="word = :a",
                ExpressionAttributeValues={":a": {"S": "a"}},
                ProjectionExpression="pk, sk",
                **start,
            )
            scans[-1] += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert _sorted(scans[0]) == _sorted(scans[1])
    assert repr(real.tables[TABLE].items) == before
    changed = {one.key: one.after for one in trial.changed()}
    after = done.tables[TABLE].items
    stood = real.tables[TABLE].items
    differs = {place for place in {*after, *stood} if after.get(place) != stood.get(place)}
    assert {place: after.get(place) for place in differs} == changed


def test_calls_that_a_partner_counts_are_counted_for_real() -> None:
    real = InMemoryDynamoDb(tables())
    trial = TrialTables(real)  # type: ignore[arg-type]
    for name in ("calls#unleashed#a#2026-03", "cursor#receipts/example"):
        trial.update_item(
            TableName="ControlTable",
            Key={"pk": {"S": name}},
            UpdateExpression="ADD calls :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    assert list(real.tables["ControlTable"].items) == [("calls#unleashed#a#2026-03",)]
    assert [one.key[0] for one in trial.changed()] == ["cursor#receipts/example"]


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(map(repr, rows))


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda: condition("size(#a) > :b"), r"size \( #a in a condition"),
        (lambda: condition("#a IN (:b)"), r"#a IN \( in a condition"),
        (lambda: condition("#a = :b :c"), "goes on at :c"),
        (lambda: condition("#a ="), "more is expected in '#a ='"),
        (lambda: condition("#a = :b - :c"), "at character 7"),
        (lambda: update("DELETE tags :b"), "the clause DELETE of an update"),
        (
            lambda: require("PutItem", None, {"ReturnValues": "ALL_OLD"}),
            "PutItem with ReturnValues",
        ),
    ],
)
def test_what_is_not_known_of_dynamodb_is_refused_with_the_reason(
    read: Callable[[], object], said: str
) -> None:
    with pytest.raises(NotModelled, match=f"a stand-in of DynamoDB does not know this: .*{said}"):
        read()


def test_a_query_of_what_changed_that_names_no_partition_is_refused() -> None:
    trial = TrialTables(InMemoryDynamoDb(tables()))  # type: ignore[arg-type]
    trial.put_item(TableName=TABLE, Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    with pytest.raises(NotModelled, match="names no partition first"):
        trial.query(
            TableName=TABLE,
            KeyConditionExpression="begins_with(sk, :b) AND pk = :a",
            ExpressionAttributeValues={":a": {"S": "a"}, ":b": {"S": "b"}},
        )
