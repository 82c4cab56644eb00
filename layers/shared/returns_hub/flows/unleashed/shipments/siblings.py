"""Shipments of one order share its goods: none is promised twice.

Goods move from one shipment to another when people split one, delete one and make another, or put
two together. The list shows those in any order, and a deleted one perhaps never. So the hub keeps
for each sales order which of its shipments the warehouse was ever sent (the order's book), writes
that down before it makes an order, and gives a shipment more units only when no other one of the
book still holds units in the warehouse that Unleashed has taken off it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import StepDone, StepPlanned, SyncState
from returns_hub.domain.unleashed.names import ORDER, SHIPMENTS
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.unleashed.shipment_sent import (
    most_promised,
    promised_units,
    sent_of,
)
from returns_hub.domain.unleashed.shipments import Shipment, ordered_units, version_of
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.sync.endings import SHADOW
from returns_hub.flows.sync.sync_world import Draft
from returns_hub.flows.unleashed.before_live import is_of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld

BOOK = "unleashed.shipments.of_order"
"""Under this name the records of `ports.sync.SyncStore` are sales orders: a step is a shipment that
the warehouse was sent, or is about to be."""
PATIENCE = timedelta(hours=24)
"""So long a shipment waits for another one of its order; then a person is asked."""
LOOK_AGAIN_SECONDS = 300.0
MOST_NAMED = 5


@dataclass(frozen=True)
class Sibling:
    """Another shipment of the order that the warehouse was sent.

    Args:
        number: As people see it.
        shipment: As Unleashed shows it; None when it does not know it any more.
        promised: Units by SKU that the warehouse holds for it, or may hold.
        state: Where the hub stands with it; None when it did not import it.
    """

    number: str
    shipment: Shipment | None
    promised: Mapping[str, int]
    state: SyncState | None = None

    def outstanding(self) -> dict[str, int]:
        """Units that the warehouse holds for it, and that Unleashed says are not in it."""
        says = self.shipment.units() if self.shipment else {}
        over = {sku: many - int(says.get(sku, Decimal(0))) for sku, many in self.promised.items()}
        return {sku: many for sku, many in over.items() if many > 0}

    def is_being_followed(self) -> bool:
        """Whether the hub will still deal with what changed of it, without a person."""
        if self.state is None or self.state.parked or self.shipment is None:
            return False
        is_settled = self.state.settled == version_of(self.shipment)
        return not is_settled or self.state.outcome == SHADOW.word


def enter(world: ErpWorld, shipment: Shipment) -> None:
    """Write into the order's book that the warehouse is about to be sent this shipment.

    Raises:
        Retryable: Others keep writing to it.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        draft = Draft(world.sync, world.sync.load(BOOK, book_of(shipment)))
        if draft.state.step(shipment.guid) is not None:
            return
        told = {"shipment": shipment.number}
        draft.note(
            "an order's book",
            StepPlanned(step=shipment.guid, summary="the warehouse is sent it", told=told),
            StepDone(step=shipment.guid, how="noted"),
        )
        try:
            draft.write()
        except Conflict:
            continue
        return
    raise Retryable("sync.contended", "others keep writing to the order's book", after=10)


def book_of(shipment: Shipment) -> str:
    """The key of the order's book."""
    return shipment.order_guid or f"number/{short_hash(shipment.order_number, 32)}"


def require_goods(
    world: ErpWorld,
    shipment: Shipment,
    order: SalesOrder,
    state: SyncState,
    more: Mapping[str, int],
) -> None:
    """Raise unless the warehouse may be promised these units more for a shipment.

    Args:
        world: The merchant's.
        shipment: The shipment.
        order: Its order, read just now.
        state: Where the hub stands with it.
        more: Units by SKU, beyond those that the warehouse was sent.

    Raises:
        Retryable: Another shipment of the order is to give them up first, and will.
        Permanent: It will not by itself; or they are more than was ordered.
    """
    if not more:
        return
    others = siblings_of(world, shipment, order)
    blocking = [
        (other, over)
        for other in others
        if (over := {sku: n for sku, n in other.outstanding().items() if sku in more})
    ]
    if blocking:
        raise _waits(world, shipment, state, blocking)
    sent = sent_of(state)
    ordered = ordered_units(order)
    for sku, many in more.items():
        promised = sum(other.promised.get(sku, 0) for other in others)
        promised += sent.units.get(sku, 0) if sent else 0
        if promised + many > ordered.get(sku, Decimal(0)):
            raise Permanent(
                "unleashed.more_than_ordered",
                f"shipment {shipment.number}: with it the warehouse would have {promised + many} "
                f"of {sku[:60]} for order {shipment.order_number}, which orders "
                f"{ordered.get(sku, Decimal(0)).normalize():f}; look at the order's shipments in "
                "both systems, and replay when they fit",
            )


def _waits(
    world: ErpWorld,
    shipment: Shipment,
    state: SyncState,
    blocking: list[tuple[Sibling, dict[str, int]]],
) -> Retryable | Permanent:
    rows = [
        f"{sku[:60]}: {many} too many for {other.number}"
        for other, over in blocking
        for sku, many in over.items()
    ]
    more = f", and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    why = (
        f"shipment {shipment.number} of order {shipment.order_number}: the warehouse still has "
        f"units that were taken off another shipment ({'; '.join(rows[:MOST_NAMED])}{more})"
    )
    began = state.began_at
    is_late = began is not None and world.stores.clock.now() - began >= PATIENCE
    if all(other.is_being_followed() for other, _ in blocking) and not is_late:
        return Retryable("unleashed.split_waits", f"{why}; they go first", after=LOOK_AGAIN_SECONDS)
    return Permanent(
        "unleashed.split", f"{why}; take them off there, or cancel that order, and replay"
    )


def siblings_of(world: ErpWorld, shipment: Shipment, order: SalesOrder) -> tuple[Sibling, ...]:
    """Who else of the order the warehouse has units of, or may have."""
    book = world.sync.load(BOOK, book_of(shipment))
    guids = [step.name for step in book.steps if step.name != shipment.guid]
    is_older = may_be_of_before(world, order)
    if not guids and not is_older:
        return ()
    shown = {other.guid: other for other in _of_order(world, shipment)}
    found = [_sibling(world, guid, shown) for guid in guids]
    if is_older:
        found.append(_foreign(world, shipment.order_number, None))
        found += [
            _foreign(world, other.number, other)
            for other in shown.values()
            if other.guid not in {*guids, shipment.guid} and may_be_of_before(world, other)
        ]
    return tuple(one for one in found if any(one.promised.values()))


def sent_as_shipments(world: ErpWorld, order_guid: str) -> tuple[str, ...]:
    """The warehouse's orders that hold goods of a sales order because its shipments were imported.

    For whoever imports orders by now: the goods are there already.
    """
    found: list[str] = []
    for step in world.sync.load(BOOK, order_guid).steps:
        state = world.sync.load(SHIPMENTS, step.name)
        most = most_promised(state)
        if state.done(ORDER):
            most = promised_units(most, held_orders(world, state))
        if any(most.values()):
            made = state.step(ORDER)
            found.append(str(made.told.get("number", step.name)) if made else step.name)
    return tuple(found)


def may_be_of_before(world: ErpWorld, record: SalesOrder | Shipment) -> bool:
    """Whether the connector that was there before may have imported it, or parts of it."""
    return is_of_before(world, record.created_at, if_unknown=True)


def others_shown(world: ErpWorld, shipment: Shipment) -> str:
    """The numbers of the order's other shipments, for people; empty when there is none."""
    others = sorted(
        other.number
        for other in _of_order(world, shipment)
        if other.guid != shipment.guid and not other.is_deleted
    )
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return f"{', '.join(others[:MOST_NAMED])}{more}"


def _of_order(world: ErpWorld, shipment: Shipment) -> tuple[Shipment, ...]:
    if not shipment.order_number:
        return ()
    try:
        return world.erp.shipments.of_order(shipment.order_number)
    except Permanent as verdict:
        if verdict.code != "unleashed.unsafe_filter":
            raise
        # Each of the book is read by its Guid then.
        return ()


def _sibling(world: ErpWorld, guid: str, shown: Mapping[str, Shipment]) -> Sibling:
    state = world.sync.load(SHIPMENTS, guid)
    most = most_promised(state)
    if not any(most.values()):
        return Sibling(guid, None, {}, state)
    if state.done(ORDER):
        most = promised_units(most, held_orders(world, state))
    other = shown.get(guid) or world.erp.shipments.read(guid)
    made = state.step(ORDER)
    number = other.number if other else str(made.told.get("shipment", guid) if made else guid)
    return Sibling(number, other, most, state)


def _foreign(world: ErpWorld, number: str, other: Shipment | None) -> Sibling:
    """What the connector before may have imported: its orders have this number, or the file's
    prefix before it."""
    prefix = world.connection.orders.number_prefix
    held = world.orders.orders_with_number(f"{prefix}{number}") if number else ()
    units: dict[str, int] = {}
    for order in held:
        for sku, many in order.units().items():
            units[sku] = units.get(sku, 0) + many
    return Sibling(number, other, promised_units(units, held))


def held_orders(world: ErpWorld, state: SyncState) -> tuple[WarehouseOrder, ...]:
    """The warehouse's order of a shipment, its parts where it was split; empty when it is gone."""
    order = world.orders.read_order(int(state.partner_id(ORDER)))
    if order is not None and order.parts <= 1 and len(order.numbers) == 1:
        return (order,)
    sent = sent_of(state)
    parts = world.orders.orders_with_number(sent.number) if sent else ()
    return parts or ((order,) if order is not None else ())
