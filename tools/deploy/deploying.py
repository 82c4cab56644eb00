"""One deployment, from the checks to the addresses that partners need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.deploy import account, changes, guide, releases
from tools.deploy.aws import Aws, Identity, identity, in_words
from tools.deploy.environments import (
    Answers,
    Environment,
    answers_of,
    environment_of,
    keep_answers,
)
from tools.deploy.follow import Clock, follow, latest_event
from tools.deploy.sam import Sam
from tools.deploy.stack_state import StackState, failures, require_deployable, state_of
from tools.deploy.talk import TAKEN_BACK, USAGE, Stopped, Talk
from tools.deploy.template_facts import TemplateFacts

DEV = "dev"
ADDRESSES = ("RedoWebhookUrl", "LoopWebhookUrl", "UnleashedWebhookUrl", "ApprovedReturnsQueueUrl")


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    environment: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    alarms_to: str | None = None
    account: str = ""
    dry_run: bool = False
    allow_changed_files: bool = False
    allow_replace: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tool:
    """What a deployment works with.

    `root` holds samconfig.toml and the answers, `source` what is built and deployed.
    """

    root: Path
    source: Path
    talk: Talk
    connect: Callable[[str], Aws]
    clock: Clock = field(default_factory=Clock)

    @property
    def sam(self) -> Sam:
        """The SAM CLI, for the source."""
        return Sam(tools=self.root, source=self.source, samconfig=self.root / "samconfig.toml")


@dataclass(frozen=True)
class Prepared:
    """A deployment that passed the checks."""

    aws: Aws
    who: Identity
    environment: Environment
    template: TemplateFacts
    state: StackState
    parameters: dict[str, str]
    email: str
    release: releases.Release


def deploy(tool: Tool, wanted: Wanted) -> None:
    """Check, build, tell what changes, deploy, and tell what comes next.

    Raises:
        Stopped: Something is in the way, somebody said no, or the deployment failed.
    """
    started = tool.clock.now()
    prepared = prepare(tool, wanted)
    if not wanted.dry_run and not tool.talk.agreed("Deploy?"):
        raise Stopped("nothing was done")
    if prepared.email and not wanted.dry_run:
        prepared = _with_topic(tool, prepared)
    carry_out(tool, prepared, wanted)
    if not wanted.dry_run:
        tool.talk.say(f"\nIn {tool.clock.now() - started:.0f} s.")


def prepare(tool: Tool, wanted: Wanted) -> Prepared:
    """Everything that can be known before anything is done."""
    say = tool.talk.say
    tool.sam.require()
    environment = environment_of(tool.root / "samconfig.toml", wanted.environment)
    template = TemplateFacts(tool.source / "template.yaml")
    template.require_valid({**environment.parameters, **wanted.parameters})
    answers = answers_of(tool.root, environment.name)
    aws = tool.connect(environment.region or (answers.region if answers else ""))
    who = identity(aws)
    _require_same_place(aws, who, answers, wanted, environment)
    state = state_of(aws, environment.stack)
    git = releases.git_state(tool.source)
    say(f"stack       {environment.stack} ({environment.name})")
    say(f"account     {who.account}, as {who.arn}")
    say(f"region      {aws.region}")
    say(f"source      {git.in_words}")
    say(f"state       {require_deployable(aws, state, environment.name)}")
    if git.changed and environment.name != DEV and not wanted.allow_changed_files:
        raise Stopped(
            f"{environment.name} is deployed from committed files alone, so that a rollback can "
            "come back to it; commit them, or say --allow-changed-files"
        )
    parameters = {
        **environment.parameters,
        **(answers.parameters if answers else {}),
        **wanted.parameters,
    }
    template.require_valid(parameters)
    email = ""
    if state.is_fresh:
        asked, email = guide.ask_first(
            tool.talk, environment, template, dict(parameters), wanted.alarms_to
        )
        parameters |= asked
    elif wanted.alarms_to is not None:
        raise Stopped(
            "--alarms-to is for the first deployment; later: --set AlarmTopicArn=arn:…", USAGE
        )
    _warn(tool, aws, state, template, parameters)
    release = releases.release_of(tool.source, git, parameters)
    running = releases.release_in(state.parameters.get("Release", ""))
    say(f"runs now    {running.text if running else '-'}")
    say(f"would run   {release.text}")
    return Prepared(aws, who, environment, template, state, parameters, email, release)


def carry_out(tool: Tool, prepared: Prepared, wanted: Wanted) -> None:
    """Build, tell what changes, and do it."""
    say, aws, environment = tool.talk.say, prepared.aws, prepared.environment
    release = {
        "Release": prepared.release.text,
        "ReleaseBefore": releases.before(prepared.release, prepared.state.parameters),
    }
    known = prepared.template.parameters
    parameters = {n: v for n, v in {**prepared.parameters, **release}.items() if n in known}
    say("\nbuilding …")
    tool.sam.build(environment, parameters)
    say("uploading, and asking CloudFormation what changes …")
    change_set = tool.sam.change_set(aws, environment, parameters)
    if change_set is None:
        say("nothing changes: what is deployed is the same")
        return
    found = changes.changes_of(aws, change_set)
    say(f"\nWhat changes in {environment.stack}:")
    for line in changes.in_words_of(found):
        say(line)
    try:
        _require_harmless(tool, found, wanted, prepared.state)
    except BaseException:
        _discard(aws, environment.stack, change_set, prepared.state)
        raise
    if wanted.dry_run:
        _discard(aws, environment.stack, change_set, prepared.state)
        say("\ndry run: nothing was deployed")
        return
    if prepared.state.is_fresh:
        kept = keep_answers(tool.root, environment.name, _answers(prepared))
        say(f"\nthe answers are kept in {kept.relative_to(tool.root)}")
    _execute(tool, prepared, change_set, len(found))


def _execute(tool: Tool, prepared: Prepared, change_set: str, total: int) -> None:
    say, aws, stack = tool.talk.say, prepared.aws, prepared.environment.stack
    since = latest_event(aws, stack)
    with in_words(aws.profile):
        aws.client("cloudformation").execute_change_set(ChangeSetName=change_set, StackName=stack)
    say("\ndeploying … (interrupting this stops the telling, not the deployment)")
    state = follow(aws, stack, total, tool.talk, tool.clock, since=since)
    if state.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        _tell_what_is_next(tool, prepared, state)
        return
    causes = failures(aws, stack)
    why = f"\nIts first cause: {causes[0]}" if causes else ""
    if state.status == "UPDATE_ROLLBACK_COMPLETE":
        raise Stopped(
            "the deployment failed, and CloudFormation took it back by itself: what ran before "
            f"runs.{why}",
            TAKEN_BACK,
        )
    raise Stopped(
        f"the deployment failed ({state.status}).{why}\n"
        f"Repeat the command: it says what to do with a stack in this state",
        TAKEN_BACK,
    )


def _require_same_place(
    aws: Aws, who: Identity, answers: Answers | None, wanted: Wanted, environment: Environment
) -> None:
    expected = wanted.account or (answers.account if answers else "")
    if expected and expected != who.account:
        raise Stopped(
            f"{environment.name} belongs to account {expected}, and these credentials are of "
            f"{who.account} "
            f"({who.arn}). Is it the right profile? Has it moved, delete "
            f".deploy/{environment.name}.toml",
            USAGE,
        )
    if answers and answers.region and answers.region != aws.region:
        raise Stopped(
            f"{environment.name} was deployed to {answers.region}, and this is {aws.region}. "
            "Another region "
            "is another hub: give it an environment of its own in samconfig.toml",
            USAGE,
        )


def _warn(
    tool: Tool,
    aws: Aws,
    state: StackState,
    template: TemplateFacts,
    parameters: Mapping[str, str],
) -> None:
    known = {**state.parameters, **parameters}
    if state.is_fresh:
        taken = account.secrets_in_the_way(aws, template.secret_names(state.name, known))
        if taken:
            raise Stopped("\n".join(taken))
    others = account.other_hubs(aws, state.name, template.description)
    warnings = [
        account.low_concurrency(aws, template, {n: v for n, v in known.items() if v}),
        account.shared_metrics(others, template.values(known)["Stage"]),
    ]
    for warning in filter(None, warnings):
        tool.talk.say(f"note        {warning}")


def _require_harmless(
    tool: Tool, found: list[changes.Change], wanted: Wanted, state: StackState
) -> None:
    lost = changes.guarded(found, wanted.allow_replace)
    if lost:
        names = " ".join(
            f"--allow-replace {one.name}"
            for one in found
            if one.loses and one.name not in wanted.allow_replace
        )
        raise Stopped(
            "this would lose data or an address:\n"
            + "\n".join(f"  {line}" for line in lost)
            + f"\nIs it meant, say so by name: {names}"
        )
    if wanted.dry_run or state.is_fresh:
        return
    if not tool.talk.agreed("Make these changes?"):
        raise Stopped("nothing was deployed")


def _discard(aws: Aws, stack: str, change_set: str, state: StackState) -> None:
    """Leave nothing behind: a change set, and the empty stack that the first one makes."""
    client = aws.client("cloudformation")
    with in_words(aws.profile):
        client.delete_change_set(ChangeSetName=change_set, StackName=stack)
        if state.is_fresh and state_of(aws, stack).status == "REVIEW_IN_PROGRESS":
            client.delete_stack(StackName=stack)


def _with_topic(tool: Tool, prepared: Prepared) -> Prepared:
    arn = guide.make_topic(prepared.aws, prepared.environment.stack, prepared.email)
    tool.talk.say(f"topic       {arn}; confirm the e-mail that AWS sends to {prepared.email}")
    parameters = {**prepared.parameters, "AlarmTopicArn": arn}
    return replace(prepared, parameters=parameters)


def _answers(prepared: Prepared) -> Answers:
    """What was asked, and not what samconfig.toml or the command line says."""
    personal = ("FirstMerchant", "AlarmTopicArn")
    return Answers(
        account=prepared.who.account,
        region=prepared.aws.region,
        parameters={n: prepared.parameters[n] for n in personal if prepared.parameters.get(n)},
    )


def _tell_what_is_next(tool: Tool, prepared: Prepared, state: StackState) -> None:
    say, stack = tool.talk.say, prepared.environment.stack
    merchant = state.parameters.get("FirstMerchant", "example")
    say(f"\n{stack} runs {prepared.release.text}. Its addresses:")
    for name in (
        "RedoWebhookUrl",
        "LoopWebhookUrl",
        "UnleashedWebhookUrl",
        "ApprovedReturnsQueueUrl",
    ):
        if name in state.outputs:
            say(f"  {name:<24} {state.outputs[name]}")
    say("\nNext (docs/deploy.md):")
    if prepared.state.is_fresh:
        say(
            f"  ./hub --stack {stack} config apply config/{merchant}.yaml    # start from "
            "config/example.yaml"
        )
        for secret in ("redo", "mintsoft"):
            say(f"  ./hub --stack {stack} secrets set {merchant} {secret}")
    say(f"  ./hub --stack {stack} check {merchant}")
    say(f"  ./hub --stack {stack} status")
