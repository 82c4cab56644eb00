"""Loop's own words, of which only what the job needs is read.

Source: Loop's reference (return details, detailed returns list, notes, return webhook). The
customer, addresses and gift cards are in those bodies and in none of these models. Ids, amounts and
tracking numbers come as texts in some answers and as numbers in others: ids are texts here,
amounts are Decimal. States and outcomes are read as plain strings. Nearly nothing is promised to be
there, and fields are added without notice.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from returns_hub.domain.strict_json import number_of

NOT_YET = frozenset({"", "N/A"})
"""Loop's words for a carrier or a tracking number that is not assigned yet."""


class Theirs(BaseModel):
    """A body of Loop's; what we do not read is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value.strip()


def _written(value: Any) -> Any:
    """A time as a text: a number would be taken for seconds since 1970."""
    if not isinstance(value, str | datetime):
        raise ValueError("is not a time")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _amount(value: Any) -> Decimal | None:
    """An amount, or None when it is none: it is for people, and no reason to stop a return."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        return number_of(str(value))
    except ValueError:
        return None


Id = Annotated[str, BeforeValidator(_as_text), AfterValidator(_not_empty)]
Text = Annotated[str, BeforeValidator(_as_text)]
Moment = Annotated[datetime, BeforeValidator(_written)]
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


class LineItem(Theirs):
    """A line item. No document tells of a quantity; one is read where it is there."""

    line_item_id: Id
    provider_line_item_id: Text | None = None
    sku: Text | None = None
    quantity: int | None = None
    return_reason: Text | None = None
    parent_return_reason: Text | None = None


def _item_ids(value: Any) -> Any:
    """Ids of a label's line items, which are ids or line items."""
    if not isinstance(value, list | tuple):
        return ()
    ids = [item.get("line_item_id") if isinstance(item, dict) else item for item in value]
    return tuple(str(one) for one in ids if isinstance(one, str | int) and str(one).strip())


class Label(Theirs):
    """A label: a parcel on its way back. It has no id."""

    carrier: Text | None = None
    tracking_number: Text | None = None
    line_items: Annotated[tuple[str, ...], BeforeValidator(_item_ids)] = ()


class ReturnInList(Theirs):
    """What is read of a return in the list."""

    id: Id
    redo_id: Text | None = None
    state: str
    created_at: Moment
    updated_at: Moment


class Return(ReturnInList):
    """A return, as ``/warehouse/return/details`` gives it."""

    outcome: Text | None = None
    order_name: Text | None = None
    currency: Text | None = None
    refund: Amount = None
    destination_id: Text | None = None
    carrier: Text | None = None
    tracking_number: Text | None = None
    line_items: tuple[LineItem, ...] | None = ()
    labels: tuple[Label, ...] | None = ()


class Note(Theirs):
    """A note of the team."""

    content: Text | None = None


class Notes(Theirs):
    """Answer of ``GET /warehouse/return/{id}/notes``."""

    notes: tuple[Note, ...]
