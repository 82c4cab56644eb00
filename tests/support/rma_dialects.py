"""Two ways that Miinto's RMA calls could look, and the settings that make the hub speak each."""

from __future__ import annotations

from typing import Any

from returns_hub.domain.miinto.rma_contract import RmaContract

DIALECT_A = RmaContract()
"""The documented guess, by analogy with transfers."""

DIALECT_B_FILE: dict[str, Any] = {
    "listing": {
        "path": "/shops/{shop}/returns",
        "status_parameter": "rmaStatus",
        "sort_parameter": None,
    },
    "reading": {"path": "/shops/{shop}/returns/{rma}"},
    "deciding": {
        "method": "POST",
        "path": "/shops/{shop}/returns/{rma}/decision",
        "style": "one_list",
        "one_list": "lines",
        "id_field": "lineId",
        "verdict_field": "verdict",
        "accept_word": "APPROVE",
        "decline_word": "REFUSE",
        "reason_field": "reasonText",
    },
    "requesting": {
        "path": "/shops/{shop}/orders/{order}/return-requests",
        "order_field": None,
        "list_field": "lines",
        "id_field": "orderLineId",
        "quantity_field": "qty",
        "reason_field": "reason.text",
        "made_id": ["returnId"],
    },
    "words": {
        "pending": ["OPEN"],
        "accepted": ["APPROVED"],
        "declined": ["REFUSED"],
        "by_position": ["PARTLY"],
    },
    "fields": {
        "id": ["returnId"],
        "status": ["rmaStatus"],
        "type": ["kind"],
        "created_at": ["created"],
        "order_id": ["orderId"],
        "parent_id": ["parentOrderId"],
        "currency": ["currencyCode"],
    },
    "position": {
        "id": ["lineId"],
        "status": ["rmaStatus"],
        "order_position": ["orderLineId"],
        "quantity": ["qty"],
        "price": ["amount"],
        "reason": ["reason.code", "reason.text"],
        "comment": ["reason.text"],
        "product_id": ["article.productId"],
        "gtin": ["article.gtin"],
        "name": ["article.name"],
        "brand": ["article.brand"],
    },
    "lists": {"lines": "by_position"},
    "types": {"RETURN": "return"},
}
"""What a merchant's file says below `miinto.rma.contract`."""

DIALECT_B = RmaContract.model_validate(DIALECT_B_FILE)

ITEM = {"name": "Linen shirt", "brand": "Acme", "gtin": "5700000000017", "productId": "1111-2222"}


def body_a(**changes: Any) -> dict[str, Any]:
    """An RMA in the first dialect, with one position of each status."""
    content: dict[str, Any] = {
        "id": 30001,
        "status": "pending",
        "type": "return",
        "createdAt": "2026-03-02T09:15:00+01:00",
        "order": {"id": 555001},
        "parentOrder": {"id": "2611111"},
        "currency": "dkk",
        "pendingPositions": [
            {"id": 811, "orderPositionId": 71, "quantity": 1, "price": 49900, "item": ITEM}
            | {"reason": "too_small", "comment": "Runs small"}
        ],
        "acceptedPositions": [{"id": 812, "quantity": 2, "price": 100, "item": ITEM}],
        "declinedPositions": [{"id": 813}],
        "customer": {"name": "Ida Holm", "email": "ida@example.test"},
        "extra": {"billingInformation": {"name": "Ida Holm"}, "kept": 1},
    }
    return content | changes


def body_b(**changes: Any) -> dict[str, Any]:
    """The same RMA in the second dialect."""
    pending = {
        "lineId": 811,
        "rmaStatus": "OPEN",
        "orderLineId": 71,
        "qty": 1,
        "amount": 49900,
        "reason": {"code": "too_small", "text": "Runs small"},
        "article": ITEM,
    }
    content: dict[str, Any] = {
        "returnId": "30001",
        "rmaStatus": "OPEN",
        "kind": "RETURN",
        "created": "2026-03-02T09:15:00+01:00",
        "orderId": 555001,
        "parentOrderId": 2611111,
        "currencyCode": "DKK",
        "lines": [
            pending,
            {"lineId": 812, "rmaStatus": "APPROVED", "qty": 2, "amount": 100, "article": ITEM},
            {"lineId": 813, "rmaStatus": "REFUSED"},
        ],
        "customer": {"name": "Ida Holm", "email": "ida@example.test"},
        "extra": {"billingInformation": {"name": "Ida Holm"}, "kept": 1},
    }
    return content | changes
