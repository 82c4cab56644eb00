"""Which sales orders and shipments of Unleashed the warehouse gets, and as what.

Pure: the same order, file and warehouses give the same answer. What cannot be told goes to a
person; nothing is guessed about goods, a warehouse or a country.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from returns_hub.domain.base import plain_word
from returns_hub.domain.minor_units import exponent_of
from returns_hub.domain.unleashed.order_settings import OrderImport, ShipmentImport
from returns_hub.domain.unleashed.sales_orders import (
    SalesLine,
    SalesOrder,
    is_any_status,
    is_status,
)
from returns_hub.domain.unleashed.warehouses import Places
from returns_hub.domain.warehouse_orders import MERGED, OrderLine

MOST_LINES_NAMED = 3
MOST_UNITS = 2_147_483_647
"""Mintsoft's quantities are 32-bit whole numbers."""
MOST_PRICE = 10**12
FINISHED = ("deleted", "completed")


@dataclass(frozen=True)
class ImportOrder:
    """It becomes an order of the warehouse.

    Args:
        number: With the prefix.
        warehouse_id: Mintsoft's.
        country: As the order has it, or the file's default.
        lines: Goods only; each SKU once.
        channel: The channel's name; empty for none.
        courier: A courier service, or AUTO.
        charges: What its charge lines are called, where the file wants them in the comments.
        ioss_number: The file's; empty for none.
    """

    number: str
    warehouse_id: int
    country: str
    lines: tuple[OrderLine, ...]
    channel: str = ""
    courier: str = "AUTO"
    charges: tuple[str, ...] = ()
    ioss_number: str = ""

    def units(self) -> dict[str, int]:
        """Units of each SKU."""
        return {line.sku: line.quantity for line in self.lines}


@dataclass(frozen=True)
class LeaveOrder:
    """It is none of the warehouse's, which is nothing to tell anybody.

    Args:
        code: A bounded word for counting.
    """

    code: str


@dataclass(frozen=True)
class AskAboutOrder:
    """A person has to see to it.

    Args:
        code: A bounded word for counting.
        why: In a sentence.
        stops_warehouse: It is not about this order: the whole warehouse waits.
    """

    code: str
    why: str
    stops_warehouse: bool = False


JudgedOrder = ImportOrder | LeaveOrder | AskAboutOrder


def statuses_wanted(settings: OrderImport) -> tuple[str, ...]:
    """The statuses of Unleashed's API that `statuses` stands for, in lower case."""
    wanted: list[str] = []
    for word in settings.statuses:
        wanted += settings.open_means if word == "open" else (word,)
    return tuple(dict.fromkeys(wanted))


def is_wanted(order: SalesOrder, settings: OrderImport) -> bool:
    """Whether orders of its status are imported.

    Custom statuses override the others where any is named. They extend Parked, so that an order
    which has one and is completed or deleted is finished all the same.
    """
    if settings.custom_statuses:
        return is_any_status(order.custom_status, settings.custom_statuses) and not is_any_status(
            order.status, FINISHED
        )
    return is_any_status(order.status, statuses_wanted(settings))


def judge_order(
    order: SalesOrder, settings: OrderImport, places: Places, number_length: int
) -> JudgedOrder:
    """What becomes of a sales order.

    Args:
        order: As it was read just now; with its customer's address where it has none of its own.
        settings: `unleashed.orders`.
        places: Which warehouses may be worked with.
        number_length: Most characters that the warehouse takes.
    """
    if order.is_ours:
        return LeaveOrder("ours")
    if not is_wanted(order, settings):
        return LeaveOrder("deleted" if order.is_deleted else "status")
    return _judge(order, settings, places, number_length)


def judge_shipment(
    shipment: SalesOrder,
    orders: OrderImport,
    settings: ShipmentImport,
    places: Places,
    number_length: int,
) -> JudgedOrder:
    """What becomes of a shipment; its number, channel and couriers are as for sales orders.

    Args:
        shipment: With its own number, and with the address of its order.
        orders: `unleashed.orders`, whose switch does not count.
        settings: `unleashed.shipments`.
        places: See `judge_order`.
        number_length: See `judge_order`.
    """
    if shipment.is_ours:
        return LeaveOrder("ours")
    if not is_any_status(shipment.status, settings.statuses):
        return LeaveOrder("deleted" if is_status(shipment.status, "deleted") else "status")
    return _judge(shipment, orders, places, number_length)


def _judge(
    order: SalesOrder, settings: OrderImport, places: Places, number_length: int
) -> JudgedOrder:
    place = places.of(order.warehouse_code)
    if place.is_elsewhere:
        return LeaveOrder("elsewhere")
    if place.warehouse_id is None:
        return AskAboutOrder("warehouse", place.why, stops_warehouse=True)
    number = f"{settings.number_prefix}{order.number}"
    why = _number_problem(number, order.number, number_length) or _lines_problem(order)
    if why:
        return AskAboutOrder("order", f"order {order.number[:60]}: {why}")
    try:
        exponent_of(order.currency)
    except ValueError as error:
        return AskAboutOrder("currency", f"order {order.number[:60]}: {error}")
    lines = goods_of(order)
    if not lines:
        return LeaveOrder("no_goods")
    country = order.recipient.country.strip() or settings.default_country
    if not country:
        return AskAboutOrder(
            "country",
            f"order {order.number[:60]} names no country; name it there, or say "
            "unleashed.orders.default_country",
        )
    charges = tuple(
        line.description or line.sku or "charge" for line in order.lines if line.is_charge
    )
    return ImportOrder(
        number=number,
        warehouse_id=place.warehouse_id,
        country=country,
        lines=lines,
        channel=channel_of(order.source_id, settings),
        courier=courier_of(order.delivery_method, settings),
        charges=charges if settings.charges == "comment" else (),
        ioss_number=settings.ioss_number or "",
    )


def channel_of(source_id: str, settings: OrderImport) -> str:
    """The Mintsoft channel of an order; empty for none.

    With `channel_by_source` an entry counts when the source id is its key, or begins with it before
    something that is neither letter nor digit; of several the longest. Letters' case does not
    count.
    """
    default = settings.channel or ""
    if not settings.channel_by_source:
        return default
    source = source_id.strip().casefold()
    fitting = [
        (len(key.strip()), channel)
        for key, channel in settings.channels.items()
        if _begins(source, key.strip().casefold())
    ]
    return max(fitting)[1] if fitting else default


def _begins(source: str, key: str) -> bool:
    if not source.startswith(key):
        return False
    return source == key or not (key[-1].isalnum() and source[len(key)].isalnum())


def courier_of(delivery_method: str, settings: OrderImport) -> str:
    """The courier service of a delivery method; letters' case and blanks do not count."""
    wanted = plain_word(delivery_method)
    named = {plain_word(key): to for key, to in settings.couriers.items()}
    return named.get(wanted, settings.courier_default) if wanted else settings.courier_default


def goods_of(order: SalesOrder) -> tuple[OrderLine, ...]:
    """The order's goods, each SKU once: the warehouse cannot change a SKU that stands twice.

    Lines of one SKU are summed, at the average of their prices; where one of them has no price, it
    has none. The order was found good by `_lines_problem`.
    """
    by_sku: dict[str, list[SalesLine]] = {}
    for line in _goods_lines(order):
        by_sku.setdefault(line.sku.strip(), []).append(line)
    exponent = exponent_of(order.currency)
    return tuple(
        OrderLine(sku, int(sum(line.quantity for line in lines)), _price_of(lines, exponent))
        for sku, lines in by_sku.items()
    )


def _goods_lines(order: SalesOrder) -> Iterable[SalesLine]:
    return (line for line in order.lines if not line.is_charge and line.quantity != 0)


def _price_of(lines: list[SalesLine], exponent: int) -> int | None:
    priced = [(line.quantity, line.unit_price) for line in lines if line.unit_price is not None]
    if len(priced) != len(lines):
        return None
    units = sum(quantity for quantity, _ in priced)
    worth = sum((quantity * price for quantity, price in priced), Decimal(0))
    return int((worth / units).scaleb(exponent).quantize(Decimal(1), ROUND_HALF_UP))


def _number_problem(number: str, own: str, number_length: int) -> str | None:
    if not own.strip() or own != own.strip() or not own.isprintable():
        return "its number is empty, or holds blanks around it"
    if MERGED in own:
        return f"its number holds {MERGED}, which Mintsoft joins merged orders with"
    if len(number) > number_length:
        return f"its number has more than {number_length} characters with its prefix"
    return None


def _lines_problem(order: SalesOrder) -> str | None:
    """What of its lines the warehouse cannot be told; every such line, as far as few are named."""
    bad = [f"line {line.number} {why}" for line in order.lines if (why := _line_problem(line))]
    if not bad:
        return None
    more = f", and {len(bad) - MOST_LINES_NAMED} more" if len(bad) > MOST_LINES_NAMED else ""
    return "; ".join(bad[:MOST_LINES_NAMED]) + more


def _line_problem(line: SalesLine) -> str | None:
    if line.is_charge:
        return None
    if not line.quantity.is_finite() or line.quantity < 0 or line.quantity > MOST_UNITS:
        return f"has the quantity {line.quantity}"
    if line.quantity != line.quantity.to_integral_value():
        return (
            f"orders {line.quantity.normalize():f} of {line.sku[:60] or 'a product'}; the "
            "warehouse sends whole units only"
        )
    if line.quantity and not line.sku.strip():
        return "has no product code"
    price = line.unit_price
    if price is not None and not (price.is_finite() and 0 <= price <= MOST_PRICE):
        return f"has the price {price}"
    return None
