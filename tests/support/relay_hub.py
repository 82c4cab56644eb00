"""A whole hub for the despatch relay: its composition root, its stores over DynamoDB in memory, and
the policy that template.yaml gives the function."""

from __future__ import annotations

import json
from typing import Any, cast

import requests

from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.http.transport import partner_session
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.simulation.environment import SETTINGS as OF_SIMULATION
from tests.simulation.permissions import resources, watched
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.erp_hub import ErpHub, _Clock, _DynamoDb, _Secrets, _Sqs
from tests.support.relay import RelayBench
from tests.support.worlds import KEY

SETTINGS = OF_SIMULATION.model_copy(
    update={
        "despatches_queue_url": "despatches",
        "wair_sync_queue_url": "wair-sync",
        "feed_table": "FeedTable",
    }
)


class RelayHub(ErpHub):
    """`ErpHub` of another function, over a `RelayBench`.

    Args:
        function: Whose policy it has.
        bench: The simulators, and the file.
        behind: Another hub, whose tables and secrets it has too.
    """

    def __init__(self, function: str, bench: RelayBench, behind: RelayHub | None = None) -> None:
        self.bench = cast("Any", bench)
        self.clock = _Clock(bench.clock)
        self.telemetry = fakes.Telemetry()
        tables = {n: r["Properties"] for n, r in resources().items() if "DynamoDB" in r["Type"]}
        self.tables = InMemoryDynamoDb(tables, now=lambda: bench.clock.now().timestamp())
        self.secrets, self.sent, self.calls = {}, [], []
        self.cannot_send, self.versions = "", {}
        if behind is not None:
            self.tables, self.secrets = behind.tables, behind.secrets
        self.policy = policy = watched(function, SETTINGS.secret_prefix)
        aws: Any = (_DynamoDb(self, policy), _Secrets(self, policy), _Sqs(self, policy))
        self.hub = Hub(
            SETTINGS, Clients(*aws), self.telemetry, clock=self.clock, new_session=self._session
        )

    def _session(self) -> requests.Session:
        session = partner_session()
        session.mount("http://127.0.0.1:2", self.bench.to_mintsoft)
        relay: Any = self.bench
        for carried in relay.to_receivers.values():
            session.mount("http://127.0.0.1:9", carried)
        return session

    def apply(self, merchant: str = "example", **block: Any) -> None:
        """Apply the bench's file, as a person's machine does."""
        content = json.loads(json.dumps(self.bench.file, default=str)) | block
        person = DynamoDbMerchants(cast("Any", self.tables), SETTINGS.merchants_table, self.clock)
        after = self.versions.get(merchant, 0)
        person.apply(Merchant.model_validate(content), "test", after=after)
        self.versions[merchant] = after + 1
        self.set_secret(merchant, "mintsoft", {"api_key": KEY})
        for (owner, name), content in self.bench.secrets.values.items():
            self.set_secret(owner, name, dict(content))
        self.bench.clock.advance(seconds=31)

    def feed_tick(self) -> dict[str, Any]:
        """A tick of the schedule of stock intelligence."""
        self.bench.clock.advance(minutes=5)
        with self.invocation() as run:
            return run.feed_tick()

    def despatches(self, *bodies: str) -> list[str]:
        """A batch of messages; the numbers of those that come back."""
        records = [
            {
                "messageId": str(number),
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, body in enumerate(bodies)
        ]
        with self.invocation(60.0) as run:
            answer = run.despatches({"Records": records})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
