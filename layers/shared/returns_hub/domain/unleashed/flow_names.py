"""The names of the flows between the ERP and the warehouse, as files and messages have them."""

from __future__ import annotations

from typing import Literal

FlowName = Literal[
    "orders",
    "shipments",
    "despatches",
    "stock",
    "products",
    "purchase_orders",
    "receipts",
    "assemblies",
    "transfers",
    "order_export",
    "customers",
    "credit_notes",
]
