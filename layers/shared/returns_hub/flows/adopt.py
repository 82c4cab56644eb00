"""At the switch from an old connector: adopt the records it made, never make them again (S5)."""

from __future__ import annotations

from collections import Counter

from returns_hub.domain.facts import (
    ExternalReturnMade,
    Fact,
    ShipmentsPlanned,
    Skipped,
)
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.shipments import LeftOff, PlannedShipment
from returns_hub.flows.make_external_return import FLOW
from returns_hub.flows.world import World


def adopt_shipments(
    going: tuple[PlannedShipment, ...],
    left_off: tuple[LeftOff, ...],
    portal_return: PortalReturn,
    world: World,
) -> list[Fact]:
    """Facts for shipments approved before the merchant went live.

    A record with the shipment's reference and exactly its units is taken over; for the others
    nothing is made, and the timeline says so. A record is never adopted for two shipments.
    """
    facts: list[Fact] = [ShipmentsPlanned(shipments=going, left_off=left_off, shadow=True)]
    taken: set[str] = set()
    for shipment in going:
        units: Counter[str] = Counter()
        for line in shipment.lines:
            units[line.sku] += line.quantity
        answer = world.warehouse.find_by_reference(
            shipment.reference, units, portal_return.created_at
        )
        match answer:
            case Found(partner_id) if partner_id not in taken:
                taken.add(partner_id)
                facts.append(
                    ExternalReturnMade(
                        shipment=shipment.key, external_return_id=int(partner_id), how="adopted"
                    )
                )
            case Found() | NotFound():
                facts.append(_left(shipment, "no record of the old connector was found"))
            case Inconclusive(why):
                facts.append(_left(shipment, why))
    return facts


def _left(shipment: PlannedShipment, why: str) -> Skipped:
    return Skipped(
        flow=FLOW,
        code="merchant.before_live_from",
        reason=f"approved before live_from: {why}",
        subject=shipment.key,
    )
