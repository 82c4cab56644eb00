"""Hands that make stock, SKUs and maps differ, one kind of drift each, and that mend it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.unleashed.hands_goods import Hands
from tests.simulation.drift import DriftSimulation
from tests.simulation.drift_plans import MINUTE

Act = Callable[[DriftSimulation], None]
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
