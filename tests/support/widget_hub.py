"""The dashboard's two functions as they are: a whole hub, its stores over DynamoDB in memory, its
queues in memory, and the policies that template.yaml gives the functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.runs import Run
from tests.simulation.environment import SETTINGS as OF_SIMULATION
from tests.simulation.permissions import Watched, resources, watched
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.erp_hub import _Clock
from tests.support.widgets import ACTS, REQUEST, SHOWS, event
from tests.support.worlds import merchant_file

QUEUES = (
    "approved_returns",
    "poll_mintsoft",
    "miinto_rma",
    "store_refunds",
    "unleashed_sync",
    "wair_sync",
    "order_changes",
    "despatches",
    "drift_report",
)
SETTINGS = OF_SIMULATION.model_copy(
    update={
        "audit_table": "AuditTable",
        "ops_acts_arn": ACTS,
        **{f"{name}_dead_letter_queue_url": f"{name.replace('_', '-')}-dead" for name in QUEUES},
    }
)


class WidgetHub:
    """Both functions over the same tables and queues; `calls` is what DynamoDB was asked, with how
    many items it looked at."""

    def __init__(self, page: int = 1000) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        tables = {n: r["Properties"] for n, r in resources().items() if "DynamoDB" in r["Type"]}
        self.tables = InMemoryDynamoDb(tables, now=lambda: self.clock.now().timestamp(), page=page)
        self.calls: list[tuple[str, str]] = []
        self.acts = 0
        self.queues: dict[str, dict[str, str]] = {}
        self.open = self.hub_of(None)
        """A person's machine: no policy holds it."""

    def hub_of(self, function: str | None) -> Hub:
        return self._hub_of(None if function is None else watched(function, SETTINGS.secret_prefix))

    def _hub_of(self, policy: Watched | None) -> Hub:
        aws: Any = (_DynamoDb(self, policy), None, _Sqs(self, policy))
        clock: Any = self.clock
        return Hub(SETTINGS, Clients(*aws), self.telemetry, clock=_Clock(clock))

    def apply(self, merchant: str = "example") -> None:
        """Apply a file, as a person's machine does."""
        person = DynamoDbMerchants(
            cast("Any", self.tables), SETTINGS.merchants_table, self.open.clock
        )
        file = merchant_file(merchant=merchant)
        person.apply(Merchant.model_validate(file), "test", after=0)

    def show(self, **params: Any) -> str:
        with self._invocation("OpsWidgetsFunction") as run:
            shown = run.widget(event(**params), CONTEXT)
        assert isinstance(shown, str)
        return shown

    def act(self, note: str = "", *, request: str = "", **params: Any) -> str:
        self.acts += 1
        context = SimpleNamespace(**vars(CONTEXT))
        context.aws_request_id = request or f"{REQUEST}-{self.acts}"
        with self._invocation("OpsActsFunction") as run:
            told = run.act(event({"forms": {"all": {"note": note}}}, **params), context)
        assert isinstance(told, str)
        return told

    @contextmanager
    def _invocation(self, function: str) -> Iterator[Run]:
        policy = watched(function, SETTINGS.secret_prefix)
        with policy.at_work(), self._hub_of(policy).invocation(CONTEXT) as run:
            yield run


CONTEXT = SimpleNamespace(
    aws_request_id=REQUEST,
    invoked_function_arn=SHOWS,
    get_remaining_time_in_millis=lambda: 30_000,
)


class _DynamoDb:
    def __init__(self, hub: WidgetHub, policy: Watched | None) -> None:
        self._hub = hub
        self._policy = policy

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._hub.tables, name)

        def request(**parameters: Any) -> Any:
            if self._policy is not None:
                self._policy.require_table(name, parameters)
            self._hub.calls.append((name, str(parameters.get("TableName", ""))))
            return call(**parameters)

        return request


class _Sqs:
    """Queues and dead-letter queues; a message that is received is given out again at once."""

    def __init__(self, hub: WidgetHub, policy: Watched | None) -> None:
        self._hub = hub
        self._policy = policy
        self._given: dict[str, int] = {}

    def _may(self, call: str, url: str) -> dict[str, str]:
        if self._policy is not None:
            self._policy.require_queue(call, url)
        return self._hub.queues.setdefault(url, {})

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> Any:
        found = self._may("send_message", QueueUrl)
        found[f"{QueueUrl}-{len(found)}"] = MessageBody
        return {"delay": DelaySeconds}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:
        found = self._may("get_queue_attributes", QueueUrl)
        first, *others = AttributeNames
        return {"Attributes": {first: str(len(found)), **dict.fromkeys(others, "0")}}

    def receive_message(self, *, QueueUrl: str, **_: Any) -> Any:
        found = list(self._may("receive_message", QueueUrl).items())
        at = self._given.get(QueueUrl, 0)
        self._given[QueueUrl] = at + 10
        sent = {"SentTimestamp": "1772442000000", "ApproximateReceiveCount": "2"}
        return {
            "Messages": [
                {"MessageId": name, "ReceiptHandle": name, "Body": body, "Attributes": sent}
                for name, body in found[at : at + 10]
            ]
        }

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:
        self._may("change_message_visibility_batch", QueueUrl)
        self._given.clear()
        return {"Successful": Entries}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Any:
        del self._may("delete_message", QueueUrl)[ReceiptHandle]
        return {}


def letter(hub: WidgetHub, queue: str, content: Any) -> str:
    """A dead letter; its id."""
    found = hub.queues.setdefault(f"{queue}-dead", {})
    name = f"{queue}-dead-{len(found)}"
    found[name] = json.dumps(content)
    return name
