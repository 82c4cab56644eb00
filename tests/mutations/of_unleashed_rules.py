"""Deliberate defects: the rules and settings of Unleashed."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

ORDERS = tests("unit/test_unleashed_orders_rule.py")
CHANGES = tests("unit/test_unleashed_order_changes.py")
PLACES = tests("unit/test_unleashed_warehouses.py")
STOCK = tests("unit/test_unleashed_stock_rule.py")
GUARDS = tests("unit/test_unleashed_stock_guards.py")
FILES = tests("unit/cli/test_unleashed_files.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(f"domain/unleashed/{file}", old, new),), checks)


OF_UNLEASHED_RULES = (
    _defect(
        "an order that the hub made in Unleashed is imported again",
        TWICE,
        ("orders_rule.py", "    if order.is_ours:\n", "    if False:\n"),
        ORDERS,
    ),
    _defect(
        "a finished order is imported for its custom status",
        TWICE,
        (
            "orders_rule.py",
            " and not is_any_status(\n            order.status, FINISHED\n        )",
            "",
        ),
        ORDERS,
    ),
    _defect(
        "part of a unit is cut off",
        LOST,
        (
            "orders_rule.py",
            "    if line.quantity != line.quantity.to_integral_value():\n",
            "    if line.quantity < 0:\n",
        ),
        ORDERS,
    ),
    _defect(
        "of two lines of one SKU the last one counts",
        LOST,
        (
            "orders_rule.py",
            "        by_sku.setdefault(line.sku.strip(), []).append(line)\n",
            "        by_sku[line.sku.strip()] = [line]\n",
        ),
        ORDERS,
    ),
    _defect(
        "fewer units reach the warehouse without the second switch",
        LOST,
        (
            "order_changes.py",
            "        if edits.increases if is_more else edits.decreases:\n",
            "        if edits.increases:\n",
        ),
        CHANGES,
    ),
    _defect(
        "what somebody changed in the warehouse is overwritten",
        LOST,
        (
            "order_changes.py",
            "if units.get(sku, 0) not in {sent.get(sku, 0), changed[sku]}]",
            "if units.get(sku, 0) < 0]",
        ),
        CHANGES,
    ),
    _defect(
        "an order that is being picked is changed",
        CALM,
        (
            "order_changes.py",
            "    if order.stage not in CHANGEABLE or any",
            "    if order.stage is OrderStage.UNKNOWN or any",
        ),
        CHANGES,
    ),
    _defect(
        "a deleted order is cancelled without the switch",
        CALM,
        ("order_changes.py", 'edits.deletions == "cancel" and is_whole', "is_whole"),
        CHANGES,
    ),
    _defect(
        "two codes that look alike are both used",
        TOLD,
        ("warehouses.py", "    elif others:\n", "    elif len(others) > 9:\n"),
        PLACES,
    ),
    _defect(
        "units that were sent are taken off a second time",
        TWICE,
        (
            "stock_rule.py",
            " - flying.despatched + flying.received\n        return units",
            " + flying.received\n        return units",
        ),
        STOCK,
    ),
    _defect(
        "units that were booked in are added a second time",
        TWICE,
        (
            "stock_rule.py",
            "        will_be = int(row.on_hand) - flying.despatched + flying.received\n",
            "        will_be = int(row.on_hand) - flying.despatched\n",
        ),
        STOCK,
    ),
    _defect(
        "a total is sent where the account adds",
        TWICE,
        (
            "stock_rule.py",
            'Decimal(one.units) if means == "delta" else one.target,\n            new_value',
            "one.target,\n            new_value",
        ),
        STOCK,
    ),
    _defect(
        "a product that the warehouse does not know counts as none",
        LOST,
        ("stock_rule.py", '        (row.sku not in counts, "not_in_warehouse"),\n', ""),
        STOCK,
    ),
    _defect(
        "stock is driven below nothing",
        CALM,
        ("stock_rule.py", "max(whole, -max(0, int(row.on_hand)))", "whole"),
        STOCK,
    ),
    _defect(
        "a difference is adjusted before it has settled",
        TWICE,
        (
            "stock_guards.py",
            "before.since if before and before.units == one.units else now",
            "before.since if before else now",
        ),
        GUARDS,
    ),
    _defect(
        "differences of both signs hide each other from the hard stop",
        CALM,
        (
            "stock_guards.py",
            "sum(abs(one.units) for one in changes)",
            "abs(sum(one.units for one in changes))",
        ),
        GUARDS,
    ),
    _defect(
        "a proof where both readings fit is taken for one of them",
        TWICE,
        (
            "stock_guards.py",
            "    if is_delta == is_total:\n",
            "    if not is_delta and not is_total:\n",
        ),
        GUARDS,
    ),
    _defect(
        "stock may be live before it is proven what a quantity means",
        TWICE,
        (
            "stock_settings.py",
            "        if self.mode is Mode.LIVE and by_adjustments and",
            "        if self.mode is Mode.SHADOW and not by_adjustments and",
        ),
        FILES,
    ),
    _defect(
        "orders and their shipments may both be live",
        TWICE,
        ("settings.py", '        if self.is_live("orders", "shipments"):\n', "        if False:\n"),
        FILES,
    ),
    _defect(
        "two codes may name one warehouse",
        TOLD,
        ("settings.py", "        if first != code:\n", "        if first is None:\n"),
        FILES,
    ),
    Defect(
        "a flow of Unleashed is live without the date of the switch",
        SHADOW,
        (
            Edit(
                "domain/merchant.py",
                "            modes += self.unleashed.modes.values()\n",
                "            modes += ()\n",
            ),
        ),
        (FILES,),
    ),
)
