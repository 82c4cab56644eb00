"""Lists in pages of ``limit`` and ``offset`` that change while they are read.

An item that leaves the list moves all that follow it to lower offsets, so that a reader who goes on
by offset passes over some. So each page begins with the last item of the page before; where it does
not, the reader steps back until it finds what it has read. Every item that is in the list all the
time is given, and given once, as long as the list keeps its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from returns_hub.adapters.miinto.errors import Told
from returns_hub.errors import Retryable

LEAST_SIZE = 2
MOST_READS = 1000

ReadPage = Callable[[int, int], Told]
"""One page by its limit and offset."""


def pages_of(read_page: ReadPage, size: int) -> Iterator[list[Any]]:
    """The rows that were not given yet, page by page.

    Args:
        read_page: Reads one page.
        size: Rows asked for at once; a service may give fewer.

    Raises:
        Retryable: The list cannot be read to its end.
    """
    size = max(size, LEAST_SIZE)
    seen: set[str] = set()
    offset = 0
    for _ in range(MOST_READS):
        told = read_page(size, offset)
        rows = _rows(told)
        keys = [_key(row) for row in rows]
        if offset and (not keys or keys[0] not in seen):
            offset = max(0, offset - (size - 1))
            continue
        news: list[Any] = []
        for row, key in zip(rows, keys, strict=True):
            if key not in seen:
                seen.add(key)
                news.append(row)
        if news:
            yield news
        end = offset + len(rows)
        is_all = told.total is None or end >= told.total
        if is_all and (len(rows) < LEAST_SIZE or (told.total is not None and len(rows) < size)):
            return
        if len(rows) < LEAST_SIZE:
            raise Retryable(
                "miinto.list_unclear",
                f"Miinto says that its list holds {told.total} and gives {end}",
                after=60,
            )
        offset = end - 1
    raise Retryable("miinto.endless_list", f"Miinto's list has more than {MOST_READS} pages")


def _rows(told: Told) -> list[Any]:
    if isinstance(told.data, list):
        return told.data
    if not told.data and told.total == 0:
        return []
    raise Retryable("miinto.unreadable", "Miinto's list is none", after=300)


def _key(row: Any) -> str:
    named = row.get("id") if isinstance(row, dict) else None
    return json.dumps(row if named is None else ["id", named], sort_keys=True, default=str)
