"""Books of a small run of the stock feed that went well, for tests of its judge."""

from __future__ import annotations

from typing import Any

from local.run.wair_books import Asked, WairBooks
from returns_hub.ports import ParkedItem

PRODUCTS = {
    "1": {"sku": "TEE-RED-M", "client_id": 12},
    "2": {"sku": "MUG-RED", "client_id": 12},
    "3": {"sku": "COAT", "client_id": 13},
    "4": {"sku": "SET", "client_id": 12, "components": {}},
    "5": {"sku": "OLD", "client_id": 12, "discontinued": True},
}


def order_of(number: str, order_id: int, units: int = 1, **more: Any) -> dict[str, Any]:
    """One of Mintsoft's, which has left."""
    return {
        "id": order_id,
        "number": number,
        "client_id": 12,
        "warehouse_id": 3,
        "status_id": 4,
        "tracking_number": f"T{order_id}",
        "items": [{"sku": "TEE-RED-M", "quantity": units, "allocated": 0}],
        **more,
    }


def event_of(order_id: int, units: int, *, so_far: int = 0, left: int = 0) -> dict[str, Any]:
    """What the channel was told of it."""
    line = {
        "sku": "TEE-RED-M",
        "despatched": units,
        "despatched_so_far": so_far or units,
        "left": left,
    }
    return {
        "id": f"d{order_id}",
        "mintsoft_order_id": order_id,
        "tracking_number": f"T{order_id}",
        "lines": [line],
    }


def parked(flow: str = "wair_bundles", subject: str = "mintsoft-order/7") -> ParkedItem:
    """What a person is asked."""
    return ParkedItem("example", "p", flow, "code", "a reason", subject, "{}")


def told(data_set: str, rows: int = 1) -> dict[str, Any]:
    """One of the journal's."""
    return {"what": "told", "set": data_set, "rows": rows}


def item_of(sku: str, **more: str) -> dict[str, Any]:
    """A product as WAIR has it."""
    return {"itemId": sku, "skus": [{"skuId": sku, **more}]}


def clean() -> WairBooks:
    """Everything once, all of it well."""
    return WairBooks(
        client_id=12,
        locations={"COR": (3, 4), "LDN": (5,)},
        tenant={
            "journal": [told(name) for name in ("locations", "sizes", "colors", "items", "stock")],
            "batches": {"open": 0, "started": 2, "stopped": 2},
            "unfinished_full_loads": [],
            "refusals": {},
            "stock": {"COR": {"TEE-RED-M": 9, "MUG-RED": 0}, "LDN": {"MUG-RED": 3}},
            "sets": {
                "locations": [{"locationId": "COR"}, {"locationId": "LDN"}],
                "sizes": [{"sizeId": "M", "sortOrder": 1}],
                "colors": [{"colorId": "RED"}],
                "items": [item_of("TEE-RED-M", sizeId="M", colorId="RED"), item_of("MUG-RED")],
                "reserved": [{"locationId": "COR", "skuId": "TEE-RED-M", "quantity": 3}],
            },
        },
        mintsoft={
            "products": PRODUCTS,
            "stock": [
                _stock(3, 1, 5, quarantined=1),
                _stock(4, 1, 4),
                _stock(4, 2, 0),
                _stock(5, 2, 3),
                _stock(9, 1, 50),
                _stock(3, 3, 50),
            ],
            "orders": [
                order_of("SHOP-1", 1, 2),
                order_of("SHOP-1", 2),
                order_of("SHOP-2", 3, status_id=3),
                order_of("SHOP-3", 4, status_id=3),
                order_of("SHOP-3-E1", 5),
                _waiting(6, 2),
                order_of("SHOP-4", 7, status_id=9),
                order_of("OUT-1", 8, client_id=13),
            ],
            "journal": [
                {"call": "cancel-order", "number": "SHOP-2"},
                {"call": "cancel-order", "number": "SHOP-3"},
            ],
        },
        channel={
            "taken": [event_of(1, 2, left=1), event_of(2, 1, so_far=3), event_of(5, 1)],
            "came_again": [],
            "out_of_order": [],
            "unsigned": 0,
        },
        parked=[parked(), parked("unleashed.orders", "record/o1")],
        asked=Asked(
            split="SHOP-1",
            cancelled="SHOP-2",
            edited=("SHOP-3", "SHOP-3-E1"),
            bundle="SHOP-4",
            changed=("COR", "TEE-RED-M"),
            rows_told=1,
            rows_moved=[("COR", "TEE-RED-M")],
        ),
        advice=(3, 1),
        advised=(3, 1),
    )


def _stock(warehouse: int, product: int, units: int, quarantined: int = 0) -> dict[str, Any]:
    return {
        "warehouse_id": warehouse,
        "product_id": product,
        "units": units,
        "quarantined": quarantined,
    }


def _waiting(order_id: int, aside: int) -> dict[str, Any]:
    """An order that units are set aside for."""
    items = [{"sku": "TEE-RED-M", "quantity": aside, "allocated": aside}]
    return order_of("N-6", order_id, status_id=1, items=items)
