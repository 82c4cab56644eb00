"""Deliberate defects: what the command loads at its start, and how it ends when AWS refuses."""

from __future__ import annotations

from tests.mutations.model import TOLD, Defect, Edit, tests

START = tests("unit/cli/test_start.py")

OF_STARTS = (
    Defect(
        "command: listing the verbs loads all of them",
        TOLD,
        (
            Edit(
                "cli/verbs.py",
                "        if isinstance(self.commands, LateVerbs):\n",
                "        if not self.commands:\n",
            ),
        ),
        (START,),
    ),
    Defect(
        "command: a verb is listed by words that are not its own",
        TOLD,
        (Edit("cli/main.py", '"Work set aside for a person."', '"Work set aside."'),),
        (START,),
    ),
    Defect(
        "command: every start looks for AWS",
        TOLD,
        (Edit("cli/worlds.py", "import click\n", "import boto3\nimport click\n"),),
        (START,),
    ),
)
