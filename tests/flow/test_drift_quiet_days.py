"""Faultless busy days: whenever somebody looks, nothing counts. Then one thing is broken, and it is
the only one that counts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.flows.drift.comparisons import ORDERS, RETURNS
from returns_hub.flows.drift.look import Looked, look_at
from tests.support.drift import DriftBench
from tests.support.order_worlds import STATUS, OrderBench, draft
from tests.support.worlds import item, redo_return

COMPARISONS = (*RETURNS, *ORDERS)
DAYS = 6


class Days:
    """A merchant's days: returns and orders go their way, each step at a moment of its own."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bench: Any = OrderBench()
        self.drift = DriftBench(self.bench)
        self.open_orders: list[int] = []
        self.number = 0
        self.looks = 0

    def hour(self) -> None:
        """Somebody does something; the hub's schedules come by, now and then late."""
        for _ in range(12):
            self.bench.clock.advance(minutes=5)
            if self.random.random() < 0.3:
                self.random.choice((self.come_back, self.arrive, self.order, self.send))()
            for run in (self.catch_up, self.bench.poll, self.bench.watch):
                if self.random.random() < 0.4:
                    run()
            if self.random.random() < 0.05:
                self.look()

    def look(self) -> None:
        looked = look_at(self.drift.world(), comparisons=COMPARISONS)
        assert looked is not None
        self.looks += 1
        assert looked.look.failed == {}
        counted = [f.difference for f in looked.folded.findings if f.counts]
        assert counted == []

    def come_back(self) -> None:
        self.number += 1
        now = self.bench.clock.now().isoformat()
        goods = [item(1, "TEE", self.random.randint(1, 3)), item(2, "MUG")]
        body = redo_return(
            goods, id=f"{self.number:024x}", createdAt=now, updatedAt=now, shipments=[]
        )
        self.bench.put(body)

    def catch_up(self) -> None:
        for return_id in list(self.bench.redo.returns):
            if not self.bench.returns.load("example", return_id).version:
                self.bench.approve(self.bench.message(return_id=return_id, source="catch-up"))

    def arrive(self) -> None:
        waiting = [one.id for one in self.bench.external_returns() if not one.confirmed]
        if waiting:
            self.bench.mintsoft.receive(self.random.choice(waiting), None)

    def order(self) -> None:
        self.number += 1
        made = self.bench.orders.create_order(draft(f"DK-{self.number}"), self.bench.clock.now())
        self.open_orders.append(made.order_id)

    def send(self) -> None:
        if self.open_orders:
            self.bench.despatch(self.open_orders.pop(0), tracking_number="T")


@pytest.mark.parametrize("seed", range(2))
def test_faultless_days_raise_no_alarm_and_a_fault_is_found(seed: int) -> None:
    days = Days(seed)
    for _ in range(DAYS * 6):
        days.hour()
        days.bench.clock.advance(hours=3)
        while days.open_orders:
            days.send()
    assert days.looks > 10

    days.order()
    days.bench.mintsoft.set_status(days.open_orders[0], STATUS[OrderStage.ON_HOLD])
    found: list[Looked | None] = []
    for _ in range(2):
        days.bench.clock.advance(hours=49)
        days.bench.poll()
        found.append(look_at(days.drift.world(), comparisons=COMPARISONS))
    assert found[-1] is not None
    assert dict(found[-1].look.counted) == {"orders.on_hold": 1}
