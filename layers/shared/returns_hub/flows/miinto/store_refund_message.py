"""A message of the store-refunds queue, read strictly; one that cannot be read is kept whole."""

from __future__ import annotations

from returns_hub.domain.refunds import STORE_SCHEMA_NAME, StoreRefund
from returns_hub.flows.queue_message import read_message

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
