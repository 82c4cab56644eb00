"""Purchase orders of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedPurchaseOrders(UnleashedResource):
    """`ports.erp.ErpPurchaseOrders`."""
