"""Deliberate defects: the set-up check, and test returns."""

from __future__ import annotations

from tests.mutations.model import (
    CALM,
    CHECKS,
    RECENT,
    SANDBOX,
    SHADOW,
    STORES,
    TOLD,
    TWICE,
    WALK,
    Defect,
    Edit,
)

OF_PREFLIGHT = (
    Defect(
        "a test return in a tenant that serves customers",
        SHADOW,
        (
            Edit(
                "flows/make_test_return.py",
                "    if not world.live.merchant.sandbox:\n",
                "    if world.live.merchant.sandbox is None:\n",
            ),
        ),
        (SANDBOX,),
    ),
    Defect(
        "a test return without an idempotency key",
        TWICE,
        (
            Edit(
                "adapters/redo/sandbox.py",
                'headers={"Idempotency-Key": draft.idempotency_key},',
                "headers={},",
            ),
        ),
        (SANDBOX,),
    ),
    Defect(
        "an older test return is taken for the one that was lost",
        TOLD,
        (
            Edit(
                "adapters/redo/sandbox.py",
                "made is not None and made.created_at >= earliest and made.is_of(draft)",
                "made is not None and made.is_of(draft)",
            ),
        ),
        (SANDBOX,),
    ),
    Defect(
        "a scope that is missing counts as held",
        TOLD,
        (
            Edit(
                "adapters/redo/scopes.py",
                "                return False\n            raise\n        return True\n",
                "                return True\n            raise\n        return True\n",
            ),
        ),
        (SANDBOX,),
    ),
    Defect(
        "a lease that ended still counts as held",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/control.py",
                "held_until=held_until if is_held else None,",
                "held_until=held_until,",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "checks that were not made for want of time pass",
        TOLD,
        (
            Edit(
                "cli/checks/run.py",
                "    if subject.world.stores.clock.remaining() < LEAST_SECONDS:\n",
                "    if subject.world.stores.clock.remaining() < LEAST_SECONDS:\n        return\n",
            ),
        ),
        (CHECKS,),
    ),
    Defect(
        "one partner that is down hides the other's rows",
        CALM,
        (
            Edit(
                "cli/checks/run.py",
                "                closed[partner] = verdict\n",
                '                closed |= {"portal": verdict, "mintsoft": verdict}\n',
            ),
        ),
        (CHECKS,),
    ),
    Defect(
        "a walk that was stopped makes another return",
        TWICE,
        (
            Edit(
                "domain/operations.py",
                "{'+'.join(sorted(line_ids))}/{number}\"",
                '{id(line_ids)}/{number}"',
            ),
        ),
        (WALK,),
    ),
    Defect(
        "the walk does not heed what the partners' own books say",
        TOLD,
        (
            Edit(
                "cli/end_to_end/walk.py",
                "        if wrong:\n",
                "        if not judge:\n",
            ),
        ),
        (WALK,),
    ),
    Defect(
        "a bad token of deliveries hides what else the portal would tell",
        CALM,
        (
            Edit(
                "cli/checks/webhook.py",
                "    if _wrong_with_token(subject, redo):\n",
                "    if not redo:\n",
            ),
        ),
        (CHECKS,),
    ),
    Defect(
        "a return that stays overdue is not seen while its runs come",
        TOLD,
        (
            Edit(
                "cli/checks/schedules.py",
                "    if run.result is not Result.OK:\n",
                "    if run.result is not None:\n",
            ),
        ),
        (CHECKS,),
    ),
    Defect(
        "of Loop's newest returns only the last day's are looked at",
        TOLD,
        (
            Edit(
                "adapters/loop/portal.py",
                "            if len(found) + len(unreadable) >= wanted:\n",
                "            if found or unreadable:\n",
            ),
        ),
        (RECENT,),
    ),
)
