"""What flows need of the ERP's credit notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.unleashed.credits import CreditDraft, ErpCreditNote


class ErpCreditNotes(Protocol):
    """The free-entry credit notes of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime) -> Iterator[ErpCreditNote]:
        """Credit notes that changed at or after `since`, but deleted ones; newest first."""

    def read(self, guid: str) -> ErpCreditNote | None:
        """One credit note; None when the ERP does not know it."""

    def order_number_of(self, note: ErpCreditNote) -> str:
        """The number of the sales order that a note is of: it names it, or its invoice does, or
        people wrote it as the note's reference. Empty where nothing tells."""

    def make_note(self, draft: CreditDraft, send_by: datetime) -> str:
        """Make a parked free-entry credit note; its Guid, which the ERP gives. Looked up by
        `find_note`.

        Raises:
            Permanent: Also when the ERP does not know the order, or a product.
            See also `ports.erp`.
        """

    def find_note(self, draft: CreditDraft, since: datetime) -> LookUp:
        """Find the credit note that this draft became, made at or after `since`, the first try.

        By its marker among all notes that changed since, deleted ones too. `NotFound` is conclusive
        only where the list was read to its end and shows comments. It is inconclusive when two have
        the marker, and when one without any marker of the hub's holds the same goods for the same
        customer: somebody may have emptied its comments.
        """

    def complete(self, guid: str, send_by: datetime) -> None:
        """Complete a note; one that is completed already is not an error. Looked up by
        `is_completed`."""

    def is_completed(self, guid: str) -> LookUp:
        """Whether a note is completed; `NotFound` is conclusive, since it is read by its Guid."""
