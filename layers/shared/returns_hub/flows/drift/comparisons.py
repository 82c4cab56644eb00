"""Every comparison that a look makes, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from returns_hub.domain.drift.findings import Difference
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.lints import LINTS


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Args:
        name: ``stock.unleashed``; what it is called when it could not be made.
        kinds: Kinds of differences that it tells; nobody else tells them.
        applies: Whether the merchant's file has what it compares. Asks no partner.
        differences: What differs now, in flight or not being none of it; read as a stream. A
            verdict that it raises fails this comparison alone: nothing of its kinds is resolved.
    """

    name: str
    kinds: frozenset[str]
    applies: Callable[[DriftWorld], bool]
    differences: Callable[[DriftWorld], Iterator[Difference]]


COMPARISONS: tuple[Comparison, ...] = (
    *(Comparison(lint.name, lint.kinds, lint.applies, lint.differences) for lint in LINTS),
)
"""In the order in which they are made."""
