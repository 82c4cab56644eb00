"""The merchant's people: they deal with what the flows of Unleashed ask."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from returns_hub.flows import operator
from returns_hub.ports import ParkedItem

if TYPE_CHECKING:
    from returns_hub.runs import Run
    from tests.simulation.erp import ErpSimulation

WHO = "operator"
LOOKS_AFTER = 3 * 3600.0
"""So long after the faults people go on looking at what is put before them."""
REPLAYS_ONCE = 3
"""What comes back after so many replays is taken off, or left."""


class ErpPeople:
    """People at the list of parked work."""

    def __init__(self, run: ErpSimulation) -> None:
        self._run = run
        self._dice = random.Random(f"people of Unleashed {run.scenario.seed}")
        self._seen: dict[str, int] = {}
        self._asked = 0
        self.last_act = 0.0
        self.acts: list[float] = []
        self.discarded: set[str] = set()
        run.scheduler.after(run.plan.looks_every, self._look)

    def _look(self) -> None:
        run = self._run
        for item in run.parking.list_parked(run.merchant):
            if item.flow.startswith("unleashed."):
                self._deal_with(item)
        if run.scheduler.seconds < run.scenario.faults_end + LOOKS_AFTER:
            run.scheduler.after(run.plan.looks_every, self._look)

    def _deal_with(self, item: ParkedItem) -> None:
        """Replayed, some of it twice; what comes back again and again is taken off, or left."""
        if self._dice.random() >= self._run.plan.answers:
            return
        times = self._seen[item.parked_id] = self._seen.get(item.parked_id, 0) + 1
        is_stock = item.code == "unleashed.stock_surprise"
        is_over = is_stock or times > REPLAYS_ONCE or self._dice.random() < 0.1
        act = "discard" if is_over else "replay"
        if times > REPLAYS_ONCE + 2:
            return
        if act == "discard":
            self.discarded.add(item.parked_id)
        # A person who looked, and saw that it was not carried out, may say so; here nobody does.
        twice = act == "replay" and self._dice.random() < 0.3
        for _ in range(2 if twice else 1):
            self._ask(act, item)

    def _ask(self, act: str, item: ParkedItem) -> None:
        self._asked += 1
        self.last_act = self._run.scheduler.seconds + 1800

        def do(made: Run) -> None:
            self.acts.append(self._run.scheduler.seconds)
            hub = made._hub
            desk = operator.Desk(
                who=WHO,
                returns=hub.returns,
                parking=hub.parking,
                clock=hub.clock,
                send_return=hub.queue(hub.settings.approved_returns_queue_url).send,
                send_receipt=hub.queue(hub.settings.poll_mintsoft_queue_url).send,
                records=hub.sync_records,
            )
            if act == "discard":
                operator.discard(item, desk, "seen to")
            else:
                operator.replay(item, desk)

        name = f"unleashed {self._asked}: {act} {item.parked_id} ({item.code}: {item.reason[:120]})"
        self._run.desk.ask(name, do)
