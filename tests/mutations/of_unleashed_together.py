"""Deliberate defects: the flows of Unleashed beside one another."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

TOGETHER = tests("flow/unleashed/test_together.py")
TROUBLE = tests("flow/unleashed/test_receipts_trouble.py")
CHECK = tests("unit/cli/test_checks_beside_stock.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_UNLEASHED_TOGETHER = (
    _defect(
        "goods that were receipted by hand before they came are adjusted",
        TWICE,
        (
            "flows/unleashed/goods/untold.py",
            "        return {} if asn.has_ended else _to_come(asn, by_hand, source)\n",
            "        return {}\n",
        ),
        TOGETHER,
        TROUBLE,
    ),
    _defect(
        "goods that were receipted by hand are forgotten after a while",
        TWICE,
        (
            "flows/unleashed/goods/purchase_orders.py",
            "        return asn is not None and not asn.has_ended\n",
            "        return False\n",
        ),
        TOGETHER,
        TROUBLE,
    ),
    _defect(
        "what a shadow passed is not on its way when its flow goes live",
        TWICE,
        (
            "flows/sync/cursor.py",
            "        if self.shadow_from is not None:\n            return self.shadow_from\n",
            "",
        ),
        TOGETHER,
    ),
    _defect(
        "a despatch that only a shadow saw counts as told",
        TWICE,
        (
            "flows/unleashed/despatches/untold.py",
            "is_settled and state.outcome != SHADOW.word",
            "is_settled",
        ),
        TOGETHER,
    ),
    _defect(
        "units of an unknown order in a merged one are adjusted before a person has booked them",
        TWICE,
        (
            "flows/unleashed/despatches/untold.py",
            "        if is_merged and sent.unknown:\n",
            "        if False:\n",
        ),
        TOGETHER,
    ),
    _defect(
        "what a person took off the list is not compared again",
        LOST,
        (
            "flows/unleashed/stock/compare.py",
            "(sku in landed or self._changed_there(sku, edge))",
            "self._changed_there(sku, edge)",
        ),
        TOGETHER,
    ),
    _defect(
        "a transfer that is completed during an adjustment stops the stock sync",
        LOST,
        (
            "flows/unleashed/stock/steps.py",
            "        if not observed.is_right:\n            observed = observe(",
            "        if False:\n            observed = observe(",
        ),
        TOGETHER,
    ),
    _defect(
        "nobody is warned that goods are adjusted and booked by hand as well",
        TOLD,
        (
            "cli/checks/unleashed_stock.py",
            "if connection.is_live(brings) and not connection.is_live(tells)",
            "if False",
        ),
        CHECK,
    ),
)
