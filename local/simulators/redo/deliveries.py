"""Deliveries of Redo's webhook: what each subscription is owed, in order, until it is taken.

Built from Redo's words on delivery: any 2xx is success, anything else is tried again several times
and then dropped, in order for each return, at least once. How often and how far apart no source
tells, so that is a setting; what goes wrong on demand is one too.

Nothing here waits or calls: whoever drives it takes what is due (`take_due`), sends it, and says
what was answered (`answered`). `deliver_due` does both at once.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.clock import Now, text_of

Kind = Literal["created", "updated", "backfill"]
Ending = Literal["delivered", "dropped", "cancelled"]
Post = Callable[["Outgoing"], int | None]
"""Sends one delivery; the status of the answer, None without one."""


@dataclass(frozen=True)
class WebhookSettings:
    """What the sources do not tell, and what goes wrong on demand; shares are 0 to 1.

    Args:
        loopback: Whether ``http://127.0.0.1`` is taken besides HTTPS, for a hub on this machine.
        retries: Seconds before each repetition; after the last the delivery is dropped.
        echo: What reading a subscription tells of its token.
        drop: Share of deliveries that are never sent.
        double: Share that is sent twice.
        delay: Share that comes up to `delay_seconds` late; its return's later ones wait for it.
        stale: Share after which the return's state of before is sent once more.
        burst_days: A new subscription gets an ``updated`` for every return that changed in so many
            days, as one team reported (about 11).
    """

    loopback: bool = False
    retries: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0)
    echo: Literal["shown", "left_out", "masked"] = "shown"
    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    delay_seconds: float = 300.0
    stale: float = 0.0
    burst_days: float = 0.0


@dataclass(frozen=True)
class Outgoing:
    """A delivery that is to be sent now."""

    number: int
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Delivery:
    """One event for one subscription, from its change to its end."""

    number: int
    subscription: str
    return_id: str
    kind: Kind
    at: str
    updated_at: str
    body: bytes = field(repr=False)
    due: datetime
    state: Literal["waiting", "sending", "delivered", "dropped", "cancelled"] = "waiting"
    answers: list[int | None] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For the books; the body has personal data and stays out."""
        content = asdict(self)
        del content["body"]
        return content | {"due": text_of(self.due)}


@dataclass
class Subscription:
    """A subscription as it is kept."""

    id: str
    url: str
    token: str | None
    kind: str
    external_id: str | None
    created_at: str
    updated_at: str


class Deliveries:
    """What the subscriptions of one store are owed."""

    def __init__(self, now: Now, dice: random.Random) -> None:
        self._now = now
        self._dice = dice
        self.settings = WebhookSettings()
        self.merchant_name = "Sample Shop"
        self.all: list[Delivery] = []
        self.never_sent: Counter[str] = Counter()
        self.settle: Callable[[], object] = lambda: None
        """Has the store do first what is due in it, e.g. processing that ends now."""
        self._targets: dict[int, Subscription] = {}
        self._lines: dict[tuple[str, str], list[Delivery]] = {}
        self._before: dict[str, bytes] = {}

    def owe(
        self,
        subscription: Subscription,
        found: dict[str, Any],
        order: dict[str, Any] | None,
        kind: Kind,
        at: str,
    ) -> None:
        """Queue one event with the return's state as it is, or spoil it as the settings say."""
        wanted = self.settings
        if self._happens(wanted.drop):
            self.never_sent[kind] += 1
            return
        late = self._dice.uniform(0, wanted.delay_seconds) if self._happens(wanted.delay) else 0.0
        event = _Event(str(found["id"]), kind, at, self.body(found, order, kind, at))
        for _ in range(2 if self._happens(wanted.double) else 1):
            self._queue(subscription, event, late)
        before = self._before.get(event.return_id)
        if before is not None and self._happens(wanted.stale):
            self._queue(subscription, _Event(event.return_id, "updated", at, before), late)

    def remember(self, found: dict[str, Any], order: dict[str, Any] | None, at: str) -> None:
        """Keep a state, to be told once more when a later one has been."""
        self._before[str(found["id"])] = self.body(found, order, "updated", at)

    def body(
        self, found: dict[str, Any], order: dict[str, Any] | None, kind: Kind, at: str
    ) -> bytes:
        """The delivery's body: full state, with one order."""
        content: dict[str, Any] = {
            "type": kind,
            "at": at,
            "merchantName": self.merchant_name,
            "return": found,
        }
        if order is not None:
            content["order"] = order
        return json.dumps(content).encode()

    def cancel(self, subscription: str) -> None:
        """A subscription is gone, and what it was owed with it."""
        for line in list(self._lines.values()):
            for delivery in list(line):
                if delivery.subscription == subscription:
                    self._end(delivery, "cancelled")

    def next_due(self) -> datetime | None:
        """When something is to be sent next; None while nothing waits."""
        return min((line[0].due for line in self._heads()), default=None)

    def take_due(self, most: int | None = None) -> list[Outgoing]:
        """What is to be sent now, at most one for each return and subscription.

        Each has to be told of with `answered`; until then the next of its return waits.
        """
        self.settle()
        now = self._now()
        out: list[Outgoing] = []
        for line in self._heads():
            if line[0].due > now or (most is not None and len(out) >= most):
                continue
            delivery = line[0]
            delivery.state = "sending"
            target = self._targets[delivery.number]
            headers = {"Content-Type": "application/json"}
            if target.token is not None:
                headers["Authorization"] = f"Bearer {target.token}"
            out.append(Outgoing(delivery.number, target.url, headers, delivery.body))
        return out

    def answered(self, number: int, status: int | None) -> None:
        """What a delivery was answered; None when there was no answer in time."""
        delivery = self.all[number]
        delivery.answers.append(status)
        if delivery.state != "sending":  # its subscription was deleted meanwhile
            return
        if status is not None and 200 <= status < 300:
            self._end(delivery, "delivered")
        elif len(delivery.answers) > len(self.settings.retries):
            self._end(delivery, "dropped")
        else:
            wait = self.settings.retries[len(delivery.answers) - 1]
            delivery.state, delivery.due = "waiting", self._now() + timedelta(seconds=wait)

    def deliver_due(self, post: Post) -> int:
        """Send what is due, and what becomes due by it; how many were sent."""
        sent = 0
        while due := self.take_due():
            for outgoing in due:
                self.answered(outgoing.number, post(outgoing))
                sent += 1
        return sent

    def books(self) -> dict[str, Any]:
        """What really happened; bodies stay out."""
        return {
            "deliveries": [delivery.to_json() for delivery in self.all],
            "states": dict(Counter(delivery.state for delivery in self.all)),
            "answers": dict(Counter(str(a) for delivery in self.all for a in delivery.answers)),
            "never_sent": dict(self.never_sent),
        }

    def _heads(self) -> Iterable[list[Delivery]]:
        return (line for line in self._lines.values() if line and line[0].state == "waiting")

    def _end(self, delivery: Delivery, state: Ending) -> None:
        delivery.state = state
        key = (delivery.subscription, delivery.return_id)
        self._lines[key].remove(delivery)
        if not self._lines[key]:
            del self._lines[key]

    def _queue(self, subscription: Subscription, event: _Event, late: float) -> None:
        delivery = Delivery(
            number=len(self.all),
            subscription=subscription.id,
            return_id=event.return_id,
            kind=event.kind,
            at=event.at,
            updated_at=str(json.loads(event.body)["return"]["updatedAt"]),
            body=event.body,
            due=self._now() + timedelta(seconds=late),
        )
        self.all.append(delivery)
        self._targets[delivery.number] = subscription
        self._lines.setdefault((subscription.id, delivery.return_id), []).append(delivery)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share


@dataclass(frozen=True)
class _Event:
    return_id: str
    kind: Kind
    at: str
    body: bytes = field(repr=False)
