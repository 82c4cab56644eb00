"""Hands that make orders and returns differ, one kind of drift each, and that mend it again."""

from __future__ import annotations

from local.simulators.mintsoft.tenant import CANCELLED
from returns_hub.domain.operations import marker_of
from tests.simulation.drift import DriftSimulation
from tests.simulation.drift_hands import GRACE, Act, Plant
from tests.simulation.drift_plans import HOUR, MINUTE
from tests.simulation.scenario import Line, ReturnPlan

FAILED, ON_HOLD = 8, 7


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
    return lambda run: run.team.approve(return_plan(number))


def _approved_and_told(number: int) -> Act:
    return lambda run: run.team.approve(return_plan(number, (0.1,)))


def _told(number: int) -> Act:
    return lambda run: run.team.publish_again(return_plan(number, (0.1,)))


def _status(number: int, status: str) -> Act:
    def act(run: DriftSimulation) -> None:
        run.redo["alpha"].change_status(return_plan(number).return_id, status)

    return act


def _record_of(run: DriftSimulation, number: int) -> int:
    wanted = return_plan(number).return_id
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
        run.team.deliver(return_plan(number))
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
    for rma in run.market.miinto.rmas.rmas.values():
        for line in rma.lines:
            line.status = "declined" if line.status == "accepted" else "accepted"


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
