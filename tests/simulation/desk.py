"""An operator at the `hub` command: what is asked for is asked for again until it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.http.budget import CallBudget
from returns_hub.domain.backfill import Selection
from returns_hub.domain.returns import UNDER_WAY, ReturnStatus
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome
from returns_hub.flows import backfill, operator
from returns_hub.flows.act_on_return import Request, comment, set_status
from returns_hub.flows.backfill_jobs import held
from returns_hub.flows.subscription import ensure, make_token, replay, rotate_token
from returns_hub.flows.subscription_steps import Webhook, memory_of
from returns_hub.flows.way import Way
from returns_hub.flows.withdrawn_list import mark_handled, withdrawn_lines
from returns_hub.ports import ParkedItem
from returns_hub.runs import Run
from tests.simulation.plans import Act

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

WHO = "operator"
MOST_TRIES = 80
FIRST_WAIT, LONGEST_WAIT = 60.0, 1800.0
SECONDS_LEFT = 300.0
"""What the command's clock says is left, always: nobody ends it but a person."""
LOOKS_EVERY = 1800.0
CLOCKS_DIFFER = 300.0
"""Seconds by which the portal's times and the hub's may differ here, with every reading's age."""


@dataclass(frozen=True)
class Asked:
    """An act on a return, and what came of it: ``done``, or a verdict's code."""

    request: str
    merchant: str
    return_id: str
    status: str
    ended: str


@dataclass(frozen=True)
class Looked:
    """A backfill that was finished: since when, and for what it looked."""

    merchant: str
    begun_at: float
    selection: Selection


class Desk:
    """The operators of a run."""

    def __init__(self, run: Simulation) -> None:
        self._run = run
        self.pending: dict[str, str] = {}
        self.ensured: set[str] = set()
        self.asked: list[Asked] = []
        self.looked: list[Looked] = []
        self.replays_wanted = 0
        self.given_up: list[str] = []
        plan, after = run.scenario.operator, run.scheduler.after
        if run.scenario.webhook is not None:
            self._look_after_webhooks()
        if plan is None:
            return
        for number, act in enumerate(plan.acts):
            after(act.at, partial(self._act, act, f"request-{number}"))
        for number, (at, kind) in enumerate(plan.backfills):
            after(at, partial(self._backfill_all, kind, f"job-{number}"))
        for at in plan.sees_to:
            after(at, self._see_to_the_list)

    # -- asking, again and again ----------------------------------------------------------------

    def ask(
        self,
        name: str,
        do: Callable[[Run], object],
        then: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Have it done; `then` hears ``done``, or why it is refused for good."""
        self._run.note(WHO, name)
        self._try(name, do, then, 0)

    def _try(
        self, name: str, do: Callable[[Run], object], then: Callable[[str], object], tries: int
    ) -> None:
        self.pending[name] = "asked"

        def ended(answer: Any) -> None:
            how, why = answer or ("again", "interrupted")
            self.pending[name] = why
            if how == "again" and tries < MOST_TRIES:
                wait = min(FIRST_WAIT * 1.5**tries, LONGEST_WAIT)
                self._run.scheduler.after(wait, lambda: self._try(name, do, then, tries + 1))
                return
            del self.pending[name]
            if how == "again":
                self.given_up.append(f"{name}: {why}")
            then(why)

        self._run.at_desk.invoke({"do": partial(_attempt, do)}, ended)

    # -- the subscription -----------------------------------------------------------------------

    def _look_after_webhooks(self) -> None:
        run, plan = self._run, self._run.scenario.webhook
        for merchant in run.scenario.merchants:
            run.scheduler.after(0.5, partial(self._ensure, merchant))
        if plan is None:
            return
        for at in plan.rotations:
            run.scheduler.after(at, partial(self._rotate, at))
        for at in plan.replays:
            run.scheduler.after(at, partial(self._replay, at))
        run.scheduler.after(run.scenario.faults_end + LOOKS_EVERY, self._ask_for_lost_replays)
        if plan.found_by == "backfill":
            at = run.scenario.faults_end + 4 * CLOCKS_DIFFER
            run.scheduler.after(at, partial(self._backfill_all, "window", "the-end"))

    def _ensure(self, merchant: str) -> None:
        def do(run: Run) -> None:
            make_token(_webhook(run, merchant))
            ensure(_webhook(run, merchant))

        self.ask(f"webhook ensure {merchant}", do, lambda _: self.ensured.add(merchant))

    def _rotate(self, at: float) -> None:
        for merchant in self._run.scenario.merchants:
            if merchant in self.ensured:
                self.ask(f"webhook rotate {merchant} {at:.0f}", partial(_rotate, merchant))

    def _replay(self, at: float) -> None:
        for merchant in self._run.scenario.merchants:
            start = self._run.scheduler.now() - timedelta(minutes=30)
            self._replay_since(merchant, start, f"webhook replay {merchant} {at:.0f}")

    def _replay_since(self, merchant: str, start: Any, name: str, *, again: bool = False) -> None:
        tries = [0]

        def do(run: Run) -> None:
            # A person whose command was cut off wants it once more.
            tries[0] += 1
            self.replays_wanted += 1
            replay(_webhook(run, merchant), start, again=again or tries[0] > 1)

        self.ask(name, do)

    def _ask_for_lost_replays(self) -> None:
        """What may not have been replayed is told of, and a person asks for it once more."""
        for merchant in self._run.scenario.merchants:
            memory = memory_of(self._run.cursors.read(f"webhook/{merchant}"))
            name = f"webhook replay {merchant} at last"
            if memory.not_replayed is not None and name not in self.pending:
                self._replay_since(merchant, memory.not_replayed, name, again=True)
        self._run.scheduler.after(LOOKS_EVERY, self._ask_for_lost_replays)

    # -- single returns -------------------------------------------------------------------------

    def _act(self, act: Act, request_id: str) -> None:
        run = self._run
        plan = next(plan for plan in run.scenario.returns if plan.number == act.number)
        merchant, return_id = plan.merchant, plan.return_id
        if return_id not in run.redo[merchant].returns:
            run.scheduler.after(600, partial(self._act, act, request_id))
            return
        request = Request(request_id, WHO)

        def do(made: Run) -> None:
            world = made._hub.world(merchant)
            if act.status:
                set_status(world, return_id, ReturnStatus(act.status), request)
            else:
                comment(world, return_id, "Seen to by hand.", request)

        def then(ended: str) -> None:
            self.asked.append(Asked(request_id, merchant, return_id, act.status, ended))
            if run.scenario.webhook is None:
                run.team.publish_again(plan)

        self.ask(f"{request_id}: {act.status or 'comment'} {return_id}", do, then)

    def answer(
        self, parked: ParkedItem, answers: Mapping[str, str], units: Mapping[str, int]
    ) -> None:
        """Answer a question, as it was parked and for the units that were seen."""

        def do(run: Run) -> None:
            hub = run._hub
            desk = operator.Desk(
                who=WHO,
                returns=hub.returns,
                parking=hub.parking,
                clock=hub.clock,
                send_return=hub.queue(hub.settings.approved_returns_queue_url).send,
                send_receipt=hub.queue(hub.settings.poll_mintsoft_queue_url).send,
            )
            operator.answer(parked, desk, answers, seen=units)

        self.ask(f"answer {parked.parked_id} {self._run.scheduler.seconds:.0f}", do)

    def _see_to_the_list(self) -> None:
        def do(run: Run) -> None:
            returns, clock = run._hub.returns, run._hub.clock
            for merchant in self._run.scenario.merchants:
                rows = withdrawn_lines(returns, merchant, clock.now())
                for number in dict.fromkeys(row.external_return_id for row in rows):
                    mark_handled(returns, clock, merchant, number, WHO, "seen to")

        self.ask(f"withdrawn done {self._run.scheduler.seconds:.0f}", do)

    # -- the past -------------------------------------------------------------------------------

    def _backfill_all(self, kind: str, name: str) -> None:
        for merchant in self._run.scenario.merchants:
            self._backfill(merchant, kind, f"{name}-{merchant}")

    def _backfill(self, merchant: str, kind: str, name: str) -> None:
        run = self._run
        now, begun_at = run.scheduler.now(), run.scheduler.seconds
        selection = Selection(since=run.scenario.start - timedelta(days=1), until=now)
        match kind:
            case "ids":
                selection = Selection(ids=tuple(run.redo[merchant].returns) or ("nothing",))
            case "status":
                selection = selection.model_copy(update={"statuses": (ReturnStatus.OPEN,)})

        def do(made: Run) -> None:
            budget = CallBudget(60, made._hub.clock)
            world = made._hub.within(budget).world(merchant)
            queue = made._hub.queue(made._hub.settings.approved_returns_queue_url)
            way = Way(queue.send, queue.depth)
            manner = backfill.Manner(way, budget.take, None, lambda *_: None)
            with held(world.stores, merchant, name, selection, WHO, restart=False) as job:
                backfill.run(world, job, selection, manner)

        def then(ended: str) -> None:
            if ended in {"done", "backfill.finished"}:
                self.looked.append(Looked(merchant, begun_at, selection))
            else:
                self.given_up.append(f"{name}: {ended}")

        self.ask(f"backfill {name} ({kind})", do, then)

    def has_found(self, merchant: str, return_id: str) -> bool:
        """Whether a finished backfill must have found the return as it stands."""
        found = self._run.redo[merchant].returns[return_id]
        changed_at = self._run.seconds_of(found["updatedAt"])
        for one in self.looked:
            if one.merchant != merchant or changed_at > one.begun_at - CLOCKS_DIFFER:
                continue
            chosen = one.selection
            if found["status"] not in {s.value for s in chosen.statuses or UNDER_WAY}:
                continue
            if not chosen.ids or return_id in chosen.ids:
                return True
        return False


def _webhook(run: Run, merchant: str) -> Webhook:
    return run._hub.webhook(run._hub.world(merchant))


def _rotate(merchant: str, run: Run) -> None:
    rotate_token(_webhook(run, merchant))


def _attempt(do: Callable[[Run], object], run: Run) -> tuple[str, str]:
    """Do it as the command does: verdicts are told, and nothing else is caught."""
    run._hub.clock.begin(lambda: SECONDS_LEFT)
    try:
        do(run)
    except Permanent as verdict:
        return "ended", verdict.code
    except (Retryable, UnknownOutcome) as verdict:
        return "again", verdict.code
    except Conflict:
        return "again", "conflict"
    return "ended", "done"
