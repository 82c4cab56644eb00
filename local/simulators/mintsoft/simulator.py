"""A simulator of Mintsoft: authentication, products, returns, orders, stock and ASNs.

Built from Mintsoft's Swagger models, its help centre (keys last 24 hours; ``POST /api/Auth``) and
the behaviour that client projects recorded: refusals as HTTP 200 with ``Success: false``, unknown
query parameters ignored, empty 404s, naive times, ``Action`` other than ``NONE`` answered with 400.
What no source tells is a setting, see `Settings`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from local.simulators.mintsoft.order_changes import OrderChanges
from local.simulators.mintsoft.replies import Refusal, object_of, toolkit
from local.simulators.mintsoft.tenant import (
    KEY_LASTS,
    ExternalReturn,
    Settings,
    User,
)
from local.simulators.serving import Serving
from local.simulators.wire import Reply, Request, json_reply

WRITES_BY_GET = ("/cancel", "/confirm")

__all__ = ["ExternalReturn", "MintsoftSimulator", "Settings"]


class MintsoftSimulator(OrderChanges, Serving):
    """The core. Its books are what really happened, whatever the callers were told."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._keys: dict[str, tuple[str, Any]] = {}

    # -- serving ----------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> Reply:
        path = re.sub(r"/+", "/", request.path).rstrip("/").lower()
        query = {name.lower(): value for name, value in request.query.items()}
        try:
            if path == "/api/auth":
                return self._log_in(request)
            user = self._authenticate(request, query)
            return self._route(path, request, query, user)
        except Refusal as refusal:
            return refusal.reply

    def _route(self, path: str, request: Request, query: dict[str, str], user: User) -> Reply:
        routes: list[tuple[str, str, Callable[..., Reply]]] = [
            ("GET", r"/api/return/reasons", self._reasons),
            ("GET", r"/api/return/list", lambda: self._list(query, user)),
            ("GET", r"/api/return/searchbydate", lambda: self._by_date(query, user)),
            ("POST", r"/api/return/createexternalreturn", lambda: self._create(request, user)),
            ("GET", r"/api/return/(\d+)/items", lambda i: self._read_items(int(i), user)),
            ("GET", r"/api/return/(\d+)", lambda i: self._read(int(i), user)),
            ("GET", r"/api/product/lookupproductid", lambda: self._look_up(query, user)),
            ("GET", r"/api/product/searchbarcode", lambda: self._search_barcode(query)),
            ("GET", r"/api/product/search", lambda: self._search(query)),
            ("GET", r"/api/product/stocklevels", lambda: self._levels(query, user)),
            (
                "POST",
                r"/api/product/bulkonhandstockupdate",
                lambda: self._set_on_hand(request, query, user),
            ),
            ("GET", r"/api/product/(\d+)/inventory", lambda i: self._inventory(int(i), user)),
            ("GET", r"/api/product/(\d+)", lambda i: self._product(int(i))),
            ("GET", r"/api/warehouse", lambda: json_reply(200, self._warehouses())),
            ("GET", r"/api/client", lambda: self._clients(user)),
            ("GET", r"/api/courier/services", self._couriers),
            ("PUT", r"/api/order", lambda: self._create_order(request, user)),
            ("GET", r"/api/order/search", lambda: self._search_orders(query, user)),
            ("GET", r"/api/order/list", lambda: self._list_orders(query, user)),
            ("GET", r"/api/order/statuses", self._statuses),
            ("GET", r"/api/order/channels", self._channels),
            ("GET", r"/api/order/(\d+)", lambda i: self._read_order(int(i), user)),
            ("GET", r"/api/order/(\d+)/items", lambda i: self._read_order_items(int(i), user)),
            (
                "GET",
                r"/api/order/(\d+)/barcodeverifiedorderitems",
                lambda i: self._read_scanned(int(i), user),
            ),
            ("GET", r"/api/order/(\d+)/comments", lambda i: self._read_comments(int(i), user)),
            ("POST", r"/api/order/(\d+)/comments", lambda i: self._comment(int(i), request, user)),
            ("GET", r"/api/order/(\d+)/cancel", lambda i: self._cancel(int(i), user)),
            *self._order_change_routes(request, user),
            *self._goods_routes(request, query, user),
            *self._asn_routes(request, query, user),
        ]
        fitting = [route for route in routes if re.fullmatch(route[1], path)]
        if path == "/api/return/list" and self.settings.returns_list == "absent":
            fitting = []
        if not fitting:
            return Reply(404)
        for method, pattern, answer in fitting:
            if method == request.method:
                if user.read_only and (method != "GET" or path.endswith(WRITES_BY_GET)):
                    return self._not_allowed()
                found = re.fullmatch(pattern, path)
                return answer(*found.groups()) if found else Reply(404)
        message = f"The requested resource does not support http method '{request.method}'."
        return json_reply(405, {"Message": message})

    def _not_allowed(self) -> Reply:
        """What a user who may not write is answered is not published."""
        if self.settings.not_allowed == "refusal":
            return toolkit(False, 0, "You do not have permission to do this")
        return Reply(int(self.settings.not_allowed))

    # -- keys -------------------------------------------------------------------------------

    def _log_in(self, request: Request) -> Reply:
        if request.method != "POST":
            return json_reply(405, {"Message": "The requested resource does not support it."})
        body = object_of(request)
        user = self.tenant.users.get(str(body.get("Username")))
        if user is None or user.password != body.get("Password"):
            return Reply(401)
        for key, (name, _) in list(self._keys.items()):
            if name == user.name and key != user.static_key:
                del self._keys[key]
        key = str(uuid.uuid4())
        self._keys[key] = (user.name, self._now() + KEY_LASTS)
        self.logins[user.name] += 1
        return json_reply(200, key)

    def _authenticate(self, request: Request, query: dict[str, str]) -> User:
        key = request.headers.get("ms-apikey") or query.get("apikey") or ""
        for user in self.tenant.users.values():
            if user.static_key and key == user.static_key:
                return user
        name, ends = self._keys.get(key, ("", None))
        if not name or (ends is not None and ends <= self._now()):
            raise Refusal(Reply(401))
        return self.tenant.users[name]

    def expire_keys(self) -> None:
        """End every minted key now."""
        self._keys.clear()

    # -- what it has, and its books -----------------------------------------------------------

    def seed(self, content: dict[str, Any]) -> None:
        """Add users, clients, warehouses, reasons, products, couriers, channels and stock.

        Stock is ``{warehouse id: {product id: units}}``.
        """
        for user in content.get("users", []):
            self.tenant.users[user["name"]] = User(**user)
        self.tenant.clients |= {int(k): v for k, v in content.get("clients", {}).items()}
        self.tenant.warehouses |= {int(k): v for k, v in content.get("warehouses", {}).items()}
        self.tenant.reasons |= {int(k): v for k, v in content.get("reasons", {}).items()}
        self.tenant.products |= {int(k): v for k, v in content.get("products", {}).items()}
        self.tenant.couriers |= {int(k): v for k, v in content.get("couriers", {}).items()}
        self.tenant.channels |= {int(k): v for k, v in content.get("channels", {}).items()}
        for place, units_of in content.get("stock", {}).items():
            for product, units in units_of.items():
                self.set_stock(int(place), int(product), int(units))

    def books(self) -> dict[str, Any]:
        """What really happened."""
        return {
            "external_returns": [asdict(row) for row in self.returns.values()],
            "logins": dict(self.logins),
            "orders": [asdict(order) for order in self.orders.values()],
            "asns": [asdict(asn) for asn in self.asns.values()],
            "products": {key: dict(row) for key, row in self.tenant.products.items()},
            "stock": [
                {"warehouse_id": place, "product_id": product, **asdict(held)}
                for (place, product), held in self.stock.items()
            ],
            "journal": list(self.journal),
        }

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        def receive(content: Any) -> Any:
            return asdict(self.receive(int(content["id"]), content.get("goods")))

        def settings(content: Any) -> Any:
            self.settings = replace(self.settings, **(content or {}))
            return asdict(self.settings)

        def seed(content: Any) -> Any:
            self.seed(content)
            return {"ok": True}

        def expire(_: Any) -> Any:
            self.expire_keys()
            return {"ok": True}

        def on_order(act: Callable[..., Any]) -> Callable[[Any], Any]:
            """An act on the order named by `id`; what else is given goes to it by name."""
            return lambda content: asdict(
                act(int(content["id"]), **{k: v for k, v in content.items() if k != "id"})
            )

        return {
            "set-stock": lambda content: asdict(self.set_stock(**content)),
            "make-return": lambda content: asdict(self.make_return(**content)),
            "make-order": lambda content: asdict(
                self.make_order(int(content["client_id"]), content["body"])
            ),
            "despatch": on_order(self.despatch),
            "set-status": on_order(self.set_status),
            "split": on_order(self.split),
            "merge": on_order(self.merge),
            "book-in": on_order(self.book_in),
            "set-asn-status": on_order(self.set_asn_status),
            "make-asn": lambda content: asdict(self.make_asn(**content)),
            "change-product": lambda content: self.change_product(
                int(content["id"]), **content["fields"]
            ),
            "books": lambda _: self.books(),
            "seed": seed,
            "receive": receive,
            "settings": settings,
            "expire-keys": expire,
        }
