"""Acts of people in DynamoDB.

==============================  =====================  ==========================================
pk                              sk                     what
==============================  =====================  ==========================================
``{merchant}#{YYYY-MM}``        ``{at}#{act id}``      one act; ``_none`` where it is about no
                                                       merchant; goes after 400 days
==============================  =====================  ==========================================

In the indexes ``acts-by-person`` (who) and ``acts-by-return`` (merchant and return) it is found
over the months. `at` is when it was asked, so that its end is written over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from returns_hub.adapters.dynamodb.items import (
    KEEP_FOR,
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    typed,
)
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.audit import Act
from returns_hub.errors import Conflict

PERSON_INDEX = "acts-by-person"
RETURN_INDEX = "acts-by-return"
NOBODY = "_unknown"
NONE = "_none"
CLOCKS_APART = timedelta(days=1)
"""By how much the clock of who recorded an act may be ahead; no month behind that is asked for."""


class DynamoDbAudit(Table):
    """`ports.overview.AuditTrail`. An act, and its end: 1 request each. Acts of a merchant: 1
    request a month, and 1 for each further megabyte that is really taken; by a person or a return:
    1 for each megabyte."""

    def record(self, act: Act) -> None:
        """See `AuditTrail.record`."""
        row = _row(act)
        condition = "attribute_not_exists(pk)"
        values: dict[str, str | int] = {}
        if act.outcome != "asked":
            condition += " OR outcome = :asked"
            values[":asked"] = "asked"
        given: dict[str, Any] = {"ExpressionAttributeValues": typed(values)} if values else {}
        try:
            with dynamodb_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=typed(row),
                    ConditionExpression=condition,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **given,
                )
        except ClientError as error:
            # The client repeats a request whose answer was lost; what it then meets is its own.
            if item_that_failed(error).get("act") != row["act"]:
                raise Conflict(f"the act {act.act_id} is recorded in another way") from error

    def of_merchant(
        self, merchant: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        """See `AuditTrail.of_merchant`."""
        since = self._kept_since(since)
        found = months(since, min(until, self._clock.now() + CLOCKS_APART))
        for month in reversed(found) if newest_first else found:
            rows = self._rows(
                "pk = :pk AND sk BETWEEN :since AND :until",
                _between(since, until) | {":pk": partition_of(merchant, month)},
                ConsistentRead=True,
                ScanIndexForward=not newest_first,
            )
            yield from map(_act, rows)

    def by_person(
        self, who: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        """See `AuditTrail.by_person`."""
        keys = ("person_pk", who or NOBODY)
        return self._in_index(PERSON_INDEX, keys, since, until, newest_first=newest_first)

    def of_return(
        self,
        merchant: str,
        return_id: str,
        since: datetime,
        until: datetime,
        *,
        newest_first: bool = True,
    ) -> Iterator[Act]:
        """See `AuditTrail.of_return`."""
        keys = ("return_pk", _return_pk(merchant, return_id))
        return self._in_index(RETURN_INDEX, keys, since, until, newest_first=newest_first)

    def _in_index(
        self,
        index: str,
        key: tuple[str, str],
        since: datetime,
        until: datetime,
        *,
        newest_first: bool,
    ) -> Iterator[Act]:
        name, value = key
        rows: Iterable[Mapping[str, Any]] = self._rows(
            f"{name} = :key AND sk BETWEEN :since AND :until",
            _between(self._kept_since(since), until) | {":key": value},
            IndexName=index,
            ScanIndexForward=not newest_first,
        )
        return map(_act, rows)

    def _kept_since(self, since: datetime) -> datetime:
        """Nothing is older than this, so that no month before it is asked for."""
        return max(since, self._clock.now() - KEEP_FOR)


def _row(act: Act) -> dict[str, str | int]:
    row: dict[str, str | int] = {
        "pk": partition_of(act.merchant, as_text(act.at)[:7]),
        "sk": f"{as_text(act.at)}#{act.act_id}",
        "act": act.model_dump_json(),
        "outcome": act.outcome,
        "person_pk": act.who or NOBODY,
        "expires_at": expiry(act.at),
    }
    if act.return_id:
        row["return_pk"] = _return_pk(act.merchant, act.return_id)
    return row


def _act(row: Mapping[str, Any]) -> Act:
    """The act of a row. One that another release wrote, and this one cannot read, is told as
    what it is: an audit leaves nothing out."""
    try:
        return Act.model_validate_json(row.get("act", ""), extra="ignore")
    except ValidationError:
        at, _, act_id = row["sk"].partition("#")
        return Act(
            act_id=act_id,
            at=from_text(at),
            who=row.get("person_pk", NOBODY),
            through="hub",
            verb="?",
            merchant=row["pk"].rpartition("#")[0].replace(NONE, ""),
            told="another release wrote this, and this one cannot read it",
        )


def _between(since: datetime, until: datetime) -> dict[str, str | int]:
    """An act's key goes on behind its time, so that one at `until` itself is left out."""
    return {":since": as_text(since), ":until": as_text(until)}


def months(since: datetime, until: datetime) -> list[str]:
    """Months of a span of time, as partitions have them."""
    first, last = as_text(since), as_text(until)
    if last < first:
        return []
    year, month = int(first[:4]), int(first[5:7])
    found = []
    while (name := f"{year:04d}-{month:02d}") <= last[:7]:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def partition_of(merchant: str, month: str) -> str:
    """Where a merchant's acts of a month are; those about no one merchant with an empty one."""
    return f"{merchant or NONE}#{month}"


def _return_pk(merchant: str, return_id: str) -> str:
    return f"{merchant}#{return_id}"
