"""The operator of a run that has no plans of its own: keys, and what is parked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from returns_hub.domain.answering import seen
from returns_hub.domain.case import EXTRAS
from returns_hub.domain.facts import ReceiptTaken
from returns_hub.domain.matching import LineOutcome
from returns_hub.domain.policy import Policy
from returns_hub.flows.operator import Desk, answer, replay
from returns_hub.ports import ParkedItem
from tests.simulation.schedule import ScheduledClock

if TYPE_CHECKING:
    from tests.simulation.world import Simulation


class Operator:
    """Replaces a key that is no longer taken, has parked work done again, and decides."""

    def __init__(self, run: Simulation) -> None:
        self._run = run
        for at in self._run.scenario.key_troubles:
            self._run.scheduler.after(at, self._trouble_with_the_key)
        for at in self._run.scenario.replays_at:
            self._run.scheduler.after(at, self._replay_what_is_parked)

    def _trouble_with_the_key(self) -> None:
        """The key ends, or somebody else's login replaces it; a static one an operator mends."""
        if self._run.scenario.authentication == "login":
            self._run.note("mintsoft", "all minted keys end")
            self._run.mintsoft.expire_keys()
            return
        merchant = self._run.dice.choice(self._run.scenario.merchants)
        new = f"wexquillsecret-{self._run.dice.randint(2, 10**9)}"
        user = {"name": merchant, "password": "wexquillsecret-word", "static_key": new}
        self._run.mintsoft.seed({"users": [user]})
        self._run.note("mintsoft", f"the static key of {merchant} was replaced")

        def mend() -> None:
            valid = self._run.mintsoft.tenant.users[merchant].static_key
            self._run.secrets.put(f"hub/{merchant}/mintsoft", json.dumps({"api_key": valid}))
            self._run.note("operator", "sets the new key")

        self._run.scheduler.after(self._run.dice.uniform(30, 1200), mend)

    def _replay_what_is_parked(self) -> None:
        """An operator has everything done again, some of it twice."""
        desk = Desk(
            who="operator",
            returns=self._run.returns,
            parking=self._run.parking,
            clock=ScheduledClock(self._run.scheduler),
            send_return=lambda text: self._run.queues["approved-returns"].send(text),
            send_receipt=lambda text: self._run.queues["poll-mintsoft"].send(text),
        )
        for merchant in self._run.scenario.merchants:
            for parked in self._run.parking.list_parked(merchant):
                if self._run.market is not None and self._run.market.people.is_ours(parked):
                    continue
                if parked.code == "decision.ask":
                    self._answer(merchant, parked, desk)
                    continue
                self._run.note("operator", f"replays {parked.parked_id} ({parked.code})")
                for _ in range(self._run.dice.randint(1, 2)):
                    replay(parked, desk)

    def _answer(self, merchant: str, parked: ParkedItem, desk: Desk) -> None:
        """An operator decides: what came is processed or refused, what did not come is refused."""
        state = self._run.returns.load(merchant, parked.subject)
        taken = [
            event.fact
            for event in self._run.returns.timeline(merchant, parked.subject)
            if isinstance(event.fact, ReceiptTaken)
        ]
        if parked.parked_id not in state.parked_ids or not taken:
            return
        answers = {EXTRAS: "go_on"}
        for finding in taken[-1].findings:
            if finding.line_id is not None and finding.outcome is not LineOutcome.ALREADY_DONE:
                choices = ("process", "process_no_restock", "reject")
                answers[finding.line_id] = (
                    self._run.dice.choice(choices) if finding.received else "reject"
                )
        self._run.note("operator", f"answers {parked.parked_id}: {answers}")
        case, policy = taken[-1].case, Policy.model_validate(self._run.scenario.policy)
        units = seen(case, policy, answers) if case is not None else {}
        if self._run.scenario.operator is not None:
            self._run.desk.answer(parked, answers, units)
            return
        for _ in range(2):
            answer(parked, desk, answers, seen=units)
