"""A local AWS and simulated partners for cold starts, and one harmless real event for each door."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.aws import LocalAws
from local.merchant_samples import MERCHANTS, apply_files, sample_secrets
from local.partners import SAMPLES, PartnerSimulators, partner_simulators
from local.run.publish import Sample, message_of, put_in_portal, samples
from local.stack import ROOT, FunctionSpec, Stack, translated
from local.world import STATE, TEMPLATE, hub_of
from returns_hub.bootstrap import Hub

PLAIN = "One line, one shipment, full message"


@dataclass
class ColdWorld:
    """What cold starts meet: a stack in the local AWS, merchants, partners."""

    aws: LocalAws
    functions: dict[str, FunctionSpec]
    hub: Hub
    partners: PartnerSimulators
    plain: list[Sample] = field(default_factory=list)
    """Returns of the plainest kind, each to be announced once."""

    def environment_of(self, door: str) -> dict[str, str]:
        """A function's, as the template has it, and where this AWS is."""
        return {**self.spec_of(door).environment, **self.aws.environment}

    def spec_of(self, door: str) -> FunctionSpec:
        """A function by its folder's name."""
        (found,) = [spec for spec in self.functions.values() if spec.code.name == door]
        return found

    def event_for(self, door: str) -> Any:
        """An event that the door meets in its daily work; none does harm."""
        match door:
            case "create_external_return":
                return batch(message_of(self.plain.pop()))
            case "redo_webhook":
                body = json.loads((SAMPLES / "delivery.json").read_text(encoding="utf-8"))
                token = self.partners.credentials["webhook_token"]
                return request(door, {"authorization": f"Bearer {token}"}, body)
            case "loop_webhook" | "unleashed_webhook":
                return request(door, {}, {})
            case "store_refunds":
                return batch({"schema": "store-refund/1", "merchant": "example"})
            case "despatch_relay":
                return batch({"schema": "relayed-despatch/1", "merchant": "example"})
            case "order_changes":
                example = ROOT / "docs" / "events" / "order-change-1.example.json"
                return batch(json.loads(example.read_text(encoding="utf-8")))
            case "poll_mintsoft" | "miinto_rma" | "drift_report":
                return batch({"merchant": "example"})
            case "unleashed_sync":
                return batch({"merchant": "example", "flow": "products"})
            case "wair_sync":
                return batch({"merchant": "example", "flow": "feed"})
            case "ops_widgets":
                return {"widget": "overview", "widgetContext": {"theme": "light", "width": 588}}
            case _:
                return {}


def batch(*bodies: Any) -> dict[str, Any]:
    """A batch of messages, as Amazon SQS hands it to a function."""
    records = [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": "none",
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        for body in bodies
    ]
    return {"Records": records}


def request(door: str, headers: Mapping[str, str], body: Any) -> dict[str, Any]:
    """A request, as an HTTP API hands it to a function (payload format 2.0)."""
    portal = door.partition("_")[0]
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": "POST", "path": f"/webhooks/{portal}/example"}},
        "pathParameters": {"merchant": "example"},
        "headers": {"content-type": "application/json", **headers},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


@contextmanager
def cold_world(aws: LocalAws, returns: int = 1, delay: float = 0.0) -> Iterator[ColdWorld]:
    """A stack with the sample merchants.

    Args:
        aws: Where; the stack is called ``cold``.
        returns: How many plain returns there are to be announced.
        delay: Seconds that each partner's answer takes.
    """
    with partner_simulators(delay) as partners:
        stack = Stack(translated(TEMPLATE, STATE), {"Stage": "local"}, stack_name="cold")
        aws.deploy(stack)
        functions = stack.functions()
        variables = {k: v for spec in functions.values() for k, v in spec.environment.items()}
        hub = hub_of({**variables, **aws.environment})
        sample_secrets(hub, partners)
        apply_files(hub, partners, MERCHANTS)
        now = datetime.now(UTC)
        every = samples(len(samples(None, now)) * returns, now)
        plain = [sample for sample in every if sample.about == PLAIN][:returns]
        put_in_portal(plain, partners)
        yield ColdWorld(aws, functions, hub, partners, plain)
