"""Lists of WAIR's, read page by page by ``Offset`` and ``Limit``.

Where its pages tell whether there are more (``moreRecordsAvailable``), that counts; where they do
not, the list ends with an empty page, or with the same page again. A page is held at a time, never
the list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from returns_hub.adapters.wair.client import FeedClient, Query
from returns_hub.errors import Misconfigured, Retryable

ROWS = 1000
"""Asked for at a time. The largest ``Limit`` is published nowhere: a smaller page is read on."""
MOST_PAGES = 20_000


def rows_of(
    client: FeedClient, path: str, wrapper: str, query: Query | None = None
) -> Iterator[Any]:
    """Every row of a list.

    Raises:
        Misconfigured: What comes is no such list: its path or wrapper is wrong.
        Retryable: It did not come to its end.
    """
    offset, before = 0, ""
    for _ in range(MOST_PAGES):
        content = client.get(path, {**(query or {}), "Offset": offset, "Limit": ROWS})
        rows, more = _page(content, path, wrapper)
        mark = _mark(rows)
        is_same = bool(rows) and mark == before
        if is_same and more is None:
            # It has no pages: the list came at once.
            return
        if is_same or (more and not rows):
            raise Retryable(
                "wair.list_has_no_end",
                f"{client.who} gives no further page of {path}, and says that there are more",
            )
        yield from rows
        if more is False or not rows:
            return
        before = mark
        offset += len(rows)
    raise Retryable("wair.list_has_no_end", f"{client.who}: {path} has too many pages")


def _page(content: Any, path: str, wrapper: str) -> tuple[list[Any], bool | None]:
    """A page's rows, and whether there are more; None where it does not tell."""
    if isinstance(content, list):
        return content, None
    rows = content.get(wrapper) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise Misconfigured(
            "wair.no_such_list", f"what {path} answers has no array {wrapper}: correct one of both"
        )
    more = content.get("moreRecordsAvailable")
    return rows, more if isinstance(more, bool) else None


def _mark(rows: list[Any]) -> str:
    """Equal for equal pages."""
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()
