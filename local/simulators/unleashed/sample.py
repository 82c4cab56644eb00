"""An invented company at Unleashed, whose product codes are SKUs of the sample at Mintsoft."""

from __future__ import annotations

from typing import Any

API_ID = "0f6ad3a1-0000-4000-8000-00000000c0de"
API_KEY = "an-invented-key-of-unleashed=="
MAIN, THIRD_PARTY = "MAIN", "3PL"
STOCKED = (
    ("TEE-RED-M", "Tee Red M", "5700000000017", 7.5, 19.9, 40),
    ("TEE-BLU-L", "Tee Blu L", "5700000000024", 7.5, 19.9, 25),
    ("DRESS-GRN-S", "Dress Grn S", "5700000000031", 22.0, 59.9, 12),
    ("JEANS-32", "Jeans 32", "5700000000048", 30.0, 79.9, 6),
    ("JEANS-34", "Jeans 34", "5700000000079", 30.0, 79.9, 8),
    ("HOODIE-GREY-M", "Hoodie Grey M", None, 16.0, 44.9, 15),
    ("CAP-BLACK", "Cap Black", "5700000000086", 4.0, 14.9, 0),
    ("BOOTS-41", "Boots 41", "5700000000093", 48.0, 119.9, 0),
)
"""Code, description, barcode, purchase price, sell price, stock in `MAIN`."""


def sample(
    api_id: str = API_ID,
    api_key: str = API_KEY,
    *,
    management: bool = False,
    more_stock: bool = True,
) -> dict[str, Any]:
    """What `UnleashedSimulator.seed` takes: one company with two warehouses.

    Args:
        api_id: The id of its key.
        api_key: Its key.
        management: Its switch Order Management.
        more_stock: Also stock that Mintsoft's sample does not have: batches, and a second
            warehouse's.
    """
    main: dict[str, Any] = {code: many for code, *_, many in STOCKED if many}
    stock = {MAIN: main}
    if more_stock:
        main["MUG-RED"] = {"quantity": 10, "batches": {"L2408": 6, "L2501": 4}}
        stock[THIRD_PARTY] = {"TEE-RED-M": 5}
    products: list[dict[str, Any]] = [
        {
            "ProductCode": code,
            "ProductDescription": name,
            "Barcode": barcode,
            "DefaultPurchasePrice": cost,
            "DefaultSellPrice": price,
            "UnitOfMeasure": {"Name": "EA"},
        }
        for code, name, barcode, cost, price, _ in STOCKED
    ]
    products += [
        {"ProductCode": "MUG-RED", "ProductDescription": "Mug Red", "IsBatchTracked": True},
        {"ProductCode": "WATCH-01", "ProductDescription": "Watch 01", "IsSerialized": True},
        {"ProductCode": "SOCK-3PK", "ProductDescription": "Sock 3Pk"},
        {"ProductCode": "CARRIAGE", "ProductDescription": "Carriage", "NeverDiminishing": True},
    ]
    for row in products:
        for key in ("DefaultPurchasePrice", "DefaultSellPrice"):
            row.setdefault(key, 5.0)
    return {
        "companies": [
            {
                "api_id": api_id,
                "api_key": api_key,
                "name": "Example Fashion",
                "management": management,
                "custom_statuses": ["Ready to ship", "On hold"],
                "reasons": ["Mintsoft", "Stock take"],
                "currencies": [
                    {"CurrencyCode": "GBP", "Description": "Pound sterling"},
                    {"CurrencyCode": "DKK", "Description": "Danish krone"},
                    {"CurrencyCode": "EUR", "Description": "Euro"},
                ],
                "taxes": [
                    {"TaxCode": "V.A.T.", "Description": "Standard rate", "TaxRate": 0.2},
                    {"TaxCode": "NONE", "Description": "No tax", "TaxRate": 0.0},
                ],
                "warehouses": [
                    {
                        "WarehouseCode": MAIN,
                        "WarehouseName": "Main",
                        "IsDefault": True,
                        "AddressLine1": "1 Example Way",
                        "City": "Corby",
                        "PostCode": "NN17 0AA",
                        "Country": "United Kingdom",
                    },
                    {
                        "WarehouseCode": THIRD_PARTY,
                        "WarehouseName": "Third party",
                        "AddressLine1": "2 Sample Street",
                        "City": "London",
                        "PostCode": "E1 0AA",
                        "Country": "United Kingdom",
                    },
                ],
                "carriers": [{"Name": "Royal Mail"}, {"Name": "DPD"}, {"Name": "PostNord"}],
                "delivery_methods": [{"Name": "Standard"}, {"Name": "Express"}],
                "units": [{"Name": "EA"}],
                "product_groups": [{"GroupName": "Clothes"}],
                "price_tiers": [{"Tier": 1, "Name": "Retail"}],
                "suppliers": [
                    {"SupplierCode": "MILL", "SupplierName": "Example Mill", "Currency": "GBP"}
                ],
                "customers": [
                    {
                        "CustomerCode": "WEBSHOP",
                        "CustomerName": "Web shop",
                        "Currency": {"CurrencyCode": "GBP"},
                    },
                    {
                        "CustomerCode": "WEBSHOP-DK",
                        "CustomerName": "Web shop in Denmark",
                        "Currency": {"CurrencyCode": "DKK"},
                    },
                    {
                        "CustomerCode": "BOUTIQUE",
                        "CustomerName": "A boutique",
                        "Currency": {"CurrencyCode": "GBP"},
                        "Addresses": [
                            {
                                "AddressType": "Shipping",
                                "AddressName": "Shop",
                                "StreetAddress": "3 High Street",
                                "City": "Leeds",
                                "PostalCode": "LS1 1AA",
                                "Country": "United Kingdom",
                            }
                        ],
                    },
                ],
                "products": products,
                "bills": [{"product": "SOCK-3PK", "parts": {"TEE-RED-M": 2, "TEE-BLU-L": 1}}],
                "stock": stock,
            }
        ]
    }
