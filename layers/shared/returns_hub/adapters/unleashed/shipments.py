"""Sales shipments of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedShipments(UnleashedResource):
    """`ports.erp.ErpShipments`."""
