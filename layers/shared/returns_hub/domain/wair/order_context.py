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
OUR_NAMES: Final = frozenset(
    {
        "customer reference",
        "miinto order",
        "miinto parent order",
        "miinto shop",
        "unleashed guid",
        "unleashed order",
        "unleashed shipment",
    }
)
"""Names of pairs that the hub writes into orders, and reads back."""


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


def pattern_problem(pattern: str) -> str:
    """Why an expression over an order's texts cannot be used, in a sentence; empty when it can."""
    problem = expression_problem(pattern)
    if problem:
        return problem
    compiled = re.compile(pattern)
    if compiled.groups != 1:
        return f"needs exactly one group, the value that travels; it has {compiled.groups}"
    if compiled.search("") is not None:
        return "fits an empty text too: it would take anything for a recommendation"
    return ""


def sku_pattern_problem(pattern: str) -> str:
    """Why an expression over SKUs cannot be used, in a sentence; empty when it can."""
    problem = expression_problem(pattern)
    if problem:
        return problem
    if "item" not in re.compile(pattern).groupindex:
        return "needs a group item, as in (?P<item>.+?)"
    return ""


def expression_problem(pattern: str) -> str:
    """Why a regular expression of a merchant's file is not searched for, in a sentence."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}"
    if _repeats_a_repetition(pattern):
        return "repeats a group that repeats, as in (a+)+, which can take for ever to search"
    return ""


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _value(found: str | None) -> str:
    text = "".join(c if c.isprintable() else " " for c in found or "")
    text = " ".join(text.split())[:LONGEST].rstrip()
    return "" if "@" in text else text


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether a group that holds ``*``, ``+`` or ``{`` is itself followed by one of them."""
    plain = re.sub(r"\\.", "_", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "_", plain)
    inside: list[bool] = [False]
    for place, letter in enumerate(plain):
        if letter == "(":
            inside.append(False)
        elif letter in "*+{":
            inside[-1] = True
        elif letter == ")" and len(inside) > 1:
            repeats = inside.pop()
            if repeats and plain[place + 1 : place + 2] in {"*", "+", "{"}:
                return True
            inside[-1] = inside[-1] or repeats
    return False
