"""Redo's own words, of which only what the job needs is read.

Source: Redo's OpenAPI 2.2 (``return-read.schema``, ``order-read.schema``). The customer, addresses
and gift-card codes are in those bodies and in none of these models. Enumerations are read as
plain strings: Redo adds words.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from returns_hub.domain.strict_json import number_of


class Theirs(BaseModel):
    """A body of Redo's; what we do not read is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def _amount(value: Any) -> Decimal | None:
    """The amount, if it is one: the schema takes any string. A number is read as its digits."""
    is_amount = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    try:
        return number_of(str(value)) if is_amount else None
    except ValueError:
        return None


Moment = Annotated[datetime, AfterValidator(_utc)]
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> datetime | None:
    try:
        moment: datetime | None = read(value)
    except ValidationError:
        return None
    return moment


CarriersMoment = Annotated[Moment | None, WrapValidator(_or_none)]
"""A time that comes from a carrier. One that cannot be read is none: a return is not refused, and
no goods left unannounced, for its sake."""


class OrderLink(Theirs):
    """The order a return belongs to; `name` as the shop shows it."""

    id: str
    name: str | None = None


class Money(Theirs):
    """A decimal string with its currency; the schema requires neither."""

    amount: Amount = None
    currency: str | None = None


class AmountOfMoney(Theirs):
    """Totals nest it once more."""

    amount: Money


class OrderItemLink(Theirs):
    """``{orderId}/{index}``."""

    id: str


class Item(Theirs):
    """A line of a return."""

    id: str
    order_item: OrderItemLink = Field(alias="orderItem")
    sku: str | None = None
    quantity: int
    status: str | None = None
    reason: str | None = ""
    reason_code: str | None = Field(default=None, alias="reasonCode")
    reasons: tuple[str, ...] | None = ()
    reason_codes: tuple[str, ...] | None = Field(default=(), alias="reasonCodes")
    green_return: bool | None = Field(default=False, alias="greenReturn")
    shipment_group_ids: tuple[str, ...] | None = Field(default=(), alias="shipmentGroupIds")
    upc: str | None = None
    refund: AmountOfMoney | None = None


class Shipment(Theirs):
    """A parcel; it has no id."""

    shipment_group_id: str | None = Field(default=None, alias="shipmentGroupId")
    tracker: str | None = None
    carrier: str | None = None
    external_location_id: str | None = Field(default=None, alias="externalLocationId")
    item_ids: tuple[str, ...] | None = Field(default=(), alias="itemIds")
    status: str | None = None
    delivered_at: CarriersMoment = Field(default=None, alias="deliveredAt")


class Dropoff(Theirs):
    """A QR-code drop-off; its group may have no shipment."""

    shipment_group_id: str = Field(alias="shipmentGroupId")


class Totals(Theirs):
    """What the customer gets, by kind."""

    refund: AmountOfMoney | None = None
    exchange: AmountOfMoney | None = None
    store_credit: AmountOfMoney | None = Field(default=None, alias="storeCredit")


class ReturnInList(Theirs):
    """What is read of a return in a list."""

    id: str
    status: str
    created_at: Moment = Field(alias="createdAt")
    updated_at: Moment = Field(alias="updatedAt")


class Return(Theirs):
    """A return."""

    id: str
    type: str | None = "return"
    status: str
    created_at: Moment = Field(alias="createdAt")
    updated_at: Moment = Field(alias="updatedAt")
    order: OrderLink
    items: tuple[Item, ...]
    shipment: Shipment | None = None
    shipments: tuple[Shipment, ...] | None = None
    dropoffs: tuple[Dropoff, ...] | None = ()
    compensation_methods: tuple[str, ...] | None = Field(default=(), alias="compensationMethods")
    totals: Totals | None = None


class Variant(Theirs):
    """Where a line's SKU is when the return does not say."""

    sku: str | None = None


class OrderItem(Theirs):
    """A line of an order."""

    id: str
    variant: Variant | None = None


class Order(Theirs):
    """An order: its name, and SKUs by line."""

    id: str
    name: str | None = None
    items: tuple[OrderItem, ...] = ()


class ReturnWithOrder(Theirs):
    """Answer of ``GET /returns/{returnId}``."""

    return_: Return = Field(alias="return")
    order: Order | None = None


class Comment(Theirs):
    """A comment; an image has no message."""

    message: str | None = None


class Comments(Theirs):
    """Answer of ``GET /returns/{returnId}/comments``."""

    comments: tuple[Comment, ...]
