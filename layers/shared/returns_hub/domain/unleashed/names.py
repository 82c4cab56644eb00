"""Names under which the flows keep what they did, and by which they find each other's work.

They stand in stored keys: under another name everything that was done would look new.
"""

from __future__ import annotations

ORDERS = "unleashed.orders"
SHIPMENTS = "unleashed.shipments"
DESPATCHES = "unleashed.despatches"
DISPATCHED = "unleashed.dispatched"
"""The despatches' second source: what people dispatched in Unleashed."""
PRODUCTS = "unleashed.products"
CUSTOMERS = "unleashed.customers"
PURCHASE_ORDERS = "unleashed.purchase_orders"
RECEIPTS = "unleashed.receipts"
TRANSFERS = "unleashed.transfers"
ASSEMBLIES = "unleashed.assemblies"
STOCK = "unleashed.stock"
ORDER_EXPORT = "unleashed.order_export"
CREDIT_NOTES = "unleashed.credit_notes"
CREDITS_THERE = "unleashed.credits_there"
"""The credit notes' second source: those that people made in Unleashed."""
WAREHOUSES = "unleashed.warehouses"
"""No source: the flow that problems of the warehouses are parked under."""

ORDER = "order"
"""The step that makes an order of the warehouse; its `partner_id` is the order's id."""
ASN = "asn"
"""The step that makes an ASN; its `partner_id` is the ASN's id."""
CONFIRM = "confirm"
"""The step that makes the warehouse expect the ASN."""

MINTSOFT, UNLEASHED = "mintsoft", "unleashed"
"""Who a step writes to."""
