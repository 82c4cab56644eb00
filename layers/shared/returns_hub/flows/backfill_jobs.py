"""Backfill jobs: how far each came, kept under its lease so that the next run goes on from there.

============================================  ====================================================
cursor                                        what
============================================  ====================================================
``backfill/<merchant>/<job>``                 the job: its lease, how far it came, what it counted
``backfill/<merchant>/<job>/stop``            that somebody cancelled it; read by whoever runs it
``backfills/<merchant>``                      the names of the newest jobs
============================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from returns_hub.domain.backfill import SENT, Ending, Selection
from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.world import Stores
from returns_hub.ports import Clock, Cursors, Lease

LEASE_SECONDS = 180.0
RENEW_BELOW = timedelta(seconds=90)
INDEX_SECONDS = 20.0
INDEX_TRIES = 5
MOST_LISTED = 100
MOST_DEALT = 2000
"""Returns of the piece in hand that are remembered; a cursor is one small item."""
MOST_UNKNOWN = 500

JobName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$")]


class Job(Frozen):
    """A backfill: what is looked for, and how far it came.

    Args:
        name: Unique for the merchant.
        digest: Of the selection; the name stands for no other.
        selection: What is looked for; ids are named by every run anew, and not kept.
        of: How many ids there are; 0 for a window.
        started_at: When it was begun, and
        started_by: by whom.
        moved_at: When it moved last.
        state: Where it stands.
        ended_by: Who cancelled it.
        position: How far it came; everything before it is dealt with.
        dealt: Returns behind the position that are dealt with: id -> version.
        counts: How many returns ended in which way.
        unknown: Ids that the portal does not know, with what it said.
    """

    name: JobName
    digest: str
    selection: Selection
    of: int = Field(default=0, ge=0)
    started_at: UtcTime
    started_by: str
    moved_at: UtcTime
    state: Literal["unfinished", "finished", "cancelled"] = "unfinished"
    ended_by: str = ""
    position: dict[str, str | float] = Field(default_factory=dict)
    dealt: dict[str, str] = Field(default_factory=dict)
    counts: dict[Ending, int] = Field(default_factory=dict)
    unknown: dict[str, str] = Field(default_factory=dict)

    @property
    def sent(self) -> int:
        """How many returns were sent to be announced."""
        return sum(self.counts.get(ending, 0) for ending in SENT)

    @property
    def total(self) -> int:
        """How many returns were dealt with."""
        return sum(self.counts.values())

    def with_one(self, return_id: str, version: str, ending: Ending, said: str = "") -> Job:
        """With one more return dealt with."""
        unknown = self.unknown
        if ending is Ending.UNKNOWN_ID and len(unknown) < MOST_UNKNOWN:
            unknown = {**unknown, return_id: said}
        return self.model_copy(
            update={
                "dealt": {**self.dealt, return_id: version},
                "counts": {**self.counts, ending: self.counts.get(ending, 0) + 1},
                "unknown": unknown,
            }
        )


def _name(merchant: str, job: str) -> str:
    return f"backfill/{merchant}/{job}"


def read_job(cursors: Cursors, merchant: str, job: str) -> Job | None:
    """The job as it stands."""
    value = cursors.read(_name(merchant, job))
    return Job.model_validate(value, extra="ignore") if value else None


def list_jobs(cursors: Cursors, merchant: str) -> tuple[Job, ...]:
    """The newest jobs of a merchant, those begun last first."""
    names = cursors.read(_index(merchant)).get("jobs", [])
    found = (read_job(cursors, merchant, name) for name in reversed(names))
    return tuple(job for job in found if job is not None)


class Held:
    """A job under its lease."""

    def __init__(self, stores: Stores, merchant: str, job: Job, lease: Lease) -> None:
        self._stores = stores
        self._merchant = merchant
        self._lease = lease
        self._stored = job
        self.job = job

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has cancelled it meanwhile."""
        return bool(self._cancelled_by())

    def save(self, **changes: Any) -> None:
        """Store the job with these changes.

        Raises:
            Conflict: The lease was lost, and somebody else has taken the job.
        """
        now = self._stores.clock.now()
        kept = dict(list(self.job.dealt.items())[-MOST_DEALT:])
        self.job = self.job.model_copy(update={"dealt": kept, **changes, "moved_at": now})
        self._stores.cursors.advance(self._lease, self.job.model_dump(mode="json"))
        self._stored = self.job

    @property
    def is_saved(self) -> bool:
        """Whether the store holds all that was done."""
        return self._stored is self.job

    def end(self, state: Literal["finished", "cancelled"]) -> None:
        """Store that the job is over.

        Raises:
            Conflict: As above.
        """
        by = self._cancelled_by() if state == "cancelled" else ""
        self.save(state=state, ended_by=by, dealt={})

    def keep_lease(self) -> None:
        """Have the lease hold for a while from now.

        Raises:
            Conflict: Somebody else has taken the job.
        """
        stores = self._stores
        if self._lease.until - stores.clock.now() > RENEW_BELOW:
            return
        self.release()
        taken = stores.cursors.acquire(self._lease.name, stores.owner, LEASE_SECONDS)
        if taken is None or taken.fence != self._lease.fence + 1:
            if taken is not None:
                stores.cursors.release(taken)
            raise Conflict(f"another run has taken the backfill {self.job.name}")
        self._lease = taken

    def release(self) -> None:
        """Let go."""
        self._stores.cursors.release(self._lease)

    def _cancelled_by(self) -> str:
        value = self._stores.cursors.read(_stop(self._merchant, self.job.name))
        return str(value.get("by", ""))


@contextmanager
def held(
    stores: Stores, merchant: str, name: str, selection: Selection, who: str, *, restart: bool
) -> Iterator[Held]:
    """The job with this name: begun, or gone on with where it stopped.

    Raises:
        Retryable: Another run holds it.
        Permanent: It is over, or the name stands for another selection.
    """
    _enlist(stores, merchant, name)
    lease = stores.cursors.acquire(_name(merchant, name), stores.owner, LEASE_SECONDS)
    if lease is None:
        raise Retryable(
            "backfill.in_work",
            f"another run works on {name}, or was cut off less than "
            f"{LEASE_SECONDS / 60:.0f} minutes ago; come back then",
            after=LEASE_SECONDS,
        )
    try:
        stored = Job.model_validate(lease.value, extra="ignore") if lease.value else None
        if stored is None or restart:
            _clear_stop(stores, merchant, name)
            one = Held(stores, merchant, _new(name, selection, who, stores.clock), lease)
            one.save()
        else:
            _require_open(stored, selection)
            one = Held(stores, merchant, stored, lease)
    except BaseException:
        stores.cursors.release(lease)
        raise
    try:
        yield one
    finally:
        one.release()


def _new(name: str, selection: Selection, who: str, clock: Clock) -> Job:
    now = clock.now()
    ends = min(selection.until, now) if selection.until else None
    return Job(
        name=name,
        digest=selection.digest,
        selection=selection.model_copy(update={"ids": (), "until": ends}),
        of=len(selection.ids),
        started_at=now,
        started_by=who,
        moved_at=now,
    )


def _require_open(job: Job, selection: Selection) -> None:
    if job.digest != selection.digest:
        raise Permanent(
            "backfill.other_selection",
            f"{job.name} is the name of another backfill ({job.selection.in_words}); give another "
            "--name, or --restart to forget that one",
        )
    if job.state == "finished":
        raise Permanent(
            "backfill.finished",
            f"{job.name} was finished on {job.moved_at:%Y-%m-%d at %H:%M} (UTC): "
            f"{job.sent} sent; --restart does it again from the beginning",
        )
    if job.state == "cancelled":
        raise Permanent(
            "backfill.cancelled",
            f"{job.name} was cancelled by {job.ended_by}; --restart begins it anew",
        )


def cancel(stores: Stores, merchant: str, name: str, who: str) -> str:
    """Have a job stop for good, wherever it runs.

    Returns:
        ``cancelled``, or ``stopping`` while another process still has to see it, or the state in
        which it had ended before.

    Raises:
        Permanent: No such job.
    """
    job = read_job(stores.cursors, merchant, name)
    if job is None:
        raise Permanent("backfill.unknown", f"{merchant} has no backfill {name}")
    if job.state != "unfinished":
        return job.state
    asked = {"by": who, "at": stores.clock.now().isoformat()}
    _write(stores, _stop(merchant, name), asked)
    lease = stores.cursors.acquire(_name(merchant, name), stores.owner, INDEX_SECONDS)
    if lease is None:
        return "stopping"
    try:
        one = Held(stores, merchant, Job.model_validate(lease.value, extra="ignore"), lease)
        if one.job.state == "unfinished":
            one.end("cancelled")
    finally:
        stores.cursors.release(lease)
    return one.job.state


def _clear_stop(stores: Stores, merchant: str, name: str) -> None:
    if stores.cursors.read(_stop(merchant, name)):
        _write(stores, _stop(merchant, name), {})


def _enlist(stores: Stores, merchant: str, name: str) -> None:
    """Onto the list of the merchant's jobs, as the newest."""
    if name in stores.cursors.read(_index(merchant)).get("jobs", []):
        return
    with _taken(stores, _index(merchant)) as lease:
        names = [one for one in lease.value.get("jobs", []) if one != name]
        stores.cursors.advance(lease, {"jobs": [*names[-(MOST_LISTED - 1) :], name]})


def _write(stores: Stores, cursor: str, value: dict[str, Any]) -> None:
    with _taken(stores, cursor) as lease:
        stores.cursors.advance(lease, value)


@contextmanager
def _taken(stores: Stores, cursor: str) -> Iterator[Lease]:
    """A cursor that is held for a moment only, by whoever changes it."""
    for _ in range(INDEX_TRIES):
        lease = stores.cursors.acquire(cursor, stores.owner, INDEX_SECONDS)
        if lease is not None:
            try:
                yield lease
            finally:
                stores.cursors.release(lease)
            return
        stores.clock.sleep(INDEX_SECONDS / INDEX_TRIES)
    raise Retryable("backfill.in_work", "another command is at it; come back in a minute", after=60)


def _stop(merchant: str, job: str) -> str:
    return f"{_name(merchant, job)}/stop"


def _index(merchant: str) -> str:
    return f"backfills/{merchant}"
