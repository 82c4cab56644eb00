"""From Loop's words to ours. Words that we were not told of become UNKNOWN, never a guess."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from returns_hub.adapters.http.words import in_one_line
from returns_hub.adapters.loop import models
from returns_hub.domain.portals import LoopConnection
from returns_hub.domain.returns import (
    Compensation,
    LineStatus,
    PortalReturn,
    ReturnLine,
    ReturnStatus,
    ReturnSummary,
    ShipmentInfo,
)
from returns_hub.errors import Misconfigured


class Unreadable(Exception):  # noqa: N818 - the adapter makes a verdict of it, by where it was read
    """A body holds what cannot be a return; the message says what, without values."""


STATE = {
    "open": ReturnStatus.OPEN,
    "review": ReturnStatus.FLAGGED,
    "needs review": ReturnStatus.FLAGGED,
    "closed": ReturnStatus.COMPLETE,
    "cancelled": ReturnStatus.DELETED,
    "expired": ReturnStatus.NEEDS_REVIEW,
}
"""``open`` is approved: Loop asks for no approval and has no event for one. ``review`` is what a
flag makes of a return (the webhook's older page writes "needs review"). ``closed`` is processed, or
closed by hand: the dialect does not say which. After ``cancelled`` the customer may return the same
goods again, as after Redo's reset. ``expired`` means that the goods were not sent within 28 days;
they may still come, so it is not closed to us, and nothing is announced for it."""
LINE_STATUS = {
    ReturnStatus.OPEN: LineStatus.OPEN,
    ReturnStatus.FLAGGED: LineStatus.OPEN,
    ReturnStatus.NEEDS_REVIEW: LineStatus.OPEN,
    ReturnStatus.COMPLETE: LineStatus.COMPLETE,
    ReturnStatus.DELETED: LineStatus.REJECTED,
}
"""Line items have no status of their own: they go as their return goes."""
OUTCOME = {
    "refund": Compensation.REFUND,
    "exchange": Compensation.EXCHANGE,
    "store_credit": Compensation.STORE_CREDIT,
    "credit": Compensation.STORE_CREDIT,
    "gift": Compensation.STORE_CREDIT,
    "gift_card": Compensation.STORE_CREDIT,
}


def zone_of(connection: LoopConnection) -> ZoneInfo:
    """The zone of times without an offset.

    Raises:
        Misconfigured: There is no such zone.
    """
    try:
        return ZoneInfo(connection.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        name = connection.time_zone
        raise Misconfigured("loop.time_zone", f"{name} is not a time zone") from None


def status_of(word: str) -> ReturnStatus:
    """What a state says."""
    return STATE.get(word.strip().lower(), ReturnStatus.UNKNOWN)


def in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """A time of theirs in UTC; one without an offset is in the zone.

    Raises:
        Unreadable: It is out of range.
    """
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Unreadable("a time is out of range") from None


def id_of(row: models.ReturnInList, connection: LoopConnection) -> str:
    """The id that names the return in the hub.

    Raises:
        Unreadable: It is not there.
    """
    if connection.address_returns_by == "id":
        return row.id
    if not (row.redo_id or "").strip():
        raise Unreadable("it has no redo_id")
    return str(row.redo_id).strip()


def to_summary(row: models.ReturnInList, connection: LoopConnection) -> ReturnSummary:
    """What a list tells of a return."""
    zone = zone_of(connection)
    return ReturnSummary(
        id=id_of(row, connection),
        status=status_of(row.state),
        created_at=in_utc(row.created_at, zone),
        updated_at=in_utc(row.updated_at, zone),
    )


def to_return(body: models.Return, connection: LoopConnection) -> PortalReturn:
    """A return of ours from Loop's. The dialect does not tell claims and warranties apart."""
    zone = zone_of(connection)
    status = status_of(body.state)
    words = re.findall(r"[a-z_]+", (body.outcome or "").lower())
    return PortalReturn(
        id=id_of(body, connection),
        status=status,
        status_word=body.state[:40],
        created_at=in_utc(body.created_at, zone),
        updated_at=in_utc(body.updated_at, zone),
        order_names=(body.order_name,) if body.order_name else (),
        lines=tuple(_line(item, status) for item in body.line_items or ()),
        shipments=_shipments(body),
        compensation=tuple(dict.fromkeys(OUTCOME[word] for word in words if word in OUTCOME)),
        refund_total=body.refund,
        currency=body.currency or None,
        unknown_words=(f"status {in_one_line(body.state)[:40]!r}",)
        if status is ReturnStatus.UNKNOWN
        else (),
    )


def _line(item: models.LineItem, status: ReturnStatus) -> ReturnLine:
    """A line of ours from a line item.

    INFERRED: a line item is one unit. No document tells of a quantity, and amounts, the exchanged
    variant and the return's reason are the line item's own; two units of a SKU are two line items.
    """
    reasons = tuple(text for text in (item.parent_return_reason, item.return_reason) if text)
    return ReturnLine(
        id=item.line_item_id,
        order_line_id=item.provider_line_item_id or item.line_item_id,
        sku=item.sku,
        quantity=1 if item.quantity is None else item.quantity,
        status=LINE_STATUS.get(status, LineStatus.UNKNOWN),
        reason=item.return_reason or "",
        reasons=reasons,
    )


def _shipments(body: models.Return) -> tuple[ShipmentInfo, ...]:
    """A shipment for each label. Older answers tell of one label in the return itself.

    The place where the goods go is the return's ``destination_id``, the same for all labels.
    """
    place = body.destination_id or None
    labels = body.labels or ()
    if not labels and (place or _told(body.tracking_number)):
        labels = (models.Label(carrier=body.carrier, tracking_number=body.tracking_number),)
    return tuple(
        ShipmentInfo(
            tracking_number=_told(label.tracking_number),
            carrier=_told(label.carrier),
            location_id=place,
            line_ids=label.line_items,
        )
        for label in labels
    )


def _told(text: str | None) -> str | None:
    known = (text or "").strip()
    return None if known.upper() in models.NOT_YET else known
