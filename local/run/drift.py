"""The last part of a run: drift of every kind is planted, and the report has to find just that.

While the story is told the schedules look for drift like any other flow, and nothing may count but
what the samples hold by design. Then schedules stand still, and days go by on the world's clock:
what nobody moves on grows old, and two looks, the grace time apart, tell what lies there. Then one
difference of every kind is planted by people's hands at the simulators, some while the hub is at
work and is kept from ending it; days go by again, and two looks have to find exactly those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from local.later import WorldClock
from local.partners import PartnerSimulators
from local.run import drift_lint, drift_orders, drift_returns, drift_stock
from local.run.drift_check import DriftBooks, DriftJudgement, judge_drift
from local.run.drift_design import by_design
from local.run.drift_stage import DriftStage, Looked, Planted
from local.run.erp_check import stock_differs
from local.run.erp_stage import Stage
from local.run.publish import Sample
from local.run.report import Progress
from local.stack import LocalStackError
from local.world import LocalWorld
from returns_hub.domain.drift.findings import Finding
from returns_hub.flows.drift.comparisons import COMPARISONS

MERCHANTS = ("example", "outlet")
PAGE = "drift.html"
STALLED = {"days": 3}
"""Longer than `drift.stalled_after_hours`."""
LATE = {"days": 12}
"""With `STALLED` longer than goods of a return that was paid before may be on their way."""
GRACE = {"minutes": 6}
"""Longer than `drift.grace_minutes` of the merchants' files."""
NOT_PLANTED: Mapping[str, str] = {}
"""Kind -> why it cannot be planted; every kind can."""


class DriftStory:
    """One run's.

    Args:
        world: The world, at rest; its schedules stand still.
        partners: Its simulators.
        clock: Their clock, and the functions'.
        progress: Told of every step.
    """

    def __init__(
        self,
        world: LocalWorld,
        partners: PartnerSimulators,
        clock: WorldClock,
        progress: Progress,
    ) -> None:
        self._world = world
        self._partners = partners
        self._stage = DriftStage(world, partners, clock)
        self._clock = clock
        self._progress = progress

    def tell(self, all_samples: Sequence[Sample], bundle: str, state: Path) -> DriftJudgement:
        """Plant, look and judge.

        Args:
            all_samples: The returns that were published.
            bundle: The order that waits for a bundle without components.
            state: Where the page is left.
        """
        # What partners take to answer was shown by now.
        self._partners.answer_after(0.0)
        try:
            return judge_drift(self._books(all_samples, bundle, state))
        except LocalStackError as error:
            return DriftJudgement(unexpected=[str(error)])

    @staticmethod
    def not_told() -> DriftJudgement:
        """Of a run that never came to rest."""
        why = "drift: nothing was planted, since the run did not come to rest"
        return DriftJudgement(unexpected=[why])

    def _books(self, all_samples: Sequence[Sample], bundle: str, state: Path) -> DriftBooks:
        stage = self._stage
        busy = {merchant: stage.looks_before(merchant) for merchant in MERCHANTS}
        design = frozenset(by_design(stage, all_samples, bundle))
        self._clock.go_on(**STALLED)
        before = self._two_looks()
        self._progress.say(
            f"drift: three days on, two looks find {len(_counting(before))} things that the "
            "samples hold by design"
        )
        planted = self._plant()
        self._progress.say(f"drift: {len(planted)} differences are planted; days go by")
        found = self._two_looks()
        self._progress.say(f"drift: two looks found {len(set(_counting(found)) & set(planted))}")
        pages = {merchant: stage.page(merchant) for merchant in MERCHANTS}
        for merchant, page in pages.items():
            (state / page_of(merchant)).write_text(page, encoding="utf-8")
        return DriftBooks(
            kinds={kind for comparison in COMPARISONS for kind in comparison.kinds},
            not_planted=NOT_PLANTED,
            by_design=design,
            busy=busy,
            before=tuple(_counting(before)),
            planted=tuple(planted),
            found=_counting(found),
            pages=pages,
            failed={
                f"{name} of {merchant}": why
                for looks in (before, found)
                for merchant, looked in looks.items()
                for name, why in looked.look.failed.items()
            },
        )

    def _two_looks(self) -> dict[str, Looked]:
        """Two looks, the grace time apart; what the second one left."""
        self._stage.looks(MERCHANTS)
        self._clock.go_on(**GRACE)
        return self._stage.looks(MERCHANTS)

    def _plant(self) -> list[Planted]:
        """Everything, in the order in which it has to be done."""
        return list(self._planting())

    def _in_step(self) -> None:
        """Stock is adjusted at Unleashed once more, so that of it nothing differs."""
        erp = Stage(self._world, self._partners)

        def agrees() -> bool:
            drift_orders.sync(self._stage, "stock")
            return not any(stock_differs(erp.last_look(customers_read=False), "example"))

        self._stage.wait("adjusting stock", agrees)

    def _planting(self) -> Iterator[Planted]:
        stage = self._stage
        drift_returns.expected(stage)
        yield from drift_returns.at_work(stage)
        yield from drift_orders.at_work(stage)
        self._in_step()
        yield from drift_orders.cut_short(stage)
        drift_orders.feed_stock(stage)
        # From now on the hub does nothing but look.
        self._world.take_only("DriftReportQueue")
        drift_orders.answer_again(stage)
        yield from drift_returns.at_rest(stage)
        self._clock.go_on(**LATE)
        yield from drift_orders.at_rest(stage)
        yield from drift_stock.at_rest(stage)
        yield from drift_lint.at_rest(stage)
        self._clock.go_on(**STALLED)


def page_of(merchant: str) -> str:
    """The file of a merchant's page, in the folder of the run's state."""
    return PAGE if merchant == MERCHANTS[0] else f"drift-{merchant}.html"


def _counting(looks: Mapping[str, Looked]) -> dict[Planted, Finding]:
    return {
        planted: finding
        for merchant, looked in looks.items()
        for planted, finding in looked.counting(merchant).items()
    }
