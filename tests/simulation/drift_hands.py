"""Hands that make systems differ, one kind of drift each, and that mend it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.miinto_rma_dialects import LineStatus
from local.simulators.mintsoft_tenant import CANCELLED
from local.simulators.unleashed_hands_goods import Hands
from returns_hub.domain.operations import marker_of
from tests.simulation.drift import DriftSimulation
from tests.simulation.drift_plans import HOUR, MINUTE
from tests.simulation.scenario import Line, ReturnPlan

Act = Callable[[DriftSimulation], None]
FAILED, ON_HOLD = 8, 7
GRACE = 40 * MINUTE
"""A little more than `drift.grace_minutes` of these runs: what is younger is on its way."""
MADE_BY_HAND = 9101
"""Mintsoft's id of the first product that somebody makes by hand."""


@dataclass(frozen=True)
class Plant:
    """A difference that somebody makes.

    Args:
        name: In words.
        shows: Kind -> units of all findings of it, once they count.
        put: Makes it.
        mend: Takes it away.
        before: What has to happen some hours before.
        ripe: Seconds after `put` from which a look can see it.
        settles: Seconds after `mend` from which a look cannot.
    """

    name: str
    shows: Mapping[str, int]
    put: Act
    mend: Act
    before: Act = lambda _: None
    ripe: float = 0.0
    settles: float = 0.0


# -- stock --------------------------------------------------------------------------------------


def _stock_in_wair(units: int) -> Act:
    def act(run: DriftSimulation) -> None:
        rows = run.wair.tenant().sets["stock"].records.values()
        found = next(r for r in rows if (r["locationId"], r["skuId"]) == ("WH-1", "TEE"))
        found["quantity"] += units

    return act


def _reserved_in_wair(units: int) -> Act:
    row = {
        "id": "WH-2|CAP",
        "locationId": "WH-2",
        "skuId": "CAP",
        "startDateTime": "1970-01-01T00:00:00Z",
        "quantity": units,
    }

    def act(run: DriftSimulation) -> None:
        kept = run.wair.tenant().sets["reserved"]
        kept.records[kept.key(row)] = dict(row)

    return act


def _tracked_hat(run: DriftSimulation) -> None:
    """A product with batch numbers has the same stock on both sides; the sync leaves it alone."""
    hands = Hands(run.there)
    hands.change_product("HAT", {"IsBatchTracked": True})
    hands.count_stock("MAIN", {"HAT": 10})
    run.mintsoft.set_stock(3, run.product_ids()["HAT"], 10)


def _counted(place: str, units: int) -> Act:
    def act(run: DriftSimulation) -> None:
        Hands(run.there).count_stock(place, {"HAT": units})

    return act


def _hat_in_unleashed(units: int) -> Act:
    return _counted("MAIN", units)


def _made_by_hand(run: DriftSimulation) -> None:
    """The warehouse has stock of a product that nobody made in Unleashed."""
    row = {"sku": "BELT", "name": "Belt", "client_id": 12, "cost_price": 3.0}
    run.mintsoft.seed({"products": {str(MADE_BY_HAND): row}})
    run.mintsoft.set_stock(3, MADE_BY_HAND, 6)


def _not_by_hand(run: DriftSimulation) -> None:
    run.mintsoft.set_stock(3, MADE_BY_HAND, 0)
    run.mintsoft.tenant.products[MADE_BY_HAND]["discontinued"] = True


def _in_the_wrong_place(units: int) -> Act:
    """Stock of HAT is booked in Unleashed where Mintsoft does not list it."""
    return _counted("3PL", units)


STOCK = (
    Plant(
        "somebody edits stock in WAIR",
        {"stock.wair": 3},
        _stock_in_wair(3),
        _stock_in_wair(-3),
    ),
    Plant(
        "somebody edits stock that is not for replenishment in WAIR",
        {"stock.wair_reserved": 2},
        _reserved_in_wair(2),
        _reserved_in_wair(0),
    ),
    Plant(
        "somebody edits stock in Unleashed that the sync leaves alone",
        {"stock.unleashed": 4},
        _hat_in_unleashed(14),
        _hat_in_unleashed(10),
        before=_tracked_hat,
    ),
    Plant(
        "stock of a product that was never made in Unleashed",
        {"stock.unleashed_missing": 6, "lint.sku_not_in_unleashed": 0},
        _made_by_hand,
        _not_by_hand,
        ripe=GRACE,
    ),
    Plant(
        "stock in Unleashed where the warehouse has none",
        {"stock.mintsoft_missing": 5},
        _in_the_wrong_place(5),
        _in_the_wrong_place(0),
    ),
)


# -- SKUs and maps ------------------------------------------------------------------------------


def _product(sku: str, number: int, **fields: Any) -> Act:
    row = {"sku": sku, "name": "By hand", "client_id": 12, **fields}
    return lambda run: run.mintsoft.seed({"products": {str(MADE_BY_HAND + number): row}})


def _without(number: int) -> Act:
    def act(run: DriftSimulation) -> None:
        run.mintsoft.tenant.products.pop(MADE_BY_HAND + number)

    return act


def _planted_sku(name: str, sku: str, number: int, *kinds: str, **fields: Any) -> Plant:
    shows = dict.fromkeys((*kinds, "lint.sku_not_in_unleashed"), 0)
    return Plant(name, shows, _product(sku, number, **fields), _without(number))


def _attic(run: DriftSimulation) -> None:
    run.mintsoft.seed({"warehouses": {"9": {"name": "Attic"}}})
    run.mintsoft.set_stock(9, run.product_ids()["MUG"], 3)


def _no_attic(run: DriftSimulation) -> None:
    run.mintsoft.set_stock(9, run.product_ids()["MUG"], 0)


def _reason(*, active: bool) -> Act:
    def act(run: DriftSimulation) -> None:
        run.mintsoft.tenant.reasons[2]["active"] = active

    return act


LINT = (
    _planted_sku("a twin of a SKU", "Tee", 1, "lint.sku_twins"),
    _planted_sku("a SKU with white space", "PLUSH ", 2, "lint.sku_white_space"),
    _planted_sku("a SKU that nobody sees whole", "BAG\u200b1", 3, "lint.sku_invisible"),
    _planted_sku("a SKU with characters", "A*B?", 4, "lint.sku_characters"),
    _planted_sku("a SKU that is too long", "L" * 60, 5, "lint.sku_too_long"),
    _planted_sku("a SKU out of a spreadsheet", "1E+12", 6, "lint.sku_scientific"),
    Plant("a product without a SKU", {"lint.sku_blank": 0}, _product("", 7), _without(7)),
    Plant("a warehouse that is in no map", {"lint.warehouse_unmapped": 3}, _attic, _no_attic),
    Plant(
        "a reason that is switched off",
        {"lint.reason_unknown": 0},
        _reason(active=False),
        _reason(active=True),
    ),
)


# -- orders -------------------------------------------------------------------------------------


def _order(number: str, status: int | None = None, units: int = 2, sku: str = "MUG") -> Act:
    def act(run: DriftSimulation) -> None:
        made = run.shop.take_in(number, 4, ((sku, units),))
        if status is not None:
            run.mintsoft.set_status(made.id, status)

    return act


def _cancel(*numbers: str) -> Act:
    def act(run: DriftSimulation) -> None:
        for order in list(run.mintsoft.orders.values()):
            if order.number in numbers:
                run.mintsoft.set_status(order.id, CANCELLED)

    return act


def _edited(run: DriftSimulation) -> None:
    _order("TWICE", units=1)(run)
    _order("TWICE-E1", units=1)(run)


def _stalled(name: str, kind: str, status: int | None, units: int = 2) -> Plant:
    number = f"STILL-{kind}"
    sku_units = units if kind != "orders.back_ordered" else 500
    return Plant(
        name,
        {kind: units},
        _order(number, status, sku_units),
        _cancel(number),
        ripe=2 * HOUR,
    )


ORDERS = (
    _stalled("an order that nobody begins", "orders.not_begun", None),
    _stalled("an order on hold", "orders.on_hold", ON_HOLD),
    _stalled("an order that fails", "orders.failed", FAILED),
    Plant(
        "an edit that nobody told",
        {"orders.edited_twice": 1, "orders.not_begun": 2},
        _edited,
        _cancel("TWICE", "TWICE-E1"),
        ripe=2 * HOUR,
    ),
)


# -- returns ------------------------------------------------------------------------------------


def return_plan(number: int, told_after: tuple[float, ...] = ()) -> ReturnPlan:
    """A return of one TEE and two MUGs, which nobody tells the hub of but as it is said."""
    lines = (Line("TEE"), Line("MUG", quantity=2))
    return ReturnPlan(number, "alpha", 0.0, lines, told_after, False, ())


def _approved(number: int) -> Act:
    return lambda run: run._approve(return_plan(number))


def _approved_and_told(number: int) -> Act:
    return lambda run: run._approve(return_plan(number, (0.1,)))


def _told(number: int) -> Act:
    return lambda run: run.publish_again(return_plan(number, (0.1,)))


def _status(number: int, status: str) -> Act:
    def act(run: DriftSimulation) -> None:
        run.redo["alpha"].change_status(run.id_of(return_plan(number)), status)

    return act


def _record_of(run: DriftSimulation, number: int) -> int:
    wanted = run.id_of(return_plan(number))
    found = run.mintsoft.returns.values()
    return next(r.id for r in found if r.rows and wanted in r.rows[0].comments)


def _received(number: int, **units: int) -> Act:
    def act(run: DriftSimulation) -> None:
        goods = [{"sku": sku, "quantity": many} for sku, many in units.items()]
        run.mintsoft.receive(_record_of(run, number), goods or None)

    return act


def _poll(*, on: bool, then: Act = lambda _: None) -> Act:
    """The rule of the function that finds receipts is switched on, or off."""

    def act(run: DriftSimulation) -> None:
        run.poll.is_off = not on
        then(run)

    return act


def _paid_by_hand(number: int) -> Act:
    """The carrier delivers the parcel, and the team pays before anybody booked it in."""

    def act(run: DriftSimulation) -> None:
        run._deliver(return_plan(number))
        _told(number)(run)
        run.scheduler.after(HOUR / 2, lambda: _status(number, "complete")(run))

    return act


def _booked_in(number: int, **units: int) -> Act:
    """It is approved and told, and its goods come twenty minutes later."""

    def act(run: DriftSimulation) -> None:
        _approved_and_told(number)(run)
        run.scheduler.after(20 * MINUTE, lambda: _received(number, **units)(run))

    return act


def _in_panel(run: DriftSimulation) -> None:
    """Somebody changes in Miinto's panel what was decided of every RMA; once more, and it is as
    it was."""
    assert run.market is not None
    other: dict[str, LineStatus] = {"accepted": "declined", "declined": "accepted"}
    for rma in run.market.miinto.rmas.rmas.values():
        for line in rma.lines:
            line.status = other[line.status]


def _somebody_elses(run: DriftSimulation) -> None:
    """A record with a marker of a hub's that this one does not know."""
    marker = marker_of("create-external-return/alpha/another/one")
    goods = [{"sku": "CAP", "quantity": 2, "remark": marker}]
    run.mintsoft.make_return(goods, client_id=12, warehouse_id=3, confirm=False)


def _away_with_it(run: DriftSimulation) -> None:
    run.mintsoft.returns.pop(max(run.mintsoft.returns))


RETURNS = (
    Plant(
        "a return that nobody told of",
        {"returns.no_external_return": 3},
        _approved(1),
        _told(1),
        ripe=GRACE,
        settles=20 * MINUTE,
    ),
    Plant(
        "a return that the team rejects, untold",
        {"returns.closed_in_portal_open_here": 3},
        _status(2, "rejected"),
        _told(2),
        before=_approved_and_told(2),
        ripe=GRACE,
        settles=20 * MINUTE,
    ),
    Plant(
        "goods booked in while the run that finds them is off",
        {"returns.receipt_not_taken": 3},
        _poll(on=False, then=_received(3)),
        _poll(on=True),
        before=_approved_and_told(3),
        ripe=GRACE,
        settles=50 * MINUTE,
    ),
    Plant(
        "a return that the team pays by hand, of which nothing is booked in",
        {"returns.processed_not_received": 3},
        _paid_by_hand(4),
        _received(4),
        before=_approved_and_told(4),
        ripe=2.7 * HOUR,
        settles=40 * MINUTE,
    ),
    Plant(
        "a record that the warehouse changed after it was processed",
        {"returns.units_differ": 1},
        _received(5, TEE=1, MUG=1),
        _received(5, TEE=1, MUG=2),
        before=_booked_in(5, TEE=1, MUG=2),
        ripe=GRACE,
        settles=40 * MINUTE,
    ),
    Plant(
        "an RMA that somebody decides otherwise in Miinto's panel",
        {"returns.rma_decided_otherwise": 1},
        _in_panel,
        _in_panel,
        ripe=GRACE,
    ),
    Plant(
        "a record of another stack's",
        {"returns.external_return_unknown": 2},
        _somebody_elses,
        _away_with_it,
        ripe=GRACE,
    ),
)
ALL: Mapping[str, tuple[Plant, ...]] = {
    "stock": STOCK,
    "lint": LINT,
    "orders": ORDERS,
    "returns": RETURNS,
}
