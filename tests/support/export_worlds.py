"""Orders that somebody sells through Mintsoft, and what Unleashed gets of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.warehouse_orders import WarehouseOrder
from tests.support.erp_worlds import ErpBench

FLOW = "unleashed.order_export"
TEE, BLUE, JEANS = "TEE-RED-M", "TEE-BLU-L", "JEANS-32"


class ExportBench(ErpBench):
    """`ErpBench` with order export live.

    Args:
        export: The flow's settings.
        management: Unleashed's switch Order Management.
        settings: Mintsoft's quirks.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self,
        export: dict[str, Any] | None = None,
        *,
        management: bool = False,
        settings: Settings | None = None,
        **block: Any,
    ) -> None:
        super().__init__(management=management, settings=settings, base_currency="GBP", **block)
        self.mintsoft.seed({"channels": {"5": "Web shop", "6": "Market"}})
        self.set(
            "order_export",
            **{"customer": "WEBSHOP", "tax_code": "V.A.T.", "prices": "gross"} | (export or {}),
        )

    def sell(
        self, number: str, goods: Mapping[str, tuple[int, float | None]], **fields: Any
    ) -> int:
        """Somebody orders, at a price for one unit; Mintsoft's id."""
        body: dict[str, Any] = {
            "ClientId": 12,
            "OrderNumber": number,
            "WarehouseId": 3,
            "Country": "GB",
            "CourierService": "AUTO",
            "Channel": "Web shop",
            "Currency": "GBP",
            "FirstName": "Patricia",
            "LastName": "Sample",
            "Address1": "1 Test Street",
            "Town": "Leeds",
            "PostCode": "LS1 1AA",
            "OrderItems": [
                {"SKU": sku, "Quantity": many, "UnitPrice": price}
                for sku, (many, price) in goods.items()
            ],
        }
        (made,) = self.raw("PUT", "/api/Order", body | fields)
        assert made["Success"], made
        return int(made["OrderId"])

    def sent(
        self, number: str, goods: Mapping[str, tuple[int, float | None]], **fields: Any
    ) -> int:
        """Somebody orders, and the warehouse sends it."""
        order_id = self.sell(number, goods, **fields)
        self.despatch(order_id, tracking_number=f"JD{order_id}")
        return order_id

    def export(self, **later: float) -> dict[str, int]:
        """One tick of the flow."""
        return self.run("order_export", **later)

    def exported(self) -> list[dict[str, Any]]:
        """Unleashed's sales orders, the oldest first."""
        rows = self.account.items("/SalesOrders?pageSize=200")
        rows += self.account.items("/SalesOrders?pageSize=200&orderStatus=Deleted")
        return sorted(rows, key=lambda row: str(row["OrderNumber"]))

    def goods(self) -> list[tuple[str, dict[str, float]]]:
        """Status and goods of each."""
        return [
            (
                row["OrderStatus"],
                {
                    line["Product"]["ProductCode"]: line["OrderQuantity"]
                    for line in row["SalesOrderLines"]
                    if line["LineType"] is None
                },
            )
            for row in self.exported()
        ]

    def read(self, order_id: int) -> WarehouseOrder:
        """The order as the warehouse shows it."""
        found = self.orders.read_order(order_id)
        assert found is not None
        return found

    def bundle(self, sku: str, parts: Mapping[str, int]) -> None:
        """The warehouse has a bundle; Unleashed has a product with its code."""
        made = {"sku": sku, "name": sku, "client_id": 12, "components": dict(parts)}
        self.mintsoft.seed({"products": {"899": made}})

    def lose_there(self, kind: FaultKind, path: str = "/SalesOrders", **more: Any) -> None:
        """Something goes wrong with the next write to Unleashed."""
        self.unleashed.faults.add(Fault(kind, path=path, **{"method": "POST", **more}))
