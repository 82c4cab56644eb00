"""The simulation's DynamoDB answers as moto's does, over random calls of the shapes we use."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import Stores

TABLE = "LedgerTable"
names = st.sampled_from(["a", "b", "n", "m"])
texts = st.sampled_from(["", "x", "y", "2026"]).map(lambda text: {"S": text})
numbers = st.integers(0, 3).map(lambda number: {"N": str(number)})
words = st.one_of(texts, numbers)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A condition of the shapes that the adapters use, and its values."""
    parts, values = [], {}
    for number in range(draw(st.integers(1, 3))):
        name = draw(names)
        kind = draw(st.sampled_from(["exists", "not", "compare"]))
        if kind == "compare":
            operator = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
            values[f":c{number}"] = draw(words)
            parts.append(f"{name} {operator} :c{number}")
        else:
            function = "attribute_exists" if kind == "exists" else "attribute_not_exists"
            parts.append(f"{function}({name})")
    text = parts[0]
    for part in parts[1:]:
        joined = f"{text} {draw(st.sampled_from(['AND', 'OR']))} {part}"
        text = f"({joined})" if draw(st.booleans()) else joined
    return text, values


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A call and its parameters."""
    key = {"pk": {"S": draw(st.sampled_from(["k1", "k2"]))}}
    more: dict[str, Any] = {}
    values: dict[str, Any] = {}
    if draw(st.booleans()):
        condition, values = draw(conditions())
        more["ConditionExpression"] = condition
        more["ReturnValuesOnConditionCheckFailure"] = draw(st.sampled_from(["ALL_OLD", "NONE"]))
    match draw(st.sampled_from(["put_item", "update_item", "get_item", "delete_item"])):
        case "get_item":
            return "get_item", {"TableName": TABLE, "Key": key, "ConsistentRead": True}
        case "delete_item":
            if values:
                more["ExpressionAttributeValues"] = values
            return "delete_item", {"TableName": TABLE, "Key": key, **more}
        case "put_item":
            if values:
                more["ExpressionAttributeValues"] = values
            item = key | draw(st.dictionaries(names, words, max_size=3))
            return "put_item", {"TableName": TABLE, "Item": item, **more}
    update, given_values = draw(updates())
    values = values | given_values
    if values:
        more["ExpressionAttributeValues"] = values
    returned = draw(st.sampled_from(["NONE", "ALL_OLD", "ALL_NEW"]))
    more |= {"UpdateExpression": update, "ReturnValues": returned}
    return "update_item", {"TableName": TABLE, "Key": key, **more}


@st.composite
def updates(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An update: texts into a and b, a counter in n, an addition to m."""
    values: dict[str, Any] = {":v": draw(texts)}
    text = f"SET {draw(st.sampled_from(['a', 'b']))} = :v"
    if draw(st.booleans()):
        text += ", c = if_not_exists(c, :v)"
    if draw(st.booleans()):
        values |= {":zero": {"N": "0"}, ":one": {"N": "1"}}
        text += ", d = if_not_exists(d, :zero) + :one"
    if draw(st.booleans()):
        text += " REMOVE e, n"
    if draw(st.booleans()):
        values[":two"] = {"N": "2"}
        text += " ADD f :two"
    return text, values


def answer(client: Any, name: str, parameters: dict[str, Any]) -> object:
    """What it answers, without what differs between any two services."""
    try:
        got = getattr(client, name)(**parameters)
    except ClientError as error:
        response: Any = error.response
        return response["Error"]["Code"], response.get("Item")
    return {key: value for key, value in got.items() if key in {"Item", "Attributes"} and value}


@pytest.fixture
def both(dynamodb: Stores, simulated: Stores) -> tuple[Any, Any]:
    return dynamodb.client, simulated.client


@given(st.lists(calls(), min_size=1, max_size=8))
@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_it_answers_as_moto_does(both: tuple[Any, Any], made: list[Any]) -> None:
    for client in both:
        for key in ("k1", "k2"):
            client.delete_item(TableName=TABLE, Key={"pk": {"S": key}})
    for name, parameters in made:
        expected, got = (answer(client, name, parameters) for client in both)
        assert got == expected, (name, parameters)
