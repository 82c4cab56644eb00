"""What the warehouse was sent of a shipment, read off its record's steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import ORDER
from returns_hub.domain.warehouse_orders import WarehouseOrder

CANCEL = "cancel"
UNITS = "units-"
ADDRESS = "address"


def units_step(sku: str) -> str:
    """The name, without its turn, of the steps that set the units of a SKU."""
    return f"{UNITS}{short_hash(sku, 12)}"


@dataclass(frozen=True)
class Sent:
    """What the warehouse's order was told.

    Args:
        number: The order's number there.
        warehouse_id: Where it is.
        units: By SKU, as the newest step that is done has it.
        address: As `domain.unleashed.shipments.address_of`.
    """

    number: str
    warehouse_id: int
    units: Mapping[str, int]
    address: str


def sent_of(state: SyncState) -> Sent | None:
    """What was told for certain; None while the order is not made, as far as is known."""
    order = state.step(ORDER)
    if order is None or not order.how:
        return None
    units, address = _units(order), str(order.told.get("address", ""))
    for step in sorted(state.steps, key=lambda one: one.turn):
        if step.how and step.name.startswith(UNITS):
            units |= _units(step)
        if step.how and step.name.startswith(f"{ADDRESS}/"):
            address = str(step.told.get("address", ""))
    return Sent(
        number=str(order.told.get("number", "")),
        warehouse_id=int(order.told.get("warehouse", 0)),
        units={sku: many for sku, many in units.items() if many},
        address=address,
    )


def most_promised(state: SyncState) -> dict[str, int]:
    """The most units by SKU that the warehouse can have been told, open steps and those that
    nobody knows the end of included."""
    sent = sent_of(state)
    most = dict(sent.units) if sent else {}
    for step in state.steps:
        if step.name != ORDER and not step.name.startswith(UNITS):
            continue
        if step.is_open or step.stuck == "abandoned":
            for sku, many in _units(step).items():
                most[sku] = max(most.get(sku, 0), many)
    return most


def promised_units(most: Mapping[str, int], held: tuple[WarehouseOrder, ...]) -> dict[str, int]:
    """Of the most units that the warehouse was told, those that it still holds, or has sent.

    What somebody added there is theirs. Orders that were merged hold others' units too: then, and
    where items are not shown, everything that was told counts.
    """
    if any(order.items is None or len(order.numbers) > 1 for order in held):
        return dict(most)
    there: dict[str, int] = {}
    for order in held:
        for sku, many in order.units().items() if not order.is_cancelled else ():
            there[sku] = there.get(sku, 0) + many
    return {sku: min(many, there.get(sku, 0)) for sku, many in most.items()}


def _units(step: StepState) -> dict[str, int]:
    told: Any = step.told.get("units", {})
    return {str(sku): int(many) for sku, many in dict(told).items()}
