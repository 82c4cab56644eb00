"""Warehouse product ids by SKU: a cache in the container before a cache in DynamoDB."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, plain, typed
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
KEEP = timedelta(days=7)
MOST_IN_MEMORY = 5000
READ_AT_ONCE = 100
WRITE_AT_ONCE = 25


class DynamoDbCatalogue:
    """`ports.Catalogue`. A warm container asks nothing; else one request for 100 SKUs."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, int]:
        """See `ports.Catalogue.known`."""
        now = self._clock.now().timestamp()
        keys = {_pk(merchant, sku): sku for sku in skus}
        found: dict[str, int] = {}
        with self._lock:
            for key, sku in keys.items():
                product_id, ends = self._memory.get(key, (0, 0.0))
                if ends > now:
                    found[sku] = product_id
        missing = [key for key, sku in keys.items() if sku not in found]
        for some in _in_runs(missing, READ_AT_ONCE):
            for row in self._read(some):
                # Rows that have ended may still be there: DynamoDB deletes them when it likes.
                if row["expires_at"] > now:
                    found[keys[row["pk"]]] = row["product_id"]
                    self._keep_in_memory(row["pk"], row["product_id"], row["expires_at"])
        return found

    def remember(self, merchant: str, products: Mapping[str, int]) -> None:
        """See `ports.Catalogue.remember`."""
        ends = expiry(self._clock.now(), KEEP)
        rows: list[dict[str, str | int]] = [
            {"pk": _pk(merchant, sku), "product_id": product_id, "expires_at": ends}
            for sku, product_id in products.items()
        ]
        for some in _in_runs(rows, WRITE_AT_ONCE):
            requests: list[Any] = [{"PutRequest": {"Item": typed(row)}} for row in some]
            self._write(requests)
        for sku, product_id in products.items():
            self._keep_in_memory(_pk(merchant, sku), product_id, ends)

    def forget(self, merchant: str, skus: Iterable[str]) -> None:
        """See `ports.Catalogue.forget`."""
        keys = [_pk(merchant, sku) for sku in dict.fromkeys(skus)]
        with self._lock:
            for key in keys:
                self._memory.pop(key, None)
        for some in _in_runs(keys, WRITE_AT_ONCE):
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

    def _keep_in_memory(self, key: str, product_id: int, ends: float) -> None:
        with self._lock:
            self._memory[key] = (product_id, ends)
            while len(self._memory) > MOST_IN_MEMORY:
                self._memory.popitem(last=False)


def _pk(merchant: str, sku: str) -> str:
    return f"{merchant}#{sku}"


def _in_runs(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
