"""How sales orders are listed at Unleashed."""

from __future__ import annotations

from typing import Any

from local.simulators.unleashed.company import Company
from local.simulators.unleashed.lists import Listing, dated, equal, prefix, since, words
from local.simulators.unleashed.shapes import Record


def order_listing(company: Company) -> Listing:
    """Filters and order of the list of a company's sales orders."""
    customers, warehouses = company.all("Customers"), company.all("Warehouses")

    def customer(row: Record) -> Record:
        return customers[row["Customer"]]

    def done(name: str, *, after: bool) -> Any:
        test = since(name, "CompletedDate")
        return lambda row, value: row["CompletedDate"] is not None and test(row, value) is after

    return Listing(
        filters={
            "orderNumber": equal("OrderNumber"),
            "sourceId": equal("SourceId"),
            "orderStatus": words("OrderStatus"),
            "customOrderStatus": words("CustomOrderStatus"),
            "customerCode": lambda row, v: prefix("CustomerCode")(customer(row), v),
            "customerId": words("Customer"),
            "warehouseCode": lambda row, v: warehouses[row["Warehouse"]]["WarehouseCode"] == v,
            "completedAfter": done("completedAfter", after=True),
            "completedBefore": done("completedBefore", after=False),
            **dated("OrderDate"),
        },
        single=("orderNumber", "sourceId"),
        overrides={"customOrderStatus": "orderStatus"},
        also=frozenset({"serialBatch"}),
        hidden=lambda row: row["OrderStatus"] == "Deleted",
        unhides=frozenset({"orderStatus", "orderNumber", "sourceId"}),
        newest=True,
    )
