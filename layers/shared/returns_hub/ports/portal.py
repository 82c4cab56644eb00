"""What a flow needs of the returns portal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.case import LineToProcess
    from returns_hub.domain.invoices import Invoice
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.returns import (
        PortalAbilities,
        PortalReturn,
        ReturnStatus,
        ReturnSummary,
    )
    from returns_hub.domain.subscriptions import Subscription, Wanted
    from returns_hub.domain.webhooks import Entry


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
