"""What tests of the template share."""

from __future__ import annotations

from typing import Any


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """Properties of every resource of a type, by logical id; there is at least one."""
    found = {n: r["Properties"] for n, r in resources.items() if r["Type"] == kind}
    assert found, kind
    return found


def function_behind(resources: dict[str, Any], reference: Any) -> str:
    """The logical id of the function that a reference to it, or to its alias, leads to."""
    name = str(reference.get("Ref") or reference["Fn::GetAtt"][0])
    if resources[name]["Type"] != "AWS::Lambda::Alias":
        return name
    return str(resources[name]["Properties"]["FunctionName"]["Ref"])
