"""Where the flow about bundles stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

Place = str
"""``mintsoft``, ``miinto``, ``miinto-transfer`` or ``unleashed``: where an order is."""
OVERLAP = timedelta(minutes=90)
"""How far the warehouse's lists are read back: the zone of its times is not proven, so an hour, and
clocks that differ."""


@dataclass(frozen=True)
class BundleCursor:
    """Where the flow stands; times as text, empty for never. Nothing of a person is in it.

    Args:
        looked_at: When the last run began.
        read_at: When the last reading of all products that came to its end began.
        walk: The number of the reading of all products that is under way, or was last.
        walk_began: When the one under way began; empty while none is.
        walk_page: Its next page.
        changes_from: Since when products that changed are to be read.
        unread: Product ids of bundles whose components could not be read; who was asked for last
            stands at the end.
        orders_from: Since when orders that changed are to be read; empty where all that wait are.
        bills: Stands for the bills of the merchant's file.
        asked: Id of a question -> place, order, and the bundle that it is about; those that were
            looked at last come last.
        differs: Bundle -> the question about what the file and the warehouse say of it.
    """

    looked_at: str = ""
    read_at: str = ""
    walk: int = 0
    walk_began: str = ""
    walk_page: int = 1
    changes_from: str = ""
    unread: tuple[int, ...] = ()
    orders_from: str = ""
    bills: str = ""
    asked: dict[str, tuple[Place, str, str]] = field(default_factory=dict)
    differs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any) -> BundleCursor:
        """The cursor that `to_value` wrote."""
        known = {name: value[name] for name in asdict(cls()) if name in value}
        known["unread"] = tuple(value.get("unread", ()))
        known["asked"] = {key: tuple(row) for key, *row in value.get("asked", ())}
        return cls(**known)

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        # A list, since the order counts.
        return asdict(self) | {"asked": [[key, *row] for key, row in self.asked.items()]}
