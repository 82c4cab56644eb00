"""Taking a stack down."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deploy_world import ACCOUNT, DeployWorld, failed
from tools.deploy.talk import TAKEN_BACK, Stopped
from tools.deploy.undeploying import undeploy

DEV = "returns-hub-dev"


def row(name: str, kind: str, physical: str) -> dict[str, Any]:
    return {
        "LogicalResourceId": name,
        "ResourceType": kind,
        "PhysicalResourceId": physical,
        "ResourceStatus": "CREATE_COMPLETE",
    }


@pytest.fixture
def there(world: DeployWorld) -> DeployWorld:
    world.account.put(DEV)
    world.account.resources = [
        row("ReturnsTable", "AWS::DynamoDB::Table", "dev-ReturnsTable-1"),
        row("FilesBucket", "AWS::S3::Bucket", "dev-files-1"),
        row("Q", "AWS::SQS::Queue", "https://sqs/q"),
        row("Dead", "AWS::SQS::Queue", "https://sqs/dead"),
        row("RedoSecret", "AWS::SecretsManager::Secret", "arn"),
    ]
    kept = {"DeletionPolicy": "RetainExceptOnCreate"}
    world.account.template = {"Resources": {"ReturnsTable": kept, "FilesBucket": kept, "Q": {}}}
    world.account.queue_messages = {"https://sqs/dead": 3}
    return world


def test_what_goes_and_what_stays_is_told_before_the_name_is_typed(there: DeployWorld) -> None:
    there.person.answers = [DEV]
    undeploy(there.tool, "dev", confirmed="")
    heard = there.person.heard
    told_first = heard[: heard.index("taking it down")]
    for words in (
        ACCOUNT,
        "goes        2 queues, 1 secret",
        "partners' credentials",
        "with Dead: 3 messages, for ever",
        "aws dynamodb delete-table --table-name dev-ReturnsTable-1",
        "aws s3 rb --force s3://dev-files-1",
    ):
        assert words in told_first
    assert "with Q:" not in heard
    assert there.account.done("delete_stack") == [{"StackName": DEV}]
    assert f"{DEV} is gone." in heard


@pytest.mark.parametrize("typed", ["yes", "returns-hub", ""])
def test_another_name_deletes_nothing(there: DeployWorld, typed: str) -> None:
    there.person.answers = [typed]
    with pytest.raises(Stopped, match="nothing was deleted"):
        undeploy(there.tool, "dev", confirmed="")
    assert not there.account.done("delete_stack")


@pytest.mark.parametrize(
    ("status", "protected", "says"),
    [
        ("UPDATE_IN_PROGRESS", False, "is being changed right now"),
        ("UPDATE_COMPLETE", True, "--no-enable-termination-protection"),
        ("DELETE_COMPLETE", False, "nothing to take down"),
    ],
)
def test_what_cannot_be_taken_down_now_is_told(
    there: DeployWorld, status: str, protected: bool, says: str
) -> None:
    there.account.stacks[DEV] |= {"StackStatus": status, "EnableTerminationProtection": protected}
    with pytest.raises(Stopped, match=says):
        undeploy(there.tool, "dev", confirmed=DEV)
    assert not there.account.done("delete_stack")


def test_another_account_is_not_touched(there: DeployWorld) -> None:
    with pytest.raises(Stopped, match="belongs to account 123412341234"):
        undeploy(there.tool, "dev", confirmed=DEV, account="123412341234")
    assert not there.account.done("delete_stack")


def test_what_did_not_go_is_named(there: DeployWorld) -> None:
    there.account.then = ["DELETE_IN_PROGRESS", "DELETE_FAILED"]
    looks = iter([None])

    def state(StackName: str) -> Any:
        if next(looks, "later") is None:
            return {"Stacks": [there.account.stacks[DEV]]}
        return real(StackName)

    real = there.account.describe_stacks
    there.account.describe_stacks = state  # type: ignore[method-assign]
    delete = there.account.delete_stack

    def fails(StackName: str) -> None:
        delete(StackName)
        there.account.events.insert(0, failed("FilesBucket", "not empty", "DELETE_FAILED"))

    there.account.delete_stack = fails  # type: ignore[method-assign]
    with pytest.raises(Stopped, match="first cause: FilesBucket: not empty") as caught:
        undeploy(there.tool, "dev", confirmed=DEV)
    assert caught.value.code == TAKEN_BACK
