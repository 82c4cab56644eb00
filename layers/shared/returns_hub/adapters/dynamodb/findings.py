"""Findings of looks for drift, in one table.

=======================  ===============================  ==========================================
pk                       sk                               what
=======================  ===============================  ==========================================
``{merchant}#open``      ``{kind}#{hash of the subject}`` a finding that is not resolved
``{merchant}#resolved``  ``{resolved at}#{its id}``       a resolved one; goes after 400 days
``{merchant}#looks``     ``{at}``                         a look that came to its end; as above
=======================  ===============================  ==========================================

A finding has one row: what comes back leaves the resolved ones. Everything is read by a partition.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.items import as_text, dynamodb_errors, expiry, plain, typed
from returns_hub.domain.drift.findings import Finding, Look, Standing
from returns_hub.domain.drift.written import (
    as_json,
    finding_read,
    finding_written,
    look_read,
    look_written,
)
from returns_hub.errors import Retryable
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITE_AT_ONCE = 25
MOST_TRIES = 8
"""Of one batch that DynamoDB takes in parts."""


class DynamoDbFindings:
    """`ports.findings.FindingsStore`. A page of findings: 1 request. 25 that changed: 1, and 1 for
    the look."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        """See `FindingsStore.open_findings`."""
        wanted = "pk = :pk"
        values = {":pk": _open(merchant)}
        if area:
            wanted += " AND begins_with(sk, :area)"
            values[":area"] = f"{area}."
        for row in self._rows(wanted, values):
            yield finding_read(json.loads(row["finding"]))

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        """See `FindingsStore.resolved_since`."""
        values = {":pk": _resolved(merchant), ":since": as_text(since)}
        for row in self._rows("pk = :pk AND sk >= :since", values, ScanIndexForward=False):
            yield finding_read(json.loads(row["finding"]))

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        """See `FindingsStore.keep`."""
        requests = self._requests(merchant, changed, forgotten)
        while some := list(islice(requests, WRITE_AT_ONCE)):
            self._write(some)
        row: dict[str, str | int] = {
            "pk": _looks(merchant),
            "sk": as_text(look.at),
            "look": as_json(look_written(look)),
            "expires_at": expiry(look.at),
        }
        with dynamodb_errors():
            self._client.put_item(TableName=self._table, Item=typed(row))

    def last_look(self, merchant: str) -> Look | None:
        """See `FindingsStore.last_look`."""
        return next(iter(self.looks(merchant, 1)), None)

    def looks(self, merchant: str, most: int = 30) -> Iterable[Look]:
        """See `FindingsStore.looks`."""
        values = {":pk": _looks(merchant)}
        rows = self._rows("pk = :pk", values, ScanIndexForward=False, Limit=most)
        for row in islice(rows, most):
            yield look_read(json.loads(row["look"]))

    def _requests(
        self, merchant: str, changed: Iterable[Finding], forgotten: Iterable[str]
    ) -> Iterator[Any]:
        for finding in changed:
            row: dict[str, str | int] = {"finding": as_json(finding_written(finding))}
            if finding.standing is Standing.RESOLVED:
                when = finding.resolved_at or finding.last_seen
                keys = _keys(_resolved(merchant), f"{as_text(when)}#{finding.id}")
                # Cut off between the two, it is still open rather than nowhere.
                yield {"PutRequest": {"Item": typed(row | keys | {"expires_at": expiry(when)})}}
                yield _gone(_keys(_open(merchant), finding.id))
                continue
            yield {"PutRequest": {"Item": typed(row | _keys(_open(merchant), finding.id))}}
            if finding.resolved_at is not None:
                was = f"{as_text(finding.resolved_at)}#{finding.id}"
                yield _gone(_keys(_resolved(merchant), was))
        for name in forgotten:
            yield _gone(_keys(_open(merchant), name))

    def _rows(
        self, wanted: str, values: Mapping[str, str], **more: Any
    ) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression=wanted,
                    ExpressionAttributeValues=typed(values),
                    ConsistentRead=True,
                    **more,
                    **start,
                )
            yield from map(plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _write(self, requests: list[Any]) -> None:
        wanted: dict[str, Any] = {self._table: requests}
        for attempt in range(MOST_TRIES):
            with dynamodb_errors():
                answer = self._client.batch_write_item(RequestItems=wanted)
            wanted = dict(answer.get("UnprocessedItems", {}))
            if not wanted:
                return
            self._clock.sleep(0.1 * 2**attempt)
        raise Retryable("dynamodb.busy", "the table of findings takes no more for now")


def _open(merchant: str) -> str:
    return f"{merchant}#open"


def _resolved(merchant: str) -> str:
    return f"{merchant}#resolved"


def _looks(merchant: str) -> str:
    return f"{merchant}#looks"


def _keys(pk: str, sk: str) -> dict[str, str]:
    return {"pk": pk, "sk": sk}


def _gone(keys: Mapping[str, str]) -> Any:
    return {"DeleteRequest": {"Key": typed(keys)}}
