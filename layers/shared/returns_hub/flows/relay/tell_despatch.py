"""One message of the despatches queue, from its text to its end: a target has the event, or not.

Each revision is told to each target once, by the ledger. Messages come twice, late and in any
order; an older revision is never told after a newer one. Whoever tells one first closes all that
are older: what was not claimed never will be, and what is in others' hands is waited for. And
whoever holds a claim looks, before it sends, whether a newer revision was planned meanwhile. A
newer one is planned before it is on the queue, so one of the two always sees the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import (
    Claim,
    HeldElsewhere,
    Inconclusive,
    LookUp,
    NotFound,
    Operation,
    OperationState,
    Settled,
    tell_despatch_key,
)
from returns_hub.domain.relay.despatch import RelayedDespatch, event_id_of
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.domain.relay.telling import told_by
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.queue_message import park_message
from returns_hub.flows.relay.despatch_message import FLOW, parked_id_of, parse
from returns_hub.flows.relay.despatches import NAME
from returns_hub.flows.world import Stores, World
from returns_hub.ports.relay import DespatchTarget
from returns_hub.ports.sync import SyncStore

GIVE_UP_SECONDS = 72 * 3600.0
"""So long a telling without a clear answer is repeated; then a person is asked."""
NOT_LIVE_SECONDS = 900.0
SUPERSEDED = "relay.superseded"


@dataclass(frozen=True)
class RelayDesk:
    """What telling a merchant's targets needs.

    Args:
        world: The merchant's.
        records: Timelines of its despatches.
        target_of: Whoever is told, as the file describes it.
    """

    world: World
    records: SyncStore
    target_of: Callable[[RelayTarget], DespatchTarget]


def tell_despatch(text: str, stores: Stores, desk_of: Callable[[str], RelayDesk]) -> str:
    """Handle one message.

    Args:
        text: The message's body, as it came.
        stores: The hub's own stores.
        desk_of: A merchant's desk; raises Permanent for a merchant that is unknown.

    Returns:
        ``told``, ``known`` (told before), ``superseded`` (a newer revision is, or will be, told) or
        ``parked``.

    Raises:
        Retryable: Known not done; the message is to come back.
        UnknownOutcome: The message is to come back when the claim's lease has ended.
    """
    try:
        asked = parse(text)
        desk = desk_of(asked.merchant)
    except Permanent as verdict:
        return park_message(text, verdict, stores, flow=FLOW)
    try:
        outcome = _told(asked, desk)
    except Permanent as verdict:
        desk.world.park(
            FLOW,
            parked_id_of(asked),
            verdict,
            subject=f"despatch {asked.despatch.id} to {asked.target}",
            payload=text,
        )
        outcome = "parked"
    except Retryable as verdict:
        desk.world.tell_if_misconfigured(verdict)
        raise
    stores.telemetry.count("DespatchesTold", merchant=asked.merchant, outcome=outcome)
    return outcome


def _told(asked: RelayedDespatch, desk: RelayDesk) -> str:
    world, despatch = desk.world, asked.despatch
    relay = world.live.merchant.despatch_relay
    target = next((one for one in relay.targets if one.name == asked.target), None)
    if target is None:
        raise Permanent(
            "relay.no_such_target",
            f"despatch_relay.targets names no {asked.target} any more: discard this, or name it "
            "again and replay",
        )
    if relay.mode is not Mode.LIVE:
        raise Retryable(
            "relay.not_live",
            f"despatch_relay.mode is {relay.mode.value}; what is on the queue waits for live",
            after=NOT_LIVE_SECONDS,
        )
    there = desk.target_of(target)
    there.require_open()
    _close_older(asked, world)

    def send(by: datetime) -> str:
        _require_newest(asked, desk)
        return there.tell(despatch, by)

    def look_up(claim: Claim) -> LookUp:
        return _look_up(claim, asked, target, world)

    try:
        done = world.run(_operation(asked, world), send=send, look_up=look_up)
    except Permanent as verdict:
        if verdict.code == SUPERSEDED:
            return "superseded"
        raise
    return "told" if done.how == "sent" else "known"


def _operation(asked: RelayedDespatch, world: World, revision: int | None = None) -> Operation:
    despatch = asked.despatch
    is_this = revision is None
    event_id = despatch.id if is_this else event_id_of(despatch.despatch_id, revision or 0)
    return world.operation(
        tell_despatch_key(asked.merchant, asked.target, event_id),
        settle=0.0,
        give_up=0.0,
        retry_rejected=is_this and asked.retry,
    )


def _look_up(claim: Claim, asked: RelayedDespatch, target: RelayTarget, world: World) -> LookUp:
    """A receiver cannot be asked. It takes an id once, so that telling it again is harmless, and
    `NotFound` lets it be told again: where the file does not have a person decide (`answer_lost`),
    and for as long as that is no use."""
    if asked.send_again:
        return NotFound()
    if target.answer_lost == "ask":
        return Inconclusive(
            f"{target.name} gave no clear answer; look there whether it has {asked.despatch.id}, "
            "then discard this, or replay it with --send-again"
        )
    if world.stores.clock.now() - claim.first_claimed_at >= timedelta(seconds=GIVE_UP_SECONDS):
        return Inconclusive(f"{target.name} gave no clear answer for three days")
    return NotFound()


def _close_older(asked: RelayedDespatch, world: World) -> None:
    """See to it that no older revision is told from here on.

    Raises:
        Retryable: One is being told now.
    """
    ledger, owner = world.stores.ledger, world.stores.owner
    for revision in range(1, asked.despatch.revision):
        operation = _operation(asked, world, revision)
        claim = ledger.claim(operation, owner)
        if isinstance(claim, Settled):
            continue
        if isinstance(claim, HeldElsewhere):
            left = (claim.lease_until - world.stores.clock.now()).total_seconds()
            reason = "an older revision is being told"
            raise Retryable("relay.older_in_work", reason, after=max(left, 0.0) + 1.0)
        try:
            ledger.settle(
                claim, OperationState.REJECTED, code=SUPERSEDED, reason="a newer revision is told"
            )
        except Conflict:
            raise Retryable("relay.older_in_work", "others are at it", after=10) from None


def _require_newest(asked: RelayedDespatch, desk: RelayDesk) -> None:
    """Under the claim.

    Raises:
        Permanent: A newer revision was planned for this target.
    """
    state = desk.records.load(asked.merchant, NAME, str(asked.despatch.mintsoft_order_id))
    newest = told_by(state, asked.target)
    if newest is not None and newest.revision > asked.despatch.revision:
        raise Permanent(SUPERSEDED, f"revision {newest.revision} is newer")
