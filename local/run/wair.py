"""The stock feed's part of a run: WAIR, the channel that is told of despatches, changed orders.

It goes on beside the others and never waits; at the end, when everything else is at rest, one row
of stock changes, and is told alone.
"""

from __future__ import annotations

import time

from local.partners import PartnerSimulators
from local.run.erp_stage import Stage, Steps, until
from local.run.judgement import StoryJudgement
from local.run.patience import Patience
from local.run.report import Progress
from local.run.wair_cases import CASES, MERCHANT, Case, WairStage
from local.run.wair_check import judge_wair
from local.world import LocalWorld
from returns_hub.flows.wair.feed_cursor import FeedCursor, cursor_name

LOOKS_EVERY_SECONDS = 0.5
A_CASE = 12
"""In returns, for the hard end of a run."""
CHANGED = ("MAIN", "COR", "CAP-BLACK")
"""Unleashed's and WAIR's word for the place, and the SKU of the row that changes at the end."""


class WairStory:
    """One run's."""

    def __init__(self, world: LocalWorld, partners: PartnerSimulators, progress: Progress) -> None:
        self._world = world
        self._progress = progress
        self._stage = WairStage(world, partners)
        self._erp = Stage(world, partners)
        self._patience = Patience(A_CASE * len(CASES))
        self._cases: dict[Case, Steps] = {case: case.steps(self._stage) for case in CASES}
        self._waits: dict[Case, str] = {}
        self._looked_at = 0.0
        self._ending: Steps | None = None
        self.trouble: list[str] = []
        """What never came, each in a sentence."""

    @property
    def stage(self) -> WairStage:
        """People's hands, and what is to be seen."""
        return self._stage

    def go_on(self) -> None:
        """Do what can be done now."""
        is_done = not self._cases and self._ending is None
        if is_done or time.monotonic() - self._looked_at < LOOKS_EVERY_SECONDS:
            return
        self._stage.look()
        for case, steps in list(self._cases.items()):
            try:
                self._waits[case] = next(steps)
            except StopIteration:
                del self._cases[case]
                self._progress.say(f"WAIR: {case.about}")
        if not self._patience.lasts(self._stage.books.written):
            self.trouble += [
                f"WAIR: {case.about}: {self._waits[case]}: {self._patience.why}"
                for case in self._cases
            ]
            self._cases = {}
        self._looked_at = time.monotonic()

    def end(self) -> None:
        """Go on to the end: every case, and then the one row that changes."""
        while self._cases:
            self.go_on()
            time.sleep(LOOKS_EVERY_SECONDS / 3)
        patience, steps = Patience(0), self._one_row()
        for waits in steps:
            self._stage.look()
            if not patience.lasts((waits, self._stage.books.written)):
                self.trouble.append(f"WAIR: {waits}: {patience.why}")
                break
            self._progress.going(f"WAIR: {waits}")
            time.sleep(LOOKS_EVERY_SECONDS / 3)
        else:
            self._progress.say("WAIR: of one unit that was counted one row is told")

    def _one_row(self) -> Steps:
        """Somebody counts one unit more of one SKU, while nothing else happens."""
        code, place, sku = CHANGED
        self._stage.look()
        yield from until("telling WAIR every product", self._stage.knows_products)
        yield from self._whole_run()
        before, mutations = len(self._stage.books.told("stock")), self._mutations()
        self._erp.found_one_more(MERCHANT, code, sku)
        yield from until("telling a row that changed", lambda: self._mutations() > mutations)
        yield from self._whole_run()
        told = self._stage.books.told("stock")[before:]
        moved = self._stage.books.tenant["mutations"][mutations:]
        self._stage.note(
            changed=(place, sku),
            rows_told=sum(entry["rows"] for entry in told),
            rows_moved=[(row["location"], row["sku"]) for row in moved],
        )

        def agrees() -> bool:
            self._erp.look()
            return self._erp.stock_agrees(MERCHANT, code, sku)

        yield from until("adjusting stock at Unleashed", agrees)
        self._stage.look()

    def _mutations(self) -> int:
        return len(self._stage.books.tenant["mutations"])

    def _whole_run(self) -> Steps:
        """A run of the feed that begins from now on has come to its end."""
        since = self._world.hub.clock.now()

        def is_over() -> bool:
            standing = self._world.hub.cursors.standing(cursor_name(MERCHANT))
            cursor = FeedCursor.of(standing.value)
            last = min((one.at for one in cursor.last.values()), default=None)
            fresh = cursor.fresh.get("stock")
            is_whole = not cursor.todo and not cursor.open and not cursor.master
            return is_whole and last is not None and fresh is not None and fresh >= since

        return until("a whole run of the feed", is_over)

    # -- the end ----------------------------------------------------------------------------

    def judge(self) -> StoryJudgement:
        """What really happened."""
        self._stage.look()
        judgement = judge_wair(self._stage.last_look())
        judgement.unexpected[:0] = self.trouble
        return judgement
