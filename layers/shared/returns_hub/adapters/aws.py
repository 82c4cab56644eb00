"""AWS clients made in one place, and what their errors mean."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    DataNotFoundError,
    UnknownServiceError,
)
from botocore.loaders import Loader

from returns_hub import __version__
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# The retry mode is named because its default changed between botocore versions, and every write
# of ours is conditional, so that a repeated write whose first answer was lost shows itself.
# botocore puts its User-Agent together anew for every request, and looks over every parameter that
# the types have looked over and that AWS refuses by itself: together a fifth of what a request
# costs the processor (docs/throughput.md).
CONFIG = Config(
    user_agent=f"returns-hub/{__version__}",
    parameter_validation=False,
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=12,
)

ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For a message that must not come twice: SNS cannot tell a repetition."""

SERVICES = ("dynamodb", "secretsmanager", "sqs")
"""What doors use at their start."""
OUR_MODELS = Path(__file__).with_name("aws_models")
"""Of these, what botocore reads; `python -m tools.aws_models` makes it of botocore's own."""

NOT_DONE = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        # A row is in another's transaction just now; botocore does not try that again by itself.
        "TransactionConflictException",
        "InternalServerError",
        "InternalServiceError",
        "ServiceUnavailable",
        "RequestThrottled",
        "KmsThrottled",
        # SQS names it as its older protocol did, and the SDK hands that name on.
        "KMS.ThrottlingException",
    }
)


class ClientOnDemand:
    """A client that is made when its first method is asked for: few functions need all."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None
        self._lock = threading.Lock()

    def made(self) -> Any:
        """The client itself; botocore makes it for one thread at a time."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made(), name)


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

    def make_now(self, *names: str) -> None:
        """Make clients of these names that would else be made with their first request."""
        for name in names:
            client = getattr(self, name)
            if isinstance(client, ClientOnDemand):
                client.made()


def clients(
    session: boto3.session.Session | None = None, *, endpoint: str | None = None
) -> Clients:
    """Clients with our timeouts and retries, from one session.

    Args:
        session: Credentials and region; by default the environment's.
        endpoint: Another address than AWS's own.
    """
    # botocore is what boto3's clients are; boto3 itself is resources and transfers, which the hub
    # does not use and whose modules each start would load.
    make: Any = session.client if session else _Sessions().client

    def client(service: str, config: Config = CONFIG) -> Any:
        return make(service, config=config, endpoint_url=endpoint)

    return Clients(
        dynamodb=client("dynamodb"),
        secrets=cast(Any, ClientOnDemand(lambda: client("secretsmanager"))),
        sqs=cast(Any, ClientOnDemand(lambda: client("sqs"))),
        events=cache(lambda: client("events")),
        s3=cache(lambda: client("s3")),
        sns=cache(lambda: client("sns", ONCE)),
    )


class _Sessions:
    """Makes clients of `SERVICES` from their short models, and all others from botocore's own.

    botocore is the runtime's and moves on. One that asks for a file which the short models do not
    have gets its own: a start that takes longer, and does the same.
    """

    def __init__(self) -> None:
        self._short = botocore.session.get_session()
        loader = Loader(extra_search_paths=[str(OUR_MODELS)], include_default_search_paths=False)
        self._short.register_component("data_loader", loader)

    @cached_property
    def _whole(self) -> botocore.session.Session:
        return botocore.session.get_session()

    def client(self, service: str, **settings: Any) -> Any:
        """A client, as `botocore.session.Session.create_client` makes it."""
        make: Any = self._short.create_client
        if service in SERVICES:
            try:
                return make(service, **settings)
            except (DataNotFoundError, UnknownServiceError):
                pass
        make = self._whole.create_client
        return make(service, **settings)


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
