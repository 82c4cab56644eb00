"""Orders and stock in Mintsoft: whether they can be read, and what their numbers and words mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cli.checks.model import Finding, failed, ok, warning
from returns_hub.domain.lint.maps import courier_problem
from returns_hub.domain.order_settings import WarehouseOrderSettings
from returns_hub.domain.warehouse_orders import BY_RULES
from returns_hub.domain.warehouse_stock import StockProof
from returns_hub.ports import OrdersWarehouse

SETTING = "mintsoft.orders.stock_level_means"


def look_at_orders(
    orders: OrdersWarehouse,
    settings: WarehouseOrderSettings,
    warehouse_ids: Iterable[int],
    couriers: Iterable[int | str] = (),
) -> Iterator[Finding]:
    """What reads alone can prove: statuses, couriers that the file names, stock of each warehouse.

    Args:
        orders: The merchant's orders and stock.
        settings: What the file says about them.
        warehouse_ids: Those whose stock is used.
        couriers: Ids and names of courier services that the file names.
    """
    yield from _statuses(orders)
    yield from _couriers(orders, couriers)
    for warehouse_id in warehouse_ids:
        yield _levels(orders.prove_stock_levels(warehouse_id), settings, warehouse_id)


def _statuses(orders: OrdersWarehouse) -> Iterator[Finding]:
    unknown = orders.unknown_statuses()
    if not unknown:
        yield ok("order statuses", "are those that the hub knows")
    for said in unknown:
        yield warning(
            "order statuses", said, "tell the makers of the hub; such orders wait for a person"
        )


def _couriers(orders: OrdersWarehouse, named: Iterable[int | str]) -> Iterator[Finding]:
    known = orders.courier_services()
    active = ", ".join(f"{service.id} {service.name}" for service in known if service.active)
    for courier in sorted({c for c in named if c != BY_RULES}, key=str):
        check = f"courier service {courier}"
        why = courier_problem(courier, known)
        if why:
            yield failed(check, f"{why}; there are: {active}", "correct it in the merchant file")
        else:
            found = next(service for service in known if courier in {service.id, service.name})
            yield ok(check, f"{found.id} {found.name}")


def _levels(proof: StockProof, settings: WarehouseOrderSettings, warehouse_id: int) -> Finding:
    """Whether the file's word for `Level` is what products with allocated units show."""
    check = f"stock of warehouse {warehouse_id}"
    says = settings.stock_level_means
    told = "; ".join(
        f"{s.sku}: Level {s.level}, TotalStockLevel {s.total}, on hand {s.on_hand}, allocated "
        f"{s.allocated}, quarantined {s.quarantined}"
        for s in proof.samples
    )
    if not proof.samples:
        return warning(
            check,
            "no stock of this client is shown",
            "compare mintsoft.client_id and the warehouse with Mintsoft",
        )
    if proof.is_contradicted:
        return failed(
            check, f"products tell different things of Level: {told}", f"leave {SETTING} unknown"
        )
    if proof.means == "unknown":
        return warning(
            check,
            f"no product has units set aside, so Level is not proven: {told}",
            f"check again while an order waits; until then leave {SETTING} unknown",
        )
    if says == "unknown":
        return warning(
            check,
            f"Level counts what is {proof.means}; the hub takes the smaller number: {told}",
            f"set {SETTING} to {proof.means}",
        )
    if says != proof.means:
        return failed(
            check,
            f"Level counts what is {proof.means}, and the file says {says}: {told}",
            f"set {SETTING} to {proof.means}",
        )
    return ok(check, f"Level counts what is {says}")
