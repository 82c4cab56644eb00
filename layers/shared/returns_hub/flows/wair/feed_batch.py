"""Everything that is told of one run, between a start and a stop.

Each call is an operation of the ledger under a key of its own, and is made at most three times.
Rows are upserts by stable ids (docs.wair.ai, "Integration core principles"): one that is told again
changes nothing.

The cursor names a batch before it is opened, and until it is known to be closed: whoever comes next
closes one that was left open, before anything else is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from returns_hub.domain.operations import Claim, LookUp, NotFound
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.wair.feed_cursor import Place
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports.feed import Part

FLOW = "wair_feed"
SETTLE_SECONDS = 30.0
GIVE_UP_SECONDS = 3600.0
TRIES = 3
WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 20.0
"""What wants more patience is the next run's."""
LATE = timedelta(seconds=60)
"""How long after its end nobody heard of a request may still be taken in: rows that are told
meanwhile would be overwritten by older ones. The partner publishes nothing of it."""
TIME_FOR_A_PART = 2.5 * REQUEST_SECONDS
"""Of telling some rows, and of closing the batch."""


def feed_key(merchant: str, run: str, what: str, attempt: int) -> str:
    """One request for each step of a batch, and one for each time it is tried again."""
    return f"feed/{merchant}/{run}/{what}/{attempt}"


@dataclass(frozen=True)
class Told:
    """What became of a set.

    Args:
        rows: How many rows were told, from the first on.
        trouble: What stopped it; None when all were told, or there was no time for the rest.
        is_known: Whether it is known which rows were told.
    """

    rows: int = 0
    trouble: Verdict | None = None
    is_known: bool = True


class Batch:
    """The batch of one run; opened by the first rows.

    Args:
        world: The merchant's.
        place: The feed's cursor.
    """

    def __init__(self, world: FeedWorld, place: Place) -> None:
        self._world = world
        self._place = place
        self._feed = world.require_intelligence().feed
        self._connection = world.require_intelligence().connection
        self._run = ""

    def has_time(self) -> bool:
        """Whether some rows may be told, and the batch closed after that."""
        return self._world.stores.clock.remaining() >= TIME_FOR_A_PART

    def close_left_open(self) -> None:
        """Close what a run before this one left open.

        Raises:
            Retryable: Not now.
            UnknownOutcome: Nobody knows whether it is closed.
        """
        if self._place.cursor.open:
            self._end(self._place.cursor.open)

    def close(self) -> Verdict | None:
        """Close the batch, if it is open; why it could not be. The next run tries again."""
        if not self._run:
            return None
        run, self._run = self._run, ""
        try:
            self._end(run)
        except Verdict as verdict:
            return verdict
        return None

    def tell(
        self, data_set: DataSetName, rows: Iterator[Row], count: int, *, full: bool = False
    ) -> Told:
        """Tell the rows of a set, in parts.

        Args:
            data_set: Which.
            rows: They; made when they are needed.
            count: How many there are.
            full: What is not among them is gone.
        """
        chunk = self._connection.chunk_of(data_set)
        parts = -(-count // chunk)
        done = 0
        for number in range(1, parts + 1):
            if not self.has_time():
                return Told(done)
            some = tuple(islice(rows, chunk))
            part = Part(data_set, some, number, full=full, more=number < parts)
            tries = _Tries(self._world)
            try:
                self._open()
                tries.run(
                    self._run, f"{data_set}/{number}", self._telling(part), self._may_come_late
                )
            except Verdict as verdict:
                return Told(done, verdict, is_known=not tries.was_unknown)
            done += len(some)
        return Told(done)

    def _telling(self, part: Part) -> Callable[[datetime], str]:
        return lambda send_by: self._feed.tell(self._run, part, send_by)

    def _may_come_late(self) -> None:
        self._place.advance(unsure_until=self._world.stores.clock.now() + LATE)

    def _open(self) -> None:
        if self._run:
            return
        self.close_left_open()
        number = self._place.cursor.number + 1
        now = self._world.stores.clock.now()
        run = f"{now:%Y%m%dT%H%M%SZ}-{number}"
        self._place.advance(number=number, open=run)
        self._run = run
        tries = _Tries(self._world)
        try:
            tries.run(run, "start", lambda send_by: self._feed.begin(run, send_by))
        except Verdict as verdict:
            if not tries.was_unknown:
                self._run = ""
                self._place.advance(open="")
            if isinstance(verdict, Permanent):
                raise Misconfigured(
                    "wair.no_batch",
                    f"no batch can be opened: {verdict.reason}. Without batches: wair.batch: false",
                ) from None
            raise

    def _end(self, run: str) -> None:
        def send(send_by: datetime) -> str:
            self._feed.end(run, send_by)
            return ""

        try:
            _Tries(self._world).run(run, "stop", send)
        except Permanent as verdict:
            # Nobody could close it by trying again, and what is told must not wait for that.
            self._world.world.park(
                FLOW,
                f"{FLOW}/batch/{run}",
                Permanent(
                    "wair.batch_not_closed",
                    f"batch {run} cannot be closed: {verdict.reason}. Look there whether its rows "
                    "were taken; the feed goes on with new ones",
                ),
                subject=f"feed/batch/{run}",
                payload=json.dumps({"merchant": self._world.merchant, "run": run}),
            )
        self._place.advance(open="")


class _Tries:
    """One request, tried again while that helps; `was_unknown`: one of them may be carried out."""

    def __init__(self, world: FeedWorld) -> None:
        self._world = world
        self.was_unknown = False

    def run(
        self,
        run: str,
        what: str,
        send: Callable[[datetime], str],
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        """Make it.

        Args:
            run: The batch.
            what: Which request of it.
            send: Makes it.
            lost: Told each time that nobody knows its end.

        Raises:
            Verdict: What became of the last try; UnknownOutcome when one before may be done.
        """
        first: UnknownOutcome | None = None
        last: Verdict
        for attempt in range(1, TRIES + 1):
            try:
                self._once(feed_key(self._world.merchant, run, what, attempt), send)
            except UnknownOutcome as verdict:
                first, wait, last = first or verdict, WAIT_SECONDS, verdict
                lost()
            except Retryable as verdict:
                wait, last = verdict.after, first or verdict
                if isinstance(verdict, Misconfigured) or wait > LONGEST_WAIT_SECONDS:
                    self.was_unknown = first is not None
                    raise last from None
            except Permanent:
                self.was_unknown = first is not None
                raise
            else:
                return
            clock = self._world.stores.clock
            if attempt == TRIES or clock.remaining() < TIME_FOR_A_PART + wait:
                self.was_unknown = first is not None
                raise last from None
            clock.sleep(wait)
        raise AssertionError("the last try ends it")

    def _once(self, key: str, send: Callable[[datetime], str]) -> None:
        world = self._world.world
        operation = world.operation(key, settle=SETTLE_SECONDS, give_up=GIVE_UP_SECONDS)

        def look_up(_: Claim) -> LookUp:
            # Absolute rows, and brackets that may be set twice: again they change nothing.
            return NotFound()

        world.run(operation, send=send, look_up=look_up)
