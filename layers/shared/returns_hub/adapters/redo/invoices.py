"""Redo's invoices to the merchant: `ports.Invoices`.

Source: Redo's OpenAPI 2.2, ``/stores/{storeId}/invoices`` and the two ``items.csv``; the columns of
these are not documented. Scope: ``invoices_read``. They are not refunds of returns.
"""

from __future__ import annotations

from returns_hub.adapters.redo import webhook_models as models
from returns_hub.adapters.redo.client import RedoClient, checked, quoted
from returns_hub.domain.invoices import Invoice
from returns_hub.errors import Retryable

CSV = "text/csv"


class RedoInvoices:
    """The invoices of one store."""

    def __init__(self, client: RedoClient) -> None:
        self._client = client

    def list(self) -> tuple[Invoice, ...]:
        """See `ports.Invoices.list`. No pages are documented; some would be read."""
        path = f"{self._client.store_path}/invoices"
        rows = self._client.rows(path, "invoices", template="/stores/{id}/invoices")
        return tuple(models.to_invoice(checked(models.InvoiceInList, row)) for row in rows)

    def items(self, invoice_id: str) -> bytes:
        """See `ports.Invoices.items`."""
        path = f"/invoices/{quoted(invoice_id)}/items.csv"
        return self._csv(path, "/invoices/{id}/items.csv")

    def pending_items(self) -> bytes:
        """See `ports.Invoices.pending_items`."""
        return self._csv("/invoices/pending/items.csv", "/invoices/pending/items.csv")

    def _csv(self, path: str, template: str) -> bytes:
        answer = self._client.read_file(path, template=template, accept=CSV)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != CSV:
            # A page of an error, which must not become somebody's table.
            raise Retryable("redo.unreadable", "Redo's answer is not CSV", after=300)
        return answer.body
