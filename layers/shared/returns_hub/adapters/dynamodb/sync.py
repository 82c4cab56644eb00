"""Timelines of records that are kept in step, in DynamoDB.

===================================  ==================  ==========================================
pk                                   sk                  what
===================================  ==================  ==========================================
``{merchant}#sync#{flow}#{key}``     ``STATE``           state, version; in the sparse index
                                                         ``sync-in-work`` while it is in work
the same                             ``EVENT#00000001``  one event; goes after 400 days
``{merchant}#made#{flow}#{id}``      ``LINK``            key of the record that a step made it for
===================================  ==================  ==========================================

A state of goods never goes: it is what tells that a product of three years ago has its counterpart.
One of an order goes long after it was settled, and its links later (`FLOWS_OF_ORDERS`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    MOST_BYTES,
    as_text,
    dynamodb_errors,
    expiry,
    size_of,
    typed,
)
from returns_hub.adapters.dynamodb.kept_models import read_model, readable
from returns_hub.adapters.dynamodb.keyed_table import KeyedTable
from returns_hub.adapters.dynamodb.table import Row
from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import (
    FLOWS_OF_ORDERS,
    ORDER_RECORD_DAYS,
    StepDone,
    SyncEvent,
    SyncState,
    fold,
    sync_event_from_json,
)
from returns_hub.errors import Conflict, Permanent
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IN_WORK = "sync-in-work"
LAST_BYTES = 398_000
"""Of a state that is at an end: that a person is asked, or took it off, can always be kept."""
LONGEST_ID = 300


class DynamoDbSyncStore(KeyedTable):
    """`ports.sync.SyncStore`. A state: 1 request, 100 of them 1 as well. An append: 1. `in_work`: 1
    for each page of the index; nothing scans."""

    IN_WORK = IN_WORK

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Clock,
        order_days: int = ORDER_RECORD_DAYS,
    ) -> None:
        super().__init__(client, table, clock)
        self._order_days = timedelta(days=order_days)

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        """See `SyncStore.load`."""
        item = self._get(of_record(merchant, flow, key), "STATE")
        if not item:
            return SyncState(merchant=merchant, flow=flow, key=key)
        return read_model(SyncState, item["state"], item["pk"])

    def load_many(self, merchant: str, flow: str, keys: Sequence[str]) -> dict[str, SyncState]:
        """See `SyncStore.load_many`."""
        wanted = {of_record(merchant, flow, key): key for key in keys}
        asked: list[Row] = [{"pk": pk, "sk": "STATE"} for pk in wanted]
        found = {
            wanted[item["pk"]]: read_model(SyncState, item["state"], item["pk"])
            for item in self._read_all(asked, ConsistentRead=True)
        }
        return {
            key: found.get(key) or SyncState(merchant=merchant, flow=flow, key=key)
            for key in wanted.values()
        }

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        """See `SyncStore.append`."""
        if not events:
            return state
        after = fold(state, events)
        write_id = uuid.uuid4().hex
        now = self._clock.now()
        ends = now + self._order_days if state.flow in FLOWS_OF_ORDERS else None
        row = self._put(state_row(after, write_id, now, ends))
        if state.version:
            row["Put"]["ConditionExpression"] = "version = :version"
            row["Put"]["ExpressionAttributeValues"] = typed({":version": state.version})
        else:
            row["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        links = {
            of_made(state.merchant, state.flow, event.fact.partner_id): state.key
            for event in events
            if isinstance(event.fact, StepDone) and event.fact.partner_id
        }
        puts = [
            row,
            *(self._event(state, event) for event in events),
            *(self._put(_link(pk, key, ends)) for pk, key in links.items()),
        ]
        pk = of_record(state.merchant, state.flow, state.key)
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=puts, ClientRequestToken=write_id)
        except ClientError as error:
            # The client repeats a request whose answer was lost; what it then meets is its own
            # work, told by the write's id.
            if self._get(pk, "STATE").get("write_id") != write_id:
                raise Conflict(f"{pk} changed meanwhile") from error
        return after

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        """See `SyncStore.timeline`."""
        found = self._partition(of_record(merchant, flow, key), "EVENT#")
        return tuple(
            readable(partial(sync_event_from_json, item["event"]), item["pk"]) for item in found
        )

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        """See `SyncStore.made_by`."""
        key: str | None = self._get(of_made(merchant, flow, partner_id), "LINK").get("key")
        return key

    def in_work(
        self, merchant: str, flow: str, limit: int, after: SyncState | None = None
    ) -> tuple[SyncState, ...]:
        """See `SyncStore.in_work`."""
        behind = work_place(after) if after is not None else ""
        found = self._in_work(work_partition(merchant, flow), limit, behind)
        return tuple(read_model(SyncState, item["state"], item["pk"]) for item in found)

    def _event(self, state: SyncState, event: SyncEvent) -> Any:
        row: Row = {
            "pk": of_record(state.merchant, state.flow, state.key),
            "sk": f"EVENT#{event.sequence:08d}",
            "event": event.model_dump_json(),
            "expires_at": expiry(event.at),
        }
        put = self._put(fitting(row, f"an event of {state.flow} {state.key}"))
        put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        return put


def of_record(merchant: str, flow: str, key: str) -> str:
    """Partition of a record's timeline. Neither a merchant nor a flow has a ``#`` in its name, so
    that a key may."""
    return f"{merchant}#sync#{flow}#{key}"


def of_made(merchant: str, flow: str, partner_id: str) -> str:
    """Partition of the link from what a step made."""
    short = partner_id if len(partner_id) <= LONGEST_ID else f"~{short_hash(partner_id, 64)}"
    return f"{merchant}#made#{flow}#{short}"


def work_partition(merchant: str, flow: str) -> str:
    """Partition of the index: one for each merchant and flow."""
    return f"{merchant}#{flow}"


def work_place(state: SyncState) -> str:
    """Sort key of what is in work: what was begun longest ago comes first."""
    began = as_text(state.began_at) if state.began_at is not None else "0"
    return f"{began}#{state.key}"


def _link(pk: str, key: str, ends: datetime | None) -> Row:
    row: Row = {"pk": pk, "sk": "LINK", "key": key}
    # Later than its state as a rule: without it what the hub made would look like a stranger's.
    return row if ends is None else row | {"expires_at": expiry(ends)}


def state_row(state: SyncState, write_id: str, now: datetime, ends: datetime | None = None) -> Row:
    """The state's item, with its place in the index, and when it goes once it is settled.

    Raises:
        Permanent: It is larger than DynamoDB takes.
    """
    content = json.dumps(
        state.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    row: Row = {
        "pk": of_record(state.merchant, state.flow, state.key),
        "sk": "STATE",
        "version": state.version,
        "state": content,
        "standing": state.standing,
        "changed_here_at": as_text(now),
        "write_id": write_id,
    }
    if state.in_work:
        row |= {
            "work_pk": work_partition(state.merchant, state.flow),
            "work_sk": work_place(state),
        }
    elif ends is not None and not state.parked:
        row["expires_at"] = expiry(ends, timedelta())
    most = MOST_BYTES if state.in_work else LAST_BYTES
    return fitting(row, f"the record {state.key} of {state.flow}", most)


def fitting(row: Row, what: str, most: int = MOST_BYTES) -> Row:
    """The row, unless it is too large.

    Raises:
        Permanent: It is.
    """
    size = size_of(row)
    if size > most:
        raise Permanent(
            "sync.too_large",
            f"{what} is too large to be kept: {size // 1000} KB of at most {most // 1000}; "
            "deal with it by hand",
        )
    return row
