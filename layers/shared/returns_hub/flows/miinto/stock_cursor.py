"""Where the pushes of a merchant's stock stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StockCursor:
    """Where the pushes stand.

    Args:
        number: Of the last push.
        full_at: Shop -> when every variant was told last.
        drops: Shop -> the question about a sudden drop that was asked.
        begun: Shops whose last push has no known end: nobody knows what they were told.
    """

    number: int = 0
    full_at: dict[str, str] = field(default_factory=dict)
    drops: dict[str, str] = field(default_factory=dict)
    begun: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Any) -> StockCursor:
        """The cursor that `to_value` wrote."""
        return cls(
            number=int(value.get("number", 0)),
            full_at=dict(value.get("full_at", {})),
            drops=dict(value.get("drops", {})),
            begun=tuple(value.get("begun", ())),
        )

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        return {
            "number": self.number,
            "full_at": self.full_at,
            "drops": self.drops,
            "begun": list(self.begun),
        }
