"""Every call of the Redo adapter, once, and every kind of refusal that the document has for it.

A new method of the adapter needs a row in `CALLS`, a new operation one in `ANSWERS`: a test counts.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from local.simulators.faults import UNDER_200, Fault, FaultKind
from local.simulators.redo.simulator import WRITABLE
from local.simulators.wire import Request
from returns_hub.adapters import redo
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.redo import sandbox
from returns_hub.adapters.redo.invoices import RedoInvoices
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.adapters.redo.sandbox import RedoSandboxReturns
from returns_hub.adapters.redo.scopes import RedoScopes
from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.returns import ReturnStatus
from returns_hub.domain.subscriptions import Wanted
from returns_hub.ports import SandboxLine, SandboxReturnDraft, ShipFrom
from tests.support.checks import ALL_SCOPES, ORDER
from tests.support.fakes import TestClock
from tests.support.worlds import RETURN_ID, TOKEN, Bench, item, redo_return

READER = "reads-only"
HERE = "/v2.2/returns/" + RETURN_ID
STORE = "/v2.2/stores/store"
SUBSCRIPTION = "77aa01f0c0ffee0000000001"
SUBSCRIBED = f"/v2.2/webhooks/{SUBSCRIPTION}"
INVOICE = "88aa01f0c0ffee0000000001"
INVOICE_ITEMS = "/v2.2/invoices/{}/items.csv"
MAKES = "POST /stores/{storeId}/returns"
DRAFT = SandboxReturnDraft(
    shop="shopify",
    order_id="6100",
    lines=(SandboxLine("14", "Damaged", "damaged"), SandboxLine("15", "Too warm")),
    ship_from=ShipFrom("1 Sample Row", "Leeds", "West Yorkshire", "LS1 1AA", "GB"),
    note="for a test",
    idempotency_key="RH-1",
)
WANTED = Wanted(
    external_id="ours",
    url="https://hub.example.test/webhooks/redo/example",
    token=SecretStr("a-token-of-deliveries"),
)
AMOUNTS = ("3.33", "0.01", "0.1", "20", "1E+2", "1234567.89", "0.000001")
"""What may be paid instead of a line's value, as a decimal."""


@dataclass
class Desk:
    """An adapter before a simulator that holds three returns; the first has two lines.

    The store has a subscription with a token and one without, and an invoice with a charge.
    """

    bench: Bench = field(default_factory=Bench)

    def __post_init__(self) -> None:
        for number in range(3):
            changes = {"id": f"other{number}"} if number else {}
            self.bench.put(redo_return([item(1, "TEE"), item(2, None, 2)], **changes))
        self.bench.redo.seed({"tokens": {READER: ["returns_read"], TOKEN: ALL_SCOPES}})
        self.bench.redo.orders["order2"] = {**ORDER, "id": "order2"}
        subscribe = self.bench.redo.webhooks.subscribe
        made = subscribe(WANTED.url, "their-token", external_id="theirs")
        assert made.id == SUBSCRIPTION
        subscribe(f"{WANTED.url}/loop", None, kind="loop")
        self.bench.redo.invoices.put(INVOICE, "description,amount\r\n", amount="1.78")

    @property
    def clock(self) -> TestClock:
        return self.bench.clock

    @property
    def soon(self) -> datetime:
        """Until when a write may leave."""
        return self.clock.now() + timedelta(seconds=60)

    def portal(self) -> RedoPortal:
        connection = self.bench.live().merchant.redo
        assert connection is not None
        http = self.bench.http(connection.base_url, self.bench.to_redo, "redo")
        return RedoPortal(http, connection, token=lambda *, fresh: TOKEN, clock=self.clock)

    def subscriptions(self) -> RedoSubscriptions:
        return RedoSubscriptions(self.bench.redo_client())

    def sandbox(self) -> RedoSandboxReturns:
        return RedoSandboxReturns(self.bench.redo_client())

    def invoices(self) -> RedoInvoices:
        return RedoInvoices(self.bench.redo_client())

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """One request as somebody else would make it."""
        sent = {"authorization": f"Bearer {token}", **(headers or {})}
        if body is None:
            self.bench.redo.handle(Request(method, path, {}, sent))
            return
        sent["content-type"] = "application/json"
        self.bench.redo.handle(Request(method, path, {}, sent, json.dumps(body).encode()))


def _process(desk: Desk) -> None:
    lines = [
        LineToProcess(line_id="item1", sku="TEE", restock=True),
        LineToProcess(line_id="item2", sku="MUG", restock=False),
    ]
    desk.portal().process(RETURN_ID, lines, desk.soon)


def process_one(desk: Desk, **how: Any) -> None:
    """Process one line of the return, the other one being held until its turn."""
    line = LineToProcess(line_id="item1", sku="TEE", restock=True, **how)
    desk.portal().process(RETURN_ID, [line], desk.soon)


def _process_in_every_way(desk: Desk) -> None:
    for amount in AMOUNTS:
        process_one(desk, amount=Decimal(amount))
    process_one(desk, reject=True)
    _process(desk)


def _set_every_status(desk: Desk) -> None:
    for status in sorted(WRITABLE):
        desk.portal().set_status(RETURN_ID, ReturnStatus(status), desk.soon)


def _make(desk: Desk) -> None:
    """Made, and asked for again with the same key."""
    for _ in range(2):
        desk.sandbox().make_return(DRAFT, desk.soon)


def _try_scopes(desk: Desk) -> None:
    for scope in ALL_SCOPES:
        RedoScopes(desk.bench.redo_client()).holds(scope)


def _put(desk: Desk) -> None:
    """Made, and changed by its external id."""
    for _ in range(2):
        desk.subscriptions().put(WANTED, desk.soon)


def _all_returns(desk: Desk) -> None:
    now = desk.clock.now()
    list(desk.portal().returns_updated(now - timedelta(days=9), now + timedelta(days=1)))


STATUSES = (
    *("open", "in_transit", "delivered", "needs_review", "in_review"),
    *("complete", "rejected", "flagged", "pre_shipment", "deleted"),
)
CALLS: Mapping[str, Callable[[Desk], object]] = {
    "RedoPortal.read_return": lambda desk: desk.portal().read_return(RETURN_ID),
    "RedoPortal.returns_updated": _all_returns,
    "RedoPortal.comments": lambda desk: desk.portal().comments(RETURN_ID),
    "RedoPortal.add_comment": lambda desk: desk.portal().add_comment(
        RETURN_ID, "Mintsoft 41\n[hub-1]", desk.soon
    ),
    "RedoPortal.set_status": _set_every_status,
    "RedoPortal.returns_of_order": lambda desk: desk.portal().returns_of_order("#5501 / é&?"),
    "RedoPortal.process": _process_in_every_way,
    "RedoPortal.check_access": lambda desk: desk.portal().check_access(),
    "RedoPortal.recent_returns": lambda desk: desk.portal().recent_returns(50),
    "RedoScopes.holds": _try_scopes,
    "RedoSandboxReturns.make_return": _make,
    "RedoSandboxReturns.find_made": lambda desk: desk.sandbox().find_made(DRAFT, desk.clock.now()),
    "RedoSubscriptions.list": lambda desk: desk.subscriptions().list(),
    "RedoSubscriptions.read": lambda desk: desk.subscriptions().read(SUBSCRIPTION),
    "RedoSubscriptions.put": _put,
    "RedoSubscriptions.change": lambda desk: desk.subscriptions().change(
        SUBSCRIPTION, WANTED, desk.soon
    ),
    "RedoSubscriptions.delete": lambda desk: desk.subscriptions().delete(SUBSCRIPTION, desk.soon),
    "RedoSubscriptions.replay": lambda desk: desk.subscriptions().replay(
        SUBSCRIPTION, desk.clock.now() - timedelta(days=1), desk.soon
    ),
    "RedoInvoices.list": lambda desk: desk.invoices().list(),
    "RedoInvoices.items": lambda desk: desk.invoices().items(INVOICE),
    "RedoInvoices.pending_items": lambda desk: desk.invoices().pending_items(),
}
SAYS_NOTHING = frozenset({"RedoPortal.abilities", "RedoPortal.parse", "RedoPortal.require_open"})
"""Public members that ask Redo nothing."""

_WRITES: tuple[tuple[str, str, object], ...] = (
    ("POST", f"{HERE}/comments", {"comment": {"message": "a", "image": "b"}}),
    ("PUT", f"{HERE}/status", {"status": "in_transit"}),
    ("POST", f"{HERE}/process", {}),
    ("POST", f"{STORE}/webhooks", {"webhook": {"callback": {"url": "http://a", "auth": None}}}),
    ("PUT", SUBSCRIBED, {"webhook": {"topic": "return"}}),
    ("POST", f"{SUBSCRIBED}/replay", {"start": "yesterday"}),
    ("POST", f"{STORE}/returns", {"data": {"provider": "shopify"}}),
)
"""Writes that are refused for what they ask."""
ANSWERS: Mapping[str, tuple[str, str, object]] = {
    "GET /stores/{storeId}/returns": ("GET", f"{STORE}/returns", None),
    "GET /returns/{returnId}": ("GET", HERE, None),
    "GET /returns/{returnId}/status": ("GET", f"{HERE}/status", None),
    "GET /returns/{returnId}/comments": ("GET", f"{HERE}/comments", None),
    "POST /returns/{returnId}/comments": _WRITES[0],
    "PUT /returns/{returnId}/status": _WRITES[1],
    "POST /returns/{returnId}/process": _WRITES[2],
    "GET /stores/{storeId}/webhooks": ("GET", f"{STORE}/webhooks", None),
    "POST /stores/{storeId}/webhooks": _WRITES[3],
    "GET /webhooks/{webhookId}": ("GET", SUBSCRIBED, None),
    "PUT /webhooks/{webhookId}": _WRITES[4],
    "DELETE /webhooks/{webhookId}": ("DELETE", SUBSCRIBED, None),
    "POST /webhooks/{webhookId}/replay": _WRITES[5],
    MAKES: _WRITES[6],
    "GET /stores/{storeId}/orders/{orderId}": ("GET", f"{STORE}/orders/none", None),
    "GET /stores/{storeId}/invoices": ("GET", f"{STORE}/invoices", None),
    "GET /invoices/{invoiceId}/items.csv": ("GET", INVOICE_ITEMS.format(INVOICE), None),
    "GET /invoices/pending/items.csv": ("GET", INVOICE_ITEMS.format("pending"), None),
}
"""A request of each operation; a write's is refused for what it asks."""
NOT_GIVEN: Mapping[tuple[str, str], str] = {
    ("GET /stores/{storeId}/orders/{orderId}", "200"): "it is asked for one that is not there"
}
"""Documented answers that the simulator never gives, and why."""


def provoke(desk: Desk, operation: str) -> None:
    """Ask so that every kind of error answer comes."""
    method, path, body = ANSWERS[operation]
    desk.ask(method, path, body)
    desk.ask(method, path, body, token="unknown")
    desk.ask(method, path, body, token=READER)
    unknown = path.replace("store/", "other/")
    for known in (RETURN_ID, SUBSCRIPTION, INVOICE):
        unknown = unknown.replace(known, "nobody")
    desk.ask(method, unknown, body)
    desk.ask(method, path, body, headers={"x-page-size": "501"})
    if body is not None:
        desk.ask(method, path, ["no object"])
    if operation == MAKES:
        for draft in (DRAFT, replace(DRAFT, note="another")):
            desk.ask(method, path, sandbox.body_of(draft), headers={"idempotency-key": "one"})
    for kind in FaultKind:
        if kind in UNDER_200:
            continue
        retry_after = "3" if kind is FaultKind.HTTP_429 else None
        desk.bench.redo.faults.add(Fault(kind, retry_after=retry_after))
        desk.ask(method, path, body)


def all_states(desk: Desk) -> Iterator[dict[str, Any]]:
    """Returns of every state, type and completeness that the document knows."""
    whole = redo_return([item(1, "TEE")])
    for status in STATUSES:
        yield {**whole, "status": status}
    for kind in ("claim", "return", "warranty"):
        yield {**whole, "type": kind}
    optional = ("type", "compensationMethods", "shipments", "dropoffs")
    for name in optional:
        yield {key: value for key, value in whole.items() if key != name}
    yield {key: value for key, value in whole.items() if key not in optional} | {"items": []}
    least = ("id", "orderItem", "quantity", "reason")
    yield {**whole, "items": [{name: item(1, "TEE")[name] for name in least}]}
    yield {**whole, "shipment": {}, "shipments": [{}, {"itemIds": []}]}


def public_calls() -> set[str]:
    """Everything public of the adapter that speaks to Redo: functions, and members of classes.

    A class over `PartnerHttp` that others are made with is how they speak, and says nothing itself.
    """
    found = set()
    speaks = {PartnerHttp.__name__}
    makers = dict(_makers())
    direct = {name for name, maker in makers.items() if _takes(maker, speaks)}
    carriers = {name for name in direct if any(_takes(maker, {name}) for maker in makers.values())}
    while more := {name for name, maker in makers.items() if _takes(maker, speaks)} - speaks:
        speaks |= more
    for name in (speaks & makers.keys()) - carriers:
        maker = makers[name]
        members = [member for member in dir(maker) if not member.startswith("_")]
        found |= {f"{name}.{member}" for member in members} if inspect.isclass(maker) else {name}
    return found


def _makers() -> Iterator[tuple[str, Callable[..., object]]]:
    """Public classes and functions that the adapter's modules define."""
    for module in pkgutil.iter_modules(redo.__path__, f"{redo.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            is_own = getattr(value, "__module__", "") == module.name and not name.startswith("_")
            if is_own and (inspect.isclass(value) or inspect.isfunction(value)):
                yield name, value


def _takes(maker: Callable[..., object], names: set[str]) -> bool:
    """Whether a parameter's annotation is one of the names."""
    function = maker.__init__ if inspect.isclass(maker) else maker
    annotations = getattr(function, "__annotations__", {})
    return any(str(annotation) in names for annotation in annotations.values())
