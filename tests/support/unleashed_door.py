"""Unleashed's webhook for tests: the real door over a bench, and what its queue would bring."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.redo.deliveries import Outgoing
from local.sources.http import HttpRequest, event_of
from returns_hub.adapters.gateway.http_api import request_of, response_of
from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
from returns_hub.adapters.unleashed import webhooks
from returns_hub.domain.events import SyncAsked
from returns_hub.flows.receive_webhook import UNLEASHED_WEBHOOK, Door, receive_webhook
from returns_hub.flows.unleashed.run import run_told
from returns_hub.ports.deliveries import Watched
from tests.support import fakes
from tests.support.doors import ROUTE
from tests.support.erp_worlds import ErpBench

KEY = "webhook-secret-0001"
OTHERS_KEY = "webhook-secret-0002"
SECRET = "unleashed-webhook"
ORDER = "33333333-3333-4333-8333-333333333333"
UNLEASHED_ROUTE = replace(
    ROUTE, path="/webhooks/unleashed/{merchant}", function="UnleashedWebhookFunction"
)


class FakeDeliveries:
    """`ports.deliveries.Deliveries`."""

    def __init__(self) -> None:
        self.taken: set[tuple[str, str]] = set()
        self.counts: dict[tuple[str, str], Watched] = {}
        self.away: Exception | None = None

    def is_known(self, merchant: str, delivery: str) -> bool:
        self._here()
        return (merchant, delivery) in self.taken

    def remember(self, merchant: str, flow: str, delivery: str, at: datetime) -> None:
        self._here()
        self.taken.add((merchant, delivery))
        was = self.watched(merchant, flow)
        self.counts[merchant, flow] = replace(was, delivered=was.delivered + 1, last_at=at)

    def missed(self, merchant: str, flow: str, count: int) -> None:
        self._here()
        was = self.watched(merchant, flow)
        self.counts[merchant, flow] = replace(was, missed=was.missed + count)

    def watched(self, merchant: str, flow: str) -> Watched:
        return self.counts.get((merchant, flow), Watched())

    def begin(self, merchant: str, flow: str, was: Watched, now: datetime) -> bool:
        stored = self.watched(merchant, flow)
        if stored.since != was.since:
            return False
        self.counts[merchant, flow] = Watched(since=now, last_at=stored.last_at)
        return True

    def _here(self) -> None:
        if self.away is not None:
            raise self.away


def notice(**changes: Any) -> dict[str, Any]:
    """A delivery's JSON."""
    return {
        "subscriptionId": "11111111-1111-4111-8111-111111111111",
        "eventNotificationId": "22222222-2222-4222-8222-222222222222",
        "eventType": "salesorder.updated",
        "createdOn": "2026-03-02T08:59:01Z",
        "data": {"salesOrderGuid": ORDER},
    } | changes


def signed(body: bytes, stamp: str, key: str = KEY) -> str:
    """The signature that Unleashed would send."""
    digest = hmac.new(key.encode("utf-8", "replace"), stamp.encode() + b"." + body, hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()


class NoticeDoor:
    """Unleashed's door with two merchants, `example` and `another`, over a bench.

    `sent` are the messages on the queue. `dead` deliveries get no answer.
    """

    flow = UNLEASHED_WEBHOOK

    def __init__(self, bench: ErpBench | None = None) -> None:
        self.bench = bench or ErpBench()
        if bench is None:
            self.bench.set("orders")
            self.bench.set("products")
        self.bench.file["unleashed"].setdefault("webhooks", {"enabled": True})
        self.merchants = fakes.Merchants()
        self.secrets = fakes.Secrets()
        self.deliveries = FakeDeliveries()
        self.bench.deliveries = self.deliveries
        for name, key in (("example", KEY), ("another", OTHERS_KEY)):
            self.secrets.values[name, SECRET] = {"signature_key": key}
        self.apply()
        self.sent: list[str] = []
        self.publish: Callable[[str], object] = self.sent.append
        self.keys = WebhookKeys(
            self.merchants,
            self.secrets,
            self.bench.clock,
            terms_of=webhooks.terms_of,
            nobody=webhooks.terms_of_nobody(),
        )

    def apply(self) -> None:
        """Apply the bench's file for both."""
        self.bench.version += 1
        for name in ("example", "another"):
            self.merchants.files[name] = self.bench.live()

    # -- one request ------------------------------------------------------------------------

    def event(
        self,
        content: Any = None,
        *,
        merchant: str = "example",
        key: str | None = KEY,
        body: bytes | None = None,
        sent_ago: float = 0.0,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> dict[str, Any]:
        """The event of a delivery that was signed so many seconds ago."""
        told = body if body is not None else json.dumps(content or notice()).encode()
        at = self.bench.clock.now() - timedelta(seconds=sent_ago)
        stamp = str(int(at.timestamp()))
        shown = {"content-type": "application/json", "host": "hub.example.test"}
        if key is not None:
            shown |= {"x-unleashed-timestamp": stamp}
            shown |= {"x-unleashed-signature": signed(told, stamp, key)}
        request = HttpRequest(
            method, f"/webhooks/unleashed/{merchant}", shown | dict(headers or {}), told
        )
        return event_of(UNLEASHED_ROUTE, {"merchant": merchant}, request)

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The function's answer to an event of the HTTP API."""
        request = request_of(
            event,
            webhooks.SIGNATURE_HEADER,
            timestamp=webhooks.TIMESTAMP_HEADER,
            came_at=self.bench.clock.now(),
        )
        door = Door(
            flow=UNLEASHED_WEBHOOK,
            stores=self.bench.stores(),
            keys=self.keys,
            publish=self.publish,
            deliveries=self.deliveries,
        )
        return response_of(receive_webhook(request, door))

    def send(self, content: Any = None, **how: Any) -> tuple[int, dict[str, Any]]:
        """One request: the status, and what the answer says."""
        answered = self.answer(self.event(content, **how))
        return answered["statusCode"], json.loads(answered["body"])

    def partner_calls(self) -> int:
        """Requests to any partner so far."""
        return len(self.bench.to_unleashed.requests) + len(self.bench.to_mintsoft.requests)

    def untouched(self) -> bool:
        """Whether no queue, no partner and no list of parked work heard of it."""
        return not (self.sent or self.partner_calls() or self.bench.parking.items)

    def kept(self) -> list[Any]:
        """What was set aside for a person."""
        return list(self.bench.parking.list_parked("example"))

    # -- Unleashed delivers -----------------------------------------------------------------

    def subscribe(self, *events: str) -> None:
        """Unleashed delivers from now on, under a key that the secret holds too."""
        made = self.bench.account.post(
            "/webhooks/subscriptions",
            {
                "description": "hub",
                "notificationUrl": "https://hub.example.test/webhooks/unleashed/example",
                "eventTypes": list(events or ("salesorder.created", "salesorder.updated",
                                              "salesorder.deleted", "product.created",
                                              "product.updated", "product.deleted")),
            },
        )  # fmt: skip
        found = made.get("signatureKey") or made["SignatureKey"]
        self.secrets.values["example", SECRET] = {"signature_key": f"{KEY} {found}"}
        self.bench.clock.advance(minutes=1)

    def deliver(self) -> list[int | None]:
        """Everything that is due comes to the door; what was answered."""
        answers: list[int | None] = []

        def post(outgoing: Outgoing) -> int:
            headers = {name.lower(): value for name, value in outgoing.headers.items()}
            request = HttpRequest("POST", "/webhooks/unleashed/example", headers, outgoing.body)
            event = event_of(UNLEASHED_ROUTE, {"merchant": "example"}, request)
            status = int(self.answer(event)["statusCode"])
            answers.append(status)
            return status

        self.bench.desk_there.webhooks.deliver_due(post)
        return answers

    def asked(self) -> list[SyncAsked]:
        """What the queue holds, which is taken."""
        taken, self.sent[:] = list(self.sent), []
        return [SyncAsked.model_validate_json(text) for text in taken]

    def work(self) -> dict[str, int]:
        """The queue's messages are dealt with; how their records ended."""
        total: dict[str, int] = {}
        for asked in self.asked():
            assert asked.key is not None
            world = self.bench.erp_world(asked.flow)
            done = run_told(asked.flow, world, asked.key, is_sure=asked.is_deletion)
            for word, count in done.items():
                total[word] = total.get(word, 0) + count
        return total
