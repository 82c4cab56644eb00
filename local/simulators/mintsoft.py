"""A simulator of Mintsoft's returns, products and authentication.

Built from Mintsoft's Swagger models, its help centre (keys last 24 hours; ``POST /api/Auth``) and
the behaviour that client projects recorded: refusals as HTTP 200 with ``Success: false``, unknown
query parameters ignored, empty 404s, naive times, ``Action`` other than ``NONE`` answered with 400.
What no source tells is a setting, see `Settings`.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from local.simulators.admin import PREFIX, CallLog, serve_admin
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.wire import Reply, Request, json_reply

KEY_LASTS = timedelta(hours=24)
NO_EXPIRY = "9999-12-31T23:59:59.9999999"
PAGE_LIMIT = 100
REFERENCE_LENGTH = 50


@dataclass(frozen=True)
class Settings:
    """What the sources do not tell, or what differs from tenant to tenant."""

    returns_list: Literal["absent", "honoured", "ignores_filter"] = "absent"
    by_date: Literal["updated", "created"] = "updated"
    items_in_lists: bool = True
    over_limit: Literal["refuse", "cap"] = "refuse"
    zone: str = "Europe/London"
    index_delay_seconds: float = 0.0
    look_up_heeds_client: bool = True


@dataclass(frozen=True)
class User:
    """A user: a warehouse user sees every client, a client user only its own."""

    name: str
    password: str
    client_id: int | None = None
    static_key: str | None = None


@dataclass
class Row:
    """A row of a return."""

    id: int
    sku: str
    product_id: int
    quantity: int
    reason_id: int
    comments: str
    serial: str | None = None


@dataclass
class ExternalReturn:
    """An external return, and when it was made and last changed (UTC)."""

    id: int
    client_id: int
    warehouse_id: int
    reference: str
    rows: list[Row]
    created_at: datetime
    updated_at: datetime
    confirmed: bool = False


@dataclass
class Tenant:
    """What the 3PL has: users, clients, warehouses, reasons, products."""

    users: dict[str, User] = field(default_factory=dict)
    clients: dict[int, str] = field(default_factory=dict)
    warehouses: dict[int, dict[str, Any]] = field(default_factory=dict)
    reasons: dict[int, dict[str, Any]] = field(default_factory=dict)
    products: dict[int, dict[str, Any]] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The reply of a request that is refused."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def toolkit(success: bool, made: int, message: str) -> Reply:
    """A ToolkitResult."""
    return json_reply(
        200,
        {
            "ID": made if success else 0,
            "Success": success,
            "SensitiveData": None,
            "Message": message,
            "WarningMessage": None,
            "AllocatedFromReplen": False,
        },
    )


class MintsoftSimulator:
    """The core. Its books are what really happened, whatever the callers were told."""

    def __init__(self, now: Now = system_now, settings: Settings | None = None) -> None:
        self._now = now
        self.settings = settings or Settings()
        self.tenant = Tenant()
        self.returns: dict[int, ExternalReturn] = {}
        self.faults = FaultPlan()
        self.calls = CallLog()
        self.logins: Counter[str] = Counter()
        self._keys: dict[str, tuple[str, datetime | None]] = {}
        self._next_id = 41
        self._next_row_id = 68

    # -- serving ----------------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        if request.path.startswith(PREFIX):
            return serve_admin(
                request, faults=self.faults, calls=self.calls, actions=self._admin_actions()
            )
        reply = self.faults.serve(request, self._carry_out)
        self.calls.note(request, reply)
        return reply

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
            ("GET", r"/api/product/(\d+)", lambda i: self._product(int(i))),
            ("GET", r"/api/warehouse", lambda: json_reply(200, self._warehouses())),
            ("GET", r"/api/client", lambda: self._clients(user)),
        ]
        fitting = [route for route in routes if re.fullmatch(route[1], path)]
        if path == "/api/return/list" and self.settings.returns_list == "absent":
            fitting = []
        if not fitting:
            return Reply(404)
        for method, pattern, answer in fitting:
            if method == request.method:
                found = re.fullmatch(pattern, path)
                return answer(*found.groups()) if found else Reply(404)
        message = f"The requested resource does not support http method '{request.method}'."
        return json_reply(405, {"Message": message})

    # -- keys -------------------------------------------------------------------------------

    def _log_in(self, request: Request) -> Reply:
        if request.method != "POST":
            return json_reply(405, {"Message": "The requested resource does not support it."})
        body = _object(request)
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

    # -- reference data ---------------------------------------------------------------------

    def _reasons(self) -> Reply:
        rows = [
            {
                "ID": number,
                "Name": reason["name"],
                "StockAction": reason.get("stock_action", "DoNothing"),
                "Active": reason.get("active", True),
                "LastUpdated": "2015-10-24T20:38:33.9348829",
                "LastUpdatedByUser": "someone",
            }
            for number, reason in self.tenant.reasons.items()
        ]
        return json_reply(200, rows)

    def _warehouses(self) -> list[dict[str, Any]]:
        return [
            {
                "ID": number,
                "Name": row["name"],
                "Code": row.get("code", "MAIN"),
                "Active": row.get("active", True),
                "ClientId": 0,
            }
            for number, row in self.tenant.warehouses.items()
        ]

    def _clients(self, user: User) -> Reply:
        if user.client_id is not None:
            return Reply(401)
        rows = [
            {"ID": number, "Name": name, "ShortName": name[:10], "Active": "True"}
            for number, name in self.tenant.clients.items()
        ]
        return json_reply(200, rows)

    def _look_up(self, query: dict[str, str], user: User) -> Reply:
        """Also by alternative codes and without regard to case, as recorded."""
        sku = query.get("sku", "").casefold()
        client_id = user.client_id or int(query.get("clientid") or 0)
        for number, product in self.tenant.products.items():
            codes = {product["sku"].casefold(), *map(str.casefold, product.get("alt_codes", []))}
            anyone = client_id == 0 or not self.settings.look_up_heeds_client
            if sku in codes and (anyone or client_id == product["client_id"]):
                return json_reply(200, number)
        return json_reply(200, 0)

    def _search_barcode(self, query: dict[str, str]) -> Reply:
        """By SKU, EAN or UPC, across clients; a short one fits as a part of another, as recorded.

        What is answered when there is none is not known; it is not found here.
        """
        code = query.get("barcode", "")
        for number, product in self.tenant.products.items():
            codes = [c for c in (product["sku"], product.get("ean"), product.get("upc")) if c]
            in_part = 0 < len(code) <= 7 and any(code in known for known in codes)
            if code in codes or in_part:
                return json_reply(200, self._product_body(number))
        return Reply(404)

    def _search(self, query: dict[str, str]) -> Reply:
        """Fuzzy, and across clients."""
        wanted = query.get("search", "").casefold()
        rows = [
            self._product_body(number)
            for number, product in self.tenant.products.items()
            if wanted in product["sku"].casefold() or wanted in product["name"].casefold()
        ]
        return json_reply(200, rows)

    def _product(self, number: int) -> Reply:
        if number not in self.tenant.products:
            return Reply(404)
        return json_reply(200, self._product_body(number))

    def _product_body(self, number: int) -> dict[str, Any]:
        product = self.tenant.products[number]
        return {
            "ID": number,
            "SKU": product["sku"],
            "EAN": product.get("ean"),
            "UPC": product.get("upc"),
            "Name": product["name"],
            "ClientId": product["client_id"],
            "Bundle": False,
            "DisCont": False,
        }

    # -- returns ----------------------------------------------------------------------------

    def _create(self, request: Request, user: User) -> Reply:
        body = _object(request)
        if user.client_id is not None and "ClientId" in body:
            return toolkit(False, 0, "Client Users cannot specify a ClientId!")
        client_id = user.client_id or _whole(body, "ClientId")
        if client_id not in self.tenant.clients:
            return toolkit(False, 0, "Client does not exist")
        warehouse_id = _whole(body, "WarehouseId")
        if warehouse_id not in self.tenant.warehouses:
            return toolkit(False, 0, "Warehouse does not exist")
        reference = body.get("Reference") or ""
        if not isinstance(reference, str):
            raise Refusal(_invalid("Reference"))
        if len(reference) > REFERENCE_LENGTH:
            return toolkit(False, 0, "Reference is too long")
        items = body.get("ReturnItems") or []
        if not isinstance(items, list):
            raise Refusal(_invalid("ReturnItems"))
        rows = []
        for item in items:
            row = self._row(item, client_id)
            if isinstance(row, str):
                return toolkit(False, 0, row)
            rows.append(row)
        now = self._now()
        made = ExternalReturn(self._next_id, client_id, warehouse_id, reference, rows, now, now)
        self.returns[made.id] = made
        self._next_id += 1
        return toolkit(True, made.id, f"External Return Created ID:{made.id}")

    def _row(self, item: Any, client_id: int) -> Row | str:
        """A row from an item, or the message of its refusal."""
        if not isinstance(item, dict):
            raise Refusal(_invalid("ReturnItems"))
        if item.get("Action", "NONE") != "NONE":
            raise Refusal(_invalid("ReturnItems.Action"))
        product_id = _whole(item, "ProductId", default=0)
        product = self.tenant.products.get(product_id)
        if product_id and (product is None or product["client_id"] != client_id):
            return "Product does not exist"
        if product is None:
            return f"Product does not exist: {item.get('SKU')}"
        reason_id = _whole(item, "ReturnReasonId", default=0)
        if reason_id != 0 and reason_id not in self.tenant.reasons:
            return "Return Reason does not exist"
        quantity = _whole(item, "Quantity")
        if quantity < 1:
            return "Quantity must be at least 1"
        self._next_row_id += 1
        comments = item.get("Comments") or ""
        return Row(
            self._next_row_id, product["sku"], product_id, quantity, reason_id, str(comments)
        )

    def _visible(self, user: User) -> list[ExternalReturn]:
        """A client user sees its own; a warehouse user sees every client's."""
        return [
            found for found in self.returns.values() if user.client_id in {None, found.client_id}
        ]

    def _read(self, number: int, user: User) -> Reply:
        found = next((row for row in self._visible(user) if row.id == number), None)
        return Reply(404) if found is None else json_reply(200, self._body(found))

    def _read_items(self, number: int, user: User) -> Reply:
        found = next((row for row in self._visible(user) if row.id == number), None)
        if found is None:
            return Reply(404)
        return json_reply(200, self._body(found)["ReturnItems"])

    def _indexed(self, user: User) -> list[ExternalReturn]:
        """What searches and lists show: records appear there with a delay."""
        delay = timedelta(seconds=self.settings.index_delay_seconds)
        return [row for row in self._visible(user) if row.created_at + delay <= self._now()]

    def _by_date(self, query: dict[str, str], user: User) -> Reply:
        """An unreadable date is ignored: then it is today's returns that come."""
        day = _day(query.get("date", ""))
        zone = ZoneInfo(self.settings.zone)
        wanted = day or self._now().astimezone(zone).date().isoformat()
        rows = [
            row
            for row in self._indexed(user)
            if self._compared(row).astimezone(zone).date().isoformat() == wanted
        ]
        return json_reply(200, [self._body(row, in_list=True) for row in rows])

    def _compared(self, row: ExternalReturn) -> datetime:
        return row.updated_at if self.settings.by_date == "updated" else row.created_at

    def _list(self, query: dict[str, str], user: User) -> Reply:
        page = int(query.get("pageno") or 1)
        limit = int(query.get("limit") or PAGE_LIMIT)
        if page == 0:
            return json_reply(500, {"Message": "An error has occurred."})
        if limit > PAGE_LIMIT and self.settings.over_limit == "refuse":
            return json_reply(400, {"Message": "The request is invalid."})
        rows = self._indexed(user)
        if query.get("clientid"):
            rows = [row for row in rows if row.client_id == int(query["clientid"])]
        since = self._since(query.get("sincelastupdated", ""))
        if since is not None and self.settings.returns_list == "honoured":
            rows = [row for row in rows if row.updated_at >= since]
        # No stable order is promised: a hash of the id stands for it.
        rows.sort(key=lambda row: (row.id * 2654435761) % 2**32)
        size = min(limit, PAGE_LIMIT)
        shown = rows[(page - 1) * size : page * size]
        return json_reply(200, [self._body(row, in_list=True) for row in shown])

    def _since(self, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.settings.zone))
        return moment.astimezone(UTC)

    def _naive(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.settings.zone))
        return local.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7"

    def _body(self, row: ExternalReturn, *, in_list: bool = False) -> dict[str, Any]:
        with_items = self.settings.items_in_lists or not in_list
        return {
            "ID": row.id,
            "OrderId": 0,
            "OrderNumber": "ExternalReturn",
            "ClientId": row.client_id,
            "Reference": row.reference,
            "AdvancedExternalReturn": False,
            "Confirmed": row.confirmed,
            "Refunded": False,
            "Exchanged": False,
            "ExchangedOrderId": 0,
            "Invoiced": False,
            "ReturnItems": [self._item(item, row) for item in row.rows] if with_items else None,
            "ReturnNameValues": [],
            "LastUpdated": self._naive(row.updated_at),
            "LastUpdatedByUser": "warehouse",
        }

    def _item(self, item: Row, row: ExternalReturn) -> dict[str, Any]:
        reason = self.tenant.reasons.get(item.reason_id, {})
        return {
            "ID": item.id,
            "ReturnId": row.id,
            "OrderItemId": 0,
            "ProductId": item.product_id,
            "SKU": item.sku,
            "NAME": self.tenant.products.get(item.product_id, {}).get("name", item.sku),
            "Quantity": item.quantity,
            "ReturnReasonId": item.reason_id,
            "ReturnReasonName": reason.get("name"),
            "Action": "NONE",
            "StockAction": reason.get("stock_action", "DoNothing"),
            "Comments": item.comments,
            "ExpiryDate": NO_EXPIRY,
            "BatchNo": None,
            "SerialNo": item.serial,
            "ReturnedToStock": row.confirmed,
            "LeftToPutAway": 0,
            "LastUpdated": self._naive(row.updated_at),
            "LastUpdatedByUser": "warehouse",
        }

    # -- the warehouse's hands, and the books -----------------------------------------------

    def receive(
        self, external_return_id: int, goods: list[dict[str, Any]] | None = None
    ) -> ExternalReturn:
        """The warehouse books goods in and confirms.

        Args:
            external_return_id: Which.
            goods: Rows ``{sku, quantity, serials?, reason_id?, remark?}`` that arrived; None for
                exactly what was announced. Rows replace those that were there, and may name other
                SKUs; with ``serials`` every unit gets a row of its own.
        """
        row = self.returns[external_return_id]
        if goods is not None:
            marked = row.rows[0].comments if row.rows else ""
            row.rows = [made for good in goods for made in self._goods(good, marked)]
        row.confirmed = True
        row.updated_at = self._now()
        return row

    def _goods(self, good: dict[str, Any], comments: str) -> list[Row]:
        ids = {product["sku"]: number for number, product in self.tenant.products.items()}
        sku, quantity = good["sku"], int(good["quantity"])
        serials: list[str | None] = good.get("serials") or [None]
        each = 1 if good.get("serials") else quantity
        rows = []
        for serial in serials:
            self._next_row_id += 1
            rows.append(
                Row(
                    self._next_row_id,
                    sku,
                    ids.get(sku, 0),
                    each,
                    int(good.get("reason_id", 1)),
                    " ".join(filter(None, [comments, good.get("remark")])),
                    serial,
                )
            )
        return rows

    def seed(self, content: dict[str, Any]) -> None:
        """Add users, clients, warehouses, reasons and products."""
        for user in content.get("users", []):
            self.tenant.users[user["name"]] = User(**user)
        self.tenant.clients |= {int(k): v for k, v in content.get("clients", {}).items()}
        self.tenant.warehouses |= {int(k): v for k, v in content.get("warehouses", {}).items()}
        self.tenant.reasons |= {int(k): v for k, v in content.get("reasons", {}).items()}
        self.tenant.products |= {int(k): v for k, v in content.get("products", {}).items()}

    def books(self) -> dict[str, Any]:
        """What really happened."""
        return {
            "external_returns": [asdict(row) for row in self.returns.values()],
            "logins": dict(self.logins),
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

        return {
            "books": lambda _: self.books(),
            "seed": seed,
            "receive": receive,
            "settings": settings,
            "expire-keys": expire,
        }


def _object(request: Request) -> dict[str, Any]:
    try:
        content = request.json()
    except ValueError:
        raise Refusal(_invalid("")) from None
    if not isinstance(content, dict):
        raise Refusal(_invalid(""))
    return content


def _whole(content: dict[str, Any], name: str, default: int | None = None) -> int:
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(_invalid(name))
    return value


def _invalid(name: str) -> Reply:
    return json_reply(
        400, {"Message": "The request is invalid.", "ModelState": {name: ["is not valid"]}}
    )


def _day(text: str) -> str | None:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None
