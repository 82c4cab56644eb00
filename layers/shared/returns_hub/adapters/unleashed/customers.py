"""Customers of Unleashed."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedResource


class UnleashedCustomers(UnleashedResource):
    """`ports.erp.ErpCustomers`."""
