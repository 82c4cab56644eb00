"""In-memory stores that behave as the DynamoDB ones do; tests/contract holds both to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from returns_hub.domain.facts import (
    Event,
    ExternalReturnMade,
    OperatorActed,
    ReceiptSettled,
    Reopened,
)
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.domain.operations import (
    Claim,
    ClaimedFrom,
    HeldElsewhere,
    Operation,
    OperationState,
    Settled,
)
from returns_hub.domain.overview.overview import Cause
from returns_hub.domain.overview.search_terms import Term, TermKind, fresh_terms, normalised
from returns_hub.domain.overview.steps import Step, delivered_since
from returns_hub.domain.state import STILL_OPEN, ReturnState
from returns_hub.domain.timeline import apply
from returns_hub.errors import Conflict, Misconfigured, Permanent
from returns_hub.observability import DIMENSIONS
from returns_hub.ports import (
    Capabilities,
    CursorStanding,
    Lease,
    Measured,
    ParkedCauses,
    ParkedItem,
    RunReport,
    Waiting,
)
from returns_hub.ports.desk import ParkedPage, ParkedRow

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class TestClock:
    """Time that goes when told."""

    __test__ = False

    def __init__(self, start: datetime = START) -> None:
        self.moment = start
        self.left = 60.0

    def now(self) -> datetime:
        return self.moment

    def __call__(self) -> datetime:
        return self.moment

    def remaining(self) -> float:
        return self.left

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Telemetry:
    """Keeps what it is told, and refuses the dimensions that the real one refuses."""

    def __init__(self) -> None:
        self.counts: list[tuple[str, float, dict[str, str]]] = []
        self.lines: list[tuple[str, dict[str, object]]] = []

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        assert dimensions.keys() <= DIMENSIONS, f"not a dimension: {dimensions}"
        self.counts.append((metric, value, dimensions))

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        assert dimensions.keys() <= DIMENSIONS, f"not a dimension: {dimensions}"
        for metric, measured in metrics.items():
            assert 0 < len(measured.values) <= 100, metric
            self.counts += [(metric, value, dimensions) for value in measured.values]

    def log(self, message: str, **fields: object) -> None:
        self.lines.append((message, fields))

    def last(self, metric: str, **dimensions: str) -> float | None:
        """The newest value of a gauge with exactly these dimensions; None when it has none."""
        found = [v for name, v, given in self.counts if name == metric and given == dimensions]
        return found[-1] if found else None

    def total(self, metric: str, **dimensions: str) -> float:
        return sum(
            value
            for name, value, found in self.counts
            if name == metric and dimensions.items() <= found.items()
        )


@dataclass
class _Row:
    claim: Claim
    state: OperationState
    settled: Settled | None = None


class Ledger:
    """`ports.Ledger`."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.rows: dict[str, _Row] = {}

    def claim(
        self, operation: Operation, owner: str, *, retry_rejected: bool = False
    ) -> Claim | HeldElsewhere | Settled:
        now = self._clock.now()
        row = self.rows.get(operation.key)
        origin, fence, first = ClaimedFrom.NOTHING, 0, now
        if row is not None:
            fence, first = row.claim.fence, row.claim.first_claimed_at
            rejected = row.state is OperationState.REJECTED
            if row.state is OperationState.CONFIRMED or (rejected and not retry_rejected):
                assert row.settled is not None
                return row.settled
            if row.state is OperationState.CLAIMED and row.claim.lease_until >= now:
                return HeldElsewhere(row.claim.lease_until, first)
            unsettled = row.state is OperationState.CLAIMED
            origin = ClaimedFrom.UNSETTLED if unsettled else ClaimedFrom.RELEASED
            if not unsettled:
                first = now
        claim = Claim(
            key=operation.key,
            owner=owner,
            fence=fence + 1,
            lease_until=now + timedelta(seconds=operation.lease_seconds),
            first_claimed_at=first,
            claimed_from=origin,
        )
        self.rows[operation.key] = _Row(claim, OperationState.CLAIMED)
        return claim

    def settle(
        self,
        claim: Claim,
        state: OperationState,
        *,
        partner_id: str = "",
        code: str = "",
        reason: str = "",
    ) -> None:
        row = self.rows[claim.key]
        settled = Settled(state, partner_id, code, reason)
        if row.claim.fence != claim.fence or row.state is not OperationState.CLAIMED:
            same = row.claim.fence == claim.fence and row.settled is not None
            if same and row.settled and row.settled.partner_id == partner_id:
                return
            raise Conflict(claim.key)
        self.rows[claim.key] = replace(row, state=state, settled=settled)


class Returns:
    """`ports.ReturnsStore`."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], ReturnState] = {}
        self.events: dict[tuple[str, str], list[Event]] = {}
        self.links: dict[tuple[str, int], tuple[str, bool]] = {}
        self.terms: dict[tuple[str, Term], list[tuple[datetime, str]]] = {}

    def load(self, merchant: str, return_id: str) -> ReturnState:
        empty = ReturnState(merchant=merchant, return_id=return_id)
        return self.states.get((merchant, return_id), empty)

    def append(self, state: ReturnState, events: Sequence[Event]) -> ReturnState:
        key = (state.merchant, state.return_id)
        if self.load(*key).version != state.version:
            raise Conflict(state.return_id)
        after = state
        for event in events:
            after = apply(after, event)
        self.states[key] = after
        self.events.setdefault(key, []).extend(events)
        for term in fresh_terms(state, after)[:60]:
            row = (events[-1].at, state.return_id)
            self.terms.setdefault((state.merchant, term), []).append(row)
        for event in events:
            match event.fact:
                case ExternalReturnMade(external_return_id=made):
                    self.links[state.merchant, made] = (state.return_id, True)
                case ReceiptSettled(external_return_id=made, outcome=outcome):
                    self.links[state.merchant, made] = (state.return_id, outcome in STILL_OPEN)
                case OperatorActed(act="replayed" | "answered") | Reopened():
                    for receipt in after.receipts:
                        if not receipt.settled:
                            link = (state.return_id, True)
                            self.links[state.merchant, receipt.external_return_id] = link
        return after

    def timeline(self, merchant: str, return_id: str) -> tuple[Event, ...]:
        return tuple(self.events.get((merchant, return_id), ()))

    def find(self, merchant: str, external_return_id: int) -> str | None:
        found = self.links.get((merchant, external_return_id))
        return found[0] if found else None

    def open_external_returns(
        self, merchant: str, after: int, limit: int
    ) -> tuple[tuple[int, str], ...]:
        rows = sorted(
            (made, return_id)
            for (owner, made), (return_id, is_open) in self.links.items()
            if owner == merchant and is_open and made > after
        )
        return tuple(rows[:limit])

    def walk(
        self, merchant: str, since: datetime | None = None
    ) -> Iterator[tuple[tuple[str, datetime], ...]]:
        for (owner, return_id), events in list(self.events.items()):
            last = events[-1].at
            if owner == merchant and (since is None or last >= since):
                yield ((return_id, last),)

    def due(self, merchant: str, until: datetime, limit: int) -> tuple[tuple[datetime, str], ...]:
        rows = sorted(
            (state.due_at, return_id)
            for (owner, return_id), state in self.states.items()
            if owner == merchant and state.due_at is not None and state.due_at <= until
        )
        return tuple(rows[:limit])

    def load_many(self, merchant: str, return_ids: Iterable[str]) -> tuple[ReturnState, ...]:
        keys = ((merchant, return_id) for return_id in dict.fromkeys(return_ids))
        return tuple(self.states[key] for key in keys if key in self.states)

    def in_step(self, merchant: str, step: Step, limit: int) -> tuple[Waiting, ...]:
        rows = [
            Waiting(
                return_id, state.step_since, state.value, state.currency, delivered_since(state)
            )
            for (owner, return_id), state in self.states.items()
            if owner == merchant and state.step is step and state.step_since is not None
        ]
        return tuple(sorted(rows, key=lambda row: (row.since, row.return_id))[:limit])

    def find_by(self, merchant: str, kind: TermKind, term: str, limit: int) -> tuple[str, ...]:
        rows = self.terms.get((merchant, Term(kind, normalised(kind, term))), [])
        return tuple(return_id for _, return_id in sorted(rows, reverse=True)[:limit])


class Cursors:
    """`ports.Cursors`."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self._rows: dict[str, tuple[int, datetime | None, str]] = {}
        self._moved: dict[str, datetime] = {}
        self._ended: dict[str, datetime] = {}
        self._told: dict[str, dict[str, Any]] = {}

    def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        now = self._clock.now()
        fence, until, value = self._rows.get(name, (0, None, "{}"))
        if until is not None and until >= now:
            return None
        ends = now + timedelta(seconds=seconds)
        self._rows[name] = (fence + 1, ends, value)
        return Lease(name, owner, fence + 1, ends, json.loads(value))

    def advance(self, lease: Lease, value: Mapping[str, Any]) -> None:
        fence, until, _ = self._rows[lease.name]
        if fence != lease.fence:
            raise Conflict(lease.name)
        self._rows[lease.name] = (fence, until, json.dumps(value))
        self._moved[lease.name] = self._clock.now()

    def release(self, lease: Lease) -> None:
        fence, _, value = self._rows[lease.name]
        if fence == lease.fence:
            self._rows[lease.name] = (fence, None, value)
            self._ended[lease.name] = self._clock.now()
            self._tell(lease.name, lease.run)

    def beat(self, name: str, failing: str = "") -> None:
        self._tell(name, RunReport(ended=True, failing=failing))

    def _tell(self, name: str, run: RunReport) -> None:
        told = self._told.setdefault(name, {})
        if run.succeeded:
            told["succeeded_at"] = self._clock.now()
        if run.found_new:
            told["new_record_at"] = self._clock.now()
        if run.ended or run.failing:
            told["failing"] = run.failing

    def read(self, name: str) -> Mapping[str, Any]:
        value: Mapping[str, Any] = json.loads(self._rows.get(name, (0, None, "{}"))[2])
        return value

    def standing(self, name: str) -> CursorStanding:
        fence, until, value = self._rows.get(name, (0, None, "{}"))
        held = until is not None and until >= self._clock.now()
        return CursorStanding(
            value=json.loads(value),
            runs=fence,
            moved_at=self._moved.get(name),
            ended_at=self._ended.get(name),
            held_until=until if held else None,
            **self._told.get(name, {}),
        )

    def standings(self, names: Iterable[str]) -> Mapping[str, CursorStanding]:
        known = self._rows.keys() | self._told.keys()
        return {name: replace(self.standing(name), value={}) for name in names if name in known}


class Parking:
    """`ports.Parking`."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], ParkedItem] = {}

    def park(self, item: ParkedItem) -> None:
        before = self.items.get((item.merchant, item.parked_id))
        times = (before.times or 0) + 1 if before else 1
        self.items[item.merchant, item.parked_id] = replace(item, state="open", times=times)

    def list_parked(self, merchant: str, *, closed_too: bool = False) -> tuple[ParkedItem, ...]:
        mine = (item for (owner, _), item in self.items.items() if owner == merchant)
        return tuple(item for item in mine if closed_too or item.state == "open")

    def causes(self, merchant: str) -> ParkedCauses:
        found: dict[tuple[str, str], list[ParkedItem]] = {}
        for item in self.list_parked(merchant):
            found.setdefault((item.flow, item.code), []).append(item)
        causes = []
        for (flow, code), items in found.items():
            first = min(items, key=_first_seen)
            oldest = _first_seen(first)
            causes.append(
                Cause(
                    code=code, flow=flow, count=len(items), oldest=oldest, example=first.parked_id
                )
            )
        causes.sort(key=lambda cause: (cause.oldest, cause.flow, cause.code))
        return ParkedCauses(tuple(causes))

    def close(self, item: ParkedItem, state: str, who: str, note: str = "") -> bool:
        stored = self.items.get((item.merchant, item.parked_id))
        if stored is None or stored.state != "open":
            return False
        if item.times is not None and item.times != stored.times:
            return False
        closed = replace(stored, state=state, closed_by=who, note=note)
        self.items[item.merchant, item.parked_id] = closed
        return True

    def page(
        self, merchant: str, *, flow: str = "", code: str = "", after: str = "", limit: int = 50
    ) -> ParkedPage:
        found = (
            ParkedRow(
                item.merchant,
                parked_id,
                item.flow,
                item.code,
                item.reason,
                item.subject,
                item.first_seen_at,
                item.times or 1,
            )
            for (owner, parked_id), item in sorted(self.items.items(), key=lambda row: row[0])
            if owner == merchant and item.state == "open" and parked_id > after
            if flow in {"", item.flow} and code in {"", item.code}
        )
        rows = list(islice(found, limit + 1))
        rest = rows[limit - 1].parked_id if len(rows) > limit else ""
        return ParkedPage(tuple(rows[:limit]), rest)

    def read(self, merchant: str, parked_id: str) -> ParkedItem | None:
        return self.items.get((merchant, parked_id))


def _first_seen(item: ParkedItem) -> datetime:
    return item.first_seen_at or START


class Catalogue:
    """`ports.Catalogue`."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, int]:
        return {sku: self._ids[merchant, sku] for sku in skus if (merchant, sku) in self._ids}

    def remember(self, merchant: str, products: Mapping[str, int]) -> None:
        self._ids |= {(merchant, sku): number for sku, number in products.items()}

    def forget(self, merchant: str, skus: Iterable[str]) -> None:
        for sku in skus:
            self._ids.pop((merchant, sku), None)


class CapabilitiesStore:
    """`ports.CapabilitiesStore`."""

    def __init__(self) -> None:
        self._found: dict[str, Capabilities] = {}
        self._proofs: dict[str, RmaProof] = {}

    def get(self, merchant: str) -> Capabilities:
        return self._found.get(merchant, Capabilities())

    def put(self, merchant: str, found: Capabilities) -> None:
        self._found[merchant] = found

    def rma_proof(self, merchant: str) -> RmaProof | None:
        return self._proofs.get(merchant)

    def keep_rma_proof(self, merchant: str, proof: RmaProof) -> None:
        self._proofs[merchant] = proof


class Merchants:
    """`ports.Merchants`."""

    def __init__(self) -> None:
        self.files: dict[str, LiveMerchant] = {}

    def live(self, merchant: str) -> LiveMerchant:
        if merchant not in self.files:
            raise Permanent("merchant.unknown", f"no merchant {merchant!r}")
        return self.files[merchant]

    def all_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def ids_with_miinto(self) -> tuple[str, ...]:
        return tuple(m for m in self.all_ids() if self.files[m].merchant.miinto is not None)

    def ids_with_unleashed(self) -> tuple[str, ...]:
        return tuple(m for m in self.all_ids() if self.files[m].merchant.unleashed is not None)

    def ids_with_feed(self) -> tuple[str, ...]:
        return tuple(m for m in self.all_ids() if self.files[m].merchant.has_feed)


@dataclass(frozen=True)
class Secret:
    value: Mapping[str, str]
    version: str = "1"


class Secrets:
    """What Mintsoft's credentials need of the store of secrets; counts its reads."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], dict[str, str]] = {}
        self.cached: dict[tuple[str, str], dict[str, str]] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.fetches = 0
        self.writes = 0

    def read(self, merchant: str, name: str, *, fresh: bool = False) -> Secret:
        key = (merchant, name)
        if fresh or key not in self.cached:
            self.fetches += 1
            if not self.values.get(key):
                raise Misconfigured("secret.missing", f"secret {name} is not set")
            self.cached[key] = dict(self.values[key])
        return Secret(self.cached[key], str(self.versions.get(key, 0)))

    def read_if_set(self, merchant: str, name: str) -> Secret | None:
        value = self.values.get((merchant, name))
        return Secret(value) if value else None

    def find(self, merchant: str, name: str) -> Secret | None:
        self.fetches += 1
        value = self.values.get((merchant, name))
        return Secret(value) if value is not None else None

    def write(self, merchant: str, name: str, value: Mapping[str, str]) -> str:
        self.values[merchant, name] = dict(value)
        self.cached[merchant, name] = dict(value)
        self.writes += 1
        self.versions[merchant, name] = self.writes
        return str(self.writes)
