"""Calls that no document describes: their path and body are the merchant file's, filled in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from returns_hub.errors import Misconfigured

PLACE = re.compile(r"\{([a-z_]+)\}", re.ASCII)
NOTHING = object()


def filled(body: Any, values: Mapping[str, str]) -> Any:
    """The body with every ``{name}`` in its texts filled in.

    An entry whose whole text is one place without a value is left out.

    Raises:
        Misconfigured: A place is named that there is no value for.
    """
    content = _filled(body, values)
    return {} if content is NOTHING else content


def filled_path(path: str, **values: str) -> str:
    """The path with ``{name}`` filled in; the values are quoted already.

    Raises:
        Misconfigured: A place is named that there is no value for.
    """
    return PLACE.sub(lambda found: _value(found[1], values), path)


def _filled(content: Any, values: Mapping[str, str]) -> Any:
    if isinstance(content, str):
        whole = PLACE.fullmatch(content)
        if whole and not _value(whole[1], values):
            return NOTHING
        return PLACE.sub(lambda found: _value(found[1], values), content)
    if isinstance(content, Mapping):
        pairs = ((name, _filled(inner, values)) for name, inner in content.items())
        return {name: inner for name, inner in pairs if inner is not NOTHING}
    if isinstance(content, list | tuple):
        entries = (_filled(inner, values) for inner in content)
        return [inner for inner in entries if inner is not NOTHING]
    return content


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise Misconfigured(
            "miinto.no_such_place",
            f"tracking names {{{name}}}, for which there is no value: {', '.join(sorted(values))}",
        )
    return values[name]
