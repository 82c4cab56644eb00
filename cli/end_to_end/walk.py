"""The walk: a test return is made, announced, told of, confirmed and processed, step by step.

Every step first looks whether it is done, so that a walk that was stopped goes on where it was. The
only write that the walk itself does at a partner is making the return, and that goes through the
ledger; all else is done by the hub's own flows, and by whoever confirms the goods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cli.checks.model import Finding, Result, failed, ok, skipped
from cli.checks.run import from_verdict
from returns_hub.domain.events import thin_event
from returns_hub.domain.facts import Flagged, Parked, Skipped
from returns_hub.domain.returns import CLOSED, ReturnStatus
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.make_test_return import SandboxReturnAsked, make_test_return
from returns_hub.flows.world import World
from returns_hub.ports import SandboxReturns

AREA = "end_to_end"
SOURCE = "end-to-end"
CREATED, PUBLISHED, ANNOUNCED = "created", "published", "announced"
COMMENT, CONFIRMED, PROCESSED, BOOKS = "comment", "confirmed", "processed", "books"


class Stuck(Exception):  # noqa: N818 - a finding of the walk
    """The walk cannot go on; told as the step's failure."""

    def __init__(self, found: str, to_do: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.to_do = to_do


@dataclass(frozen=True)
class Stage:
    """Where the walk goes.

    Args:
        world: The merchant's world.
        portal: Where the test return is made.
        publish: Puts a message onto the approved-returns queue.
        asked: The test return.
        confirm: Has the warehouse confirm these external returns, or asks a person to; called once.
        judge: Compares with the partners' own books, where there are any: what is wrong.
        every: Seconds between two looks.
        machine_seconds: The longest that a step of machines may take.
        person_seconds: The longest that the warehouse may take.
        waiting: Told, again and again, which step is waited for and for how long.
    """

    world: World
    portal: SandboxReturns
    publish: Callable[[str], object]
    asked: SandboxReturnAsked
    confirm: Callable[[tuple[int, ...]], None]
    judge: Callable[[str, ReturnState], Iterator[str]] | None
    every: float
    machine_seconds: float
    person_seconds: float
    waiting: Callable[[str, float], None] = lambda _step, _seconds: None


@dataclass(frozen=True)
class _Done:
    """A step that is done: what there is to say of it."""

    found: str
    details: dict[str, Any]


Look = Callable[[], _Done | None]
"""One look at a step: None while it is not done.

Raises:
    Stuck: It never will be.
"""


class Walk:
    """One walk over a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world
        self._clock = stage.world.stores.clock
        self._return_id = ""
        self._ids: tuple[int, ...] = ()
        self._asked_to_confirm = False

    def steps(self) -> Iterator[Finding]:
        """A finding for each step, as it is done; after one that failed the others are skipped."""
        stage = self._stage
        plan: list[tuple[str, Look, float]] = [
            (CREATED, self._created, stage.machine_seconds),
            (PUBLISHED, self._published, stage.machine_seconds),
            (ANNOUNCED, self._announced, stage.machine_seconds),
            (COMMENT, self._commented, stage.machine_seconds),
            (CONFIRMED, self._confirmed, stage.person_seconds),
            (PROCESSED, self._processed, stage.machine_seconds),
        ]
        if stage.judge is not None:
            plan.append((BOOKS, self._judged, stage.machine_seconds))
        broken = False
        for name, look, most in plan:
            if broken:
                yield skipped(name, "was not come to")
                continue
            finding = self._until_done(name, look, most)
            broken = finding.result is Result.FAILED
            yield finding

    def _until_done(self, name: str, look: Look, most: float) -> Finding:
        """Look until the step is done, stuck, or out of time."""
        began = self._clock.monotonic()
        why = ""
        while True:
            wait = self._stage.every
            try:
                done = look()
            except Stuck as stuck:
                return failed(name, stuck.found, stuck.to_do, return_id=self._return_id)
            except Misconfigured as verdict:
                return from_verdict(name, verdict)
            except (Retryable, UnknownOutcome) as verdict:
                # A look that failed, or a return that may have been made: it is looked up later.
                why, wait = verdict.reason, min(max(wait, verdict.after), most)
                done = None
            except Verdict as verdict:
                return from_verdict(name, verdict)
            took = self._clock.monotonic() - began
            if done is not None:
                found = f"{done.found} ({took:.1f} s)"
                return ok(name, found, seconds=round(took, 3), **done.details)
            if took + wait > most:
                return self._out_of_time(name, most, why)
            self._stage.waiting(name, took)
            self._clock.sleep(wait)

    def _out_of_time(self, name: str, most: float, why: str) -> Finding:
        told = f"not within {most / 60:.0f} minutes" if most >= 120 else f"not within {most:.0f} s"
        if why:
            told += f": {why}"
        to_do = "the same command goes on where this one stopped"
        if name in {ANNOUNCED, COMMENT, PROCESSED}:
            to_do += f"; see hub timeline {self._world.merchant} {self._return_id}"
        return failed(name, told, to_do, return_id=self._return_id)

    # -- the steps --------------------------------------------------------------------------

    def _created(self) -> _Done:
        done = make_test_return(self._world, self._stage.portal, self._stage.asked)
        self._return_id = done.partner_id
        how = {
            "sent": "made",
            "already": "was made by an earlier walk, which this one goes on with",
            "looked_up": "was made by a request whose answer was lost",
        }
        told = f"return {done.partner_id} {how[done.how]}"
        return _Done(told, {"return_id": done.partner_id, "how": done.how})

    def _published(self) -> _Done:
        if self._state().version:
            return _Done("the hub knows of it", {})
        now = self._clock.now()
        self._stage.publish(thin_event(self._world.merchant, self._return_id, now, SOURCE))
        return _Done("the hub was told of it, on the queue", {})

    def _announced(self) -> _Done | None:
        state = self._state()
        self._require_under_way(state)
        made = [shipment.external_return_id for shipment in state.shipments]
        if not made or None in made:
            return None
        self._ids = tuple(number for number in made if number is not None)
        told = ", ".join(
            f"external return {shipment.external_return_id} in warehouse "
            f"{shipment.planned.warehouse_id} (reason {_reasons(shipment.planned.lines)})"
            for shipment in state.shipments
        )
        return _Done(told, {"external_returns": list(self._ids)})

    def _commented(self) -> _Done | None:
        if not self._state().is_announced:
            return None
        comments = self._world.portal.comments(self._return_id)
        wanted = [f"external return {number} " for number in self._ids]
        told = [text for text in comments if any(words in text for words in wanted)]
        if len(told) < len(self._ids):
            return None
        return _Done(f"{len(told)} on the return's timeline in the portal", {})

    def _confirmed(self) -> _Done | None:
        open_ones = []
        for number in self._ids:
            receipt = self._world.warehouse.read_external_return(number)
            if receipt is None:
                raise Stuck(f"external return {number} is gone from the warehouse")
            if not receipt.confirmed:
                open_ones.append(number)
        if not open_ones:
            return _Done("the warehouse has confirmed what arrived", {})
        if not self._asked_to_confirm:
            self._asked_to_confirm = True
            self._stage.confirm(tuple(open_ones))
        return None

    def _processed(self) -> _Done | None:
        state = self._state()
        if state.is_parked:
            raise Stuck(
                f"parked: {self._reason(state)}",
                f"see hub timeline {state.merchant} {state.return_id}",
            )
        if state.flagged:
            raise Stuck(
                f"the return was flagged: {self._reason(state)}",
                "confirm exactly what was announced to see it processed",
            )
        found = self._world.portal.read_return(self._return_id)
        if found.status is ReturnStatus.COMPLETE and state.outcome == "processed":
            return _Done("the portal says complete", {"status": found.status.value})
        if found.status in CLOSED:
            raise Stuck(f"the portal says {found.status.value}")
        return None

    def _judged(self) -> _Done:
        judge = self._stage.judge
        wrong = list(judge(self._return_id, self._state())) if judge else []
        if wrong:
            raise Stuck("; ".join(wrong), "this is a fault of the hub's: report it")
        return _Done("the partners' own books say the same, nothing twice", {})

    # -- what the hub knows -----------------------------------------------------------------

    def _state(self) -> ReturnState:
        return self._world.stores.returns.load(self._world.merchant, self._return_id)

    def _require_under_way(self, state: ReturnState) -> None:
        """Raise when it will never be announced."""
        to_do = f"see hub timeline {state.merchant} {state.return_id}"
        if state.is_parked:
            raise Stuck(f"parked: {self._reason(state)}", to_do)
        if state.outcome == "shadow":
            raise Stuck(
                "the flow is in shadow: nothing is written to the warehouse",
                "set flows.create_external_returns.mode to live in this sandbox's file",
            )
        if state.skips:
            raise Stuck(f"skipped: {self._reason(state)}", to_do)

    def _reason(self, state: ReturnState) -> str:
        """What the timeline says of why."""
        timeline = self._world.stores.returns.timeline(state.merchant, state.return_id)
        for event in reversed(timeline):
            match event.fact:
                case Parked(reason=why) | Skipped(reason=why) | Flagged(note=why):
                    return why
        return "the timeline does not say why"


def _reasons(lines: Any) -> str:
    return ", ".join(str(number) for number in dict.fromkeys(line.reason_id for line in lines))
