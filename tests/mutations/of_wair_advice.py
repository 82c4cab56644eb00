"""Deliberate defects: advice of stock intelligence, bundles, the order's context, the master."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

KEPT = tests("contract/test_kept_advice.py")
ADVICE = tests("flow/test_stock_advice.py")
BUNDLES = tests("flow/test_bundles.py")
EXPAND = tests("unit/test_bundles.py")
CONTEXT = tests("unit/test_order_context.py")
MASTER = tests("flow/lint/test_lint_wair_items.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_WAIR_ADVICE = (
    _defect(
        "a list of targets that was cut off takes the place of the one before",
        LOST,
        (
            "adapters/dynamodb/kept_advice.py",
            'self._point(merchant, {**kept, "begun": number}, begun)',
            'self._point(merchant, {**kept, "begun": number, "current": number}, begun)',
        ),
        KEPT,
    ),
    _defect(
        "a proposal of a transfer that comes again counts again",
        TWICE,
        (
            "adapters/dynamodb/kept_advice.py",
            '"ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",',
            '"ConditionExpression": "attribute_not_exists(pk) OR expires_at >= :now",',
        ),
        KEPT,
    ),
    _defect(
        "proposals are asked for without an overlap",
        LOST,
        (
            "flows/wair/advice.py",
            "datetime.fromisoformat(last) - OVERLAP if last else None",
            "datetime.fromisoformat(last) if last else None",
        ),
        ADVICE,
    ),
    _defect(
        "a reading of advice that failed counts as made",
        LOST,
        (
            "flows/wair/advice.py",
            '                counts["failed"] = 1\n                continue\n',
            '                counts["failed"] = 1\n',
        ),
        ADVICE,
    ),
    _defect(
        "a nested bundle's units are not multiplied",
        TOLD,
        (
            "domain/bundles.py",
            "                parts[part] += each * count\n",
            "                parts[part] += each\n",
        ),
        EXPAND,
    ),
    _defect(
        "the warehouse's bill of a bundle stands before the file's",
        TOLD,
        (
            "domain/bundles.py",
            "return {sku: known.parts for sku, known in of_warehouse.items()} | dict(of_file)",
            "return dict(of_file) | {sku: known.parts for sku, known in of_warehouse.items()}",
        ),
        EXPAND,
        BUNDLES,
    ),
    _defect(
        "a bundle that loses its components raises only orders that change afterwards",
        LOST,
        (
            "flows/bundles/reading.py",
            "return before is None or before.parts != bundle.parts",
            "return False",
        ),
        BUNDLES,
    ),
    _defect(
        "orders and bundles whose time the warehouse tells an hour early are passed by",
        LOST,
        (
            "flows/bundles/cursor.py",
            "OVERLAP = timedelta(minutes=90)",
            "OVERLAP = timedelta(hours=1)",
        ),
        BUNDLES,
    ),
    _defect(
        "an order in question that cannot be read stands before the others for ever",
        LOST,
        (
            "flows/bundles/look.py",
            "                self._put_last(question)\n                looked",
            "                looked",
        ),
        BUNDLES,
    ),
    _defect(
        "changes of bundles that there was no time for are passed by",
        LOST,
        (
            "flows/bundles/reading.py",
            "if self._take(fresh) and is_found:",
            "self._take(fresh)\n        if is_found:",
        ),
        BUNDLES,
    ),
    _defect(
        "changes of bundles that a list is too long for are passed by while all are read",
        LOST,
        ("flows/bundles/reading.py", "if self._take(fresh) and is_found:", "if self._take(fresh):"),
        BUNDLES,
    ),
    _defect(
        "a bundle that cannot be read keeps those behind it unknown",
        LOST,
        ("flows/bundles/reading.py", "MOST_PASSED = 3", "MOST_PASSED = 0"),
        BUNDLES,
    ),
    _defect(
        "a bundle that could not be read is not asked for again",
        LOST,
        ("flows/bundles/look.py", "            reading.read_what_was_passed()\n", ""),
        BUNDLES,
    ),
    _defect(
        "what a person took off the list about a bundle is asked again",
        TWICE,
        (
            "flows/bundles/questions.py",
            'if self.standing(question) in {"open", "discarded"}:',
            'if self.standing(question) == "open":',
        ),
        BUNDLES,
    ),
    _defect(
        "more of an order's text than the pattern's group travels",
        TOLD,
        (
            "domain/wair/order_context.py",
            "_value(match.group(1)) for match",
            "_value(match.group(0)) for match",
        ),
        CONTEXT,
    ),
    _defect(
        "SKUs are missing at Mintsoft whose page of its list was not read",
        TOLD,
        (
            "flows/lint/wair_items.py",
            "        page = read.next_page\n",
            "        page = None\n",
        ),
        MASTER,
    ),
)
