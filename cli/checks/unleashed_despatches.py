"""Despatches at Unleashed: which way of telling them the account takes, and names of couriers.

`look_at_despatches` has the shape of the looks of Unleashed's area. Everything is found by reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cli.checks.model import Finding, Subject, failed, ok, skipped, warning
from returns_hub.domain.file_types import Mode
from returns_hub.domain.lint.maps import without_company
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.erp.despatches import ErpDespatches

MANAGEMENT = "Order Management in the account's shipments"
SETTING = "unleashed.order_management"


def look_at_despatches(_: Subject, world: ErpWorld) -> Iterator[Finding]:
    """Order Management, and shipping companies where they are named."""
    connection, erp = world.connection, world.erp.despatches
    yield look_at_order_management(erp, connection)
    settings = connection.despatches
    if settings.mode is not Mode.OFF and settings.send_shipping_company:
        yield from look_at_shipping_companies(erp, world.orders, connection)


def look_at_order_management(erp: ErpDespatches, connection: UnleashedConnection) -> Finding:
    """What the newest shipments show of the account's switch, held against the file.

    An order with several shipments is possible with Order Management alone. That no order has
    several proves nothing.
    """
    shipments = erp.newest_shipments()
    says = connection.order_management
    if not shipments:
        return skipped(
            MANAGEMENT,
            "the account has no shipments to look at",
            f"ask the account's owner, and say {SETTING}",
        )
    by_order = Counter(one.order_number for one in shipments)
    several = sorted(number for number, count in by_order.items() if count > 1)
    if several:
        told = f"is on: order {several[0]} has {by_order[several[0]]} shipments"
        if says == "on":
            return ok(MANAGEMENT, told, orders=len(by_order), several=len(several))
        result = failed if says == "off" else warning
        return result(MANAGEMENT, f"{told}, and the file says {says}", f"set {SETTING} to on")
    told = f"the newest {len(by_order)} orders have one shipment each, which proves nothing"
    if says == "unknown":
        return warning(MANAGEMENT, told, f"ask the account's owner, and say {SETTING}")
    if says == "on":
        return warning(
            MANAGEMENT,
            f"{told}; the file says on",
            "where it is off in truth, an order's second parcel is refused: ask its owner",
        )
    return ok(MANAGEMENT, f"{told}; the file says off", orders=len(by_order))


def look_at_shipping_companies(
    erp: ErpDespatches, orders: OrdersWarehouse, connection: UnleashedConnection
) -> Iterator[Finding]:
    """Whether Unleashed knows what the warehouse's couriers are called there."""
    known = erp.shipping_companies()
    named = connection.despatches.shipping_companies
    active = (service.name for service in orders.courier_services() if service.active)
    missing = without_company(active, named, known)
    if not missing:
        yield ok("shipping companies", "Unleashed has one for every courier of Mintsoft")
        return
    yield warning(
        "shipping companies",
        f"Unleashed has none for {', '.join(missing)}; it has {', '.join(sorted(known)) or 'none'}",
        "map them in unleashed.despatches.shipping_companies, make them in Unleashed, or set "
        "send_shipping_company to false: what they carry waits for a person else",
        missing=missing,
    )
