"""What transfers and assemblies have moved on one side and not on the other yet.

Read anew whenever it is asked for: those that are parked in the ERP, and those that were completed
there within some weeks while the warehouse had not done its part. Of these, what the warehouse has
is read for those alone that something was made for: a call for each order, and ASNs in one list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.moves import Move
from returns_hub.domain.unleashed.names import ASN, ORDER
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_asns import Asn
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves.assemblies import assembly_flow
from returns_hub.flows.unleashed.moves.plan import OVER, TAKEN_BACK
from returns_hub.flows.unleashed.moves.source import (
    MoveFlow,
    Standing,
    standing_of,
)
from returns_hub.flows.unleashed.moves.transfers import transfer_flow
from returns_hub.flows.unleashed.timed import WAREHOUSE_OVERLAP
from returns_hub.flows.unleashed.untold_parts import Untold, add
from returns_hub.flows.world import REQUEST_SECONDS

COMPLETED_WITHIN = timedelta(days=30)
"""After that what the warehouse did not do it is taken not to do any more."""
LEAST_SECONDS = 2 * REQUEST_SECONDS
FEW = 5
"""ASNs that are rather read one by one."""
Part = tuple[int, str, InFlight]
"""A warehouse's id, a SKU, and what of it is on its way."""


def untold_transfers(world: ErpWorld) -> Untold:
    """See `untold.TellsUntold`."""
    is_live = world.connection.is_live("transfers")
    return _untold(world, transfer_flow(world)) if is_live else {}


def untold_assemblies(world: ErpWorld) -> Untold:
    """See `untold.TellsUntold`."""
    is_live = world.connection.is_live("assemblies")
    return _untold(world, assembly_flow(world)) if is_live else {}


def _untold(world: ErpWorld, flow: MoveFlow) -> Untold:
    found: dict[int, dict[str, InFlight]] = {}
    begun = [
        (move, state)
        for move in _candidates(world, flow)
        if _may_be_on_its_way(move, state := world.sync.load(flow.name, move.guid))
    ]
    asns = _asns_of(world, [state for _, state in begun])
    for move, state in begun:
        _require_time(world)
        standing = standing_of(world, flow, move, asns)
        for place, sku, part in _parts(world, standing, state):
            add(found, place, sku, part)
    return found


def _may_be_on_its_way(move: Move, state: SyncState) -> bool:
    for name in (ORDER, ASN):
        if _may_be_made(state, name):
            raise Retryable(
                "unleashed.untold",
                f"whether the {name} of {move.title} was made is not known yet, and "
                "the warehouse may have moved its goods",
                after=300,
            )
    if not (state.done(ORDER) or state.done(ASN)):
        return False
    return not (move.is_completed and state.outcome in {OVER, TAKEN_BACK} and not state.in_work)


def _may_be_made(state: SyncState, name: str) -> bool:
    """Whether nobody knows if the warehouse has it. What was refused is sent again only once its
    person has replayed it."""
    step = state.step(name)
    waits_for_person = step is not None and bool(state.parked) and step.retry
    return state.is_open(name) and not waits_for_person


def _asns_of(world: ErpWorld, states: Collection[SyncState]) -> Mapping[int, Asn]:
    """ASNs by id, from one list where that is cheaper than reading each; what it does not hold is
    read by its id."""
    made = [state.began_at for state in states if state.began_at is not None and state.done(ASN)]
    if len(made) < FEW:
        return {}
    since = min(made) - WAREHOUSE_OVERLAP
    page = world.asns.asns_updated_since(since, most_calls=max(1, len(made) // 2))
    return {asn.asn_id: asn for asn in sorted(page.asns, key=lambda asn: asn.updated_at)}


def _candidates(world: ErpWorld, flow: MoveFlow) -> Iterable[Move]:
    recent = world.stores.clock.now() - COMPLETED_WITHIN
    found = {move.guid: move for move in flow.erp.with_status("Parked")}
    # Completed ones last: one that is completed between the two lists is in both.
    found |= {move.guid: move for move in flow.erp.with_status("Completed", recent)}
    return found.values()


def _require_time(world: ErpWorld) -> None:
    if world.stores.clock.remaining() < LEAST_SECONDS:
        raise Retryable(
            "unleashed.untold", "there was no time to look at every open transfer and assembly"
        )


def _parts(world: ErpWorld, standing: Standing, state: SyncState) -> Iterator[Part]:
    order, asn = state.step(ORDER), state.step(ASN)
    if order and order.how:
        place, told = _of(order)
        sent = _sent(standing, told)
        held = _held_for(world, standing)
        for sku in sorted({*told, *sent}):
            if not standing.move.is_completed:
                yield place, sku, InFlight(despatched=sent.get(sku, 0), ordered=-held.get(sku, 0))
            elif not standing.is_sent and not standing.is_cancelled:
                yield place, sku, InFlight(completed=max(0, told.get(sku, 0) - sent.get(sku, 0)))
    if asn and asn.how:
        place, told = _of(asn)
        came = _came(world, standing)
        for sku in sorted({*told, *came}):
            if not standing.move.is_completed:
                yield place, sku, InFlight(received=came.get(sku, 0))
            elif standing.asn is not None and not standing.asn.has_ended:
                # The ERP has them already: the other way round.
                yield place, sku, InFlight(received=min(0, came.get(sku, 0) - told.get(sku, 0)))


def _held_for(world: ErpWorld, standing: Standing) -> Mapping[str, int]:
    """Units that the warehouse has allocated to the order, or sent. They matter where stock that
    is not allocated is compared: what is parked in the ERP is taken to allocate nothing."""
    return standing.ordered() if world.connection.stock.count == "on_hand" else {}


def _sent(standing: Standing, told: Mapping[str, int]) -> Mapping[str, int]:
    """Units that left; of an order that was merged with others no more than its own."""
    sent = standing.sent()
    if any(len(order.numbers) > 1 for order in standing.orders or ()):
        return {sku: min(many, told[sku]) for sku, many in sent.items() if sku in told}
    return sent


def _of(step: StepState) -> tuple[int, Mapping[str, int]]:
    return int(step.told["warehouse"]), step.told["units"]


def _came(world: ErpWorld, standing: Standing) -> Mapping[str, int]:
    asn = standing.asn
    if asn is None:
        return {}
    came = asn.booked_in(world.world.live.merchant.mintsoft.goods.booked_quantity)
    if came is None:
        raise Retryable(
            "unleashed.untold",
            f"how many units of ASN {asn.reference} came is unclear; say "
            "mintsoft.goods.booked_quantity",
            after=900,
        )
    return came
