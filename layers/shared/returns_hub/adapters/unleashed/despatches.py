"""Despatches, written to shipments and orders, at Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedDespatches(UnleashedResource):
    """`ports.erp.ErpDespatches`."""
