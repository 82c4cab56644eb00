"""Stock on hand and adjustments of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedStock(UnleashedResource):
    """`ports.erp.ErpStock`."""
