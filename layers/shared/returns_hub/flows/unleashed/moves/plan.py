"""What is to be done about a transfer or an assembly.

The order and the ASN are made together: the destination is told of what comes as early as the
source, and neither waits for the other, so that nothing is late. What completes it in the ERP is
the ASN's booking alone, and only where exactly its units came.
"""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.moves import (
    Move,
    difference,
    is_known_status,
    move_problem,
    units,
)
from returns_hub.domain.unleashed.names import ASN, CONFIRM, ORDER
from returns_hub.domain.warehouse_asns import Asn, AsnStage
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.before_live import is_of_before, of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves.source import MoveFlow, Standing
from returns_hub.flows.unleashed.moves.steps import (
    COMPLETE,
    asn_step,
    complete_step,
    order_step,
)
from returns_hub.flows.unleashed.shared_steps import confirm_step
from returns_hub.flows.unleashed.warehouse_problems import require_place

WAITS, BOOKED, COMPLETED, OVER = "waits", "booked_in", "completed", "over"
"""Outcomes: the warehouse has to do its part; a person completes it in the ERP; it is completed
there and the warehouse is not done; nothing is left to do."""
TAKEN_BACK = "taken_back"


def plan_move(world: ErpWorld, flow: MoveFlow, standing: Standing, state: SyncState) -> Plan:
    """See `flows.sync.shape.Source.plan`."""
    move = standing.move
    if not state.was_begun:
        _require_ours(world, flow, move)
    if move.is_deleted:
        return _deleted(standing, state)
    problem = move_problem(move)
    if problem:
        raise Permanent("unleashed.move", problem)
    steps = tuple(_making(world, flow, standing, state))
    if steps or _is_new(standing, state):
        # It is read once more when they are taken: the ASN may be booked in before it is known.
        return Plan(steps, outcome=WAITS, again=True)
    return _followed(world, flow, standing, state)


def _require_ours(world: ErpWorld, flow: MoveFlow, move: Move) -> None:
    """Raise Skip for one that was not begun and is not to be."""
    if move.is_deleted:
        raise Skip("unleashed.deleted", f"{move.title} is deleted")
    if not flow.is_wanted(move):
        if not is_known_status(move):
            raise Skip(
                "unleashed.unknown_status",
                f"{move.title} has the status {move.status[:30]}, which the hub does not know",
            )
        raise Skip("unleashed.status", f"{move.title} has a status that is not imported")
    made = move.created_at or move.modified_at
    if is_of_before(world, made, if_unknown=True):
        raise of_before(move.title)


# -- making ---------------------------------------------------------------------------------


def _making(
    world: ErpWorld, flow: MoveFlow, standing: Standing, state: SyncState
) -> Iterator[Step]:
    """The steps at the warehouse that are not done.

    Raises:
        Skip: Neither warehouse is in this Mintsoft, or none for which the file wants anything.
    """
    move = standing.move
    source = require_place(world, move.source_code)
    destination = require_place(world, move.destination_code)
    wants_order = flow.orders and source is not None
    wants_asn = flow.asns and destination is not None
    if not state.was_begun and not (wants_order or wants_asn):
        raise Skip("unleashed.elsewhere", f"what {move.title} would do here is done elsewhere")
    if source is not None and _is_to_do(ORDER, flow, move, state, wanted=wants_order):
        yield order_step(world, flow, move, state, source)
    is_asn_to_do = _is_to_do(ASN, flow, move, state, wanted=wants_asn)
    if destination is not None and is_asn_to_do:
        yield asn_step(world, move, state, destination)
    is_draft = standing.asn is not None and standing.asn.stage is AsnStage.DRAFT
    is_expected = world.connection.asns_awaiting_delivery and (is_asn_to_do or is_draft)
    if state.is_open(CONFIRM) or (is_expected and not state.done(CONFIRM)):
        yield confirm_step(world, flow.name, move.guid, move.title)


def _is_to_do(name: str, flow: MoveFlow, move: Move, state: SyncState, *, wanted: bool) -> bool:
    """Whether a step is to be taken, or gone on with. A move that was finished meanwhile, or has
    another status, gets nothing more."""
    if state.done(name):
        return False
    return state.is_open(name) or (wanted and flow.is_wanted(move))


def _is_new(standing: Standing, state: SyncState) -> bool:
    """Whether the order or the ASN became known after the warehouse was read."""
    unread_asn = standing.asn is None and not standing.asn_is_gone
    return (state.done(ORDER) and standing.orders is None) or (state.done(ASN) and unread_asn)


# -- following ------------------------------------------------------------------------------


def _followed(world: ErpWorld, flow: MoveFlow, standing: Standing, state: SyncState) -> Plan:
    move, asn = standing.move, standing.asn
    if state.is_open(COMPLETE):
        return Plan((complete_step(flow, move),), outcome=COMPLETED)
    if asn is not None and asn.has_ended:
        _require_all_came(world, move, asn)
    if move.is_completed or state.done(COMPLETE):
        return Plan(outcome=OVER if standing.is_over else COMPLETED)
    _require_there(standing)
    if asn is not None and asn.has_ended:
        return _booked_in(flow, standing)
    if asn is not None and asn.stage is AsnStage.DISCREPANCY:
        raise Permanent(
            "unleashed.asn_discrepancy",
            f"Mintsoft holds up ASN {asn.reference} of {move.title} with a discrepancy; when it is "
            "settled there, replay",
        )
    _require_unchanged(standing, state)
    return Plan(outcome=WAITS)


def _booked_in(flow: MoveFlow, standing: Standing) -> Plan:
    if not flow.completes:
        return Plan(outcome=BOOKED)
    why_not = flow.cannot_complete(standing.move)
    if why_not:
        raise Permanent("unleashed.cannot_complete", why_not)
    return Plan((complete_step(flow, standing.move),), outcome=COMPLETED)


def _require_all_came(world: ErpWorld, move: Move, asn: Asn) -> None:
    """Raise Permanent unless exactly the move's units are booked in."""
    came = asn.booked_in(world.world.live.merchant.mintsoft.goods.booked_quantity)
    if came is None:
        raise Permanent(
            "unleashed.asn_unclear",
            f"ASN {asn.reference} of {move.title} is booked in, and Mintsoft's two numbers of what "
            "came differ; say mintsoft.goods.booked_quantity, then replay",
        )
    other = difference(units(move.brought), came)
    if not other:
        return
    then = (
        "it is completed in Unleashed already; put the stock right there, then discard this"
        if move.is_completed
        else "it is not completed in Unleashed; set its quantities there to what came and replay, "
        "or complete it by hand"
    )
    raise Permanent(
        "unleashed.booked_differs", f"for {move.title} Mintsoft booked in {other}; {then}"
    )


def _require_there(standing: Standing) -> None:
    """Raise Permanent when the order or the ASN was taken back at the warehouse."""
    title = standing.move.title
    then = "delete it in Unleashed as well, or complete it there by hand, and discard this"
    if standing.asn_is_gone:
        raise Permanent("unleashed.asn_gone", f"the ASN of {title} is deleted in Mintsoft; {then}")
    if standing.is_cancelled:
        raise Permanent(
            "unleashed.order_cancelled", f"the order of {title} is cancelled in Mintsoft; {then}"
        )


def _require_unchanged(standing: Standing, state: SyncState) -> None:
    """Raise Permanent when the move is another than what the warehouse was told and has.

    What somebody has put right in the warehouse is in order.
    """
    move = standing.move
    order, asn = state.step(ORDER), state.step(ASN)
    sides = []
    if order and standing.orders:
        sides.append(("order", order.told, units(move.taken), standing.ordered()))
    if asn and standing.asn:
        sides.append(("ASN", asn.told, units(move.brought), standing.asn.announced()))
    for what, told, wanted, held in sides:
        if told.get("units") != wanted and held != wanted:
            raise Permanent(
                "unleashed.move_edited",
                f"{move.title} was changed in Unleashed after its {what} was made: Mintsoft has "
                f"{difference(wanted, held)}; change the {what} there, or the {move.kind} back, "
                "then replay",
            )
    for what, step, code in (
        ("order", order, move.source_code),
        ("ASN", asn, move.destination_code),
    ):
        if step and step.how and step.told.get("code") != code:
            raise Permanent(
                "unleashed.move_edited",
                f"{move.title} was changed in Unleashed to the warehouse {code} after its {what} "
                f"was made for {step.told.get('code')}; change it back, or deal with it by hand "
                "and discard this",
            )


def _deleted(standing: Standing, state: SyncState) -> Plan:
    """Nothing, when nothing of it is left at the warehouse; else a person is asked."""
    if state.open_steps:
        # They are closed first: what was never sent is withdrawn, and then there is less to ask.
        return Plan()
    left = []
    if state.done(ORDER) and not standing.is_cancelled and standing.orders != ():
        words = sorted({order.status_word for order in standing.orders or ()})
        left.append(f"its order is {' and '.join(words)}" if words else "its order was made")
    if state.done(ASN) and not standing.asn_is_gone:
        word = standing.asn.status_word if standing.asn else "made"
        left.append(f"its ASN is {word}")
    if not left or state.done(COMPLETE):
        return Plan(outcome=TAKEN_BACK)
    raise Permanent(
        "unleashed.move_deleted",
        f"{standing.move.title} was deleted in Unleashed, and in Mintsoft {', '.join(left)}; "
        "cancel or delete that there, then replay",
    )
