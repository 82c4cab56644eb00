"""A whole hub beside simulators of Unleashed and Mintsoft: its composition root, its stores over
DynamoDB in memory, and the policy that template.yaml gives the function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import requests

from local.simulators.unleashed.sample import API_ID, API_KEY
from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.expressions import refused
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.http.transport import partner_session
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.sync.shape import Source
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.invocation import InvocationClock
from returns_hub.runs import Run
from tests.simulation.environment import SETTINGS
from tests.simulation.permissions import Permissions, Watched, resources, watched
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.erp_worlds import ErpBench
from tests.support.worlds import KEY

FUNCTION = "UnleashedSyncFunction"


class ErpHub:
    """What a test of the function holds in its hands.

    `bench` has the simulators, and the file of `example` before it is applied. `sent` are the
    messages of the queue; `calls` what DynamoDB was asked.
    """

    def __init__(self, *, function: str = FUNCTION, **block: Any) -> None:
        self.bench = ErpBench(**block)
        self.clock = _Clock(self.bench.clock)
        self.telemetry = fakes.Telemetry()
        self.tables = InMemoryDynamoDb(
            {
                name: found["Properties"]
                for name, found in resources().items()
                if found["Type"] == "AWS::DynamoDB::Table"
            },
            now=lambda: self.bench.clock.now().timestamp(),
        )
        self.secrets: dict[str, str] = {}
        self.sent: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.cannot_send: str = ""
        self.versions: dict[str, int] = {}
        self.policy = policy = watched(function, SETTINGS.secret_prefix)
        self.hub = Hub(
            SETTINGS,
            Clients(
                _DynamoDb(self, policy),  # type: ignore[arg-type]
                _Secrets(self, policy),  # type: ignore[arg-type]
                _Sqs(self, policy),  # type: ignore[arg-type]
            ),
            self.telemetry,
            clock=self.clock,
            new_session=self._session,
        )

    def _session(self) -> requests.Session:
        session = partner_session()
        session.mount("http://127.0.0.1:3", self.bench.to_unleashed)
        session.mount("http://127.0.0.1:2", self.bench.to_mintsoft)
        return session

    # -- what happens in it -----------------------------------------------------------------

    def apply(self, merchant: str = "example", **block: Any) -> None:
        """Apply the bench's file for a merchant, as a person's machine does."""
        content = json.loads(json.dumps(self.bench.file, default=str)) | {"merchant": merchant}
        content["unleashed"] |= block
        person = DynamoDbMerchants(
            self.tables,  # type: ignore[arg-type]
            SETTINGS.merchants_table,
            self.clock,
        )
        after = self.versions.get(merchant, 0)
        person.apply(Merchant.model_validate(content), "test", after=after)
        self.versions[merchant] = after + 1
        self.set_secret(merchant, "unleashed", {"api_id": API_ID, "api_key": API_KEY})
        self.set_secret(merchant, "mintsoft", {"api_key": KEY})
        # What a container keeps of a file is half a minute old at most.
        self.bench.clock.advance(seconds=31)

    def set_secret(self, merchant: str, name: str, content: dict[str, str]) -> None:
        """A person sets a secret."""
        self.secrets[f"{SETTINGS.secret_prefix}/{merchant}/{name}"] = json.dumps(content)

    def tick(self, **later: float) -> dict[str, Any]:
        """A schedule's tick, five minutes later unless it is said."""
        self.bench.clock.advance(**(later or {"minutes": 5}))
        with self.invocation() as run:
            done: dict[str, Any] = run.unleashed_tick()
        return done

    def deliver(self, *messages: Any) -> dict[str, Any]:
        """Messages come to the function, each in an invocation of its own; those that failed."""
        answers = [self.one(text) for text in messages]
        return {"failed": [answer for answer in answers if answer["batchItemFailures"]]}

    def one(self, message: Any) -> dict[str, Any]:
        """One message; the partial batch response."""
        body = message if isinstance(message, str) else json.dumps(message)
        record = {
            "messageId": "m1",
            "receiptHandle": "r1",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        with self.invocation() as run:
            answer: dict[str, Any] = run.unleashed_of_flows({"Records": [record]})
        return answer

    def take(self) -> list[dict[str, Any]]:
        """The messages that were sent since the last time."""
        taken, self.sent = self.sent, []
        return taken

    def invocation(self, seconds: float = 300.0) -> AbstractContextManager[Run]:
        """One invocation of the function."""
        ends = self.clock.monotonic() + seconds
        context = SimpleNamespace(
            aws_request_id="an-invocation",
            get_remaining_time_in_millis=lambda: 1000 * (ends - self.clock.monotonic()),
        )
        return _at_work(self.policy, self.hub.invocation(context))

    def jobs(self) -> list[tuple[str, str]]:
        """Merchant and flow of the messages that were sent, which are taken."""
        return [(message["merchant"], message["flow"]) for message in self.take()]


def sources_of(*sources: Source[Any]) -> Callable[[ErpWorld], Sequence[Source[Any]]]:
    """An entry of `sources.SOURCES` that gives these."""
    return lambda _: sources


@contextmanager
def _at_work(policy: Watched, invocation: AbstractContextManager[Run]) -> Iterator[Run]:
    with policy.at_work(), invocation as run:
        yield run


def names(*flows: FlowName) -> dict[str, Any]:
    """Flows that are live, for a block."""
    return {flow: {"mode": "live"} for flow in flows}


class _Clock(InvocationClock):
    def __init__(self, behind: fakes.TestClock) -> None:
        super().__init__()
        self._behind = behind

    def now(self) -> Any:
        return self._behind.now()

    def monotonic(self) -> float:
        return self._behind.monotonic()

    def sleep(self, seconds: float) -> None:
        self._behind.sleep(seconds)


class _DynamoDb:
    def __init__(self, hub: ErpHub, policy: Permissions) -> None:
        self._hub = hub
        self._policy = policy

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._hub.tables, name)

        def request(**parameters: Any) -> Any:
            self._policy.require_table(name, parameters)
            self._hub.calls.append(name)
            return call(**parameters)

        return request


class _Secrets:
    class exceptions:  # noqa: N801 - botocore's own name
        class ResourceNotFoundException(Exception):
            pass

    def __init__(self, hub: ErpHub, policy: Permissions) -> None:
        self._hub = hub
        self._policy = policy

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        self._policy.require_secret("get_secret_value", SecretId)
        if SecretId not in self._hub.secrets:
            raise self.exceptions.ResourceNotFoundException
        return {"SecretString": self._hub.secrets[SecretId], "VersionId": "1"}


class _Sqs:
    def __init__(self, hub: ErpHub, policy: Permissions) -> None:
        self._hub = hub
        self._policy = policy

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> Any:
        self._policy.require_queue("send_message", QueueUrl)
        if self._hub.cannot_send and self._hub.cannot_send in MessageBody:
            raise refused("SendMessage", "ServiceUnavailable")
        self._hub.sent.append(json.loads(MessageBody))
        return {"MessageId": "1", "delay": DelaySeconds}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:
        self._policy.require_queue("get_queue_attributes", QueueUrl)
        return {"Attributes": dict.fromkeys(AttributeNames, "0")}

    def change_message_visibility(
        self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> Any:
        self._policy.require_queue("change_message_visibility", QueueUrl)
        return {"handle": ReceiptHandle, "seconds": VisibilityTimeout}
