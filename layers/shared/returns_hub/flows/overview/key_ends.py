"""What the job of the keys notes of them, hourly, for whoever looks: when each ends.

That job reads secrets anyway. So whoever shows how the hub stands needs none of them: it reads what
is noted here, with the job's cursor. docs/decisions/0023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

NOTED_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class KeysKnown:
    """What is noted of a merchant's keys; nothing of a key itself.

    Args:
        at: When it was noted; None for never.
        ends: Secret -> when its key ends, of those of which it is told.
        renewing: Secrets that the hub renews by itself.
        account: The short name of the account at the ERP, under which its calls are counted.
    """

    at: datetime | None = None
    ends: Mapping[str, datetime] = field(default_factory=dict)
    renewing: frozenset[str] = frozenset()
    account: str = ""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> KeysKnown:
        """What `to_value` wrote."""
        at = value.get("at")
        return cls(
            at=datetime.fromisoformat(at) if at else None,
            ends={name: datetime.fromisoformat(end) for name, end in value.get("ends", {}).items()},
            renewing=frozenset(value.get("renewing", ())),
            account=str(value.get("account", "")),
        )

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        return {
            "at": self.at.isoformat() if self.at else "",
            "ends": {name: end.isoformat() for name, end in sorted(self.ends.items())},
            "renewing": sorted(self.renewing),
            "account": self.account,
        }

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be noted anew."""
        return self.at is None or now - self.at >= NOTED_FOR
