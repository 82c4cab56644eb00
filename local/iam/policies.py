"""The policies that template.yaml gives its functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from local.iam.rules import OPERATORS, Policy, Statement
from local.stack import ROOT

STACK_NAME = "${AWS::StackName}"
TEMPLATE = ROOT / "template.yaml"


def resources_of(text: str) -> dict[str, Any]:
    """The resources of a template as it is written; ``!GetAtt``, ``!Ref`` and ``!Sub`` read as
    their own text, every other function as None."""

    class Loader(yaml.SafeLoader):
        pass

    def plain(_: Any, __: str, node: Any) -> Any:
        return node.value if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("!", plain)
    found: dict[str, Any] = yaml.load(text, Loader)["Resources"]  # noqa: S506 - ours
    return found


@cache
def resources() -> dict[str, Any]:
    """Those of template.yaml."""
    return resources_of(TEMPLATE.read_text(encoding="utf-8"))


def functions(template: Mapping[str, Any]) -> list[str]:
    """The functions of a template."""
    return [n for n, r in template.items() if r["Type"] == "AWS::Serverless::Function"]


@cache
def policy_of(function: str, prefix: str = STACK_NAME) -> Policy:
    """The policy of a function of template.yaml, its secrets below this prefix."""
    return policy_in(resources(), function, prefix)


def policy_in(template: Mapping[str, Any], function: str, prefix: str = STACK_NAME) -> Policy:
    """The same of another template's.

    Raises:
        ValueError: A statement that is not understood here, or allows more than it names.
    """
    found = [
        statement_of(statement, prefix, shared)
        for content, shared in _documents(template, function)
        for statement in content["Statement"]
    ]
    return Policy(function, tuple(found))


def _documents(template: Mapping[str, Any], function: str) -> Iterator[tuple[Any, str]]:
    """Every policy document of a function's role, and the name of the managed policy it is of."""
    for policy in template[function]["Properties"].get("Policies", []):
        if isinstance(policy, dict) and "Statement" in policy:
            yield policy, ""
        elif isinstance(policy, str) and policy in template:
            yield template[policy]["Properties"]["PolicyDocument"], policy
        else:
            raise ValueError(f"{function}: a policy that is not understood: {policy}")
    for name, resource in template.items():
        if resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            roles = resource["Properties"].get("Roles", [])
            if f"{function}Role" in roles:
                is_managed = resource["Type"] == "AWS::IAM::ManagedPolicy"
                yield resource["Properties"]["PolicyDocument"], name if is_managed else ""


def statement_of(content: Mapping[str, Any], prefix: str, shared: str = "") -> Statement:
    """A statement as it is written.

    Raises:
        ValueError: It has parts that are not understood here.
    """
    known = {"Sid", "Effect", "Action", "Resource", "NotResource", "Condition"}
    if set(content) - known or None in content.values():
        raise ValueError(f"a statement that is not understood: {dict(content)}")
    operators = {str(one).removesuffix("IfExists") for one in content.get("Condition", {})}
    if unknown := operators - set(OPERATORS):
        raise ValueError(f"a condition that is not understood: {min(unknown)}")
    conditions = tuple(
        (str(operator), str(key), tuple(_texts(values)))
        for operator, keys in content.get("Condition", {}).items()
        for key, values in keys.items()
    )
    besides = "NotResource" in content
    about = content["NotResource" if besides else "Resource"]
    return Statement(
        sid=str(content.get("Sid", "")),
        actions=tuple(_texts(content["Action"])),
        resources=tuple(pattern_of(one, prefix) for one in _texts(about)),
        allows=content["Effect"] == "Allow",
        besides=besides,
        conditions=conditions,
        shared=shared,
    )


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value]


def pattern_of(resource: str, prefix: str) -> str:
    """``${X.Arn}/index/y`` as ``X.Arn/index/y``; an ARN of a secret or bus from its name on."""
    plain = resource.replace(STACK_NAME, prefix)
    for begins in ("secret:", "event-bus/"):
        if f":{begins}" in plain:
            plain = plain[plain.index(f":{begins}") + 1 :]
            break
    return plain if plain.startswith("secret:") else re.sub(r"\$\{([^}]+)\}", r"\1", plain)


def told(function: str) -> frozenset[str]:
    """The variables that only this function is given, by name."""
    properties = resources()[function]["Properties"]
    return frozenset(properties.get("Environment", {}).get("Variables", {}))
