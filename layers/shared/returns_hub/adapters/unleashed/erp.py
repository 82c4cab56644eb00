"""Unleashed as the ERP that flows know."""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.assemblies import UnleashedAssemblies
from returns_hub.adapters.unleashed.credit_notes import UnleashedCreditNotes
from returns_hub.adapters.unleashed.customers import UnleashedCustomers
from returns_hub.adapters.unleashed.despatches import UnleashedDespatches
from returns_hub.adapters.unleashed.order_making import UnleashedOrderMaking
from returns_hub.adapters.unleashed.products import UnleashedProducts
from returns_hub.adapters.unleashed.purchase_orders import UnleashedPurchaseOrders
from returns_hub.adapters.unleashed.sales_orders import UnleashedSalesOrders
from returns_hub.adapters.unleashed.shipments import UnleashedShipments
from returns_hub.adapters.unleashed.stock import UnleashedStock
from returns_hub.adapters.unleashed.transfers import UnleashedTransfers
from returns_hub.adapters.unleashed.warehouses import UnleashedWarehouses
from returns_hub.ports.erp import Erp


def erp_of(account: UnleashedAccount) -> Erp:
    """Every resource of an account."""
    return Erp(
        warehouses=UnleashedWarehouses(account),
        products=UnleashedProducts(account),
        customers=UnleashedCustomers(account),
        orders=UnleashedSalesOrders(account),
        order_making=UnleashedOrderMaking(account),
        despatches=UnleashedDespatches(account),
        shipments=UnleashedShipments(account),
        purchase_orders=UnleashedPurchaseOrders(account),
        assemblies=UnleashedAssemblies(account),
        transfers=UnleashedTransfers(account),
        credit_notes=UnleashedCreditNotes(account),
        stock=UnleashedStock(account),
    )
