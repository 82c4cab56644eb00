"""Deliberate defects: products and customers of Unleashed, and lists of several runs."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

RULE = tests("unit/test_unleashed_products_rule.py")
FLOW = tests("flow/unleashed/test_products.py")
ENDS = tests("flow/unleashed/test_products_ends.py")
MUCH = tests("flow/unleashed/test_products_much.py")
LONG = tests("flow/test_sync_long.py")
READ = tests("contract/test_unleashed_products.py")
CUSTOMERS = tests("contract/test_unleashed_customers.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_PRODUCTS = (
    _defect(
        "what was read ahead counts as read just now for ever",
        TWICE,
        ("flows/sync/take.py", "now <= self._ahead_until", "bool(now)"),
        LONG,
    ),
    _defect(
        "what was read ahead is used again after a conflict",
        LOST,
        (
            "flows/sync/take.py",
            "            return self._ahead.pop(key)\n        if key",
            "            return self._ahead[key]\n        if key",
        ),
        LONG,
    ),
    _defect(
        "a list of several runs counts as read from when the last of them began",
        LOST,
        (
            "flows/sync/run.py",
            "        began = self._cursor.at_since or now\n",
            "        began = now\n",
        ),
        LONG,
    ),
    _defect(
        "a place is kept although something before it is not recorded",
        LOST,
        (
            "flows/sync/run.py",
            "                    self._at = change.place if whole else self._at\n",
            "                    self._at = change.place\n",
        ),
        LONG,
    ),
    _defect(
        "a flow that goes live goes on behind what only a shadow passed",
        SHADOW,
        (
            "flows/sync/run.py",
            '                shadow_from=None,\n                at="",\n',
            "                shadow_from=None,\n",
        ),
        LONG,
    ),
    _defect(
        "a product that moves onto a page that was read is passed over",
        LOST,
        (
            "adapters/unleashed/products.py",
            "                if left > 0:\n",
            "                if left < 0:\n",
        ),
        READ,
        MUCH,
    ),
    _defect(
        "obsolete products are not read",
        LOST,
        (
            "adapters/unleashed/products.py",
            '[("includeObsolete", True)]',
            "[]",
        ),
        READ,
    ),
    _defect(
        "an edit at the warehouse is undone by the next change of another field",
        CALM,
        (
            "domain/unleashed/products_rule.py",
            "    if memo.marks[name] == _mark(value):\n        return False\n",
            "",
        ),
        RULE,
    ),
    _defect(
        "a weight that the warehouse measured is overwritten",
        CALM,
        (
            "domain/unleashed/products_rule.py",
            '    if name == "weight" and not settings.overwrite_weight:\n',
            '    if name == "weight" and held is None:\n',
        ),
        RULE,
        FLOW,
    ),
    _defect(
        "a write whose end nobody knows is forgotten when Unleashed changes the field back",
        TOLD,
        (
            "flows/unleashed/goods/products.py",
            "told_before=told, is_recent",
            "told_before=(), is_recent",
        ),
        FLOW,
    ),
    _defect(
        "what a list showed days ago is the ground for a write",
        CALM,
        (
            "flows/unleashed/goods/products.py",
            "        if told.change.named() and not is_fresh:\n",
            "        if False:\n",
        ),
        FLOW,
    ),
    _defect(
        "a product that is made by one flow is made by another one as well",
        TWICE,
        (
            "flows/unleashed/goods/products.py",
            "    if world.sync.load(PRODUCTS, product.guid).is_open(MADE):\n",
            "    if False:\n",
        ),
        ENDS,
    ),
    _defect(
        "of two customers of one name the first one is invoiced",
        TOLD,
        ("adapters/unleashed/customers.py", "        if len(found) > 1:\n", "        if False:\n"),
        CUSTOMERS,
    ),
    _defect(
        "goods go where the invoice goes",
        LOST,
        (
            "adapters/unleashed/customers.py",
            'IN_THIS_ORDER = ("shipping", "physical", "postal")',
            'IN_THIS_ORDER = ("postal", "physical", "shipping")',
        ),
        CUSTOMERS,
    ),
)
