"""A person has the hub do something to a return in the portal: its status, or a comment.

Each act has a request id. The same request is carried out once, whatever cuts it off: the ledger
knows it, and a write without an answer is looked up before any repeat. To do the same again on
purpose is another request. Who asked stands on the timeline before anything is sent, and what came
of it after; a return that the hub had not seen gets a timeline by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.operations import (
    Claim,
    Found,
    Inconclusive,
    LookUp,
    NotFound,
    comment_key,
    marker_of,
    status_key,
)
from returns_hub.domain.returns import SETTABLE, UNDER_WAY, ReturnStatus
from returns_hub.errors import Permanent
from returns_hub.flows.comment import add_comment
from returns_hub.flows.operation import Done
from returns_hub.flows.operator import record_act
from returns_hub.flows.world import World

SETTLE_SECONDS = 10.0
GIVE_UP_SECONDS = 24 * 3600.0
LONGEST_COMMENT = 2000
"""Characters of a person's comment, where the portal documents no limit of its own."""


@dataclass(frozen=True)
class Request:
    """Who asks for an act, and the request's id: the same id is the same act."""

    id: str
    who: str

    @property
    def subject(self) -> str:
        """How timelines name it."""
        return f"request {self.id}"


def set_status(world: World, return_id: str, status: ReturnStatus, request: Request) -> Done:
    """Put a return into a status.

    The look-up after a lost answer reads the status back: the one asked for means done, the one
    from before means not done, and any other that somebody else was at it meanwhile.

    Raises:
        Permanent: The status cannot be set, or the portal refused it.
        Retryable: Known not done; the same request may be repeated.
        UnknownOutcome: It may have been done; the same request, repeated, finds out.
    """
    world = world.for_return(return_id)
    if status not in SETTABLE:
        raise Permanent("return.status_not_settable", f"no return can be put into {status.value}")
    asked = _asked(world, return_id, request)
    if asked is None:
        before = world.portal.read_return(return_id).status.value
        asked = OperatorActed(
            act="status_change",
            subject=request.subject,
            outcome="asked",
            before=before,
            status=status.value,
        )
        _tell(world, return_id, request, asked)
    _require_same(asked, "status_change", status.value)
    operation = world.operation(
        status_key(world.merchant, return_id, status.value, request.id),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
    )

    def send(send_by: datetime) -> str:
        world.portal.set_status(return_id, status, send_by)
        return status.value

    def look_up(_: Claim) -> LookUp:
        now = world.portal.read_return(return_id).status
        if now is status:
            return Found(status.value)
        if now.value == asked.before:
            return NotFound()
        if status is ReturnStatus.OPEN and now in UNDER_WAY:
            return Found(status.value)
        return Inconclusive(
            f"the return was {asked.before}, {status.value} was asked for, and it is {now.value} "
            "by now; look at it in the portal"
        )

    return _carry_out(
        world, return_id, request, asked, lambda: world.run(operation, send=send, look_up=look_up)
    )


def comment(world: World, return_id: str, text: str, request: Request) -> Done:
    """Add a person's comment for the team.

    Raises:
        Permanent: The text is empty, too long or holds what cannot be shown, or the portal
            refused it.
        Retryable, UnknownOutcome: As in `set_status`.
    """
    world = world.for_return(return_id)
    if not world.portal.abilities.takes_comments:
        name = world.live.merchant.portal_name
        raise Permanent("portal.no_comments", f"{name} takes no comments")
    about = f"operator/{request.id}"
    _require_sane(text, world, marker_of(comment_key(world.merchant, return_id, about)))
    asked = _asked(world, return_id, request)
    if asked is None:
        world.portal.read_return(return_id)
        asked = OperatorActed(act="comment", subject=request.subject, outcome="asked")
        _tell(world, return_id, request, asked)
    _require_same(asked, "comment", "")
    return _carry_out(
        world, return_id, request, asked, lambda: add_comment(world, return_id, about, text)
    )


def _carry_out(
    world: World,
    return_id: str,
    request: Request,
    asked: OperatorActed,
    act: Callable[[], Done],
) -> Done:
    try:
        done = act()
    except Permanent as verdict:
        if verdict.code == "operation.unknown_outcome":
            raise
        refused = {"outcome": "refused", "note": verdict.reason}
        _tell(world, return_id, request, asked.model_copy(update=refused))
        raise
    _tell(world, return_id, request, asked.model_copy(update={"outcome": "done"}))
    return done


def _asked(world: World, return_id: str, request: Request) -> OperatorActed | None:
    """What this request asked for, when it was made before."""
    return next(
        (fact for fact in _acts(world, return_id, request) if fact.outcome == "asked"), None
    )


def _acts(world: World, return_id: str, request: Request) -> list[OperatorActed]:
    timeline = world.stores.returns.timeline(world.merchant, return_id)
    facts = (event.fact for event in timeline)
    return [
        fact
        for fact in facts
        if isinstance(fact, OperatorActed) and fact.subject == request.subject
    ]


def _require_same(asked: OperatorActed, act: str, status: str) -> None:
    if (asked.act, asked.status) != (act, status):
        words = f"{asked.act.replace('_', ' ')} {asked.status}".strip()
        raise Permanent(
            "request.another", f"this request asked for something else ({words}); use another id"
        )


def _tell(world: World, return_id: str, request: Request, fact: OperatorActed) -> None:
    """Onto the timeline, once: an earlier try may have ended here."""
    if fact in _acts(world, return_id, request):
        return
    stores = world.stores
    record_act(
        stores.returns, stores.clock, world.merchant, return_id, request.who, fact, begin=True
    )


def _require_sane(text: str, world: World, marker: str) -> None:
    if not text.strip():
        raise Permanent("comment.empty", "the comment is empty")
    if not text.replace("\n", "").isprintable():
        raise Permanent("comment.unprintable", "the comment holds characters that cannot be shown")
    longest = world.portal.abilities.longest_comment
    room = LONGEST_COMMENT if longest is None else longest - len(marker) - 3
    if len(text) > room:
        raise Permanent(
            "comment.too_long", f"the comment has {len(text)} characters; there is room for {room}"
        )
