"""The warehouse of returns: Mintsoft's simulator, and who books goods in there."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.mintsoft.simulator import ExternalReturn, MintsoftSimulator
from tests.simulation.scenario import ReturnPlan

if TYPE_CHECKING:
    from tests.simulation.world import Simulation


def units_in(record: ExternalReturn, reason_id: int | None = None) -> Counter[str]:
    """SKU -> units of a record, with this reason only."""
    units: Counter[str] = Counter()
    for row in record.rows:
        if reason_id in {None, row.reason_id}:
            units[row.sku] += row.quantity
    return units


class Warehouse:
    """Who books goods in: of each record as planned for its return.

    Attributes:
        announced: By record, the units that it was made with.
        most_received: By record, the most units of each SKU that it ever said were there.
        most_good: Those of them with the reason of good stock.
    """

    def __init__(self, run: Simulation) -> None:
        self._run = run
        self._watched: set[int] = set()
        self.announced: dict[int, Counter[str]] = {}
        self.most_received: dict[int, Counter[str]] = {}
        self.most_good: dict[int, Counter[str]] = {}
        run.scheduler.after(run.looks_every, self._look_at_new_records)

    def _look_at_new_records(self) -> None:
        """The warehouse: goods of each record arrive as planned for its return."""
        for record in list(self._run.mintsoft.returns.values()):
            if record.id not in self._watched:
                self._watched.add(record.id)
                plan = self.plan_of(record)
                for delay, goods in plan.received if plan else ():
                    self._run.scheduler.after(delay, partial(self._receive, record, goods))
        self._run.scheduler.after(self._run.looks_every, self._look_at_new_records)

    def _receive(self, record: ExternalReturn, goods: Any) -> None:
        rows = [{"sku": sku, "quantity": quantity} for sku, quantity in goods or ()]
        announced = self.announced.setdefault(record.id, units_in(record))
        if goods is None and record.confirmed:
            rows = [{"sku": sku, "quantity": units} for sku, units in announced.items()]
        if self._run.scenario.reasons:
            rows = rows or [{"sku": sku, "quantity": units} for sku, units in announced.items()]
            given = self._run.scenario.reasons
            for place, row in enumerate(rows):
                row["reason_id"] = given[(record.id + place) % len(given)]
        self._run.note("warehouse", f"confirms {record.id} with {rows or 'what was announced'}")
        self._run.mintsoft.receive(record.id, rows or None)
        most = self.most_received.setdefault(record.id, Counter())
        most |= units_in(record)
        good = self.most_good.setdefault(record.id, Counter())
        good |= units_in(record, reason_id=1)

    def announced_units(self, record: ExternalReturn) -> Counter[str]:
        """Units of each SKU that the record was made with."""
        return self.announced.get(record.id) or units_in(record)

    def plan_of(self, record: ExternalReturn) -> ReturnPlan | None:
        """The return that a record was made for, by its marker."""
        comments = record.rows[0].comments if record.rows else ""
        for plan in self._run.scenario.returns:
            if plan.return_id in comments:
                return plan
        return None


class DriftingMintsoft(MintsoftSimulator):
    """Its lists come in another order every time, and repeat a row now and then."""

    _calls = 0

    def _list(self, query: Any, user: Any) -> Any:
        type(self)._calls += 1
        reply = super()._list(query, user)
        try:
            rows = json.loads(reply.body)
        except ValueError:
            return reply
        if isinstance(rows, list) and rows:
            turn = self._calls % len(rows)
            rows = rows[turn:] + rows[:turn] + rows[:1]
            return type(reply)(reply.status, reply.headers, json.dumps(rows).encode())
        return reply
