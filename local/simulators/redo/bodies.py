"""Bodies as Redo's official schema wants them whole, for what a scenario does not care about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COVERAGE = {
    "covered": True,
    "returnsCoverage": True,
    "packageProtection": False,
    "finalSaleCoverage": False,
}
"""``protection`` of an order (``order-read.schema``)."""
PROTECTION = {
    **COVERAGE,
    "labelPayer": "redo",
    "labelPayerReason": "REDO_ORDER_HAS_RETURNS_COVERAGE",
}
"""``protection`` of a return (``return-read.schema``)."""
SENDER = {
    "emailAddress": "pat@example.test",
    "mailingAddress": {
        "line1": "1 Sample Row",
        "line2": "",
        "city": "Leeds",
        "state": "West Yorkshire",
        "postalCode": "LS1 1AA",
        "country": "GB",
    },
    "name": {"given": "Pat", "surname": "Wexquillname"},
    "phoneNumber": "+447700900000",
}
"""``source`` of a return: an invented customer."""


def _money(amount: str = "0.00") -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def whole_totals(**amounts: str) -> dict[str, Any]:
    """`totals` of a return: `refund`, `exchange`, `storeCredit` and `charge`, 0.00 if not given."""
    kinds = ("refund", "exchange", "storeCredit", "charge")
    return {kind: {"amount": _money(amounts.get(kind, "0.00"))} for kind in kinds}


def whole_order(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order (``order-read.schema``) with what is required and not given filled in.

    Args:
        order: At least its `id`.
    """
    content: dict[str, Any] = {
        "name": "#1",
        "customer": {"name": {"given": "Pat", "surname": "Wexquillname"}},
        "discounts": _money(),
        "lineItemsTotal": _money("10.00"),
        "shippingCost": _money(),
        "taxes": _money(),
        "total": _money("10.00"),
        "protection": COVERAGE,
    }
    items = [_whole_item(item) for item in order.get("items", ())]
    return {**content, **{k: v for k, v in order.items() if v is not None}, "items": items}


def _whole_item(item: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "product": {"name": "Product"},
        "quantity": 1,
        "price": _money("10.00"),
        "fulfillmentLocationId": None,
    }
    return {**content, **item, "variant": {"name": "Default", **(item.get("variant") or {})}}
