"""What `make deploy` finds out before it does anything, and what it says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from tests.support.deploy_world import ACCOUNT, DeployWorld, failed, refused
from tools.deploy.deploying import Tool, Wanted, deploy
from tools.deploy.environments import Answers, answers_of, keep_answers
from tools.deploy.stack_state import DEPLOYABLE, FRESH, StackState, require_deployable
from tools.deploy.talk import AWS_REFUSES, USAGE, Stopped, Terminal

DEV = "returns-hub-dev"
FIRST = Wanted("dev", parameters={"FirstMerchant": "acme"}, alarms_to="-")


def stopped(world: DeployWorld, wanted: Wanted = FIRST) -> Stopped:
    """How it stops, having changed nothing."""
    with pytest.raises(Stopped) as caught:
        deploy(world.tool, wanted)
    writes = ("execute_change_set", "create_topic", "delete_stack")
    assert not [name for name, _ in world.account.calls if name in writes]
    assert not world.sam_was_asked("deploy")
    return caught.value


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "there are no AWS credentials"),
        (PartialCredentialsError(provider="env", cred_var="x"), "there are no AWS credentials"),
        (TokenRetrievalError(provider="sso", error_msg="x"), "sign in again"),
        (refused("ExpiredToken", "The token is expired"), "sign in again"),
        (refused("InvalidClientTokenId", "The token is invalid"), "sign in again"),
        (refused("Throttling", "Rate exceeded"), "wait a minute"),
        (ConnectTimeoutError(endpoint_url="https://x"), "AWS does not answer"),
        (
            refused("AccessDenied", "User: u is not authorized to perform: sts:GetCallerIdentity"),
            "may not sts:GetCallerIdentity; config/deployer-policy.json",
        ),
    ],
)
def test_what_aws_refuses_is_a_sentence(world: DeployWorld, error: Exception, says: str) -> None:
    world.account.fails["get_caller_identity"] = error
    ended = stopped(world)
    assert says in str(ended)
    assert ended.code == AWS_REFUSES


@pytest.mark.parametrize(
    "operation", ["describe_stacks", "get_account_settings", "describe_secret"]
)
def test_a_permission_that_lacks_is_named_with_what_it_is_for(
    world: DeployWorld, operation: str
) -> None:
    text = "User: u is not authorized to perform: lambda:Do on resource: arn:aws:lambda:x because"
    world.account.fails[operation] = refused("AccessDeniedException", text)
    assert "may not lambda:Do on arn:aws:lambda:x;" in str(stopped(world))


def test_every_status_of_a_stack_has_its_sentence(world: DeployWorld) -> None:
    """Of CloudFormation's own list: another status than these is not to be met unprepared."""
    shapes: Any = botocore.session.get_session().get_service_model("cloudformation")
    known = set(shapes.shape_for("StackStatus").enum) - {"DELETE_COMPLETE"}
    world.account.events = [failed("ReturnsTable", "a limit is reached")]
    for status in sorted(known):
        state = StackState(DEV, status)
        if status in DEPLOYABLE | FRESH:
            assert require_deployable(world.account, state, "dev"), status
            continue
        with pytest.raises(Stopped) as caught:
            require_deployable(world.account, state, "dev")
        assert "does not know" not in str(caught.value), status
        assert DEV in str(caught.value)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("ROLLBACK_COMPLETE", ["the first deployment", "make undeploy ENV=dev", "a limit"]),
        ("UPDATE_ROLLBACK_FAILED", ["continue-update-rollback --stack-name", "a limit"]),
        ("UPDATE_IN_PROGRESS", ["is being changed right now", "Wait"]),
        ("DELETE_FAILED", ["not all of it went", "a limit"]),
    ],
)
def test_a_stack_in_the_way_says_what_to_do(
    world: DeployWorld, status: str, says: list[str]
) -> None:
    world.account.put(DEV, status)
    world.account.events = [
        failed("Other", "Resource creation cancelled"),
        failed("ReturnsTable", "a limit is reached"),
        failed(DEV, "User Initiated", "CREATE_IN_PROGRESS"),
        failed("Older", "of an operation before"),
    ]
    told = str(stopped(world))
    assert not [words for words in says if words not in told], told
    assert "Older" not in told
    assert "cancelled" not in told


def test_whose_account_and_region_it_is_is_shown_before_it_is_agreed_to(world: DeployWorld) -> None:
    world.person.agrees = False
    assert "nothing was done" in str(stopped(world))
    for words in (ACCOUNT, "user/ana", "eu-west-1", DEV, "first deployment"):
        assert words in world.person.heard
    assert world.person.asked == ["Deploy?"]


def test_another_account_or_region_than_the_first_time_stops(world: DeployWorld) -> None:
    keep_answers(world.root, "dev", Answers(account="999999999999", region="eu-west-1"))
    assert "belongs to account 999999999999" in str(stopped(world))
    keep_answers(world.root, "dev", Answers(account=ACCOUNT, region="us-east-1"))
    assert "was deployed to us-east-1" in str(stopped(world))
    keep_answers(world.root, "dev", Answers())
    ended = stopped(world, Wanted("dev", account="123412341234"))
    assert "belongs to account 123412341234" in str(ended)
    assert ended.code == USAGE


def test_damaged_answers_are_told_of(world: DeployWorld) -> None:
    path = keep_answers(world.root, "dev", Answers(account=ACCOUNT))
    path.write_text("parameters = 5", encoding="utf-8")
    assert "parameters is no table" in str(stopped(world))
    path.write_bytes(b"\xff\xfe[")
    assert "cannot be read" in str(stopped(world))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"Nope": "1"}, "has no parameter Nope"),
        ({"LogRetentionDays": "91"}, "is none of 7, 14"),
        ({"MaximumConcurrency": "1"}, "is not between 2 and 1000"),
        ({"MaximumConcurrency": "many"}, "is no whole number"),
        ({"FirstMerchant": "Acme Ltd"}, "is not of the form"),
    ],
)
def test_a_wrong_parameter_is_told_before_anything_is_asked(
    world: DeployWorld, parameters: dict[str, str], says: str
) -> None:
    assert says in str(stopped(world, Wanted("dev", parameters=parameters)))
    assert not world.account.calls


def test_an_environment_that_is_not_there_names_those_that_are(world: DeployWorld) -> None:
    assert "there are: dev, staging, prod" in str(stopped(world, Wanted("prd")))


def test_without_the_sam_cli_it_says_how_to_get_it(world: DeployWorld) -> None:
    world.tool.sam.program.unlink()
    assert "tools/setup.py sam" in str(stopped(world))


def test_secrets_of_an_earlier_stack_are_told_one_by_one(world: DeployWorld) -> None:
    name = f"{DEV}/acme/redo"
    world.account.secrets = {
        name: {"DeletedDate": datetime(2026, 3, 4, tzinfo=UTC)},
        f"{DEV}/acme/mintsoft": {},
    }
    told = str(stopped(world))
    assert f"the secret {name} was deleted with an earlier stack (4 March 2026)" in told
    assert f"--secret-id {name}" in told
    assert f"a secret {DEV}/acme/mintsoft is there, and no stack owns it" in told


def test_another_hub_in_the_same_account_is_told_of(world: DeployWorld) -> None:
    world.account.put("other-hub", Stage="dev")
    world.account.put("third-hub", Stage="prod")
    world.account.put("of-no-stage-known")
    world.account.put("of-somebody-else", Stage="dev")
    world.account.stacks["of-somebody-else"]["Description"] = "A shop"
    deploy(world.tool, FIRST)
    assert "another hub of the stage dev: other-hub. Both" in world.person.heard
    assert "ReturnsHub/dev" in world.person.heard
    assert "--set Stage=name" in world.person.heard
    for name in ("third-hub", "of-somebody-else", "of-no-stage-known"):
        assert name not in world.person.heard


def test_hubs_of_other_stages_are_nothing_to_tell_of(world: DeployWorld) -> None:
    """Their metrics are apart: ReturnsHub/prod is not ReturnsHub/dev."""
    world.account.put("returns-hub-prod", Stage="prod")
    deploy(world.tool, FIRST)
    assert "another hub" not in world.person.heard


def test_a_stage_that_is_set_apart_is_no_clash(world: DeployWorld) -> None:
    world.account.put("other-hub", Stage="dev")
    deploy(world.tool, replace(FIRST, parameters={**FIRST.parameters, "Stage": "trial"}))
    assert "another hub" not in world.person.heard


@pytest.mark.parametrize(("limit", "is_told"), [(10, True), (27, True), (28, False)])
def test_an_account_that_runs_too_few_environments_is_told_of(
    world: DeployWorld, limit: int, is_told: bool
) -> None:
    """Nine queues with two each in dev, and ten for the rest."""
    world.account.concurrency = limit
    deploy(world.tool, FIRST)
    assert (f"at most {limit} Lambda environments" in world.person.heard) is is_told


def test_the_first_time_two_questions_are_asked_and_remembered(world: DeployWorld) -> None:
    world.person.answers = ["Acme Ltd", "acme", "nobody", "ops@example.test"]
    deploy(world.tool, Wanted("dev"))
    assert "is not of the form" in world.person.heard
    assert "'nobody' is neither an e-mail address nor" in world.person.heard
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:{DEV}-alarms"
    assert world.account.done("subscribe") == [
        {"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.test"}
    ]
    assert world.overrides()["FirstMerchant"] == "acme"
    assert world.overrides()["AlarmTopicArn"] == topic
    assert answers_of(world.root, "dev") == Answers(
        ACCOUNT, "eu-west-1", {"FirstMerchant": "acme", "AlarmTopicArn": topic}
    )
    world.account.put(DEV, FirstMerchant="acme")
    world.person.asked.clear()
    deploy(world.tool, Wanted("dev"))
    assert world.person.asked == ["Deploy?", "Make these changes?"]
    assert world.overrides()["FirstMerchant"] == "acme"


def test_from_another_machine_the_stacks_own_parameters_stay(world: DeployWorld) -> None:
    """Without answers here nothing is said of them, and CloudFormation keeps what it has: the
    template's default would replace the secrets of the merchant."""
    world.account.put(DEV, FirstMerchant="acme", AlarmTopicArn="arn:aws:sns:eu-west-1:1:x")
    deploy(world.tool, Wanted("dev"))
    assert not {"FirstMerchant", "AlarmTopicArn"} & world.overrides().keys()


def test_ci_is_told_what_to_say_instead_of_being_asked(world: DeployWorld) -> None:
    talk = Terminal(yes=True)
    with pytest.raises(Stopped, match="nobody can be asked here: First merchant's id") as caught:
        deploy(replace_talk(world, talk), Wanted("dev"))
    assert caught.value.code == USAGE
    deploy(replace_talk(world, talk), FIRST)
    assert world.overrides()["FirstMerchant"] == "acme"


def test_without_a_terminal_and_without_yes_nothing_is_deployed(world: DeployWorld) -> None:
    with pytest.raises(Stopped, match="--yes agrees beforehand"):
        deploy(replace_talk(world, Terminal(yes=False)), FIRST)
    assert not world.sam_was_asked("build")


def replace_talk(world: DeployWorld, talk: Terminal) -> Tool:
    return replace(world.tool, talk=talk)
