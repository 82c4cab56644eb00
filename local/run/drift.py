"""The last part of a run: drift of every kind is planted, and the report has to find just that.

While the story is told the schedules look for drift like any other flow, and nothing may count but
what the samples hold by design. Then schedules stand still. Days go by on the world's clock: what
nobody moves on grows old, and a look tells what lies there. Then one difference of every kind is
planted by people's hands, some with a hub that is cut short; days go by again, and two looks, the
grace time apart, have to find exactly those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local.run import drift_lint, drift_orders, drift_returns, drift_stock
from local.run.drift_stage import DriftStage, Planted

Plant = Callable[[DriftStage], Iterator[Planted]]


def plant(stage: DriftStage) -> list[Planted]:
    """Everything, in the order in which it has to be done."""
    drift_returns.expected(stage)
    found = [*drift_returns.at_work(stage), *drift_orders.at_work(stage)]
    in_step(stage)
    for area in (drift_returns, drift_orders, drift_stock, drift_lint):
        found += area.at_rest(stage)
    return found


def in_step(stage: DriftStage) -> None:
    """Stock is told to WAIR and Unleashed once more, so that of it nothing differs."""
    drift_orders.feed(stage, "feed")
    for merchant in ("example", "outlet"):
        for _ in range(2):
            drift_orders.sync(stage, "stock", merchant)
