"""Unleashed: the key, the map of warehouses, the month's calls, and whether the file fits.

Nothing is written at either partner. A flow's own checks are functions in modules of their own,
named in `LOOKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cli.checks.mintsoft_goods import look_at_goods
from cli.checks.mintsoft_orders import look_at_orders
from cli.checks.model import Area, Check, Finding, Partner, Subject, failed, ok, skipped, warning
from cli.checks.unleashed_despatches import look_at_despatches
from cli.checks.unleashed_stock import adjustment_means, flows_beside
from cli.checks.unleashed_webhooks import webhooks
from returns_hub.domain.file_types import Mode
from returns_hub.domain.lint.maps import couriers_of_unleashed
from returns_hub.domain.unleashed.budget import CallPlan, forecast, is_nearly_spent
from returns_hub.flows.unleashed.due import flows_missing
from returns_hub.flows.unleashed.erp_world import ErpWorld

LookAtErp = Callable[[Subject, ErpWorld], Iterable[Finding]]
MEND_MAP = "correct unleashed.warehouses, or name the code in unleashed.warehouses_elsewhere"


def flows(_: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """What is switched on, and whether this release has it."""
    on = {name: mode.value for name, mode in erp.connection.modes.items() if mode.value != "off"}
    if not on:
        yield skipped("flows", "every flow is off (unleashed.FLOW.mode)")
        return
    told = ", ".join(f"{name} {mode}" for name, mode in on.items())
    yield ok("flows", told, **on)
    for name in flows_missing(erp.connection):
        yield warning(
            f"flow {name}",
            "is on, and this release does not have it: nothing is done",
            f"set unleashed.{name}.mode to off",
        )


def key(_: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """One cheap read, signed."""
    found = [row for row in erp.erp.warehouses.warehouses() if not row.obsolete]
    codes = sorted(row.code for row in found)
    yield ok("key", f"is taken; the account has {len(found)} warehouses", warehouses=codes)


def warehouses(_: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """The map of the file, held against both sides."""
    places = erp.places
    for code, warehouse_id in sorted(places.open.items()):
        yield ok(f"warehouse {code}", f"is Mintsoft's {warehouse_id}")
    by_why: dict[str, list[str]] = {}
    for code, why in places.stopped.items():
        by_why.setdefault(why, []).append(code)
    for why, codes in sorted(by_why.items()):
        is_mapped = any(code in erp.connection.warehouses for code in codes)
        name = f"warehouse {' and '.join(sorted(codes))}"
        # A code that the file does not name stops only itself; nobody may need it.
        yield failed(name, why, MEND_MAP) if is_mapped else warning(name, why, MEND_MAP)
    if not erp.connection.warehouses:
        yield warning("warehouses", "unleashed.warehouses maps no code", "map the account's codes")


def calls(subject: Subject, _: ErpWorld) -> Iterator[Finding]:
    """The month's calls: what is used, and whether they will last."""
    desk = subject.erp
    if desk is None:
        return
    connection = desk.world.connection
    plan = CallPlan(connection.monthly_calls, connection.reserve_percent)
    used = desk.usage()
    foreseen = forecast(used.total, subject.now)
    details = {
        "used": used.total,
        "foreseen": foreseen,
        "monthly_calls": connection.monthly_calls,
        "reserve": plan.reserve,
    }
    told = f"{used.total} of {connection.monthly_calls} used, {foreseen} foreseen for the month"
    if is_nearly_spent(plan, used):
        yield failed(
            "calls of the month", told, "buy more calls; at 100 % every call is blocked", **details
        )
    elif foreseen > connection.monthly_calls - plan.reserve:
        yield warning(
            "calls of the month",
            f"{told}: reading will stop where the reserve of {plan.reserve} begins",
            "let flows run less often, or buy more calls; see docs/unleashed-client.md",
            **details,
        )
    else:
        yield ok("calls of the month", told, **details)


def order_management(_: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """What the file says of the account's switch; a flow's own look may tell what orders show."""
    says = erp.connection.order_management
    if says == "unknown":
        yield warning(
            "Order Management",
            "is unknown: despatches cannot be live",
            "look in Unleashed whether the account has it, and say unleashed.order_management",
        )
    else:
        yield ok("Order Management", f"is {says}, says the file")


def asns(subject: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """What Mintsoft's ASNs tell, for purchase orders, receipts, assemblies and transfers."""
    yield from look_at_goods(erp.asns, subject.merchant.mintsoft.goods, subject.now)


def orders(subject: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """Mintsoft's order statuses, the couriers that the file names, and the stock of each
    warehouse of the map."""
    file = erp.connection
    if all(mode is Mode.OFF for mode in file.modes.values()):
        yield skipped("orders and stock in Mintsoft", "every flow is off")
        return
    yield from look_at_orders(
        erp.orders,
        subject.merchant.mintsoft.orders,
        sorted(erp.places.open.values()),
        couriers_of_unleashed(file),
    )


LOOKS: tuple[tuple[str, LookAtErp, tuple[Partner, ...]], ...] = (
    ("flows", flows, ()),
    ("key", key, ("unleashed",)),
    ("warehouses", warehouses, ("unleashed", "mintsoft")),
    ("calls of the month", calls, ()),
    ("Order Management", order_management, ()),
    ("despatches", look_at_despatches, ("unleashed", "mintsoft")),
    ("orders and stock in Mintsoft", orders, ("unleashed", "mintsoft")),
    ("ASNs in Mintsoft", asns, ("mintsoft",)),
    ("webhook", webhooks, ("unleashed",)),
    ("what an adjustment means", adjustment_means, ()),
    ("flows beside the stock sync", flows_beside, ()),
)
"""Every look: its name, what it does, and the partners it cannot do without."""


def _check(name: str, look: LookAtErp, asks: tuple[Partner, ...]) -> Check:
    """A check that is made only for a merchant that has the ERP."""

    def looked(subject: Subject) -> Iterator[Finding]:
        desk = subject.erp
        if desk is not None:
            yield from look(subject, desk.world)

    return Check(name, looked, asks, applies=lambda subject: subject.erp_of is not None)


AREA = Area("unleashed", "Unleashed", tuple(_check(*look) for look in LOOKS))
