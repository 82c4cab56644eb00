"""The stories of a run that are told beside the portal's returns."""

from __future__ import annotations

import time

from local.partners import PartnerSimulators
from local.run.erp import ErpStory
from local.run.judgement import StoryJudgement
from local.run.miinto import MiintoStory
from local.run.miinto_check import MiintoJudgement
from local.run.report import Progress
from local.run.wair import WairStory
from local.run.wair_cases import make_bundle
from local.world import LocalWorld

LOOK_SECONDS = 0.1
Judgements = tuple[MiintoJudgement, StoryJudgement, StoryJudgement]


class Stories:
    """The marketplace's, the ERP's and the stock feed's."""

    def __init__(self, world: LocalWorld, partners: PartnerSimulators, progress: Progress) -> None:
        self.market = MiintoStory(world, partners, progress)
        self.erp = ErpStory(world, partners, progress)
        self.wair = WairStory(world, partners, progress)
        make_bundle(self.wair.stage.mintsoft, self.wair.stage.client_id)

    def go_on(self) -> None:
        """Do what can be done now."""
        for story in (self.market, self.erp, self.wair):
            story.go_on()

    def end(self) -> None:
        """Go on to the end; the row of stock that changes alone comes last."""
        while not self.market.is_done:
            self.go_on()
            time.sleep(LOOK_SECONDS)
        self.erp.end(self.wair.go_on)
        self.wair.end()

    @property
    def trouble(self) -> str:
        """What never came, in sentences."""
        told = [self.market.trouble, *self.erp.trouble[:1], *self.wair.trouble[:1]]
        return " ".join(filter(None, told))

    def judge(self) -> Judgements:
        """What really happened."""
        return self.market.judge(), self.erp.judge(), self.wair.judge()
