"""The merchant's store: takes refunds that go home, refunds by itself, and tells what it booked."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.miinto.orders import Order
from local.simulators.mintsoft.tenant import Order as WarehouseOrder
from tests.simulation.market_plans import MAPPED

if TYPE_CHECKING:
    from tests.simulation.market import Market

LATE = timedelta(hours=25)
"""Refunds of orders that there are not were made long ago, so that nobody waits for the orders."""


class RefundsQueue:
    """The queue of refunds that go home; the store takes each message, some of them twice."""

    def __init__(self, store: MarketShop) -> None:
        self._store = store
        self.messages: dict[int, Any] = {}
        self.dead: list[Any] = []
        self.bodies: list[str] = []

    def send(self, body: str, delay: float = 0.0) -> dict[str, str]:
        """SendMessage."""
        self.bodies.append(body)
        run = self._store.market.run
        run.scheduler.after(delay + 1, partial(self._store.hear, body))
        return {"MessageId": str(len(self.bodies))}


@dataclass
class MarketShop:
    """The store of record.

    `booked` are refunds that went home, by their id; `refunded` what it refunded by itself: order's
    position -> units, and `told_back` what it told of refunds that the hub had it book.
    """

    market: Market
    heard: list[dict[str, Any]] = field(default_factory=list)
    booked: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunded: Counter[tuple[str, int]] = field(default_factory=Counter)
    told_back: int = 0

    def begin(self) -> None:
        """What the store does by itself."""
        run = self.market.run
        for number, (at, kind) in enumerate(self.market.plan.strangers):
            run.scheduler.after(at, partial(self._tell_of_strangers, number, kind))

    # -- refunds that go home ---------------------------------------------------------------------

    def hear(self, body: str) -> None:
        """Book a refund once for each id; maybe tell of it, as it tells of every refund."""
        refund = json.loads(body)
        self.heard.append(refund)
        if refund["refund_id"] in self.booked:
            return
        self.booked[refund["refund_id"]] = refund
        market, how = self.market, self.market.plan.tells_back
        market.run.note("store", f"books {refund['refund_id']}")
        if how == "no" or refund["order_number"] is None:
            return
        self.told_back += 1
        goods = [(line["sku"], line["quantity"]) for line in refund["lines"] if line["sku"]]
        content = self._event(f"echo-{self.told_back}", refund["order_number"], goods)
        if how == "named":
            content["origin"] = refund["refund_id"]
        market.run.scheduler.after(market.dice.uniform(1, 600), partial(self._send, content))

    # -- refunds of its own -----------------------------------------------------------------------

    def refund_of_own(self, made: WarehouseOrder, order: Order) -> None:
        """Refund the first line of an order, and tell of it once or twice."""
        position = order.positions[0]
        self.refunded[order.shop, position.id] += position.line.quantity
        goods = [(position.line.variant.sku, position.line.quantity)]
        content = self._event(f"own-{order.shop[-4:]}-{order.id}", made.number, goods)
        self.market.run.note("store", f"refunds {goods} of {made.number}")
        self._send(content)
        if self.market.dice.random() < 0.5:
            self.market.run.scheduler.after(
                self.market.dice.uniform(0, 900), partial(self._send, content)
            )

    def _tell_of_strangers(self, number: int, kind: str) -> None:
        content = self._event(f"strange-{number}", "MI-045-1234-999999", [(MAPPED[0], 1)])
        content["occurred_at"] = (self.market.run.scheduler.now() - LATE).isoformat()
        match kind:
            case "another shop's":
                content["order"] = {"number": "#5501"}
            case "made up origin":
                content["origin"] = "miinto-045-1234-30001-r0123456789ab"
            case "not JSON":
                self.market.run.queues["store-refunds"].send("{not JSON")
                return
        self._send(content)

    def _event(self, refund_id: str, number: str, goods: list[tuple[str, int]]) -> dict[str, Any]:
        return {
            "schema": "store-refund/1",
            "merchant": self.market.merchant,
            "refund_id": refund_id,
            "occurred_at": self.market.run.scheduler.now().isoformat(),
            "source": "shop",
            "order": {"number": number},
            "lines": [{"sku": sku, "quantity": units} for sku, units in goods],
        }

    def _send(self, content: dict[str, Any]) -> None:
        self.market.run.queues["store-refunds"].send(json.dumps(content))
