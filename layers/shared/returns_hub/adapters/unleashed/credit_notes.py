"""Credit notes of Unleashed: `ports.erp.ErpCreditNotes`.

Sources: Unleashed's page on credit notes: only free-entry ones can be made, by ``POST
/CreditNotes/FreeCredit``, which takes no Guid in its path (whether one in the body is taken is not
verified, so that none is sent), ``POST /{guid}/Complete``, and a list, newest change first; a
digest: a line has Product, CreditQuantity, CreditPrice, Reason and Return.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import quoted
from returns_hub.adapters.unleashed.dates import day
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    key_in,
    moment_in,
    number_of,
    number_or_none,
    part_of,
    rows_of,
    text_of,
    value_of,
)
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.unleashed.credits import CreditDraft, ErpCreditNote, has_marker
from returns_hub.errors import Permanent, Retryable, UnknownOutcome

NOTES, ORDERS, INVOICES = "/CreditNotes", "/SalesOrders", "/Invoices"
NOTE, LINES = f"{NOTES}/{{guid}}", "CreditLines"
FREE = f"{NOTES}/FreeCredit"
CLOCKS_DIFFER = timedelta(hours=1)
LONGEST_COMMENT = 1024
API_USER = "api@unleashedsoftware.com"
LONGEST_REASON = 100
COPIED = ("Customer", "Warehouse", "Tax")
"""Parts of the order that its credit note has as well, by their Guid."""


class UnleashedCreditNotes(UnleashedResource):
    """`ports.erp.ErpCreditNotes`."""

    def changed_since(self, since: datetime) -> Iterator[ErpCreditNote]:
        """See `ErpCreditNotes.changed_since`."""
        for row in self._changed(NOTES, since):
            note = to_note(row)
            if not note.is_deleted:
                yield note

    def read(self, guid: str) -> ErpCreditNote | None:
        """See `ErpCreditNotes.read`."""
        row = self._one(NOTES, guid)
        return None if row is None else to_note(row)

    def make_note(self, draft: CreditDraft, send_by: datetime) -> str:
        """See `ErpCreditNotes.make_note`."""
        answer = self._client.write(
            "POST", FREE, template=FREE, body=self._body(draft), send_by=send_by
        )
        made = guid_of(answer) if isinstance(answer, Mapping) else ""
        if not made:
            raise UnknownOutcome(
                "unleashed.no_guid", "Unleashed's answer to a credit note names no Guid"
            )
        return made

    def find_note(self, draft: CreditDraft, since: datetime) -> LookUp:
        """See `ErpCreditNotes.find_note`."""
        rows = self._since(since)
        marked = _marked(draft.marker, rows)
        if not isinstance(marked, NotFound):
            return marked
        order = self._one(ORDERS, draft.order_guid)
        customer = text_of(part_of(order, "Customer"), "CustomerCode") if order else ""
        for row in rows.values():
            note = to_note(row)
            is_alike = note.units == draft.units() and note.customer_code == customer
            if is_alike and not has_marker(note.comments):
                return Inconclusive(
                    f"credit note {note.number} holds the same goods for the same customer and no "
                    "marker of the hub's: is it this one?"
                )
        return NotFound()

    def find_marker(self, marker: str, since: datetime) -> LookUp:
        """As `find_note`, by the marker alone: one whose comments somebody emptied is not seen,
        so that any other without a marker makes it inconclusive."""
        rows = self._since(since)
        marked = _marked(marker, rows)
        bare = [
            to_note(row).number
            for row in rows.values()
            if not has_marker(text_of(row, "Comments")) and _is_ours(row)
        ]
        if isinstance(marked, NotFound) and bare:
            return Inconclusive(
                f"credit note {bare[0]} was made through the API and has no marker of the hub's: "
                "is it this one?"
            )
        return marked

    def order_number_of(self, note: ErpCreditNote) -> str:
        """See `ErpCreditNotes.order_number_of`. An invoice names its order."""
        if note.order_number or not note.invoice_number:
            return note.order_number or note.reference
        query: Query = (("invoiceNumber", note.invoice_number),)
        for row in self._client.rows(INVOICES, query, size=10):
            if text_of(row, "InvoiceNumber") == note.invoice_number:
                return text_of(row, "OrderNumber")
        return ""

    def complete(self, guid: str, send_by: datetime) -> None:
        """See `ErpCreditNotes.complete`. Where somebody completed it since, Unleashed refuses the
        second time; what it is then, counts."""
        path = f"{NOTES}/{quoted(guid)}/Complete"
        try:
            self._client.write("POST", path, template=f"{NOTE}/Complete", send_by=send_by)
        except Permanent:
            now = self.read(guid)
            if now is None or not now.is_completed:
                raise

    def is_completed(self, guid: str) -> LookUp:
        """See `ErpCreditNotes.is_completed`."""
        note = self.read(guid)
        return Found(guid) if note is not None and note.is_completed else NotFound()

    # -- how ----------------------------------------------------------------------------------

    def _since(self, since: datetime) -> dict[str, Raw]:
        """Notes that changed at or after a moment, deleted ones too, by their Guid.

        Raises:
            Retryable: One has no Guid, so that notes could not be told apart.
        """
        begin = since - CLOCKS_DIFFER
        rows: dict[str, Raw] = {guid_of(row): row for row in self._changed(NOTES, begin)}
        rows |= {guid_of(row): row for row in self._deleted(NOTES, "creditStatus", begin)}
        if "" in rows:
            raise Retryable(
                "unleashed.unreadable", "Unleashed lists a credit note without a Guid", after=300
            )
        return rows

    def _body(self, draft: CreditDraft) -> dict[str, Any]:
        order = self._one(ORDERS, draft.order_guid)
        if order is None:
            raise Permanent(
                "unleashed.credit_no_order", "the sales order to be credited is not in Unleashed"
            )
        if not draft.lines:
            raise Permanent("unleashed.credit_nothing", "a credit note of nothing is not made")
        parts = {name: {"Guid": guid} for name in COPIED if (guid := guid_of(part_of(order, name)))}
        if value_of(order, "TaxRate") is not None:
            parts["TaxRate"] = value_of(order, "TaxRate")
        return {
            **parts,
            "CreditDate": day(draft.credited_on),
            "ExchangeRate": value_of(order, "ExchangeRate"),
            "Comments": _comments(draft),
            LINES: [
                {
                    "LineNumber": at,
                    "Product": {"ProductCode": line.sku},
                    "CreditQuantity": line.quantity,
                    "CreditPrice": line.price,
                    "Reason": draft.reason[:LONGEST_REASON],
                    "Return": line.returns,
                }
                for at, line in enumerate(draft.lines, start=1)
            ],
        }


def _marked(marker: str, rows: Mapping[str, Raw]) -> LookUp:
    """The only note with a marker."""
    ours = [guid for guid, row in rows.items() if marker in text_of(row, "Comments")]
    if len(ours) > 1:
        return Inconclusive(f"Unleashed has {len(ours)} credit notes marked {marker}")
    if ours:
        return Found(ours[0])
    if rows and not any(key_in(row, "Comments") for row in rows.values()):
        return Inconclusive("Unleashed's list of credit notes shows no comments to look in")
    return NotFound()


def _is_ours(row: Raw) -> bool:
    """Whether it came through the API, as an official sample shows; where it does not say, it may
    have."""
    return text_of(row, "CreatedBy").lower() in {"", API_USER}


def _comments(draft: CreditDraft) -> str:
    marker = f" [{draft.marker}]"
    return draft.comments[: LONGEST_COMMENT - len(marker)] + marker


def to_note(raw: Raw) -> ErpCreditNote:
    """A credit note; the status is under ``Status`` or ``CreditStatus``, the filter's name."""
    return ErpCreditNote(
        guid=guid_of(raw),
        number=text_of(raw, "CreditNumber"),
        status=text_of(raw, "Status") or text_of(raw, "CreditStatus"),
        customer_code=text_of(part_of(raw, "Customer"), "CustomerCode"),
        units=_units(raw),
        comments=text_of(raw, "Comments"),
        order_number=text_of(raw, "OrderNumber"),
        invoice_number=text_of(raw, "InvoiceNumber"),
        reference=text_of(raw, "Reference"),
        modified_at=moment_in(raw, "LastModifiedOn"),
        currency=text_of(part_of(raw, "Currency"), "CurrencyCode").upper(),
        warehouse_code=text_of(part_of(raw, "Warehouse"), "WarehouseCode"),
        restocked=_restocked(raw),
    )


def _restocked(raw: Raw) -> dict[str, Decimal]:
    """Of lines with ``Return`` (CreditNotes, "Line"); what cannot be read brings nothing back."""
    found: dict[str, Decimal] = {}
    try:
        rows = rows_of(raw, LINES)
    except ValueError:
        return found
    for row in rows:
        if value_of(row, "Return") is True:
            many = number_or_none(row, "CreditQuantity") or Decimal()
            sku = str(value_of(part_of(row, "Product"), "ProductCode") or "")
            found[sku] = found.get(sku, Decimal()) + many
    return found


def _units(raw: Raw) -> dict[str, int] | None:
    units: dict[str, int] = {}
    try:
        for row in rows_of(raw, LINES):
            many = number_of(row, "CreditQuantity") or Decimal()
            if many != many.to_integral_value():
                return None
            sku = str(value_of(part_of(row, "Product"), "ProductCode") or "")
            units[sku] = units.get(sku, 0) + int(many)
    except (ValueError, ArithmeticError):
        return None
    return units
