"""An approved return is announced to the warehouse: one external return for each shipment.

The order of steps, and why a crash between any two of them is harmless:

1. read the hub's state of the return, and the return itself;
2. decide whether it is ours to announce;
3. plan the shipments and write the plan to the timeline (`plan_return`). From here on a line
   belongs to one shipment, whatever the portal calls that shipment later;
4. for each planned shipment (`announce_shipments`): make the external return, tell the portal's
   timeline, record both.

Every write in step 4 is an operation of the ledger, so repeating the whole flow repeats nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from returns_hub.domain.eligibility import require_ours
from returns_hub.domain.events import ALWAYS_NEWS, BY_VERSION, TOLD_BY_WEBHOOK, ApprovedReturn
from returns_hub.domain.facts import Fact, Seen, Skipped
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import is_older
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Conflict, Permanent, Retryable, Skip
from returns_hub.flows.announce_shipments import announce_shipments, finish_what_may_exist, is_due
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.follow_return import note_changes
from returns_hub.flows.make_external_return import FLOW
from returns_hub.flows.miinto.rma_proof import require_proven
from returns_hub.flows.plan_return import plan_return
from returns_hub.flows.withdraw import withdrawal
from returns_hub.flows.world import World

BODY_IS_FRESH_FOR = timedelta(minutes=5)


def announce_return(event: ApprovedReturn, world: World) -> str:
    """Announce the goods of one approved return.

    Returns:
        A word for what was done: ``announced``, ``parked`` when a person is asked about one of its
        shipments, or ``shadow``.

    Raises:
        Skip: Nothing was to be done; the reason is on the timeline.
        Permanent: The return makes no sense to us.
        Retryable: Known not done; come back.
        UnknownOutcome: Come back when the claim's lease has ended.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        try:
            return _announce(event, world)
        except Conflict:
            continue
    raise Retryable("return.contended", "others keep changing this return", after=10)


def _announce(event: ApprovedReturn, world: World) -> str:
    mode = world.live.merchant.flows.create_external_returns.mode
    if mode is Mode.OFF:
        raise Skip("flow.off", "creating external returns is switched off for this merchant")
    state = world.stores.returns.load(world.merchant, event.return_id)
    if state.is_announced and not _is_news(event, state):
        raise Skip("return.already_announced", "every shipment has its external return")
    if _is_stale(event, state):
        raise Skip("event.stale", "the hub has seen this version of the return, or a newer one")
    if mode is Mode.LIVE:
        require_proven(world)
    portal_return = _read(event, state, world)
    state = note_changes(portal_return, state, world)
    seen = _seen(event, portal_return, state)
    approved_at = _approved_at(event, portal_return, state)
    try:
        require_ours(
            portal_return,
            world.live.merchant,
            approved_at=approved_at,
            is_known=bool(state.shipments),
        )
    except Skip as verdict:
        _leave(portal_return, state, world, verdict, seen)
        raise
    except Permanent:
        world.record(state, "eligibility", *seen)
        raise
    state = plan_return(
        portal_return, state, world, seen, approved_at=approved_at, shadow=mode is Mode.SHADOW
    )
    if mode is Mode.SHADOW:
        return "shadow"
    return announce_shipments(event, state, world)


def _is_news(event: ApprovedReturn, state: ReturnState) -> bool:
    """Whether the message may tell of goods that the plan does not hold yet."""
    known = state.portal_updated_at
    is_always = event.source in ALWAYS_NEWS
    return known is None or event.occurred_at > known or is_always


def _is_stale(event: ApprovedReturn, state: ReturnState) -> bool:
    """Whether the message tells of a version that was dealt with to its end.

    A shipment that is planned and not made is finished by whoever comes.
    """
    if event.source not in BY_VERSION or _is_news(event, state):
        return False
    return not any(is_due(shipment, event) for shipment in state.shipments)


def _approved_at(
    event: ApprovedReturn, portal_return: PortalReturn, state: ReturnState
) -> datetime:
    """When it was approved, as far as anybody tells.

    A webhook tells when the return was changed last. Of one that the hub does not know, that may be
    long after the old connector announced it; so the time counts at which it was made.
    """
    if event.source in TOLD_BY_WEBHOOK and not state.shipments:
        return portal_return.created_at
    return event.occurred_at


def _read(event: ApprovedReturn, state: ReturnState, world: World) -> PortalReturn:
    """The return: from the message's body while that is fresh, else from the portal."""
    now = world.stores.clock.now()
    if event.portal_return is not None and now - event.occurred_at <= BODY_IS_FRESH_FOR:
        told = world.portal.parse(event.portal_return, event.portal_order)
        if told.id != event.return_id:
            raise Permanent(
                "event.wrong_body", f"the message is about {event.return_id}, its body is not"
            )
        if state.portal_updated_at is None or told.updated_at >= state.portal_updated_at:
            return told
    return world.portal.read_return(event.return_id)


def _seen(event: ApprovedReturn, portal_return: PortalReturn, state: ReturnState) -> list[Fact]:
    known = state.portal_updated_at
    if known is not None and portal_return.updated_at <= known:
        return []
    worth = portal_return.worth
    return [
        Seen(
            source=event.source,
            return_type=portal_return.type,
            status=portal_return.status.value,
            portal_updated_at=portal_return.updated_at,
            order_names=() if state.forgotten else portal_return.order_names,
            value=worth.amount if worth else None,
            currency=worth.currency if worth else "",
        )
    ]


def _leave(
    portal_return: PortalReturn,
    state: ReturnState,
    world: World,
    verdict: Skip,
    seen: Sequence[Fact],
) -> None:
    """Finish what an earlier run began of a return that is not announced (any further), and record
    why it is not."""
    state = finish_what_may_exist(state, world)
    if is_older(portal_return, state):
        return
    facts = [*withdrawal(portal_return, state, world), *seen]
    if _is_our_own_doing(portal_return, state):
        world.record(state, "closed by what the hub sent", *facts)
    else:
        _record_skip(world, state, verdict, facts)


def _is_our_own_doing(portal_return: PortalReturn, state: ReturnState) -> bool:
    """Whether the return is closed because every line of it was sent by the hub, so that nothing
    was left undone."""
    sent = {
        line.line_id
        for batch in state.batches
        if batch.outcome == "processed"
        for line in batch.lines
    }
    lines = {line.id for line in portal_return.lines}
    return portal_return.is_closed and bool(lines) and lines <= sent


def _record_skip(world: World, state: ReturnState, verdict: Skip, seen: list[Fact]) -> None:
    """Once for each reason; that it was seen again is told, so that catching up knows it."""
    skipped = Skipped(flow=FLOW, code=verdict.code, reason=verdict.reason)
    more = () if state.skipped(verdict.code) else (skipped,)
    world.record(state, "eligibility", *seen, *more)
