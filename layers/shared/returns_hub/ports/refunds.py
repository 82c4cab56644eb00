"""What a flow needs to carry a refund home to the store of record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.refunds import Refund


class RefundEvents(Protocol):
    """Where the event ``refund/1`` goes: a queue, or a bus."""

    def publish(self, refund: Refund, send_by: datetime) -> str:
        """Tell the refund; the id that the queue or bus gave the event.

        Raises:
            Retryable: Known not done, it could not be told before `send_by`, or nobody knows:
                see `find_published`.
            Permanent: It is refused as it is.
        """

    def find_published(self, refund: Refund) -> LookUp:
        """Whether the refund was told.

        `NotFound` lets it be told again, though it may have been: a queue cannot be searched, and
        the contract has every consumer take the same `refund_id` for the same refund.
        """


@dataclass(frozen=True)
class CreditNoteLine:
    """One line to be credited; `amount_minor` of the draft's currency, for the whole line."""

    sku: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class CreditNoteDraft:
    """A credit note to be made in the store of record.

    Args:
        reference: Unique to this credit note, to find it again.
        order_number: The store of record's number of the order.
        currency: ISO 4217.
        lines: What is credited.
        reason: For the store's people.
        credited_at: When the marketplace accepted the return.
    """

    reference: str
    order_number: str
    currency: str
    lines: tuple[CreditNoteLine, ...]
    reason: str
    credited_at: datetime


class CreditNotes(Protocol):
    """Credit notes of the store of record; tests/contract holds every one to this."""

    def create_credit_note(self, draft: CreditNoteDraft, send_by: datetime) -> str:
        """Make the credit note; its number.

        Raises:
            Retryable: Known not done; also when it could not be sent before `send_by`.
            Permanent: Refused, e.g. because the store does not know the order or a SKU.
            UnknownOutcome: It may exist now; see `find_credit_note`.
        """

    def find_credit_note(self, reference: str, since: datetime | None = None) -> LookUp:
        """The credit note with this reference, made at or after `since`, the first try.

        `NotFound` only when it is certain that there is none; two of them are `Inconclusive`.
        """


@dataclass(frozen=True)
class RefundTargets:
    """Where refunds can go; None is not there in this stack, or for this merchant."""

    queue: RefundEvents | None = None
    bus: RefundEvents | None = None
    credit_notes: CreditNotes | None = None
