"""What is kept as text in an item, read as what it has to be."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

from returns_hub.errors import Permanent

Kept = TypeVar("Kept")


def content_of(text: object, kind: TypeAdapter[Kept], what: str) -> Kept:
    """The content of a text that the hub wrote, in this release or another.

    Args:
        text: As it was stored.
        kind: What it has to be; lists of JSON may be tuples.
        what: In words, for the reason.

    Raises:
        Permanent: It is none: nothing is done on a guess of what it might have said.
    """
    try:
        content: Any = json.loads(text) if isinstance(text, str) else None
        return kind.validate_python(content)
    except (ValueError, RecursionError):
        raise unreadable(what) from None


def unreadable(what: str) -> Permanent:
    """Says that what was kept cannot be read."""
    return Permanent(
        "feed.unreadable",
        f"{what} cannot be read, e.g. because another release wrote it: go on with that release, "
        "or delete the item from the table of the feed",
    )
