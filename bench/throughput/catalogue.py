"""Products at Unleashed and at Mintsoft, over HTTP, from a process of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from bench.throughput.outside import Counting
from bench.unleashed_outside import Outside
from bench.unleashed_world import BEFORE
from local.simulators.wire import Reply, Request, Server

KEY = "static-key"
SHIFT = timedelta(hours=1)
"""What passes between two looks at the lists: longer than the hub's interval and its leases."""


class CatalogueSide(Counting):
    """So many products, the same on both sides, and who asks for them."""

    def __init__(self, ends: ExitStack, count: int, delay: float) -> None:
        super().__init__()
        self._outside = Outside(KEY)
        self._outside.stock_catalogue(count, 0)
        self._outside.carry_samples()
        # Each was changed at a moment of its own, as in life: one moment for all would be the
        # newest, and everything would be asked for again since then.
        rows = self._outside.desk.company.all("Products").values()
        for number, row in enumerate(rows):
            row["LastModifiedOn"] = BEFORE + timedelta(seconds=number)
        self._ahead = timedelta()
        self._calls: Counter[str] = Counter()
        unleashed, mintsoft = self._outside.ask_unleashed, self._outside.ask_mintsoft
        self._unleashed = ends.enter_context(Server(self._core("U", unleashed), delay=delay))
        self._mintsoft = ends.enter_context(Server(self._core("M", mintsoft), delay=delay))

    def _core(self, name: str, answer: Callable[[Request], Reply]) -> _Core:
        def handle(request: Request) -> Reply:
            self._outside.clock.now = datetime.now(UTC) + self._ahead
            self._calls[f"{name} {request.path}"] += 1
            return answer(request)

        return _Core(handle)

    def told(self) -> tuple[str, str]:
        """Where Unleashed and Mintsoft are served."""
        return self._unleashed.url, self._mintsoft.url

    def go_on(self) -> None:
        """`SHIFT` goes by."""
        self._ahead += SHIFT

    def change(self, count: int) -> None:
        """Somebody edits so many products at Unleashed."""
        self._outside.clock.now = datetime.now(UTC) + self._ahead
        self._outside.change_products(count)

    def take_calls(self) -> dict[str, int]:
        """Calls since the last time, by partner's letter and path."""
        calls, self._calls = self._calls, Counter()
        return dict(calls)

    def pages(self) -> int:
        """Pages of Unleashed's products that were asked for since the last `take_calls`."""
        return sum(count for name, count in self._calls.items() if name.startswith("U /Products"))

    def twice(self) -> int:
        """Products that Mintsoft has twice."""
        return self._outside.twice()


class _Core:
    def __init__(self, handle: Callable[[Request], Reply]) -> None:
        self.handle = handle
