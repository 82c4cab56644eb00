"""Stock of the warehouse, in our words, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LevelMeans = Literal["unknown", "available", "on_hand"]
"""What the warehouse's `level` counts: what can still be sold, or everything that is there."""


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Stock of a SKU in one warehouse, in the warehouse's own two numbers.

    Args:
        level: Units; what it counts is a setting, see `LevelMeans`.
        total: The other number; None where the warehouse shows only one.
        quarantined: Units that must not be sold.
        bundle: It is made of other products, whose stock this repeats.
        updated_at: When it changed last, as far as the warehouse tells.
        is_doubtful: The warehouse shows the SKU twice, and these are the smaller numbers; or it is
            unreadable.
        is_unreadable: The warehouse has a row of the SKU, and its numbers make no sense: nothing is
            known, which is no 0.
    """

    level: int
    total: int | None = None
    quarantined: int = 0
    bundle: bool = False
    updated_at: datetime | None = field(default=None, compare=False)
    is_doubtful: bool = False
    is_unreadable: bool = False

    def available(self, means: LevelMeans) -> int:
        """Units that can be promised: at least 0, and without those in quarantine.

        While it is `unknown` what `level` means it is the smaller number, which is never too much.
        """
        other = self.level if self.total is None else self.total
        most = {"available": self.level, "on_hand": other, "unknown": min(self.level, other)}
        return max(0, most[means] - max(0, self.quarantined))


def readable(levels: Mapping[str, StockLevel]) -> dict[str, StockLevel]:
    """Levels whose numbers could be read."""
    return {sku: level for sku, level in levels.items() if not level.is_unreadable}


@dataclass(frozen=True)
class StockSample:
    """One product's level beside its inventory, whose words are clear."""

    sku: str
    level: int
    total: int | None
    on_hand: int
    allocated: int
    quarantined: int

    @property
    def tells(self) -> LevelMeans | None:
        """What `level` means by this product; None when both readings fit, or neither.

        Whether units in quarantine count as on hand is not known, so any way of it is taken.
        """
        on_hand = {self.on_hand + units for units in (-self.quarantined, 0, self.quarantined)}
        available = {units - self.allocated for units in on_hand}
        if (self.level in on_hand) == (self.level in available):
            return None
        return "on_hand" if self.level in on_hand else "available"


@dataclass(frozen=True)
class StockProof:
    """What comparing levels with inventories came to, product by product."""

    samples: tuple[StockSample, ...] = ()

    @property
    def means(self) -> LevelMeans:
        """What `level` means: only when every product that tells says the same."""
        said = {sample.tells for sample in self.samples} - {None}
        return said.pop() or "unknown" if len(said) == 1 else "unknown"

    @property
    def is_contradicted(self) -> bool:
        """Whether products tell different things."""
        return len({sample.tells for sample in self.samples} - {None}) > 1
