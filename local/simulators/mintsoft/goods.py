"""Products made and changed in the simulated Mintsoft, as its API and its people do.

From its Swagger: ``PUT`` makes, ``POST`` with an ``ID`` in the body changes, and a created product
answers with a result of its own. What becomes of fields that a change leaves out, and whether a SKU
can be there twice, no source tells: see `Settings`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.mintsoft.hands import OrderHands
from local.simulators.mintsoft.replies import (
    Refusal,
    invalid,
    number,
    object_of,
    rows,
    text,
    toolkit,
    whole,
)
from local.simulators.mintsoft.tenant import NOT_SET, PAGE_LIMIT, User
from local.simulators.wire import Reply, Request, json_reply

TEXTS = ("Name", "Description", "CustomsDescription", "EAN", "UPC", "ImageURL", "PalletSizes")
NUMBERS = ("Weight", "Height", "Width", "Depth", "Price", "CostPrice", "LowStockAlertLevel")
FLAGS = ("DisCont", "HasBatchNumber", "HasSerialNumber", "HasExpiryDate", "BackOrder", "VatExempt")
OTHERS = (
    "CommodityCode",
    "CountryOfManufacture",
    "ProductPrices",
    "ProductSuppliers",
    "HandlingTime",
)
OWN = {"SKU": "sku", "Name": "name", "EAN": "ean", "UPC": "upc", "DisCont": "discontinued"}
"""Fields that products have under names of their own here."""


class Goods(OrderHands):
    """Products."""

    def _goods_routes(
        self, request: Request, query: dict[str, str], user: User
    ) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("PUT", r"/api/product", lambda: self._create_product(request, user)),
            ("POST", r"/api/product", lambda: self._update_product(request, user)),
            ("PUT", r"/api/product/bundle", lambda: self._create_bundle(request, user)),
            ("GET", r"/api/product/list", lambda: self._list_products(query, user)),
            ("GET", r"/api/product/(\d+)/bundle", lambda i: self._bundle(int(i), user)),
        ]

    # -- reading ----------------------------------------------------------------------------

    def _list_products(self, query: dict[str, str], user: User) -> Reply:
        """A limit above the cap is taken for it, as recorded."""
        page = number(query, "pageno", 1)
        size = min(number(query, "limit", PAGE_LIMIT), PAGE_LIMIT)
        if page == 0:
            return json_reply(500, {"Message": "An error has occurred."})
        wanted = user.client_id or number(query, "clientid")
        since = self.since(query.get("sincelastupdated", ""))
        keys = []
        for key, product in self.tenant.products.items():
            changed = product.get("updated_at")
            is_old = since is not None and (changed is None or changed < since)
            if wanted in {0, product["client_id"]} and not is_old and self._is_indexed(key):
                keys.append(key)
        # No stable order is promised: a hash of the id stands for it.
        keys.sort(key=lambda key: (key * 2654435761) % 2**32)
        return json_reply(
            200, [self._product_body(k) for k in keys[(page - 1) * size : page * size]]
        )

    def _bundle(self, key: int, user: User) -> Reply:
        product = self.tenant.products.get(key)
        if product is None or user.client_id not in {None, product["client_id"]}:
            return Reply(404)
        if "components" not in product:
            return Reply(404)
        parts = [
            {
                "ProductId": self.product_with(sku, product["client_id"]),
                "SKU": sku,
                "Quantity": int(each),
                "PercentageOfSalesValue": 0.0,
                "Product": None,
            }
            for sku, each in product["components"].items()
        ]
        return json_reply(
            200, {"ID": key, "SKU": product["sku"], "Name": product["name"], "Components": parts}
        )

    def _product_body(self, key: int) -> dict[str, Any]:
        product = self.tenant.products[key]
        changed = product.get("updated_at")
        body: dict[str, Any] = dict.fromkeys((*TEXTS, *OTHERS))
        body |= dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(FLAGS, False)
        body |= {"ProductPrices": [], "ProductSuppliers": []}
        body |= product.get("fields", {})
        body |= super()._product_body(key)
        return body | {
            "DisCont": bool(product.get("discontinued")),
            "LastUpdated": self.naive(changed) if changed else NOT_SET,
            "LastUpdatedByUser": product.get("updated_by", "someone"),
        }

    # -- writing ----------------------------------------------------------------------------

    def _create_product(self, request: Request, user: User) -> Reply:
        return self._make(object_of(request), user, {})

    def _create_bundle(self, request: Request, user: User) -> Reply:
        body = object_of(request)
        parts = rows(body, "Components")
        components: dict[str, int] = {}
        client_id = user.client_id or whole(body, "ClientId", default=0)
        for part in parts:
            sku, each = text(part, "SKU"), whole(part, "Quantity")
            if each < 1 or not self.product_with(sku, client_id):
                return _result(body, 0, f"Product {sku} does not exist")
            components[sku] = each
        if not components:
            return _result(body, 0, "A bundle needs Components")
        kept = {name: value for name, value in body.items() if name in {"SKU", "Name", "ClientId"}}
        return self._make(kept, user, {"components": components})

    def _make(self, body: dict[str, Any], user: User, more: dict[str, Any]) -> Reply:
        _require_types(body)
        if user.client_id is not None and "ClientId" in body:
            return _result(
                body, 0, "Client Users cannot specify a ClientId when creating a Product!"
            )
        client_id = user.client_id or whole(body, "ClientId", default=0)
        sku = text(body, "SKU")
        if client_id not in self.tenant.clients:
            return _result(body, 0, "Client does not exist")
        if not sku.strip():
            return _result(body, 0, "SKU is required")
        if self.settings.duplicate_sku == "refuse" and any(
            p["client_id"] == client_id and p["sku"].casefold() == sku.casefold()
            for p in self.tenant.products.values()
        ):
            return _result(body, 0, f"Product with SKU {sku} already exists")
        key = max([9000, *self.tenant.products]) + 1
        now = self._now()
        self.tenant.products[key] = {
            "sku": sku,
            "name": text(body, "Name"),
            "client_id": client_id,
            "fields": {},
            "created_at": now,
            **more,
        }
        self._set_fields(key, body, user.name)
        self.note("create-product", user.name, id=key, sku=sku, client_id=client_id)
        return _result(body, key, "Product Created")

    def _update_product(self, request: Request, user: User) -> Reply:
        body = object_of(request)
        _require_types(body)
        key = whole(body, "ID", default=0)
        product = self.tenant.products.get(key)
        if product is None or user.client_id not in {None, product["client_id"]}:
            return toolkit(False, 0, "Product does not exist")
        if user.client_id is not None and "ClientId" in body:
            return toolkit(False, 0, "Client Users cannot specify a ClientId!")
        if self.settings.product_update == "empties":
            product["fields"] = {}
            for ours in ("ean", "upc", "discontinued"):
                product.pop(ours, None)
        before = self._product_body(key)
        self._set_fields(key, body, user.name)
        after = self._product_body(key)
        changed = sorted(name for name in after if after[name] != before[name])
        self.note("update-product", user.name, id=key, sku=product["sku"], changed=changed)
        return toolkit(True, key, "Product Updated")

    def _set_fields(self, key: int, body: dict[str, Any], by: str) -> None:
        product = self.tenant.products[key]
        for name, value in body.items():
            if name in OWN and value is not None:
                product[OWN[name]] = value
            elif name in {*TEXTS, *NUMBERS, *FLAGS, *OTHERS}:
                product.setdefault("fields", {})[name] = value
        product["updated_at"], product["updated_by"] = self._now(), by

    def change_product(self, product_id: int, **fields: Any) -> dict[str, Any]:
        """Somebody changes a product in the web app; fields are in Mintsoft's words."""
        self._set_fields(product_id, fields, "someone")
        return self._product_body(product_id)


def _require_types(body: dict[str, Any]) -> None:
    for name in TEXTS:
        text(body, name)
    for name in (*NUMBERS, *FLAGS):
        value = body.get(name)
        is_flag = isinstance(value, bool)
        if value is not None and (is_flag != (name in FLAGS) or not isinstance(value, int | float)):
            raise Refusal(invalid(name))


def _result(body: dict[str, Any], made: int, message: str) -> Reply:
    """A NewProductResult."""
    return json_reply(
        200,
        {
            "ProductId": made,
            "SKU": body.get("SKU"),
            "Name": body.get("Name"),
            "Success": bool(made),
            "Message": message,
        },
    )
