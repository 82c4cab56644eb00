"""Where the feed of a merchant stands between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from returns_hub.errors import Retryable
from returns_hub.flows import cursor_names
from returns_hub.flows.world import Stores
from returns_hub.ports import Lease, RunReport

HOLD_SECONDS = 10.0


def cursor_name(merchant: str) -> str:
    """The name of the feed's cursor and lease."""
    return cursor_names.feed(merchant)


def full_name(merchant: str) -> str:
    """The name of the cursor that says when a full run was asked for."""
    return f"wair/feed.full/{merchant}"


@dataclass(frozen=True)
class Reading:
    """A reading of the warehouse's products that may take several runs.

    Args:
        began: When it began.
        since: Only products that changed since; None for every product.
        page: The next page to read.
        done: It came to its end.
    """

    began: datetime
    since: datetime | None = None
    page: int = 1
    done: bool = False


@dataclass(frozen=True)
class Last:
    """What was told last of a set, or of a location's part of it.

    Args:
        at: When.
        rows: How many rows.
        full: Whether that was every row.
    """

    at: datetime
    rows: int
    full: bool = False


@dataclass(frozen=True)
class FeedCursor:
    """Where the feed stands.

    Args:
        number: Of the last batch.
        open: The batch that was opened and is not known to be closed.
        begun: Sets, or locations' parts of them, whose last telling has no known end: nobody knows
            what is kept there.
        behind: Of sets, or locations' parts of them, the last row that was told where there was no
            time for every row; empty where a load that should replace the set has no end, so that
            every row is told again, and without replacing.
        drops: Location -> the question about a sudden drop that was asked.
        unsure_until: Until then a request of an earlier run, of which nobody knows the end, may
            still be taken in.
        stock_at: When the newest look at all stock was planned.
        todo: Locations that are still to be looked at.
        full_todo: Locations of which every row is to be told.
        full_at: When the newest telling of every row was planned.
        master_at: When the newest telling of products was planned.
        master: What of products is still to be told: nothing, what changed, or every row.
        places: Locations are still to be told.
        reading: A reading of products in hand.
        products_at: When the newest reading of products that came to its end began.
        basis: What of the file the rows depend on.
        last: What was told last, by set or set and location.
        fresh: Since when stock, and products, are there as they were; see `FeedAgeMinutes`.
    """

    number: int = 0
    open: str = ""
    begun: tuple[str, ...] = ()
    behind: Mapping[str, str] = field(default_factory=dict)
    drops: Mapping[str, str] = field(default_factory=dict)
    unsure_until: datetime | None = None
    stock_at: datetime | None = None
    todo: tuple[str, ...] = ()
    full_todo: tuple[str, ...] = ()
    full_at: datetime | None = None
    master_at: datetime | None = None
    master: str = ""
    places: bool = False
    reading: Reading | None = None
    products_at: datetime | None = None
    basis: str = ""
    last: Mapping[str, Last] = field(default_factory=dict)
    fresh: Mapping[str, datetime] = field(default_factory=dict)

    @staticmethod
    def of(value: Mapping[str, Any]) -> FeedCursor:
        """The cursor that `to_value` wrote."""
        reading = value.get("reading")
        return FeedCursor(
            number=int(value.get("number", 0)),
            open=str(value.get("open", "")),
            begun=tuple(value.get("begun", ())),
            behind=dict(value.get("behind", {})),
            drops=dict(value.get("drops", {})),
            unsure_until=_moment(value.get("unsure_until")),
            stock_at=_moment(value.get("stock_at")),
            todo=tuple(value.get("todo", ())),
            full_todo=tuple(value.get("full_todo", ())),
            full_at=_moment(value.get("full_at")),
            master_at=_moment(value.get("master_at")),
            master=str(value.get("master", "")),
            places=bool(value.get("places", False)),
            reading=Reading(
                datetime.fromisoformat(reading[0]), _moment(reading[1]), reading[2], reading[3]
            )
            if reading
            else None,
            products_at=_moment(value.get("products_at")),
            basis=str(value.get("basis", "")),
            last={
                key: Last(datetime.fromisoformat(at), rows, full)
                for key, (at, rows, full) in value.get("last", {}).items()
            },
            fresh={key: datetime.fromisoformat(at) for key, at in value.get("fresh", {}).items()},
        )

    def to_value(self) -> dict[str, Any]:
        """For the store of cursors."""
        reading = self.reading
        return {
            "number": self.number,
            "open": self.open,
            "begun": list(self.begun),
            "behind": dict(self.behind),
            "drops": dict(self.drops),
            "unsure_until": _text(self.unsure_until),
            "stock_at": _text(self.stock_at),
            "todo": list(self.todo),
            "full_todo": list(self.full_todo),
            "full_at": _text(self.full_at),
            "master_at": _text(self.master_at),
            "master": self.master,
            "places": self.places,
            "reading": [_text(reading.began), _text(reading.since), reading.page, reading.done]
            if reading
            else None,
            "products_at": _text(self.products_at),
            "basis": self.basis,
            "last": {key: [_text(one.at), one.rows, one.full] for key, one in self.last.items()},
            "fresh": {key: _text(at) for key, at in self.fresh.items()},
        }


class Place:
    """The cursor under its lease; without one, of a plan, it moves in memory alone."""

    def __init__(self, stores: Stores, cursor: FeedCursor, lease: Lease | None) -> None:
        self._stores = stores
        self._lease = lease
        self.cursor = cursor
        self.run = lease.run if lease is not None else RunReport()

    def advance(self, **changes: Any) -> None:
        """Keep the cursor with these changes.

        Raises:
            Conflict: The lease was lost.
        """
        cursor = replace(self.cursor, **changes)
        if cursor == self.cursor:
            return
        if self._lease is not None:
            self._stores.cursors.advance(self._lease, cursor.to_value())
        self.cursor = cursor


def part_key(data_set: str, part: str = "") -> str:
    """A set, or a location's part of it, in the cursor."""
    return f"{data_set}/{part}" if part else data_set


def ask_full(stores: Stores, merchant: str) -> None:
    """Ask for every row to be told; the next run that begins after this moment does it.

    Raises:
        Retryable: Somebody else asks for it at this moment.
    """
    lease = stores.cursors.acquire(full_name(merchant), stores.owner, HOLD_SECONDS)
    if lease is None:
        raise Retryable("wair.busy", "somebody else asks for a full run now", after=10)
    try:
        stores.cursors.advance(lease, {"asked": stores.clock.now().isoformat()})
    finally:
        stores.cursors.release(lease)


def full_asked_at(stores: Stores, merchant: str) -> datetime | None:
    """When a full run was asked for last; None when never. 1 read."""
    return _moment(stores.cursors.read(full_name(merchant)).get("asked"))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
