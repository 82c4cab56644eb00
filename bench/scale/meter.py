"""What DynamoDB bills, counted on the DynamoDB in memory by AWS's published rules.

A write unit is each kilobyte begun of the larger of the item before and after; twice that in a
transaction; and one for each entry that an index gains or loses (two where its key moves). A read
unit is each 4 KB begun of what is read, half of that where the read may be a little old, and at
least half a unit (a whole one, consistent) where nothing is found. A refused condition is paid too.
Items here are smaller than 400 KB, and an index's entry is taken as a kilobyte at most.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from returns_hub.adapters.dynamodb.expressions import Item
from tests.support.dynamodb import InMemoryDynamoDb, Table

KB = 1024


@dataclass
class Meter:
    """Units and requests so far."""

    reads: float = 0.0
    writes: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)


def metered(store: InMemoryDynamoDb) -> Meter:
    """Have every call on this store counted."""
    meter = Meter()
    for name, tell in CALLS.items():
        setattr(store, name, _counted(store, name, getattr(store, name), tell, meter))
    return meter


def size(item: Mapping[str, Any] | None) -> int:
    """Bytes of an item: its names and values."""
    if item is None:
        return 0
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(typed: Mapping[str, Any]) -> int:
    (kind, value), *_ = typed.items()
    match kind:
        case "S" | "N":
            return len(str(value).encode())
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(len(n) + 1 + _value_size(inner) for n, inner in value.items())
        case "L":
            return 3 + sum(1 + _value_size(inner) for inner in value)
        case _:
            return sum(len(str(inner)) for inner in value)


def _counted(
    store: InMemoryDynamoDb,
    name: str,
    call: Callable[..., Any],
    tell: Callable[[InMemoryDynamoDb, Mapping[str, Any], Meter], Callable[[Any], None]],
    meter: Meter,
) -> Callable[..., Any]:
    def request(**parameters: Any) -> Any:
        meter.requests[name] += 1
        after = tell(store, parameters, meter)
        answer: Any = None
        try:
            answer = call(**parameters)
        finally:
            after(answer)
        return answer

    return request


# -- reads -----------------------------------------------------------------------------------


def _units(read: int, *, consistent: bool) -> float:
    return max(1, math.ceil(read / (4 * KB))) * (1.0 if consistent else 0.5)


def _get(_: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter) -> Callable[[Any], None]:
    def after(answer: Any) -> None:
        read = size((answer or {}).get("Item"))
        meter.reads += _units(read, consistent=asked.get("ConsistentRead", False))

    return after


def _batch_get(
    _: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter
) -> Callable[[Any], None]:
    def after(answer: Any) -> None:
        rows = [row for some in (answer or {"Responses": {}})["Responses"].values() for row in some]
        meter.reads += sum(_units(size(row), consistent=False) for row in rows)
        missing = sum(len(some["Keys"]) for some in asked["RequestItems"].values()) - len(rows)
        meter.reads += 0.5 * missing

    return after


def _query(_: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter) -> Callable[[Any], None]:
    def after(answer: Any) -> None:
        read = sum(map(size, (answer or {"Items": []})["Items"]))
        meter.reads += _units(read, consistent=asked.get("ConsistentRead", False))

    return after


# -- writes ----------------------------------------------------------------------------------


def _write(
    store: InMemoryDynamoDb, meter: Meter, places: list[tuple[str, Item]], *, factor: int
) -> Callable[[Any], None]:
    tables = [(store.tables[name], store.tables[name].key_of(key)) for name, key in places]
    before = [table.items.get(key) for table, key in tables]

    def after(_: Any) -> None:
        for (table, key), was in zip(tables, before, strict=True):
            now = table.items.get(key)
            larger = max(size(was), size(now), 1)
            meter.writes += factor * math.ceil(larger / KB)
            meter.writes += _index_units(table, was, now)

    return after


def _index_units(table: Table, was: Item | None, now: Item | None) -> int:
    units = 0
    for hash_key, range_key in table.indexes.values():
        before = tuple((was or {}).get(name, {}).get("S") for name in (hash_key, range_key))
        after = tuple((now or {}).get(name, {}).get("S") for name in (hash_key, range_key))
        had, has = before[0] is not None, after[0] is not None
        if had != has:
            units += 1
        elif has and before != after:
            units += 2
        elif has and was != now:
            units += 1
    return units


def _one(store: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter) -> Callable[[Any], None]:
    key = asked.get("Item") or asked["Key"]
    return _write(store, meter, [(asked["TableName"], key)], factor=1)


def _batch_write(
    _: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter
) -> Callable[[Any], None]:
    # The store calls its own put_item for each, which is counted there, as a request too many.
    many = sum(len(rows) for rows in asked["RequestItems"].values())
    meter.requests["put_item"] -= many
    return lambda _answer: None


def _transaction(
    store: InMemoryDynamoDb, asked: Mapping[str, Any], meter: Meter
) -> Callable[[Any], None]:
    puts = [next(iter(entry.values())) for entry in asked["TransactItems"]]
    places = [(put["TableName"], put.get("Item") or put["Key"]) for put in puts]
    return _write(store, meter, places, factor=2)


CALLS: dict[str, Callable[[InMemoryDynamoDb, Mapping[str, Any], Meter], Callable[[Any], None]]] = {
    "get_item": _get,
    "batch_get_item": _batch_get,
    "query": _query,
    "put_item": _one,
    "update_item": _one,
    "delete_item": _one,
    "batch_write_item": _batch_write,
    "transact_write_items": _transaction,
}
