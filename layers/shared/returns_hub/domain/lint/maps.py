"""Whether the file's maps name what is there, and name everything that matters.

`hub check` and the lint ask the same questions here, so that they cannot answer differently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from returns_hub.domain.base import plain_word
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant, ReasonMap, WarehouseMap
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.reasons import reason_id
from returns_hub.domain.returns import PortalReturn, ReturnLine
from returns_hub.domain.unleashed.despatches import company_for
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.domain.warehouse_orders import BY_RULES, CourierService
from returns_hub.domain.warehouse_stock import StockLevel

NO_LOCATION = "(no location)"
NO_REASON = "(none)"
NO_COURIER = frozenset({"unassigned", plain_word(BY_RULES)})
"""What stands in a courier's place while none is chosen: Mintsoft's list has a service of that name
(seen with clients), and orders may be left to its shipping rules."""


# -- warehouses --------------------------------------------------------------------------------


def mapped_warehouses(merchant: Merchant) -> dict[str, int]:
    """Where in the file -> Mintsoft warehouse id, of every map but Unleashed's, which is held
    against both sides (`domain.unleashed.warehouses`)."""
    maps = merchant.mintsoft.warehouses
    found = {
        f"mintsoft.warehouses.by_location: {location}": id_
        for location, id_ in maps.by_location.items()
    }
    if maps.merchant_address is not None:
        found["mintsoft.warehouses.merchant_address"] = maps.merchant_address
    if merchant.miinto is not None:
        found |= {f"miinto.shops: {shop.slug}": shop.warehouse for shop in merchant.miinto.shops}
    if merchant.wair is not None:
        for location in merchant.wair.locations:
            found |= {f"wair.locations: {location.id} ({id_})": id_ for id_ in location.warehouses}
    return found


def used_warehouses(merchant: Merchant) -> frozenset[int]:
    """Ids of Mintsoft warehouses that any map of the file names."""
    erp = merchant.unleashed.warehouses if merchant.unleashed is not None else {}
    return frozenset({*mapped_warehouses(merchant).values(), *erp.values()})


def stocked(levels: Mapping[str, StockLevel]) -> tuple[int, int]:
    """How many SKUs a warehouse holds, and their units; bundles repeat their parts'."""
    units = [
        most
        for level in levels.values()
        if not level.bundle and (most := max(level.level, level.total or 0)) > 0
    ]
    return len(units), sum(units)


# -- reasons and locations of returns ----------------------------------------------------------


@dataclass(frozen=True)
class ReasonRow:
    """A reason of the warehouse: its name, and whether it is switched on."""

    name: str
    active: bool


def reason_problem(number: int, known: Mapping[int, ReasonRow]) -> str:
    """Why no return can name this reason id; empty when it can."""
    found = known.get(number)
    if found is None:
        return "does not exist"
    return "" if found.active else f"{found.name} is switched off in Mintsoft"


def bad_reasons(reasons: ReasonMap, known: Mapping[int, ReasonRow]) -> Iterator[tuple[str, str]]:
    """Words of the map whose reason id is none that a return can name, with why.

    The placeholder 0 is none of them.
    """
    for word, number in {"default": reasons.default, **reasons.map}.items():
        if not (word == "default" and reasons.is_placeholder):
            why = reason_problem(number, known)
            if why:
                yield word, f"{number}: {why}"


def unmapped_reasons(returns: Iterable[PortalReturn], reasons: ReasonMap) -> Counter[str]:
    """Reasons of customers that the map does not have, with the lines that give them."""
    lines = (line for found in returns for line in found.lines if not line.keep_item)
    return Counter(_reason_of(line) for line in lines if not reason_id(line, reasons)[1])


def _reason_of(line: ReturnLine) -> str:
    codes = (line.reason_code, *reversed(line.reason_codes), line.reason, *line.reasons)
    return next((word.strip() for word in codes if word and word.strip()), NO_REASON)[:60]


def unmapped_locations(
    returns: Iterable[PortalReturn], warehouses: WarehouseMap
) -> tuple[Counter[str], int]:
    """Locations of shipments that the map does not have, counted, and how many it has."""
    where = Counter(
        shipment.location_id or NO_LOCATION for found in returns for shipment in found.shipments
    )
    unmapped = {k: n for k, n in where.items() if k not in warehouses.by_location}
    return Counter(unmapped), len(where) - len(unmapped)


# -- couriers ----------------------------------------------------------------------------------


def is_no_courier(name: str) -> bool:
    """Whether a courier's name says that none is chosen."""
    return plain_word(name) in NO_COURIER or not name.strip()


def named_couriers(merchant: Merchant) -> dict[int | str, str]:
    """Courier services that orders of flows that are on name -> where the file names them."""
    found: dict[int | str, str] = {}
    if merchant.unleashed is not None:
        found |= dict.fromkeys(couriers_of_unleashed(merchant.unleashed), "unleashed")
    if merchant.miinto is not None:
        found |= dict.fromkeys(couriers_of_miinto(merchant.miinto), "miinto.orders")
    return found


def couriers_of_unleashed(connection: UnleashedConnection) -> list[int | str]:
    """Courier services, by id or name, that orders of Unleashed go by; none with every flow off."""
    if all(mode is Mode.OFF for mode in connection.modes.values()):
        return []
    orders = connection.orders
    named = [orders.courier_default, *orders.couriers.values()]
    return _ids_and_names([*named, connection.assemblies.courier, connection.transfers.courier])


def couriers_of_miinto(connection: MiintoConnection) -> list[int | str]:
    """The same of Miinto's orders, where the hub makes them in Mintsoft."""
    orders = connection.orders
    if orders.mode is Mode.OFF or orders.into != "mintsoft":
        return []
    return _ids_and_names([*orders.couriers.values(), orders.courier_default])


def _ids_and_names(named: Iterable[str]) -> list[int | str]:
    return [int(name) if name.isdecimal() else name for name in named if name != BY_RULES]


def courier_problem(courier: int | str, known: Iterable[CourierService]) -> str:
    """Why orders cannot name this courier service; empty when they can."""
    found = next((service for service in known if courier in {service.id, service.name}), None)
    if found is None:
        return "does not exist"
    return "" if found.active else "is switched off in Mintsoft"


def without_company(
    couriers: Iterable[str], named: Mapping[str, str], known: Iterable[str]
) -> list[str]:
    """Couriers for which Unleashed has no shipping company, each with the one that is looked for.

    Args:
        couriers: Names of Mintsoft's courier services.
        named: `unleashed.despatches.shipping_companies`.
        known: Unleashed's shipping companies.
    """
    companies = frozenset(known)
    return sorted(
        f"{courier} ({company})"
        for courier in set(couriers)
        if not is_no_courier(courier) and (company := company_for(courier, named)) not in companies
    )
