"""A comment on the portal's timeline, added once."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, comment_key
from returns_hub.flows.operation import Done
from returns_hub.flows.world import World

SETTLE_SECONDS = 30.0
GIVE_UP_SECONDS = 24 * 3600.0


def add_comment(
    world: World, return_id: str, about: str, text: str, *, retry_rejected: bool = False
) -> Done:
    """Add a comment for the team. `about` names what it tells, and keeps it from being told twice.

    The look-up is conclusive: the portal lists every comment of a return, and each of ours ends
    with its marker. A text that is too long for the portal is cut; the timeline has it whole.
    Where the portal takes no comments nothing is written: what is told stands in facts of the hub's
    own timeline.
    """
    if not world.portal.abilities.takes_comments:
        return Done("", "already")
    operation = world.operation(
        comment_key(world.merchant, return_id, about),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=retry_rejected,
    )

    fitting = _fitting(text, operation.marker, world.portal.abilities.longest_comment)

    def send(send_by: datetime) -> str:
        world.portal.add_comment(return_id, fitting, send_by)
        return operation.marker

    def look_up(_: Claim) -> LookUp:
        told = any(operation.marker in comment for comment in world.portal.comments(return_id))
        return Found(operation.marker) if told else NotFound()

    return world.run(operation, send=send, look_up=look_up)


def _fitting(text: str, marker: str, longest: int | None) -> str:
    """The comment, cut to what the portal takes; never its marker, by which it is looked up."""
    whole = f"{text} [{marker}]"
    if longest is None or len(whole) <= longest:
        return whole
    ending = f"\u2026 [{marker}]"
    return text[: longest - len(ending)] + ending
