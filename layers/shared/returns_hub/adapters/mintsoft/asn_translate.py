"""ASNs between Mintsoft's words and ours."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from returns_hub.adapters.mintsoft.asn_models import AsnItemRow, AsnRow, NewAsn, NewAsnItem
from returns_hub.adapters.mintsoft.order_translate import moment_of
from returns_hub.adapters.mintsoft.times import midnight_of
from returns_hub.domain.operations import MARKER
from returns_hub.domain.warehouse_asns import (
    Asn,
    AsnChange,
    AsnDraft,
    AsnItem,
    AsnPortion,
    AsnStage,
    GoodsIn,
)
from returns_hub.errors import Retryable

STATUSES = {
    1: ("NEW", AsnStage.DRAFT),
    2: ("AWAITNGAPPROVAL", AsnStage.APPROVAL),
    3: ("AWAITINGDELIVERY", AsnStage.AWAITING),
    4: ("BOOKEDIN", AsnStage.BOOKED_IN),
    5: ("DISCREPANCY", AsnStage.DISCREPANCY),
    6: ("COMPLETE", AsnStage.COMPLETE),
    7: ("PARTIALLYBOOKED", AsnStage.PART_BOOKED),
    8: ("BOOKEDIN-PARTIAL", AsnStage.PART_BOOKED),
    9: ("DELIVERED", AsnStage.DELIVERED),
    10: ("SHIPPED", AsnStage.AWAITING),
    11: ("AWAITINGDELIVERY_LATE", AsnStage.AWAITING),
    12: ("AWAITINGPUTAWAY", AsnStage.PUTTING_AWAY),
    13: ("ROBOTPUTAWAY", AsnStage.PUTTING_AWAY),
}
"""Recorded live, spelling included."""
FIRST_REAL_YEAR = 1900
NO_EXPIRY_YEAR = 9999
MARKED = re.compile(rf"\[?({MARKER.pattern})\]?", re.IGNORECASE)


def to_asn(row: AsnRow, zone: ZoneInfo) -> Asn:
    """An ASN as we see it; its times are in the tenant's zone, its days are days.

    Raises:
        Retryable: Its version cannot be read.
    """
    updated_at = moment_of(row.last_updated, zone)
    if updated_at is None:
        raise Retryable("mintsoft.bad_time", f"ASN {row.id} has no readable LastUpdated", after=300)
    number = row.status_id or (row.status.id if row.status else 0)
    shown = (row.status.name if row.status else None) or f"status {number}"
    word, stage = STATUSES.get(number, (shown, AsnStage.UNKNOWN))
    comments = row.comments or ""
    marked = MARKED.search(comments)
    return Asn(
        asn_id=row.id,
        reference=(row.reference or "").strip(),
        stage=stage,
        status_word=word,
        version=row.last_updated,
        updated_at=updated_at,
        warehouse_id=row.warehouse_id or None,
        items=None if row.items is None else tuple(map(_item, row.items)),
        expected=day_of(row.expected),
        booked_in_at=moment_of(row.booked_in_at, zone),
        supplier=_supplier(row),
        supplier_notes=(row.supplier_notes or "").strip(),
        comments=MARKED.sub("", comments, count=1).strip(),
        marker=marked.group(1) if marked else "",
        goods_in=(row.goods_in or "").strip(),
        packages=row.packages or 0,
    )


def _item(row: AsnItemRow) -> AsnItem:
    return AsnItem(
        item_id=row.id,
        sku=(row.sku or "").strip(),
        expected=row.expected or 0,
        received=row.received or 0,
        booked=row.booked or 0,
        line_id=row.line_id or "",
        complete=bool(row.complete),
        product_id=row.product_id or None,
        portions=tuple(
            AsnPortion(
                quantity=part.quantity or 0,
                batch=(part.batch or "").strip(),
                serial=(part.serial or "").strip(),
                expires=day_of(part.expiry_date),
            )
            for part in row.allocations or ()
        ),
    )


def _supplier(row: AsnRow) -> str:
    name = row.supplier if isinstance(row.supplier, str) else row.supplier and row.supplier.name
    return (name or "").strip()


def day_of(text: str | None) -> date | None:
    """The day that is written, whatever the zone; None for Mintsoft's words for "not set"."""
    try:
        day = date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
    return day if FIRST_REAL_YEAR < day.year < NO_EXPIRY_YEAR else None


def to_body(draft: AsnDraft, client_id: int | None, goods_in: GoodsIn) -> NewAsn:
    """The body of an ASN to be made; the marker comes first in its comments, so that no cut of a
    long text takes it away."""
    return NewAsn(
        client_id=client_id,
        warehouse_id=draft.warehouse_id,
        reference=draft.reference,
        supplier=draft.supplier or None,
        supplier_notes=draft.supplier_notes or None,
        expected=midnight_of(draft.expected),
        comments=_marked(draft.marker, draft.comments),
        goods_in=draft.goods_in or goods_in,
        packages=draft.packages,
        items=tuple(
            NewAsnItem(sku=line.sku, quantity=line.quantity, line_id=line.line_id or None)
            for line in draft.lines
        ),
    )


def changed_body(row: AsnRow, asn: Asn, change: AsnChange, client_id: int | None) -> NewAsn:
    """The header of an ASN as it was read, with the changes in it.

    Whether Mintsoft keeps what is left out no source tells, so everything it takes is sent.
    """
    comments = asn.comments if change.comments is None else change.comments
    supplier = asn.supplier if change.supplier is None else change.supplier
    notes = asn.supplier_notes if change.supplier_notes is None else change.supplier_notes
    return NewAsn(
        client_id=client_id,
        warehouse_id=row.warehouse_id or 0,
        reference=row.reference or "",
        supplier=supplier,
        product_supplier_id=row.product_supplier_id if change.supplier is None else None,
        supplier_notes=notes,
        expected=midnight_of(change.expected or asn.expected),
        comments=_marked(asn.marker, comments),
        goods_in=row.goods_in or None,
        packages=asn.packages if change.packages is None else change.packages,
    )


def _marked(marker: str, comments: str) -> str:
    return f"[{marker}] {comments}".strip() if marker else comments
