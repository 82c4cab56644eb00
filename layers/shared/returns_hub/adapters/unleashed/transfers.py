"""Warehouse stock transfers of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedTransfers(UnleashedResource):
    """`ports.erp.ErpTransfers`."""
