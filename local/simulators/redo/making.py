"""More of Redo's API 2.2: making a return, and reading one order.

From the OpenAPI: ``POST /stores/{storeId}/returns`` (``Idempotency-Key``: 201, or 200 and the
return that is there; 400, 404 and 409 as ``application/json``), and one order. What 409 is for no
source tells; here a key that comes again with another body gets it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from local.simulators.problems import PROBLEM
from local.simulators.redo.bodies import PROTECTION
from local.simulators.wire import Reply, Request, json_reply

if TYPE_CHECKING:
    from local.simulators.redo.simulator import RedoSimulator

COMPENSATIONS = frozenset({"refund", "store_credit"})
DATA = {"provider", "externalOrderId", "items", "shippingAddress"}
ADDRESS = {"line1", "city", "state", "postalCode", "country"}
ONE_ORDER = re.compile(r"/stores/[^/]+/orders/[^/]+$")
ITEM = {"lineItemId", "quantity", "reason", "compensation"}


class Bad(Exception):  # noqa: N818 - an answer, not a fault
    """What is wrong with the request."""


def more_routes(redo: RedoSimulator) -> list[tuple[str, str, str, Callable[..., Reply]]]:
    """Method, path, scope and answer of each."""
    store = r"/stores/([^/]+)"
    return [
        ("POST", f"{store}/returns", "returns_write", lambda r, s: _make(redo, r, s)),
        ("GET", f"{store}/orders/[^/]+", "orders_read", _no_order),
    ]


def _problem(status: int, title: str, detail: str) -> Reply:
    return json_reply(status, {"type": "about:blank", "title": title, "detail": detail})


def _in_store(redo: RedoSimulator, store_id: str) -> Reply | None:
    if store_id != redo.store_id:
        return _problem(404, "Not Found", "no such store")
    return None


def in_form_of_orders(request: Request, reply: Reply) -> Reply:
    """The operations on orders say 401 and 404 in a form of their own."""
    is_plain = reply.status in {401, 404} and reply.headers.get("Content-Type") == PROBLEM
    if not is_plain or not ONE_ORDER.search(request.path):
        return reply
    told = json_reply(reply.status, {"error": json.loads(reply.body)["title"]})
    return replace(reply, headers=told.headers, body=told.body)


def _no_order(_: Request, __: str) -> Reply:
    """Only whether orders may be read is asked for here, with one that there is not."""
    return json_reply(404, {"error": "Order not found"})


def _find_order(redo: RedoSimulator, name: str) -> dict[str, Any] | None:
    for order in redo.orders.values():
        if name in {order.get("externalId"), order["id"]}:
            return order
    return None


def _make(redo: RedoSimulator, request: Request, store_id: str) -> Reply:
    if refusal := _in_store(redo, store_id):
        return refusal
    try:
        body = request.json()
        data = _checked(body)
    except (ValueError, Bad) as error:
        return _problem(400, "Bad Request", str(error))
    order = _find_order(redo, data["externalOrderId"])
    if order is None:
        return _problem(404, "Not Found", "no such order")
    key = request.headers.get("idempotency-key", "")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    if key and key in redo.made_by_key:
        return_id, before = redo.made_by_key[key]
        if before != digest:
            return _problem(409, "Conflict", "the idempotency key belongs to another request")
        return _answer(200, redo.returns[return_id])
    try:
        made = _return(redo, data, order)
    except Bad as error:
        return _problem(400, "Bad Request", str(error))
    redo.put(made, [order])
    redo.books.made.append(made["id"])
    if key:
        redo.made_by_key[key] = (made["id"], digest)
    return _answer(201, made)


def _answer(status: int, made: dict[str, Any]) -> Reply:
    return json_reply(status, {"return": made, "externalRMAResponses": []})


def _checked(body: Any) -> dict[str, Any]:
    _has(body, "", {"data"}, {"options"})
    options = body.get("options", {})
    _has(options, "options", set(), {"createExternalRMAs"})
    if not isinstance(options.get("createExternalRMAs", False), bool):
        raise Bad("options.createExternalRMAs is a boolean")
    data: dict[str, Any] = body["data"]
    _has(data, "data", DATA, {"label", "notes"})
    _texts(data, "data", {"provider", "externalOrderId", "notes"})
    _has(data["shippingAddress"], "shippingAddress", ADDRESS, {"line2"})
    _texts(data["shippingAddress"], "shippingAddress", {*ADDRESS, "line2"})
    country = data["shippingAddress"]["country"]
    if len(country) != 2 or not country.isascii() or not country.isupper():
        raise Bad("shippingAddress.country is two capital letters")
    items = data["items"]
    if not isinstance(items, list) or not items:
        raise Bad("items are required")
    for item in items:
        _has(item, "items", ITEM, {"reasonCode", "notes"})
        _texts(item, "items", {"lineItemId", "reason", "reasonCode", "notes"})
        quantity = item["quantity"]
        if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
            raise Bad("items.quantity is 1 or more")
        if item["compensation"] not in COMPENSATIONS:
            raise Bad("items.compensation is refund or store_credit")
    return data


def _has(content: Any, where: str, needed: set[str], more: set[str]) -> None:
    if not isinstance(content, Mapping):
        raise Bad(f"{where or 'the body'} is not an object")
    if missing := needed - set(content):
        raise Bad(f"{where} lacks {min(missing)}")
    if unknown := set(content) - needed - more:
        raise Bad(f"{where} has an unknown {min(unknown)}")


def _texts(content: Mapping[str, Any], where: str, names: set[str]) -> None:
    for name in names & set(content):
        if not isinstance(content[name], str) or not content[name]:
            raise Bad(f"{where}.{name} is a text")


def _return(redo: RedoSimulator, data: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """The return as Redo would make it: open, its items spread over the shipments' locations."""
    lines = {item["externalId"]: item for item in order["items"] if item.get("externalId")}
    number = len(redo.books.made) + 1
    return_id = hashlib.sha256(f"{order['id']}/made/{number}".encode()).hexdigest()[:24]
    locations: list[str] = list(redo.settings.made_locations)[: len(data["items"])] or [""]
    items = []
    for position, asked in enumerate(data["items"]):
        line = lines.get(asked["lineItemId"])
        if line is None or asked["quantity"] > line["quantity"]:
            raise Bad("items.lineItemId is not on the order so many times")
        reason, code = asked["reason"], asked.get("reasonCode")
        group = f"sg_{number}_{position % len(locations) + 1}"
        items.append(
            {
                "id": f"{return_id[:20]}{position:04d}",
                "orderItem": {"id": line["id"], "line_item_id": asked["lineItemId"]},
                "quantity": asked["quantity"],
                "status": "open",
                "greenReturn": False,
                "reason": reason,
                "reasons": [reason],
                **({"sku": line["variant"]["sku"]} if line["variant"].get("sku") else {}),
                **({"reasonCode": code, "reasonCodes": [code]} if code else {}),
                "shipmentGroupIds": [group],
            }
        )
    shipments = [
        {
            "shipmentGroupId": f"sg_{number}_{position}",
            "itemIds": [
                item["id"]
                for item in items
                if item["shipmentGroupIds"] == [f"sg_{number}_{position}"]
            ],
            **({"externalLocationId": location} if location else {}),
        }
        for position, location in enumerate(locations, start=1)
    ]
    return {
        "id": return_id,
        "type": "return",
        "status": "open",
        "createdAt": redo.moment(),
        "updatedAt": redo.moment(),
        "order": {"id": order["id"], "name": order["name"]},
        "externalOrderIds": [order["externalId"]],
        "compensationMethods": sorted({item["compensation"] for item in data["items"]}),
        "items": items,
        "shipments": shipments,
        "dropoffs": [],
        "giftCards": [],
        "notes": [],
        "source": {
            "emailAddress": "pat@example.test",
            "mailingAddress": {"line2": "", **data["shippingAddress"]},
            "name": {"given": "Pat", "surname": "Wexquillname"},
            "phoneNumber": "+447700900000",
        },
        "destination": {},
        "protection": PROTECTION,
    }
