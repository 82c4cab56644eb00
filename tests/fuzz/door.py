"""The webhook's door as entries: what the portal sends, and events of the API as such."""

from __future__ import annotations

import json

from returns_hub.adapters.gateway.http_api import request_of
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.deliveries import pruned, read_delivery
from returns_hub.domain.webhooks import Delivery
from returns_hub.flows.receive_approved_return import parse
from tests.fuzz.bodies import BODIES, ORDER, RETURN
from tests.fuzz.door_checks import ANSWERS, check_answer, event_in
from tests.fuzz.targets import Refused, Target, Wrong
from tests.support.doors import (
    TOKEN,
    DoorBench,
    LoopDoorBench,
    delivery,
    loop_delivery,
    signature,
)


def redo_delivery(data: bytes) -> Delivery:
    """A delivery's JSON alone."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    return read_delivery(content)


def webhook(data: bytes) -> int:
    """A body that comes with the right token, through the door and up to the queue."""
    return _delivered(DoorBench(), data)


def loop_webhook(data: bytes) -> int:
    """A body that is signed, through the door for Loop's shape and up to the queue."""
    return _delivered(LoopDoorBench(), data)


def _delivered(door: DoorBench, data: bytes) -> int:
    answered = door.answer(door.event(body=data))
    check_answer(door, answered, _check_message)
    if answered["statusCode"] not in ANSWERS:
        raise Wrong("an answer that is none of the door's", str(answered)[:200])
    if (answered["statusCode"] == 202) != bool(door.sent):
        raise Wrong("taken and not sent, or sent and not taken", str(answered)[:200])
    is_kept = bool(door.kept())
    if answered["statusCode"] not in {200, 202} and not is_kept:
        raise Wrong("refused without a trace", str(answered)[:200])
    return int(answered["statusCode"])


def webhook_event(data: bytes) -> int:
    """An event of the API, whatever it holds: nobody gets in without the token."""
    event = event_in(data)
    door = DoorBench()
    answered = door.answer(event)
    check_answer(door, answered, _check_message)
    came_in = answered["statusCode"] not in {401, 405}
    if came_in and TOKEN not in str(event.get("headers")):
        raise Wrong("let in without the token", str(answered)[:200])
    return int(answered["statusCode"])


def loop_webhook_event(data: bytes) -> int:
    """As above at the door for Loop's shape: nobody gets in with another body than was signed."""
    event = event_in(data)
    door = LoopDoorBench()
    answered = door.answer(event)
    check_answer(door, answered, _check_message)
    shown = str(event.get("headers"))
    came_in = answered["statusCode"] not in {401, 405}
    if came_in and signature(request_of(event).body, TOKEN) not in shown:
        raise Wrong("let in without a signature of the body", str(answered)[:200])
    return int(answered["statusCode"])


def _check_message(text: str) -> None:
    """Nothing that came is in it but what the hub reads."""
    event = parse(text)
    for model, body in (
        (models.Return, event.portal_return),
        (models.Order, event.portal_order),
    ):
        if body is not None and pruned(model, body) != body:
            raise Wrong("the message holds what is not read", text[:200])


def _seeds() -> tuple[bytes, ...]:
    bodies = [
        delivery(),
        delivery(RETURN, order=ORDER),
        *(delivery(body["return"], order=body["order"], type="backfill") for body in BODIES),
        {"topic": "return", "trigger": "return.updated", "id": 5},
    ]
    return tuple(json.dumps(body).encode() for body in bodies)


LOOP_SEEDS = tuple(
    json.dumps(loop_delivery(**changes)).encode()
    for changes in (
        {},
        {"updated_at": "2026-03-02T08:50:00Z", "redo_id": "66aa01f0c0ffee0000000001"},
        {"topic": "label", "trigger": "label.updated", "return_id": 1673},
        {"topic": "giftcard"},
        {"trigger": "return.processing.failed"},
    )
)


def _events(door: DoorBench) -> tuple[bytes, ...]:
    events = (
        door.event(),
        door.event(token=None),
        door.event(token="wrong-" * 8),
        door.event(merchant="nobody"),
        door.event(body=b"\xff", headers={"content-type": "text/html"}),
    )
    return tuple(json.dumps(event).encode() for event in events)


DOOR: tuple[Target, ...] = (
    Target("redo-delivery", "json", redo_delivery, (Delivery,), _seeds()),
    Target("webhook", "json", webhook, (int,), _seeds()),
    Target("webhook-event", "json", webhook_event, (int,), _events(DoorBench())),
    Target("loop-webhook", "json", loop_webhook, (int,), LOOP_SEEDS),
    Target("loop-webhook-event", "json", loop_webhook_event, (int,), _events(LoopDoorBench())),
)
