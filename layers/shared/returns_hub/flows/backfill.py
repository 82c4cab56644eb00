"""Backfill: returns of the portal's past are looked for, and announced where nobody told of them.

It goes beside the live flow and never before it: a cursor of its own, every call to the portal
within a budget and behind the gate that all share, and no more than some hundred messages in the
queue. Whatever ends it, the same job goes on where it stopped; what was sent just before may be
sent once more, which is harmless: the message's flow knows what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from returns_hub.domain.backfill import SENT, Ending, Selection, judge, occurred_at
from returns_hub.domain.events import BACKFILL, thin_event
from returns_hub.domain.returns import ReturnSummary
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable, Verdict
from returns_hub.flows.backfill_jobs import Held, Job
from returns_hub.flows.way import Way
from returns_hub.flows.world import World

TURNS_OF_ONE = 2
"""Calls of the portal that announcing one return makes: it is read, and told on its timeline."""
MOST_WAITING = 200
"""Messages in the queue, from which on nothing is added: the live ones would wait behind them."""
LOOK_EVERY = 10
WAIT_SECONDS = 15.0
LONGEST_WAIT = 120.0
MOST_WAITS = 5
"""Times in a row that the partner may ask for patience, before the run ends."""
SAVE_EVERY = 20
FIRST_STEP = timedelta(days=1)
LEAST_STEP = timedelta(minutes=1)
MOST_STEP = timedelta(days=3650)
FEW, MANY = 50, 400
"""Returns of one piece, from which the next piece of the window is longer, or shorter."""
IDS_AT_ONCE = 10


@dataclass(frozen=True)
class NotThere:
    """The portal does not know a return; `said` is why, in a sentence."""

    id: str
    said: str


Found = ReturnSummary | NotThere


class _Walk(Protocol):
    """Over a selection, piece by piece; each piece can be begun again."""

    def piece(self) -> Iterator[Found] | None:
        """The returns of the piece in hand; None behind the last one."""

    def go_on(self, count: int) -> None:
        """The piece is dealt with; it held `count` returns."""

    def position(self) -> dict[str, str | float]:
        """Where the piece in hand begins, to come back to it."""

    def share(self) -> float:
        """About how much of the selection lies behind, 0 to 1."""


class _Window:
    """What changed in a window, oldest first, in pieces of a length that fits."""

    def __init__(
        self, world: World, selection: Selection, position: dict[str, str | float]
    ) -> None:
        if selection.since is None or selection.until is None:
            raise ValueError("a window has two ends")
        self._world = world
        self._selection = selection
        self._first = selection.since
        self._until = min(selection.until, world.stores.clock.now())
        at = position.get("since")
        self._since = datetime.fromisoformat(str(at)) if at else selection.since
        self._step = timedelta(seconds=float(position.get("step", FIRST_STEP.total_seconds())))

    @property
    def _ends(self) -> datetime:
        return self._until if self._until - self._since <= self._step else self._since + self._step

    def piece(self) -> Iterator[Found] | None:
        """See `_Walk.piece`."""
        if self._since >= self._until:
            return None
        return self._read()

    def _read(self) -> Iterator[Found]:
        portal = self._world.portal
        for status in self._selection.statuses or (None,):
            yield from portal.returns_updated(self._since, self._ends, status)

    def go_on(self, count: int) -> None:
        """See `_Walk.go_on`."""
        self._since = self._ends
        if count < FEW:
            self._step = min(self._step * 2, MOST_STEP)
        elif count > MANY:
            self._step = max(self._step / 2, LEAST_STEP)

    def position(self) -> dict[str, str | float]:
        """See `_Walk.position`."""
        return {"since": self._since.isoformat(), "step": self._step.total_seconds()}

    def share(self) -> float:
        """See `_Walk.share`."""
        return (self._since - self._first) / (self._until - self._first)


class _Ids:
    """Returns by their ids, in the order given."""

    def __init__(
        self, world: World, selection: Selection, position: dict[str, str | float]
    ) -> None:
        self._world = world
        self._ids = selection.ids
        self._index = int(position.get("index", 0))

    def piece(self) -> Iterator[Found] | None:
        """See `_Walk.piece`."""
        return self._read() if self._index < len(self._ids) else None

    def _read(self) -> Iterator[Found]:
        for return_id in self._ids[self._index : self._index + IDS_AT_ONCE]:
            try:
                found = self._world.portal.read_return(return_id)
            except Permanent as verdict:
                yield NotThere(return_id, verdict.reason)
                continue
            yield ReturnSummary(
                id=return_id,
                status=found.status,
                created_at=found.created_at,
                updated_at=found.updated_at,
            )

    def go_on(self, count: int) -> None:  # noqa: ARG002 - a piece of ids is as long as it is
        """See `_Walk.go_on`."""
        self._index += IDS_AT_ONCE

    def position(self) -> dict[str, str | float]:
        """See `_Walk.position`."""
        return {"index": float(self._index)}

    def share(self) -> float:
        """See `_Walk.share`."""
        return self._index / len(self._ids)


def _walk(world: World, selection: Selection, position: dict[str, str | float]) -> _Walk:
    kind = _Ids if selection.ids else _Window
    return kind(world, selection, position)


def _ending(found: Found, selection: Selection, world: World) -> Ending:
    if isinstance(found, NotThere):
        return Ending.UNKNOWN_ID
    state = world.stores.returns.load(world.merchant, found.id)
    merchant = world.live.merchant
    return judge(found, state, merchant, even_before_live=selection.even_before_live)


# -- looking only -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """One return, and what would become of it. `share` is about how much lies behind."""

    found: Found
    ending: Ending
    share: float


def look(world: World, selection: Selection) -> Iterator[Looked]:
    """Each return of the selection, and what would become of it. Nothing is sent or kept.

    Raises:
        Retryable: The portal cannot be asked.
    """
    walk = _walk(world, selection, {})
    while (piece := walk.piece()) is not None:
        seen: set[tuple[str, str]] = set()
        for found in piece:
            if _key(found) not in seen:
                seen.add(_key(found))
                yield Looked(found, _ending(found, selection, world), walk.share())
        walk.go_on(len(seen))


def _key(found: Found) -> tuple[str, str]:
    return found.id, "" if isinstance(found, NotThere) else found.updated_at.isoformat()


# -- doing it ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manner:
    """How a run goes about it.

    Args:
        way: The approved-returns queue.
        take_turns: Waits until so many calls of the portal fit into the budget.
        limit: After so many returns sent the run ends; None for all.
        tell: Told after each return: the job, about how much lies behind (0 to 1), and what is
            being waited for, if anything.
    """

    way: Way
    take_turns: Callable[[int], None]
    limit: int | None
    tell: Callable[[Job, float, str], None]


def run(world: World, job: Held, selection: Selection, manner: Manner) -> str:
    """Send what nobody told of, from where the job stands.

    Args:
        world: The merchant's world, its portal within the budget.
        job: The job, under its lease.
        selection: What is looked for, ids included.
        manner: How.

    Returns:
        ``finished``, ``cancelled``, or ``limit`` when this run may send no more.

    Raises:
        Retryable: A partner cannot be asked; the next run goes on.
        Conflict: Another run has taken the job.
    """
    return _Run(world, job, selection, manner).run()


class _Stop(Exception):  # noqa: N818 - an ending, not a fault
    """The run ends here, in this word."""


class _Run:
    def __init__(self, world: World, job: Held, selection: Selection, manner: Manner) -> None:
        # The window's end is when the job was begun, whenever a later run goes on with it.
        self._selection = job.job.selection.model_copy(update={"ids": selection.ids})
        self._world = world
        self._held = job
        self._manner = manner
        self._walk = _walk(world, self._selection, job.job.position)
        self._sent = 0
        self._unsaved = 0

    def run(self) -> str:
        held = self._held
        try:
            self._work()
        except _Stop as stop:
            ending = str(stop)
            if ending == "cancelled":
                held.end("cancelled")
            else:
                held.save()
            return ending
        except BaseException:
            # What was done since the last time is kept, if it can be; else it is done once more.
            if not held.is_saved:
                with suppress(Verdict, Conflict):
                    held.save()
            raise
        held.end("finished")
        self._tell("")
        return "finished"

    def _work(self) -> None:
        held, waits = self._held, 0
        while (piece := self._walk.piece()) is not None:
            before = held.job.total
            try:
                self._deal_with(piece)
            except Retryable as verdict:
                waits = waits + 1 if held.job.total == before else 1
                hopeless = isinstance(verdict, Misconfigured) or verdict.after > LONGEST_WAIT
                if hopeless or waits > MOST_WAITS:
                    raise
                self._wait(verdict.after, verdict.reason)
                continue
            waits = 0
            self._walk.go_on(len(held.job.dealt))
            self._check_in(position=self._walk.position(), dealt={})

    def _deal_with(self, piece: Iterator[Found]) -> None:
        for found in piece:
            return_id, version = _key(found)
            if self._held.job.dealt.get(return_id) == version:
                continue
            said = found.said if isinstance(found, NotThere) else ""
            ending = _ending(found, self._selection, self._world)
            if isinstance(found, ReturnSummary) and ending in SENT:
                self._send(found, ending)
            self._held.job = self._held.job.with_one(return_id, version, ending, said)
            self._tell("")
            self._unsaved += 1
            if self._unsaved >= SAVE_EVERY:
                self._check_in()

    def _send(self, found: ReturnSummary, ending: Ending) -> None:
        if self._sent == self._manner.limit:
            raise _Stop("limit")
        if self._sent % LOOK_EVERY == 0:
            while (waiting := self._manner.way.waiting()) >= MOST_WAITING:
                self._wait(WAIT_SECONDS, f"{waiting} messages wait in the queue")
        self._manner.take_turns(TURNS_OF_ONE)
        world = self._world
        at = occurred_at(found, ending, world.live.merchant)
        self._manner.way.publish(thin_event(world.merchant, found.id, at, BACKFILL))
        self._sent += 1

    def _wait(self, seconds: float, why: str) -> None:
        self._tell(why)
        self._check_in()
        self._world.stores.clock.sleep(seconds)

    def _check_in(self, **changes: Any) -> None:
        """Keep what was done, keep the lease, and hear whether the job is to stop."""
        self._unsaved = 0
        self._held.save(**changes)
        self._held.keep_lease()
        if self._held.is_cancelled:
            raise _Stop("cancelled")

    def _tell(self, waits_for: str) -> None:
        self._manner.tell(self._held.job, self._walk.share(), waits_for)
