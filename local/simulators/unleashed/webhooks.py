"""Unleashed's webhooks: at most five subscriptions, keys shown once, deliveries that are signed.

Nothing here waits or calls: whoever drives it takes what is due (`take_due`), sends it, and says
what was answered (`answered`); `deliver_due` does both at once. How often a delivery is repeated no
source tells.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from local.simulators.redo.deliveries import Outgoing
from local.simulators.unleashed.company import Company
from local.simulators.unleashed.replies import Call, Route, answer, wrong
from local.simulators.wire import Reply

MOST = 5
PATH = "/webhooks/subscriptions"
OBJECTS = ("customer", "product", "salesorder")
EVENTS = frozenset(
    f"{name}.{what}" for name in OBJECTS for what in ("created", "updated", "deleted")
)
Post = Callable[[Outgoing], int | None]


@dataclass
class Subscription:
    """A subscription as it is kept."""

    id: str
    key: str = field(repr=False)
    url: str
    events: list[str]
    description: str
    created: datetime


@dataclass
class Delivery:
    """One event for one subscription, from its change to its end."""

    number: int
    subscription: str
    event_type: str
    event_id: str
    body: bytes
    due: datetime
    state: Literal["waiting", "sending", "delivered", "dropped"] = "waiting"
    answers: list[int | None] = field(default_factory=list)


def delivery_signature(key: str, timestamp: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of timestamp, point and body."""
    made = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()


class Webhooks:
    """The subscriptions of a company, and what they are owed."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self.subscriptions: dict[str, Subscription] = {}
        self.all: list[Delivery] = []
        self.never_sent: Counter[str] = Counter()
        self._waiting: list[Delivery] = []
        company.told.append(self.owe)

    def routes(self) -> list[Route]:
        """Setting up and listing; how one is deleted no source tells."""
        return [("POST", PATH, self.subscribe), ("GET", PATH, self.listed)]

    def subscribe(self, call: Call) -> Reply:
        """``POST /webhooks/subscriptions``: the only answer that has the key."""
        body = call.content()
        if set(body) != {"description", "notificationUrl", "eventTypes"}:
            raise wrong("A subscription has description, notificationUrl and eventTypes.")
        events = body["eventTypes"]
        if not isinstance(events, list) or not events or not set(events) <= EVENTS:
            raise wrong(f"eventTypes are of {', '.join(sorted(EVENTS))}.")
        url = urlsplit(str(body["notificationUrl"]))
        loopback = self._company.settings.webhook_loopback and url.hostname == "127.0.0.1"
        if url.scheme != "https" and not loopback:
            raise wrong("notificationUrl has to be HTTPS.")
        if len(self.subscriptions) >= MOST:
            raise wrong(f"An account has at most {MOST} subscriptions.")
        dice = self._company.house.dice
        made = Subscription(
            id=self._company.new_guid(),
            key=base64.b64encode(dice.getrandbits(256).to_bytes(32, "big")).decode(),
            url=str(body["notificationUrl"]),
            events=list(events),
            description=str(body["description"]),
            created=self._company.stamp(),
        )
        self.subscriptions[made.id] = made
        self._company.note("subscribed", call.by, made.id, events=made.events)
        shown = self._shown(made) | {"SignatureKey": made.key}
        return self._answer(shown, self._company.settings.created_status)

    def listed(self, call: Call) -> Reply:
        """``GET /webhooks/subscriptions``, without the keys."""
        return self._answer({"Items": [self._shown(row) for row in self.subscriptions.values()]})

    def _answer(self, content: Any, status: int = 200) -> Reply:
        return answer(content, status, camel=self._company.settings.webhook_keys == "camel")

    def _shown(self, row: Subscription) -> dict[str, Any]:
        return {
            "SubscriptionId": row.id,
            "Description": row.description,
            "NotificationUrl": row.url,
            "EventTypes": row.events,
            "Status": "Active",
            "CreatedOn": row.created.isoformat(),
        }

    # -- deliveries -------------------------------------------------------------------------

    def owe(self, event: str, data: dict[str, str]) -> None:
        """Queue an event for every subscription that wants it, or spoil it as the settings say."""
        settings, dice = self._company.settings, self._company.house.dice
        for row in self.subscriptions.values():
            if event not in row.events:
                continue
            if settings.webhook_drop and dice.random() < settings.webhook_drop:
                self.never_sent[event] += 1
                continue
            told: dict[str, Any] = {
                "subscriptionId": row.id,
                "eventNotificationId": self._company.new_guid(),
                "eventType": event,
                "createdOn": self._company.stamp().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "data": json.dumps(data) if settings.webhook_data == "text" else data,
            }
            body = json.dumps(told, separators=(",", ":")).encode()
            double = settings.webhook_double and dice.random() < settings.webhook_double
            for _ in range(2 if double else 1):
                event_id = told["eventNotificationId"]
                now = self._company.house.now()
                made = Delivery(len(self.all), row.id, event, event_id, body, now)
                self.all.append(made)
                self._waiting.append(made)

    def take_due(self, most: int | None = None) -> list[Outgoing]:
        """What is to be sent now; each has to be told of with `answered`."""
        now = self._company.house.now()
        out: list[Outgoing] = []
        for delivery in list(self._waiting):
            if delivery.due > now:
                continue
            if most is not None and len(out) >= most:
                break
            delivery.state = "sending"
            self._waiting.remove(delivery)
            row = self.subscriptions[delivery.subscription]
            timestamp = str(int(now.timestamp()))
            headers = {
                "Content-Type": "application/json",
                "x-unleashed-timestamp": timestamp,
                "x-unleashed-signature": delivery_signature(row.key, timestamp, delivery.body),
            }
            out.append(Outgoing(delivery.number, row.url, headers, delivery.body))
        return out

    def answered(self, number: int, status: int | None) -> None:
        """What a delivery was answered; None when there was no answer in time."""
        delivery, retries = self.all[number], self._company.settings.webhook_retries
        delivery.answers.append(status)
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
        elif len(delivery.answers) > len(retries):
            delivery.state = "dropped"
        else:
            wait = timedelta(seconds=retries[len(delivery.answers) - 1])
            delivery.state, delivery.due = "waiting", self._company.house.now() + wait
            self._waiting.append(delivery)

    def deliver_due(self, post: Post) -> int:
        """Send what is due, and what becomes due by it; how many were sent."""
        sent = 0
        while due := self.take_due():
            for outgoing in due:
                self.answered(outgoing.number, post(outgoing))
                sent += 1
        return sent

    def next_due(self) -> datetime | None:
        """When something is to be sent next; None while nothing waits."""
        return min((row.due for row in self._waiting), default=None)

    def books(self) -> dict[str, Any]:
        """What really happened."""
        return {
            "subscriptions": [self._shown(row) for row in self.subscriptions.values()],
            "deliveries": [
                {
                    "number": row.number,
                    "event": row.event_type,
                    "event_id": row.event_id,
                    "state": row.state,
                    "answers": row.answers,
                }
                for row in self.all
            ],
            "never_sent": dict(self.never_sent),
        }
