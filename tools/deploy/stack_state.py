"""How a stack stands, and whether it can be deployed to or taken down now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.deploy.aws import Aws, denial_in, in_words
from tools.deploy.talk import Stopped

NONE = "NONE"
FRESH = frozenset({NONE, "REVIEW_IN_PROGRESS"})
"""There is nothing yet: a stack in review has a change set and no resource."""
DEPLOYABLE = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)


@dataclass(frozen=True)
class StackState:
    """A stack as CloudFormation tells of it; ``NONE`` where there is none."""

    name: str
    status: str = NONE
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False

    @property
    def is_fresh(self) -> bool:
        """Whether this will be its first deployment."""
        return self.status in FRESH


def state_of(aws: Aws, stack: str) -> StackState:
    """Ask for it."""
    with in_words(aws.profile):
        try:
            (row,) = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return StackState(stack)
            raise
    return read(row)


def read(row: Mapping[str, Any]) -> StackState:
    """A row of CloudFormation's DescribeStacks."""
    status = str(row["StackStatus"])
    return StackState(
        name=str(row["StackName"]),
        status=NONE if status == "DELETE_COMPLETE" else status,
        parameters={
            str(one["ParameterKey"]): str(one.get("ParameterValue", ""))
            for one in row.get("Parameters", [])
        },
        outputs={str(one["OutputKey"]): str(one["OutputValue"]) for one in row.get("Outputs", [])},
        protected=bool(row.get("EnableTerminationProtection", False)),
    )


def require_deployable(aws: Aws, state: StackState, environment: str) -> str:
    """A sentence on how it stands, where it can be deployed to.

    Raises:
        Stopped: It cannot; the text says what to do.
    """
    watch = f"aws cloudformation describe-stack-events --stack-name {state.name} --max-items 10"
    undeploy = f"make undeploy ENV={environment}"
    match state.status:
        case "NONE":
            return "not there yet: this is the first deployment"
        case "REVIEW_IN_PROGRESS":
            return "begun and never deployed: this is the first deployment"
        case "UPDATE_ROLLBACK_COMPLETE":
            return "there; the last deployment was taken back, and the one before it runs"
        case status if status in DEPLOYABLE:
            return f"there ({status})"
        case "ROLLBACK_COMPLETE" | "CREATE_FAILED" | "ROLLBACK_FAILED" as status:
            raise Stopped(
                f"the first deployment of {state.name} failed ({status}), and CloudFormation "
                f"updates no such stack. {_why(aws, state.name)}\nMend that, then remove what is "
                f"left of it ({undeploy}; no data was ever in it) and deploy again"
            )
        case "UPDATE_ROLLBACK_FAILED":
            raise Stopped(
                f"a deployment of {state.name} failed, and taking it back failed too: some parts "
                f"are of the new release and some of the old. {_why(aws, state.name)}\nMend that, "
                "then: aws cloudformation continue-update-rollback --stack-name "
                f"{state.name}\n(--resources-to-skip NAME leaves one as it is.) Deploy again once "
                "it is UPDATE_ROLLBACK_COMPLETE"
            )
        case "IMPORT_ROLLBACK_FAILED":
            raise Stopped(
                f"taking an import into {state.name} back failed. {_why(aws, state.name)}\nThis "
                f"tool imports nothing; whoever did has to mend it: {watch}"
            )
        case "UPDATE_FAILED":
            raise Stopped(
                f"a deployment of {state.name} failed and was kept as it was (its rollback is "
                "off). Take it back first: aws cloudformation rollback-stack --stack-name "
                f"{state.name}"
            )
        case "DELETE_FAILED":
            raise Stopped(
                f"{state.name} was being taken down, and not all of it went. "
                f"{_why(aws, state.name)}\nMend that and repeat: {undeploy}"
            )
        case status if status.endswith("IN_PROGRESS"):
            raise Stopped(
                f"{state.name} is being changed right now ({status}), by another deployment or a "
                f"rollback. Wait for its end; watch it: {watch}"
            )
        case status:
            raise Stopped(f"{state.name} is {status}, which this tool does not know; look: {watch}")


def events_of(aws: Aws, stack: str) -> Iterator[dict[str, str]]:
    """A stack's events, the newest first; none where it is gone."""
    more: dict[str, str] = {}
    while True:
        with in_words(aws.profile):
            try:
                told = aws.client("cloudformation").describe_stack_events(StackName=stack, **more)
            except ClientError as error:
                if "does not exist" in str(error):
                    return
                raise
        yield from told["StackEvents"]
        if not told.get("NextToken"):
            return
        more = {"NextToken": told["NextToken"]}


def failure_in(event: Mapping[str, str]) -> str:
    """A failed resource and why, in words; empty for another event.

    What CloudFormation cancelled because of another failure is none.
    """
    reason = event.get("ResourceStatusReason", "")
    if not event["ResourceStatus"].endswith("_FAILED") or "cancelled" in reason.lower():
        return ""
    why = denial_in(reason) or reason or event["ResourceStatus"]
    return f"{event['LogicalResourceId']}: {why.rstrip('.')}"


def failures(aws: Aws, stack: str) -> list[str]:
    """The failures of its latest operation, the first cause first."""
    found = []
    for event in events_of(aws, stack):
        found.append(failure_in(event))
        begins = event.get("ResourceStatusReason") == "User Initiated"
        if begins and event["LogicalResourceId"] == stack:
            break
    return [one for one in reversed(found) if one]


def _why(aws: Aws, stack: str) -> str:
    causes = failures(aws, stack)
    return f"Its cause: {causes[0]}." if causes else "CloudFormation names no cause any more."
