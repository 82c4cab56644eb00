"""Where the runs about a merchant's orders stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from returns_hub.flows.miinto.order_work import Walk

MOST_SEEN = 4000
"""Orders of the overlap that the cursor remembers."""
MOST_LATER = 200


@dataclass(frozen=True)
class OrdersCursor:
    """Where the run before ended.

    Args:
        since: Shop -> up to when its orders were read.
        begun: Shop -> from when on orders are looked after.
        old: Shop -> when orders of old baskets were read last.
        seen: Order -> the version that was put on its timeline; of the overlap.
        later: Orders that came back.
        walk: Over what is in work.
        again: Over what is read again.
        mode: The mode of the run before.
    """

    since: dict[str, str] = field(default_factory=dict)
    begun: dict[str, str] = field(default_factory=dict)
    old: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    walk: Walk = field(default_factory=Walk)
    again: Walk = field(default_factory=Walk)
    mode: str = ""

    @classmethod
    def of(cls, value: Any) -> OrdersCursor:
        """The cursor that `to_value` wrote."""
        return cls(
            since=dict(value.get("since", {})),
            begun=dict(value.get("begun", {})),
            old=dict(value.get("old", {})),
            seen=dict(value.get("seen", {})),
            later=tuple(value.get("later", ())),
            walk=Walk.of(value.get("walk")),
            again=Walk.of(value.get("again")),
            mode=value.get("mode", ""),
        )

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        return {
            "since": self.since,
            "begun": self.begun,
            "old": self.old,
            "seen": dict(list(self.seen.items())[-MOST_SEEN:]),
            "later": list(self.later[:MOST_LATER]),
            "walk": self.walk.to_value(),
            "again": self.again.to_value(),
            "mode": self.mode,
        }
