"""`ports.sales_orders.SalesOrders` in memory; tests/contract says what adapters have to keep."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.warehouse_orders import OrderDraft, draft_problem
from returns_hub.errors import Permanent, Retryable, Verdict
from tests.support.fakes import TestClock


class FakeSalesOrders:
    """The sales orders of one merchant; `trouble` as in `FakeOrdersWarehouse`."""

    def __init__(self, clock: TestClock, skus: tuple[str, ...] = ("TEE", "MUG", "CAP")) -> None:
        self._clock = clock
        self._skus = frozenset(skus)
        self.kept: dict[str, OrderDraft] = {}
        self.trouble: deque[tuple[Literal["before", "after"], Verdict]] = deque()

    def require_open(self) -> None:
        return

    def create_sales_order(self, draft: OrderDraft, send_by: datetime) -> str:
        problem = draft_problem(draft, 50)
        unknown = sorted(draft.units().keys() - self._skus)
        if problem or unknown:
            reason = problem or f"order {draft.number}: no product {', '.join(unknown)}"
            raise Permanent("sales_order.bad_order", reason)
        if self._clock.now() > send_by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        when, verdict = self.trouble.popleft() if self.trouble else ("", None)
        if when == "before" and verdict is not None:
            raise verdict
        there = self.find_sales_order(draft.number, units=draft.units())
        if isinstance(there, Inconclusive):
            raise Permanent("sales_order.number_taken", there.why)
        if isinstance(there, NotFound):
            self.kept[draft.number] = draft
        if verdict is not None:
            raise verdict
        return self._id(draft.number)

    def find_sales_order(self, number: str, *, units: Mapping[str, int] | None = None) -> LookUp:
        kept = self.kept.get(number)
        if kept is None:
            return NotFound()
        if units is not None and kept.units() != dict(units):
            return Inconclusive(f"sales order {number} holds other goods")
        return Found(self._id(number))

    def _id(self, number: str) -> str:
        return f"so-{list(self.kept).index(number) + 1}"
