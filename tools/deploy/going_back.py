"""Deploying the release before again, from its own commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tools.deploy import releases
from tools.deploy.aws import identity
from tools.deploy.deploying import Tool, Wanted, deploy
from tools.deploy.environments import answers_of, environment_of
from tools.deploy.stack_state import require_deployable, state_of
from tools.deploy.talk import USAGE, Stopped

AT_ONCE = "AllAtOnce"


def roll_back(tool: Tool, wanted: Wanted, to: str = "") -> None:
    """Deploy what ran before, or the commit `to`, at once.

    Gradually would wait for alarms that are raised already: it is what is rolled back that raised
    them.

    Raises:
        Stopped: It is not known what ran before, its files are not in git, or the deployment fails.
    """
    environment = environment_of(tool.root / "samconfig.toml", wanted.environment)
    answers = answers_of(tool.root, environment.name)
    aws = tool.connect(environment.region or (answers.region if answers else ""))
    identity(aws)
    state = state_of(aws, environment.stack)
    if state.is_fresh:
        raise Stopped(f"there is no stack {environment.stack} here: nothing to go back from")
    require_deployable(aws, state, environment.name)
    commit = to or _before(state.parameters, environment.name)
    tool.talk.say(f"going back to {commit}\n")
    with releases.checked_out(tool.root, commit) as source:
        declared = (source / "template.yaml").read_text(encoding="utf-8")
        at_once = {"Rollout": AT_ONCE} if "\n  Rollout:\n" in declared else {}
        deploy(
            replace(tool, source=source),
            replace(wanted, parameters={**at_once, **wanted.parameters}),
        )


def _before(in_stack: Mapping[str, str], environment: str) -> str:
    told = in_stack.get("ReleaseBefore", "")
    release = releases.release_in(told)
    by_hand = f"name a commit: make rollback ENV={environment} TO=v1.0.0"
    if release is None:
        raise Stopped(
            "the stack does not tell what ran before (only one release was deployed yet, or not "
            f"by this tool); {by_hand}",
            USAGE,
        )
    if release.changed:
        raise Stopped(
            f"what ran before ({told}) was deployed with files that were never committed, so it "
            f"is not to be had again; {by_hand}",
            USAGE,
        )
    return release.commit
