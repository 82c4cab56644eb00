"""All of one company at Unleashed: its resources, its webhooks, what it is seeded with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.adjustments import Adjustments, Counts
from local.simulators.unleashed.assemblies import Assemblies, Bills
from local.simulators.unleashed.company import NATURAL, Company
from local.simulators.unleashed.credits import Credits
from local.simulators.unleashed.customers import Customers
from local.simulators.unleashed.invoices import Invoices
from local.simulators.unleashed.lists import Lists
from local.simulators.unleashed.lookups import lookups
from local.simulators.unleashed.onhand import OnHand
from local.simulators.unleashed.orders import Orders
from local.simulators.unleashed.products import Products
from local.simulators.unleashed.purchases import Purchases
from local.simulators.unleashed.replies import Route
from local.simulators.unleashed.resource import Resource
from local.simulators.unleashed.shapes import Record, View, decimals
from local.simulators.unleashed.shipments import Shipments
from local.simulators.unleashed.transfers import Transfers
from local.simulators.unleashed.webhooks import Webhooks

SEEDED_BY = "setup@example.test"
PLAIN = {
    "currencies": "Currencies",
    "taxes": "Taxes",
    "warehouses": "Warehouses",
    "carriers": "ShippingCompanies",
    "delivery_methods": "DeliveryMethods",
    "units": "UnitsOfMeasure",
    "product_groups": "ProductGroups",
    "salespersons": "Salespersons",
    "price_tiers": "SellPriceTiers",
}
"""Part of a seed -> the resource that is read only."""


class Desk:
    """A company with everything that it can do."""

    def __init__(self, company: Company) -> None:
        self.company = company
        lists = Lists(company)
        self.products = Products(company, lists)
        self.customers = Customers(company, lists)
        self.on_hand = OnHand(company, lists)
        self.invoices = Invoices(company, lists)
        self.shipments = Shipments(company, lists, self.invoices)
        self.orders = Orders(company, lists, self.shipments)
        self.credits = Credits(company, lists)
        self.adjustments = Adjustments(company, lists)
        self.counts = Counts(company, lists)
        self.transfers = Transfers(company, lists)
        self.purchases = Purchases(company, lists)
        self.bills = Bills(company, lists)
        self.assemblies = Assemblies(company, lists, self.bills)
        self.webhooks = Webhooks(company)
        self._resources: list[Resource] = [
            self.products,
            self.customers,
            self.on_hand,
            self.invoices,
            self.shipments,
            self.orders,
            self.credits,
            self.adjustments,
            self.counts,
            self.transfers,
            self.purchases,
            self.bills,
            self.assemblies,
            *lookups(company, lists),
        ]

    def routes(self) -> list[Route]:
        """Everything that the company's key opens."""
        found = [route for resource in self._resources for route in resource.routes()]
        return [*found, *self.webhooks.routes()]

    # -- seed -------------------------------------------------------------------------------

    def seed(self, content: Mapping[str, Any]) -> None:
        """Add what a company has; what is there by its code already is left as it is.

        Args:
            content: ``name``, ``management``, ``custom_statuses``, ``reasons``; lists with
                Unleashed's own keys: ``currencies``, ``taxes``, ``warehouses``, ``carriers``,
                ``delivery_methods``, ``units``, ``product_groups``, ``salespersons``,
                ``price_tiers``, ``suppliers``, ``customers``, ``products``; ``bills`` (``product``,
                ``parts`` by code, ``auto``); ``stock`` by warehouse and product code, a quantity or
                ``{"quantity", "cost", "batches": {number: quantity}}``.

        Raises:
            ValueError: Something that is named is not there.
        """
        company = self.company
        company.name = str(content.get("name", company.name))
        company.management = bool(content.get("management", company.management))
        for name in ("custom_statuses", "reasons"):
            kept: list[str] = getattr(company, name)
            kept += [word for word in content.get(name, []) if word not in kept]
        if len(company.custom_statuses) > 10 or any(len(w) > 15 for w in company.custom_statuses):
            raise ValueError("at most 10 custom statuses, of at most 15 characters")
        for part, resource in PLAIN.items():
            for row in content.get(part, []):
                self._add_plain(resource, row)
        for row in content.get("suppliers", []):
            self._add_plain("Suppliers", row)
        for row in content.get("customers", []):
            if company.by_code("Customers", row["CustomerCode"]) is None:
                self.customers.create(self.customers.read(decimals(row)), SEEDED_BY)
        for row in content.get("products", []):
            if company.by_code("Products", row["ProductCode"]) is None:
                self.products.create(self.products.read(decimals(row)), SEEDED_BY)
        for row in content.get("bills", []):
            parts = {
                str(self.product(code)): Decimal(str(many)) for code, many in row["parts"].items()
            }
            self.bills.create(self.product(row["product"]), parts, auto=bool(row.get("auto")))
        for place, levels in content.get("stock", {}).items():
            for code, level in levels.items():
                self.stock_up(place, code, level)

    def _add_plain(self, resource: str, row: Mapping[str, Any]) -> None:
        code = NATURAL.get(resource)
        if code and self.company.by_code(resource, row[code]):
            return
        record: Record = decimals(row)
        if resource == "Suppliers":
            currency = record.get("Currency") or next(iter(self.company.all("Currencies")), None)
            found = self.company.by_code("Currencies", str(currency))
            record["Currency"] = found["Guid"] if found else currency
        record = {"IsDefault": False, "Obsolete": False} | record
        self.company.add(resource, record, SEEDED_BY)

    def product(self, code: str) -> str:
        """A product's Guid.

        Raises:
            ValueError: There is no such product.
        """
        return str(self.company.coded("Products", code)["Guid"])

    def warehouse(self, code: str) -> str:
        """A warehouse's Guid.

        Raises:
            ValueError: There is no such warehouse.
        """
        return str(self.company.coded("Warehouses", code)["Guid"])

    def stock_up(self, warehouse: str, code: str, level: Any) -> None:
        """Stock that was there before everything."""
        given = level if isinstance(level, dict) else {"quantity": level}
        many = Decimal(str(given["quantity"]))
        product = self.company.coded("Products", code)
        price = product["DefaultPurchasePrice"] or Decimal(1)
        cost = Decimal(str(given["cost"])) if "cost" in given else price
        batches = [(name, Decimal(str(b))) for name, b in given.get("batches", {}).items()]
        self.company.stock.move(
            product["Guid"],
            self.warehouse(warehouse),
            many,
            "opening",
            "",
            value=many * cost,
            batches=batches,
        )

    # -- books ------------------------------------------------------------------------------

    def records(self, resource: str) -> list[dict[str, Any]]:
        """Every record of a resource as the API shows it, dates as ISO, deleted ones too.

        Raises:
            ValueError: There is no such resource.
        """
        for found in self._resources:
            if found.name == resource:
                view = View(serial_batch=True, brief=False)
                return [found.show(record, view) for record in found.rows()]
        raise ValueError(f"no resource {resource}")

    def stock_levels(self) -> dict[str, dict[str, float]]:
        """On hand by warehouse and product code."""
        company, found = self.company, {}
        for guid, place in company.all("Warehouses").items():
            found[place["WarehouseCode"]] = {
                company.all("Products")[product]["ProductCode"]: float(
                    company.stock.there(product, guid)
                )
                for product, where in company.stock.touched
                if where == guid
            }
        return found

    def books(self) -> dict[str, Any]:
        """What really happened in this company."""
        company = self.company
        return {
            "name": company.name,
            "journal": [dict(entry) for entry in company.journal],
            "refusals": dict(company.refusals),
            "unknown_keys": dict(company.unknown_keys),
            "stock": self.stock_levels(),
            "movements": [
                {
                    "at": row.at.isoformat(),
                    "product": company.all("Products")[row.product]["ProductCode"],
                    "warehouse": company.all("Warehouses")[row.warehouse]["WarehouseCode"],
                    "quantity": str(row.quantity),
                    "what": row.what,
                    "guid": row.guid,
                    "batches": {name: str(many) for name, many in row.batches},
                }
                for row in company.stock.movements
            ],
            "webhooks": self.webhooks.books(),
        }
