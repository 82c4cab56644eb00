"""The ledger in DynamoDB: one request to claim an operation, one to settle it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    plain,
    typed,
)
from returns_hub.domain.operations import (
    Claim,
    ClaimedFrom,
    HeldElsewhere,
    Operation,
    OperationState,
    Settled,
)
from returns_hub.errors import Conflict, Retryable
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FREE = (
    "attribute_not_exists(pk) OR #state = :released OR (#state = :claimed AND lease_until < :now) "
)
_REJECTED_TOO = "OR #state = :rejected "
_CLAIM = (
    "SET #state = :claimed, #owner = :owner, claim_id = :claim_id, lease_until = :until, "
    "merchant = :merchant, claimed_at = :now, expires_at = :expires, "
    "fence = if_not_exists(fence, :zero) + :one, "
    "first_claimed_at = if_not_exists(first_claimed_at, :now)"
)


class DynamoDbLedger:
    """`ports.Ledger` on one table with the operation's key as its only key.

    claim: 1 request. settle: 1 request.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def claim(
        self, operation: Operation, owner: str, *, retry_rejected: bool = False
    ) -> Claim | HeldElsewhere | Settled:
        """See `ports.Ledger.claim`."""
        now = self._clock.now()
        until = now + timedelta(seconds=operation.lease_seconds)
        claim_id = uuid.uuid4().hex
        values: dict[str, str | int] = {
            ":claimed": OperationState.CLAIMED.value,
            ":released": OperationState.RELEASED.value,
            ":owner": owner,
            ":claim_id": claim_id,
            ":until": as_text(until),
            ":now": as_text(now),
            ":merchant": operation.merchant,
            ":expires": expiry(now),
            ":zero": 0,
            ":one": 1,
        }
        condition = _FREE
        if retry_rejected:
            condition += _REJECTED_TOO
            values[":rejected"] = OperationState.REJECTED.value
        try:
            with dynamodb_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": operation.key}),
                    UpdateExpression=_CLAIM,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#state": "state", "#owner": "owner"},
                    ExpressionAttributeValues=typed(values),
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            stored = item_that_failed(error)
            if stored.get("claim_id") == claim_id:
                # Our own claim: its first answer was lost and the client repeated it. What stood
                # there before is not known any more, so unless it was nothing, look up first.
                first = stored["fence"] == 1
                origin = ClaimedFrom.NOTHING if first else ClaimedFrom.UNSETTLED
                return _claim(stored, origin)
            return _taken(stored)
        before = plain(answer.get("Attributes", {}))
        return Claim(
            key=operation.key,
            owner=owner,
            fence=int(before.get("fence", 0)) + 1,
            lease_until=until,
            first_claimed_at=from_text(before.get("first_claimed_at", as_text(now))),
            claimed_from=_origin(before),
        )

    def look(self, key: str) -> dict[str, Any]:
        """What is kept of an operation, for people: `state`, `code`, `reason` and more; empty when
        nothing is. 1 request.

        Raises:
            Retryable: DynamoDB cannot be asked now.
        """
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": key}), ConsistentRead=True
            )
        return plain(answer.get("Item", {}))

    def settle(
        self,
        claim: Claim,
        state: OperationState,
        *,
        partner_id: str = "",
        code: str = "",
        reason: str = "",
    ) -> None:
        """See `ports.Ledger.settle`."""
        now = self._clock.now()
        values = {
            ":state": state.value,
            ":claimed": OperationState.CLAIMED.value,
            ":partner_id": partner_id,
            ":code": code,
            ":reason": reason,
            ":fence": claim.fence,
            ":now": as_text(now),
            ":expires": expiry(now),
        }
        update = (
            "SET #state = :state, partner_id = :partner_id, code = :code, reason = :reason, "
            "settled_at = :now, expires_at = :expires"
        )
        if state is not OperationState.CONFIRMED:
            # Known not done: whoever sends next starts the clock of what may be unknown anew.
            update += " REMOVE first_claimed_at"
        try:
            with dynamodb_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": claim.key}),
                    UpdateExpression=update,
                    ConditionExpression="fence = :fence AND #state = :claimed",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues=typed(values),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            stored = item_that_failed(error)
            ours = stored.get("fence") == claim.fence and stored.get("state") == state.value
            if not (ours and stored.get("partner_id") == partner_id):
                raise Conflict(f"{claim.key} was taken over") from None


def _origin(before: dict[str, Any]) -> ClaimedFrom:
    if not before:
        return ClaimedFrom.NOTHING
    known_not_done = {OperationState.RELEASED.value, OperationState.REJECTED.value}
    return ClaimedFrom.RELEASED if before["state"] in known_not_done else ClaimedFrom.UNSETTLED


def _claim(stored: dict[str, Any], origin: ClaimedFrom) -> Claim:
    return Claim(
        key=stored["pk"],
        owner=stored["owner"],
        fence=stored["fence"],
        lease_until=from_text(stored["lease_until"]),
        first_claimed_at=from_text(stored["first_claimed_at"]),
        claimed_from=origin,
    )


def _taken(stored: dict[str, Any]) -> HeldElsewhere | Settled:
    if not stored:
        raise Retryable("operation.contended", "the operation changed while it was claimed")
    state = OperationState(stored["state"])
    if state is OperationState.CLAIMED:
        return HeldElsewhere(
            from_text(stored["lease_until"]), from_text(stored["first_claimed_at"])
        )
    if state is OperationState.RELEASED:
        raise Retryable("operation.contended", "the operation was released a moment ago", after=2)
    return Settled(
        state=state,
        partner_id=stored.get("partner_id", ""),
        code=stored.get("code", ""),
        reason=stored.get("reason", ""),
    )
