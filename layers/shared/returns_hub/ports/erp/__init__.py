"""What flows need of an ERP that keeps products, orders and stock.

Writes raise Retryable when they cannot be sent before `send_by` or are known not done; Permanent
when they are refused; Misconfigured when only an operator can mend it; UnknownOutcome when they
may have been carried out. Their docstrings say how each is looked up and why that is conclusive.
"""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.ports.erp.assemblies import ErpAssemblies
from returns_hub.ports.erp.credit_notes import ErpCreditNotes
from returns_hub.ports.erp.customers import ErpCustomers
from returns_hub.ports.erp.despatches import ErpDespatches
from returns_hub.ports.erp.order_making import ErpOrderMaking
from returns_hub.ports.erp.orders import ErpOrders
from returns_hub.ports.erp.products import ErpProducts
from returns_hub.ports.erp.purchase_orders import ErpPurchaseOrders
from returns_hub.ports.erp.shipments import ErpShipments
from returns_hub.ports.erp.stock import ErpStockRoom
from returns_hub.ports.erp.transfers import ErpTransfers
from returns_hub.ports.erp.warehouses import ErpWarehouses

__all__ = [
    "Erp",
    "ErpAssemblies",
    "ErpCreditNotes",
    "ErpCustomers",
    "ErpDespatches",
    "ErpOrderMaking",
    "ErpOrders",
    "ErpProducts",
    "ErpPurchaseOrders",
    "ErpShipments",
    "ErpStockRoom",
    "ErpTransfers",
    "ErpWarehouses",
]


@dataclass(frozen=True)
class Erp:
    """The ERP of one merchant, resource by resource."""

    warehouses: ErpWarehouses
    products: ErpProducts
    customers: ErpCustomers
    orders: ErpOrders
    order_making: ErpOrderMaking
    shipments: ErpShipments
    despatches: ErpDespatches
    purchase_orders: ErpPurchaseOrders
    assemblies: ErpAssemblies
    transfers: ErpTransfers
    credit_notes: ErpCreditNotes
    stock: ErpStockRoom
