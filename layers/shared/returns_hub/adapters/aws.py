"""AWS clients made in one place, and what their errors mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# The retry mode is named because its default changed between botocore versions, and every write
# of ours is conditional, so that a repeated write whose first answer was lost shows itself.
CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=12,
)

ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For a message that must not come twice: SNS cannot tell a repetition."""

NOT_DONE = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalServiceError",
        "ServiceUnavailable",
        "RequestThrottled",
        "KmsThrottled",
    }
)


@dataclass(frozen=True)
class Clients:
    """The low-level clients that the hub uses."""

    dynamodb: DynamoDBClient
    secrets: SecretsManagerClient
    sqs: SQSClient
    events: Callable[[], EventBridgeClient] | None = None
    """Makes the client; few stacks have a bus."""
    s3: Callable[[], S3Client] | None = None
    """The same; few functions write files."""
    sns: Callable[[], Any] | None = None
    """The same; only the daily summary tells people by a topic."""


def clients(
    session: boto3.session.Session | None = None, *, endpoint: str | None = None
) -> Clients:
    """Clients with our timeouts and retries, from one session.

    Args:
        session: Credentials and region; by default the environment's.
        endpoint: Another address than AWS's own.
    """
    session = session or boto3.session.Session()
    return Clients(
        dynamodb=session.client("dynamodb", config=CONFIG, endpoint_url=endpoint),
        secrets=session.client("secretsmanager", config=CONFIG, endpoint_url=endpoint),
        sqs=session.client("sqs", config=CONFIG, endpoint_url=endpoint),
        events=cache(lambda: session.client("events", config=CONFIG, endpoint_url=endpoint)),
        s3=cache(lambda: session.client("s3", config=CONFIG, endpoint_url=endpoint)),
        sns=cache(lambda: cast(Any, session).client("sns", config=ONCE, endpoint_url=endpoint)),
    )


def verdict_of(error: ClientError | BotoCoreError, service: str) -> Verdict:
    """What an AWS error means for the work in hand.

    Every write of ours is conditional or idempotent, so even one whose answer was lost may be
    tried again: the condition then tells that it was done.
    """
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in NOT_DONE or status >= 500:
            return Retryable(f"aws.{service}.busy", f"{service} answered {code}", after=10)
        if code == "ValidationException":
            return Permanent(f"aws.{service}.invalid", f"{service} cannot hold this: {code}")
        return Misconfigured(f"aws.{service}.refused", f"{service} refused the request: {code}")
    return Retryable(f"aws.{service}.unreachable", f"{service}: {type(error).__name__}", after=10)
