"""Reference data and products of the simulated Mintsoft."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.simulators.mintsoft.replies import number
from local.simulators.mintsoft.tenant import MintsoftRecords, User
from local.simulators.wire import Reply, json_reply


class Products(MintsoftRecords):
    """Reasons, warehouses, clients, couriers, statuses, products."""

    def _reasons(self) -> Reply:
        rows = [
            {
                "ID": key,
                "Name": reason["name"],
                "StockAction": reason.get("stock_action", "DoNothing"),
                "Active": reason.get("active", True),
                "LastUpdated": "2015-10-24T20:38:33.9348829",
                "LastUpdatedByUser": "someone",
            }
            for key, reason in self.tenant.reasons.items()
        ]
        return json_reply(200, rows)

    def _warehouses(self) -> list[dict[str, Any]]:
        return [
            {
                "ID": key,
                "Name": row["name"],
                "Code": row.get("code", "MAIN"),
                "Active": row.get("active", True),
                "ClientId": 0,
            }
            for key, row in self.tenant.warehouses.items()
        ]

    def _clients(self, user: User) -> Reply:
        if user.client_id is not None:
            return Reply(401)
        rows = [
            {"ID": key, "Name": name, "ShortName": name[:10], "Active": "True"}
            for key, name in self.tenant.clients.items()
        ]
        return json_reply(200, rows)

    def _look_up(self, query: dict[str, str], user: User) -> Reply:
        """Also by alternative codes and without regard to case, as recorded."""
        sku = query.get("sku", "").casefold()
        client_id = user.client_id or number(query, "clientid")
        for key, product in self.tenant.products.items():
            codes = {product["sku"].casefold(), *map(str.casefold, product.get("alt_codes", []))}
            anyone = client_id == 0 or not self.settings.look_up_heeds_client
            shown = self.settings.look_up_discontinued or not product.get("discontinued")
            shown = shown and self._is_indexed(key)
            if shown and sku in codes and (anyone or client_id == product["client_id"]):
                return json_reply(200, key)
        return json_reply(200, 0)

    def _is_indexed(self, key: int) -> bool:
        """Searches see a new product after a moment, as recorded."""
        made = self.tenant.products[key].get("created_at")
        delay = timedelta(seconds=self.settings.index_delay_seconds)
        return made is None or made + delay <= self._now()

    def _search_barcode(self, query: dict[str, str]) -> Reply:
        """By SKU, EAN or UPC, across clients; a short one fits as a part of another, as recorded.

        What is answered when there is none is not known; it is not found here.
        """
        code = query.get("barcode", "")
        for key, product in self.tenant.products.items():
            codes = [c for c in (product["sku"], product.get("ean"), product.get("upc")) if c]
            in_part = 0 < len(code) <= 7 and any(code in known for known in codes)
            if code in codes or in_part:
                return json_reply(200, self._product_body(key))
        return Reply(404)

    def _search(self, query: dict[str, str]) -> Reply:
        """Fuzzy, and across clients; bundles and discontinued ones when they are asked for."""
        wanted = query.get("search", "").casefold()
        bundles = query.get("includebundles", "").lower() == "true"
        discontinued = query.get("includediscontinued", "").lower() == "true"
        rows = [
            self._product_body(key)
            for key, product in self.tenant.products.items()
            if (wanted in product["sku"].casefold() or wanted in product["name"].casefold())
            and (bundles or "components" not in product)
            and (discontinued or not product.get("discontinued"))
            and self._is_indexed(key)
        ]
        return json_reply(200, rows)

    def _product(self, key: int) -> Reply:
        if key not in self.tenant.products:
            return Reply(404)
        return json_reply(200, self._product_body(key))

    def _product_body(self, key: int) -> dict[str, Any]:
        product = self.tenant.products[key]
        return {
            "ID": key,
            "SKU": product["sku"],
            "EAN": product.get("ean"),
            "UPC": product.get("upc"),
            "Name": product["name"],
            "ClientId": product["client_id"],
            "Bundle": "components" in product,
            "DisCont": False,
        }

    def _couriers(self) -> Reply:
        rows = [
            {
                "ID": key,
                "Name": row["name"],
                "CourierServiceTypeId": 1,
                "TrackingURL": "",
                "ActiveB": row.get("active", True),
            }
            for key, row in self.tenant.couriers.items()
        ]
        return json_reply(200, rows)

    def _channels(self) -> Reply:
        rows = [
            {"ID": key, "Name": name, "Description": "", "Active": True, "ClientId": 0}
            for key, name in self.tenant.channels.items()
        ]
        return json_reply(200, rows)

    def _statuses(self) -> Reply:
        rows = [
            {"ID": key, "Name": name, "ExternalName": external}
            for key, (name, external) in self.tenant.statuses.items()
        ]
        return json_reply(200, rows)
