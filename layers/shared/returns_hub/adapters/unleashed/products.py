"""Products of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedProducts(UnleashedResource):
    """`ports.erp.ErpProducts`."""
