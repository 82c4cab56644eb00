"""What holds of every request at every door, and how an entry's bytes become an event."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.fuzz.targets import Refused, Wrong, checked_reason, without_canaries
from tests.support.doors import DoorBench
from tests.support.unleashed_door import NoticeDoor

ANSWERS = frozenset({200, 202, 400, 413, 415})


def event_in(data: bytes) -> dict[str, Any]:
    """The event of the HTTP API that the bytes hold."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    if not isinstance(event, dict):
        raise Refused("not an event")
    return event


def check_answer(
    door: DoorBench | NoticeDoor, answered: dict[str, Any], check_message: Callable[[str], None]
) -> None:
    """No partner is asked, and nothing is told that came but what the queue's messages may hold."""
    if door.partner_calls():
        raise Wrong("the door asked a partner", "")
    without_canaries(answered["body"], "answer")
    for metric, _, dimensions in door.bench.telemetry.counts:
        without_canaries(f"{metric} {dimensions}", "metric")
    without_canaries(str(door.bench.telemetry.lines), "log line")
    for item in door.bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(item.reason + item.payload + item.parked_id, item.code)
    for text in door.sent:
        check_message(text)
