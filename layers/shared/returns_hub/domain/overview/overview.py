"""One merchant's standing at one moment, as it is kept and shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.overview.steps import Step

OLD = timedelta(minutes=15)
"""An overview is made every five minutes; an older one is no picture of now."""
STALE_INTERVALS = 3
STALE_AFTER = timedelta(minutes=15)
"""A cursor is stale when it is later than so many intervals, and at least so late."""


class Freshness(Frozen):
    """One cursor of a merchant's: a scheduled job's, or of one flow of it.

    Args:
        job: The scheduled function that works on it, e.g. ``poll_mintsoft``.
        flow: The flow, e.g. ``process_receipts``; one job may have many.
        every_seconds: How often it is due.
        succeeded_at: When a run of it last came to its end without a failure; None: never.
        new_record_at: When a run last found a record it did not know; None: never.
        since: From when on it should run: the moment when it was switched on, as far as is known.
        failing: The code of the last run's failure; empty when it was none.
    """

    job: str
    flow: str
    every_seconds: int
    succeeded_at: UtcTime | None = None
    new_record_at: UtcTime | None = None
    since: UtcTime | None = None
    failing: str = ""

    def age(self, now: datetime) -> timedelta | None:
        """Time since the last success, or since it was switched on if that was later; None when
        nobody knows."""
        known = [moment for moment in (self.succeeded_at, self.since) if moment is not None]
        return max(now - max(known), timedelta(0)) if known else None

    def lateness(self, now: datetime) -> float:
        """The age in intervals: 1.0 is just due."""
        age = self.age(now)
        return 0.0 if age is None else age.total_seconds() / self.every_seconds

    def is_stale(self, now: datetime) -> bool:
        """Whether it is later than any interruption that ends by itself: `STALE_AFTER`."""
        age = self.age(now)
        least = max(timedelta(seconds=STALE_INTERVALS * self.every_seconds), STALE_AFTER)
        return age is not None and age > least


class StepStanding(Frozen):
    """Returns that wait at one step.

    Args:
        count: How many; at least so many with `is_at_least`.
        oldest_since: Since when the one that waits longest waits here.
        oldest_return: Its id.
        value: Currency -> what they are worth to the customers, as far as the portal told.
        unvalued: How many of them the portal told no value of.
    """

    step: Step
    count: int = 0
    is_at_least: bool = False
    oldest_since: UtcTime | None = None
    oldest_return: str = ""
    value: dict[str, Decimal] = Field(default_factory=dict)
    unvalued: int = 0


class Cause(Frozen):
    """Parked work of one cause."""

    code: str
    flow: str
    count: int
    oldest: UtcTime
    example: str = Field(default="", description="id of the oldest item")


class PartnerStanding(Frozen):
    """One partner's gate and budget, for this merchant.

    `closed_since` is when a look first saw the gate closed, without having seen it open since: the
    gate itself keeps only until when. `closed_until` may be past, where a partner is away and
    nobody has asked it since.
    `calls_used` of `calls_limit` and the `forecast` (share of the limit at the month's end, 1.0 is
    all of it) are of partners that count calls; None for others.
    """

    partner: str
    closed_until: UtcTime | None = None
    closed_since: UtcTime | None = None
    calls_used: int | None = None
    calls_limit: int | None = None
    forecast: float | None = None


class KeyStanding(Frozen):
    """One secret of the merchant's: when it ends, as far as is told, and whether it is refused.

    With `renews` the hub exchanges it for a new one before it ends. `failing` is the code of the
    partner's refusal.
    """

    name: str
    ends_at: UtcTime | None = None
    failing: str = ""
    renews: bool = False


class DriftStanding(Frozen):
    """What the last look for drift left open."""

    looked_at: UtcTime | None = None
    open: int = 0
    value: dict[str, Decimal] = Field(default_factory=dict)
    is_over_limit: bool = False


class Overview(Frozen):
    """How one merchant stands at one moment."""

    merchant: str
    at: UtcTime
    config_version: int
    mode: str
    freshness: tuple[Freshness, ...] = ()
    steps: tuple[StepStanding, ...] = ()
    past_clock: int = Field(default=0, description="returns delivered and past their clock")
    causes: tuple[Cause, ...] = ()
    partners: tuple[PartnerStanding, ...] = ()
    keys: tuple[KeyStanding, ...] = ()
    drift: DriftStanding | None = None
    not_told: tuple[str, ...] = Field(
        default=(), description="parts that could not be read, each in a sentence"
    )


class QueueStanding(Frozen):
    """A queue of the stack's own; `age_seconds` of its oldest message where it is known."""

    name: str
    waiting: int
    in_work: int
    dead: int
    age_seconds: int | None = None
