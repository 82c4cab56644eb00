"""Following a return after it was announced: deliveries, closings, reopenings, and what is due."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.returns import CLOSED, UNDER_WAY, PortalReturn, ReturnStatus, ShipmentInfo
from returns_hub.domain.shipments import parcels

if TYPE_CHECKING:
    from returns_hub.domain.state import ReturnState, ShipmentState

AFTER_REOPENING = frozenset(
    {"skipped_closed", "flagged", "return.closed", "return.not_open", "return.not_approved"}
)
"""Outcomes of receipts, and skips, that a return under way again takes back."""
NO_WORD = frozenset({"", "unknown"})
"""What a parcel's status says when the carrier has told nothing."""


class DueKind(StrEnum):
    """Why somebody must look at a return again; each has its handler in `flows.watch_returns`."""

    NOT_BOOKED_IN = "not_booked_in"
    CHECK_PROCESSING = "check_processing"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    HOLD = "hold"
    BY_HAND = "by_hand"
    REFUND_HOME = "refund_home"
    CREDIT_NOTE = "credit_note"


class Due(Frozen):
    """A moment at which somebody must look at the return again; one for each kind and subject."""

    kind: str
    subject: str = ""
    at: UtcTime


class Delivery(Frozen):
    """When a shipment was delivered, by whose word."""

    at: UtcTime
    source: Literal["carrier", "first_seen"]


def parcel_of(key: str, portal_return: PortalReturn) -> ShipmentInfo | None:
    """The parcel that a planned shipment travels in.

    A line that joined an announced shipment later has a shipment of its own, ``{key}+2``, in the
    same parcel.
    """
    found = parcels(portal_return)
    return found.get(key) or found.get(re.sub(r"\+[0-9]+$", "", key))


def delivery_of(key: str, portal_return: PortalReturn, now: datetime) -> Delivery | None:
    """Whether a shipment has been delivered, and since when.

    The carrier's own time counts while it makes sense: not before the return was made, and not in
    the future. Else it is the moment of this reading at which the parcel is said to be delivered,
    or, while nothing is said of the parcel, the whole return.
    """
    parcel = parcel_of(key, portal_return)
    told = parcel.delivered_at if parcel else None
    if told is not None and told >= portal_return.created_at:
        return Delivery(at=min(told, now), source="carrier")
    status = parcel.status if parcel else ""
    whole = portal_return.status is ReturnStatus.DELIVERED and status in NO_WORD
    if status == "delivered" or whole:
        return Delivery(at=now, source="first_seen")
    return None


def is_news(delivery: Delivery | None, shipment: ShipmentState) -> bool:
    """Whether a delivery says more than is known: the first word, after it the carrier's own."""
    if delivery is None:
        return False
    first = shipment.delivered_at is None
    return first or (shipment.delivered_source, delivery.source) == ("first_seen", "carrier")


def is_awaited(shipment: ShipmentState, state: ReturnState) -> bool:
    """Whether the shipment's goods are on their way and nobody has booked them in."""
    left = shipment.shadow or shipment.discarded or shipment.withdrawn
    made = shipment.external_return_id
    return not left and (made is None or state.receipt(made) is None)


def to_withdraw(portal_return: PortalReturn, state: ReturnState) -> tuple[ShipmentState, ...]:
    """Shipments that the warehouse still expects though the portal has closed the return."""
    if not portal_return.is_closed or is_older(portal_return, state):
        return ()
    return tuple(
        shipment
        for shipment in state.shipments
        if shipment.external_return_id is not None and is_awaited(shipment, state)
    )


def is_older(portal_return: PortalReturn, state: ReturnState) -> bool:
    """Whether a newer reading of the return is known, so that this one proves nothing."""
    known = state.portal_updated_at
    closed = [s.withdrawn_at for s in state.shipments if s.withdrawn_at is not None]
    return any(portal_return.updated_at < at for at in [known, *closed] if at is not None)


def reopened_from(portal_return: PortalReturn, state: ReturnState) -> str:
    """The status in which the return was closed or flagged; empty unless it is under way again."""
    if portal_return.status not in UNDER_WAY or is_older(portal_return, state):
        return ""
    stopped = CLOSED | {ReturnStatus.FLAGGED}
    withdrawn = next((s.withdrawn for s in state.shipments if s.withdrawn), "")
    return state.portal_status if state.portal_status in stopped else withdrawn
