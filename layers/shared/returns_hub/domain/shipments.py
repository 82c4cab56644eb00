"""From a return to the external returns that announce it to the warehouse (R1 to R5)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Set as AbstractSet

from returns_hub.domain.base import Frozen
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import MARKER
from returns_hub.domain.reasons import reason_id
from returns_hub.domain.returns import PortalReturn, ReturnLine, ShipmentInfo
from returns_hub.errors import Permanent

MOST_LINES = 500
MOST_UNITS = 10_000
UNASSIGNED = "unassigned"
LONGEST_CARRIER = 24
LONGEST_TRACKING = 48


class PlannedLine(Frozen):
    """A line to announce: so many units of a SKU, sent back for this reason."""

    line_id: str
    sku: str
    quantity: int
    reason_id: int
    reason_mapped: bool
    barcode: str | None = None


class PlannedShipment(Frozen):
    """One external return to be made. `warehouse_id` and `reason` (why none) exclude each other.

    `carrier` and `tracking` are empty when the portal did not know them when the plan was made.
    """

    key: str
    warehouse_id: int | None
    reason: str = ""
    reference: str
    lines: tuple[PlannedLine, ...]
    carrier: str = ""
    tracking: str = ""


class LeftOff(Frozen):
    """A line that is not announced, and why."""

    line_id: str
    sku: str | None
    reason: str


class Plan(Frozen):
    """What a return becomes in the warehouse."""

    shipments: tuple[PlannedShipment, ...]
    left_off: tuple[LeftOff, ...]


def _is_control(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _check(portal_return: PortalReturn) -> None:
    lines = portal_return.lines
    if not lines:
        raise Permanent(
            "return.no_lines", "the return has no lines, so there is nothing to announce"
        )
    if len(lines) > MOST_LINES:
        raise Permanent(
            "return.too_many_lines", f"the return has {len(lines)} lines; the most is {MOST_LINES}"
        )
    twice = [line_id for line_id, count in Counter(line.id for line in lines).items() if count > 1]
    if twice:
        raise Permanent("return.line_twice", f"the line id {twice[0]} appears more than once")
    for line in lines:
        if line.keep_item:
            continue
        if not 1 <= line.quantity <= MOST_UNITS:
            raise Permanent(
                "return.bad_quantity",
                f"line {line.id} has quantity {line.quantity}; 1 to {MOST_UNITS} makes sense",
            )
        if any(map(_is_control, (line.sku or "").strip())):
            raise Permanent("return.bad_sku", f"the SKU of line {line.id} holds control characters")


def _announced(
    portal_return: PortalReturn, taken: AbstractSet[str]
) -> tuple[list[ReturnLine], list[LeftOff]]:
    kept: list[ReturnLine] = []
    left_off: list[LeftOff] = []
    for line in portal_return.lines:
        if line.id in taken:
            continue
        if line.keep_item:
            why = "the customer keeps the item (green return)"
        elif not (line.sku or "").strip():
            why = "the line has no SKU"
        else:
            kept.append(line)
            continue
        left_off.append(LeftOff(line_id=line.id, sku=line.sku, reason=why))
    return kept, left_off


def parcels(portal_return: PortalReturn) -> dict[str, ShipmentInfo]:
    """The return's parcels by the key that their shipments have in a plan."""
    groups: dict[str, ShipmentInfo] = {}
    for position, shipment in enumerate(portal_return.shipments):
        groups.setdefault(shipment.key or f"shipment-{position + 1}", shipment)
    for group_id in portal_return.dropoff_group_ids:
        groups.setdefault(group_id, ShipmentInfo(group_id=group_id))
    return groups


def _assign(line: ReturnLine, groups: dict[str, ShipmentInfo]) -> str:
    for key, shipment in groups.items():
        if line.id in shipment.line_ids:
            return key
    for key in line.shipment_group_ids:
        if key in groups:
            return key
    if len(groups) == 1:
        return next(iter(groups))
    return UNASSIGNED


def reference_of(portal_return: PortalReturn, longest: int) -> str:
    """The external return's reference: every order name that fits, else the return's id (R3)."""
    names = dict.fromkeys(
        "".join(c for c in name if not _is_control(c)).strip() for name in portal_return.order_names
    )
    reference = ", ".join(name for name in names if name)
    if reference and len(reference) <= longest:
        return reference
    return portal_return.id[:longest]


def _warehouse(shipment: ShipmentInfo, connection: MintsoftConnection) -> tuple[int | None, str]:
    warehouses = connection.warehouses
    location = shipment.location_id
    if location is not None and location in warehouses.by_location:
        return warehouses.by_location[location], ""
    if warehouses.merchant_address is not None:
        return warehouses.merchant_address, ""
    where = f"location {location} is not in warehouses.by_location" if location else "no location"
    return None, f"{where} and warehouses.merchant_address is not set"


def plan_shipments(
    portal_return: PortalReturn,
    connection: MintsoftConnection,
    taken: AbstractSet[str] = frozenset(),
    used: AbstractSet[str] = frozenset(),
) -> Plan:
    """Plan one external return for each shipment of the return.

    Args:
        portal_return: The return, as read from the portal.
        connection: Maps and limits of the merchant's warehouse.
        taken: Ids of lines that are on an external return already; they are never planned again,
            even when the portal names their shipment differently now.
        used: Keys of shipments that are planned already. A line that joins one of them later gets
            an external return of its own, since one that was made cannot be changed.

    Returns:
        The plan, shipments in the portal's order. A shipment for which no warehouse is found is
        in the plan with its reason, so that it can be shown.

    Raises:
        Permanent: The return makes no sense (no lines, a quantity of 0, too many lines, …), or
            none of its goods can be announced because every line lacks its SKU.
    """
    _check(portal_return)
    kept, left_off = _announced(portal_return, taken)
    no_sku = [item for item in left_off if not (item.sku or "").strip() and "SKU" in item.reason]
    if not kept and no_sku and not taken:
        raise Permanent(
            "return.no_sku",
            "goods are on their way but no line has a SKU; add the SKUs in the shop, then replay",
        )
    groups = parcels(portal_return)
    by_group: dict[str, list[ReturnLine]] = {key: [] for key in groups}
    for line in kept:
        by_group.setdefault(_assign(line, groups), []).append(line)
    reference = reference_of(portal_return, connection.reference_length)
    shipments = []
    for key, lines in by_group.items():
        if not lines:
            continue
        parcel = groups.get(key, ShipmentInfo())
        warehouse_id, why = _warehouse(parcel, connection)
        shipments.append(
            PlannedShipment(
                key=_unused(key, used),
                warehouse_id=warehouse_id,
                reason=why,
                reference=reference,
                lines=tuple(_planned(line, connection) for line in lines),
                carrier=_label_word(parcel.carrier, LONGEST_CARRIER),
                tracking=_label_word(parcel.tracking_number, LONGEST_TRACKING),
            )
        )
    return Plan(shipments=tuple(shipments), left_off=tuple(left_off))


def _label_word(text: str | None, longest: int) -> str:
    """A carrier or tracking number as it may stand beside a marker of ours.

    What is too long for either, or looks like a marker, is left out: half a tracking number is
    none, and a look-up must never take another's words for its own marker.
    """
    word = "".join(c for c in text or "" if not _is_control(c) and c not in "[]").strip()
    return "" if len(word) > longest or MARKER.search(word) else word


def _unused(key: str, used: AbstractSet[str]) -> str:
    """The key, or with a number behind it when an earlier plan has it."""
    number = 1
    unused = key
    while unused in used:
        number += 1
        unused = f"{key}+{number}"
    return unused


def _planned(line: ReturnLine, connection: MintsoftConnection) -> PlannedLine:
    number, mapped = reason_id(line, connection.reasons)
    return PlannedLine(
        line_id=line.id,
        sku=(line.sku or "").strip(),
        quantity=line.quantity,
        reason_id=number,
        reason_mapped=mapped,
        barcode=line.barcode,
    )
