"""Cursors, leases and proven capabilities in DynamoDB: few small items that never expire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    from_text,
    item_that_failed,
    plain,
    typed,
)
from returns_hub.adapters.dynamodb.kept_models import read_model
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.errors import Conflict
from returns_hub.ports import Capabilities, Clock, CursorStanding, Lease, RunReport

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


STANDING = "pk, fence, moved_at, released_at, lease_until, succeeded_at, new_record_at, failing"
"""What of a cursor tells how it stands: all but its value, which may be large."""


class DynamoDbCursors(Table):
    """`ports.Cursors`. Every method is 1 request; `standings` is 1 for every 100 cursors."""

    def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See `ports.Cursors.acquire`."""
        now = self._clock.now()
        until = now + timedelta(seconds=seconds)
        try:
            with dynamodb_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": _cursor_pk(name)}),
                    UpdateExpression=(
                        "SET #owner = :owner, lease_until = :until, "
                        "fence = if_not_exists(fence, :zero) + :one"
                    ),
                    ConditionExpression=(
                        "attribute_not_exists(lease_until) OR lease_until < :now "
                        "OR (#owner = :owner AND lease_until = :until)"
                    ),
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues=typed(
                        {
                            ":owner": owner,
                            ":until": as_text(until),
                            ":now": as_text(now),
                            ":zero": 0,
                            ":one": 1,
                        }
                    ),
                    ReturnValues="ALL_NEW",
                )
        except ClientError as error:
            item_that_failed(error)
            return None
        item = plain(answer["Attributes"])
        return Lease(
            name=name,
            owner=owner,
            fence=item["fence"],
            until=from_text(item["lease_until"]),
            value=json.loads(item.get("value", "{}")),
        )

    def advance(self, lease: Lease, value: Mapping[str, Any]) -> None:
        """See `ports.Cursors.advance`."""
        self._update(
            lease, "SET #value = :value, moved_at = :now", {"#value": "value"}, json.dumps(value)
        )

    def release(self, lease: Lease) -> None:
        """See `ports.Cursors.release`."""
        expression, values = _told(lease.run, "released_at = :now", ["lease_until"])
        try:
            self._update(lease, expression, {}, None, values)
        except Conflict:
            return

    def beat(self, name: str, failing: str = "") -> None:
        """See `ports.Cursors.beat`."""
        run = RunReport(ended=True, failing=failing)
        expression, values = _told(run, "beat_at = :now", [])
        with dynamodb_errors():
            self._client.update_item(
                TableName=self._table,
                Key=typed({"pk": _cursor_pk(name)}),
                UpdateExpression=expression,
                ExpressionAttributeValues=typed({":now": as_text(self._clock.now()), **values}),
            )

    def read(self, name: str) -> Mapping[str, Any]:
        """See `ports.Cursors.read`."""
        value: Mapping[str, Any] = json.loads(self._item(name).get("value", "{}"))
        return value

    def standing(self, name: str) -> CursorStanding:
        """See `ports.Cursors.standing`."""
        item = self._item(name)
        return replace(self._standing(item), value=json.loads(item.get("value", "{}")))

    def standings(self, names: Iterable[str]) -> Mapping[str, CursorStanding]:
        """See `ports.Cursors.standings`."""
        pks = {_cursor_pk(name): name for name in names}
        rows = self._read_all(({"pk": pk} for pk in pks), ProjectionExpression=STANDING)
        return {pks[row["pk"]]: self._standing(row) for row in rows}

    def _standing(self, item: Mapping[str, Any]) -> CursorStanding:
        """All but its value."""

        def moment(key: str) -> datetime | None:
            return from_text(item[key]) if key in item else None

        held_until = moment("lease_until")
        is_held = held_until is not None and held_until >= self._clock.now()
        return CursorStanding(
            runs=int(item.get("fence", 0)),
            moved_at=moment("moved_at"),
            ended_at=moment("released_at"),
            held_until=held_until if is_held else None,
            succeeded_at=moment("succeeded_at"),
            new_record_at=moment("new_record_at"),
            failing=item.get("failing", ""),
        )

    def _item(self, name: str) -> dict[str, Any]:
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": _cursor_pk(name)}), ConsistentRead=True
            )
        return plain(answer.get("Item", {}))

    def _update(
        self,
        lease: Lease,
        expression: str,
        names: dict[str, str],
        value: str | None,
        told: Mapping[str, str] | None = None,
    ) -> None:
        values: dict[str, str | int] = {
            ":fence": lease.fence,
            ":now": as_text(self._clock.now()),
            **(told or {}),
        }
        if value is not None:
            values[":value"] = value
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            with dynamodb_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": _cursor_pk(lease.name)}),
                    UpdateExpression=expression,
                    ConditionExpression="fence = :fence",
                    ExpressionAttributeValues=typed(values),
                    **more,
                )
        except ClientError as error:
            item_that_failed(error)
            raise Conflict(f"the lease of {lease.name} was lost") from None


def seconds_ahead(client: DynamoDBClient, table: str, clock: Clock) -> float:
    """How far this process's clock is ahead of DynamoDB's, to about a second. 1 request.

    Leases and gates are written in the writer's time, so one whose clock is wrong holds the others
    up. Functions keep AWS's time; an operator's machine may not.
    """
    with dynamodb_errors():
        answer = client.get_item(TableName=table, Key=typed({"pk": "clock"}))
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return (clock.now() - theirs).total_seconds()


class DynamoDbCapabilities:
    """`ports.CapabilitiesStore`, cached in the container for a minute."""

    CACHE_FOR = timedelta(seconds=60)

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._cached: dict[str, tuple[datetime, Capabilities]] = {}
        self._proofs: dict[str, tuple[datetime, RmaProof]] = {}

    def get(self, merchant: str) -> Capabilities:
        """See `ports.CapabilitiesStore.get`."""
        now = self._clock.now()
        cached = self._cached.get(merchant)
        if cached and now - cached[0] < self.CACHE_FOR:
            return cached[1]
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": f"capabilities#{merchant}"})
            )
        found = _capabilities(plain(answer.get("Item", {})))
        self._cached[merchant] = (now, found)
        return found

    def put(self, merchant: str, found: Capabilities) -> None:
        """See `ports.CapabilitiesStore.put`."""
        words = {True: "yes", False: "no", None: "unproven"}
        item: dict[str, str | int] = {
            "pk": f"capabilities#{merchant}",
            "returns_list": words[found.returns_list],
            "by_date_is_updated": words[found.by_date_is_updated],
            "marker_look_up": words[found.marker_look_up],
            "probed_at": as_text(found.probed_at or self._clock.now()),
        }
        with dynamodb_errors():
            self._client.put_item(TableName=self._table, Item=typed(item))
        self._cached.pop(merchant, None)

    def rma_proof(self, merchant: str) -> RmaProof | None:
        """See `ports.CapabilitiesStore.rma_proof`; one that is proven is kept for a minute."""
        now = self._clock.now()
        cached = self._proofs.get(merchant)
        if cached and now - cached[0] < self.CACHE_FOR:
            return cached[1]
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": f"rma-proof#{merchant}"})
            )
        item = plain(answer.get("Item", {}))
        proof = read_model(RmaProof, item["proof"], item["pk"]) if item else None
        if proof is not None and proof.proven:
            self._proofs[merchant] = (now, proof)
        return proof

    def keep_rma_proof(self, merchant: str, proof: RmaProof) -> None:
        """See `ports.CapabilitiesStore.keep_rma_proof`."""
        item: dict[str, str | int] = {
            "pk": f"rma-proof#{merchant}",
            "proof": proof.model_dump_json(),
        }
        with dynamodb_errors():
            self._client.put_item(TableName=self._table, Item=typed(item))
        self._proofs.pop(merchant, None)


def _capabilities(item: dict[str, Any]) -> Capabilities:
    words = {"yes": True, "no": False}
    return Capabilities(
        returns_list=words.get(item.get("returns_list", "")),
        by_date_is_updated=words.get(item.get("by_date_is_updated", "")),
        marker_look_up=words.get(item.get("marker_look_up", "")),
        probed_at=from_text(item["probed_at"]) if item else None,
    )


def _cursor_pk(name: str) -> str:
    return f"cursor#{name}"


def _told(run: RunReport, first: str, remove: list[str]) -> tuple[str, dict[str, str]]:
    """The update that keeps what a run told of itself beside what else it sets and removes, and the
    values that it needs besides ``:now``."""
    sets, values = [first], dict[str, str]()
    if run.succeeded:
        sets.append("succeeded_at = :now")
    if run.found_new:
        sets.append("new_record_at = :now")
    if run.failing:
        sets.append("failing = :failing")
        values[":failing"] = run.failing
    elif run.ended:
        remove = [*remove, "failing"]
    removed = f" REMOVE {', '.join(remove)}" if remove else ""
    return f"SET {', '.join(sets)}{removed}", values
