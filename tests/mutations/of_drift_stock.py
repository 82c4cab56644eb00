"""Deliberate defects: stock that a look holds against what other systems have or were told."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, Check, Defect, Edit, tests

RULE = tests("unit/test_drift_stock_rule.py")
FOUND = tests("flow/test_drift_stock.py")
FLYING = tests("flow/test_drift_stock_in_flight.py")
PLACES = tests("flow/test_drift_stock_places.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_DRIFT_STOCK = (
    _defect(
        "goods that Unleashed was not told of yet are told as drift",
        TOLD,
        (
            "flows/drift/stock_unleashed.py",
            "    flying = in_flight(erp)\n",
            "    flying = in_flight(erp) and {}\n",
        ),
        FLYING,
    ),
    _defect(
        "a flow that does not run any more hides drift for ever",
        LOST,
        (
            "domain/drift/stock_rule.py",
            "    return max(ran, edge - 2 * every)\n",
            "    return ran\n",
        ),
        RULE,
        FLYING,
    ),
    _defect(
        "rows that a list showed twice, or not at all, are told without another look",
        TOLD,
        (
            "flows/drift/stock_unleashed.py",
            "            if units and units == wanted[row.sku].units:\n",
            "            if units or one:\n",
        ),
        FOUND,
    ),
    _defect(
        "what buyers of Miinto were promised is told as drift",
        TOLD,
        (
            "flows/drift/stock_miinto.py",
            "wanted < was <= wanted + promises",
            "wanted < was <= wanted",
        ),
        FLYING,
    ),
    _defect(
        "a location's second warehouse takes the place of the first",
        TOLD,
        (
            "flows/drift/stock_wair.py",
            "    for warehouse_id in location.warehouses:\n",
            "    for warehouse_id in location.warehouses[-1:]:\n",
        ),
        FOUND,
    ),
    _defect(
        "a SKU that Mintsoft lists no more is forgotten where it was told",
        LOST,
        (
            "flows/drift/stock_wair.py",
            "        if sku not in known and sku not in stock.left_out:\n",
            "        if sku in known and sku not in stock.left_out:\n",
        ),
        FOUND,
    ),
    _defect(
        "a warehouse that is away is asked again by every comparison",
        TOLD,
        (
            "flows/drift/stock_of_look.py",
            "                self._failed[warehouse_id] = verdict\n",
            "                self._failed.pop(warehouse_id, None)\n",
        ),
        FOUND,
    ),
    _defect(
        "a place as a whole says its units, so that it begins anew with each sale",
        LOST,
        (
            "flows/drift/stock_telling.py",
            "        says=pattern_of(way, seen.unequal, telling.system),\n",
            "        says={telling.system: sum(one.units for one in seen.unequal)},\n",
        ),
        PLACES,
    ),
    _defect(
        "drift of a SKU that sells is resolved by its selling",
        LOST,
        (
            "flows/drift/stock_of_look.py",
            "        return tidied(Difference(kind, subject, {})).id in self._known\n",
            "        return subject + kind in self._known\n",
        ),
        FLYING,
    ),
    _defect(
        "the smaller tolerance counts",
        TOLD,
        (
            "domain/drift/stock_rule.py",
            "one.units <= tolerance.units or one.units * 100",
            "one.units <= tolerance.units and one.units * 100",
        ),
        FOUND,
    ),
)
