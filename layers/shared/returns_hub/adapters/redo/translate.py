"""From Redo's words to ours. Words that we were not told of become UNKNOWN, never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from returns_hub.adapters.http.words import in_one_line
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.statuses import STATUS
from returns_hub.domain.flow_settings import ReturnType
from returns_hub.domain.returns import (
    Compensation,
    LineStatus,
    PortalReturn,
    ReturnLine,
    ReturnStatus,
    ReturnSummary,
    ShipmentInfo,
)

# Redo's API 2.2 names no words for a line's status; these are its GraphQL API's, in lower case.
# A line without one is taken as open: the return's own status says whether anything is to be done.
LINE_STATUS = {
    "": LineStatus.OPEN,
    "open": LineStatus.OPEN,
    "approved": LineStatus.OPEN,
    "in_review": LineStatus.OPEN,
    "pre_shipment": LineStatus.OPEN,
    "pending": LineStatus.SUBMITTED,
    "complete": LineStatus.COMPLETE,
    "rejected": LineStatus.REJECTED,
}
COMPENSATION = {member.value: member for member in Compensation}


def to_return(body: models.Return, order: models.Order | None) -> PortalReturn:
    """A return of ours from Redo's."""
    skus = {item.id: item.variant.sku for item in order.items if item.variant} if order else {}
    names = [body.order.name, order.name if order else None]
    status = STATUS.get(body.status.strip().lower(), ReturnStatus.UNKNOWN)
    refund = body.totals.refund.amount if body.totals and body.totals.refund else None
    value = _value(body.totals)
    return PortalReturn(
        id=body.id,
        type=body.type or "return",
        status=status,
        status_word=body.status[:40],
        created_at=body.created_at,
        updated_at=body.updated_at,
        order_names=tuple(dict.fromkeys(name for name in names if name)),
        lines=tuple(_line(item, skus, value) for item in body.items),
        shipments=_shipments(body),
        dropoff_group_ids=tuple(dropoff.shipment_group_id for dropoff in body.dropoffs or ()),
        compensation=tuple(
            COMPENSATION[word] for word in body.compensation_methods or () if word in COMPENSATION
        ),
        refund_total=refund.amount if refund else None,
        value_total=value.amount if value else None,
        currency=value.currency if value else None,
        unknown_words=tuple(_unknown_words(body, status)),
    )


def _unknown_words(body: models.Return, status: ReturnStatus) -> Iterator[str]:
    """Enumerated words that have no meaning here, each once, cut to what a word may be."""
    words = [("status", body.status)] if status is ReturnStatus.UNKNOWN else []
    if body.type and body.type not in get_args(ReturnType):
        words.append(("type", body.type))
    words += [
        ("item status", item.status)
        for item in body.items
        if item.status and item.status.strip().lower() not in LINE_STATUS
    ]
    words += [
        ("compensation", word)
        for word in body.compensation_methods or ()
        if word not in COMPENSATION
    ]
    for where, word in dict.fromkeys(words):
        yield f"{where} {in_one_line(word)[:40]!r}"


def _value(totals: models.Totals | None) -> models.Money | None:
    """What the customer gets in all; None when it is not told, or not in one currency.

    Redo names every kind, and those that the customer does not get are zero.
    """
    if totals is None:
        return None
    parts = [
        total.amount for total in (totals.refund, totals.exchange, totals.store_credit) if total
    ]
    amounts = [part.amount for part in parts if part.amount is not None]
    currencies = {part.currency for part in parts if part.amount}
    if not parts or len(amounts) != len(parts) or len(currencies) > 1:
        return None
    currency = currencies.pop() if currencies else parts[0].currency
    return models.Money(amount=sum(amounts, Decimal(0)), currency=currency)


def to_summary(row: models.ReturnInList) -> ReturnSummary:
    """What a list tells of a return."""
    status = STATUS.get(row.status.strip().lower(), ReturnStatus.UNKNOWN)
    return ReturnSummary(
        id=row.id, status=status, created_at=row.created_at, updated_at=row.updated_at
    )


def _line(item: models.Item, skus: dict[str, str | None], whole: models.Money | None) -> ReturnLine:
    word = (item.status or "").strip().lower()
    worth = item.refund.amount if item.refund else None
    fits = worth is not None and whole is not None and worth.currency == whole.currency
    return ReturnLine(
        id=item.id,
        order_line_id=item.order_item.id,
        sku=item.sku or skus.get(item.order_item.id),
        quantity=item.quantity,
        status=LINE_STATUS.get(word, LineStatus.UNKNOWN),
        keep_item=bool(item.green_return),
        reason_code=item.reason_code,
        reason_codes=item.reason_codes or (),
        reason=item.reason or "",
        reasons=item.reasons or (),
        shipment_group_ids=item.shipment_group_ids or (),
        barcode=item.upc,
        value=worth.amount if worth is not None and fits else None,
    )


def _shipments(body: models.Return) -> tuple[ShipmentInfo, ...]:
    """All shipments; the single legacy one only when the list is not there."""
    rows = body.shipments
    if rows is None:
        rows = (body.shipment,) if body.shipment else ()
    return tuple(
        ShipmentInfo(
            group_id=row.shipment_group_id or None,
            tracking_number=row.tracker or None,
            carrier=row.carrier,
            location_id=row.external_location_id,
            line_ids=row.item_ids or (),
            status=(row.status or "").strip().lower(),
            delivered_at=row.delivered_at,
        )
        for row in rows
    )
