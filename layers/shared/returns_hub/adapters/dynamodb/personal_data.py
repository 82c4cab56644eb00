"""`ports.privacy.PersonalData` over the hub's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb import personal_rows as rows
from returns_hub.adapters.dynamodb.audit import months, partition_of
from returns_hub.adapters.dynamodb.items import (
    KEEP_FOR,
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    plain,
    read_item,
    typed,
)
from returns_hub.adapters.dynamodb.personal_rows import Tables
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.forgetting import names_any
from returns_hub.domain.operations import sync_step_key
from returns_hub.errors import Conflict
from returns_hub.ports import Clock
from returns_hub.ports.privacy import Remembered, StoredCopy, Subject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCAN_PAUSE = 0.2
"""Seconds between the pages of a scan: see `adapters.dynamodb.returns`."""
UNKNOWN = "_unknown"
"""Whose a parked message is that names no merchant (`flows.queue_message.UNKNOWN_MERCHANT`)."""


class DynamoDbPersonalData:
    """Rows about persons, in every table that the map says has any.

    copies: 1 request for each return, RMA, order, record and term, and 1 for each megabyte of the
    merchant's parked work and findings. take_out: 1.

    Args:
        client: DynamoDB.
        tables: Their names; one that the stack does not have is empty.
        clock: Tells the time, and waits.
    """

    def __init__(self, client: DynamoDBClient, tables: Tables, clock: Clock) -> None:
        self._client = client
        self._tables = tables
        self._clock = clock

    # -- reading ------------------------------------------------------------------------------

    def copies(self, subject: Subject) -> Iterator[StoredCopy]:
        """See `PersonalData.copies`."""
        yield from self._found_by(subject)
        yield from self._parked(subject)
        yield from self._findings(subject)
        yield from self._acts(subject)
        yield from self._operations(subject)
        yield from self._of_market(subject)
        for flow, key in subject.records:
            partition = f"{subject.merchant}#sync#{flow}#{key}"
            read = self._partition(self._tables.sync, partition)
            yield from rows.of_record(self._tables.sync, read)
        for return_id in subject.return_ids:
            partition = f"{subject.merchant}#return#{return_id}"
            yield from rows.of_return(
                self._tables.returns, self._partition(self._tables.returns, partition)
            )

    def scan(self, subject: Subject, tell: Callable[[str, int], None]) -> Iterator[StoredCopy]:
        """See `PersonalData.scan`."""
        words = (*subject.return_ids, *subject.words)
        yield from self._acts_that_name(subject)
        mine: dict[str, None] = {}
        wanted = f"{subject.merchant}#sync#"
        for row in self._scanned("sync", self._tables.sync, ("sk", "state", "event"), tell):
            is_named = row["pk"].startswith(wanted) and names_any(rows.text_of(row), words)
            if is_named:
                mine[row["pk"]] = None
        records = {*subject.records, *(rows.record_of(partition) for partition in mine)}
        steps = {sync_step_key(subject.merchant, flow, key, "") for flow, key in records}
        for row in self._scanned("ledger", self._tables.ledger, ("merchant", "reason"), tell):
            # A key is quoted as an address is: `%235501` is order #5501.
            is_named = rows.steps_of(row["pk"]) in steps or names_any(unquote(row["pk"]), words)
            if row.get("merchant") == subject.merchant and is_named:
                yield from rows.of_operation(self._tables.ledger, row)
        for partition in mine:
            read = self._partition(self._tables.sync, partition)
            yield from rows.of_record(self._tables.sync, read)

    def _found_by(self, subject: Subject) -> Iterator[StoredCopy]:
        for word in subject.words:
            for pk in rows.find_keys(subject.merchant, word):
                for row in self._partition(self._tables.returns, pk):
                    if row.get("return_id") in subject.return_ids:
                        yield rows.of_term(self._tables.returns, row)

    def _parked(self, subject: Subject) -> Iterator[StoredCopy]:
        for partition in (subject.merchant, UNKNOWN):
            for row in self._partition(self._tables.parked, partition):
                if rows.is_parked_about(row, subject, known=partition != UNKNOWN):
                    yield rows.of_parked(self._tables.parked, row)

    def _findings(self, subject: Subject) -> Iterator[StoredCopy]:
        words = (*subject.return_ids, *subject.words)
        for standing in ("open", "resolved"):
            for row in self._partition(self._tables.findings, f"{subject.merchant}#{standing}"):
                if names_any(row.get("finding", ""), words):
                    yield rows.of_finding(self._tables.findings, row, is_open=standing == "open")

    def _acts(self, subject: Subject) -> Iterator[StoredCopy]:
        for return_id in subject.return_ids:
            values = {":pk": f"{subject.merchant}#{return_id}"}
            read = self._query(
                self._tables.audit, "return_pk = :pk", values, IndexName="acts-by-return"
            )
            for row in read:
                yield from rows.of_act(self._tables.audit, row, subject.words)

    def _acts_that_name(self, subject: Subject) -> Iterator[StoredCopy]:
        """Acts about no return, but by a word of the person's; 1 request a month and merchant."""
        now = self._clock.now()
        for month in months(now - KEEP_FOR, now):
            for merchant in (subject.merchant, ""):
                for row in self._partition(self._tables.audit, partition_of(merchant, month)):
                    if rows.is_act_about(row, subject):
                        yield from rows.of_act(self._tables.audit, row, subject.words)

    def _operations(self, subject: Subject) -> Iterator[StoredCopy]:
        for key in subject.operations:
            row = read_item(self._client, self._tables.ledger, {"pk": key})
            if row:
                yield from rows.of_operation(self._tables.ledger, row)

    def _of_market(self, subject: Subject) -> Iterator[StoredCopy]:
        if not self._tables.market:
            return
        for return_id in subject.return_ids:
            partition = f"{subject.merchant}#rma#{return_id}"
            yield from rows.of_rma(
                self._tables.market, self._partition(self._tables.market, partition)
            )
        for shop, number in subject.orders:
            partition = f"{subject.merchant}#order#{shop}#{number}"
            yield from rows.of_order(
                self._tables.market, self._partition(self._tables.market, partition)
            )

    # -- writing ------------------------------------------------------------------------------

    def take_out(self, copy: StoredCopy) -> None:
        """See `PersonalData.take_out`."""
        if copy.does not in {"mask", "delete"}:
            return
        names = {f"#a{n}": name for n, name in enumerate(copy.row.was)}
        was = {f":w{n}": text for n, text in enumerate(copy.row.was.values())}
        parts = [f"#a{n} = :w{n}" for n in range(len(copy.row.was))]
        given: dict[str, Any] = {
            "TableName": copy.row.table,
            "Key": typed(copy.row.key),
            "ExpressionAttributeNames": names,
            "ConditionExpression": " AND ".join(parts),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            with dynamodb_errors():
                if copy.becomes is None:
                    self._client.delete_item(**given, ExpressionAttributeValues=typed(was))
                    return
                places = {name: alias for alias, name in names.items()}
                for n, name in enumerate(copy.becomes):
                    places.setdefault(name, f"#b{n}")
                names |= {alias: name for name, alias in places.items()}
                sets = [f"{places[name]} = :b{n}" for n, name in enumerate(copy.becomes)]
                values = was | {f":b{n}": text for n, text in enumerate(copy.becomes.values())}
                self._client.update_item(
                    **given,
                    UpdateExpression=f"SET {', '.join(sets)}",
                    ExpressionAttributeValues=typed(values),
                )
        except ClientError as error:
            stored = item_that_failed(error)
            if _is_done(copy, stored):
                return
            raise Conflict(f"{copy.where} changed meanwhile") from None

    # -- the register -------------------------------------------------------------------------

    def remember(self, merchant: str, name: str, began_at: datetime, *, done: bool) -> None:
        """See `PersonalData.remember`. 1 request."""
        now = self._clock.now()
        row: dict[str, str | int] = {
            "pk": _register(merchant),
            "sk": name,
            "began_at": as_text(began_at),
            "expires_at": expiry(now),
        }
        if done:
            row["done_at"] = as_text(now)
        with dynamodb_errors():
            self._client.put_item(TableName=self._tables.audit, Item=typed(row))

    def remembered(self, merchant: str) -> Iterable[Remembered]:
        """See `PersonalData.remembered`."""
        for row in self._partition(self._tables.audit, _register(merchant)):
            done = row.get("done_at")
            yield Remembered(row["sk"], from_text(row["began_at"]), done and from_text(done))

    # -- how ----------------------------------------------------------------------------------

    def _table(self, name: str) -> Table:
        return Table(self._client, name, self._clock)

    def _partition(self, table: str, pk: str) -> Iterator[dict[str, Any]]:
        return self._query(table, "pk = :pk", {":pk": pk}, ConsistentRead=True)

    def _query(
        self, table: str, condition: str, values: Mapping[str, str], **more: Any
    ) -> Iterator[dict[str, Any]]:
        if not table:
            return iter(())
        return self._table(table)._rows(condition, dict(values), **more)

    def _scanned(
        self, name: str, table: str, wanted: Sequence[str], tell: Callable[[str, int], None]
    ) -> Iterator[dict[str, Any]]:
        """Every row of a table, with its key and these attributes."""
        if not table:
            return
        start: dict[str, Any] = {}
        aliases = {f"#{attribute}": attribute for attribute in ("pk", *wanted)}
        read = 0
        while True:
            with dynamodb_errors():
                page = self._client.scan(
                    TableName=table,
                    FilterExpression="#pk > :least",
                    ExpressionAttributeValues=typed({":least": " "}),
                    ExpressionAttributeNames=aliases,
                    ProjectionExpression=", ".join(aliases),
                    **start,
                )
            found = list(map(plain, page["Items"]))
            read += len(found)
            tell(name, read)
            yield from found
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            self._clock.sleep(SCAN_PAUSE)


def _is_done(copy: StoredCopy, stored: Mapping[str, Any]) -> bool:
    """Whether what stands there is what this very write would have made: the client repeats a
    request whose answer was lost."""
    if copy.becomes is None:
        return not stored
    return bool(stored) and all(stored.get(name) == text for name, text in copy.becomes.items())


def _register(merchant: str) -> str:
    return f"{merchant}#forgotten"
