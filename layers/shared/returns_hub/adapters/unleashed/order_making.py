"""Sales orders that the hub makes, at Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedOrderMaking(UnleashedResource):
    """`ports.erp.ErpOrderMaking`."""
