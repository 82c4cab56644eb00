"""A message of the queue of changed orders, read strictly; one that is no good is kept whole."""

from __future__ import annotations

import hashlib

from returns_hub.domain.relay.order_change import SCHEMA_NAME, OrderChange, change_that_counts
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Permanent
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT, read_message
from returns_hub.flows.world import Stores, park
from returns_hub.ports import ParkedItem

FLOW = "relay.order_changes"
"""Also whose timelines there are: one for each order that changed."""
LONGEST_MESSAGE = 16 * 1024
"""Characters; no change has so many."""


def parse(text: str) -> OrderChange:
    """The message's change.

    Raises:
        Permanent: It is none; the reason names what is wrong, in the contract's words.
    """
    return read_message(
        text, OrderChange, about="order_change", schema=SCHEMA_NAME, longest=LONGEST_MESSAGE
    )


def park_message(text: str, verdict: Permanent, stores: Stores) -> str:
    """Keep a message that cannot be worked on: it may be the only trace of a cancellation."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    _park(UNKNOWN_MERCHANT, f"order_change/message/{digest}", "", text, verdict, stores)
    return "parked"


def park_change(change: OrderChange, verdict: Permanent, stores: Stores) -> str:
    """Keep a change that was refused before anything stands on its order's timeline."""
    parked_id = f"order_change/change/{change.id}"
    subject = f"order {change.order}"
    _park(change.merchant, parked_id, subject, change.to_json(), verdict, stores)
    return "parked"


def message_of(state: SyncState) -> str | None:
    """The change that counts of an order, as a message; None when its timeline has none."""
    change = change_that_counts(state)
    return None if change is None else change.to_json()


def _park(  # noqa: PLR0917 - an item, in its order
    merchant: str, parked_id: str, subject: str, text: str, verdict: Permanent, stores: Stores
) -> None:
    park(
        stores,
        ParkedItem(
            merchant=merchant,
            parked_id=parked_id,
            flow=FLOW,
            code=verdict.code,
            reason=verdict.reason,
            subject=subject,
            payload=text,
        ),
    )
