"""Rows as the release after this one may write them: with more in them."""

from __future__ import annotations

import json
from typing import Any

from returns_hub.adapters.dynamodb.items import plain, typed

MORE = "of_a_later_release"
NOT_ADDED_TO = frozenset({"file", "payload", "value"})
"""A merchant's file, of which nothing may be passed over, what a message said, and cursors, which
hold maps as well as models: flows read of them what they know."""
MAPS = frozenset({"answers", "answered_for", "answer_reasons"}) | frozenset(
    {"units", "targets", "told", "skus", "memo", "details"}
)
"""Names of maps, in which a name is no field."""


def added_to(content: Any, name: str = "") -> Any:
    """The same with a name more in every object that is a model."""
    if isinstance(content, list):
        return [added_to(one, name) for one in content]
    if not isinstance(content, dict):
        return content
    more = {inner: added_to(part, inner) for inner, part in content.items()}
    return more if name in MAPS else more | {MORE: {"at": [1, None]}}


def later(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the release after might write it."""
    item = plain(row)
    for name, value in item.items():
        if isinstance(value, str) and value[:1] in ("{", "[") and name not in NOT_ADDED_TO:
            item[name] = json.dumps(added_to(json.loads(value)))
    return typed(item | {MORE: "1"})
