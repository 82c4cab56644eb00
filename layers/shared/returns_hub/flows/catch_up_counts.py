"""What catching up found, by the day on which the return changed (UTC): was the hub told?

The counts are part of the catch-up's cursor and move with it in one write, so a run that fails or
repeats itself counts nothing twice. Days older than `KEEP` are dropped.

A return counts as **missed** when it is not on its timeline two minutes and more after it changed,
and its message cannot be in the queue either. SQS does not tell whose messages wait; so while `n`
wait, the first `n` that are not known count as **queued**: told, perhaps, and not dealt with yet.
So "missed" is a number that holds at least. They are all sent, whatever they count as.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from returns_hub.ports import Cursors

KEEP = timedelta(days=400)
SENT = "sent"
SENT_AGAIN = "sent_again"
"""Sent, though the return's own message may still be in the queue."""
SENT_BEFORE = "sent_before"
KNOWN = "known"


def cursor_name(merchant: str) -> str:
    """The cursor and lease of a merchant's catch-up."""
    return f"catch-up/{merchant}"


@dataclass(frozen=True)
class DayCounts:
    """Returns that changed on one day, each of its changes counted once.

    Args:
        read: All that the portal listed; those that are not the hub's to announce too.
        known: The hub had been told.
        queued: Not known yet, and its message may have been waiting.
        missed: Nobody had told.
    """

    read: int = 0
    known: int = 0
    queued: int = 0
    missed: int = 0

    def __add__(self, other: DayCounts) -> DayCounts:
        return DayCounts(
            self.read + other.read,
            self.known + other.known,
            self.queued + other.queued,
            self.missed + other.missed,
        )

    @property
    def missed_percent(self) -> float | None:
        """The share that was missed of what the hub was to be told; None when that was nothing."""
        to_tell = self.known + self.queued + self.missed
        return round(100 * self.missed / to_tell, 1) if to_tell else None


@dataclass
class Tally:
    """The counts of one window while it is read.

    Args:
        counted_from: What changed earlier is not counted.
    """

    counted_from: datetime
    sent: dict[date, DayCounts] = field(default_factory=dict)
    others: dict[date, DayCounts] = field(default_factory=dict)

    def note(self, ending: str, changed_at: datetime, *, is_first_reading: bool) -> None:
        """One return was dealt with.

        What a run reads again behind the last one was counted by that one, unless it is sent only
        now: then it was not in the list before.
        """
        if changed_at < self.counted_from or ending == SENT_BEFORE:
            return
        if ending in {SENT, SENT_AGAIN}:
            one = DayCounts(read=1, missed=1) if ending == SENT else DayCounts(read=1, queued=1)
            _add(self.sent, changed_at.date(), one)
        elif is_first_reading:
            _add(self.others, changed_at.date(), DayCounts(read=1, known=int(ending == KNOWN)))

    @property
    def missed(self) -> int:
        """How many were missed in this window."""
        return sum(counts.missed for counts in self.sent.values())


@dataclass(frozen=True)
class Counted:
    """The counts of a merchant, as its cursor holds them."""

    counted_from: datetime
    days: Mapping[date, DayCounts]

    @classmethod
    def of(cls, value: Mapping[str, Any], now: datetime) -> Counted:
        """What the cursor's value holds.

        A first run looks back at what nobody could tell of, so counting begins with it.
        """
        begun = value.get("counted_from")
        oldest = (now - KEEP).date()
        days = {
            date.fromisoformat(day): DayCounts(*counts)
            for day, counts in value.get("days", {}).items()
        }
        return cls(
            counted_from=datetime.fromisoformat(begun) if begun else now,
            days={day: counts for day, counts in days.items() if day >= oldest},
        )

    def to_value(self) -> dict[str, Any]:
        """This part of the cursor's value."""
        days = {
            day.isoformat(): [counts.read, counts.known, counts.queued, counts.missed]
            for day, counts in sorted(self.days.items())
        }
        return {"counted_from": self.counted_from.isoformat(), "days": days}

    def begin(self) -> Tally:
        """An empty tally for the next window."""
        return Tally(self.counted_from)

    def with_all(self, tally: Tally) -> Counted:
        """With a window that was read to its end."""
        return self._with(tally.sent, tally.others)

    def with_sent_only(self, tally: Tally) -> Counted:
        """With a window that will be read again, which then finds what was sent sent."""
        return self._with(tally.sent)

    def _with(self, *more: Mapping[date, DayCounts]) -> Counted:
        days = dict(self.days)
        for part in more:
            for day, counts in part.items():
                _add(days, day, counts)
        return Counted(self.counted_from, days)


def _add(days: dict[date, DayCounts], day: date, counts: DayCounts) -> None:
    days[day] = days.get(day, DayCounts()) + counts


@dataclass(frozen=True)
class Report:
    """The counts of a merchant's last days, for an operator.

    Args:
        caught_up_to: Every change before was looked at; None when catching up never ran.
        counted_from: What changed earlier was never counted.
        days: Newest first, without gaps.
    """

    caught_up_to: datetime | None
    counted_from: datetime | None
    days: tuple[tuple[date, DayCounts], ...]

    @property
    def total(self) -> DayCounts:
        """All days together."""
        return sum((counts for _, counts in self.days), DayCounts())


def report(cursors: Cursors, merchant: str, *, days: int, now: datetime) -> Report:
    """The counts of the last `days` days, today included."""
    value = cursors.read(cursor_name(merchant))
    if "counted_from" not in value:
        since = value.get("since")
        return Report(datetime.fromisoformat(since) if since else None, None, ())
    counted = Counted.of(value, now)
    last = (now - day * timedelta(days=1) for day in range(days))
    return Report(
        caught_up_to=datetime.fromisoformat(value["since"]),
        counted_from=counted.counted_from,
        days=tuple(
            (moment.date(), counted.days.get(moment.date(), DayCounts()))
            for moment in last
            if moment.date() >= counted.counted_from.date()
        ),
    )
