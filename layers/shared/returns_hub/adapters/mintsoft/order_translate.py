"""Orders between Mintsoft's words and ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from returns_hub.adapters.mintsoft.order_models import NewNameValue, NewOrder, NewOrderItem, Order
from returns_hub.adapters.mintsoft.times import to_utc
from returns_hub.domain.minor_units import amount_of
from returns_hub.domain.warehouse_orders import (
    MERGED,
    OrderDraft,
    OrderedItem,
    OrderStage,
    Recipient,
    WarehouseOrder,
)
from returns_hub.errors import Permanent, Retryable

STATUSES = {
    1: ("NEW", OrderStage.NEW),
    2: ("PRINTED", OrderStage.IN_WORK),
    3: ("CANCELLED", OrderStage.CANCELLED),
    4: ("DESPATCHED", OrderStage.DESPATCHED),
    5: ("INVOICED", OrderStage.DESPATCHED),
    6: ("INVOICEFAILED", OrderStage.DESPATCHED),
    7: ("HOLDING", OrderStage.ON_HOLD),
    8: ("FAILED", OrderStage.FAILED),
    9: ("ONBACKORDER", OrderStage.BACK_ORDERED),
    10: ("AWAITINGCONFIRMATION", OrderStage.ON_HOLD),
    11: ("AWAITINGDOCUMENTATION", OrderStage.ON_HOLD),
    12: ("AWAITINGPAYMENT", OrderStage.ON_HOLD),
    13: ("QUERYRAISED", OrderStage.ON_HOLD),
    14: ("PACKANDHOLD", OrderStage.ON_HOLD),
    15: ("AWAITINGPICKING", OrderStage.IN_WORK),
    16: ("PICKINGSTARTED", OrderStage.IN_WORK),
    17: ("PICKED", OrderStage.IN_WORK),
    18: ("FRAUDRISK", OrderStage.ON_HOLD),
    19: ("PICKINGSKIPPED", OrderStage.IN_WORK),
    20: ("PACKED", OrderStage.IN_WORK),
    21: ("AWAITINGREPLEN", OrderStage.IN_WORK),
    22: ("PROCESSING", OrderStage.IN_WORK),
    23: ("REBINNED", OrderStage.IN_WORK),
}
"""Recorded live by two client projects. 4, 5 and 6 have the external name `SHIPPED`."""
SHIPPED = "DESPATCHED"
FIRST_REAL_YEAR = 1900
"""Before it a time is Mintsoft's word for "not set"."""
ADDRESS_LINES = 3
MOST_DIGITS = 15
"""Of an amount that goes as a JSON number: so many a double keeps."""
LEAST_PERSONAL = 3
StatusOf = Callable[[int | None], tuple[str, OrderStage]]


def to_order(row: Order, zone: ZoneInfo, status_of: StatusOf) -> WarehouseOrder:
    """An order as we see it; its times are in the tenant's zone.

    Raises:
        Retryable: Its version cannot be read.
    """
    updated_at = moment_of(row.last_updated, zone)
    if updated_at is None:
        raise Retryable(
            "mintsoft.bad_time", f"order {row.id} has no readable LastUpdated", after=300
        )
    word, stage = status_of(row.status_id)
    url = (row.tracking_url or "").strip()
    return WarehouseOrder(
        order_id=row.id,
        number=(row.number or "").strip(),
        stage=stage,
        status_word=word,
        version=row.last_updated,
        updated_at=updated_at,
        external_reference=(row.external_reference or "").strip(),
        warehouse_id=row.warehouse_id or None,
        part=row.part or 1,
        parts=row.parts or 1,
        items=None if row.items is None else _items(row),
        despatched_at=moment_of(row.despatch_date, zone)
        if stage is OrderStage.DESPATCHED
        else None,
        courier=(row.courier or "").strip(),
        courier_id=row.courier_id or None,
        tracking_number=(row.tracking_number or "").strip(),
        tracking_url=url if url.startswith(("https://", "http://")) else "",
        name_values=tuple((pair.name or "", pair.value or "") for pair in row.name_values or ()),
        parcels=max(0, row.parcels or 0),
        channel_id=row.channel_id or None,
    )


def _items(row: Order) -> tuple[OrderedItem, ...]:
    return tuple(
        OrderedItem(
            sku=(item.sku or "").strip(),
            quantity=item.quantity or 0,
            allocated=item.allocated or 0,
            committed=item.committed or 0,
            on_back_order=item.on_back_order or 0,
            item_id=item.id or 0,
        )
        for item in row.items or ()
    )


def moment_of(text: str | None, zone: ZoneInfo) -> datetime | None:
    """None for what is missing, unreadable, or Mintsoft's word for "not set"."""
    if not text:
        return None
    try:
        moment = to_utc(text, zone)
    except ValueError:
        return None
    return moment if moment.astimezone(UTC).year > FIRST_REAL_YEAR else None


def spelt_alike(number: str, other: str) -> bool:
    """Whether Mintsoft may hold the two for one number.

    A shop's ``#`` may be stripped (recorded live), and its database does not tell case apart.
    """
    return _plain(number) == _plain(other)


def _plain(number: str) -> str:
    return re.sub(r"[#\s]", "", number).casefold()


def has_number(row: Order, number: str) -> bool:
    """Whether the order is the one with this number, or was merged from it and others."""
    return any(spelt_alike(one, number) for one in (row.number or "").split(MERGED))


def to_body(draft: OrderDraft, client_id: int | None) -> NewOrder:
    """The body of an order to be made.

    Raises:
        Permanent: A price is too large to be sent exactly.
    """
    person = draft.recipient
    lines = address_lines(person)
    return NewOrder(
        client_id=client_id,
        number=draft.number,
        external_reference=draft.external_reference or None,
        title=person.title or None,
        company=person.company or None,
        first_name=person.first_name or None,
        last_name=person.last_name or None,
        address_1=lines[0] or None,
        address_2=lines[1] or None,
        address_3=lines[2] or None,
        town=person.town or None,
        county=person.county or None,
        postcode=person.postcode or None,
        country=person.country,
        email=person.email or None,
        phone=person.phone or None,
        courier=draft.courier if isinstance(draft.courier, str) else None,
        courier_id=draft.courier if isinstance(draft.courier, int) else None,
        channel=(draft.channel or None) if isinstance(draft.channel, str) else None,
        channel_id=draft.channel if isinstance(draft.channel, int) else None,
        warehouse_id=draft.warehouse_id,
        currency=draft.currency,
        comments=draft.comments or None,
        delivery_notes=draft.delivery_notes or None,
        ioss_number=draft.ioss_number or None,
        items=tuple(
            NewOrderItem(
                sku=item.sku,
                quantity=item.quantity,
                unit_price=_price(item.unit_price_minor, draft),
                details=item.details or None,
            )
            for item in draft.items
        ),
        name_values=tuple(NewNameValue(name=name, value=value) for name, value in draft.name_values)
        or None,
    )


def address_lines(person: Recipient) -> list[str]:
    """The address in Mintsoft's three lines; what is more goes into the last."""
    lines = [line.strip() for line in person.address if line.strip()]
    lines[ADDRESS_LINES - 1 :] = [", ".join(lines[ADDRESS_LINES - 1 :])]
    return lines + [""] * (ADDRESS_LINES - len(lines))


def _price(minor: int | None, draft: OrderDraft) -> float | None:
    if minor is None:
        return None
    if len(str(abs(minor))) > MOST_DIGITS:
        raise Permanent("mintsoft.bad_order", f"order {draft.number}: a price is out of range")
    # So few digits come out of a double as they went in.
    return float(amount_of(minor, draft.currency))


def without_person(text: str, draft: OrderDraft) -> str:
    """A message of Mintsoft's about the draft, without what it says of the recipient."""
    return without_recipient(text, draft.recipient, draft.delivery_notes, draft.comments)


def without_recipient(text: str, person: Recipient, *notes: str) -> str:
    """A message of Mintsoft's, without what it says of the recipient, or holds of the notes."""
    said = [person.first_name, person.last_name, person.company, person.town, person.county]
    said += [person.postcode, person.email, person.phone, *person.address, *notes]
    for words in sorted((word.strip() for word in said), key=len, reverse=True):
        if len(words) >= LEAST_PERSONAL:
            text = re.sub(re.escape(words), "…", text, flags=re.IGNORECASE)
    return text
