"""Questions that the decision table put before a person: which of a return's wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from returns_hub.domain.facts import Event, OperatorActed, Parked
from returns_hub.domain.parked_ids import parked_receipt_id
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent
from returns_hub.flows.operator import Desk
from returns_hub.ports import ParkedItem

ASKED = "decision.ask"
"""The code of parked work that waits for an answer."""


@dataclass(frozen=True)
class Questions:
    """A return's open questions.

    Args:
        waiting: Those that wait for an answer, with the external return each is about.
        unfinished: Answered on the timeline, by somebody who was interrupted before they closed.
    """

    waiting: tuple[tuple[int, ParkedItem], ...]
    unfinished: tuple[ParkedItem, ...]


def questions_of(merchant: str, return_id: str, desk: Desk) -> Questions:
    """The open questions about a return.

    Raises:
        Permanent: There is none, and why.
    """
    state = desk.returns.load(merchant, return_id)
    if not state.version:
        raise _none(f"the hub knows nothing of return {return_id}")
    items = [
        item
        for item in desk.parking.list_parked(merchant)
        if item.subject == return_id and item.code == ASKED
    ]
    if not items:
        raise _none(_why_not(state))
    waiting: list[tuple[int, ParkedItem]] = []
    unfinished: list[ParkedItem] = []
    overtaken = ""
    answered = _answered(desk.returns.timeline(merchant, return_id))
    for receipt in state.receipts:
        made = receipt.external_return_id
        item = next((i for i in items if i.parked_id == parked_receipt_id(return_id, made)), None)
        if item is None:
            continue
        if item.parked_id in answered:
            unfinished.append(item)
        elif receipt.settled == "parked":
            waiting.append((made, item))
        elif not receipt.settled:
            raise _none("the return is being decided anew just now; look again in some minutes")
        else:
            overtaken = item.parked_id
    if overtaken and not waiting and not unfinished:
        raise _none(
            "the question was overtaken: what was confirmed later has been decided "
            f"(hub decide --explain {return_id}). Take it off the list with "
            f"hub parked discard {overtaken} --note overtaken"
        )
    return Questions(tuple(waiting), tuple(unfinished))


def _answered(events: Iterable[Event]) -> set[str]:
    """Parked ids whose last word on the timeline is a person's answer."""
    last: dict[str, bool] = {}
    for event in events:
        match event.fact:
            case Parked(parked_id=parked_id):
                last[parked_id] = False
            case OperatorActed(act="answered", subject=subject):
                last[subject] = True
    return {parked_id for parked_id, is_answered in last.items() if is_answered}


def _none(reason: str) -> Permanent:
    return Permanent("answer.not_waiting", reason)


def _why_not(state: ReturnState) -> str:
    if state.flagged:
        return (
            f"return {state.return_id} is flagged: flagged returns are decided in the portal, and "
            "only questions are answered here"
        )
    return f"return {state.return_id} is not waiting for an answer; it stands: {state.outcome}"
