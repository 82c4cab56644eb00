"""Sales orders of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedSalesOrders(UnleashedResource):
    """`ports.erp.ErpOrders`."""
