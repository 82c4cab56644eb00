"""The SNS topic that alarms go to, as the place where people are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from returns_hub.adapters.aws import NOT_DONE
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome

LONGEST_SUBJECT = 100
LONGEST_TEXT = 200_000
"""Of a subject in characters, of a message in bytes with room to spare (SNS's documents)."""


class SnsClient(Protocol):
    """What is used of boto3's client."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> object:  # noqa: N803 - boto3's
        """One message."""


class SnsTopic:
    """`ports.overview.Topic`. SNS tells no message from its repetition: each is sent once.

    Args:
        client: Makes the client, which must not repeat a request by itself.
        arn: The topic's.
    """

    def __init__(self, client: Callable[[], SnsClient], arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, subject: str, text: str) -> None:
        """See `Topic.publish`.

        Raises:
            Misconfigured: SNS refuses it, e.g. for want of a permission; nothing was sent.
            Retryable: It was not sent.
            UnknownOutcome: It may have been.
        """
        message = text.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")
        try:
            self._client().publish(
                TopicArn=self._arn, Subject=subject[:LONGEST_SUBJECT], Message=message
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= 500 or not status:
                raise UnknownOutcome("aws.sns.unknown", f"sns answered {code}") from error
            if code in NOT_DONE or code == "Throttled":
                raise Retryable("aws.sns.busy", f"sns answered {code}") from error
            raise Misconfigured("aws.sns.refused", f"sns refused the message: {code}") from error
        except (EndpointConnectionError, ConnectTimeoutError, NoCredentialsError) as error:
            raise Retryable("aws.sns.unreachable", f"sns: {type(error).__name__}") from error
        except BotoCoreError as error:
            raise UnknownOutcome("aws.sns.unknown", f"sns: {type(error).__name__}") from error
