"""CloudFormation's functions in a template, as far as the local stack resolves them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

NO_VALUE = object()
"""What ``AWS::NoValue`` is: the property is as if it were not there."""


def resolved(content: Any, values: Mapping[str, Any], holds: Callable[[str], bool]) -> Any:
    """A value of a template with its references resolved.

    Args:
        content: What the template has.
        values: By name: parameters, logical ids, and ``Name.Attribute``. What is none of them
            stands for itself.
        holds: Whether a condition does, by its name.
    """

    def of(inner: Any) -> Any:
        return resolved(inner, values, holds)

    match content:
        case {"Ref": "AWS::NoValue"}:
            return NO_VALUE
        case {"Ref": name}:
            return values.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            return values.get(f"{name}.{attribute}", f"{name}.{attribute}")
        case {"Fn::Sub": str(text)}:
            return _substituted(text, values)
        case {"Fn::Sub": [str(text), dict(names)]}:
            return _substituted(text, {**values, **of(names)})
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(str(part) for part in of(parts))
        case {"Fn::If": [str(condition), met, unmet]}:
            return of(met if holds(condition) else unmet)
        case dict():
            inner = {key: of(value) for key, value in content.items()}
            return {key: value for key, value in inner.items() if value is not NO_VALUE}
        case list():
            return [one for one in map(of, content) if one is not NO_VALUE]
    return content


def _substituted(text: str, values: Mapping[str, Any]) -> str:
    """A text of ``Fn::Sub``; ``${!name}`` stands for ``${name}`` itself."""
    filled = re.sub(r"\$\{([^}!]+)\}", lambda found: str(values.get(found[1], found[1])), text)
    return re.sub(r"\$\{!([^}]*)\}", r"${\1}", filled)
