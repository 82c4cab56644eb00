"""What of the account could get in the way of a deployment, or surprise afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from botocore.exceptions import ClientError

from tools.deploy.aws import Aws, in_words
from tools.deploy.stack_state import StackState, read
from tools.deploy.template_facts import TemplateFacts

DOORS_AND_SCHEDULES = 10
"""Environments that are left for webhooks and schedules beside the queues; a guess."""


def low_concurrency(aws: Aws, template: TemplateFacts, given: Mapping[str, str]) -> str:
    """A sentence where the account lets fewer environments run than the stack may use."""
    with in_words(aws.profile):
        told = aws.client("lambda").get_account_settings()["AccountLimit"]
    limit = int(told["UnreservedConcurrentExecutions"])
    queues = template.concurrency(given)
    if limit >= queues + DOORS_AND_SCHEDULES:
        return ""
    return (
        f"this account runs at most {limit} Lambda environments at a time, and the queues of this "
        f"stack alone may use {queues}. With less, work waits, and webhooks may be refused "
        "(senders try again a few times). Ask for more (Service Quotas, AWS Lambda, Concurrent "
        "executions), or use less: --set MaximumConcurrency=2"
    )


def secrets_in_the_way(aws: Aws, names: list[str]) -> list[str]:
    """A sentence for each secret whose name is taken, as it is after a stack was deleted."""
    client = aws.client("secretsmanager")
    found = []
    for name in names:
        with in_words(aws.profile):
            try:
                told = client.describe_secret(SecretId=name)
            except ClientError as error:
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    continue
                raise
        deleted = told.get("DeletedDate")
        if deleted is None:
            found.append(
                f"a secret {name} is there, and no stack owns it. Look whether it is needed; "
                "then: aws secretsmanager delete-secret --force-delete-without-recovery "
                f"--secret-id {name}"
            )
        else:
            found.append(
                f"the secret {name} was deleted with an earlier stack ({_day(deleted)}) and keeps "
                "its name until its recovery window ends (7 to 30 days after). Wait, or give it "
                "up for good: aws secretsmanager delete-secret --force-delete-without-recovery "
                f"--secret-id {name}"
            )
    return found


def _day(moment: datetime) -> str:
    return moment.strftime("%d %B %Y").lstrip("0")


def other_hubs(aws: Aws, stack: str, description: str) -> list[StackState]:
    """Other stacks of this template in the same account and region."""
    found = []
    with in_words(aws.profile):
        for page in aws.client("cloudformation").get_paginator("describe_stacks").paginate():
            for row in page["Stacks"]:
                state = read(row)
                is_one = row.get("Description") == description and not state.is_fresh
                if is_one and state.name != stack:
                    found.append(state)
    return found


def shared_metrics(others: list[StackState], stage: str) -> str:
    """What it means that there are others of the same stage; empty where there are none."""
    same = [other.name for other in others if other.parameters.get("Stage") == stage]
    if not same:
        return ""
    return (
        f"this account and region has another hub of the stage {stage}: {', '.join(same)}. Both "
        f"write the metrics ReturnsHub/{stage}, so alarms and dashboards of each count both. Give "
        "this one a stage of its own (--set Stage=name), or a region or an account"
    )
