"""The ERP's part of a run: each flow between Unleashed and the warehouse, on the real stack.

It goes on beside the returns of the portal and the marketplace, and never waits: every case is
looked at in turn, and goes on when what it waits for is to be seen in the simulators' books.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from local.merchant_samples import COMPANIES
from local.partners import PartnerSimulators
from local.run.erp_cases import CASES, Case
from local.run.erp_check import judge_erp
from local.run.erp_stage import Stage, Steps
from local.run.judgement import StoryJudgement
from local.run.patience import Patience
from local.run.report import Progress
from local.world import LocalWorld
from returns_hub.domain.sync.records import SyncEvent
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.unleashed.due import flows_on
from returns_hub.flows.unleashed.sources import SOURCES

LOOKS_EVERY_SECONDS = 0.3
ONCE = frozenset({cursor_name("unleashed.customers", merchant) for merchant in COMPANIES})
"""Cursors of what is read once a day."""
A_CASE = 12
"""In returns, for the hard end of a run: a case takes some ten times as long."""


class ErpStory:
    """One run's."""

    def __init__(self, world: LocalWorld, partners: PartnerSimulators, progress: Progress) -> None:
        self._world = world
        self._progress = progress
        self._stage = Stage(world, partners)
        self._patience = Patience(A_CASE * len(CASES))
        self._cases: dict[Case, Steps] = {case: case.steps(self._stage) for case in CASES}
        self._waits: dict[Case, str] = {}
        self._looked_at = 0.0
        self._ending = False
        self._resting: Steps | None = None
        self.trouble: list[str] = []
        """What never came, each in a sentence."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more happens."""
        return not self._cases and self._resting is None and self._ending

    @property
    def timeline(self) -> tuple[SyncEvent, ...]:
        """The story of the order that was edited, and then sent."""
        guid = self._stage.shown.get("edited")
        if guid is None:
            return ()
        records = self._world.hub.sync_records()
        told = [
            *records.timeline("example", "unleashed.orders", guid),
            *records.timeline("example", "unleashed.despatches", f"orders/{guid}"),
        ]
        return tuple(sorted(told, key=lambda event: event.at))

    @property
    def returns(self) -> Sequence[str]:
        """Returns of the portal that cases made."""
        return self._stage.returns

    def go_on(self) -> None:
        """Do what can be done now."""
        if self.is_done or time.monotonic() - self._looked_at < LOOKS_EVERY_SECONDS:
            return
        self._stage.look()
        for case, steps in list(self._cases.items()):
            try:
                self._waits[case] = next(steps)
            except StopIteration:
                del self._cases[case]
                self._progress.say(f"Unleashed: {case.about}")
        if self._resting is not None:
            self._rest_on(self._resting)
        self._progress.going(f"Unleashed: {len(self._cases)} of {len(CASES)} cases go on")
        if not self._patience.lasts(self._stage.books.written):
            self._give_up()
        self._looked_at = time.monotonic()

    def end(self, others: Callable[[], None] = lambda: None) -> None:
        """Go on to the end: every case, and then until both sides are at rest.

        Args:
            others: What goes on beside it.
        """
        self._ending, self._resting = True, self._rest()
        while not self.is_done:
            self.go_on()
            others()
            time.sleep(LOOKS_EVERY_SECONDS / 3)

    def _rest_on(self, resting: Steps) -> None:
        try:
            next(resting)
        except StopIteration:
            self._resting = None
            self._progress.say("Unleashed: at rest; no list has anything more to do")

    def _give_up(self) -> None:
        self.trouble += [
            f"Unleashed: {case.about}: {waits}: {self._patience.why}"
            for case, waits in self._waits.items()
            if case in self._cases
        ]
        if not self.trouble:
            self.trouble.append(f"Unleashed: it never comes to rest: {self._patience.why}")
        self._cases, self._resting, self._ending = {}, None, True

    # -- the end ----------------------------------------------------------------------------

    def _rest(self) -> Steps:
        """Let every list be read again after the last change, and find nothing more to do."""
        while self._cases:
            yield "every case"
        written, since = self._stage.books.written, self._world.hub.clock.now()
        while any(began is None or began < since for began in self._began().values()):
            yield "nothing more to do"
            if self._stage.books.written != written:
                written, since = self._stage.books.written, self._world.hub.clock.now()

    def _began(self) -> Mapping[str, datetime | None]:
        """When the newest whole reading of each list began."""
        return {
            name: SyncCursor.of(self._world.hub.cursors.read(name)).began
            for name in self._cursors()
            if name not in ONCE
        }

    def _cursors(self) -> list[str]:
        hub = self._world.hub
        return [
            cursor_name(source.name, merchant)
            for merchant in COMPANIES
            for flow in flows_on(self._stage.connection(merchant))
            for source in SOURCES[flow](hub.erp.by_hand(merchant))
        ]

    def judge(self) -> StoryJudgement:
        """What really happened."""
        judgement = judge_erp(self._stage.last_look(self._customers_read()))
        judgement.unexpected[:0] = self.trouble
        return judgement

    def _customers_read(self) -> bool:
        cursors = self._world.hub.cursors
        return any(SyncCursor.of(cursors.read(name)).began is not None for name in ONCE)
