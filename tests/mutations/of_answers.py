"""Deliberate defects: what people answer, what is explained to them, and policies on trial."""

from __future__ import annotations

from tests.mutations.model import (
    LOST,
    SHADOW,
    STORES,
    TOLD,
    Defect,
    Edit,
    tests,
)

ANSWERING = tests("unit/test_answering.py")
ASKED = tests("flow/test_answers.py")
TRIALS = tests("unit/test_policy_trial.py")

OF_ANSWERS = (
    Defect(
        "an answer about goods beyond the lines counts for whatever comes",
        TOLD,
        (
            Edit(
                "domain/choices.py",
                "return finding.received - finding.expected <= "
                "case.answered_for.get(EXTRAS + finding.sku, 0)",
                "return True",
            ),
        ),
        (ANSWERING, ASKED),
    ),
    Defect(
        "what a person holds is held for ever",
        LOST,
        (
            Edit(
                "domain/choices.py",
                "if finding.received > seen or _hold_is_over(case, policy):",
                "if finding.received < seen:",
            ),
        ),
        (ANSWERING, ASKED),
    ),
    Defect(
        "what a person answered is not found by the walk",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                'OperatorActed(act="replayed" | "answered")',
                'OperatorActed(act="replayed")',
            ),
        ),
        (STORES,),
    ),
    Defect(
        "what was parked again is closed with what was read before",
        LOST,
        (
            Edit(
                "adapters/dynamodb/parking.py",
                "if item.times is not None:",
                "if item.times == -1:",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "the second of two answers is told as kept",
        TOLD,
        (
            Edit(
                "flows/operator.py",
                "is_kept = answers.items() <= state.answers.items()",
                "is_kept = bool(state)",
            ),
        ),
        (ASKED,),
    ),
    Defect(
        "an explanation forgets what the same run decides before",
        TOLD,
        (Edit("flows/explain.py", "        if due:\n", "        if not due:\n"),),
        (ASKED,),
    ),
    Defect(
        "a trial sees no other lines behind the same action",
        SHADOW,
        (
            Edit(
                "domain/policy_trial.py",
                "if committed is not None and not lines:",
                "if committed is not None:",
            ),
        ),
        (TRIALS,),
    ),
)
