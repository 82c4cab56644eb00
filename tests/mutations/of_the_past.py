"""Deliberate defects: catching up, backfill, and what a person does to a return."""

from __future__ import annotations

from tests.mutations.model import CALM, LISTS, LOST, SHADOW, TOLD, TWICE, Defect, Edit, tests

CATCH_UP = tests("flow/test_catch_up.py")
BACKFILL = tests("flow/test_backfill.py")
BY_HAND = tests("flow/test_act_on_return.py")
BACKFILL_VERBS = tests("unit/cli/test_backfill.py")

OF_CATCHING_UP = (
    Defect(
        "a list of several pages is read once",
        LOST,
        (Edit("adapters/redo/portal.py", "if pages == 1 or not news:", "if pages:"),),
        (LISTS,),
    ),
    Defect(
        "what the last run counted is counted again",
        TOLD,
        (Edit("flows/catch_up_counts.py", "elif is_first_reading:", "else:"),),
        (CATCH_UP,),
    ),
    Defect(
        "a failed run forgets what it sent",
        TOLD,
        (Edit("flows/catch_up.py", "            if tally.sent:\n", "            if not tally:\n"),),
        (CATCH_UP,),
    ),
    Defect(
        "a message that waits in the queue is called missed",
        TOLD,
        (Edit("flows/catch_up.py", "if not self._may_wait:", "if self._may_wait != -1:"),),
        (CATCH_UP,),
    ),
    Defect(
        "a skipped return that is told of again is not noted",
        TOLD,
        (
            Edit(
                "flows/announce_return.py",
                'world.record(state, "eligibility", *seen, *more)',
                'world.record(state, "eligibility", *(more and seen), *more)',
            ),
        ),
        (CATCH_UP,),
    ),
    Defect(
        "an old return that changes after the switch is announced again",
        TWICE,
        (
            Edit(
                "domain/eligibility.py",
                "is None or state.skipped(BEFORE_LIVE_FROM)",
                "is None",
            ),
        ),
        (CATCH_UP,),
    ),
)

OF_BACKFILL = (
    Defect(
        "a piece that a partner cut off counts as read",
        LOST,
        (
            Edit(
                "flows/backfill.py",
                "                self._wait(verdict.after, verdict.reason)\n"
                "                continue\n",
                "                self._wait(verdict.after, verdict.reason)\n",
            ),
        ),
        (BACKFILL,),
    ),
    Defect(
        "a limit loses the return it stops at",
        LOST,
        (Edit("flows/backfill.py", 'raise _Stop("limit")', "return"),),
        (BACKFILL,),
    ),
    Defect(
        "a return to be adopted counts as approved after the switch",
        TWICE,
        (Edit("domain/backfill.py", "return found.created_at", "return found.updated_at"),),
        (BACKFILL,),
    ),
    Defect(
        "a cancelled backfill runs on",
        TOLD,
        (Edit("flows/backfill.py", "if self._held.is_cancelled:", "if not self._held:"),),
        (BACKFILL,),
    ),
    Defect(
        "a backfill that was overtaken goes on",
        TWICE,
        (
            Edit(
                "flows/backfill_jobs.py",
                "if taken is None or taken.fence != self._lease.fence + 1:",
                "if taken is None:",
            ),
        ),
        (BACKFILL,),
    ),
    Defect(
        "a backfill fills the queue before the live returns",
        CALM,
        (Edit("flows/backfill.py", ">= MOST_WAITING:", ">= 100 * MOST_WAITING:"),),
        (BACKFILL,),
    ),
    Defect(
        "a backfill's calls are outside its budget",
        CALM,
        (Edit("adapters/http/budget.py", "        self._budget.take()\n", ""),),
        (BACKFILL_VERBS,),
    ),
    Defect(
        "a dry run of the past is another judgement",
        SHADOW,
        (
            Edit(
                "flows/backfill.py",
                "yield Looked(found, _ending(found, selection, world), walk.share())",
                "yield Looked(found, Ending.SENT, walk.share())",
            ),
        ),
        (BACKFILL,),
    ),
)

OF_ACTS_BY_HAND = (
    Defect(
        "a status is sent over what somebody else did meanwhile",
        TWICE,
        (Edit("flows/act_on_return.py", "if now.value == asked.before:", "if now.value:"),),
        (BY_HAND,),
    ),
    Defect(
        "a person's request is told on no timeline before it is sent",
        TOLD,
        (
            Edit(
                "flows/act_on_return.py",
                "            status=status.value,\n        )\n"
                "        _tell(world, return_id, request, asked)\n",
                "            status=status.value,\n        )\n",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "two requests of a person are one",
        TOLD,
        (
            Edit(
                "domain/operations.py",
                'return f"status/{merchant}/{return_id}/{status}/{request}"',
                'return f"status/{merchant}/{return_id}/{status}"',
            ),
        ),
        (BY_HAND,),
    ),
)
