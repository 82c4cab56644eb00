"""Timelines in DynamoDB: events, the state they fold to, and links from external returns.

===========================================  ==================  ==================================
pk                                           sk                  what
===========================================  ==================  ==================================
``{merchant}#return#{return id}``            ``STATE``           state, version; in the index
                                                                 ``due-returns`` while something
                                                                 is due, in ``returns-by-step``
                                                                 while it waits for anything
``{merchant}#return#{return id}``            ``EVENT#00000001``  one event
``{merchant}#external-return#{id}``          ``LINK``            return id; in the index
                                                                 ``open-external-returns`` while
                                                                 its receipt is awaited
``{merchant}#find#{kind}#{term}``            ``{time}#{id}``     return id; see `found_returns`
===========================================  ==================  ==================================
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.found_returns import (
    STEP_INDEX,
    step_attributes,
    step_pk,
    term_pk,
    term_rows,
    waiting_of,
)
from returns_hub.adapters.dynamodb.items import (
    MOST_BYTES,
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    plain,
    size_of,
    typed,
)
from returns_hub.adapters.dynamodb.kept_models import read_model, readable
from returns_hub.adapters.dynamodb.table import Row, Table
from returns_hub.domain.facts import (
    Event,
    ExternalReturnMade,
    OperatorActed,
    ReceiptSettled,
    Reopened,
    event_from_json,
)
from returns_hub.domain.overview.search_terms import Term, TermKind, fresh_terms, normalised
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.state import STILL_OPEN, ReturnState
from returns_hub.domain.timeline import apply, canonical
from returns_hub.errors import Conflict, Permanent
from returns_hub.ports import Clock, Telemetry, Waiting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OPEN_INDEX = "open-external-returns"
DUE_INDEX = "due-returns"
SCAN_PAUSE = 0.2
"""Seconds between the pages of a scan. A page reads a megabyte, 128 read units; a partition of a
table gives 3000 a second, which the flows need too."""


class DynamoDbReturns(Table):
    """`ports.ReturnsStore`. load: 1 request. append: 1 request. find: 1 request.

    Args:
        client: DynamoDB.
        table: Its name.
        clock: Tells the time, and waits.
        telemetry: Is told of terms that a transaction had no room for.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Clock,
        telemetry: Telemetry | None = None,
    ) -> None:
        super().__init__(client, table, clock)
        self._telemetry = telemetry

    def load(self, merchant: str, return_id: str) -> ReturnState:
        """See `ports.ReturnsStore.load`."""
        item = self._get(_return_pk(merchant, return_id), "STATE")
        if not item:
            return ReturnState(merchant=merchant, return_id=return_id)
        return read_model(ReturnState, item["state"], item["pk"])

    def append(self, state: ReturnState, events: Sequence[Event]) -> ReturnState:
        """See `ports.ReturnsStore.append`."""
        after = state
        for event in events:
            after = apply(after, event)
        now = self._clock.now()
        write_id = uuid.uuid4().hex
        writes = [self._put_state(state, after, write_id), *map(self._put_event(state), events)]
        writes += self._links(after, events)
        at = events[-1].at if events else now
        terms = fresh_terms(state, after)
        rows, left_off = term_rows(after, terms, at, now, others=len(writes))
        writes += [{"Put": {"TableName": self._table, "Item": typed(row)}} for row in rows]
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=writes, ClientRequestToken=write_id)
        except ClientError as error:
            # The client repeats a request whose answer was lost; what it then meets is its own
            # work, told by the write's id.
            stored = self._get(_return_pk(state.merchant, state.return_id), "STATE")
            if stored.get("write_id") != write_id:
                raise Conflict(f"{state.return_id} changed at {now}") from error
        if left_off and self._telemetry is not None:
            self._telemetry.log(
                "a return has more terms than search keeps",
                return_id=after.return_id,
                kept=len(rows),
                left_off=len(left_off),
            )
        return after

    def timeline(self, merchant: str, return_id: str) -> tuple[Event, ...]:
        """See `ports.ReturnsStore.timeline`."""
        items = self._partition(_return_pk(merchant, return_id), "EVENT#")
        return tuple(
            readable(partial(event_from_json, item["event"]), item["pk"]) for item in items
        )

    def find(self, merchant: str, external_return_id: int) -> str | None:
        """See `ports.ReturnsStore.find`."""
        item = self._get(_link_pk(merchant, external_return_id), "LINK")
        return item.get("return_id")

    def open_external_returns(
        self, merchant: str, after: int, limit: int
    ) -> tuple[tuple[int, str], ...]:
        """See `ports.ReturnsStore.open_external_returns`."""
        found = self._rows(
            "open_pk = :merchant AND open_sk > :after",
            {":merchant": merchant, ":after": _open_sk(after)},
            limit,
            IndexName=OPEN_INDEX,
        )
        return tuple((int(row["open_sk"]), row["return_id"]) for row in found)

    def walk(
        self, merchant: str, since: datetime | None = None
    ) -> Iterator[tuple[tuple[str, datetime], ...]]:
        """See `ports.ReturnsStore.walk`. 1 request for each megabyte of the table, of all
        merchants; at most one in `SCAN_PAUSE` seconds.

        Nothing lists returns by time: an index would cost two more writes for each event of each
        return, for a question that a person asks now and then.
        """
        start: dict[str, Any] = {}
        values = {":state": "STATE", ":mine": _return_pk(merchant, "")}
        wanted = "sk = :state AND begins_with(pk, :mine)"
        if since is not None:
            values[":since"] = as_text(since)
            wanted += " AND updated_at >= :since"
        while True:
            with dynamodb_errors():
                page = self._client.scan(
                    TableName=self._table,
                    FilterExpression=wanted,
                    ProjectionExpression="pk, updated_at",
                    ExpressionAttributeValues=typed(values),
                    **start,
                )
            yield tuple(
                (row["pk"].removeprefix(values[":mine"]), from_text(row["updated_at"]))
                for row in map(plain, page["Items"])
            )
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            self._clock.sleep(SCAN_PAUSE)

    def due(self, merchant: str, until: datetime, limit: int) -> tuple[tuple[datetime, str], ...]:
        """See `ports.ReturnsStore.due`. 1 request for each page of the index."""
        before = as_text(until + timedelta(microseconds=1))
        found = self._rows(
            "due_pk = :merchant AND due_sk < :before",
            {":merchant": merchant, ":before": before},
            limit,
            IndexName=DUE_INDEX,
        )
        return tuple(_due_row(row["due_sk"]) for row in found)

    def load_many(self, merchant: str, return_ids: Iterable[str]) -> tuple[ReturnState, ...]:
        """See `ports.ReturnsStore.load_many`. 1 request for 100 returns."""
        wanted = {_return_pk(merchant, return_id): return_id for return_id in return_ids}
        items = self._read_all({"pk": pk, "sk": "STATE"} for pk in wanted)
        found = {item["pk"]: read_model(ReturnState, item["state"], item["pk"]) for item in items}
        return tuple(found[pk] for pk in wanted if pk in found)

    def in_step(self, merchant: str, step: Step, limit: int) -> tuple[Waiting, ...]:
        """See `ports.ReturnsStore.in_step`. 1 request for each megabyte of the index."""
        values: Row = {":step": step_pk(merchant, step)}
        found = self._rows("step_pk = :step", values, limit, IndexName=STEP_INDEX)
        return tuple(map(waiting_of, found))

    def find_by(self, merchant: str, kind: TermKind, term: str, limit: int) -> tuple[str, ...]:
        """See `ports.ReturnsStore.find_by`. 1 request; none when nothing is left of the term."""
        wanted = Term(kind, normalised(kind, term))
        if not wanted.text:
            return ()
        values: Row = {":pk": term_pk(merchant, wanted)}
        found = self._rows("pk = :pk", values, limit, ScanIndexForward=False)
        # A migration may have told a term again, at another time.
        return tuple(dict.fromkeys(row["return_id"] for row in found))

    def _put_state(self, before: ReturnState, after: ReturnState, write_id: str) -> Any:
        item = _fitting(state_row(after, write_id, self._clock.now()), after.return_id)
        put: dict[str, Any] = {"TableName": self._table, "Item": typed(item)}
        if before.version:
            put["ConditionExpression"] = "version = :version"
            put["ExpressionAttributeValues"] = typed({":version": before.version})
        else:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        return {"Put": put}

    def _put_event(self, state: ReturnState) -> Any:
        def put(event: Event) -> Any:
            item: dict[str, str | int] = {
                "pk": _return_pk(state.merchant, state.return_id),
                "sk": f"EVENT#{event.sequence:08d}",
                "event": event.model_dump_json(),
                "expires_at": expiry(event.at),
            }
            return {
                "Put": {
                    "TableName": self._table,
                    "Item": typed(_fitting(item, state.return_id)),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }

        return put

    def _links(self, state: ReturnState, events: Sequence[Event]) -> list[Any]:
        """Link items for what these events made or settled; the last word on each one counts."""
        open_after: dict[int, bool] = {}
        for event in events:
            match event.fact:
                case ExternalReturnMade(external_return_id=made):
                    open_after[made] = True
                case ReceiptSettled(external_return_id=settled, outcome=outcome):
                    open_after[settled] = outcome in STILL_OPEN
                case OperatorActed(act="replayed" | "answered") | Reopened():
                    opened = [r for r in state.receipts if not r.settled]
                    open_after |= {receipt.external_return_id: True for receipt in opened}
        return [
            {"Put": {"TableName": self._table, "Item": self._link(state, made, is_open=is_open)}}
            for made, is_open in open_after.items()
        ]

    def _link(self, state: ReturnState, external_return_id: int, *, is_open: bool) -> Any:
        item: dict[str, str | int] = {
            "pk": _link_pk(state.merchant, external_return_id),
            "sk": "LINK",
            "return_id": state.return_id,
            "expires_at": expiry(self._clock.now()),
        }
        if is_open:
            item |= {"open_pk": state.merchant, "open_sk": _open_sk(external_return_id)}
        return typed(item)


def _fitting(row: Row, return_id: str) -> Row:
    """The row, unless it is too large: DynamoDB would cancel the transaction for it as it does for
    one that others were faster with.

    Raises:
        Permanent: It is.
    """
    size = size_of(row)
    if size > MOST_BYTES:
        raise Permanent(
            "return.too_large",
            f"what is to be kept of return {return_id} is too large: {size // 1000} KB of at most "
            f"{MOST_BYTES // 1000}; deal with it in the portal",
        )
    return row


def state_row(state: ReturnState, write_id: str, at: datetime) -> Row:
    """The row of a state whose last event was appended at this time."""
    row: Row = {
        "pk": _return_pk(state.merchant, state.return_id),
        "sk": "STATE",
        "version": state.version,
        "state": canonical(state),
        "outcome": state.outcome,
        "write_id": write_id,
        "updated_at": as_text(at),
        "expires_at": expiry(at),
    }
    if state.due_at is not None:
        row |= {"due_pk": state.merchant, "due_sk": f"{as_text(state.due_at)}#{state.return_id}"}
    return row | step_attributes(state)


def state_key(merchant: str, return_id: str) -> tuple[str, str]:
    """The key of a state's row."""
    return _return_pk(merchant, return_id), "STATE"


def return_of(pk: str) -> tuple[str, str]:
    """The merchant and the return whose rows have this key."""
    merchant, _, return_id = pk.partition("#return#")
    return merchant, return_id


def _return_pk(merchant: str, return_id: str) -> str:
    return f"{merchant}#return#{return_id}"


def _link_pk(merchant: str, external_return_id: int) -> str:
    return f"{merchant}#external-return#{external_return_id}"


def _open_sk(external_return_id: int) -> str:
    return f"{external_return_id:012d}"


def _due_row(due_sk: str) -> tuple[datetime, str]:
    moment, return_id = due_sk.split("#", maxsplit=1)
    return from_text(moment), return_id
