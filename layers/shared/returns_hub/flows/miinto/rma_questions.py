"""Questions about an RMA that wait while a person decides it by hand."""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.domain.file_types import Mode
from returns_hub.domain.returns import LineStatus, PortalReturn
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent
from returns_hub.flows.operator import Desk, discard
from returns_hub.flows.questions import ASKED, Questions, questions_of
from returns_hub.flows.world import World

Wake = Callable[[str], object]


def desk_of(world: World, who: str, wake: Wake | None) -> Desk:
    """What the person's acts need; without `wake` the flow finds an answer with its next tick."""
    stores = world.stores
    wake = wake or _let_the_tick_find_it
    return Desk(
        who=who,
        returns=stores.returns,
        parking=stores.parking,
        clock=stores.clock,
        send_return=wake,
        send_receipt=wake,
    )


def waiting_questions(world: World, return_id: str, desk: Desk) -> Questions | None:
    """The questions that wait, while the flow that carries answers out is on; None without any."""
    if not _is_answered_by_the_flow(world):
        return None
    try:
        questions = questions_of(world.merchant, return_id, desk)
    except Permanent:
        return None
    return questions if questions.waiting else None


def close_overtaken(
    world: World, portal_return: PortalReturn, state: ReturnState, desk: Desk, verdict: str
) -> None:
    """Take older questions off the list once no position is left to be asked about; while the flow
    that carries answers out is on, it does so itself."""
    if _is_answered_by_the_flow(world) or any(
        line.status is LineStatus.OPEN and line.id not in state.committed_lines
        for line in portal_return.lines
    ):
        return
    for item in world.stores.parking.list_parked(world.merchant):
        if item.subject == portal_return.id and item.code == ASKED:
            discard(item, desk, f"overtaken: {verdict} by hand")


def _is_answered_by_the_flow(world: World) -> bool:
    return world.live.merchant.flows.process_receipts.mode is Mode.LIVE


def _let_the_tick_find_it(_: str) -> None:
    """An answer is carried out by the next run over open external returns."""
