"""Ways to break a copy of the translated template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Break = Callable[[dict[str, Any]], object]


def without(name: str, *path: str | int) -> Break:
    """Take a property away, or the whole resource."""

    def broken(template: dict[str, Any]) -> None:
        if not path:
            del template["Resources"][name]
            return
        found = template["Resources"][name]
        for part in path[:-1]:
            found = found[part]
        del found[path[-1]]

    return broken


def with_(name: str, *path: str | int, value: Any) -> Break:
    """Give a property another value."""

    def broken(template: dict[str, Any]) -> None:
        found = template["Resources"][name]
        for part in path[:-1]:
            found = found[part]
        found[path[-1]] = value

    return broken


def also_allowing(of: str, **statement: Any) -> Break:
    """One more statement in the policy of a role."""

    def broken(template: dict[str, Any]) -> None:
        role = template["Resources"][of]["Properties"]
        more = {"Sid": "More", "Effect": "Allow", **statement}
        role["Policies"][0]["PolicyDocument"]["Statement"].append(more)

    return broken


def one_more(name: str, kind: str, **properties: Any) -> Break:
    """One more resource."""
    return lambda template: template["Resources"].update(
        {name: {"Type": kind, "Properties": properties}}
    )


def told(section: str, name: str, **content: Any) -> Break:
    """One more parameter or output."""
    return lambda template: template.setdefault(section, {}).update({name: content})
