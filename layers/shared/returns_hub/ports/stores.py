"""What a flow needs of the hub itself: time, the ledger, timelines, cursors, parked work, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.facts import Event
    from returns_hub.domain.merchant import LiveMerchant
    from returns_hub.domain.operations import (
        Claim,
        HeldElsewhere,
        Operation,
        OperationState,
        Settled,
    )
    from returns_hub.domain.overview.overview import Cause
    from returns_hub.domain.overview.search_terms import TermKind
    from returns_hub.domain.overview.steps import Step
    from returns_hub.domain.state import ReturnState
    from returns_hub.errors import Verdict


class Clock(Protocol):
    """Time, so that tests and the simulation can be its master."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def remaining(self) -> float:
        """Seconds left for the work in hand; partner timeouts are derived from it."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring how long something took."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ledger(Protocol):
    """Operations: who may send a write to a partner, and what became of it."""

    def claim(
        self, operation: Operation, owner: str, *, retry_rejected: bool = False
    ) -> Claim | HeldElsewhere | Settled:
        """Take the right to send, in one conditional write.

        The claim holds for `operation.lease_seconds`. A record that is CLAIMED and whose lease
        ended, or RELEASED, is taken over; `Claim.claimed_from` says which. The fence rises by one
        with every claim. A record that is CONFIRMED or REJECTED is returned as `Settled`; with
        `retry_rejected` one that is REJECTED is taken over as if it were RELEASED.
        `Claim.first_claimed_at` is of the first claim since it was last known not done.
        """

    def settle(
        self,
        claim: Claim,
        state: OperationState,
        *,
        partner_id: str = "",
        code: str = "",
        reason: str = "",
    ) -> None:
        """Write the outcome, in one write conditioned on the claim's fence.

        Raises:
            Conflict: The claim was taken over or settled by someone else meanwhile, with another
                outcome; repeating one's own settlement is not a conflict.
        """


@dataclass(frozen=True)
class Waiting:
    """A return that waits at a step.

    Args:
        return_id: Which.
        since: Since when it waits there.
        value: What it is worth in `currency`, as far as the portal told.
        delivered_at: The first delivery of it that nobody has booked in.
    """

    return_id: str
    since: datetime
    value: Decimal | None = None
    currency: str = ""
    delivered_at: datetime | None = None


class ReturnsStore(Protocol):
    """Timelines and the states they fold to."""

    def load(self, merchant: str, return_id: str) -> ReturnState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def append(self, state: ReturnState, events: Sequence[Event]) -> ReturnState:
        """Add events to the timeline of the state and store what it folds to; one transaction.

        External returns made by these events are linked to the return (see `find` and
        `open_external_returns`). They leave the open ones when their receipt is settled, unless
        with an outcome of `state.STILL_OPEN`, and come back when it is to be dealt with again.

        Returns:
            The new state.

        Raises:
            Conflict: Someone else appended meanwhile; load again and decide again.
        """

    def timeline(self, merchant: str, return_id: str) -> tuple[Event, ...]:
        """All events of a return, in order."""

    def find(self, merchant: str, external_return_id: int) -> str | None:
        """The id of the return that this external return was made for; read consistently."""

    def open_external_returns(
        self, merchant: str, after: int, limit: int
    ) -> tuple[tuple[int, str], ...]:
        """External returns whose receipt is not settled: (external return id, return id).

        In rising order of the external return's id, those above `after`. May be stale: use it to
        find work, never to decide.
        """

    def walk(
        self, merchant: str, since: datetime | None = None
    ) -> Iterator[tuple[tuple[str, datetime], ...]]:
        """Pages of (return id, time of its last event), of the merchant's returns whose last event
        is not before `since`, in no order; a page may be empty. May be stale.

        It reads the whole table, slowly, so as not to be in the flows' way: for a person who looks
        back, never for a flow.
        """

    def due(self, merchant: str, until: datetime, limit: int) -> tuple[tuple[datetime, str], ...]:
        """Returns that must be looked at by `until` (inclusive): (`due_at`, return id).

        The longest overdue first. May be stale: use it to find work, never to decide.
        """

    def load_many(self, merchant: str, return_ids: Iterable[str]) -> tuple[ReturnState, ...]:
        """The states of those of these returns that are known, in their order. May be stale."""

    def in_step(self, merchant: str, step: Step, limit: int) -> tuple[Waiting, ...]:
        """Returns that wait at this step, the longest waiting first. May be stale."""

    def find_by(self, merchant: str, kind: TermKind, term: str, limit: int) -> tuple[str, ...]:
        """Ids of returns that this term was told of, the newest first. May be stale.

        A return is found by what was known of it when it was seen and planned; see
        `search_terms.terms_of`. Of one append at most 60 terms are kept, orders' names first.
        """


@dataclass
class RunReport:
    """What a run tells of itself, kept with its cursor when the lease is given back.

    Args:
        ended: It came to its end, and had something to look at. A lease that is taken for anything
            else than a run leaves it False.
        failing: The code of its last failure; empty for none.
        found_new: It found something that it did not know before.
        is_partial: It succeeded although `failing` says what of it could not be done.
        is_idle: It had nothing to look at, e.g. was not due: its end says nothing.
    """

    ended: bool = False
    failing: str = ""
    found_new: bool = False
    is_partial: bool = False
    is_idle: bool = False

    @property
    def succeeded(self) -> bool:
        """It came to its end without a failure, or with one that counts for a part of it."""
        return self.ended and (self.is_partial or not self.failing)

    def failed(self, verdict: Verdict) -> None:
        """Something of the run failed."""
        self.failing = verdict.code


@dataclass(frozen=True)
class Lease:
    """The sole right to move a cursor until it ends, with the cursor's value when it was taken.

    `run` collects what the run tells of itself; it is written with the lease's release.
    """

    name: str
    owner: str
    fence: int
    until: datetime
    value: Mapping[str, Any] = field(default_factory=dict)
    run: RunReport = field(default_factory=RunReport, compare=False, repr=False)


@dataclass(frozen=True)
class CursorStanding:
    """A cursor as it stands, and when it was last worked on.

    Args:
        value: As in `Lease`.
        runs: How often its lease was taken; 0 when nobody ever worked on it.
        moved_at: When its value was last written; None when never.
        ended_at: When its lease was last given back; None when never.
        held_until: While a lease holds: until when.
        succeeded_at: When a run of it last came to its end without a failure; None when never.
        new_record_at: When a run of it last found something that it did not know before.
        failing: The code of the last run's failure; empty when it had none.
    """

    value: Mapping[str, Any] = field(default_factory=dict)
    runs: int = 0
    moved_at: datetime | None = None
    ended_at: datetime | None = None
    held_until: datetime | None = None
    succeeded_at: datetime | None = None
    new_record_at: datetime | None = None
    failing: str = ""


class Cursors(Protocol):
    """Cursors and leases. A cursor is a small JSON object; it never holds personal data."""

    def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """The lease, or None while someone else holds it. The fence rises with every lease."""

    def advance(self, lease: Lease, value: Mapping[str, Any]) -> None:
        """Store the cursor's new value, conditioned on the fence.

        Raises:
            Conflict: The lease was lost.
        """

    def release(self, lease: Lease) -> None:
        """Let go early, and keep what the run told of itself (`Lease.run`); losing the lease
        meanwhile is not an error."""

    def beat(self, name: str, failing: str = "") -> None:
        """Keep that a run took place that needed no lease, e.g. since nothing was to be done.

        Args:
            name: The cursor; its value and its lease are left alone.
            failing: The code of the run's failure; empty where it succeeded.
        """

    def read(self, name: str) -> Mapping[str, Any]:
        """The cursor's value as it stands, without a lease; empty when never written."""

    def standing(self, name: str) -> CursorStanding:
        """Where the cursor stands and when it was last worked on, without a lease; for people."""

    def standings(self, names: Iterable[str]) -> Mapping[str, CursorStanding]:
        """The same of many cursors at once, by name, without their values; may be stale. Those
        that nobody ever worked on are left out."""


@dataclass(frozen=True)
class ParkedItem:
    """Work set aside for a person.

    Args:
        merchant: Whose work; `_unknown` when the message does not say.
        parked_id: Deterministic, so that parking twice keeps one item.
        flow: Which flow set it aside.
        code: The verdict's bounded word.
        reason: One sentence in the field's words.
        subject: What it is about, e.g. a return's id.
        payload: What is needed to do it again. Personal data is left out where the portal still
            has it; a message that cannot be read is kept as it came, encrypted at rest.
        state: ``open``, ``replayed`` or ``discarded``.
        first_seen_at: When it was parked first; None before it is stored.
        closed_by: Who closed it.
        note: What they said about it.
        times: How often it was parked, as read; None before it is stored.
    """

    merchant: str
    parked_id: str
    flow: str
    code: str
    reason: str
    subject: str
    payload: str
    state: str = "open"
    first_seen_at: datetime | None = None
    closed_by: str = ""
    note: str = ""
    times: int | None = None


@dataclass(frozen=True)
class ParkedCauses:
    """Open items counted by flow and code, the longest waiting first.

    With `is_whole` False only some of the items were read: each count is at least so many.
    """

    causes: tuple[Cause, ...]
    is_whole: bool = True


class Parking(Protocol):
    """Parked work. Nothing is ever deleted: what a person dealt with is closed, and ages out."""

    def park(self, item: ParkedItem) -> None:
        """Keep the item, open; parking the same id again keeps the time it was first seen."""

    def list_parked(self, merchant: str, *, closed_too: bool = False) -> tuple[ParkedItem, ...]:
        """Open items of a merchant, with `closed_too` all, oldest first. May be stale."""

    def causes(self, merchant: str) -> ParkedCauses:
        """Open items of a merchant, counted by cause; bounded, and may be stale."""

    def close(self, item: ParkedItem, state: str, who: str, note: str = "") -> bool:
        """Close an open item as ``replayed`` or ``discarded``; False when it was not open.

        An item that was read, and parked again since, stays open: that is new work.
        """


class Merchants(Protocol):
    """Merchant files as they were applied."""

    def live(self, merchant: str) -> LiveMerchant:
        """The newest applied version.

        Raises:
            Permanent: No such merchant.
        """

    def all_ids(self) -> tuple[str, ...]:
        """Ids of every merchant with an applied file, sorted."""

    def ids_with_miinto(self) -> tuple[str, ...]:
        """Those of them whose file has the marketplace."""

    def ids_with_unleashed(self) -> tuple[str, ...]:
        """Those of them whose file has the ERP."""

    def ids_with_feed(self) -> tuple[str, ...]:
        """Those of them whose file has anything for the schedule of stock intelligence."""


class Catalogue(Protocol):
    """Product ids that were looked up before; entries expire after some days."""

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, int]:
        """Warehouse product ids of those of the SKUs that are known."""

    def remember(self, merchant: str, products: Mapping[str, int]) -> None:
        """Keep SKU -> product id."""

    def forget(self, merchant: str, skus: Iterable[str]) -> None:
        """Drop entries that proved wrong."""


class KeyRenewal(Protocol):
    """The warehouse key that has to be renewed before it ends."""

    def renew_if_due(self) -> str:
        """Renew when due; a sentence on what was done. A static key is never renewed."""


class WorkQueue(Protocol):
    """Where a schedule's tick puts each merchant's share of the work."""

    def send(self, merchant: str) -> None:
        """Ask for one merchant's share."""


@dataclass(frozen=True)
class Measured:
    """A metric's values at one moment, for `Telemetry.measure`.

    Args:
        values: One, or as many as were measured since the last time, at most 100.
        unit: CloudWatch's word for what they are.
    """

    values: tuple[float, ...]
    unit: Literal["Count", "Milliseconds", "None"] = "Count"


class Telemetry(Protocol):
    """Counters and log lines, without secrets and personal data."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Add to a metric. Dimensions are bounded words (merchant, flow, outcome, partner)."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """Several metrics with the same dimensions, in one line; nothing where there are none."""

    def log(self, message: str, **fields: object) -> None:
        """One structured line."""
