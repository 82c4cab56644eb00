"""Every flow between Unleashed and the warehouse, by the name of its switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.sync.shape import Source
from returns_hub.flows.unleashed.credits import credits_there
from returns_hub.flows.unleashed.credits.credit_notes import CreditNotesSource
from returns_hub.flows.unleashed.despatches.dispatched_there import DispatchedSource
from returns_hub.flows.unleashed.despatches.source import DespatchesSource
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.export import source as order_export
from returns_hub.flows.unleashed.goods import customers, products
from returns_hub.flows.unleashed.goods.purchase_orders import PurchaseOrdersSource
from returns_hub.flows.unleashed.goods.receipts import ReceiptsSource
from returns_hub.flows.unleashed.moves.assemblies import AssembliesSource
from returns_hub.flows.unleashed.moves.transfers import TransfersSource
from returns_hub.flows.unleashed.orders.source import OrdersSource
from returns_hub.flows.unleashed.shipments.source import ShipmentsSource
from returns_hub.flows.unleashed.stock.source import stock_sources

SourcesOf = Callable[[ErpWorld], Sequence[Source[Any]]]
"""A flow's sources, in the order in which a run does them."""

SOURCES: Mapping[FlowName, SourcesOf] = {
    "stock": stock_sources,
    "orders": lambda world: (OrdersSource(world),),
    "shipments": lambda world: (ShipmentsSource(world),),
    "despatches": lambda world: (DespatchesSource(world), DispatchedSource(world)),
    "products": products.sources,
    "customers": customers.sources,
    "purchase_orders": lambda world: (PurchaseOrdersSource(world),),
    "receipts": lambda world: (ReceiptsSource(world),),
    "order_export": order_export.sources,
    "credit_notes": lambda world: (CreditNotesSource(world), *credits_there.sources(world)),
    "assemblies": lambda world: (AssembliesSource(world),),
    "transfers": lambda world: (TransfersSource(world),),
}

CALLS: Mapping[FlowName, CallClass] = {
    "despatches": CallClass.URGENT,
    "receipts": CallClass.URGENT,
    "products": CallClass.BULK,
    "customers": CallClass.BULK,
    "stock": CallClass.REGULAR,
}
"""What the calls of a flow count as; those of others are regular ones."""
