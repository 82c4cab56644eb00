"""The lint of maps: warehouses, locations and reasons of returns, couriers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.maps import (
    NO_LOCATION,
    ReasonRow,
    bad_reasons,
    courier_problem,
    is_no_courier,
    mapped_warehouses,
    named_couriers,
    stocked,
    unmapped_locations,
    unmapped_reasons,
    used_warehouses,
    without_company,
)
from returns_hub.domain.lint.skus import shown
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.time_left import require_time

MOST_WAREHOUSES = 20
"""Warehouses in no map whose stock is read, one call each: a 3PL may have many of other clients."""
MOST_RETURNS = 200
MOST_CALLS = 5
"""Pages of despatched orders."""
RECENT = timedelta(days=7)
"""Despatches so young tell which couriers are used."""


def lint_warehouses(world: DriftWorld) -> Iterator[Difference]:
    """Warehouses that are mapped and not there, and that hold stock and are in no map."""
    merchant = world.world.live.merchant
    known = world.world.warehouse.warehouse_ids()
    by_id: dict[int, list[str]] = {}
    for where, id_ in mapped_warehouses(merchant).items():
        by_id.setdefault(id_, []).append(where)
    for id_, places in sorted(by_id.items()):
        if id_ not in known:
            yield found(
                "lint.warehouse_unknown",
                f"Mintsoft warehouse {id_}",
                {"file": ", ".join(places), "mintsoft": "no active warehouse"},
                merchant=world.merchant,
            )
    yield from _in_no_map(world, known)
    yield from _of_unleashed(world)


def _of_unleashed(world: DriftWorld) -> Iterator[Difference]:
    """The map of Unleashed's codes, as flows hold it against both sides."""
    if world.erp is None:
        return
    mapped = world.erp.connection.warehouses
    for code, why in sorted(world.erp.places.stopped.items()):
        is_mapped = code in mapped
        yield found(
            "lint.warehouse_unknown" if is_mapped else "lint.warehouse_unmapped",
            f"Unleashed warehouse {shown(code)}",
            {"file": "unleashed.warehouses" if is_mapped else "in no map", "unleashed": why},
            merchant=world.merchant,
        )


def _in_no_map(world: DriftWorld, known: dict[int, str]) -> Iterator[Difference]:
    left = sorted(known.keys() - used_warehouses(world.world.live.merchant))
    for id_ in left[:MOST_WAREHOUSES]:
        require_time(world, f"before Mintsoft warehouse {id_}")
        skus, units = stocked(world.feed.orders.stock_levels(id_))
        if skus:
            yield found(
                "lint.warehouse_unmapped",
                f"Mintsoft warehouse {id_} {shown(known[id_])}",
                {"mintsoft": f"{units} units of {skus} SKUs", "file": "in no map"},
                merchant=world.merchant,
                units=units,
            )


def _recent(world: DriftWorld) -> list[PortalReturn]:
    """The newest returns of the types that are announced: one call."""
    types = world.world.live.merchant.flows.create_external_returns.types
    newest = world.world.portal.recent_returns(MOST_RETURNS).returns
    return [one for one in newest if one.type in types]


def lint_locations(world: DriftWorld) -> Iterator[Difference]:
    """Locations of the newest returns that nobody mapped, where there is no warehouse for the
    rest: their shipments are skipped."""
    warehouses = world.world.live.merchant.mintsoft.warehouses
    if warehouses.merchant_address is not None:
        return
    unmapped, _ = unmapped_locations(_recent(world), warehouses)
    for location, shipments in sorted(unmapped.items()):
        named = "shipments without a location" if location == NO_LOCATION else shown(location)
        yield found(
            "lint.location_unmapped",
            named,
            {"returns": f"{shipments} shipments", "file": "not mapped, and no merchant_address"},
            merchant=world.merchant,
        )


def lint_reasons(world: DriftWorld) -> Iterator[Difference]:
    """Reason ids of the map that are none, and reasons that fall to a placeholder."""
    reasons = world.world.live.merchant.mintsoft.reasons
    known = {one.id: ReasonRow(one.name, one.active) for one in world.world.warehouse.reasons()}
    for word, why in bad_reasons(reasons, known):
        yield found(
            "lint.reason_unknown",
            "mintsoft.reasons.default" if word == "default" else f"reason {shown(word)}",
            {"file": "mapped", "mintsoft": why},
            merchant=world.merchant,
        )
    if not reasons.is_placeholder:
        return
    for word, lines in sorted(unmapped_reasons(_recent(world), reasons).items()):
        yield found(
            "lint.reason_unmapped",
            f"reason {shown(word)}",
            {"returns": f"{lines} lines", "file": "not mapped; the default is 0"},
            merchant=world.merchant,
        )


def lint_couriers(world: DriftWorld) -> Iterator[Difference]:
    """Couriers that the file names and Mintsoft has not, and that Unleashed has no company for."""
    merchant = world.world.live.merchant
    named = named_couriers(merchant)
    services = world.feed.orders.courier_services() if named else ()
    for courier, where in sorted(named.items(), key=str):
        why = courier_problem(courier, services)
        if why:
            yield found(
                "lint.courier_unknown",
                f"courier service {shown(str(courier))}",
                {"file": where, "mintsoft": why},
                merchant=world.merchant,
            )
    erp = world.erp
    if erp is None or not _names_companies(world):
        return
    used, least = _used_couriers(world)
    companies = erp.erp.despatches.shipping_companies() if used else ()
    for courier, orders in sorted(used.items()):
        if without_company([courier], erp.connection.despatches.shipping_companies, companies):
            yield found(
                "lint.courier_unmapped",
                f"courier {shown(courier)}",
                {
                    "mintsoft": f"{least}{orders} orders in {RECENT.days} days",
                    "unleashed": "no company",
                },
                merchant=world.merchant,
            )


def _names_companies(world: DriftWorld) -> bool:
    if world.erp is None:
        return False
    settings = world.erp.connection.despatches
    return settings.mode is not Mode.OFF and settings.send_shipping_company


def _used_couriers(world: DriftWorld) -> tuple[Counter[str], str]:
    """Couriers of the orders that were read, counted, and what stands before the counts where
    there are more orders."""
    page = world.feed.orders.orders_updated_since(
        world.at - RECENT, MOST_CALLS, OrderStage.DESPATCHED
    )
    used = Counter(
        order.courier.strip() for order in page.orders if not is_no_courier(order.courier)
    )
    return used, "" if page.complete else "at least "
