"""The dashboard in memory: a room for its widgets and a desk for its acts, with a rich example."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.overview.overview import Overview
from returns_hub.flows.dead_letters import LetterDesk
from returns_hub.flows.operator import Desk
from returns_hub.flows.overview.dashboard_acts import ActDesk
from returns_hub.ports import ParkedItem
from returns_hub.ports.dead_letters import HOLD_SECONDS, Letter
from returns_hub.widgets import acting, door
from returns_hub.widgets.page import Ways
from returns_hub.widgets.room import Room
from tests.support import fakes
from tests.support.audit import FakeAudit
from tests.support.findings import FakeFindings
from tests.support.overviews import FakeOverviews
from tests.support.worlds import merchant_file

SHOWS = "arn:aws:lambda:eu-west-1:123456789012:function:hub-OpsWidgetsFunction-1"
ACTS = "arn:aws:lambda:eu-west-1:123456789012:function:hub-OpsActsFunction-1"
REQUEST = "7d1c6f0e-0000-4000-8000-000000000001"
EXAMPLE = LiveMerchant(
    version=7,
    applied_at=fakes.START,
    applied_by="pat",
    merchant=Merchant.model_validate(merchant_file()),
)


class CountedOverviews(FakeOverviews):
    """Counts its reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def latest(self, merchant: str) -> Overview | None:
        self.reads += 1
        return super().latest(merchant)


class FakeDeadLetters:
    """`ports.dead_letters.DeadLetters`: messages in their order, held by whoever looks."""

    def __init__(self, name: str, contract: Callable[[str], object]) -> None:
        self.name = name
        self.contract = contract
        self.letters: dict[str, Letter] = {}
        self.sent: list[str] = []
        self.looked = 0

    def put(self, body: Any, sent_at: datetime, message_id: str = "") -> str:
        found = message_id or f"{self.name}-{len(self.letters):04d}"
        text = body if isinstance(body, str) else json.dumps(body)
        self.letters[found] = Letter(self.name, found, text, sent_at, 1)
        return found

    def count(self) -> int:
        return len(self.letters)

    @contextmanager
    def round(self, hold: int = HOLD_SECONDS) -> Iterator[FakeRound]:
        yield FakeRound(self)


class FakeRound:
    """`ports.dead_letters.LetterRound`."""

    def __init__(self, queue: FakeDeadLetters) -> None:
        self._queue = queue
        self._seen = 0
        self._expected = queue.count()

    def __iter__(self) -> Iterator[Letter]:
        for letter in list(self._queue.letters.values()):
            self._seen += 1
            self._queue.looked += 1
            yield letter

    @property
    def missing(self) -> int:
        return max(0, self._expected - self._seen)

    @property
    def is_whole(self) -> bool:
        return not self.missing

    def take_out(self, letter: Letter, first: Callable[[], None]) -> None:
        first()
        del self._queue.letters[letter.message_id]

    def send_again(self, letter: Letter, body: str, told: Callable[[], None]) -> None:
        def first() -> None:
            self._queue.sent.append(body)
            told()

        self.take_out(letter, first)


class Budget:
    """`ports.desk.ActBudget`: so many acts are left."""

    def __init__(self, left: int = 30) -> None:
        self.left = left
        self.most = 30

    def take(self, acts: int) -> float:
        if acts > self.left:
            return 12.0
        self.left -= acts
        return 0.0


@dataclass
class Sent:
    """What acts sent, by queue."""

    returns: list[str]
    receipts: list[str]
    others: list[str]


class Dashboard:
    """The two functions behind the dashboard, on stores in memory."""

    def __init__(self, *merchants: str) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.merchants = fakes.Merchants()
        for name in merchants or ("example",):
            of_it = EXAMPLE.merchant.model_copy(update={"merchant": name})
            self.merchants.files[name] = EXAMPLE.model_copy(update={"merchant": of_it})
        self.overviews = CountedOverviews()
        self.returns = fakes.Returns()
        self.parking = fakes.Parking()
        self.cursors = fakes.Cursors(self.clock)
        self.audit = FakeAudit(self.clock)
        self.findings = FakeFindings()
        self.queues: list[FakeDeadLetters] = []
        self.budget = Budget()
        self.sent = Sent([], [], [])
        self.acts_are_there = True

    def room(self) -> Room:
        return Room(
            clock=self.clock,
            merchants=self.merchants,
            overviews=self.overviews,
            returns=self.returns,
            parked=self.parking,
            audit=self.audit,
            findings=self.findings,
            dead_letters=lambda: self.queues,
            ways=Ways(shows=SHOWS, acts=ACTS if self.acts_are_there else ""),
        )

    def desk(self, who: str, request: str = REQUEST) -> ActDesk:
        trace = f"[request {request}]"
        desk = Desk(
            who=who,
            returns=self.returns,
            parking=self.parking,
            clock=self.clock,
            send_return=self.sent.returns.append,
            send_receipt=self.sent.receipts.append,
            send_order_change=self.sent.others.append,
            send_despatch=self.sent.others.append,
            trace=trace,
        )
        letters = LetterDesk(
            who=who,
            returns=self.returns,
            parking=self.parking,
            clock=self.clock,
            known=frozenset(self.merchants.all_ids()),
            trace=trace,
        )
        return ActDesk(
            who=who,
            request=request,
            desk=desk,
            letters=letters,
            parked=self.parking,
            queues=lambda: self.queues,
            audit=self.audit,
            budget=self.budget,
            cursors=self.cursors,
            merchants=self.merchants,
            telemetry=self.telemetry,
        )

    def show(self, widget: str, context: dict[str, Any] | None = None, **params: Any) -> str:
        """A widget's HTML."""
        answered = self.answer(event(context, widget=widget, **params))
        assert isinstance(answered, str)
        return answered

    def answer(self, asked: object) -> str | dict[str, Any]:
        return door.answer(asked, self.room, self.telemetry, REQUEST)

    def act(self, context: dict[str, Any] | None = None, **params: Any) -> str:
        """What an act's pop-up shows."""
        answered = self.acted(event(context, **params))
        assert isinstance(answered, str)
        return answered

    def acted(self, asked: object, request: str = REQUEST) -> str | dict[str, Any]:
        return acting.acted(asked, lambda who: self.desk(who, request), self.telemetry, request)

    def park(self, number: int, **changes: Any) -> ParkedItem:
        """A parked item of the flow of announcements."""
        item = ParkedItem(
            merchant="example",
            parked_id=f"create_external_return/ret{number:05d}/s1",
            flow="create_external_return",
            code="mintsoft.unknown_sku",
            reason="Mintsoft has no product NEW for client 12; create it there, then replay",
            subject=f"ret{number:05d}",
            payload=json.dumps({"merchant": "example", "return_id": f"ret{number:05d}"}),
            first_seen_at=self.clock.now() - timedelta(minutes=7 * number),
        )
        self.parking.park(replace(item, **changes))
        return self.parking.items[
            changes.get("merchant", "example"), changes.get("parked_id", item.parked_id)
        ]


def event(context: dict[str, Any] | None = None, note: str = "", **params: Any) -> dict[str, Any]:
    """An event as CloudWatch sends it; `context` replaces parts of its own."""
    told: dict[str, Any] = {
        "dashboardName": "hub-dev",
        "widgetId": "widget-3",
        "accountId": "123456789012",
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "timeRange": {"mode": "relative", "start": 1, "end": 2, "relativeStart": 86400000},
        "theme": "light",
        "linkCharts": True,
        "title": "A widget",
        "forms": {"all": {"note": note} if note else {}},
        "params": {},
        "width": 588,
        "height": 369,
    }
    return params | {"widgetContext": told | (context or {})}
