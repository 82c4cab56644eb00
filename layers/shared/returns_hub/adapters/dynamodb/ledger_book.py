"""The ledger as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from returns_hub.adapters.dynamodb.items import as_text, dynamodb_errors, from_text, plain, typed
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.operations import OperationState
from returns_hub.domain.plans import Standing

SCAN_PAUSE = 0.2
"""Seconds between the pages of a scan: see `adapters.dynamodb.returns`."""


class DynamoDbLedgerBook(Table):
    """`ports.plans.LedgerBook`. standings: 1 request for 100 keys. settled_since: 1 for each
    megabyte of the ledger, of all merchants; about 2000 operations."""

    def standings(self, keys: Iterable[str]) -> Iterator[Standing]:
        """See `LedgerBook.standings`."""
        for row in self._read_all({"pk": key} for key in keys):
            yield _standing(row)

    def settled_since(self, merchant: str, since: datetime) -> Iterator[Standing]:
        """See `LedgerBook.settled_since`."""
        start: dict[str, Any] = {}
        while True:
            with dynamodb_errors():
                page = self._client.scan(
                    TableName=self._table,
                    FilterExpression="merchant = :merchant AND settled_at >= :since",
                    ExpressionAttributeValues=typed(
                        {":merchant": merchant, ":since": as_text(since)}
                    ),
                    ProjectionExpression="pk, settled_at, partner_id, code, reason, #state",
                    ExpressionAttributeNames={"#state": "state"},
                    **start,
                )
            yield from (_standing(plain(row)) for row in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            self._clock.sleep(SCAN_PAUSE)


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        key=row["pk"],
        state=OperationState(row["state"]),
        settled_at=from_text(row["settled_at"]) if "settled_at" in row else None,
        partner_id=row.get("partner_id", ""),
        code=row.get("code", ""),
        reason=row.get("reason", ""),
    )
