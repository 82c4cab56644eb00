"""What a deployment would change, what it refuses to, and how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.deploy_world import CHANGE_SET, UPLOADED, DeployWorld, change, failed, refused
from tools.deploy.changes import STATEFUL
from tools.deploy.deploying import Wanted, deploy
from tools.deploy.environments import answers_of
from tools.deploy.talk import AWS_REFUSES, TAKEN_BACK, Stopped

DEV = "returns-hub-dev"
WANTED = Wanted("dev", parameters={"FirstMerchant": "acme"})
FIRST = replace(WANTED, alarms_to="-")


@pytest.fixture
def there(world: DeployWorld) -> DeployWorld:
    """The stack is there, and something harmless changes."""
    world.account.put(DEV, FirstMerchant="acme")
    world.account.changes = [change("PollMintsoftFunction", "AWS::Lambda::Function")]
    return world


def test_what_changes_is_told_by_kind_and_by_name_where_they_are_few(there: DeployWorld) -> None:
    there.account.changes = [
        *(change(f"F{number}", "AWS::Lambda::Function") for number in range(19)),
        change("SharedLayer1", "AWS::Lambda::LayerVersion", "Add"),
        change("SharedLayer0", "AWS::Lambda::LayerVersion", "Remove"),
        change("MoreAlarm", "AWS::CloudWatch::Alarm", "Add"),
        change("Api", "AWS::ApiGatewayV2::Stage", replaced="Conditional"),
    ]
    deploy(there.tool, WANTED)
    told = [line for line in there.person.said if line.startswith("  ")][:4]
    assert told == [
        "  changed          19 functions",
        "  new              1 layer (SharedLayer1), 1 alarm (MoreAlarm)",
        "  perhaps replaced 1 ApiGatewayV2::Stage (Api)",
        "  removed          1 layer (SharedLayer0)",
    ]


@pytest.mark.parametrize("kind", sorted(STATEFUL))
@pytest.mark.parametrize(
    ("action", "replaced", "says"),
    [
        ("Remove", "False", "Thing would be removed: "),
        ("Modify", "True", "Thing would be replaced (by Name): "),
        ("Modify", "Conditional", "Thing may be replaced (by Name): "),
    ],
)
def test_what_would_lose_data_or_an_address_is_refused_even_with_yes(
    there: DeployWorld, kind: str, action: str, replaced: str, says: str
) -> None:
    there.account.changes.append(change("Thing", kind, action, replaced))
    with pytest.raises(Stopped) as caught:
        deploy(there.tool, WANTED)
    assert says + STATEFUL[kind] in str(caught.value)
    assert "--allow-replace Thing" in str(caught.value)
    assert not there.account.done("execute_change_set")
    assert there.account.done("delete_change_set")


def test_allowed_by_name_it_is_done_and_only_that(there: DeployWorld) -> None:
    there.account.changes += [
        change("One", "AWS::SQS::Queue", "Remove"),
        change("Two", "AWS::SQS::Queue", "Remove"),
    ]
    with pytest.raises(Stopped, match="Two would be removed") as caught:
        deploy(there.tool, replace(WANTED, allow_replace=("One",)))
    assert "One" not in str(caught.value)
    deploy(there.tool, replace(WANTED, allow_replace=("One", "Two")))
    assert there.account.done("execute_change_set")


def test_a_change_of_what_holds_data_that_replaces_nothing_is_done(there: DeployWorld) -> None:
    there.account.changes.append(change("ReturnsTable", "AWS::DynamoDB::Table"))
    deploy(there.tool, WANTED)
    assert there.account.done("execute_change_set") == [
        {"ChangeSetName": CHANGE_SET, "StackName": DEV}
    ]


def test_who_says_no_to_the_changes_leaves_no_change_set(
    there: DeployWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, False])
    monkeypatch.setattr(there.person, "agreed", lambda question: bool(question) and next(answers))
    with pytest.raises(Stopped, match="nothing was deployed"):
        deploy(there.tool, WANTED)
    assert there.account.done("delete_change_set")
    assert not there.account.done("execute_change_set")


def test_a_dry_run_changes_nothing_and_leaves_no_empty_stack(world: DeployWorld) -> None:
    world.account.changes = [change("ReturnsTable", "AWS::DynamoDB::Table", "Add")]
    world.account._acted = DEV
    world.account.put(DEV, "REVIEW_IN_PROGRESS")
    wanted = replace(FIRST, dry_run=True, alarms_to="ops@example.test")
    deploy(world.tool, wanted)
    assert "new              1 table (ReturnsTable)" in world.person.heard
    assert world.person.asked == []
    assert world.account.done("delete_change_set")
    assert world.account.done("delete_stack") == [{"StackName": DEV}]
    assert not world.account.done("execute_change_set")
    assert not world.account.done("create_topic")
    assert answers_of(world.root, "dev") is None


def test_a_dry_run_of_a_stack_that_is_there_never_deletes_it(there: DeployWorld) -> None:
    deploy(there.tool, replace(WANTED, dry_run=True))
    assert not there.account.done("delete_stack")


def test_where_nothing_changes_nothing_is_done(there: DeployWorld) -> None:
    there.sam_says(deploy=(0, "No changes to deploy. Stack returns-hub-dev is up to date"))
    deploy(there.tool, WANTED)
    assert "nothing changes" in there.person.heard
    assert not there.account.done("execute_change_set")


@pytest.mark.parametrize(
    ("says", "told", "code"),
    [
        ({"build": (1, "Error: PyYAML has no wheel")}, "cannot be built:\n  Error: PyYAML", 1),
        (
            {"deploy": (1, "User: x is not authorized to perform: s3:CreateBucket on resource: b")},
            "may not s3:CreateBucket on b; config/deployer-policy.json",
            AWS_REFUSES,
        ),
        ({"deploy": (1, "botocore: (ExpiredToken) when calling")}, "sign in again", AWS_REFUSES),
        ({"deploy": (1, "Error: Template too large")}, "cannot be made:\n  Error: Template", 1),
        (
            {"deploy": (1, "x\nTraceback (most\n  File y\nOSError: no space")},
            "OSError: no space",
            1,
        ),
        ({"deploy": (0, "strange")}, "names no change set", 1),
    ],
)
def test_what_the_sam_cli_refuses_is_told_without_a_trace(
    there: DeployWorld, says: dict[str, tuple[int, str]], told: str, code: int
) -> None:
    there.sam_says(**{"deploy": (0, UPLOADED)} | says)
    with pytest.raises(Stopped) as caught:
        deploy(there.tool, WANTED)
    assert told in str(caught.value)
    assert "File y" not in str(caught.value)
    assert caught.value.code == code


def test_a_failure_is_told_when_it_happens_and_its_first_cause_at_the_end(
    there: DeployWorld,
) -> None:
    there.account.then = ["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    before = failed("Old", "of the last deployment")
    there.account.events = [before]
    told = there.account.describe_stack_events
    after = [
        failed("Other", "Resource update cancelled", "UPDATE_FAILED"),
        failed("RedoWebhookFunctionAliaslive", "Alarms are raised", "UPDATE_FAILED"),
        failed("ReturnsTable", "", "UPDATE_COMPLETE"),
    ]

    def events(StackName: str) -> object:
        if there.account.done("execute_change_set"):
            there.account.events = [*after, failed(DEV, "User Initiated", "x"), before]
        return told(StackName)

    there.account.describe_stack_events = events  # type: ignore[method-assign]
    # The stack is as it was while the state is read before.
    there.account._acted = ""
    with pytest.raises(Stopped) as caught:
        deploy(there.tool, WANTED)
    assert caught.value.code == TAKEN_BACK
    assert "CloudFormation took it back by itself: what ran before runs" in str(caught.value)
    assert "first cause: RedoWebhookFunctionAliaslive: Alarms are raised" in str(caught.value)
    assert "  failed: RedoWebhookFunctionAliaslive: Alarms are raised" in there.person.said
    assert "Old" not in there.person.heard
    assert "Other" not in there.person.heard


def test_progress_is_counted_while_it_goes_on(there: DeployWorld) -> None:
    there.account.then = ["UPDATE_IN_PROGRESS"] * 20 + ["UPDATE_COMPLETE"]
    deploy(there.tool, WANTED)
    assert "  0 of about 1 done (UPDATE_IN_PROGRESS)" in there.person.said


def test_a_throttled_or_refused_execution_is_a_sentence(there: DeployWorld) -> None:
    text = "User: u is not authorized to perform: cloudformation:ExecuteChangeSet"
    there.account.fails["execute_change_set"] = refused("AccessDenied", text)
    with pytest.raises(Stopped, match="may not cloudformation:ExecuteChangeSet"):
        deploy(there.tool, WANTED)


def test_after_the_first_deployment_the_next_commands_are_told(world: DeployWorld) -> None:
    deploy(world.tool, FIRST)
    for words in (
        f"./hub --stack {DEV} config apply config/example.yaml",
        f"./hub --stack {DEV} secrets set example redo",
        f"./hub --stack {DEV} check example",
    ):
        assert words in world.person.heard


def test_the_sam_cli_is_asked_for_what_samconfig_says(there: DeployWorld) -> None:
    deploy(there.tool, replace(WANTED, parameters={"Architecture": "x86_64"}))
    (words,) = there.sam_was_asked("deploy")
    assert words[words.index("--stack-name") + 1] == DEV
    assert words[words.index("--config-env") + 1] == "dev"
    assert "--no-execute-changeset" in words
    chosen = there.overrides()
    assert chosen["Stage"] == "dev"
    assert chosen["Architecture"] == "x86_64"
    assert chosen["MaximumConcurrency"] == "2"
