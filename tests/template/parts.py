"""What tests of the template share."""

from __future__ import annotations

from typing import Any


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """Properties of every resource of a type, by logical id; there is at least one."""
    found = {n: r["Properties"] for n, r in resources.items() if r["Type"] == kind}
    assert found, kind
    return found
