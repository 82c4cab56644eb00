"""One version of one record: planned, and its steps taken, each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from returns_hub.domain.facts import Parked, Skipped, WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import (
    LONGEST_KEY,
    RecordSeen,
    RecordSettled,
    StepDone,
    StepState,
    StepStuck,
    StepWithdrawn,
    SyncFact,
    SyncState,
)
from returns_hub.errors import Conflict, Permanent, Retryable, Skip, UnknownOutcome, Verdict
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.sync.endings import (
    GONE,
    KNOWN,
    LATER,
    NOT_RECORDED,
    OLDER,
    PARKED,
    SHADOW,
    SKIPPED,
    SUBJECT,
    WAITS_FOR_LIVE,
    Ending,
    checked,
    is_known,
    is_older,
    parked_id_of,
)
from returns_hub.flows.sync.shape import Change, Plan, Source, Step
from returns_hub.flows.sync.steps import Stuck, carry_out, planned, withdraw
from returns_hub.flows.sync.sync_world import Draft, SyncWorld

PLANS_FOR_A_VERSION = 20
"""A plan is made again when a step of an earlier version turned out to be done, or never sent."""
AHEAD_AT_ONCE = 100
"""Records that are read at once: one request to DynamoDB."""
AHEAD_LASTS = timedelta(seconds=10)
"""As long what was read ahead counts as read just now: enough to deal with as many records that are
in step, and not with as many that are written to a partner."""
SURPRISES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a plan raises over content that nobody thought of."""

Content = TypeVar("Content")


class Taking(Generic[Content]):
    """Deals with one record after the other.

    Args:
        source: The flow.
        world: The merchant's.
        has_time: Whether one more request to a partner may be begun.
    """

    def __init__(
        self, source: Source[Content], world: SyncWorld, has_time: Callable[[], bool]
    ) -> None:
        self.source = source
        self.world = world
        self.mode = source.mode
        self._has_time = has_time
        self._coming: dict[str, None] = {}
        self._ahead: dict[str, SyncState] = {}
        self._ahead_until: datetime | None = None

    def expect(self, keys: Sequence[str]) -> None:
        """These records come next, in about this order."""
        self._coming = dict.fromkeys(key for key in keys if 1 <= len(key) <= LONGEST_KEY)
        self._ahead = {}

    def _known(self, key: str) -> SyncState:
        """What is known of a record; with it, what is known of those that come next is read.

        What was read so is used once, and at most a moment later. Whatever happened since shows
        itself: before anything is sent the timeline has to take that it will be, which it refuses
        to who knows an older one; a step that stands on it already is the ledger's to guard, as
        between any two runs.
        """
        now = self.world.stores.clock.now()
        if key in self._ahead and self._ahead_until is not None and now <= self._ahead_until:
            return self._ahead.pop(key)
        if key not in self._coming:
            return self.world.load(self.source.name, key)
        rest = list(self._coming)
        some = rest[rest.index(key) :][:AHEAD_AT_ONCE]
        self._coming = dict.fromkeys(rest[rest.index(key) + len(some) :])
        self._ahead_until = now + AHEAD_LASTS
        self._ahead = self.world.load_many(self.source.name, some)
        return self._ahead.pop(key)

    def deal_with(self, change: Change[Content], *, of_list: bool = False) -> Ending:
        """Do what is to be done about a record as the source shows it.

        Args:
            change: The record.
            of_list: It was in a list. Lists lag, and their pages move while they are read: what is
                older than what is known is not trusted (`OLDER`).

        Raises:
            Retryable: The hub's own stores cannot be reached.
        """
        for _ in range(TRIES_AGAINST_OTHERS):
            state = self._known(change.key)
            if is_known(state, change, self.mode):
                return KNOWN
            if of_list and is_older(state, change):
                return OLDER
            try:
                return self._taken(change, Draft(self.world, state))
            except Conflict:
                continue
        return NOT_RECORDED

    def gone(self, key: str, *, told: bool = False) -> Ending:
        """The source does not know a record in work any more. Where nothing was done about it
        there is nothing to do; else a person is asked. With `told`, somebody told that this record
        changed, so that one which is at rest counts too."""
        return self._in_work(
            key, self._end_of_gone, is_wanted=_may_be_gone if told else _is_in_work
        )

    def park_unread(self, key: str, verdict: Permanent) -> Ending:
        """A person is asked about a record that the source refuses to show."""
        return self._in_work(key, lambda draft: self._park(draft, verdict))

    def later(self, key: str, verdict: Verdict) -> Ending:
        """Nothing more in this run."""
        world = self.world.world
        world.tell_if_misconfigured(verdict)
        world.stores.telemetry.log(
            "record comes back",
            flow=self.source.name,
            key=key,
            code=verdict.code,
            reason=verdict.reason,
        )
        return LATER

    # -- how ----------------------------------------------------------------------------------

    def _in_work(
        self,
        key: str,
        work: Callable[[Draft], Ending],
        *,
        is_wanted: Callable[[SyncState], bool] | None = None,
    ) -> Ending:
        for _ in range(TRIES_AGAINST_OTHERS):
            draft = Draft(self.world, self.world.load(self.source.name, key))
            if not (is_wanted or _is_in_work)(draft.state):
                return KNOWN
            try:
                return work(draft)
            except Conflict:
                continue
        return LATER

    def _taken(self, change: Change[Content], draft: Draft) -> Ending:
        try:
            return self._take(change, draft)
        except Permanent as verdict:
            return self._park(draft, verdict)

    def _take(self, change: Change[Content], draft: Draft) -> Ending:
        state = draft.state
        is_waiting = state.in_work or bool(state.parked)
        if state.source_version != change.version or not is_waiting:
            draft.note("seen", RecordSeen(source_version=change.version, changed_at=change.at))
        if draft.state.parked:
            draft.write()
            return PARKED
        for _ in range(PLANS_FOR_A_VERSION):
            try:
                plan, skip = self._plan(change, draft.state)
            except (Retryable, UnknownOutcome) as verdict:
                draft.write()
                return self.later(change.key, verdict)
            ending = self._carried_out(plan, skip, draft)
            if ending is not None:
                return ending
        draft.write()
        reason = "its steps keep ending otherwise than its plan has it"
        return self.later(change.key, Retryable("sync.plans", reason))

    def _plan(self, change: Change[Content], state: SyncState) -> tuple[Plan, Skip | None]:
        try:
            return checked(self.source.plan(change, state)), None
        except Skip as verdict:
            return Plan(), verdict
        except SURPRISES as error:
            # One record's oddity must not keep the others from being dealt with.
            what = type(error).__name__
            raise Permanent(
                "sync.surprise",
                f"the hub cannot make sense of this record ({what}); a fault of the hub: tell its "
                "maintainers, and replay when it is mended",
            ) from error

    def _carried_out(self, plan: Plan, skip: Skip | None, draft: Draft) -> Ending | None:
        """Do what the plan says; None when it has to be made again, since what was done before
        turned out to be other than it took for granted."""
        open_steps = draft.state.open_steps
        if self.mode is not Mode.LIVE:
            if open_steps:
                draft.write()
                return WAITS_FOR_LIVE
            return self._shadow(draft, plan) if skip is None else self._skip(draft, skip)
        wanted = {step.name for step in plan.steps}
        left = [step for step in open_steps if step.name not in wanted]
        if left:
            return self._close(left[0], draft)
        return self._take_steps(plan, draft) if skip is None else self._skip(draft, skip)

    def _close(self, step: StepState, draft: Draft) -> Ending | None:
        """Find the end of a step that an earlier version began and this one does not go on with."""
        try:
            done = withdraw(step, draft.state, self.world)
        except Retryable as verdict:
            draft.write()
            return self.later(draft.state.key, verdict)
        except UnknownOutcome as verdict:
            if verdict.code == "operation.lease_lost":
                draft.write()
                return self.later(draft.state.key, verdict)
            if step.looked:
                # Nothing is repeated by going on: the record does not want this step any more.
                draft.note("a person looked", StepStuck(step=step.name, why="abandoned"))
                draft.write()
                return None
            draft.note("its end is not known", StepStuck(step=step.name, why="unknown"))
            raise Permanent(
                "sync.step_left",
                f"the record changed after its step {step.name} was sent without an answer; look "
                "whether it was carried out and see to that by hand, then replay: the hub goes on "
                "without this step (with --send-again when it was not carried out)",
            ) from None
        if done is None:
            draft.note("not wanted any more", StepWithdrawn(step=step.name))
        else:
            draft.note("done", StepDone(step=step.name, partner_id=done.partner_id, how=done.how))
        draft.write()
        return None

    def _take_steps(self, plan: Plan, draft: Draft) -> Ending | None:
        for step in plan.steps:
            if draft.state.done(step.name):
                continue
            if not self._has_time():
                draft.write()
                return LATER
            ending = self._do(step, draft)
            if ending is not None:
                return ending
            if _told_of_another(draft.state, step.name):
                return None
            if not draft.state.done(step.name):
                return None
        if not plan.again:
            version, memo = draft.state.source_version, dict(plan.memo)
            settled = RecordSettled(source_version=version, outcome=plan.outcome, memo=memo)
            draft.note("in step", settled)
        draft.write()
        return Ending(plan.outcome)

    def _do(self, step: Step, draft: Draft) -> Ending | None:
        """Take a step; how it ended when the next one cannot be taken."""
        before = draft.state.step(step.name)
        key = draft.state.key
        try:
            if before is None or (
                before.stuck and not _may_have_told_of_another(before, draft.state)
            ):
                draft.note("planned", planned(step))
            draft.write()
            done = carry_out(step, draft, self.world)
        except Stuck as stuck:
            told = StepStuck(step=step.name, why=stuck.why)
            if stuck.why == "refused" and step.if_refused == "plan":
                draft.note(f"refused: {stuck.verdict.code}", told)
                return None
            return self._park(draft, stuck.verdict, told)
        except (Retryable, UnknownOutcome) as verdict:
            return self.later(key, verdict)
        draft.note("done", StepDone(step=step.name, partner_id=done.partner_id, how=done.how))
        self.world.stores.telemetry.count(
            "SyncSteps", flow=self.source.name, merchant=self.world.merchant, outcome=done.how
        )
        return None

    def _skip(self, draft: Draft, verdict: Skip) -> Ending:
        told = Skipped(flow=self.source.name, code=verdict.code, reason=verdict.reason)
        settled = RecordSettled(source_version=draft.state.source_version, outcome="skipped")
        facts: list[SyncFact] = [] if verdict.code in draft.state.skips else [told]
        draft.note(verdict.code, *facts, settled)
        draft.write()
        return SKIPPED

    def _shadow(self, draft: Draft, plan: Plan) -> Ending:
        would = [
            WouldSend(partner=step.partner, operation=step.name, summary=step.summary)
            for step in plan.steps
            if not draft.state.done(step.name)
        ]
        if would or not plan.again:
            version = draft.state.source_version
            outcome = SHADOW.word if would else plan.outcome
            memo = {} if would else dict(plan.memo)
            settled = RecordSettled(source_version=version, outcome=outcome, memo=memo)
            draft.note("shadow", *would, settled)
        draft.write()
        return SHADOW if would else Ending(plan.outcome)

    def _end_of_gone(self, draft: Draft) -> Ending:
        state = draft.state
        if state.was_begun:
            begun = ", ".join(step.name for step in state.steps if step.how or step.is_open)
            return self._park(
                draft,
                Permanent(
                    "sync.gone",
                    f"the source does not know {state.key} any more, and for it was begun: "
                    f"{begun}; deal with that by hand and discard this",
                ),
            )
        settled = RecordSettled(source_version=state.source_version, outcome=GONE.word)
        draft.note("the source does not know it any more", settled)
        draft.write()
        return GONE

    def _park(self, draft: Draft, verdict: Permanent, *facts: SyncFact) -> Ending:
        state, name = draft.state, self.source.name
        parked_id = parked_id_of(name, state.key)
        subject = f"{SUBJECT}/{parked_id}"
        payload = state.model_dump_json(include={"flow", "key", "source_version"})
        self.world.world.park(name, parked_id, verdict, subject=subject, payload=payload)
        parked = Parked(flow=name, parked_id=parked_id, code=verdict.code, reason=verdict.reason)
        draft.note("a person is asked", *facts, parked)
        try:
            draft.write()
        except Permanent:
            # What was to be written with it is too large; that a person is asked is not.
            draft.drop()
            if draft.state.source_version != state.source_version:
                draft.note("seen", RecordSeen(source_version=state.source_version))
            draft.note("a person is asked", parked)
            draft.write()
        return PARKED


def _is_in_work(state: SyncState) -> bool:
    return state.in_work


def _may_be_gone(state: SyncState) -> bool:
    is_at_its_end = bool(state.parked) or state.outcome == GONE.word
    return state.in_work or (state.was_begun and not is_at_its_end)


def _may_have_told_of_another(before: StepState, state: SyncState) -> bool:
    """Whether a person took off a step of an earlier version that may have been carried out: what
    it told is kept until it is known that it was not."""
    return before.stuck == "abandoned" and before.turn != state.turn


def _told_of_another(state: SyncState, name: str) -> bool:
    """Whether a step that is done told of another version than the newest: an earlier one was
    carried out after all."""
    step = state.step(name)
    return step is not None and step.turn != state.turn
