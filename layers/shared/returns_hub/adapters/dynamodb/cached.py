"""Small values that can be looked up again: a cache in the container before one in DynamoDB."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, plain, typed
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Value = TypeVar("Value", str, int)
Any_ = TypeVar("Any_")
KEEP = timedelta(days=7)
MOST_IN_MEMORY = 5000
READ_AT_ONCE = 100
WRITE_AT_ONCE = 25


class CachedRows(Generic[Value]):
    """Values by key. A warm container asks nothing; else one request for 100 keys.

    Args:
        client: DynamoDB.
        table: A table with ``pk`` and a time to live in ``expires_at``.
        attribute: Holds the value.
        clock: Tells the time.
    """

    def __init__(self, client: DynamoDBClient, table: str, attribute: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._attribute = attribute
        self._clock = clock
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, tuple[Value, float]] = OrderedDict()

    def known(self, keys: Iterable[str]) -> dict[str, Value]:
        """The values of those keys that are known."""
        now = self._clock.now().timestamp()
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Value] = {}
        with self._lock:
            for key in wanted:
                kept = self._memory.get(key)
                if kept is not None and kept[1] > now:
                    found[key] = kept[0]
        for some in _in_runs([key for key in wanted if key not in found], READ_AT_ONCE):
            for row in self._read(some):
                # Rows that have ended may still be there: DynamoDB deletes them when it likes.
                if row["expires_at"] > now:
                    found[row["pk"]] = row[self._attribute]
                    self._keep_in_memory(row["pk"], row[self._attribute], row["expires_at"])
        return found

    def remember(self, values: Mapping[str, Value]) -> None:
        """Keep values for `KEEP`."""
        ends = expiry(self._clock.now(), KEEP)
        rows: list[dict[str, str | int]] = [
            {"pk": key, self._attribute: value, "expires_at": ends} for key, value in values.items()
        ]
        for some in _in_runs(rows, WRITE_AT_ONCE):
            self._write([{"PutRequest": {"Item": typed(row)}} for row in some])
        for key, value in values.items():
            self._keep_in_memory(key, value, ends)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop values that proved wrong."""
        gone = list(dict.fromkeys(keys))
        with self._lock:
            for key in gone:
                self._memory.pop(key, None)
        for some in _in_runs(gone, WRITE_AT_ONCE):
            self._write([{"DeleteRequest": {"Key": typed({"pk": key})}} for key in some])

    def _read(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        wanted: dict[str, Any] = {self._table: {"Keys": [typed({"pk": key}) for key in keys]}}
        while wanted:
            with dynamodb_errors():
                answer = self._client.batch_get_item(RequestItems=wanted)
            yield from map(plain, answer["Responses"].get(self._table, []))
            wanted = dict(answer.get("UnprocessedKeys", {}))

    def _write(self, requests: list[Any]) -> None:
        wanted: dict[str, Any] = {self._table: requests}
        while wanted:
            with dynamodb_errors():
                answer = self._client.batch_write_item(RequestItems=wanted)
            wanted = dict(answer.get("UnprocessedItems", {}))

    def _keep_in_memory(self, key: str, value: Value, ends: float) -> None:
        with self._lock:
            self._memory[key] = (value, ends)
            while len(self._memory) > MOST_IN_MEMORY:
                self._memory.popitem(last=False)


def _in_runs(values: Sequence[Any_], size: int) -> Iterator[Sequence[Any_]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
