"""Taking a stack down: what goes, what stays, and nothing without its name typed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.deploy.aws import Aws, identity, in_words
from tools.deploy.changes import WORDS
from tools.deploy.deploying import Tool
from tools.deploy.environments import answers_of, environment_of
from tools.deploy.follow import follow, latest_event
from tools.deploy.guide import topic_name
from tools.deploy.stack_state import NONE, failures, state_of
from tools.deploy.talk import TAKEN_BACK, USAGE, Stopped

KEPT = frozenset({"Retain", "RetainExceptOnCreate"})
NEVER_USED = frozenset(
    {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
)
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
DELETED_BY = {
    "AWS::DynamoDB::Table": "aws dynamodb delete-table --table-name {}",
    "AWS::S3::Bucket": "aws s3 rb --force s3://{}",
    "AWS::KMS::Key": "aws kms schedule-key-deletion --key-id {}",
}


@dataclass(frozen=True)
class Resource:
    """One resource of a stack; `kept` when the stack's end is not its own."""

    name: str
    kind: str
    physical: str
    kept: bool


def undeploy(tool: Tool, name: str, *, confirmed: str, account: str = "") -> None:
    """Tell what goes and what stays, have the name typed, and delete the stack.

    Raises:
        Stopped: There is none, the name was not typed, or it did not go.
    """
    say = tool.talk.say
    environment = environment_of(tool.root / "samconfig.toml", name)
    answers = answers_of(tool.root, name)
    aws = tool.connect(environment.region or (answers.region if answers else ""))
    who = identity(aws)
    expected = account or (answers.account if answers else "")
    if expected and expected != who.account:
        raise Stopped(
            f"{name} belongs to account {expected}, and these credentials are of {who.account}",
            USAGE,
        )
    stack = environment.stack
    state = state_of(aws, stack)
    say(f"stack       {stack} ({name})")
    say(f"account     {who.account}, as {who.arn}")
    say(f"region      {aws.region}")
    if state.status == NONE:
        raise Stopped(f"there is no stack {stack} here: nothing to take down")
    if state.status.endswith("IN_PROGRESS") and state.status not in NEVER_USED:
        raise Stopped(f"{stack} is being changed right now ({state.status}); wait for its end")
    if state.protected:
        raise Stopped(
            f"{stack} is protected from deletion. Is it meant to go: aws cloudformation "
            "update-termination-protection --no-enable-termination-protection --stack-name "
            f"{stack}"
        )
    resources = resources_of(aws, stack)
    kept = [] if state.status in NEVER_USED else [one for one in resources if one.kept]
    going = [one for one in resources if one not in kept]
    _tell_what_goes(tool, aws, going)
    _tell_what_stays(tool, kept, "stays, and costs its storage")
    typed = confirmed or tool.talk.ask("\nType the stack's name to delete it")
    if typed != stack:
        raise Stopped(f"{typed!r} is not {stack!r}: nothing was deleted")
    since = latest_event(aws, stack)
    with in_words(aws.profile):
        aws.client("cloudformation").delete_stack(StackName=stack)
    say("\ntaking it down …")
    ended = follow(aws, stack, len(going), tool.talk, tool.clock, since=since)
    if ended.status != NONE:
        causes = failures(aws, stack)
        why = f" Its first cause: {causes[0]}." if causes else ""
        raise Stopped(f"{stack} is {ended.status}.{why} Mend that and repeat", TAKEN_BACK)
    say(f"\n{stack} is gone.")
    _tell_what_stays(tool, kept, "is still there; to delete it for good")
    say(
        "\nAlso left: what the SAM CLI uploaded (bucket of the stack "
        "aws-sam-cli-managed-default), and the "
        f"topic {topic_name(stack)}, if this tool made it:\n"
        "  aws sns delete-topic --topic-arn "
        f"arn:aws:sns:{aws.region}:{who.account}:{topic_name(stack)}"
    )


def resources_of(aws: Aws, stack: str) -> list[Resource]:
    """What a stack has, with what its template says of each one's end."""
    client = aws.client("cloudformation")
    with in_words(aws.profile):
        told = client.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
        rows = [
            row
            for page in client.get_paginator("list_stack_resources").paginate(StackName=stack)
            for row in page["StackResourceSummaries"]
        ]
    declared = _resources_in(told)
    return [
        Resource(
            name=str(row["LogicalResourceId"]),
            kind=str(row["ResourceType"]),
            physical=str(row.get("PhysicalResourceId", "")),
            kept=declared.get(str(row["LogicalResourceId"]), {}).get("DeletionPolicy") in KEPT,
        )
        for row in rows
        if row["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def _resources_in(body: Any) -> Mapping[str, Any]:
    content = json.loads(body) if isinstance(body, str) else body
    found: Mapping[str, Any] = content.get("Resources", {})
    return found


def _tell_what_goes(tool: Tool, aws: Aws, going: list[Resource]) -> None:
    kinds = Counter(one.kind for one in going)
    counted = ", ".join(
        f"{number} {WORDS.get(kind, (kind.removeprefix('AWS::'),) * 2)[number > 1]}"
        for kind, number in kinds.most_common()
    )
    tool.talk.say(f"\ngoes        {counted or 'nothing'}")
    if kinds["AWS::SecretsManager::Secret"]:
        tool.talk.say("  with the secrets: partners' credentials; have them elsewhere too")
    if kinds["AWS::ApiGatewayV2::Api"]:
        tool.talk.say("  with the HTTP API: the address that partners deliver to, for ever")
    for one in going:
        if one.kind == "AWS::SQS::Queue" and (waiting := _messages_in(aws, one.physical)):
            tool.talk.say(f"  with {one.name}: {waiting} messages, for ever")


def _messages_in(aws: Aws, url: str) -> int:
    with in_words(aws.profile):
        told = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))
    return sum(int(told["Attributes"].get(name, 0)) for name in COUNTS)


def _tell_what_stays(tool: Tool, kept: list[Resource], how: str) -> None:
    stateful = [one for one in kept if one.kind in DELETED_BY]
    if not stateful:
        return
    tool.talk.say(f"\nwhat {how}:")
    for one in stateful:
        command = DELETED_BY[one.kind].format(one.physical)
        tool.talk.say(f"  {one.name:<16} {command}")
    tool.talk.say(
        "A stack that is deployed anew does not take these up: it begins with empty ones."
    )
