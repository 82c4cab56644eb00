"""A whole hub for stock intelligence: its composition root over a `RelayBench` and WAIR's
simulator, under the policy that template.yaml gives the function; what it asked is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import requests

from local.simulators.wair.sample import PASSWORD, TENANT, USER
from returns_hub.domain.wair.settings import DATA_SETS
from tests.simulation.permissions import Watched
from tests.support.relay import RelayBench
from tests.support.relay_hub import RelayHub
from tests.support.wair import BASE, WairBench

WAIR = {
    "base_url": BASE,
    "tenant": TENANT,
    "locations": [{"id": "COR", "warehouses": [3]}],
    "data_sets": {name: {"mode": "live"} for name in DATA_SETS},
    "advice": {"targets": True, "transfers": True},
}


class Bucket:
    """The stack's bucket, as far as the hub writes there."""

    def __init__(self, policy: Watched) -> None:
        self._policy = policy
        self.files: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> Any:
        """Put an object."""
        self._policy.require("s3:PutObject", f"FilesBucket.Arn/{Key}")
        self.files[Key] = Body
        return {"bucket": Bucket, "type": ContentType}

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> Any:
        """List a folder, in one page."""
        self._policy.require("s3:ListBucket", "FilesBucket.Arn", **{"s3:prefix": Prefix})
        names = sorted(name for name in self.files if name.startswith(Prefix))
        return {"Contents": [{"Key": name} for name in names], "Name": Bucket}


class WairHub(RelayHub):
    """`RelayHub` of a merchant that is fed to WAIR too.

    Args:
        function: Whose policy it has.
        bench: The simulators, and the file.
        file: More blocks of the file.
    """

    def __init__(self, function: str, bench: RelayBench | None = None, **file: Any) -> None:
        made = bench or RelayBench()
        self.wair = WairBench()
        self.wair.clock = made.clock
        self.wair.wair._now = made.clock
        super().__init__(function, made)
        self.bucket = Bucket(self.policy)
        aws = self.hub._aws
        self.hub._aws = replace(aws, s3=lambda: self.bucket)  # type: ignore[arg-type,return-value]
        self.hub.settings = self.hub.settings.model_copy(
            update={
                "files_bucket": "files",
                "findings_table": "FindingsTable",
                "market_table": "MarketTable",
                "drift_report_queue_url": "drift-report",
            }
        )
        made.file |= {"wair": WAIR} | file

    def _session(self) -> requests.Session:
        session = super()._session()
        session.mount("http://127.0.0.1:7", self.wair.wire)
        return session

    def apply(self, merchant: str = "example", **block: Any) -> None:
        """See `RelayHub.apply`."""
        self.set_secret(merchant, "wair", {"username": USER, "password": PASSWORD})
        super().apply(merchant, **block)

    def feed_message(self, body: str, seconds: float = 300.0) -> list[str]:
        """One message of the function's queue; whether it comes back."""
        record = {
            "messageId": "0",
            "receiptHandle": "handle-0",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        with self.invocation(seconds) as run:
            answer: dict[str, Any] = run.feed_of_flows({"Records": [record]})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def ticks(self, count: int = 6) -> None:
        """So many ticks, each with the messages that it sends."""
        for _ in range(count):
            self.feed_tick()
            messages = [one for one in self.sent if "flow" in one]
            self.sent = [one for one in self.sent if "flow" not in one]
            for message in messages:
                self.feed_message(json.dumps(message))
