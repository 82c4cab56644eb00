"""Deliberate defects: how flows of the ERP are handed out, limited, planned and run by hand."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, Check, Defect, Edit, tests

FAN_OUT = tests("flow/unleashed/test_fan_out.py")
COMPOSITION = tests("flow/unleashed/test_erp_composition.py")
VERBS = tests("unit/cli/test_unleashed_verbs.py")
BUDGET = tests("unit/unleashed/test_budget.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_RUNS = (
    _defect(
        "a flow is not handed out for work that comes back",
        LOST,
        (
            "flows/unleashed/due.py",
            "due = due or bool(cursor.later) or cursor.is_due",
            "due = due or cursor.is_due",
        ),
        FAN_OUT,
    ),
    _defect(
        "only a flow's first source tells whether it is due",
        LOST,
        (
            "flows/unleashed/due.py",
            "    for source in SOURCES[flow](world):\n",
            "    for source in tuple(SOURCES[flow](world))[:1]:\n",
        ),
        FAN_OUT,
    ),
    _defect(
        "one merchant's unreadable file stops the tick",
        LOST,
        (
            "ticks.py",
            "due_of(merchant)\n            except Verdict as verdict:\n",
            "due_of(merchant)\n            except OSError as verdict:\n",
        ),
        FAN_OUT,
    ),
    _defect(
        "the same merchant is always the first",
        CALM,
        (
            "ticks.py",
            "        for merchant, flows in due.items():\n",
            "        for merchant, flows in sorted(due.items()):\n",
        ),
        FAN_OUT,
    ),
    _defect(
        "reading in bulk takes every turn of a merchant",
        CALM,
        (
            "flows/unleashed/turns.py",
            "range(AT_ONCE if is_bulk and not alone else 1, ",
            "range(1, ",
        ),
        FAN_OUT,
    ),
    _defect(
        "a turn is not given back",
        LOST,
        (
            "flows/unleashed/turns.py",
            "        for lease in taken:\n            stores",
            "        for lease in ():\n            stores",
        ),
        FAN_OUT,
    ),
    _defect(
        "who sets totals of stock does not work alone",
        LOST,
        (
            "flows/unleashed/turns.py",
            'stock.adjustment_means == "absolute"',
            'stock.adjustment_means == "unknown"',
        ),
        FAN_OUT,
    ),
    _defect(
        "a total is set on stock that moved",
        LOST,
        (
            "flows/unleashed/stock/steps.py",
            "if _on_hand(rows, one) != one.on_hand",
            "if _on_hand(rows, one) is None",
        ),
        tests("flow/unleashed/test_stock.py"),
    ),
    _defect(
        "messages that found no turn pile up",
        CALM,
        ("erp_runs.py", "total_seconds() > FIVE_MINUTES", "total_seconds() > 3600"),
        FAN_OUT,
    ),
    _defect(
        "a plan's partners take writes",
        SHADOW,
        (
            "adapters/http/read_only.py",
            "        if not is_read and template not in LOG_INS:\n",
            '        if not is_read and method == "PATCH":\n',
        ),
        COMPOSITION,
    ),
    _defect(
        "a source writes to timelines while a plan is made",
        SHADOW,
        (
            "flows/unleashed/dry.py",
            '    records: Any = _Reading(world.sync.records, READS["records"])\n',
            "    records: Any = world.sync.records\n",
        ),
        VERBS,
    ),
    _defect(
        "a live flow is run by hand without a word",
        SHADOW,
        (
            "cli/unleashed/by_hand.py",
            "yes=yes or mode is not Mode.LIVE",
            "yes=yes or mode is not Mode.SHADOW",
        ),
        VERBS,
    ),
    _defect(
        "no alarm sees that a month's calls will not last",
        TOLD,
        (
            "adapters/unleashed/meter.py",
            "            telemetry.count(FORESEEN_OVER)\n",
            "",
        ),
        BUDGET,
    ),
    _defect(
        "a despatch is not found by the Guid of its order",
        TOLD,
        (
            "cli/unleashed/records.py",
            '*(f"{kind}/{small}" for kind in KINDS)',
            "",
        ),
        VERBS,
    ),
)
