"""What people do in Unleashed's own pages with everything but sales: purchases, stock, credits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.hands import Goods, SalesHands, priced, totals
from local.simulators.unleashed.replies import Refused
from local.simulators.unleashed.shapes import Record, decimals


class Hands(SalesHands):
    """A user of a company, with all that one does."""

    def place_purchase(
        self,
        supplier: str,
        goods: Goods,
        *,
        warehouse: str = "MAIN",
        status: str = "Placed",
        fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A purchase order, at the products' purchase prices."""
        lines = []
        for at, (code, many) in enumerate(goods.items(), start=1):
            price = self.company.coded("Products", code)["DefaultPurchasePrice"] or Decimal(1)
            head = {"LineNumber": at, "Product": {"ProductCode": code}}
            lines.append(priced(head, Decimal(str(many)), price, Decimal("0.2")))
        body = {
            "OrderStatus": status,
            "Supplier": {"SupplierCode": supplier},
            "Warehouse": {"WarehouseCode": warehouse},
            "ExchangeRate": 1,
            "OrderDate": self.company.today().strftime("%Y-%m-%d"),
            **totals(lines),
            "PurchaseOrderLines": lines,
            **decimals(fields or {}),
        }
        made = self.desk.purchases.create(self.desk.purchases.checked(body), self.user)
        return {"guid": made["Guid"], "number": made["OrderNumber"]}

    def set_purchase_status(self, number: str, status: str) -> Any:
        """Parked, Placed, Unapproved, Costed or Deleted."""
        record = self.numbered("PurchaseOrders", number)
        self.desk.purchases.changeable(record["Guid"])
        if status == "Deleted":
            self.desk.purchases.delete(record, self.user)
        else:
            record["OrderStatus"] = status
            self.company.touch(record, self.user)
        return {"number": number}

    def park_transfer(
        self, source: str, destination: str, goods: Goods, *, comments: str | None = None
    ) -> dict[str, Any]:
        """A transfer between warehouses, parked."""
        record: Record = {
            "TransferStatus": "Parked",
            "SourceWarehouse": self.desk.warehouse(source),
            "DestinationWarehouse": self.desk.warehouse(destination),
            "OrderDate": self.company.today(),
            "DeliveryDate": None,
            "Comments": comments,
            "TransferDetails": [
                {"Product": self.desk.product(code), "TransferQuantity": Decimal(str(many))}
                for code, many in goods.items()
            ],
        }
        made = self.desk.transfers.create(record, self.user)
        return {"guid": made["Guid"], "number": made["TransferOrderNumber"]}

    def complete_transfer(self, number: str) -> Any:
        """The goods move."""
        record = self.numbered("WarehouseStockTransfers", number)
        self.desk.transfers.finish(self.desk.transfers.parked(record["Guid"]), self.user)
        return {"number": number}

    def delete_transfer(self, number: str) -> Any:
        """A parked transfer is deleted."""
        record = self.numbered("WarehouseStockTransfers", number)
        self.desk.transfers.delete(self.desk.transfers.parked(record["Guid"]), self.user)
        return {"number": number}

    def park_assembly(
        self, product: str, quantity: Any, *, warehouse: str = "MAIN", custom: str | None = None
    ) -> dict[str, Any]:
        """An assembly from its product's bill of materials, parked."""
        body = {
            "AssemblyStatus": "Parked",
            "CustomAssemblyStatus": custom,
            "Product": {"ProductCode": product},
            "Quantity": Decimal(str(quantity)),
            "Warehouse": {"WarehouseCode": warehouse},
        }
        made = self.desk.assemblies.create(self.desk.assemblies.checked(body), self.user)
        return {"guid": made["Guid"], "number": made["AssemblyNumber"]}

    def complete_assembly(self, number: str) -> Any:
        """Components go, what they make comes."""
        record = self.numbered("Assemblies", number)
        self.desk.assemblies.finish(self.desk.assemblies.parked(record["Guid"]), self.user)
        return {"number": number}

    def delete_assembly(self, number: str) -> Any:
        """A parked assembly is deleted."""
        record = self.numbered("Assemblies", number)
        self.desk.assemblies.delete(self.desk.assemblies.parked(record["Guid"]), self.user)
        return {"number": number}

    def count_stock(self, warehouse: str, counted: Goods) -> dict[str, Any]:
        """A stock take: what there is becomes what was counted."""
        levels = {self.desk.product(code): Decimal(str(m)) for code, m in counted.items()}
        made = self.desk.counts.take(self.desk.warehouse(warehouse), levels, self.user)
        return {"guid": made["Guid"], "code": made["StockTakeCode"]}

    def credit(
        self,
        customer: str,
        goods: Goods,
        *,
        warehouse: str = "MAIN",
        returns: bool = True,
        complete: bool = True,
        reference: str | None = None,
        free: bool = True,
    ) -> dict[str, Any]:
        """A credit note; ``free=False`` is one of an invoice, which the API cannot change."""
        body = {
            "CreditDate": self.company.today().strftime("%Y-%m-%d"),
            "Customer": {"CustomerCode": customer},
            "Warehouse": {"WarehouseCode": warehouse},
            "ExchangeRate": 1,
            "Reference": reference,
            "CreditLines": [
                {
                    "Product": {"ProductCode": code},
                    "CreditQuantity": Decimal(str(many)),
                    "CreditPrice": self.company.coded("Products", code)["DefaultSellPrice"] or 10,
                    "Reason": "Return",
                    "Return": returns,
                }
                for code, many in goods.items()
            ],
        }
        kind = "FreeCredit" if free else "InvoiceCredit"
        record = self.desk.credits.checked(body)
        made = self.desk.credits.create(record, self.user, kind=kind)
        if complete:
            self.desk.credits.finish(made, self.user)
        return {"guid": made["Guid"], "number": made["CreditNumber"]}

    def change_product(self, code: str, fields: Mapping[str, Any]) -> Any:
        """Other fields of a product, by the API's keys."""
        record = self.company.coded("Products", code)
        self.desk.products.update(
            record | self.desk.products.read(decimals(fields), partial=True), record, self.user
        )
        return {"guid": record["Guid"]}

    def add_product(self, fields: Mapping[str, Any]) -> Any:
        """A new product, by the API's keys."""
        record = self.desk.products.read(decimals(fields))
        if self.company.by_code("Products", record["ProductCode"]):
            raise ValueError(f"product {record['ProductCode']} is there")
        return {"guid": self.desk.products.create(record, self.user)["Guid"]}

    def obsolete_product(self, code: str) -> Any:
        """A product is no more."""
        self.desk.products.make_obsolete(self.company.coded("Products", code), self.user)
        return {"code": code}

    def delete_product(self, code: str) -> Any:
        """A product that no document names is deleted; no list shows it any more."""
        record = self.company.coded("Products", code)
        self.company.remove("Products", record)
        self.company.note("product_deleted", self.user, record["Guid"], code=code)
        self.company.tell("product.deleted", productGuid=record["Guid"])
        return {"code": code}


def told(refused: Refused) -> ValueError:
    """A refusal as the side door tells it."""
    return ValueError(refused.description)
