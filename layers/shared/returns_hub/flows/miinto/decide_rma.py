"""A person accepts or declines an RMA, or some of its positions.

Where the hub has asked about it, this is the answer, and the flow that asked carries it out. Else
the positions become a batch of the person's own on the return's timeline, sent as every other:
once, after the RMA was read again. Accepting is final, for Miinto pays the buyer; so what the
warehouse found counts against it unless the person says otherwise in so many words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from returns_hub.domain.answering import answered, check_answers, seen
from returns_hub.domain.case import EXTRAS, Action, LineToProcess
from returns_hub.domain.decisions import decide
from returns_hub.domain.matching import compare
from returns_hub.domain.notes import row_of
from returns_hub.domain.policy import ExtraAction, LineAction
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnLine, ReturnStatus
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.by_hand import commit_by_hand, send_unfinished, unfinished
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.explain import Explained, explain
from returns_hub.flows.miinto.against import require_not_against
from returns_hub.flows.miinto.rma_proof import require_proven
from returns_hub.flows.miinto.rma_questions import Wake, close_overtaken, desk_of, waiting_questions
from returns_hub.flows.operator import Desk, answer
from returns_hub.flows.questions import Questions
from returns_hub.flows.world import World

LONGEST_REASON = 500
Verdict = Literal["accept", "decline"]


@dataclass(frozen=True)
class RmaDecided:
    """What became of a person's decision.

    Args:
        return_id: The return that the RMA is in the hub.
        verdict: What the person decided.
        lines: The positions that it is about.
        how: ``answered``: it was the answer to a question, and the flow carries it out. ``sent``:
            Miinto has it. ``parked``: nobody knows what became of the request, and a person is
            asked. ``already``: there was nothing left to do.
        remarks: What the person should know, in sentences.
    """

    return_id: str
    verdict: Verdict
    lines: tuple[str, ...]
    how: Literal["answered", "sent", "parked", "already"]
    remarks: tuple[str, ...] = ()


def accept_rma(  # noqa: PLR0917 - in the order in which one says it
    world: World,
    return_id: str,
    who: str,
    lines: Sequence[str] = (),
    note: str = "",
    against_warehouse: bool = False,
    *,
    wake: Wake | None = None,
) -> RmaDecided:
    """Accept positions of an RMA: Miinto pays the buyer.

    Args:
        world: The merchant's.
        return_id: The return's id in the hub.
        who: Who decides; goes onto the timeline.
        lines: Positions; none for every one that is undecided.
        note: Why; goes onto the timeline.
        against_warehouse: Though the warehouse found them damaged or short, or has not got them.
        wake: Sends a message to the queue of the receipts flow, so that an answer is carried out
            sooner than by its next tick.

    Raises:
        Permanent: It cannot be done; the reason says why.
        Retryable: Known not done; say it again.
        UnknownOutcome: It may have been done; say it again, which looks before it sends.
    """
    asked = _Asked("accept", who, tuple(dict.fromkeys(lines)), note.strip(), wake)
    return _decide(world, return_id, asked, against=against_warehouse)


def decline_rma(
    world: World,
    return_id: str,
    who: str,
    reason: str,
    lines: Sequence[str] = (),
    *,
    wake: Wake | None = None,
) -> RmaDecided:
    """Decline positions of an RMA; the buyer is told the reason.

    Args and raises as `accept_rma`; `reason` is needed.
    """
    words = " ".join(reason.split())
    if not words:
        raise Permanent("rma.no_reason", "a position is declined for a reason: say which")
    if len(words) > LONGEST_REASON or not words.isprintable():
        raise Permanent(
            "rma.bad_reason",
            f"the reason has at most {LONGEST_REASON} characters that can be shown",
        )
    asked = _Asked("decline", who, tuple(dict.fromkeys(lines)), words, wake)
    return _decide(world, return_id, asked, against=True)


@dataclass(frozen=True)
class _Asked:
    verdict: Verdict
    who: str
    lines: tuple[str, ...]
    note: str
    wake: Wake | None

    @property
    def action(self) -> LineAction:
        return LineAction.PROCESS if self.verdict == "accept" else LineAction.REJECT


def _decide(world: World, return_id: str, asked: _Asked, *, against: bool) -> RmaDecided:
    world = world.for_return(return_id)
    if world.live.merchant.portal != "miinto":
        raise Permanent("rma.not_miintos", f"{return_id} is not an RMA of Miinto")
    require_proven(world)
    for _ in range(TRIES_AGAINST_OTHERS):
        try:
            return _decide_once(world, return_id, asked, against=against)
        except Conflict:
            continue
    raise Retryable("return.contended", "others keep changing this return", after=10)


def _decide_once(world: World, return_id: str, asked: _Asked, *, against: bool) -> RmaDecided:
    portal_return = world.portal.read_return(return_id)
    state = world.stores.returns.load(world.merchant, return_id)
    if portal_return.status is ReturnStatus.UNKNOWN:
        raise Permanent(
            "return.unknown_status",
            f"Miinto says {portal_return.status_word!r} of it, which the hub was not told of; see "
            "miinto.rma.contract.words",
        )
    begun = unfinished(state)
    if begun:
        state = send_unfinished(state, portal_return, world)
        portal_return = world.portal.read_return(return_id)
    desk = desk_of(world, asked.who, asked.wake)
    done_before = _done_before(state, asked, begun)
    if done_before is not None:
        close_overtaken(world, portal_return, state, desk, asked.verdict)
        return done_before
    chosen = _chosen(portal_return, state, asked)
    explanation = explain(world, return_id)
    about = explanation.receipts[-1] if explanation.receipts else None
    remarks: tuple[str, ...] = ()
    if asked.verdict == "accept":
        matching = world.live.merchant.flows.process_receipts.policy.matching
        remarks = require_not_against(
            chosen, about.case if about else None, state, matching, is_refused=not against
        )
    questions = waiting_questions(world, return_id, desk)
    answerable = [line for line in chosen if line.sku] if questions is not None else []
    if questions is not None and about is not None and answerable:
        remarks += _answer(world, answerable, about, questions, desk, asked)
        chosen = [line for line in chosen if not line.sku]
        if not chosen:
            return _result(return_id, asked, answerable, "answered", remarks)
    state = commit_by_hand(
        state=_fresh(world, return_id, state),
        who=asked.who,
        lines=_to_process(chosen, asked),
        note=asked.note,
        world=world,
    )
    state = send_unfinished(state, portal_return, world)
    how: Literal["sent", "parked"] = "parked" if state.batches[-1].outcome == "parked" else "sent"
    if how == "sent":
        close_overtaken(world, portal_return, state, desk, asked.verdict)
    return _result(return_id, asked, [*answerable, *chosen], how, remarks)


def _fresh(world: World, return_id: str, before: ReturnState) -> ReturnState:
    """The state right before the commit; answering may have changed it, others must not have."""
    now = world.stores.returns.load(world.merchant, return_id)
    if now.committed_lines != before.committed_lines:
        raise Conflict(return_id)
    return now


def _result(
    return_id: str,
    asked: _Asked,
    lines: Sequence[ReturnLine],
    how: Literal["answered", "sent", "parked"],
    remarks: tuple[str, ...],
) -> RmaDecided:
    ids = tuple(line.id for line in lines)
    return RmaDecided(return_id, asked.verdict, ids, how, remarks)


def _to_process(lines: Sequence[ReturnLine], asked: _Asked) -> list[LineToProcess]:
    reject = asked.verdict == "decline"
    return [
        LineToProcess(
            line_id=line.id,
            sku=line.sku or "",
            restock=False,
            reject=reject,
            reason=asked.note if reject else "",
        )
        for line in lines
    ]


def _done_before(
    state: ReturnState, asked: _Asked, begun: Sequence[BatchState]
) -> RmaDecided | None:
    """What an earlier try of the same command came to: named positions that were sent so, or, when
    none is named, those of a try that was cut off and is finished now."""
    reject = asked.verdict == "decline"
    finished = {batch.number for batch in begun}
    sent = {
        line.line_id: batch.outcome
        for batch in state.batches
        for line in batch.lines
        if line.reject is reject
        and batch.outcome in {"processed", "parked"}
        and (asked.lines or batch.number in finished)
    }
    lines = asked.lines or tuple(sent)
    if not lines or not all(line in sent for line in lines):
        return None
    how: Literal["parked", "already"] = "already"
    if "parked" in {sent[line] for line in lines}:
        how = "parked"
    return RmaDecided(state.return_id, asked.verdict, lines, how)


def _chosen(portal_return: PortalReturn, state: ReturnState, asked: _Asked) -> list[ReturnLine]:
    """The positions that the person decides: known, undecided, and in no request of ours."""
    known = {line.id: line for line in portal_return.lines}
    for id_ in asked.lines:
        if id_ not in known:
            there = ", ".join(known) or "none"
            raise Permanent("rma.no_position", f"the RMA has no position {id_}; there are: {there}")
        line = known[id_]
        if line.status is not LineStatus.OPEN:
            raise Permanent("rma.decided", f"position {id_} is {_word(line)} at Miinto already")
        if id_ in state.committed_lines:
            raise Permanent(
                "rma.in_work",
                f"position {id_} is in a request of the hub's already; see hub decide --explain "
                f"{portal_return.id}",
            )
    wanted = asked.lines or tuple(known)
    chosen = [
        known[id_]
        for id_ in wanted
        if known[id_].status is LineStatus.OPEN and id_ not in state.committed_lines
    ]
    if not chosen:
        told = ", ".join(f"{line.id} {_word(line)}" for line in known.values())
        raise Permanent("rma.decided", f"no position is left to decide ({told or 'it has none'})")
    return chosen


def _word(line: ReturnLine) -> str:
    words = {LineStatus.COMPLETE: "accepted", LineStatus.REJECTED: "declined"}
    return words.get(line.status, "pending, in a request of the hub's")


def _answer(  # noqa: PLR0917 - which question is answered how, by whom
    world: World,
    lines: Sequence[ReturnLine],
    about: Explained,
    questions: Questions,
    desk: Desk,
    asked: _Asked,
) -> tuple[str, ...]:
    """Answer the question, for these lines and the goods beside them; what is left to be said."""
    policy = world.live.merchant.flows.process_receipts.policy
    answers = {line.id: asked.action.value for line in lines}
    others = [
        f for f in compare(about.case.lines, about.case.goods, policy.matching) if f.line_id is None
    ]
    if others:
        answers[EXTRAS] = ExtraAction.GO_ON.value
    check_answers(about.case, policy, world.portal.abilities, answers)
    units = seen(about.case, policy, answers)
    for _, item in questions.waiting:
        if answer(item, desk, answers, seen=units, note=asked.note) == "already":
            raise Permanent(
                "answer.overtaken",
                "somebody has answered meanwhile, and their word counts; see hub decide --explain "
                f"{item.subject}",
            )
    remarks = [f"other goods came with it: {row_of(finding)}" for finding in others]
    case = answered(about.case, policy, answers, asked.note)
    then = decide(case, policy, world.portal.abilities)
    if then.action is Action.ASK:
        remarks.append(f"the hub still asks: {then.note}")
    return tuple(remarks)
