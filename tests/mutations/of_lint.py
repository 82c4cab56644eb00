"""Deliberate defects: the lint of SKUs and maps."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, Check, Defect, Edit, tests

RULES = tests("unit/test_lint_rules.py")
SKUS = tests("flow/lint/test_lint_skus.py")
MAPS = tests("flow/lint/test_lint_maps.py")
DUE = tests("flow/lint/test_lint_due.py")
VERB = tests("unit/cli/test_lint_verb.py")
DESPATCHES = tests("unit/cli/test_checks_of_despatches.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_LINT = (
    _defect(
        "a SKU of characters that nobody sees is taken for one",
        LOST,
        (
            "domain/lint/skus.py",
            "all(c.isspace() or _is_invisible(c) for c in written)",
            "all(c.isspace() for c in written)",
        ),
        RULES,
        SKUS,
    ),
    _defect(
        "look-alike dashes make another SKU",
        TOLD,
        ("domain/lint/skus.py", '"-" if _is_dash(c) else c for c in text', "c for c in text"),
        RULES,
    ),
    _defect(
        "zeros that a spreadsheet dropped are no difference",
        TOLD,
        ("domain/lint/register.py", "key = _number(same_number(sku))", "key = _number(sku)"),
        RULES,
        SKUS,
    ),
    _defect(
        "a row that a list shows twice is a duplicate",
        CALM,
        (
            "domain/lint/register.py",
            "if known.row_of.setdefault(sku, number) != number:",
            "if known.row_of.setdefault(sku, number):",
        ),
        RULES,
    ),
    _defect(
        "a twin is missing as well",
        CALM,
        ("domain/lint/register.py", " and not self.alike(there, sku):", ":"),
        RULES,
        SKUS,
    ),
    _defect(
        "a product that slipped from Mintsoft's list is missing",
        CALM,
        ("flows/lint/skus.py", "        if self.left <= 0:\n", "        if self.left:\n"),
        SKUS,
    ),
    _defect(
        "a list that was not read to its end tells what is missing",
        CALM,
        ("flows/lint/skus.py", "if reading.whole and read[MINTSOFT]:", "if read[MINTSOFT]:"),
        SKUS,
    ),
    _defect(
        "orders beyond those that are read name no SKU",
        LOST,
        ("flows/lint/ordered.py", "    if not page.complete:\n", "    if False:\n"),
        SKUS,
    ),
    _defect(
        "a feed that cannot be read is no trouble",
        LOST,
        ("flows/lint/skus.py", "    if trouble:\n        raise trouble[0]\n", ""),
        SKUS,
        VERB,
    ),
    _defect(
        "a suspicion waits for a day until its second look",
        LOST,
        (
            "flows/lint/lints.py",
            "finding.standing is Standing.SUSPECTED",
            "finding.standing is Standing.RESOLVED",
        ),
        DUE,
    ),
    _defect(
        "a look that made another comparison puts the lint off",
        LOST,
        ("flows/lint/lints.py", "if kinds <= look.kinds), None)", "), None)"),
        DUE,
    ),
    _defect(
        "no courier needs a shipping company",
        CALM,
        (
            "domain/lint/maps.py",
            "    return plain_word(name) in NO_COURIER or not name.strip()\n",
            "    return not name.strip()\n",
        ),
        DESPATCHES,
        MAPS,
    ),
    _defect(
        "a warehouse that only Unleashed's map names is in no map",
        CALM,
        (
            "domain/lint/maps.py",
            "{*mapped_warehouses(merchant).values(), *erp.values()}",
            "{*mapped_warehouses(merchant).values()}",
        ),
        MAPS,
    ),
)
