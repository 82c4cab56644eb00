"""A fit profile or a recommendation's id, found in an order's texts, for the warehouse's order.

No document names a field that carries it, so the merchant's file tells how it is recognised: by a
regular expression over the texts that the order's source has. Only the expression's one group
travels, cut and printable; never what looks like an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from returns_hub.domain.warehouse_orders import OrderDraft

if TYPE_CHECKING:
    from returns_hub.domain.wair.settings import OrderContext, WairConnection

LONGEST: Final = 100
"""Characters of a value."""
LONGEST_TEXT: Final = 1000
"""Characters of a text that are looked at: buyers write comments, and searching takes time."""


def with_context(
    draft: OrderDraft, connection: WairConnection | None, texts: Iterable[str]
) -> OrderDraft:
    """The order with what was found in its source's texts; the same one where nothing was.

    Args:
        draft: The order to be made in the warehouse.
        connection: The `wair:` block; None without one.
        texts: Of the order at its source, those that come first counting first.
    """
    if connection is None or not connection.order_context:
        return draft
    found = context_in(connection.order_context, texts)
    return replace(draft, name_values=(*draft.name_values, *found)) if found else draft


def context_in(
    settings: Sequence[OrderContext], texts: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Name and value of each setting whose expression was found, in the order of the settings."""
    looked_at = [text[:LONGEST_TEXT] for text in texts if text]
    found = []
    for setting in settings:
        matches = (_compiled(setting.pattern).search(text) for text in looked_at)
        values = (_value(match.group(1)) for match in matches if match)
        value = next((value for value in values if value), "")
        if value:
            found.append((setting.name, value))
    return tuple(found)


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _value(found: str | None) -> str:
    text = "".join(c if c.isprintable() else " " for c in found or "")
    text = " ".join(text.split())[:LONGEST].rstrip()
    return "" if "@" in text else text
