"""What a flow about the ERP is given: a merchant's world, its ERP, and all of its warehouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.domain.unleashed.warehouses import Places, places_of
from returns_hub.flows.sync.sync_world import AroundRecords
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.deliveries import Deliveries
from returns_hub.ports.erp import Erp
from returns_hub.ports.goods import AsnWarehouse, OrderChanges, ProductsWarehouse
from returns_hub.ports.shelf import ProductShelf
from returns_hub.ports.warehouse_sales import WarehouseSales


@dataclass(frozen=True)
class ErpWorld(AroundRecords):
    """One merchant's world with its ERP, for one run of one flow.

    Args:
        connection: The `unleashed:` block of its file.
        erp: The ERP.
        orders: The warehouse's orders and stock.
        order_changes: Changes to its orders.
        products: Its products.
        asns: Its ASNs.
        shelf: Its products as a list showed them; without it each is asked for.
        deliveries: What its webhook delivered; None where nobody counts.
        sales: Its orders as they were sold; without it none is exported.
        tell_store_refund: Puts a message onto the queue of stores' refunds.
        is_plan: It is for a plan that a person asked for, which tells everything.
    """

    connection: UnleashedConnection
    erp: Erp
    orders: OrdersWarehouse
    order_changes: OrderChanges
    products: ProductsWarehouse
    asns: AsnWarehouse
    shelf: ProductShelf | None = None
    deliveries: Deliveries | None = None
    sales: WarehouseSales | None = None
    tell_store_refund: Callable[[str], None] | None = None
    is_plan: bool = False

    @cached_property
    def places(self) -> Places:
        """Which warehouses may be worked with: the file's map held against both sides, once.

        Two requests, made when it is first asked for.
        """
        return places_of(
            self.connection.warehouses,
            self.connection.warehouses_elsewhere,
            self.erp.warehouses.warehouses(),
            self.world.warehouse.warehouse_ids(),
        )

    @property
    def asked_for_places(self) -> bool:
        """Whether `places` was asked for, and could be told."""
        return "places" in self.__dict__
