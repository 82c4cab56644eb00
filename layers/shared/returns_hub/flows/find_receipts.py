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
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from returns_hub.flows.world import World
from returns_hub.ports import Capabilities

SWEEP_PER_RUN = 5
MOST_SEEN = 2000
FIRST_LOOK_BACK = timedelta(days=1)
UNREAD_IN_A_ROW = 3
"""Records one after the other that cannot be read: then it is the warehouse, not the records."""


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
    """What one run is to look at, and the cursor once all of it is dealt with.

    `trouble`: a record of ours could not be read, though others could.
    """

    receipts: tuple[Receipt, ...]
    next_cursor: ReceiptCursor
    complete: bool
    trouble: Verdict | None = None


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
    walk = _walk_open(world, cursor.after, walked, is_there=strategy is not ReceiptStrategy.DUE_IDS)
    unseen = [row for row in rows if cursor.seen.get(str(row.external_return_id)) != row.version]
    # What the walk read is looked at whatever was seen: a record may have become ours since.
    fresh = _in_order([*unseen, *walk.receipts])
    next_cursor = ReceiptCursor(
        since=now if complete else cursor.since, after=walk.reached, seen=cursor.seen
    )
    return Found(fresh, next_cursor, complete, walk.trouble)


def _days(since: datetime, now: datetime) -> Iterator[datetime]:
    """Every day that the warehouse's clock may show between the two, whatever its zone."""
    day = since - timedelta(hours=14)
    while day.date() <= (now + timedelta(hours=14)).date():
        yield day
        day += timedelta(days=1)


@dataclass(frozen=True)
class _Walk:
    receipts: tuple[Receipt, ...]
    reached: int
    trouble: Verdict | None


def _walk_open(world: World, after: int, limit: int, *, is_there: bool) -> _Walk:
    """Read some of our open external returns by id, going on where the last run stopped.

    A record that cannot be read stays open, and holds up no other: it is read again when the walk
    comes by. `is_there`: the warehouse has answered this run already.

    Raises:
        Verdict: The warehouse cannot be read.
    """
    open_ones = world.stores.returns.open_external_returns(world.merchant, after, limit)
    receipts: list[Receipt] = []
    trouble: Verdict | None = None
    in_a_row = 0
    for external_return_id, _ in open_ones:
        try:
            receipt = world.warehouse.read_external_return(external_return_id)
        except Misconfigured:
            raise
        except (Retryable, Permanent) as verdict:
            trouble, in_a_row = verdict, in_a_row + 1
            if in_a_row == UNREAD_IN_A_ROW:
                raise
            world.stores.telemetry.log(
                "an external return cannot be read",
                external_return_id=external_return_id,
                code=verdict.code,
                reason=verdict.reason,
            )
            continue
        is_there, in_a_row = True, 0
        if receipt is None:
            world.stores.telemetry.count("ExternalReturnsGone", merchant=world.merchant)
        else:
            receipts.append(receipt)
    if trouble is not None and not is_there and not after:
        raise trouble
    reached = open_ones[-1][0] if len(open_ones) == limit else 0
    return _Walk(tuple(receipts), reached, trouble)


def _in_order(rows: list[Receipt]) -> tuple[Receipt, ...]:
    """Confirmed ones, each (id, version) once, the oldest change first."""
    once = {(row.external_return_id, row.version): row for row in rows if row.confirmed}
    return tuple(sorted(once.values(), key=lambda row: (row.updated_at, row.external_return_id)))
