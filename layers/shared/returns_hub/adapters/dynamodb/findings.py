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

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from returns_hub.adapters.dynamodb.items import as_text, dynamodb_errors, expiry, typed
from returns_hub.adapters.dynamodb.table import WRITE_AT_ONCE, Row, Table, gone, put
from returns_hub.domain.drift.findings import Finding, Look, Standing
from returns_hub.domain.drift.written import (
    as_json,
    finding_read,
    finding_written,
    look_read,
    look_written,
)
from returns_hub.domain.strict_json import read_json

Read = TypeVar("Read")


class DynamoDbFindings(Table):
    """`ports.findings.FindingsStore`. A page of findings: 1 request. 25 that changed: 1, 1 more
    where any was resolved or came back, and 1 for the look."""

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        """See `FindingsStore.open_findings`."""
        rows = self._partition(_open(merchant), f"{area}." if area else "")
        yield from _readable(rows, "finding", finding_read)

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        """See `FindingsStore.resolved_since`."""
        rows = self._rows(
            "pk = :pk AND sk >= :since",
            {":pk": _resolved(merchant), ":since": as_text(since)},
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        yield from _readable(rows, "finding", finding_read)

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        """See `FindingsStore.keep`."""
        rest = iter(changed)
        while some := list(islice(rest, WRITE_AT_ONCE)):
            # What is written in one batch is written in no order: cut off between the two, a
            # finding is in both places rather than in none.
            self._write_all(put(_row(merchant, one)) for one in some)
            self._write_all(gone(key) for one in some for key in _left_behind(merchant, one))
        self._write_all(gone(_keys(_open(merchant), name)) for name in forgotten)
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
        rows = self._partition(_looks(merchant), ScanIndexForward=False, Limit=most)
        yield from islice(_readable(rows, "look", look_read), most)


def _row(merchant: str, finding: Finding) -> Row:
    row: Row = {"finding": as_json(finding_written(finding))}
    if finding.standing is not Standing.RESOLVED:
        return row | _keys(_open(merchant), finding.id)
    when = finding.resolved_at or finding.last_seen
    return row | _resolved_keys(merchant, finding, when) | {"expires_at": expiry(when)}


def _left_behind(merchant: str, finding: Finding) -> Iterator[Row]:
    """Keys of the rows that it had before it was resolved, or came back."""
    if finding.standing is Standing.RESOLVED:
        yield _keys(_open(merchant), finding.id)
    elif finding.resolved_at is not None:
        yield _resolved_keys(merchant, finding, finding.resolved_at)


def _readable(
    rows: Iterable[Mapping[str, Any]], name: str, read: Callable[[object], Read]
) -> Iterator[Read]:
    """Of each row what it holds. One that this release cannot read, of another release, is passed
    over: what it was about is found anew."""
    for row in rows:
        try:
            found = read(read_json(row.get(name, "")))
        except ValueError:
            continue
        yield found


def _open(merchant: str) -> str:
    return f"{merchant}#open"


def _resolved(merchant: str) -> str:
    return f"{merchant}#resolved"


def _looks(merchant: str) -> str:
    return f"{merchant}#looks"


def _resolved_keys(merchant: str, finding: Finding, when: datetime) -> Row:
    return _keys(_resolved(merchant), f"{as_text(when)}#{finding.id}")


def _keys(pk: str, sk: str) -> Row:
    return {"pk": pk, "sk": sk}
