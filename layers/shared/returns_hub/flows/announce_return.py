"""An approved return is announced to the warehouse: one external return for each shipment.

The order of steps, and why a crash between any two of them is harmless:

1. read the hub's state of the return, and the return itself;
2. decide whether it is ours to announce;
3. plan the shipments and write the plan to the timeline. From here on a line belongs to one
   shipment, whatever the portal calls that shipment later;
4. for each planned shipment: make the external return, tell the portal's timeline, record both.

Every write in step 4 is an operation of the ledger, so repeating the whole flow repeats nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.eligibility import is_before_live, require_ours
from returns_hub.domain.events import (
    ALWAYS_NEWS,
    BY_VERSION,
    REPLAY,
    TOLD_BY_WEBHOOK,
    ApprovedReturn,
    replay_of,
)
from returns_hub.domain.facts import (
    CommentAdded,
    ExternalReturnMade,
    Fact,
    Parked,
    Seen,
    ShipmentsPlanned,
    Skipped,
    WouldSend,
)
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import is_older
from returns_hub.domain.parked_ids import parked_shipment_id
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.shipments import Plan, PlannedShipment, plan_shipments
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.errors import Conflict, Permanent, Retryable, Skip, UnknownOutcome
from returns_hub.flows.adopt import adopt_shipments
from returns_hub.flows.comment import add_comment
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.follow_return import note_changes
from returns_hub.flows.make_external_return import create, find_made, goods_in_words
from returns_hub.flows.miinto.rma_proof import require_proven
from returns_hub.flows.products import products_of
from returns_hub.flows.unidentified import tell_of_goods_without_sku
from returns_hub.flows.withdraw import withdrawal
from returns_hub.flows.world import Noted, World

FLOW = "create_external_return"
BODY_IS_FRESH_FOR = timedelta(minutes=5)
NEW_RETURNS = "NewReturns"
"""Returns that were planned for the first time, over all merchants: what a cost is divided by."""


def announce_return(event: ApprovedReturn, world: World) -> str:
    """Announce the goods of one approved return.

    Returns:
        A word for what was done: ``announced`` or ``shadow``.

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
    try:
        require_ours(
            portal_return,
            world.live.merchant,
            approved_at=_approved_at(event, portal_return, state),
            is_known=bool(state.shipments),
        )
    except Skip as verdict:
        state = _finish_what_may_exist(state, world)
        if not is_older(portal_return, state):
            facts = [*withdrawal(portal_return, state, world), *_seen(event, portal_return, state)]
            if _is_our_own_doing(portal_return, state):
                world.record(state, "closed by what the hub sent", *facts)
            else:
                _record_skip(world, state, verdict, facts)
        raise
    except Permanent:
        world.record(state, "eligibility", *_seen(event, portal_return, state))
        raise
    state = _plan(event, portal_return, state, world, shadow=mode is Mode.SHADOW)
    if mode is Mode.SHADOW:
        return "shadow"
    return _carry_out(event, state, world)


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
    return not any(_is_due(shipment, event) for shipment in state.shipments)


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


def _plan(
    event: ApprovedReturn,
    portal_return: PortalReturn,
    state: ReturnState,
    world: World,
    *,
    shadow: bool,
) -> ReturnState:
    """Write the plan for lines that have none yet; the state afterwards.

    Raises:
        Skip: Nothing of this return goes to a warehouse.
    """
    facts = _seen(event, portal_return, state)
    try:
        plan = plan_shipments(
            portal_return,
            world.live.merchant.mintsoft,
            taken=state.planned_lines,
            used={shipment.key for shipment in state.shipments},
        )
    except Permanent:
        world.record(state, "plan shipments", *facts)
        raise
    facts += tell_of_goods_without_sku(plan, state, world)
    homeless = [shipment for shipment in plan.shipments if shipment.warehouse_id is None]
    facts += [
        Skipped(flow=FLOW, code="warehouse.unmapped", reason=s.reason, subject=s.key)
        for s in homeless
        if not state.skipped("warehouse.unmapped", s.key)
    ]
    going = tuple(shipment for shipment in plan.shipments if shipment.warehouse_id is not None)
    if going and is_before_live(world.live.merchant, _approved_at(event, portal_return, state)):
        facts += adopt_shipments(going, plan.left_off, portal_return, world)
    elif going:
        facts.append(ShipmentsPlanned(shipments=going, left_off=plan.left_off, shadow=shadow))
        if shadow:
            facts += _would_send(going, world)
    if not going and not state.shipments:
        return _nothing_to_announce(plan, homeless, state, facts, world)
    is_new = not state.shipments and not shadow
    state = world.record(state, "plan shipments", *facts)
    if is_new:
        world.stores.telemetry.count(NEW_RETURNS)
    return state


def _nothing_to_announce(
    plan: Plan,
    homeless: list[PlannedShipment],
    state: ReturnState,
    facts: list[Fact],
    world: World,
) -> ReturnState:
    if homeless:
        verdict = Skip("warehouse.unmapped", homeless[0].reason)
    else:
        kept = plan.left_off[0].reason if plan.left_off else "no line is left to announce"
        verdict = Skip("return.nothing_to_announce", f"no goods are on their way: {kept}")
        if not state.skipped(verdict.code):
            facts.append(ShipmentsPlanned(left_off=plan.left_off))
            facts.append(Skipped(flow=FLOW, code=verdict.code, reason=verdict.reason))
    world.record(state, "plan shipments", *facts)
    raise verdict


def _would_send(going: tuple[PlannedShipment, ...], world: World) -> list[Fact]:
    facts: list[Fact] = []
    for shipment in going:
        ids = products_of(shipment.lines, world)
        goods = goods_in_words(shipment)
        missing = [line.sku for line in shipment.lines if line.sku not in ids]
        unknown = f"; unknown in Mintsoft: {', '.join(missing)}" if missing else ""
        summary = f"external return {shipment.reference} in warehouse {shipment.warehouse_id}"
        facts.append(
            WouldSend(
                partner="mintsoft",
                operation="create external return",
                summary=f"{summary}: {goods}{unknown}",
            )
        )
        portal = world.live.merchant.portal
        if world.portal.abilities.takes_comments:
            told = f"about {summary}"
            facts.append(WouldSend(partner=portal, operation="comment", summary=told))
    return facts


def _carry_out(event: ApprovedReturn, state: ReturnState, world: World) -> str:
    """Make what is planned and not made. One shipment's trouble does not stop the others."""
    later: Retryable | UnknownOutcome | None = None
    for shipment in state.shipments:
        if not _is_due(shipment, event):
            continue
        try:
            state = _announce_shipment(shipment, state, world)
        except Permanent as verdict:
            state = _park(shipment, verdict, state, world)
        except (Retryable, UnknownOutcome) as verdict:
            later = verdict
    if later is not None:
        raise later
    return "parked" if state.is_parked else "announced"


def _is_due(shipment: ShipmentState, event: ApprovedReturn) -> bool:
    if shipment.external_return_id is not None and shipment.commented:
        return False
    if shipment.discarded or shipment.parked:
        return False
    return not shipment.shadow or event.source == REPLAY


def _announce_shipment(shipment: ShipmentState, state: ReturnState, world: World) -> ReturnState:
    """Make the external return and tell the portal; both are recorded by one write.

    Between the two the ledger alone knows what was made. Whoever comes after a crash there learns
    it from the ledger, and records it.
    """
    noted: list[Noted] = []
    external_return_id = shipment.external_return_id
    if external_return_id is None:
        made = _made(shipment, state.return_id, world)
        noted.append(Noted("one external return per shipment", made, world.stores.clock.now()))
        external_return_id = made.external_return_id
    planned = shipment.planned
    text = (
        f"Mintsoft external return {external_return_id} is announced to warehouse "
        f"{planned.warehouse_id}: {goods_in_words(planned)}."
    )
    about = f"announced/{shipment.key}"
    try:
        add_comment(world, state.return_id, about, text, retry_rejected=shipment.replays > 0)
    except Exception:
        # The portal may be away for hours, and the goods must not arrive before they are known.
        _record(noted, state, world)
        raise
    told = CommentAdded(about=shipment.key)
    if not world.portal.abilities.takes_comments:
        told = CommentAdded(about=shipment.key, where="hub")
    return _record([*noted, Noted("tell the portal", told, world.stores.clock.now())], state, world)


def _made(shipment: ShipmentState, return_id: str, world: World) -> ExternalReturnMade:
    done = create(shipment, return_id, world)
    return ExternalReturnMade(
        shipment=shipment.key,
        external_return_id=int(done.partner_id),
        how="looked_up" if done.how == "looked_up" else "sent",
    )


def _record(noted: list[Noted], state: ReturnState, world: World) -> ReturnState:
    state = world.record_all(state, *noted)
    for made in (one.fact for one in noted):
        if isinstance(made, ExternalReturnMade):
            world.stores.telemetry.count(
                "ExternalReturns", merchant=world.merchant, outcome=made.how
            )
    return state


def _finish_what_may_exist(state: ReturnState, world: World) -> ReturnState:
    """For a return that is not announced any further: find records whose create had no answer.

    Nothing is sent. Without this a record could stay in the warehouse that no timeline knows.
    """
    for shipment in state.shipments:
        gone = shipment.shadow or shipment.parked or shipment.discarded
        if shipment.external_return_id is None and not gone:
            found = find_made(shipment, state.return_id, world)
            if found is not None:
                made = ExternalReturnMade(
                    shipment=shipment.key, external_return_id=found, how="looked_up"
                )
                state = world.record(state, "one external return per shipment", made)
    return state


def _park(
    shipment: ShipmentState, verdict: Permanent, state: ReturnState, world: World
) -> ReturnState:
    parked_id = parked_shipment_id(state.return_id, shipment.key)
    thin = replay_of(world.merchant, state.return_id, world.stores.clock.now())
    world.park(FLOW, parked_id, verdict, subject=state.return_id, payload=thin)
    if shipment.parked == parked_id:
        return state
    parked = Parked(
        flow=FLOW,
        parked_id=parked_id,
        code=verdict.code,
        reason=verdict.reason,
        subject=shipment.key,
    )
    return world.record(state, "known refused", parked)
