"""What an IAM policy allows, and what a call of an AWS client asks for.

It stands alone, on the standard library, because function processes load it by its path.
Resources are named as in the template: ``ReturnsTable.Arn``, ``ReturnsTable.Arn/index/due-returns``
or ``ApprovedReturnsQueue.Arn``, ``FilesBucket.Arn/feeds/x``, ``secret:hub/example/redo-AbC123``.

How AWS decides: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Actions, resources and condition keys: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SUFFIX = "-AbC123"
"""Stands for what Secrets Manager adds to a secret's name in its ARN."""
IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
OF_S3 = {
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
}
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": fnmatchcase,
}
REFUSALS = {"s3": "AccessDenied", "sqs": "AccessDenied", "sns": "AuthorizationError"}
"""What a service calls a refusal; the others say ``AccessDeniedException``."""
REFUSED = "refused"
"""What `Record` has of a call that was not allowed, instead of where it was seen."""


@dataclass(frozen=True)
class Asked:
    """One thing that a call asks for."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Statement:
    """A statement of a policy. `besides`: it is about every resource but those (``NotResource``).

    `conditions` are (operator, key, values). `shared` names the managed policy that it is of.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    allows: bool = True
    besides: bool = False
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    shared: str = ""

    def is_about(self, asked: Asked) -> bool:
        """Whether it decides this."""
        return (
            any(fnmatchcase(asked.action, action) for action in self.actions)
            and any(fnmatchcase(asked.resource, one) for one in self.resources) is not self.besides
            and all(_holds(condition, dict(asked.context)) for condition in self.conditions)
        )


def _holds(condition: tuple[str, str, Sequence[str]], context: Mapping[str, str]) -> bool:
    operator, key, values = condition
    if key not in context:
        return operator.endswith("IfExists")
    return any(OPERATORS[operator.removesuffix("IfExists")](context[key], one) for one in values)


@dataclass(frozen=True)
class Policy:
    """All statements of one function's role that are written in the template."""

    function: str
    statements: tuple[Statement, ...]
    _decided: dict[Asked, bool] = field(default_factory=dict, compare=False, repr=False)

    def allows(self, asked: Asked) -> bool:
        """Whether AWS would carry it out."""
        if asked not in self._decided:
            about = [one for one in self.statements if one.is_about(asked)]
            self._decided[asked] = bool(about) and all(one.allows for one in about)
        return self._decided[asked]


def policy_from(function: str, content: Sequence[Mapping[str, Any]]) -> Policy:
    """A policy of statements that were written as JSON."""

    def plain(value: Any) -> Any:
        return tuple(map(plain, value)) if isinstance(value, list) else value

    made = [Statement(**{name: plain(value) for name, value in one.items()}) for one in content]
    return Policy(function, tuple(made))


def asked_of(
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    name_of: Callable[[str], str] = str,
) -> Iterator[Asked]:
    """What a call asks for.

    Args:
        service: botocore's name of the service.
        operation: The API's name of the call, ``GetItem``.
        parameters: As given to boto3.
        name_of: The template's name of a table, queue, bucket, bus or topic.
    """
    action = f"{service}:{operation}"
    match service:
        case "dynamodb":
            yield from _of_tables(operation, parameters, name_of)
        case "sqs":
            name = str(parameters.get("QueueUrl", parameters.get("QueueName", ""))).rpartition("/")
            resource = f"{name_of(name[2])}.Arn" if name[2] else "*"
            yield Asked(action.removesuffix("Batch"), resource)
        case "secretsmanager":
            name_or_arn = str(parameters.get("SecretId", parameters.get("Name", "")))
            _, is_arn, name_in_arn = name_or_arn.partition(":secret:")
            given = name_in_arn if is_arn else f"{name_or_arn}{SUFFIX}"
            yield Asked(action, f"secret:{given}" if name_or_arn else "*")
        case "s3":
            yield from _of_objects(operation, parameters, name_of)
        case "events" if "Entries" in parameters:
            for entry in parameters["Entries"]:
                bus = str(entry.get("EventBusName", "default")).rpartition("/")[2]
                yield Asked(action, f"event-bus/{name_of(bus)}")
        case "sns" if "TopicArn" in parameters:
            yield Asked(action, name_of(str(parameters["TopicArn"])))
        case _:
            yield Asked(action, "*")


def _of_tables(
    operation: str, parameters: Mapping[str, Any], name_of: Callable[[str], str]
) -> Iterator[Asked]:
    def table(name: Any) -> str:
        return f"{name_of(str(name).rpartition('table/')[2])}.Arn"

    if "TransactItems" in parameters:
        for item in parameters["TransactItems"]:
            for kind, one in item.items():
                yield Asked(f"dynamodb:{IN_TRANSACTIONS[kind]}", table(one["TableName"]))
    elif "RequestItems" in parameters:
        for name in parameters["RequestItems"]:
            yield Asked(f"dynamodb:{operation}", table(name))
    elif "TableName" in parameters:
        index = parameters.get("IndexName")
        below = f"/index/{index}" if index else ""
        yield Asked(f"dynamodb:{operation}", f"{table(parameters['TableName'])}{below}")
    else:
        yield Asked(f"dynamodb:{operation}", "*")


def _of_objects(
    operation: str, parameters: Mapping[str, Any], name_of: Callable[[str], str]
) -> Iterator[Asked]:
    action = f"s3:{OF_S3.get(operation, operation)}"
    bucket = f"{name_of(str(parameters.get('Bucket', '')))}.Arn"
    if action == "s3:ListBucket":
        yield Asked(action, bucket, (("s3:prefix", str(parameters.get("Prefix", ""))),))
    elif operation == "DeleteObjects":
        for one in parameters["Delete"]["Objects"]:
            yield Asked("s3:DeleteObject", f"{bucket}/{one['Key']}")
    else:
        yield Asked(action, f"{bucket}/{parameters['Key']}" if "Key" in parameters else bucket)


# -- what was seen --------------------------------------------------------------------------------


def without_names(resource: str) -> str:
    """A resource without what is a test's own: merchant, prefix of secrets, rest of an object."""
    if resource.startswith("secret:"):
        name = re.sub(r"-\w{6}$", "", resource.rpartition("/")[2])
        return f"secret:${{AWS::StackName}}/*/{name}-??????"
    return re.sub(r"(Bucket\.Arn/[^/]+)/.*", r"\1/*", resource)


class Record:
    """What one process saw, each thing once, in a file that it shares with others.

    A line is written at once and in one piece, because the process may be killed at any moment.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: set[tuple[str, Asked, str]] = set()
        self._written: set[tuple[str, ...]] = set()

    def note(self, who: str, asked: Asked, seen: str) -> None:
        """`who` asked for this. `seen` says where, or that it was `REFUSED`."""
        if (who, asked, seen) in self._noted:
            return
        self._noted.add((who, asked, seen))
        line = (who, asked.action, without_names(asked.resource), seen)
        if line in self._written:
            return
        self._written.add(line)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(written, json.dumps(line).encode() + b"\n")
        finally:
            os.close(written)
