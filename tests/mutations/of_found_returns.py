"""Deliberate defects: where returns wait, and by what they are found."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, Check, Defect, Edit, tests

STEPS = tests("unit/test_steps.py")
TERMS = tests("unit/test_search_terms.py")
STORES_FOUND = tests("contract/test_found_returns.py")
MONEY = tests("flow/test_money_line.py")
BOUNDS = tests("contract/test_bounded_looks.py")
SEARCH = tests("unit/cli/test_search.py")
STEPS_FILE = "domain/overview/steps.py"
ROWS_FILE = "adapters/dynamodb/found_returns.py"


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_FOUND_RETURNS = (
    _defect(
        "lines without an answer are forgotten once the return is closed",
        LOST,
        (
            STEPS_FILE,
            "if any(not batch.outcome for batch in state.batches):",
            "if any(not batch.outcome for batch in state.batches) and not _is_closed(state):",
        ),
        STEPS,
    ),
    _defect(
        "a return with an item beside the work leaves the money line's steps",
        TOLD,
        (
            STEPS_FILE,
            "state.parked_ids - set(state.parked_beside)",
            "state.parked_ids",
        ),
        STEPS,
    ),
    _defect(
        "delivered goods wait since the hub came to know of it",
        TOLD,
        (
            STEPS_FILE,
            "if after.step is Step.BOOKING_IN and (delivered",
            "if after.step is None and (delivered",
        ),
        STEPS,
        MONEY,
    ),
    _defect(
        "nobody sees to the goods of a return that was closed",
        LOST,
        (STEPS_FILE, "if any(due.kind == DueKind.WITHDRAWN for due in state.due):", "if False:"),
        STEPS,
    ),
    _defect(
        "a reading without a worth takes back what was told",
        TOLD,
        ("domain/timeline.py", "return {} if seen.value is None else", "return"),
        STEPS,
    ),
    _defect(
        "returns of an earlier release are never found",
        LOST,
        (
            "domain/overview/search_terms.py",
            'if "step" not in before.model_fields_set:',
            "if before.step is not before.step:",
        ),
        STORES_FOUND,
    ),
    _defect(
        "terms are written with every event",
        CALM,
        (
            "domain/overview/search_terms.py",
            "return tuple(term for term in terms if term not in known)",
            "return tuple(term for term in terms if term not in known or known)",
        ),
        STORES_FOUND,
    ),
    _defect(
        "a return of many SKUs cannot be appended",
        LOST,
        (ROWS_FILE, "max(0, min(MOST_TERMS, MOST_ACTIONS - others))", "len(terms)"),
        STORES_FOUND,
    ),
    _defect(
        "terms push out events",
        LOST,
        (ROWS_FILE, "max(0, min(MOST_TERMS, MOST_ACTIONS - others))", "MOST_TERMS"),
        STORES_FOUND,
    ),
    _defect(
        "a SKU of many returns tells the oldest",
        TOLD,
        (
            "adapters/dynamodb/returns.py",
            'found = self._rows("pk = :pk", values, limit, ScanIndexForward=False)',
            'found = self._rows("pk = :pk", values, limit)',
        ),
        STORES_FOUND,
    ),
    _defect(
        "searching reads all of a SKU",
        CALM,
        (
            "adapters/dynamodb/returns.py",
            'found = self._rows("pk = :pk", values, limit, ScanIndexForward=False)',
            'found = list(self._rows("pk = :pk", values, ScanIndexForward=False))[:limit]',
        ),
        BOUNDS,
    ),
    _defect(
        "the money line reads all that waits",
        CALM,
        (
            "adapters/dynamodb/returns.py",
            'found = self._rows("step_pk = :step", values, limit, IndexName=STEP_INDEX)',
            'found = list(self._rows("step_pk = :step", values, IndexName=STEP_INDEX))[:limit]',
        ),
        BOUNDS,
    ),
    _defect(
        "a count that was cut is told as the whole",
        TOLD,
        (
            "flows/overview/money_line.py",
            "is_at_least=len(rows) > MOST_COUNTED,",
            "is_at_least=False,",
        ),
        MONEY,
        BOUNDS,
    ),
    _defect(
        "what was flagged for its clock is not past it any more",
        TOLD,
        (
            "flows/overview/money_line.py",
            "    for _, rows in read:\n",
            "    for _, rows in (one for one in read if one[0] is Step.BOOKING_IN):\n",
        ),
        MONEY,
    ),
    _defect(
        "orders are found only with the sign before their names",
        TOLD,
        ("domain/overview/search_terms.py", 'plain = plain.lstrip("# ")', "pass"),
        TERMS,
        SEARCH,
    ),
    _defect(
        "what was cut is not said",
        TOLD,
        (
            "flows/overview/find_returns.py",
            "is_cut |= len(found) > limit",
            "is_cut |= len(found) > limit + 1",
        ),
        SEARCH,
        BOUNDS,
    ),
)
