"""Finding what the warehouse confirmed: one port, three strategies behind it (R7).

The warehouse sends nothing and offers no proven list, so each strategy is a different bet:

- ``list``: the list of returns with its updated-since filter, when a probe showed that the filter
  is honoured. Costs grow with what changed.
- ``by_date``: the search by date over the days since the cursor. Costs grow with what changed,
  when the search compares the day of the last update, which the probe can show.
- ``due_ids``: read our own open external returns by id, some in each run, in turn.

Beside the first two a few open external returns are read in turn in every run, so that a row lost
to a drifting page, or to a search that means something else, is found all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.receipts import Receipt
from returns_hub.flows.world import World
from returns_hub.ports import Capabilities

SWEEP_PER_RUN = 5
MOST_SEEN = 2000
FIRST_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True)
class ReceiptCursor:
    """How far finding receipts has come.

    Args:
        since: All changes before it are dealt with. None before the first complete run.
        after: The external return's id that the walk over open ones reached; 0 is the start.
        seen: Receipts dealt with inside the overlap: external return's id -> version.
    """

    since: datetime | None = None
    after: int = 0
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ReceiptCursor:
        """The cursor as it was stored."""
        since = value.get("since")
        return cls(
            since=datetime.fromisoformat(since) if since else None,
            after=int(value.get("after", 0)),
            seen=dict(value.get("seen", {})),
        )

    def to_json(self) -> dict[str, Any]:
        """The cursor as it is stored; of what was seen, the newest entries only."""
        newest = list(self.seen.items())[-MOST_SEEN:]
        since = self.since.isoformat() if self.since else None
        return {"since": since, "after": self.after, "seen": dict(newest)}


@dataclass(frozen=True)
class Found:
    """What one run is to look at, and the cursor once all of it is dealt with."""

    receipts: tuple[Receipt, ...]
    next_cursor: ReceiptCursor
    complete: bool


def choose(strategy: ReceiptStrategy, proven: Capabilities) -> ReceiptStrategy:
    """The strategy to use: the configured one, or for ``auto`` the best that was proven."""
    if strategy is not ReceiptStrategy.AUTO:
        return strategy
    if proven.returns_list:
        return ReceiptStrategy.LIST
    if proven.by_date_is_updated:
        return ReceiptStrategy.BY_DATE
    return ReceiptStrategy.DUE_IDS


def find_receipts(world: World, strategy: ReceiptStrategy, cursor: ReceiptCursor) -> Found:
    """Receipts that may be new, oldest change first, each (id, version) once.

    Args:
        world: The merchant's world.
        strategy: As chosen; not ``auto``.
        cursor: Where the last complete run ended.
    """
    settings = world.live.merchant.flows.process_receipts
    now = world.stores.clock.now()
    budget = settings.calls_per_run
    overlap = timedelta(minutes=settings.overlap_minutes)
    since = (cursor.since or now - FIRST_LOOK_BACK) - overlap
    complete = True
    rows: list[Receipt] = []
    if strategy is ReceiptStrategy.LIST:
        page = world.warehouse.list_updated_since(since, budget)
        rows, complete = list(page.receipts), page.complete
    elif strategy is ReceiptStrategy.BY_DATE:
        for day in _days(since, now):
            page = world.warehouse.search_by_date(day)
            rows += page.receipts
            complete = complete and page.complete
    walked = budget if strategy is ReceiptStrategy.DUE_IDS else SWEEP_PER_RUN
    swept, after = _walk_open(world, cursor.after, walked)
    unseen = [row for row in rows if cursor.seen.get(str(row.external_return_id)) != row.version]
    # What the walk read is looked at whatever was seen: a record may have become ours since.
    fresh = _in_order([*unseen, *swept])
    next_cursor = ReceiptCursor(
        since=now if complete else cursor.since, after=after, seen=cursor.seen
    )
    return Found(receipts=fresh, next_cursor=next_cursor, complete=complete)


def _days(since: datetime, now: datetime) -> Iterator[datetime]:
    """Every day that the warehouse's clock may show between the two, whatever its zone."""
    day = since - timedelta(hours=14)
    while day.date() <= (now + timedelta(hours=14)).date():
        yield day
        day += timedelta(days=1)


def _walk_open(world: World, after: int, limit: int) -> tuple[list[Receipt], int]:
    """Read some of our open external returns by id, going on where the last run stopped."""
    open_ones = world.stores.returns.open_external_returns(world.merchant, after, limit)
    receipts: list[Receipt] = []
    for external_return_id, _ in open_ones:
        receipt = world.warehouse.read_external_return(external_return_id)
        if receipt is None:
            world.stores.telemetry.count("ExternalReturnsGone", merchant=world.merchant)
        else:
            receipts.append(receipt)
    reached = open_ones[-1][0] if len(open_ones) == limit else 0
    return receipts, reached


def _in_order(rows: list[Receipt]) -> tuple[Receipt, ...]:
    """Confirmed ones, each (id, version) once, the oldest change first."""
    once = {(row.external_return_id, row.version): row for row in rows if row.confirmed}
    return tuple(sorted(once.values(), key=lambda row: (row.updated_at, row.external_return_id)))
