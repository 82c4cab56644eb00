"""The messages about returns: one that is approved, and one that asks for receipts."""

from __future__ import annotations

import json
import re
from datetime import UTC
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from returns_hub.adapters.queues.sqs import Queue
from returns_hub.bootstrap import Hub
from returns_hub.domain.events import ApprovedReturn
from returns_hub.domain.returns import PortalReturn
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.world import World
from returns_hub.runs import Run
from tests.fuzz.bodies import BODIES, ORDER, RETURN, event_of_approval
from tests.fuzz.partner_answers import scripted_world
from tests.fuzz.targets import (
    ROOT,
    Target,
    Wrong,
    as_json,
    checked_reason,
    delivered,
    without_canaries,
    writable,
)
from tests.support import fakes, worlds
from tests.support.worlds import Bench


def approved_return(data: bytes) -> ApprovedReturn:
    """The message's event."""
    event = parse(delivered(data))
    if event.occurred_at.tzinfo is not UTC:
        raise Wrong("the time is not in UTC", repr(event.occurred_at))
    return event


def approved_return_to_its_end(data: bytes) -> str:
    """The message through the whole flow: it ends in one of four ways, whatever it holds."""
    bench = Bench()
    bench.put(worlds.redo_return([worlds.item(1, "TEE")]))
    ended = bench.approve(delivered(data) or " ")
    if ended not in {"announced", "shadow", "skipped", "parked"}:
        raise Wrong("the flow ends in a way that is none", ended)
    for parked in bench.parking.items.values():
        checked_reason(parked.reason, parked.code)
        without_canaries(parked.reason, parked.code)
    return ended


def redo_body(data: bytes) -> PortalReturn:
    """The portal's bodies inside the message."""
    event = parse(json.dumps(event_of_approval())[:-1] + "," + delivered(data)[1:])
    found = scripted_world("redo")[0].portal.parse(event.portal_return or {}, event.portal_order)
    writable(found)
    return found


class Sqs:
    """SQS, as far as postponing needs it."""

    def change_message_visibility(self, **_: object) -> None:
        return

    def send_message(self, **_: object) -> None:
        return


def receipts_message(data: bytes) -> str:
    """A message that asks for one merchant's receipts, through the batch.

    A message without effect or a fault of the hub's own: a bad one has to be told apart from both.
    """
    asked: list[str] = []
    telemetry = fakes.Telemetry()

    def world(merchant: str) -> World:
        asked.append(merchant)
        raise Misconfigured("merchant.unknown", "no such merchant")

    hub = SimpleNamespace(
        settings=SimpleNamespace(poll_mintsoft_queue_url="queue"),
        queue=lambda url: Queue(cast(Any, Sqs()), url),
        clock=fakes.TestClock(),
        telemetry=telemetry,
        world=world,
    )
    hub.batch = partial(Hub.batch, cast(Any, hub))
    hub.clock.left = 300.0
    record = {"messageId": "m1", "receiptHandle": "h1", "body": delivered(data)}
    answer = Run(cast(Hub, hub)).receipts_of_merchants({"Records": [record]})
    if answer not in ({"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": "m1"}]}):
        raise Wrong("the batch's answer is none", repr(answer)[:200])
    for _, fields in telemetry.lines:
        without_canaries(str(fields), "log line")
    faults = [fields["fault"] for message, fields in telemetry.lines if message == "fault"]
    if faults:
        raise Wrong(f"a bad message is a fault of our own: {faults[0]}", str(faults[0]))
    if answer["batchItemFailures"]:
        raise Retryable("queue.postponed", "it comes back")
    if asked and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", asked[0]):
        raise Wrong("what is no merchant's id is looked up", ascii(asked[0])[:100])
    return asked[0] if asked else ""


BAD_MESSAGES = json.loads((ROOT / "samples" / "bad-messages.json").read_text())["messages"]
MESSAGES = (
    as_json(event_of_approval()),
    as_json(event_of_approval(**{"return": RETURN, "order": ORDER})),
    *(as_json(event_of_approval(**body)) for body in BODIES[:3]),
    *(message["body"].encode() for message in BAD_MESSAGES),
)

MESSAGE_TARGETS: tuple[Target, ...] = (
    Target("approved-return", "json", approved_return, (ApprovedReturn,), MESSAGES),
    Target("approved-return-to-its-end", "json", approved_return_to_its_end, (str,), MESSAGES),
    Target(
        "redo-body",
        "json",
        redo_body,
        (PortalReturn,),
        (as_json({"return": RETURN, "order": ORDER}), *(as_json(body) for body in BODIES)),
    ),
    Target(
        "receipts-message",
        "json",
        receipts_message,
        (str,),
        (b'{"merchant": "example"}', b'{"merchant": "another-1"}'),
    ),
)
