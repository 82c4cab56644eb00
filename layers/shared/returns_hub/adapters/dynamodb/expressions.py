"""DynamoDB's expressions, evaluated here: those that the hub's adapters use, every other refused.

For stores that stand in for DynamoDB: what a trial keeps in place of writing it, and the tests'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
Condition = Callable[[Item, Mapping[str, str], Mapping[str, Any]], bool]
"""Takes an item (empty when there is none), names and values."""


class NotModelled(Exception):  # noqa: N818 - says what is not there
    """DynamoDB can do it, and what stands in for DynamoDB here cannot: a fault of the hub's own.

    Never a guess: a trial that went on would tell what the real run does not do.

    Args:
        what: The call, and what of it is not known.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"a stand-in of DynamoDB does not know this: {what}; teach it in "
            "adapters/dynamodb/expressions.py or adapters/trial/tables.py"
        )


def refused(operation: str, code: str, message: str = "", **more: Any) -> ClientError:
    """An error as botocore raises it."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        **more,
    }
    return ClientError(response, operation)


_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+]|[#:]?[A-Za-z_][A-Za-z0-9_]*)")


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotModelled(f"expression {text!r} at character {at}")
        found.append(match.group(1))
        at = match.end()
    return found


@dataclass
class _Parser:
    """Recursive descent over the tokens of one expression."""

    tokens: list[str]
    at: int = 0
    used: set[str] = field(default_factory=set)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token.upper() != expected.upper()):
            raise NotModelled(f"{expected or 'more'} is expected in {' '.join(self.tokens)!r}")
        self.at += 1
        return token

    def word(self) -> str:
        token = self.take()
        if token[0] in "#:":
            self.used.add(token)
        return token

    def either(self) -> Condition:
        parts = [self.both()]
        while self.peek().upper() == "OR":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda i, n, v: any(part(i, n, v) for part in parts)

    def both(self) -> Condition:
        parts = [self.one()]
        while self.peek().upper() == "AND":
            self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else lambda i, n, v: all(part(i, n, v) for part in parts)

    def one(self) -> Condition:
        token = self.peek()
        if token == "(":  # noqa: S105 - of the expression
            self.take()
            inside = self.either()
            self.take(")")
            return inside
        if token in {"attribute_exists", "attribute_not_exists"}:
            return self.existence()
        if token == "begins_with":  # noqa: S105 - as above
            return self.beginning()
        return self.comparison()

    def existence(self) -> Condition:
        wanted = self.take() == "attribute_exists"
        self.take("(")
        name = self.word()
        self.take(")")
        return lambda i, n, _: (n.get(name, name) in i) is wanted

    def beginning(self) -> Condition:
        self.take()
        self.take("(")
        name = self.word()
        self.take(",")
        start = self.word()
        self.take(")")
        return lambda i, n, v: i.get(n.get(name, name), {}).get("S", "").startswith(v[start]["S"])

    def comparison(self) -> Condition:
        left, operator, right = self.word(), self.take(), self.word()
        if operator.upper() == "BETWEEN":
            return self.between(left, right)
        if operator not in _COMPARE:
            raise NotModelled(f"{left} {operator} {right} in a condition")
        compare = _COMPARE[operator]

        def holds(item: Item, names: Mapping[str, str], values: Mapping[str, Any]) -> bool:
            a, b = (
                values[word] if word.startswith(":") else item.get(names.get(word, word))
                for word in (left, right)
            )
            if a is None or b is None or a.keys() != b.keys():
                return operator == "<>"
            return compare(_comparable(a), _comparable(b))

        return holds

    def between(self, name: str, least: str) -> Condition:
        """Both ends are in it."""
        self.take("AND")
        most = self.word()

        def holds(item: Item, names: Mapping[str, str], values: Mapping[str, Any]) -> bool:
            found = item.get(names.get(name, name))
            if found is None or found.keys() != values[least].keys():
                return False
            ends = _comparable(values[least]), _comparable(values[most])
            return bool(ends[0] <= _comparable(found) <= ends[1])

        return holds


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _comparable(value: Mapping[str, Any]) -> Any:
    if "N" in value:
        return float(value["N"]) if "." in value["N"] else int(value["N"])
    return value["S"]


@lru_cache(maxsize=256)
def condition(text: str) -> tuple[Condition, frozenset[str]]:
    """A condition, a key condition or a filter; and the names and values that it uses."""
    parser = _Parser(_tokens(text))
    made = parser.either()
    if parser.peek():
        raise NotModelled(f"expression {text!r} goes on at {parser.peek()}")
    return made, frozenset(parser.used)


Change = Callable[[Item, Item, Mapping[str, str], Mapping[str, Any]], None]
"""Takes the item as it was, the item as it becomes, names and values."""


@lru_cache(maxsize=256)
def update(text: str) -> tuple[tuple[Change, ...], frozenset[str]]:
    """The changes of an UpdateExpression; and the names and values that it uses."""
    parser = _Parser(_tokens(text))
    changes: list[Change] = []
    while parser.peek():
        clause = parser.take().upper()
        if clause not in _CLAUSES:
            raise NotModelled(f"the clause {clause} of an update")
        while True:
            changes.append(_CLAUSES[clause](parser))
            if parser.peek() != ",":
                break
            parser.take()
    return tuple(changes), frozenset(parser.used)


def _operand(parser: _Parser) -> Callable[[Item, Mapping[str, str], Mapping[str, Any]], Any]:
    if parser.peek() == "if_not_exists":
        parser.take()
        parser.take("(")
        name = parser.word()
        parser.take(",")
        other = _operand(parser)
        parser.take(")")
        return lambda i, n, v: i[n.get(name, name)] if n.get(name, name) in i else other(i, n, v)
    word = parser.word()
    if word.startswith(":"):
        return lambda _, __, v: v[word]
    return lambda i, n, _: i[n.get(word, word)]


def _set(parser: _Parser) -> Change:
    name = parser.word()
    parser.take("=")
    first = _operand(parser)
    second = None
    if parser.peek() == "+":
        parser.take()
        second = _operand(parser)

    def change(was: Item, becomes: Item, n: Mapping[str, str], v: Mapping[str, Any]) -> None:
        value = first(was, n, v)
        if second is not None:
            value = {"N": str(int(value["N"]) + int(second(was, n, v)["N"]))}
        becomes[n.get(name, name)] = value

    return change


def _remove(parser: _Parser) -> Change:
    name = parser.word()

    def change(_: Item, becomes: Item, n: Mapping[str, str], __: Mapping[str, Any]) -> None:
        becomes.pop(n.get(name, name), None)

    return change


def _add(parser: _Parser) -> Change:
    name, value = parser.word(), parser.word()

    def change(was: Item, becomes: Item, n: Mapping[str, str], v: Mapping[str, Any]) -> None:
        before = int(was.get(n.get(name, name), {"N": "0"})["N"])
        becomes[n.get(name, name)] = {"N": str(before + int(v[value]["N"]))}

    return change


_CLAUSES = {"SET": _set, "REMOVE": _remove, "ADD": _add}


def require(
    operation: str,
    was: Item | None,
    options: Mapping[str, Any],
    used: frozenset[str] = frozenset(),
) -> None:
    """Check the condition, and that every name and value given is used."""
    unknown = options.keys() - {
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValuesOnConditionCheckFailure",
    }
    if unknown:
        raise NotModelled(f"{operation} with {', '.join(sorted(unknown))}")
    names = options.get("ExpressionAttributeNames") or {}
    values = options.get("ExpressionAttributeValues") or {}
    text = options.get("ConditionExpression")
    if text is None:
        check_used(operation, used, names, values)
        return
    holds, in_condition = condition(text)
    check_used(operation, used | in_condition, names, values)
    if not holds(was or {}, names, values):
        more: dict[str, Any] = {}
        if options.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and was is not None:
            more = {"Item": dict(was)}
        raise refused(operation, "ConditionalCheckFailedException", **more)


def check_used(
    operation: str, used: frozenset[str], names: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Refuse, as DynamoDB does, names and values that are given and not used, or the reverse."""
    if used != names.keys() | values.keys():
        odd = sorted(used ^ (names.keys() | values.keys()))
        raise refused(operation, "ValidationException", f"unused or undefined: {odd}")


def updated(
    operation: str,
    was: Item | None,
    key: Mapping[str, Any],
    expression: str,
    options: Mapping[str, Any],
) -> Item:
    """What an update makes of an item, when its condition holds.

    Args:
        operation: Its name, for errors.
        was: The item as it stands; None when there is none.
        key: Its key.
        expression: The UpdateExpression.
        options: The condition, names and values.

    Raises:
        ClientError: The condition does not hold.
    """
    changes, used = update(expression)
    require(operation, was, options, used)
    names = options.get("ExpressionAttributeNames") or {}
    values = options.get("ExpressionAttributeValues") or {}
    becomes = dict(was) if was is not None else dict(key)
    for change in changes:
        change(was or {}, becomes, names, values)
    return becomes
