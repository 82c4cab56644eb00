"""`ports.overview.AuditTrail` in memory; tests/contract holds it to the one in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from returns_hub.domain.audit import Act
from returns_hub.errors import Conflict
from returns_hub.ports import Clock

KEPT_FOR = timedelta(days=400)


class FakeAudit:
    """Acts of people."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.acts: dict[tuple[str, datetime, str], Act] = {}

    def record(self, act: Act) -> None:
        key = (act.merchant, act.at, act.act_id)
        was = self.acts.get(key, act)
        if was != act and (was.outcome != "asked" or act.outcome == "asked"):
            raise Conflict(f"the act {act.act_id} is recorded in another way")
        self.acts[key] = act

    def of_merchant(
        self, merchant: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        found = self._between(since, until, newest_first=newest_first)
        return (act for act in found if act.merchant == merchant)

    def by_person(
        self, who: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        found = self._between(since, until, newest_first=newest_first)
        return (act for act in found if act.who == who)

    def of_return(
        self,
        merchant: str,
        return_id: str,
        since: datetime,
        until: datetime,
        *,
        newest_first: bool = True,
    ) -> Iterator[Act]:
        found = self._between(since, until, newest_first=newest_first)
        return (act for act in found if (act.merchant, act.return_id) == (merchant, return_id))

    def _between(self, since: datetime, until: datetime, *, newest_first: bool) -> list[Act]:
        least = max(since, self.clock.now() - KEPT_FOR)
        kept = [act for act in self.acts.values() if least <= act.at < until]
        return sorted(kept, key=lambda act: (act.at, act.act_id), reverse=newest_first)
