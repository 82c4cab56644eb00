"""The shape of one comparison that a look makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

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
        is_put_off: Whether the merchant's file has it, and it is only not due now. What neither
            applies nor is put off is not compared any more.
        looks_back_to: What is older is not looked at; None where everything is.
    """

    name: str
    kinds: frozenset[str]
    applies: Callable[[DriftWorld], bool]
    differences: Callable[[DriftWorld], Iterator[Difference]]
    is_put_off: Callable[[DriftWorld], bool] = lambda _: False
    looks_back_to: Callable[[DriftWorld], datetime] | None = None

    @property
    def is_lint(self) -> bool:
        """Whether it is about names and maps, which can wait for goods and money."""
        return self.name.startswith("lint.")
