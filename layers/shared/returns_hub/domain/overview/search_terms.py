"""By what a return is found: names of its orders, tracking numbers, SKUs. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from returns_hub.domain.state import ReturnState

LONGEST_TERM = 200
"""Characters; a longer one is cut, in what is kept and in what is looked for alike."""


class TermKind(StrEnum):
    """What a term is; each has its own place, so that an order's name finds no SKU."""

    ORDER = "order"
    TRACKING = "tracking"
    SKU = "sku"


class Term(NamedTuple):
    """A term as it is kept and looked for."""

    kind: TermKind
    text: str


def normalised(kind: TermKind, text: str) -> str:
    """The form in which terms are compared; empty when nothing is left of it.

    Letters' case, blanks and forms of the same character do not count. An order's name has no
    ``#`` before it, and a tracking number only its letters and digits.
    """
    plain = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode()).casefold()
    if kind is TermKind.TRACKING:
        plain = "".join(c for c in plain if c.isalnum())
    else:
        visible = (c if unicodedata.category(c)[0] != "C" else " " for c in plain)
        plain = " ".join("".join(visible).split())
    if kind is TermKind.ORDER:
        plain = plain.lstrip("# ")
    return plain[:LONGEST_TERM]


def terms_of(state: ReturnState) -> tuple[Term, ...]:
    """By what a return is found, each once: orders first, then tracking numbers, then SKUs."""
    found = (Term(kind, normalised(kind, text)) for kind, text in _words(state))
    return tuple(dict.fromkeys(term for term in found if term.text))


def fresh_terms(before: ReturnState, after: ReturnState) -> tuple[Term, ...]:
    """Terms by which the return could not be found before; all of them for a state that a release
    without search wrote, which says nothing of a step.
    """
    terms = terms_of(after)
    if "step" not in before.model_fields_set:
        return terms
    known = set(terms_of(before))
    return tuple(term for term in terms if term not in known)


def _words(state: ReturnState) -> Iterator[tuple[TermKind, str]]:
    for name in state.order_names:
        yield TermKind.ORDER, name
    for shipment in state.shipments:
        yield TermKind.TRACKING, shipment.planned.tracking
    for shipment in state.shipments:
        for line in shipment.planned.lines:
            yield TermKind.SKU, line.sku
    for left in state.left_off:
        yield TermKind.SKU, left.sku or ""
