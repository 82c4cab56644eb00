"""Setting work aside for a person."""

from __future__ import annotations

from typing import Protocol

from returns_hub.ports import ParkedItem, Parking, Telemetry

OPERATOR_NEEDED = "OperatorNeeded"
"""The metric, over all merchants, that the alarm of the same name watches."""


class ParkingStores(Protocol):
    """The hub's own stores, as far as they are needed here."""

    @property
    def parking(self) -> Parking:
        """Where parked work is kept."""

    @property
    def telemetry(self) -> Telemetry:
        """Counters and log lines."""


def park(stores: ParkingStores, item: ParkedItem) -> None:
    """Set work aside for a person, and count it."""
    stores.parking.park(item)
    stores.telemetry.count("Parked", flow=item.flow, merchant=item.merchant)
    stores.telemetry.count(OPERATOR_NEEDED)
    stores.telemetry.log(
        "parked",
        merchant=item.merchant,
        flow=item.flow,
        subject=item.subject,
        code=item.code,
        reason=item.reason,
    )
