"""A merchant's world for tests: real flows and adapters, simulators' cores, stores in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.redo.bodies import PROTECTION, SENDER, whole_order
from local.simulators.redo.simulator import RedoSimulator
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.mintsoft.client import MintsoftClient, log_in
from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
from returns_hub.adapters.mintsoft.warehouse import MintsoftWarehouse
from returns_hub.adapters.redo.client import RedoClient
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.portals import RedoConnection
from returns_hub.domain.subscriptions import callback_url, external_id_of
from returns_hub.flows.process_receipts import process_receipts
from returns_hub.flows.receive_approved_return import receive_approved_return
from returns_hub.flows.subscription_steps import Webhook
from returns_hub.flows.watch_returns import watch_returns
from returns_hub.flows.world import Stores, World
from returns_hub.ports import ReturnsPortal
from tests.support import fakes
from tests.support.bare import line_to
from tests.support.in_process import InProcess

RETURN_ID = "66aa01f0c0ffee0000000001"
KEY = "static-key"
TOKEN = "redo-token"
PASSWORD = "pass-word"
SCOPES = ["returns_read", "returns_write", "webhooks_read", "webhooks_write", "invoices_read"]
Kind = TypeVar("Kind")


def merchant_file(**changes: Any) -> dict[str, Any]:
    """A merchant file; `changes` replace whole top-level parts."""
    content: dict[str, Any] = {
        "merchant": "example",
        "name": "Example Fashion",
        "live_from": "2026-01-01T00:00:00Z",
        "redo": {
            "base_url": "http://127.0.0.1:1/v2.2",
            "store_id": "store",
            "requests_per_second": 100,
        },
        "mintsoft": {
            "base_url": "http://127.0.0.1:2",
            "client_id": 12,
            "requests_per_second": 100,
            "warehouses": {"by_location": {"loc_corby": 3, "loc_london": 4}, "merchant_address": 3},
            "reasons": {"default": 1, "map": {"damaged": 2, "faulty": 2}},
        },
        "flows": {
            "create_external_returns": {"mode": "live"},
            "process_receipts": {"mode": "live"},
        },
    }
    return content | changes


def item(number: int, sku: str | None, quantity: int = 1, **changes: Any) -> dict[str, Any]:
    """A line of a return in Redo's shape; what is None is left out."""
    content: dict[str, Any] = {
        "id": f"item{number}",
        "orderItem": {"id": f"6100000000001/{number}"},
        "sku": sku,
        "quantity": quantity,
        "status": "open",
        "greenReturn": False,
        "reason": "Does not fit",
        "reasonCode": "fit",
        "reasons": ["Does not fit"],
        "reasonCodes": ["fit"],
        "shipmentGroupIds": ["sg_one"],
    }
    return _said(content | changes)


def shipment(
    group: str = "sg_one", items: list[str] | None = None, **changes: Any
) -> dict[str, Any]:
    """A shipment in Redo's shape."""
    content: dict[str, Any] = {
        "carrier": "RoyalMail",
        "tracker": f"RM-{group}",
        "shipmentGroupId": group,
        "externalLocationId": "loc_corby",
    }
    if items is not None:
        content["itemIds"] = items
    return _said(content | changes)


def redo_return(items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A return in Redo's shape."""
    content: dict[str, Any] = {
        "id": RETURN_ID,
        "type": "return",
        "status": "open",
        "createdAt": "2026-03-02T08:15:00Z",
        "updatedAt": "2026-03-02T08:59:00Z",
        "order": {"id": "order1", "name": "#5501"},
        "compensationMethods": ["refund"],
        "items": items,
        "shipments": [shipment()],
        "dropoffs": [],
        "giftCards": [],
        "source": SENDER,
        "destination": {},
        "protection": PROTECTION,
    }
    return _said(content | changes)


def _said(content: dict[str, Any]) -> dict[str, Any]:
    """What Redo says: it leaves out what there is not."""
    return {name: value for name, value in content.items() if value is not None}


_READ: dict[str, Merchant] = {}


def _merchant_of(file: dict[str, Any]) -> Merchant:
    """What a merchant's file says: read once, since every turn asks for it and it never changes."""
    text = json.dumps(file, default=repr)
    if text not in _READ:
        _READ[text] = Merchant.model_validate(file)
    return _READ[text]


@dataclass
class Bench:
    """Everything a flow test holds in its hands."""

    clock: fakes.TestClock = field(default_factory=fakes.TestClock)
    telemetry: fakes.Telemetry = field(default_factory=fakes.Telemetry)
    file: dict[str, Any] = field(default_factory=merchant_file)

    def __post_init__(self) -> None:
        self.mintsoft = MintsoftSimulator(now=self.clock)
        self.mintsoft.seed(
            {
                "users": [
                    {"name": "hub", "password": PASSWORD, "static_key": KEY},
                    {"name": "login", "password": PASSWORD},
                ],
                "clients": {"12": "Example Fashion", "13": "Another"},
                "warehouses": {"3": {"name": "Corby"}, "4": {"name": "London"}},
                "reasons": {
                    "1": {"name": "Unwanted - Good Stock"},
                    "2": {"name": "Faulty", "stock_action": "Quarantine"},
                },
                "products": {
                    "901": {"sku": "TEE", "name": "Tee", "client_id": 12},
                    "902": {"sku": "MUG", "name": "Mug", "client_id": 12, "alt_codes": ["CUP"]},
                    "903": {"sku": "CAP", "name": "Cap", "client_id": 12},
                    "904": {"sku": "OTHER", "name": "Other", "client_id": 13},
                },
            }
        )
        self.redo = RedoSimulator(now=self.clock)
        self.redo.seed({"store_id": "store", "tokens": {TOKEN: SCOPES}})
        self.to_mintsoft, self.to_redo = InProcess(self.mintsoft), InProcess(self.redo)
        self.ledger = fakes.Ledger(self.clock)
        self.returns = fakes.Returns()
        self.cursors = fakes.Cursors(self.clock)
        self.parking = fakes.Parking()
        self.catalogue = fakes.Catalogue()
        self.capabilities = fakes.CapabilitiesStore()
        self.secrets = fakes.Secrets()
        self.secrets.values["example", "mintsoft"] = {"api_key": KEY}
        self.runs = 0
        self.version = 1

    # -- the world --------------------------------------------------------------------------

    def stores(self) -> Stores:
        self.runs += 1
        return Stores(
            ledger=self.ledger,
            returns=self.returns,
            cursors=self.cursors,
            parking=self.parking,
            catalogue=self.catalogue,
            capabilities=self.capabilities,
            clock=self.clock,
            telemetry=self.telemetry,
            owner=f"run-{self.runs}",
        )

    def http(self, base_url: str, adapter: InProcess, partner: str) -> PartnerHttp:
        return line_to(
            base_url, adapter, partner, clock=self.clock, telemetry=self.telemetry, rate=10_000
        )

    def credentials(self) -> MintsoftCredentials:
        connection = self.live().merchant.mintsoft
        http = self.http(connection.base_url, self.to_mintsoft, "mintsoft")
        return MintsoftCredentials(
            merchant="example",
            connection=connection,
            secrets=self.secrets,
            cursors=self.cursors,
            login=lambda user, password: log_in(http, user, password),
            clock=self.clock,
            owner=f"renewer-{self.runs}",
            telemetry=self.telemetry,
        )

    def live(self) -> LiveMerchant:
        return LiveMerchant(
            version=self.version,
            applied_at=self.clock.now(),
            applied_by="test",
            merchant=_merchant_of(self.file),
        )

    def world(self) -> World:
        live = self.live()
        connection = live.merchant.mintsoft
        warehouse = MintsoftWarehouse(
            MintsoftClient(
                self.http(connection.base_url, self.to_mintsoft, "mintsoft"), self.credentials()
            ),
            connection,
            clock=self.clock,
            proven=lambda: self.capabilities.get("example"),
        )
        return World(live=live, stores=self.stores(), warehouse=warehouse, portal=self.portal(live))

    def portal(self, live: LiveMerchant) -> ReturnsPortal:
        connection = live.merchant.portal_connection
        assert isinstance(connection, RedoConnection)
        return RedoPortal(
            self.http(connection.base_url, self.to_redo, "redo"),
            connection,
            token=lambda *, fresh: TOKEN,
            clock=self.clock,
        )

    def redo_client(self) -> RedoClient:
        redo = self.live().merchant.redo
        assert redo is not None
        http = self.http(redo.base_url, self.to_redo, "redo")
        return RedoClient(http, redo, token=lambda *, fresh: TOKEN, clock=self.clock)

    def webhook(self, stack: str = "stack") -> Webhook:
        redo = self.live().merchant.redo
        assert redo is not None
        settings = redo.webhook
        return Webhook(
            world=self.world(),
            subscriptions=RedoSubscriptions(self.redo_client()),
            url=callback_url(settings.url or "https://hub.example.test/webhooks/redo", "example"),
            external_id=external_id_of(stack, "example"),
            secret=settings.secret,
            read_secret=lambda: self.secrets.values.get(("example", settings.secret), {}),
            write_secret=lambda content: self.secrets.write("example", settings.secret, content),
        )

    # -- what happens in it -----------------------------------------------------------------

    def put(self, body: dict[str, Any], orders: list[dict[str, Any]] | None = None) -> None:
        """The return as the portal has it."""
        order = {"id": body["order"]["id"], "name": body["order"].get("name"), "items": []}
        self.redo.put(body, [whole_order(one) for one in orders or [order]])

    def message(self, *, body: dict[str, Any] | None = None, **changes: Any) -> str:
        content: dict[str, Any] = {
            "schema": "approved-return/1",
            "merchant": "example",
            "return_id": RETURN_ID,
            "occurred_at": self.clock.now().isoformat(),
            "source": "test",
        }
        if body is not None:
            content["return"] = body
        return json.dumps(content | changes)

    def approve(self, text: str | None = None) -> str:
        """One delivery of an approved-return message."""
        world = self.world()
        return receive_approved_return(text or self.message(), world.stores, lambda _: world)

    def poll(self) -> dict[str, int]:
        """One tick of the receipts schedule."""
        return process_receipts(self.world())

    def watch(self) -> dict[str, int]:
        """One tick of the schedule that looks at what is due."""
        return watch_returns(self.world())

    def changes(self, status: str, **minutes: float) -> str:
        """The team changes the return's status in the portal, and its message is delivered."""
        self.clock.advance(**(minutes or {"minutes": 1}))
        self.redo.change_status(RETURN_ID, status)
        return self.approve()

    def receive(self, external_return_id: int, *goods: tuple[str, int]) -> None:
        """The warehouse confirms; exactly what was announced when no goods are named."""
        rows = [{"sku": sku, "quantity": quantity} for sku, quantity in goods]
        self.clock.advance(minutes=1)
        self.mintsoft.receive(external_return_id, rows or None)

    # -- what came of it --------------------------------------------------------------------

    def state(self) -> Any:
        return self.returns.load("example", RETURN_ID)

    def external_returns(self) -> list[Any]:
        return list(self.mintsoft.returns.values())

    def comments(self) -> list[str]:
        return [comment["message"] for comment in self.redo.comments.get(RETURN_ID, [])]

    def submissions(self) -> dict[str, int]:
        return {key.split("/")[1]: n for key, n in self.redo.books.submissions.items()}

    def facts(self, kind: type[Kind]) -> list[Kind]:
        timeline = self.returns.timeline("example", RETURN_ID)
        return [event.fact for event in timeline if isinstance(event.fact, kind)]

    def kinds(self) -> list[str]:
        return [e.fact.kind for e in self.returns.timeline("example", RETURN_ID)]


def announced(*items: dict[str, Any], **changes: Any) -> Bench:
    """A return whose goods are announced and on their way."""
    bench = Bench()
    bench.put(redo_return(list(items) or [item(1, "TEE")], **changes))
    assert bench.approve() == "announced"
    return bench
