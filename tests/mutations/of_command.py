"""Deliberate defects: the command's manners, whatever the verb."""

from __future__ import annotations

from tests.mutations.model import SHADOW, TOLD, TWICE, Defect, Edit, tests

RULES = tests("unit/cli/test_command_rules.py")
MANNERS = tests("unit/cli/test_command_manners.py")
UNKNOWN = tests("unit/cli/test_unknown_merchants.py")
TRIES = tests("unit/cli/test_dry_runs.py")

OF_COMMAND = (
    Defect(
        "command: a dry run's tables are written",
        SHADOW,
        (Edit("cli/dry.py", "if self._kept(given):", "if given:"),),
        (TRIES,),
    ),
    Defect(
        "command: a dry run of a person's offer sends it",
        SHADOW,
        (
            Edit(
                "cli/miinto/transfer_acts.py",
                "market = dry(desk.hub).market_world(desk.merchant)\n            up_to_the_first",
                "market = desk.market_world\n            up_to_the_first",
            ),
        ),
        (TRIES,),
    ),
    Defect(
        "command: without a terminal a question is taken for answered",
        TWICE,
        (Edit("cli/asking.py", "    if not is_terminal():\n", "    if False:\n"),),
        (MANNERS,),
    ),
    Defect(
        "command: of two merchants that differ the first is taken",
        TWICE,
        (Edit("cli/choices.py", "and merchant != merchant_word:", "and False:"),),
        (MANNERS,),
    ),
    Defect(
        "command: an empty merchant means all of them",
        TWICE,
        (
            Edit(
                "cli/choices.py",
                "        if not value.strip():\n            self",
                "        if False:\n            self",
            ),
        ),
        (UNKNOWN,),
    ),
    Defect(
        "command: what is said beside the document goes where the document goes",
        TOLD,
        (Edit("cli/terminal.py", "root.with_resource(redirect_stdout(sys.stderr))", "pass"),),
        (MANNERS, TRIES),
    ),
    Defect(
        "command: an interrupted verb ends as if it were fine",
        TOLD,
        (
            Edit(
                "cli/ending.py",
                'raise CommandError(f"interrupted; {so_far(ctx)}", INTERRUPTED) from None',
                "return None",
            ),
        ),
        (MANNERS,),
    ),
    Defect(
        "command: a fault's words go to the terminal",
        TOLD,
        (Edit("cli/ending.py", "({type(error).__name__}); see", "({error!r}); see"),),
        (MANNERS,),
    ),
    Defect(
        "command: a part of a SKU is shown as a picture",
        TOLD,
        (Edit("cli/terminal.py", "emoji=False,", "emoji=True,"),),
        (MANNERS,),
    ),
    Defect(
        "command: a verb's words of several merchants are laid on the wrong ones",
        TWICE,
        (Edit("cli/verbs.py", "return len(words) <= len(others)", "return False"),),
        (MANNERS,),
    ),
    Defect(
        "command: what a verb says to machines changes unseen",
        TOLD,
        (Edit("cli/parked_verbs.py", "items=named, counts=counts)", "rows=named, counts=counts)"),),
        (MANNERS, TRIES),
    ),
    Defect(
        "command: an example in the manual is wrong usage",
        TOLD,
        (
            Edit(
                "cli/parked_verbs.py",
                "    hub parked replay --all --yes\n",
                "    hub parked replay --every\n",
            ),
        ),
        (RULES,),
    ),
)
