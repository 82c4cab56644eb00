"""A message of the queue of changed orders, read strictly; one that is no good is kept whole."""

from __future__ import annotations

from returns_hub.domain.relay.order_change import SCHEMA_NAME, OrderChange, change_that_counts
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Permanent
from returns_hub.flows.parked import park
from returns_hub.flows.queue_message import read_message
from returns_hub.flows.world import Stores
from returns_hub.ports import ParkedItem

FLOW = "relay.order_changes"
"""Also whose timelines there are: one for each order that changed."""
PARKED_AS = "order_change"
"""How ids of parked work begin."""
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


def park_change(change: OrderChange, verdict: Permanent, stores: Stores) -> str:
    """Keep a change that was refused before anything stands on its order's timeline."""
    park(
        stores,
        ParkedItem(
            merchant=change.merchant,
            parked_id=f"{PARKED_AS}/change/{change.id}",
            flow=FLOW,
            code=verdict.code,
            reason=verdict.reason,
            subject=f"order {change.order}",
            payload=change.to_json(),
        ),
    )
    return "parked"


def message_of(state: SyncState) -> str | None:
    """The change that counts of an order, as a message; None when its timeline has none."""
    change = change_that_counts(state)
    return None if change is None else change.to_json()
