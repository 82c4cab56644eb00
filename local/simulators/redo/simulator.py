"""A simulator of Redo's returns API, version 2.2.

Built from Redo's OpenAPI 2.2: bearer tokens with scopes, problem+json, paging by headers, status by
PUT with 204, comments with 201, and `process` whose partial submissions are held until the rest of
the return is ready and whose processing comes later. What no source tells is a setting.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.admin import CallLog
from local.simulators.clock import Now, later_than, system_now, text_of
from local.simulators.clock import moment_of as _moment
from local.simulators.faults import FaultPlan
from local.simulators.problems import Refusal, problem
from local.simulators.problems import object_of as _object
from local.simulators.redo.bodies import whole_order
from local.simulators.redo.invoices import Invoices
from local.simulators.redo.making import in_form_of_orders, more_routes
from local.simulators.redo.webhooks import Webhooks
from local.simulators.serving import Serving, usual_actions
from local.simulators.wire import Reply, Request, json_reply

BASE = "/v2.2"
WRITABLE = frozenset({"complete", "open", "flagged", "rejected", "deleted"})
CLOSED = frozenset({"complete", "rejected", "deleted"})
TRIGGERED = "Processing triggered successfully"
HELD = (
    "Successfully prepared some products to be processed, once all products are ready, processing "
    "will be triggered"
)


@dataclass(frozen=True)
class Settings:
    """What the sources do not tell."""

    sort: Literal["updated", "created"] = "updated"
    processing_seconds: float = 0.5
    process_complete_items: Literal["refuse", "pay_again"] = "refuse"
    refuse_status: str = ""
    made_locations: tuple[str, ...] = ()


@dataclass
class Held:
    """Items prepared for processing, and when it is done once triggered."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    done_at: datetime | None = None


@dataclass
class Books:
    """What really happened."""

    submissions: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    restocked: dict[str, bool] = field(default_factory=dict)
    adjusted: dict[str, float] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, list[str]] = field(default_factory=dict)
    customer_notes: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)


class RedoSimulator(Serving):
    """The core."""

    def __init__(
        self,
        now: Now = system_now,
        settings: Settings | None = None,
        *,
        dice: random.Random | None = None,
    ) -> None:
        """`dice` decide which webhook deliveries go wrong, where that is asked for."""
        self._now = now
        self.settings = settings or Settings()
        self.store_id = "64e5a8a1af49a89df37e4ee7"
        self.tokens: dict[str, frozenset[str]] = {}
        self.returns: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, list[dict[str, str]]] = {}
        self.books = Books()
        self.faults = FaultPlan(lambda status: problem(status, "An error", "made on demand").reply)
        self.calls = CallLog()
        self.made_by_key: dict[str, tuple[str, str]] = {}
        self._held: dict[str, Held] = {}
        self.webhooks = Webhooks(now, self._all_returns, store_id=lambda: self.store_id, dice=dice)
        self.webhooks.deliveries.settle = self._finish_processing
        self.invoices = Invoices(lambda: self.store_id)

    # -- serving ----------------------------------------------------------------------------

    def _settle(self) -> None:
        self._finish_processing()

    def _in_form(self, request: Request, reply: Reply) -> Reply:
        return in_form_of_orders(request, reply)

    def _carry_out(self, request: Request) -> Reply:
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.reply

    def _route(self, request: Request) -> Reply:
        one = r"/returns/([^/]+)"
        routes: list[tuple[str, str, str, Callable[..., Reply]]] = [
            ("GET", r"/stores/([^/]+)/returns", "returns_read", self._list),
            ("GET", one, "returns_read", self._read),
            ("GET", one + "/status", "returns_read", self._read_status),
            ("PUT", one + "/status", "returns_write", self._set_status),
            ("POST", one + "/process", "returns_write", self._process),
            ("GET", one + "/comments", "returns_read", self._read_comments),
            ("POST", one + "/comments", "returns_write", self._comment),
            *self.webhooks.routes(),
            *self.invoices.routes(),
            *more_routes(self),
        ]
        path = request.path.removeprefix(BASE)
        if path == request.path:
            raise problem(404, "Not Found", "no such path")
        for method, pattern, scope, answer in routes:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                self._authenticate(request, scope)
                return answer(request, found.group(1))
        raise problem(404, "Not Found", "no such path")

    def _authenticate(self, request: Request, scope: str) -> None:
        given = request.headers.get("authorization", "")
        token = given.removeprefix("Bearer ")
        if not given.startswith("Bearer ") or token not in self.tokens:
            raise problem(401, "Unauthorized", "the token is not valid")
        if scope not in self.tokens[token]:
            raise problem(
                403,
                "Insufficient token scope",
                f"This token is missing the required `{scope}` scope",
                "com.getredo.api:scope/forbidden",
            )

    def _one(self, return_id: str) -> dict[str, Any]:
        if return_id not in self.returns:
            raise problem(404, "Not Found", "no such return")
        return self.returns[return_id]

    # -- reading ----------------------------------------------------------------------------

    def _list(self, request: Request, store_id: str) -> Reply:
        if store_id != self.store_id:
            raise problem(404, "Not Found", "no such store")
        size = _page_size(request.headers.get("x-page-size", "20"))
        span = tuple(_bound(request, f"updated_at_{end}") for end in ("min", "max"))
        rows = [row for row in self.returns.values() if _is_wanted(row, request.query, *span)]
        by = "updatedAt" if self.settings.sort == "updated" else "createdAt"
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=True)
        start = _place(request.headers.get("x-page-continue") or "0")
        shown = rows[start : start + size]
        order_ids = dict.fromkeys(row["order"]["id"] for row in shown)
        reply = json_reply(
            200,
            {
                "returns": shown,
                "orders": [self.orders[name] for name in order_ids],
            },
        )
        following = start + size
        if following < len(rows):
            return replace(reply, headers={**reply.headers, "X-Page-Next": str(following)})
        return reply

    def _read(self, _: Request, return_id: str) -> Reply:
        found = self._one(return_id)
        return json_reply(200, {"return": found, "order": self.orders[found["order"]["id"]]})

    def _read_status(self, _: Request, return_id: str) -> Reply:
        return json_reply(200, {"status": self._one(return_id)["status"]})

    def _read_comments(self, _: Request, return_id: str) -> Reply:
        self._one(return_id)
        return json_reply(200, {"comments": self.comments.get(return_id, [])})

    # -- writing ----------------------------------------------------------------------------

    def _comment(self, request: Request, return_id: str) -> Reply:
        self._one(return_id)
        comment = _object(request).get("comment")
        if not isinstance(comment, dict) or set(comment) not in ({"message"}, {"image"}):
            raise problem(400, "Bad Request", "exactly one of message and image")
        if not all(isinstance(value, str) for value in comment.values()):
            raise problem(400, "Bad Request", "a comment is a text")
        self.comments.setdefault(return_id, []).append(comment)
        return json_reply(201, {"comment": comment})

    def _set_status(self, request: Request, return_id: str) -> Reply:
        self._one(return_id)
        status = _object(request).get("status")
        if not isinstance(status, str) or status not in WRITABLE:
            raise problem(400, "Bad Request", "status is not one that can be set")
        if self.settings.refuse_status:
            raise problem(400, "Bad Request", self.settings.refuse_status)
        self.change_status(return_id, status)
        return Reply(204)

    def _process(self, request: Request, return_id: str) -> Reply:
        found = self._one(return_id)
        body = _object(request)
        products = body.get("products")
        if not isinstance(products, list) or not products:
            raise problem(400, "Bad Request", "products are required")
        if found["status"] in CLOSED:
            raise problem(400, "Bad Request", f"the return is {found['status']}")
        items = {item["id"]: item for item in found["items"]}
        for product in products:
            self._check(product, items)
        notes = body.get("customerNotes", "")
        if not isinstance(notes, str):
            raise problem(400, "Bad Request", "customerNotes is a text")
        if notes:
            self.books.customer_notes.append(notes)
        held = self._held.setdefault(return_id, Held())
        for product in products:
            self.books.submissions[f"{return_id}/{product['_id']}"] += 1
            held.items[product["_id"]] = product
        waiting = [
            item["id"]
            for item in found["items"]
            if item["status"] == "open"
            and not item.get("greenReturn")
            and item["id"] not in held.items
        ]
        if waiting:
            return json_reply(200, {"message": HELD})
        held.done_at = self._now() + timedelta(seconds=self.settings.processing_seconds)
        return json_reply(200, {"message": TRIGGERED})

    def _check(self, product: Any, items: dict[str, dict[str, Any]]) -> None:
        if not isinstance(product, dict) or not isinstance(product.get("_id"), str):
            raise problem(400, "Bad Request", "a product is named by its _id")
        if product["_id"] not in items:
            raise problem(400, "Bad Request", "no such product on the return")
        if set(product) - {"_id", "processInput", "reject"}:
            raise problem(400, "Bad Request", "a product has unknown fields")
        _check_input(product)
        if product.get("reject") and product.get("processInput") is not None:
            raise problem(400, "Bad Request", "reject and processInput exclude each other")
        item = items[product["_id"]]
        if item["status"] != "open" and self.settings.process_complete_items == "refuse":
            raise problem(400, "Bad Request", f"the item is {item['status']}")

    def _finish_processing(self) -> None:
        for return_id, held in list(self._held.items()):
            if held.done_at is not None and held.done_at <= self._now():
                del self._held[return_id]
                self._complete(self.returns[return_id], held.items)

    def _complete(self, found: dict[str, Any], products: dict[str, dict[str, Any]]) -> None:
        for item in found["items"]:
            product = products.get(item["id"])
            if product is None:
                continue
            if product.get("reject"):
                item["status"] = "rejected"
                self.books.rejected[f"{found['id']}/{item['id']}"] += 1
                continue
            item["status"] = "complete"
            key = f"{found['id']}/{item['id']}"
            given = product.get("processInput") or {}
            self.books.payments[key] += 1
            self.books.restocked[key] = bool(given.get("restock"))
            if given.get("newMerchantAdjustment") is not None:
                self.books.adjusted[key] = given["newMerchantAdjustment"]
        self.set_status(found["id"], "complete")

    # -- for tests and the local stack ------------------------------------------------------

    def set_status(self, return_id: str, status: str) -> None:
        """Change a return's status, as the team or Redo itself would."""
        found = self.returns[return_id]
        found["status"] = status
        found["updatedAt"] = later_than(found["updatedAt"], self._now())
        self.books.statuses.setdefault(return_id, []).append(status)
        self.webhooks.changed(found, self.orders.get(found["order"]["id"]), "updated")

    def change_status(self, return_id: str, status: str) -> None:
        """Change a return's status with the effects that Redo documents for it.

        Completing completes every item. Opening what was finished resets the items and clears what
        was held for processing; payments stay.
        """
        found = self.returns[return_id]
        was = found["status"]
        if status == "complete":
            for item in found["items"]:
                item["status"] = "complete"
        if status == "open" and was in CLOSED:
            self._held.pop(return_id, None)
            for item in found["items"]:
                item["status"] = "open"
        self.set_status(return_id, status)

    def moment(self) -> str:
        """Now, as Redo writes times."""
        return text_of(self._now())

    def put(self, body: dict[str, Any], orders: list[dict[str, Any]]) -> None:
        """Add a return, or change it, with its orders; a change always has a later time."""
        known, new = self.returns.get(body["id"]), deepcopy(body)
        if known == new:
            return
        if known is not None and _moment(new["updatedAt"]) <= _moment(known["updatedAt"]):
            new["updatedAt"] = later_than(known["updatedAt"], self._now())
        self.returns[body["id"]] = new
        self.orders |= {order["id"]: deepcopy(order) for order in orders}
        # No answer of Redo's is without the order.
        link = new["order"]
        order = self.orders.setdefault(link["id"], whole_order(link))
        self.webhooks.changed(new, order, "updated" if known else "created")

    def _all_returns(self) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        return ((body, self.orders.get(body["order"]["id"])) for body in self.returns.values())

    def seed(self, content: dict[str, Any]) -> None:
        """Set the store, tokens ``{token: [scopes]}``, returns and orders."""
        self.store_id = content.get("store_id", self.store_id)
        self.tokens |= {
            token: frozenset(scopes) for token, scopes in content.get("tokens", {}).items()
        }
        self.orders |= {order["id"]: order for order in content.get("orders", [])}
        for body in content.get("returns", []):
            self.put(body, [])
        self.invoices.seed(content)

    def all_books(self) -> dict[str, Any]:
        """What really happened."""
        self._finish_processing()
        return {
            "submissions": dict(self.books.submissions),
            "payments": dict(self.books.payments),
            "restocked": dict(self.books.restocked),
            "adjusted": dict(self.books.adjusted),
            "rejected": dict(self.books.rejected),
            "statuses": {name: list(words) for name, words in self.books.statuses.items()},
            "customer_notes": list(self.books.customer_notes),
            "made": list(self.books.made),
            "returns": {name: found["status"] for name, found in self.returns.items()},
            "items": {
                f"{name}/{item['id']}": item["status"]
                for name, found in self.returns.items()
                for item in found["items"]
            },
            "comments": self.comments,
            "held": {name: sorted(held.items) for name, held in self._held.items()},
            "webhooks": self.webhooks.books(),
        }

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        def status(content: Any) -> Any:
            self.set_status(content["return_id"], content["status"])
            return {"ok": True}

        def webhook_settings(content: Any) -> Any:
            wanted = dict(content or {})
            if "retries" in wanted:
                wanted["retries"] = tuple(wanted["retries"])
            deliveries = self.webhooks.deliveries
            deliveries.settings = replace(deliveries.settings, **wanted)
            return asdict(deliveries.settings)

        return usual_actions(self) | {"status": status, "webhook_settings": webhook_settings}


def _page_size(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 500:
        raise problem(400, "Bad Request", "X-Page-Size is 1 to 500")
    return int(text)


def _place(text: str) -> int:
    """Where a page begins, as the page before it told."""
    if not (text.isascii() and text.isdigit()):
        raise problem(400, "Bad Request", "X-Page-Continue is no page's X-Page-Next")
    return int(text)


def _bound(request: Request, name: str) -> datetime | None:
    text = request.query.get(name)
    try:
        return _moment(text) if text else None
    except ValueError:
        raise problem(400, "Bad Request", f"{name} is no date-time") from None


def _check_input(product: dict[str, Any]) -> None:
    given = product.get("processInput")
    if not isinstance(product.get("reject", False), bool):
        raise problem(400, "Bad Request", "reject is a boolean")
    if given is None:
        return
    if not isinstance(given, dict) or not isinstance(given.get("restock", False), bool):
        raise problem(400, "Bad Request", "processInput is an object, and restock a boolean")
    amount = given.get("newMerchantAdjustment")
    if isinstance(amount, bool) or not isinstance(amount, int | float | None):
        raise problem(400, "Bad Request", "newMerchantAdjustment is a number")


def _is_wanted(
    row: dict[str, Any], query: Any, since: datetime | None, before: datetime | None
) -> bool:
    """The filters: `updated_at_min` inclusive, `updated_at_max` exclusive, names, one status."""
    updated = _moment(row["updatedAt"])
    if (since and updated < since) or (before and updated >= before):
        return False
    names = (query.get("provider_order_name"), query.get("shopify_order_name"))
    if any(name is not None and name != row["order"].get("name") for name in names):
        return False
    return query.get("status") in {None, row["status"]}
