"""One message of the approved-returns queue, from its text to its end.

Whatever the message holds, it ends announced, skipped, parked, or comes back later; it is never
dropped without a trace and never stops the rest of its batch.
"""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.domain.events import SCHEMA_NAME, ApprovedReturn, replay_of
from returns_hub.domain.facts import Parked
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable, Skip
from returns_hub.flows.announce_return import announce_return
from returns_hub.flows.make_external_return import FLOW
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.queue_message import park_message, read_message
from returns_hub.flows.world import Stores, World

LONGEST_MESSAGE = 1024 * 1024
"""Characters; Amazon SQS takes no larger message."""


def receive_approved_return(text: str, stores: Stores, world_of: Callable[[str], World]) -> str:
    """Handle one message.

    Args:
        text: The message's body, as it came.
        stores: The hub's own stores.
        world_of: Builds the world of a merchant; raises Permanent for an unknown one.

    Returns:
        How it ended: ``announced``, ``shadow``, ``skipped`` or ``parked``.

    Raises:
        Retryable: Known not done; the message is to come back.
        UnknownOutcome: The message is to come back when the claim's lease has ended.
    """
    try:
        event = parse(text)
    except Permanent as verdict:
        return park_message(text, verdict, stores, flow=FLOW)
    try:
        world = world_of(event.merchant).for_return(event.return_id)
    except Permanent as verdict:
        # Its return is known: it is kept without its bodies, which the portal still has.
        thin = replay_of(event.merchant, event.return_id, event.occurred_at)
        subject = event.return_id
        return park_message(text, verdict, stores, flow=FLOW, subject=subject, payload=thin)
    except Misconfigured:
        # E.g. the merchant's file cannot be read: the message waits, and somebody is told.
        stores.telemetry.count(OPERATOR_NEEDED)
        raise
    try:
        world.require_partners()
        outcome = announce_return(event, world)
    except Skip as verdict:
        stores.telemetry.log(
            "skipped",
            merchant=event.merchant,
            return_id=event.return_id,
            code=verdict.code,
            reason=verdict.reason,
        )
        outcome = "skipped"
    except Permanent as verdict:
        outcome = _park_return(event, verdict, world)
    except Retryable as verdict:
        world.tell_if_misconfigured(verdict)
        raise
    stores.telemetry.count("ApprovedReturns", merchant=event.merchant, outcome=outcome)
    return outcome


def parse(text: str) -> ApprovedReturn:
    """The message's event.

    Raises:
        Permanent: It is none; the reason names what is wrong, in the contract's words.
    """
    return read_message(
        text, ApprovedReturn, about="event", schema=SCHEMA_NAME, longest=LONGEST_MESSAGE
    )


def _park_return(event: ApprovedReturn, verdict: Permanent, world: World) -> str:
    """Park the whole return, with a thin event that can be replayed."""
    parked_id = f"{FLOW}/{event.return_id}"
    thin = replay_of(event.merchant, event.return_id, event.occurred_at)
    world.park(FLOW, parked_id, verdict, subject=event.return_id, payload=thin)
    state = world.stores.returns.load(world.merchant, event.return_id)
    if state.parked != parked_id:
        parked = Parked(flow=FLOW, parked_id=parked_id, code=verdict.code, reason=verdict.reason)
        try:
            world.record(state, "known refused", parked)
        except Conflict:
            raise Retryable("return.contended", "others keep changing this return") from None
    return "parked"
