"""What the rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

DAY = 86400


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Properties of every resource of a type, by logical id."""
    resources = template["Resources"]
    return {name: r.get("Properties", {}) for name, r in resources.items() if r["Type"] == kind}


def name_of(reference: Any) -> str:
    """The logical id that a Ref or a GetAtt names; empty for anything else."""
    match reference:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    return ""


def function_of(template: dict[str, Any], reference: Any) -> str:
    """The function that a reference names, by itself or by an alias of it."""
    name = name_of(reference)
    aliases = of_type(template, "AWS::Lambda::Alias")
    return name_of(aliases[name]["FunctionName"]) if name in aliases else name


def listed(value: Any) -> list[Any]:
    """A policy's value as a list, whether it is one or many."""
    return value if isinstance(value, list) else [value]


def denies_plain_http(policy: dict[str, Any], prefix: str) -> bool:
    """Whether a resource's policy denies everybody all that does not come over TLS."""
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == f"{prefix}:*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        for statement in policy["PolicyDocument"]["Statement"]
    )


def strings(content: Any) -> Iterator[str]:
    """Every text in a part of a template, keys left away."""
    match content:
        case str():
            yield content
        case dict():
            for value in content.values():
                yield from strings(value)
        case list():
            for value in content:
                yield from strings(value)
