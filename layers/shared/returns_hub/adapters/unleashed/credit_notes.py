"""Credit notes of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedCreditNotes(UnleashedResource):
    """`ports.erp.ErpCreditNotes`."""
