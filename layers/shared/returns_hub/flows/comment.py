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
    with its marker.
    """
    operation = world.operation(
        comment_key(world.merchant, return_id, about),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=retry_rejected,
    )

    def send(send_by: datetime) -> str:
        world.portal.add_comment(return_id, f"{text} [{operation.marker}]", send_by)
        return operation.marker

    def look_up(_: Claim) -> LookUp:
        told = any(operation.marker in comment for comment in world.portal.comments(return_id))
        return Found(operation.marker) if told else NotFound()

    return world.run(operation, send=send, look_up=look_up)
