"""What is planned of a return is made: for each shipment the external return, and the portal told.

Every write is an operation of the ledger, so that a crash between any two steps is harmless.
"""

from __future__ import annotations

from returns_hub.domain.events import REPLAY, ApprovedReturn, replay_of
from returns_hub.domain.facts import CommentAdded, ExternalReturnMade, Parked
from returns_hub.domain.parked_ids import parked_shipment_id
from returns_hub.domain.state import ReturnState, ShipmentState
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.comment import add_comment
from returns_hub.flows.make_external_return import FLOW, create, find_made, goods_in_words
from returns_hub.flows.world import Noted, World


def announce_shipments(event: ApprovedReturn, state: ReturnState, world: World) -> str:
    """Make what is planned and not made. One shipment's trouble does not stop the others.

    Returns:
        ``announced``, or ``parked`` when a person is asked about one of them.

    Raises:
        Retryable: Of one it is known that it was not done; come back.
        UnknownOutcome: One may have been done; come back when the claim's lease has ended.
        Conflict: Somebody else changed the return.
    """
    later: Retryable | UnknownOutcome | None = None
    for shipment in state.shipments:
        if not is_due(shipment, event):
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


def is_due(shipment: ShipmentState, event: ApprovedReturn) -> bool:
    """Whether something of a planned shipment is left to be done for this message."""
    if shipment.external_return_id is not None and shipment.commented:
        return False
    if shipment.discarded or shipment.parked:
        return False
    return not shipment.shadow or event.source == REPLAY


def finish_what_may_exist(state: ReturnState, world: World) -> ReturnState:
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
