"""The webhook's door for tests: real events, the real door, and what it put onto the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local.simulators.redo_bodies import whole_order
from local.sources.http import HttpRequest, event_of
from local.stack import HttpRoute
from returns_hub.adapters.gateway.http_api import request_of, response_of
from returns_hub.adapters.redo.deliveries import read_delivery
from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
from returns_hub.flows.receive_webhook import Door, receive_webhook
from tests.support import fakes
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


class DoorBench:
    """A door with two merchants, ``example`` and ``another``, and what came of its requests."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.merchants = fakes.Merchants()
        self.secrets = fakes.Secrets()
        self.sent: list[str] = []
        for name, token in (("example", TOKEN), ("another", OTHERS_TOKEN)):
            self.merchants.files[name] = self.bench.live()
            self.secrets.values[name, "redo-webhook"] = {"token": token}
        self.keys = WebhookKeys(self.merchants, self.secrets, self.bench.clock)
        self.publish: Callable[[str], object] = self.sent.append

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The function's answer to an event of the HTTP API."""
        stores = self.bench.stores()
        door = Door(stores=stores, keys=self.keys, read=read_delivery, publish=self.publish)
        return response_of(receive_webhook(request_of(event), door))

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
        sent = body if body is not None else json.dumps(content or delivery()).encode()
        shown = {"content-type": "application/json", "host": "hub.example.test"}
        if token is not None:
            shown["authorization"] = f"Bearer {token}"
        request = HttpRequest(method, f"/webhooks/redo/{merchant}", shown | (headers or {}), sent)
        return event_of(ROUTE, {"merchant": merchant}, request)

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
