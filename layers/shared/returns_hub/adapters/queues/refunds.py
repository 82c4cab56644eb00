"""The event ``refund/1``, told on an SQS queue or on an EventBridge bus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.domain.operations import LookUp, NotFound
from returns_hub.domain.refunds import SCHEMA_NAME, Refund
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

EVENT_SOURCE = "returns-hub"
"""EventBridge: what rules match on, beside the detail type ``refund/1``."""
NOT_TAKEN = frozenset({"ThrottlingException", "InternalFailure", "InternalException"})
"""Entry error codes of PutEvents after which the same entry may be put again."""
MALFORMED = frozenset({"MalformedDetail", "InvalidArgument", "ValidationException"})


class RefundsQueue:
    """`ports.refunds.RefundEvents` on an SQS queue. publish: 1 request."""

    def __init__(self, client: SQSClient, url: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._clock = clock

    def publish(self, refund: Refund, send_by: datetime) -> str:
        """See `ports.refunds.RefundEvents.publish`."""
        _require_time(self._clock, send_by)
        try:
            answer = self._client.send_message(
                QueueUrl=self._url,
                MessageBody=refund.to_json(),
                MessageAttributes={
                    "schema": {"DataType": "String", "StringValue": SCHEMA_NAME},
                    "merchant": {"DataType": "String", "StringValue": refund.merchant},
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error
        return answer["MessageId"]

    def find_published(self, refund: Refund) -> LookUp:  # noqa: ARG002 - a queue cannot be searched
        """See `ports.refunds.RefundEvents.find_published`."""
        return NotFound()


class RefundsBus:
    """`ports.refunds.RefundEvents` on an EventBridge bus. publish: 1 request.

    PutEvents answers 200 with `FailedEntryCount` when the entry was not taken.

    Args:
        client: Makes the client of EventBridge, the first time that it is needed.
        bus: Name or ARN.
        clock: For the last moment to send.
    """

    def __init__(self, client: Callable[[], EventBridgeClient], bus: str, clock: Clock) -> None:
        self._client = client
        self._bus = bus
        self._clock = clock

    def publish(self, refund: Refund, send_by: datetime) -> str:
        """See `ports.refunds.RefundEvents.publish`."""
        _require_time(self._clock, send_by)
        try:
            answer = self._client().put_events(
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": EVENT_SOURCE,
                        "DetailType": SCHEMA_NAME,
                        "Detail": refund.to_json(),
                    }
                ]
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "events") from error
        entry = next(iter(answer.get("Entries", ())), None)
        if answer.get("FailedEntryCount", 0) or entry is None or not entry.get("EventId"):
            raise _refused(entry.get("ErrorCode", "unknown") if entry else "unknown")
        return entry["EventId"]

    def find_published(self, refund: Refund) -> LookUp:  # noqa: ARG002 - a bus keeps nothing
        """See `ports.refunds.RefundEvents.find_published`."""
        return NotFound()


def _require_time(clock: Clock, send_by: datetime) -> None:
    if clock.now() > send_by:
        raise Retryable("refund.too_late", "the time to tell it under this claim is over")


def _refused(code: str) -> Verdict:
    """What an entry's error code means; an entry that was not taken was not told."""
    word = code if code.isascii() and code.isalnum() and len(code) <= 60 else "unknown"
    if word in NOT_TAKEN or word == "unknown":
        return Retryable("aws.events.busy", f"EventBridge did not take the event: {word}", after=10)
    if word in MALFORMED:
        return Permanent("aws.events.invalid", f"EventBridge cannot take this event: {word}")
    return Misconfigured("aws.events.refused", f"EventBridge refused the event: {word}")
