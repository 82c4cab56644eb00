"""The shape of one comparison that a look makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from returns_hub.domain.drift.findings import Difference
from returns_hub.flows.drift.drift_world import DriftWorld


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Args:
        name: ``stock.unleashed``; what it is called when it could not be made.
        kinds: Kinds of differences that it tells; nobody else tells them.
        applies: Whether the merchant's file has what it compares, and it is due. Asks no partner.
        differences: What differs now, in flight or not being none of it; read as a stream. A
            verdict that it raises fails this comparison alone: nothing of its kinds is resolved.
    """

    name: str
    kinds: frozenset[str]
    applies: Callable[[DriftWorld], bool]
    differences: Callable[[DriftWorld], Iterator[Difference]]

    @property
    def is_lint(self) -> bool:
        """Whether it is about names and maps, which can wait for goods and money."""
        return self.name.startswith("lint.")
