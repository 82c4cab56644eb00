"""A message of the store-refunds queue, read strictly; one that cannot be read is kept whole."""

from __future__ import annotations

import hashlib

from returns_hub.domain.refunds import STORE_SCHEMA_NAME, StoreRefund
from returns_hub.errors import Permanent
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT, read_message
from returns_hub.flows.world import Stores, park
from returns_hub.ports import ParkedItem

FLOW = "store_refund"
LONGEST_MESSAGE = 256 * 1024
"""Characters; a refund of the most lines has fewer."""


def parse(text: str) -> StoreRefund:
    """The message's refund.

    Raises:
        Permanent: It is none; the reason names what is wrong, in the contract's words.
    """
    return read_message(
        text, StoreRefund, about="refund", schema=STORE_SCHEMA_NAME, longest=LONGEST_MESSAGE
    )


def park_message(text: str, verdict: Permanent, stores: Stores) -> str:
    """Keep a message that cannot be worked on: it may be the only trace of a refund."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    park(
        stores,
        ParkedItem(
            merchant=UNKNOWN_MERCHANT,
            parked_id=f"{FLOW}/message/{digest}",
            flow=FLOW,
            code=verdict.code,
            reason=verdict.reason,
            subject="",
            payload=text,
        ),
    )
    return "parked"
