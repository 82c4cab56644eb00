"""The words of a decision: notes for people, with SKU, expected and received."""

from __future__ import annotations

from collections.abc import Sequence

from returns_hub.domain.matching import Finding, LineOutcome

UNMATCHED_NOTE = "Items received by Mintsoft could not be matched to return products"
MOST_ROWS_IN_NOTE = 20
EXTRA_HEADLINES = {
    LineOutcome.WRONG_SKU: UNMATCHED_NOTE,
    LineOutcome.UNIDENTIFIED: UNMATCHED_NOTE,
    LineOutcome.OVER: "More units were received than announced",
    LineOutcome.DUPLICATE: "Goods were received for lines that are finished already",
}
LINE_HEADLINES = {
    "short": "Fewer units were received than announced",
    "missing": "Announced goods were not received",
    "damaged": "Goods were received damaged",
    "scrapped": "Goods were scrapped by the warehouse",
    "unknown_condition": "The warehouse named no condition that the hub knows",
}
"""Headline of a row of the decision table."""


def note_of(headline: str, about: Sequence[Finding]) -> str:
    """A note for people: the headline, and SKU, expected and received for each finding."""
    return joined(headline, [row_of(finding) for finding in about])


def row_of(finding: Finding) -> str:
    """One finding in words."""
    told = f"{finding.sku or 'no SKU'}: expected {finding.expected}, received {finding.received}"
    conditions = [f"{units} {word.value}" for word, units in finding.conditions.items()]
    if conditions:
        told += f" ({', '.join(conditions)})"
    return f"{told} ({finding.detail})" if finding.detail else told


def joined(headline: str, rows: Sequence[str]) -> str:
    """The headline with its rows; of many rows the first ones."""
    if not rows:
        return headline
    more = len(rows) - MOST_ROWS_IN_NOTE
    shown = "; ".join(rows[:MOST_ROWS_IN_NOTE])
    return f"{headline} ({shown}{f' and {more} more' if more > 0 else ''})"
