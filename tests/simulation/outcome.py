"""What a seed came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

World = Literal["all", "returns", "erp", "drift", "drift-faults"]


@dataclass(frozen=True)
class Told:
    """What became of a seed; the story only when a rule was broken, or when asked for. `beside`
    counts what happened at the marketplace and with Unleashed."""

    seed: int
    endings: Counter[str]
    beside: Counter[str]
    duplicates: int
    losses: int
    broken: int
    story: str
