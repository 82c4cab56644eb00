"""Orders of the warehouse, in our words. What a buyer is called stays in a draft alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from returns_hub.domain.minor_units import exponent_of

BY_RULES = "AUTO"
"""In the place of a courier: the warehouse's shipping rules choose."""
MERGED = "+"
"""Joins the numbers of orders that the warehouse merged; no number of ours may hold it."""


@dataclass(frozen=True, repr=False)
class Recipient:
    """Who gets the goods. Personal data: never logged or stored, so its repr shows none."""

    country: str
    """ISO 3166, two or three letters."""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    company: str = ""
    address: tuple[str, ...] = ()
    town: str = ""
    county: str = ""
    postcode: str = ""
    email: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return f"Recipient(country={self.country!r}, …)"


@dataclass(frozen=True)
class OrderLine:
    """Units of a SKU that are ordered.

    Args:
        sku: The warehouse's SKU.
        quantity: Units, at least 1.
        unit_price_minor: Price of one unit in minor units of the order's currency.
        details: For the warehouse; shown with the line.
    """

    sku: str
    quantity: int
    unit_price_minor: int | None = None
    details: str = field(default="", repr=False)


@dataclass(frozen=True)
class OrderDraft:
    """An order to be made in the warehouse.

    Args:
        number: Ours, unique for the client; what the warehouse shows and refuses a second time.
        warehouse_id: Which warehouse.
        recipient: Who gets the goods.
        items: What is ordered.
        currency: ISO 4217, of every price.
        external_reference: The order's name elsewhere; unique for the client as well.
        courier: The courier service's id or name, or `BY_RULES`.
        channel: The sales channel's id or name; empty for none.
        delivery_notes: For the courier.
        comments: For the warehouse.
        name_values: More that the order shall carry, e.g. ids of its marketplace.
        ioss_number: Number of the import one-stop shop, for customs; empty for none.
    """

    number: str
    warehouse_id: int
    recipient: Recipient
    items: tuple[OrderLine, ...]
    currency: str
    external_reference: str = ""
    courier: int | str = BY_RULES
    channel: int | str = ""
    delivery_notes: str = field(default="", repr=False)
    comments: str = field(default="", repr=False)
    name_values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ioss_number: str = ""

    def units(self) -> dict[str, int]:
        """Units ordered of each SKU."""
        return units_of((item.sku, item.quantity) for item in self.items)


def units_of(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Units of each SKU, summed; rows of nothing are left out."""
    total: Counter[str] = Counter()
    for sku, quantity in rows:
        if quantity > 0:
            total[sku.strip()] += quantity
    return dict(total)


def draft_problem(draft: OrderDraft, number_length: int) -> str | None:
    """Why no warehouse would take the draft, in a sentence; None when nothing speaks against it."""
    number = draft.number
    try:
        exponent_of(draft.currency)
    except ValueError as error:
        return f"order {number}: {error}"
    bad_items = [
        item
        for item in draft.items
        if not item.sku.strip() or item.quantity < 1 or (item.unit_price_minor or 0) < 0
    ]
    says: tuple[tuple[bool, str], ...] = (
        (not number.strip() or number != number.strip(), "an order needs a number without blanks"),
        (not number.isprintable(), "an order's number must be printable"),
        (len(number) > number_length, f"its number has more than {number_length} characters"),
        (MERGED in number, f"a number with {MERGED} looks like a merged order's"),
        (draft.warehouse_id < 1, "it names no warehouse"),
        (not draft.items, "it has no items"),
        (bool(bad_items), "an item needs a SKU, a quantity of at least 1 and no price below 0"),
        (not draft.recipient.country.strip(), "its address has no country"),
        (draft.courier in {"", 0}, f"it names no courier service; {BY_RULES} lets rules choose"),
    )
    return next((f"order {number[:60]}: {why}" for is_so, why in says if is_so), None)


@dataclass(frozen=True)
class WarehouseOrderMade:
    """What making an order came to.

    Args:
        order_id: The warehouse's id.
        drop_ship_order_id: A second order, for items that somebody else sends; None without one.
        found: It had been made before, and was found.
    """

    order_id: int
    drop_ship_order_id: int | None = None
    found: bool = False


class OrderStage(StrEnum):
    """How far the warehouse is with an order; `UNKNOWN` is a status we have not been told of, and
    leads to no decision."""

    NEW = "new"
    ON_HOLD = "on_hold"
    BACK_ORDERED = "back_ordered"
    IN_WORK = "in_work"
    DESPATCHED = "despatched"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OrderedItem:
    """Units of a SKU on an order: ordered, set aside, fixed to the pick, and waiting for stock.

    `item_id` is the warehouse's id of the line; 0 when it is not shown.
    """

    sku: str
    quantity: int
    allocated: int = 0
    committed: int = 0
    on_back_order: int = 0
    item_id: int = 0


@dataclass(frozen=True)
class WarehouseOrder:
    """An order as the warehouse holds it; a split one is several, each a part of `parts`.

    Args:
        order_id: The warehouse's id.
        number: As the warehouse shows it.
        stage: How far it is.
        status_word: The warehouse's own word, for people.
        version: The warehouse's word for the last change; with the id it identifies what was read.
        updated_at: When that was.
        external_reference: Its name elsewhere.
        warehouse_id: Where it is sent from; None when not shown.
        part: Which part of a split order, from 1.
        parts: Of how many.
        items: What is ordered; None when a list does not show it.
        despatched_at: When it left; None while it has not, or when not shown.
        courier: The courier service's name; empty while none is chosen.
        courier_id: Its id; None while none is chosen.
        tracking_number: Empty while there is none.
        tracking_url: An http(s) address, or empty.
        name_values: What else it carries, in pairs.
        parcels: How many there are of it; 0 when not shown.
        channel_id: The warehouse's id of its sales channel; None when not shown.
    """

    order_id: int
    number: str
    stage: OrderStage
    status_word: str
    version: str
    updated_at: datetime
    external_reference: str = ""
    warehouse_id: int | None = None
    part: int = 1
    parts: int = 1
    items: tuple[OrderedItem, ...] | None = None
    despatched_at: datetime | None = None
    courier: str = ""
    courier_id: int | None = None
    tracking_number: str = ""
    tracking_url: str = ""
    name_values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    parcels: int = 0
    channel_id: int | None = None

    @property
    def key(self) -> str:
        """Identifies this version of this order."""
        return f"{self.order_id}@{self.version}"

    @property
    def is_shipped(self) -> bool:
        """Whether it left the warehouse."""
        return self.stage is OrderStage.DESPATCHED

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.stage is OrderStage.CANCELLED

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the orders it is made of: several when the warehouse merged them."""
        return tuple(part.strip() for part in self.number.split(MERGED))

    def units(self) -> dict[str, int]:
        """Units of each SKU; empty also when the items are not shown."""
        return units_of((item.sku, item.quantity) for item in self.items or ())


@dataclass(frozen=True)
class PickedUnits:
    """Units of an order that were scanned when they were picked, apart by batch and serial number.

    Args:
        sku: Of the order's item.
        quantity: How many.
        batch: Their batch; empty where none was recorded.
        serial: Their serial number; empty where none was recorded.
    """

    sku: str
    quantity: int
    batch: str = ""
    serial: str = ""


@dataclass(frozen=True)
class OrderPage:
    """Some orders, and how many calls finding them took.

    Args:
        orders: Those.
        calls: How many.
        complete: Whether these are all.
        next_page: The page of the list to go on at; None where there is none such.
    """

    orders: tuple[WarehouseOrder, ...]
    calls: int
    complete: bool = True
    next_page: int | None = None


@dataclass(frozen=True)
class CourierService:
    """A courier service that orders can be sent by."""

    id: int
    name: str
    active: bool


def same_goods(held: Mapping[str, int], wanted: Mapping[str, int], *, merged: bool) -> bool:
    """Whether an order holds exactly these units; a merged one may hold others beside them."""
    if merged:
        return all(held.get(sku, 0) >= units for sku, units in wanted.items())
    return dict(held) == dict(wanted)
