"""Deliberate defects: plans, and the world in which they are made."""

from __future__ import annotations

from tests.mutations.model import LOST, SHADOW, TOLD, Defect, Edit, tests

PLANS = tests("unit/test_plans.py")
TABLES = tests("unit/test_trial_tables.py")
HELD = tests("simulation/test_plans.py")

OF_PLANS = (
    Defect(
        "a trial sends what it should note",
        SHADOW,
        (
            Edit(
                "adapters/trial/http.py",
                "if not is_read and template not in HARMLESS_LOG_INS:",
                "if not is_read and template in HARMLESS_LOG_INS:",
            ),
        ),
        (HELD,),
    ),
    Defect(
        "a plan of the ERP's flows that holds nothing is exact whatever they write",
        TOLD,
        (Edit("domain/plans.py", "            names.ORDERS,\n", ""),),
        (PLANS,),
    ),
    Defect(
        "a trial renews the key that the flows use",
        SHADOW,
        (
            Edit(
                "adapters/trial/http.py",
                'frozenset({"/channels", "/Token"})',
                'frozenset({"/channels", "/Token", "/api/Auth"})',
            ),
            Edit("adapters/trial/http.py", "if template == LOG_IN:", 'if template == "":'),
        ),
        (HELD,),
    ),
    Defect(
        "a trial does not see what it deleted itself",
        TOLD,
        (
            Edit(
                "adapters/trial/tables.py",
                "if (TableName, _key(row)) not in self._now]\n        rows = sorted(",
                "]\n        rows = sorted(",
            ),
        ),
        (TABLES,),
    ),
    Defect(
        "a trial goes on with what it read before its own write",
        TOLD,
        (
            Edit(
                "adapters/trial/book.py",
                'self.made_up_in(f"{path} {query}") or self._changed(partner, path, template)',
                'self.made_up_in(f"{path} {query}")',
            ),
        ),
        (HELD,),
    ),
    Defect(
        "what was done before a plan counts as done by it",
        TOLD,
        (Edit("domain/plans.py", "stands.settled_at < at:", "stands.settled_at > at:"),),
        (PLANS,),
    ),
    Defect(
        "a large plan is kept without its last part",
        LOST,
        (
            Edit(
                "adapters/dynamodb/plans.py",
                "range(0, len(text), PART)",
                "range(0, max(len(text) - PART, 1), PART)",
            ),
        ),
        (PLANS,),
    ),
)
