"""Unleashed's door as entries: signed bodies, and events of the API as such."""

from __future__ import annotations

import json

from returns_hub.adapters.gateway.http_api import request_of
from returns_hub.adapters.unleashed.webhooks import TIMESTAMP_HEADER
from returns_hub.runs import sync_asked
from tests.fuzz.door_checks import ANSWERS, check_answer, event_in
from tests.fuzz.targets import Target, Wrong
from tests.support.unleashed_door import ORDER, NoticeDoor, notice, signed


def unleashed_webhook(data: bytes) -> int:
    """A body that is signed, through the door and up to the queue."""
    door = NoticeDoor()
    answered = door.answer(door.event(body=data))
    check_answer(door, answered, _check_message)
    if answered["statusCode"] not in ANSWERS - {202}:
        raise Wrong("an answer that is none of the door's", str(answered)[:200])
    outcome = json.loads(answered["body"]).get("outcome", "")
    if (outcome == "queued") != bool(door.sent):
        raise Wrong("taken and not sent, or sent and not taken", str(answered)[:200])
    if (outcome in {"queued", "not_needed"}) == bool(door.kept()):
        raise Wrong("kept though it was taken, or refused without a trace", str(answered)[:200])
    if outcome == "queued" and door.send(body=data)[1] != {"outcome": "repeated"}:
        raise Wrong("taken twice", str(answered)[:200])
    return int(answered["statusCode"])


def unleashed_webhook_event(data: bytes) -> int:
    """An event of the API, whatever it holds: nobody gets in but with a fresh signature."""
    event = event_in(data)
    door = NoticeDoor()
    answered = door.answer(event)
    check_answer(door, answered, _check_message)
    request = request_of(event, timestamp=TIMESTAMP_HEADER)
    came_in = answered["statusCode"] not in {401, 405}
    if came_in and signed(request.body, request.timestamp) not in str(event.get("headers")):
        raise Wrong("let in without a signature of body and time", str(answered)[:200])
    return int(answered["statusCode"])


def _check_message(text: str) -> None:
    """It asks for one record, by its id."""
    if sync_asked(text).key is None:
        raise Wrong("a message without a key runs the whole flow", text[:200])


def _events(door: NoticeDoor) -> tuple[bytes, ...]:
    events = (
        door.event(),
        door.event(key=None),
        door.event(key="wrong-" * 8),
        door.event(sent_ago=400),
        door.event(merchant="nobody"),
        door.event(body=b"\xff", headers={"content-type": "text/html"}),
    )
    return tuple(json.dumps(event).encode() for event in events)


SEEDS = tuple(
    json.dumps(told).encode()
    for told in (
        notice(),
        notice(data=json.dumps({"salesOrderGuid": ORDER})),
        notice(eventType="product.deleted", data={"productGuid": ORDER}),
        notice(eventType="customer.updated", data={"customerGuid": ORDER}),
        {name.capitalize(): value for name, value in notice().items()},
        {},
    )
)
UNLEASHED_DOOR: tuple[Target, ...] = (
    Target("unleashed-webhook", "json", unleashed_webhook, (int,), SEEDS),
    Target(
        "unleashed-webhook-event", "json", unleashed_webhook_event, (int,), _events(NoticeDoor())
    ),
)
