"""Unleashed's stock on hand: rows of what has moved, for all warehouses or for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.lists import Listing, since, words
from local.simulators.unleashed.replies import Call, Route, answer, day_or_time, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import Record, Shape, View, own
from local.simulators.wire import Reply

ROW = Shape(
    own(
        "ProductCode",
        "ProductDescription",
        "ProductGuid",
        "ProductSourceId",
        "ProductGroupName",
        "WarehouseId",
        "Warehouse",
        "WarehouseCode",
        "DaysSinceLastSale",
        "OnPurchase",
        "AllocatedQty",
        "AvailableQty",
        "QtyOnHand",
        "AvgCost",
        "TotalCost",
        "Guid",
        "LastModifiedOn",
    )
)
OPEN_ORDERS = {"Placed", "Backordered"}
OPEN_PURCHASES = {"Placed", "Costed"}


@dataclass(frozen=True)
class Amounts:
    """What the rows of one reading are made from, by product.

    Attributes:
        warehouse: The only one that counts; None for all.
        past: What was on hand at the moment that was asked for.
    """

    warehouse: str | None
    touched: dict[str, datetime]
    allocated: dict[str, Decimal]
    bought: dict[str, Decimal]
    past: dict[str, Decimal] | None


class OnHand(Resource):
    """The resource; nothing is written here."""

    name = "StockOnHand"
    shape = ROW
    listing = Listing(
        filters={
            "productId": words("ProductGuid"),
            "modifiedSince": since("modifiedSince", "LastModifiedOn"),
        },
        also=frozenset({"warehouseCode", "warehouseName", "asAtDate", "isAssembled", "orderBy"}),
        code="ProductCode",
    )

    def routes(self) -> list[Route]:
        """The list, one product, and one product in every warehouse."""
        return [
            *super().routes(),
            ("GET", rf"/{self.name}/{ONE}/AllWarehouses", self.all_warehouses),
        ]

    def page(self, call: Call, number: int) -> Reply:
        """One page, of the warehouse asked for or of all together."""
        warehouse = self._warehouse(call)
        self._lists.check(call, self.listing)
        amounts = self._amounts(warehouse, at=call.query.get("asAtDate"))
        assembled = call.flag("isAssembled")

        def whole(row: Record) -> Record:
            found = self._row(row["ProductGuid"], amounts)
            if assembled:
                found["AvailableQty"] += self._buildable(row["ProductGuid"], warehouse)
            return found

        products = self.company.all("Products")
        rows = [
            {
                "ProductCode": products[product]["ProductCode"],
                "ProductGuid": product,
                "LastModifiedOn": moment,
            }
            for product, moment in amounts.touched.items()
        ]
        if "orderBy" in call.query:
            rows = [whole(row) for row in rows]
        return self._lists.page(
            call,
            self.name,
            number,
            self.listing,
            rows=rows,
            show=lambda row: self.show(whole(row), View()),
        )

    def _warehouse(self, call: Call) -> str | None:
        """The Guid of the warehouse that is asked for; empty when there is none such."""
        asked = {"WarehouseCode": "warehouseCode", "WarehouseName": "warehouseName"}
        for key, parameter in asked.items():
            if parameter in call.query:
                for guid, row in self.company.all("Warehouses").items():
                    if row[key] == call.query[parameter]:
                        return guid
                return ""
        return None

    def single(self, call: Call, guid: str) -> Reply:
        """One product, all warehouses together."""
        if "modifiedSince" in call.query:
            raise wrong("modifiedSince is not for a single product.")
        self.company.one("Products", guid)
        row = self._row(guid.lower(), self._amounts(None))
        return answer(row, camel=self.company.settings.keys == "camel")

    def all_warehouses(self, call: Call, guid: str) -> Reply:
        """One product, a row for each warehouse in which it ever had a transaction."""
        self.company.one("Products", guid)
        each = [self._amounts(warehouse) for warehouse in self.company.all("Warehouses")]
        product = guid.lower()
        rows = [self._row(product, amounts) for amounts in each if product in amounts.touched]
        settings = self.company.settings
        content: Any = rows if settings.all_warehouses == "list" else {"Items": rows}
        return answer(content, camel=settings.keys == "camel")

    # -- rows -------------------------------------------------------------------------------

    def _amounts(self, warehouse: str | None, *, at: str | None = None) -> Amounts:
        """What rows are made from; only of products that ever had a transaction."""
        stock, touched = self.company.stock, dict[str, datetime]()
        for (product, place), moment in stock.touched.items():
            if warehouse in {None, place}:
                touched[product] = max(moment, touched.get(product, moment))
        past: dict[str, Decimal] | None = None
        if at is not None:
            past = defaultdict(Decimal)
            until = day_or_time("asAtDate", at) + timedelta(days=1)
            for (product, place), many in stock.at(until).items():
                if warehouse in {None, place}:
                    past[product] += many
        allocated, bought = self._allocated(warehouse), self._bought(warehouse)
        return Amounts(warehouse, touched, allocated, bought, past)

    def _row(self, product: str, amounts: Amounts) -> Record:
        found, stock = self.company.one("Products", product), self.company.stock
        if amounts.past is not None:
            there = amounts.past.get(product, Decimal())
        elif amounts.warehouse is None:
            there = stock.everywhere(product)
        else:
            there = stock.there(product, amounts.warehouse)
        place = self.company.all("Warehouses").get(amounts.warehouse or "", {})
        group = self.company.all("ProductGroups").get(found.get("ProductGroup") or "", {})
        taken, cost = amounts.allocated.get(product, Decimal()), stock.cost(product)
        return {
            "ProductCode": found["ProductCode"],
            "ProductDescription": found["ProductDescription"],
            "ProductGuid": product,
            "ProductSourceId": found.get("SourceId"),
            "ProductGroupName": group.get("GroupName", ""),
            "WarehouseId": place.get("Guid", ""),
            "Warehouse": place.get("WarehouseName", ""),
            "WarehouseCode": place.get("WarehouseCode", ""),
            "DaysSinceLastSale": None,
            "OnPurchase": amounts.bought.get(product, Decimal()),
            "AllocatedQty": taken,
            "AvailableQty": there - taken,
            "QtyOnHand": there,
            "AvgCost": cost,
            "TotalCost": there * cost,
            "Guid": product,
            "LastModifiedOn": amounts.touched.get(product, found["LastModifiedOn"]),
        }

    def _allocated(self, warehouse: str | None) -> dict[str, Decimal]:
        """What open orders hold and no shipment has taken out yet."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for order in self.company.all("SalesOrders").values():
            if order["OrderStatus"] in OPEN_ORDERS and warehouse in {None, order["Warehouse"]}:
                _add(sums, order["SalesOrderLines"], "OrderQuantity")
                for shipment in order["_shipments"]:
                    if shipment["ShipmentStatus"] == "Dispatched":
                        _add(sums, shipment["SalesShipmentLines"], "ShipmentQty", -1)
        return sums

    def _bought(self, warehouse: str | None) -> dict[str, Decimal]:
        """What open purchase orders will bring."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for order in self.company.all("PurchaseOrders").values():
            if order["OrderStatus"] in OPEN_PURCHASES and warehouse in {None, order["Warehouse"]}:
                _add(sums, order["PurchaseOrderLines"], "OrderQuantity")
                _add(sums, order["PurchaseOrderLines"], "_receipted", -1)
        return sums

    def _buildable(self, product: str, warehouse: str | None) -> Decimal:
        """How many could be assembled by themselves from what there is."""
        for bill in self.company.all("BillOfMaterials").values():
            if bill["Product"] == product and bill["CanAutoAssemble"]:
                stock = self.company.stock
                enough = [
                    stock.everywhere(line["Product"])
                    if warehouse is None
                    else stock.there(line["Product"], warehouse)
                    for line in bill["BillOfMaterialsLines"]
                ]
                needed = [line["Quantity"] for line in bill["BillOfMaterialsLines"]]
                return min((a // b for a, b in zip(enough, needed, strict=True)), default=Decimal())
        return Decimal()


def _add(sums: dict[str, Decimal], lines: Iterable[Record], key: str, sign: int = 1) -> None:
    for line in lines:
        if line["Product"] is not None:
            sums[line["Product"]] += sign * (line.get(key) or Decimal())
