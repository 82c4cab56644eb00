"""A message of the despatches queue, read strictly; one that cannot be read is kept whole."""

from __future__ import annotations

from returns_hub.domain.relay.despatch import RELAYED, RelayedDespatch
from returns_hub.errors import Permanent
from returns_hub.flows.queue_message import read_message

FLOW = "relay.tell"
LONGEST_MESSAGE = 1024 * 1024
"""Characters; SQS takes no more."""


def parse(text: str) -> RelayedDespatch:
    """The message's despatch and whom it is for.

    Raises:
        Permanent: It is none; the reason names what is wrong, in the contract's words.
    """
    return read_message(
        text, RelayedDespatch, about="despatch", schema=RELAYED, longest=LONGEST_MESSAGE
    )


def asked_again(text: str, *, send_again: bool) -> str:
    """The message that does a parked one again, as a person wants it; one that cannot be read goes
    as it is, to be read by the release that runs then."""
    try:
        asked = parse(text)
    except Permanent:
        return text
    return asked.model_copy(update={"retry": True, "send_again": send_again}).to_json()


def parked_id_of(asked: RelayedDespatch) -> str:
    """The id, in the list of parked work, of what could not be told."""
    return f"{FLOW}/{asked.target}/{asked.despatch.id}"
