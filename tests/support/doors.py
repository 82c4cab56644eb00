"""The webhooks' doors for tests: real events, the real door, and what it put onto the queue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local.simulators.redo.bodies import whole_order
from local.sources.http import HttpRequest, event_of
from local.stack import HttpRoute
from returns_hub.adapters.gateway.http_api import request_of, response_of
from returns_hub.adapters.loop import webhook as loop_deliveries
from returns_hub.adapters.redo import deliveries as redo_deliveries
from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.webhooks import Terms
from returns_hub.flows.receive_webhook import LOOP_WEBHOOK, REDO_WEBHOOK, Door, receive_webhook
from tests.support import fakes
from tests.support.loop_worlds import RETURN, LoopBench, line_item, loop_return
from tests.support.worlds import Bench, item, redo_return

TOKEN = "the-token-of-example-0123456789abcdef"
OTHERS_TOKEN = "the-token-of-another-0123456789abcdef"
ROUTE = HttpRoute(
    api="WebhooksApi",
    method="POST",
    path="/webhooks/redo/{merchant}",
    function="RedoWebhookFunction",
    timeout=9.0,
    rate=200.0,
    burst=400,
)


def delivery(body: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A delivery of Redo's: a return of one line, and its order."""
    told = redo_return([item(1, "TEE")]) if body is None else body
    content = {
        "type": "updated",
        "at": "2026-03-02T08:59:01Z",
        "merchantName": "Example Fashion",
        "return": told,
        "order": whole_order({"id": "order1", "name": "#5501"}),
    }
    return content | changes


def loop_delivery(**changes: Any) -> dict[str, Any]:
    """A delivery of Loop's; its example has no time of the return's change."""
    content: dict[str, Any] = {
        "topic": "return",
        "trigger": "return.updated",
        "id": int(RETURN),
        "state": "open",
        "order_name": "#5501",
        "customer": "pat.lee@example.test",
        "line_items": [line_item(1, "TEE")],
    }
    return content | changes


def signature(body: bytes, secret: str) -> str:
    """What Loop puts into its header."""
    digest = hmac.new(secret.encode("utf-8", "replace"), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class DoorBench:
    """A door with two merchants, ``example`` and ``another``, and what came of its requests."""

    flow = REDO_WEBHOOK
    portal = "redo"
    secret = "redo-webhook"
    field = "token"
    terms_of: Callable[[Merchant], Terms | None] = staticmethod(redo_deliveries.terms_of)
    terms_of_nobody: Callable[[], Terms] = staticmethod(redo_deliveries.terms_of_nobody)
    header = ""
    route = ROUTE

    def __init__(self, bench: Bench | None = None) -> None:
        self.bench = bench or self.new_bench()
        self.merchants = fakes.Merchants()
        self.secrets = fakes.Secrets()
        self.sent: list[str] = []
        for name, token in (("example", TOKEN), ("another", OTHERS_TOKEN)):
            self.merchants.files[name] = self.bench.live()
            self.secrets.values[name, self.secret] = {self.field: token}
        self.keys = WebhookKeys(
            self.merchants,
            self.secrets,
            self.bench.clock,
            terms_of=self.terms_of,
            nobody=self.terms_of_nobody(),
        )
        self.publish: Callable[[str], object] = self.sent.append

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The function's answer to an event of the HTTP API."""
        stores = self.bench.stores()
        door = Door(flow=self.flow, stores=stores, keys=self.keys, publish=self.publish)
        return response_of(receive_webhook(request_of(event, self.header), door))

    def new_bench(self) -> Bench:
        """The merchant's world behind this door."""
        return Bench()

    def content(self) -> dict[str, Any]:
        """A delivery that is taken."""
        return delivery()

    def shown(self, key: str, body: bytes) -> Mapping[str, str]:
        """What a delivery shows under a key."""
        return {"authorization": f"Bearer {key}"}

    def use(self, **settings: str) -> None:
        """Apply the merchant's file with other settings of the webhook."""
        self.bench.file[self.portal]["webhook"] = settings
        self.merchants.files["example"] = self.bench.live()

    def event(
        self,
        content: Any = None,
        *,
        merchant: str = "example",
        token: str | None = TOKEN,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        method: str = "POST",
    ) -> dict[str, Any]:
        """The event of a delivery; `content` is its JSON, `body` its bytes where these matter."""
        sent = body if body is not None else json.dumps(content or self.content()).encode()
        shown = {"content-type": "application/json", "host": "hub.example.test"}
        if token is not None:
            shown |= self.shown(token, sent)
        target = f"/webhooks/{self.portal}/{merchant}"
        request = HttpRequest(method, target, shown | (headers or {}), sent)
        return event_of(self.route, {"merchant": merchant}, request)

    def send(self, content: Any = None, **how: Any) -> tuple[int, dict[str, Any]]:
        """One request: the status, and what the answer says."""
        answered = self.answer(self.event(content, **how))
        return answered["statusCode"], json.loads(answered["body"])

    def tell(self, **changes: Any) -> str:
        """The portal changes its return and delivers that; the message that comes of it."""
        body = redo_return([item(1, "TEE")], **changes)
        self.bench.put(body)
        assert self.send(delivery(body))[0] == 202
        return self.sent[-1]

    def partner_calls(self) -> int:
        """Requests to any partner so far."""
        return len(self.bench.to_redo.requests) + len(self.bench.to_mintsoft.requests)

    def refused(self, code: str) -> float:
        """How often a request was refused for this reason."""
        return self.bench.telemetry.total("WebhookRefused", code=code)

    def kept(self, merchant: str = "example") -> list[Any]:
        """What was set aside for a person."""
        return list(self.bench.parking.list_parked(merchant))


class LoopDoorBench(DoorBench):
    """The door for deliveries in Loop's shape; `token` is the secret they are signed with."""

    flow = LOOP_WEBHOOK
    portal = "loop"
    secret = "loop-webhook"
    field = "webhook_secret"
    terms_of = staticmethod(loop_deliveries.terms_of)
    terms_of_nobody = staticmethod(loop_deliveries.terms_of_nobody)
    header = loop_deliveries.SIGNATURE_HEADER
    route = replace(ROUTE, path="/webhooks/loop/{merchant}", function="LoopWebhookFunction")

    def new_bench(self) -> Bench:
        return LoopBench()

    def content(self) -> dict[str, Any]:
        return loop_delivery()

    def shown(self, key: str, body: bytes) -> Mapping[str, str]:
        return {self.header.lower(): signature(body, key)}

    def tell(self, **changes: Any) -> str:
        self.bench.put(loop_return([line_item(1, "TEE")], **changes))
        assert self.send()[0] == 202
        return self.sent[-1]

    def partner_calls(self) -> int:
        assert isinstance(self.bench, LoopBench)
        return super().partner_calls() + len(self.bench.to_loop.requests)
