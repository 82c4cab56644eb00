"""What a flow needs from outside, as Protocols. Adapters and the tests' fakes both satisfy them.

Every method may raise the verdicts of `returns_hub.errors`; what else it raises is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from returns_hub.domain.case import LineToProcess
from returns_hub.domain.facts import Event
from returns_hub.domain.invoices import Invoice
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.operations import (
    Claim,
    HeldElsewhere,
    LookUp,
    Operation,
    OperationState,
    Settled,
)
from returns_hub.domain.receipts import Receipt
from returns_hub.domain.returns import (
    PortalAbilities,
    PortalReturn,
    ReturnStatus,
    ReturnSummary,
)
from returns_hub.domain.state import ReturnState
from returns_hub.domain.subscriptions import Subscription, Wanted
from returns_hub.domain.webhooks import Entry


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


class ReturnsStore(Protocol):
    """Timelines and the states they fold to."""

    def load(self, merchant: str, return_id: str) -> ReturnState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def append(self, state: ReturnState, events: Sequence[Event]) -> ReturnState:
        """Add events to the timeline of the state and store what it folds to; one transaction.

        External returns made by these events are linked to the return (see `find` and
        `open_external_returns`). They leave the open ones when their receipt is settled, unless
        with an outcome of `timeline.STILL_OPEN`, and come back when it is to be dealt with again.

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


@dataclass(frozen=True)
class Lease:
    """The sole right to move a cursor until it ends, with the cursor's value when it was taken."""

    name: str
    owner: str
    fence: int
    until: datetime
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CursorStanding:
    """A cursor as it stands, and when it was last worked on.

    Args:
        value: As in `Lease`.
        runs: How often its lease was taken; 0 when nobody ever worked on it.
        moved_at: When its value was last written; None when never.
        ended_at: When its lease was last given back; None when never.
        held_until: While a lease holds: until when.
    """

    value: Mapping[str, Any] = field(default_factory=dict)
    runs: int = 0
    moved_at: datetime | None = None
    ended_at: datetime | None = None
    held_until: datetime | None = None


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
        """Let go early; losing the lease meanwhile is not an error."""

    def read(self, name: str) -> Mapping[str, Any]:
        """The cursor's value as it stands, without a lease; empty when never written."""

    def standing(self, name: str) -> CursorStanding:
        """Where the cursor stands and when it was last worked on, without a lease; for people."""


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


class Parking(Protocol):
    """Parked work. Nothing is ever deleted: what a person dealt with is closed, and ages out."""

    def park(self, item: ParkedItem) -> None:
        """Keep the item, open; parking the same id again keeps the time it was first seen."""

    def list_parked(self, merchant: str, *, closed_too: bool = False) -> tuple[ParkedItem, ...]:
        """Open items of a merchant, and with `closed_too` the others, oldest first."""

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


class Catalogue(Protocol):
    """Product ids that were looked up before; entries expire after some days."""

    def known(self, merchant: str, skus: Iterable[str]) -> dict[str, int]:
        """Warehouse product ids of those of the SKUs that are known."""

    def remember(self, merchant: str, products: Mapping[str, int]) -> None:
        """Keep SKU -> product id."""

    def forget(self, merchant: str, skus: Iterable[str]) -> None:
        """Drop entries that proved wrong."""


@dataclass(frozen=True)
class ReturnItemDraft:
    """One item of an external return to be made."""

    sku: str
    product_id: int
    quantity: int
    reason_id: int


@dataclass(frozen=True)
class ExternalReturnDraft:
    """An external return to be made; every item carries note, marker and label, in that order.

    The label is the parcel's carrier and tracking number, as far as they are known.
    """

    warehouse_id: int
    reference: str
    marker: str
    items: tuple[ReturnItemDraft, ...]
    note: str = ""
    label: str = ""


@dataclass(frozen=True)
class Reason:
    """A return reason of the warehouse."""

    id: int
    name: str
    active: bool
    stock_action: str


@dataclass(frozen=True)
class ReceiptPage:
    """Some receipts, and how many calls finding them took."""

    receipts: tuple[Receipt, ...]
    calls: int
    complete: bool = True


@dataclass(frozen=True)
class Capabilities:
    """What a read-only probe proved about this warehouse's API; None is "not proven".

    Args:
        returns_list: The list of returns exists and honours its updated-since filter.
        by_date_is_updated: The search by date compares the day of the last update.
        marker_look_up: A record that exists was found by its marker, so finding none is
            conclusive.
        probed_at: When.
    """

    returns_list: bool | None = None
    by_date_is_updated: bool | None = None
    marker_look_up: bool | None = None
    probed_at: datetime | None = None


class CapabilitiesStore(Protocol):
    """What the probe proved, kept per merchant."""

    def get(self, merchant: str) -> Capabilities:
        """The newest findings; all None when never probed."""

    def put(self, merchant: str, found: Capabilities) -> None:
        """Keep the findings."""


class WebhookKeys(Protocol):
    """What opens a webhook's door."""

    @property
    def nobody(self) -> Entry:
        """The entry, without keys, of whoever is no merchant."""

    def entry(self, merchant: str, *, fresh: bool = False) -> Entry:
        """The merchant's entry; one without keys where it takes no deliveries, or is none.

        What was read a short while ago is given again; with `fresh` only if it was a moment ago.

        Raises:
            Misconfigured: The secret is there, but holds no key that can be used.
            Retryable: A store cannot be asked now.
        """


class KeyRenewal(Protocol):
    """The warehouse key that has to be renewed before it ends."""

    def renew_if_due(self) -> str:
        """Renew when due; a sentence on what was done. A static key is never renewed."""


class WorkQueue(Protocol):
    """Where a schedule's tick puts each merchant's share of the work."""

    def send(self, merchant: str) -> None:
        """Ask for one merchant's share."""


class Warehouse(Protocol):
    """The warehouse of one merchant."""

    def require_open(self) -> None:
        """Raise while asking is known to be no use: it is away, wants a pause, or turns are taken.

        Raises:
            Retryable: Come back then. Nothing was asked to find this out.
        """

    def find_product(self, sku: str) -> int | None:
        """The product id with exactly this SKU, of this client; None when there is none."""

    def sku_of_barcode(self, barcode: str) -> str | None:
        """The SKU of the product with exactly this barcode, of this client; None without one."""

    def barcodes(self, sku: str) -> frozenset[str]:
        """Barcodes of the product with exactly this SKU, of this client; empty without one."""

    def create_external_return(self, draft: ExternalReturnDraft, send_by: datetime) -> int:
        """Make an external return; its id.

        Raises:
            Retryable: Known not done; also when it could not be sent before `send_by`.
            UnknownOutcome: It may exist now; see `look_up_external_return`.
        """

    def look_up_external_return(self, marker: str, since: datetime) -> LookUp:
        """Find the external return that carries the marker, made at or after `since`.

        `NotFound` only when the capability `marker_look_up` was proven on this tenant.
        """

    def find_by_reference(self, reference: str, skus: Mapping[str, int], since: datetime) -> LookUp:
        """Find one external return with this reference and exactly these units per SKU.

        Two that fit are inconclusive.
        """

    def read_external_return(self, external_return_id: int) -> Receipt | None:
        """One external return; None when the warehouse does not know it."""

    def list_updated_since(self, since: datetime, most_calls: int) -> ReceiptPage:
        """External returns of this client changed at or after `since`, from the list of returns."""

    def search_by_date(self, day: datetime) -> ReceiptPage:
        """External returns of this client that the search by date gives for the day."""

    def probe(
        self, known: Receipt | None, marker: str | None, made_at: datetime | None
    ) -> Capabilities:
        """Find out, by reads alone, what this tenant's API can do.

        `known` is an external return of ours, with its marker and when it was made.
        """

    def reasons(self) -> tuple[Reason, ...]:
        """Return reasons."""

    def warehouse_ids(self) -> dict[int, str]:
        """Active warehouses: id -> name."""


@dataclass(frozen=True)
class RecentReturns:
    """The newest returns of a portal.

    Args:
        returns: Newest first, as the portal sorts them.
        unreadable: For each row that is not a return that we can read: its id, and where.
    """

    returns: tuple[PortalReturn, ...]
    unreadable: tuple[str, ...] = ()


class ReturnsPortal(Protocol):
    """The returns portal of one merchant."""

    @property
    def abilities(self) -> PortalAbilities:
        """What this portal's API can do."""

    def require_open(self) -> None:
        """See `Warehouse.require_open`."""

    def parse(self, body: Mapping[str, Any], order: Mapping[str, Any] | None) -> PortalReturn:
        """A return from the portal's own bodies.

        Raises:
            Permanent: The body is not a return.
        """

    def read_return(self, return_id: str) -> PortalReturn:
        """The return as it stands.

        Raises:
            Permanent: The portal does not know it.
        """

    def returns_updated(
        self, since: datetime, until: datetime, status: ReturnStatus | None = None
    ) -> Iterator[ReturnSummary]:
        """Returns updated from `since` (inclusive) to `until` (exclusive), in no promised order.

        With `status` those only that are in it. A return that does not change while the list is
        read is given at least once, however others move between the list's pages meanwhile;
        `until` must have passed for that.

        Raises:
            Retryable: The list did not come to its end.
        """

    def returns_of_order(self, order_name: str) -> tuple[ReturnSummary, ...]:
        """Returns of the order with this name, as the shop shows it; newest changes first."""

    def recent_returns(self, limit: int) -> RecentReturns:
        """The newest returns, at most `limit` (1 to 500), or fewer where a page holds fewer."""

    def comments(self, return_id: str) -> tuple[str, ...]:
        """Texts of all comments on the return."""

    def add_comment(self, return_id: str, text: str, send_by: datetime) -> None:
        """Add a comment for the team; never seen by the customer.

        This and the other writes raise Retryable when they cannot be sent before `send_by`.
        """

    def set_status(self, return_id: str, status: ReturnStatus, send_by: datetime) -> None:
        """Put the return into a status, one of `domain.returns.SETTABLE`.

        `FLAGGED` marks it as needing the team's action. Read back it tells whether it was done.

        Raises:
            Permanent: The portal does not go from the return's status to this one.
        """

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        """Have the lines processed or rejected, each with its restock choice and amount.

        Says nothing to the customer.
        """

    def check_access(self) -> str:
        """Prove the token by a read; a sentence for the operator."""


class WebhookSubscriptions(Protocol):
    """The subscriptions by which one merchant's portal tells of changed returns.

    Every write raises Retryable when it cannot be sent before `send_by`.
    """

    def list(self) -> tuple[Subscription, ...]:
        """Every subscription of the store."""

    def read(self, subscription: str) -> Subscription | None:
        """One subscription; None when the portal does not know it."""

    def put(self, wanted: Wanted, send_by: datetime) -> None:
        """Make our subscription, or set the one that has our external id."""

    def change(self, subscription: str, wanted: Wanted, send_by: datetime) -> None:
        """Set address and token of a subscription."""

    def delete(self, subscription: str, send_by: datetime) -> None:
        """Delete a subscription; one that is gone already is not an error."""

    def replay(self, subscription: str, start: datetime, send_by: datetime) -> None:
        """Have everything since `start` told again."""


class Invoices(Protocol):
    """The portal's invoices to one merchant."""

    def list(self) -> tuple[Invoice, ...]:
        """Every invoice of the store."""

    def items(self, invoice_id: str) -> bytes:
        """The lines of one invoice, as the portal's own CSV.

        Raises:
            Permanent: The portal does not know it.
        """

    def pending_items(self) -> bytes:
        """The lines that are on no invoice yet, as the portal's own CSV."""


class TokenScopes(Protocol):
    """What the portal's token may do, as far as reads can tell; for the set-up check."""

    def holds(self, scope: str) -> bool | None:
        """Whether the token has the scope, found out by a read; None when no read can tell."""


@dataclass(frozen=True)
class ShipFrom:
    """The address that a test return is sent from: invented, never a customer's."""

    line1: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class SandboxLine:
    """One unit of an order's line that comes back, and the customer's reason with its code."""

    order_line_id: str
    reason: str
    reason_code: str | None = None


@dataclass(frozen=True)
class SandboxReturnDraft:
    """A test return to be made in a portal's sandbox.

    Args:
        shop: The shop's system in the portal's words, e.g. ``shopify``.
        order_id: The order's id there.
        lines: What comes back; their ids are the shop's.
        ship_from: Where it is sent from.
        note: For the team; never for a customer.
        idempotency_key: Sent with the request; the same for every repetition.
    """

    shop: str
    order_id: str
    lines: tuple[SandboxLine, ...]
    ship_from: ShipFrom
    note: str
    idempotency_key: str


class SandboxReturns(Protocol):
    """Makes test returns in a sandbox of the portal; nothing that runs by itself uses it."""

    def make_return(self, draft: SandboxReturnDraft, send_by: datetime) -> str:
        """Make the return; its id. Raises as `ReturnsPortal.add_comment` does."""

    def find_made(self, draft: SandboxReturnDraft, since: datetime) -> LookUp:
        """Find the return that the draft made at or after `since`.

        `NotFound` lets it be sent again, because the portal takes a repetition with the same
        idempotency key for the request that it repeats.
        """


class Telemetry(Protocol):
    """Counters and log lines, without secrets and personal data."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Add to a metric. Dimensions are bounded words (merchant, flow, outcome, partner)."""

    def log(self, message: str, **fields: object) -> None:
        """One structured line."""
