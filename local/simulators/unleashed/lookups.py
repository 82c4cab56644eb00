"""Unleashed's lists that are read only: warehouses, suppliers, taxes, carriers and the like."""

from __future__ import annotations

from local.simulators.unleashed.company import SHOWN, Company
from local.simulators.unleashed.lists import Listing, Lists, prefix, since
from local.simulators.unleashed.resource import Resource
from local.simulators.unleashed.shapes import STAMPS, Field, Shape, own, texts

CHANGED = {"modifiedSince": since("modifiedSince", "LastModifiedOn")}
SHAPES = {
    "Warehouses": Shape(own(*SHOWN["Warehouses"])),
    "Suppliers": Shape(
        (
            *own("Guid"),
            *texts(0, "SupplierCode", "SupplierName"),
            Field("Currency", "ref", of="Currencies"),
            *own("Obsolete", kind="flag"),
            *STAMPS,
        )
    ),
    "Taxes": Shape(own(*SHOWN["Taxes"])),
    "Currencies": Shape(own(*SHOWN["Currencies"])),
    "ShippingCompanies": Shape(own("Guid", "Name", "LastModifiedOn")),
    "DeliveryMethods": Shape(own("Guid", "Name", "LastModifiedOn")),
    "UnitsOfMeasure": Shape(own("Guid", "Name", "Obsolete", "LastModifiedOn")),
    "ProductGroups": Shape(own(*SHOWN["ProductGroups"])),
    "Salespersons": Shape(own(*SHOWN["Salespersons"])),
    "SellPriceTiers": Shape(own("Tier", "Name")),
}
UNPAGED = {"Currencies", "SellPriceTiers"}
FILTERS = {
    "Warehouses": CHANGED,
    "Suppliers": {
        "supplierCode": prefix("SupplierCode"),
        "supplierName": prefix("SupplierName"),
        **CHANGED,
    },
    "ProductGroups": CHANGED,
}
CODES = {"Warehouses": "WarehouseCode", "Suppliers": "SupplierCode", "Taxes": "TaxCode"}


def lookups(company: Company, lists: Lists) -> list[Resource]:
    """The resources that are read only."""
    return [_lookup(name, company, lists) for name in SHAPES]


def _lookup(name: str, company: Company, lists: Lists) -> Resource:
    made = Resource(company, lists)
    made.name, made.shape = name, SHAPES[name]
    made.listing = Listing(
        filters=FILTERS.get(name, {}), code=CODES.get(name, ""), paged=name not in UNPAGED
    )
    return made
