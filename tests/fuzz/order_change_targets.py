"""Entries where changes of orders come in: messages of the queue."""

from __future__ import annotations

import json
from datetime import UTC
from functools import cache
from typing import Any

from returns_hub.domain.relay.order_change import OrderChange
from returns_hub.errors import Retryable
from returns_hub.flows.relay.order_change_message import parse
from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import Target, Wrong, checked_reason, delivered, without_canaries, writable
from tests.support.order_change_worlds import ChangeBench

ENDINGS = frozenset({"cancelled", "skipped", "overruled", "known", "parked"})
MOST_VERSION = 200


@cache
def _message(**changes: Any) -> bytes:
    return ChangeBench().message(**changes).encode()


def order_change(data: bytes) -> OrderChange:
    """The message's change."""
    found = parse(delivered(data))
    writable(found)
    if found.occurred_at.tzinfo is not UTC or len(found.version) > MOST_VERSION:
        raise Wrong("a change cannot be kept", repr(found))
    if parse(found.to_json()) != found:
        raise Wrong("a change that is told again is another", repr(found))
    return found


def order_change_to_its_end(data: bytes) -> str:
    """The message through the whole flow, beside an order that can be cancelled, one in work and
    one that replaces the first: it ends in one way, and touches no order that it does not name."""
    bench = ChangeBench()
    orders = {"1001": bench.order("1001"), "1001-1": bench.order("1001-1")}
    orders["1002"] = bench.order("1002", status="PICKED")
    text = delivered(data)
    try:
        ended = bench.deliver(text)
    except Retryable:
        if bench.cancelled():
            raise Wrong("a change comes back that was carried out", "") from None
        raise
    if ended not in ENDINGS:
        raise Wrong("the flow ends in a way that is none", ended)
    if (ended == "cancelled") != bool(bench.cancelled()):
        raise Wrong("an order is cancelled by a change that is not carried out", ended)
    if bench.writes():
        told = parse(text)
        named = {orders.get(told.order), orders.get(told.replaced_by or "")}
        if not set(bench.cancelled()) <= {orders.get(told.order)}:
            raise Wrong("an order is cancelled that the change does not name", told.order)
        commented = {e["order_id"] for e in bench.journal("order-comment")}
        if not commented <= named:
            raise Wrong("an order is flagged that the change does not name", told.order)
    for item in bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(item.reason, item.code)
    for _, fields in bench.telemetry.lines:
        without_canaries(str(fields), "log line")
    before = bench.writes()
    if bench.deliver(text) not in {"known", "parked", "overruled"} or bench.writes() != before:
        raise Wrong("a change that comes again is carried out again", ended)
    return ended


ORDER_CHANGE_TARGETS: tuple[Target, ...] = (
    Target(
        "order-change",
        "json",
        order_change,
        (OrderChange,),
        (
            _message(),
            _message(kind="edited", replaced_by="1001-1"),
            json.dumps(json.loads(_message()) | {"customer": CANARIES[0]}).encode(),
        ),
    ),
    Target(
        "order-change-to-its-end",
        "json",
        order_change_to_its_end,
        (str,),
        (
            _message(),
            _message(order="1002"),
            _message(kind="edited", replaced_by="1001-1"),
            _message(kind="edited"),
        ),
    ),
)
