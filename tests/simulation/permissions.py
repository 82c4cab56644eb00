"""What each function may do, and what it is told: both from template.yaml, as in the real stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import yaml

from local.stack import ROOT

TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
SUFFIX = "-AbC123"
"""What Secrets Manager adds to a secret's name in its ARN."""


@cache
def resources() -> dict[str, Any]:
    """The resources of template.yaml; `!GetAtt`, `!Ref` and `!Sub` read as their own text."""

    class Loader(yaml.SafeLoader):
        pass

    def text(_: Any, __: str, node: Any) -> Any:
        return node.value if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("!", text)
    template = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), Loader)  # noqa: S506 - ours
    found: dict[str, Any] = template["Resources"]
    return found


class AccessDenied(AssertionError):
    """The function did what its policy does not allow."""


@dataclass(frozen=True)
class Permissions:
    """One function's policy: actions and the resources they are allowed on."""

    function: str
    statements: tuple[tuple[tuple[str, ...], str], ...]

    def require(self, action: str, resource: str) -> None:
        """Hold a request against the policy.

        Raises:
            AccessDenied: It is not allowed.
        """
        if not _is_allowed(self, action, resource):
            raise AccessDenied(f"{self.function} may not {action} on {resource}")

    def require_table(self, call: str, parameters: Mapping[str, Any]) -> None:
        """Hold a request to DynamoDB, named as in boto3, against the policy."""
        for action, resource in _on_tables(call, parameters):
            self.require(f"dynamodb:{action}", resource)

    def require_secret(self, call: str, name: str) -> None:
        """The same of one to Secrets Manager."""
        self.require(f"secretsmanager:{_camel(call)}", f"secret:{name}{SUFFIX}")

    def require_queue(self, call: str, name: str) -> None:
        """The same of one to SQS."""
        words = "".join(word.capitalize() for word in name.split("-"))
        self.require(f"sqs:{_camel(call)}", f"{words}Queue.Arn")

    def require_object(self, call: str, bucket: str, key: str) -> None:
        """The same of one to S3."""
        self.require(f"s3:{_camel(call)}", f"{bucket}.Arn/{key}")


@cache
def _is_allowed(policy: Permissions, action: str, resource: str) -> bool:
    return any(
        action in actions and fnmatchcase(resource, pattern)
        for actions, pattern in policy.statements
    )


@cache
def permissions_of(function: str, prefix: str) -> Permissions:
    """The policy of a function of the template, its secrets below this prefix."""
    statements = [
        ((*_texts(statement["Action"]),), _pattern(resource, prefix))
        for policy in resources()[function]["Properties"]["Policies"]
        for statement in policy["Statement"]
        for resource in _texts(statement["Resource"])
    ]
    return Permissions(function, tuple(statements))


@cache
def told(function: str) -> frozenset[str]:
    """The variables that only this function is given, by name."""
    properties = resources()[function]["Properties"]
    return frozenset(properties.get("Environment", {}).get("Variables", {}))


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _pattern(resource: str, prefix: str) -> str:
    """`${X.Arn}/index/y` as `X.Arn/index/y`, a secret's ARN from its name on."""
    plain = resource.replace("${AWS::StackName}", prefix)
    if ":secret:" in plain:
        return plain[plain.index("secret:") :]
    return re.sub(r"\$\{([^}]+)\}", r"\1", plain)


def _on_tables(call: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "TransactItems" in parameters:
        for item in parameters["TransactItems"]:
            for kind, one in item.items():
                yield TRANSACTION[kind], f"{one['TableName']}.Arn"
        return
    if "RequestItems" in parameters:
        for table in parameters["RequestItems"]:
            yield _camel(call), f"{table}.Arn"
        return
    index = parameters.get("IndexName")
    yield _camel(call), f"{parameters['TableName']}.Arn{f'/index/{index}' if index else ''}"


def _camel(call: str) -> str:
    return "".join(word.capitalize() for word in call.split("_"))
