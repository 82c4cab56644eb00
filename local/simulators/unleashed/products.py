"""Unleashed's products: made or updated by one and the same POST, and made obsolete."""

from __future__ import annotations

from typing import Any

from local.simulators.unleashed.lists import Listing, contains, equal, prefix, since, words
from local.simulators.unleashed.replies import Call, Route, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import (
    STAMPS,
    Field,
    Record,
    Shape,
    View,
    number_of,
    numbers,
    own,
    same_guid,
    texts,
)
from local.simulators.wire import Reply

KEPT = ("MinimumOrderQuantity", "MinimumSaleQuantity", "MinimumSellPrice")
"""What keeps its value when an update leaves it out; everything else becomes blank."""
FIXED = ("ProductCode", "IsSerialized", "IsBatchTracked")
"""What stays as it was made."""
TIERS = tuple(f"SellPriceTier{number}" for number in range(1, 11))
PRODUCT = Shape(
    (
        Field("Guid", "guid"),
        Field("ProductCode", most=100, required=True),
        Field("ProductDescription", most=500, required=True),
        *texts(200, "Barcode"),
        *numbers("PackSize", "Width", "Height", "Depth", "Weight"),
        *numbers("MinStockAlertLevel", "MaxStockAlertLevel", "ReOrderPoint"),
        Field("UnitOfMeasure", "ref", of="UnitsOfMeasure"),
        Field("NeverDiminishing", "flag", default=False),
        *own("LastCost", "AverageLandPrice", kind="number"),
        *numbers("DefaultPurchasePrice", "DefaultSellPrice"),
        *own("CustomerSellPrice", kind="number"),
        Field("Obsolete", "flag", default=False),
        *texts(1024, "Notes"),
        *own("Images", "ImageUrl"),
        *(Field(name, "plain") for name in TIERS),
        *texts(0, "XeroTaxCode", "XeroSalesTaxCode"),
        *numbers("XeroTaxRate", "XeroSalesTaxRate"),
        Field("TaxablePurchase", "flag", default=False),
        Field("TaxableSales", "flag", default=False),
        *own("IsComponent", "IsAssembledProduct", kind="flag"),
        Field("IsSerialized", "flag", default=False),
        Field("IsBatchTracked", "flag", default=False),
        Field("IsSellable", "flag", default=True),
        Field("IsPurchasable", "flag", default=True),
        Field("ProductGroup", "ref", of="ProductGroups"),
        *(Field(name, "plain") for name in ("ProductSubGroup", "ProductBrand", "Supplier")),
        *texts(0, "BinLocation"),
        Field("AttributeSet", "plain"),
        *texts(0, "SourceId", "SourceVariantParentId"),
        *numbers(*KEPT),
        *texts(0, "CommerceCode", "CustomsDescription", "SupplementaryClassificationAbbreviation"),
        *texts(0, "ICCCountryCode", "ICCCountryName"),
        Field("InventoryDetails", "plain"),
        *STAMPS,
    )
)
ORDERS = ("LastModifiedOn", "CreatedOn", "ProductCode")


def _in_group(row: Record, value: str) -> bool:
    return str(row.get("ProductGroup") or "") == value


class Products(Resource):
    """The resource."""

    name = "Products"
    shape = PRODUCT
    listing = Listing(
        filters={
            "productCode": prefix("ProductCode"),
            "productDescription": prefix("ProductDescription"),
            "product": contains("ProductCode", "ProductDescription"),
            "ProductBarcode": equal("Barcode"),
            "productGroup": _in_group,
            "productId": words("Guid"),
            "excludeAssembled": lambda row, on: not (on == "true" and row["IsAssembledProduct"]),
            "excludeComponents": lambda row, on: not (on == "true" and row["IsComponent"]),
            "modifiedSince": since("modifiedSince", "LastModifiedOn"),
            "includeObsolete": lambda row, on: on == "true" or not row["Obsolete"],
        },
        also=frozenset({"orderBy", "sort", "brief", "smart", "includeAttributes", "customerCode"}),
        hidden=lambda row: bool(row["Obsolete"]),
        unhides=frozenset({"includeObsolete"}),
        code="ProductCode",
    )

    def routes(self) -> list[Route]:
        """Besides lists: create or update, and obsolete. There is no PUT and no DELETE."""
        return [
            *super().routes(),
            ("POST", rf"/{self.name}", lambda call: self.write(call, None)),
            ("POST", rf"/{self.name}/{ONE}", self.write),
            ("POST", rf"/{self.name}/Obsolete/{ONE}", self.obsolete),
        ]

    def page(self, call: Call, number: int) -> Reply:
        """One page; ``orderBy`` is one of three words."""
        if call.query.get("orderBy", "ProductCode") not in ORDERS:
            raise wrong(f"orderBy is one of {', '.join(ORDERS)}.")
        return super().page(call, number)

    def show(self, record: Record, view: View) -> dict[str, Any]:
        """A product, with its average cost."""
        cost = self.company.stock.cost(record["Guid"])
        return super().show(record, view) | {"AverageLandPrice": cost or None}

    def write(self, call: Call, guid: str | None) -> Reply:
        """``POST /Products/{guid}``: a new product, or the whole of one that there is."""
        body = call.content()
        if guid:
            same_guid(guid.lower(), body)
        record = self.read(body)
        record["Guid"] = guid.lower() if guid else record["Guid"]
        there = self.company.all(self.name).get(record["Guid"])
        self._check(record, there)
        if there is None:
            self.create(record, call.by)
            return self.made(call, record)
        self.update(record, there, call.by)
        return self.reply(call, there)

    def _check(self, record: Record, there: Record | None) -> None:
        named = self.company.by_code(self.name, record["ProductCode"])
        if there is None and named is not None:
            raise wrong(f"Product code {record['ProductCode']} already exists.")
        for key in FIXED if there else ():
            if there is not None and record[key] != there[key]:
                raise wrong(f"{key} cannot be changed.")
        for tier in TIERS:
            value = record[tier]
            if isinstance(value, dict) and value.get("Value") is not None:
                number_of(tier, value["Value"])

    def create(self, record: Record, by: str) -> Record:
        """Keep a new product."""
        record |= {"IsComponent": False, "IsAssembledProduct": False}
        self.company.add(self.name, record, by)
        self.company.note("product_made", by, record["Guid"], code=record["ProductCode"])
        self.company.tell("product.created", productGuid=record["Guid"])
        return record

    def update(self, record: Record, there: Record, by: str) -> None:
        """Write a whole product over one that there is."""
        kept = {key: there[key] for key in KEPT if record[key] is None}
        there |= record | kept
        self.company.touch(there, by)
        self.company.note("product_changed", by, there["Guid"], code=there["ProductCode"])
        self.company.tell("product.updated", productGuid=there["Guid"])

    def obsolete(self, call: Call, guid: str) -> Reply:
        """``POST /Products/Obsolete/{guid}``."""
        call.no_content()
        record = self.one(guid)
        self.make_obsolete(record, call.by)
        return self.reply(call, record)

    def make_obsolete(self, record: Record, by: str) -> None:
        """A product is no more. Whether that is an update or a deletion to a webhook no source
        tells; Mintsoft's connector takes a deletion for the end of a product."""
        record["Obsolete"] = True
        self.company.touch(record, by)
        self.company.note("product_obsolete", by, record["Guid"], code=record["ProductCode"])
        self.company.tell("product.deleted", productGuid=record["Guid"])
