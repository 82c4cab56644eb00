"""Small values that can be looked up again: a cache in the container before one in DynamoDB."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from returns_hub.adapters.dynamodb.items import expiry
from returns_hub.adapters.dynamodb.table import Row, Table, gone, put
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Value = TypeVar("Value", str, int)
KEEP = timedelta(days=7)
MOST_IN_MEMORY = 5000


class CachedRows(Table, Generic[Value]):
    """Values by key. A warm container asks nothing; else one request for 100 keys.

    Args:
        client: DynamoDB.
        table: A table with ``pk`` and a time to live in ``expires_at``.
        attribute: Holds the value.
        clock: Tells the time.
    """

    def __init__(self, client: DynamoDBClient, table: str, attribute: str, clock: Clock) -> None:
        super().__init__(client, table, clock)
        self._attribute = attribute
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
        asked: list[Row] = [{"pk": key} for key in wanted if key not in found]
        for row in self._read_all(asked):
            # Rows that have ended may still be there: DynamoDB deletes them when it likes.
            if row["expires_at"] > now:
                found[row["pk"]] = row[self._attribute]
                self._keep_in_memory(row["pk"], row[self._attribute], row["expires_at"])
        return found

    def remember(self, values: Mapping[str, Value]) -> None:
        """Keep values for `KEEP`."""
        ends = expiry(self._clock.now(), KEEP)
        self._write_all(
            put({"pk": key, self._attribute: value, "expires_at": ends})
            for key, value in values.items()
        )
        for key, value in values.items():
            self._keep_in_memory(key, value, ends)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop values that proved wrong."""
        leaving = list(dict.fromkeys(keys))
        with self._lock:
            for key in leaving:
                self._memory.pop(key, None)
        self._write_all(gone({"pk": key}) for key in leaving)

    def _keep_in_memory(self, key: str, value: Value, ends: float) -> None:
        with self._lock:
            self._memory[key] = (value, ends)
            while len(self._memory) > MOST_IN_MEMORY:
                self._memory.popitem(last=False)
