"""A flag in the portal with its note, set once."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, flag_key
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Permanent
from returns_hub.flows.comment import add_comment
from returns_hub.flows.world import World

SETTLE_SECONDS = 10.0
GIVE_UP_SECONDS = 24 * 3600.0


def flag_return(
    world: World, return_id: str, about: str, note: str, *, retry_rejected: bool = False
) -> None:
    """Flag a return; the note goes first, so that a flag is never unexplained.

    The look-up is conclusive: the status is read back, and setting it moves neither money nor
    goods. `about` names why, and keeps it from being flagged twice for it.

    Raises:
        Permanent: The portal has no flags; a person is to be asked.
    """
    if not world.portal.abilities.flags:
        raise Permanent("portal.no_flags", f"{note}; the portal has no flag to set")
    add_comment(world, return_id, about, note, retry_rejected=retry_rejected)
    operation = world.operation(
        flag_key(world.merchant, return_id, about),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=retry_rejected,
    )

    def send(send_by: datetime) -> str:
        world.portal.set_status(return_id, ReturnStatus.FLAGGED, send_by)
        return "flagged"

    def look_up(_: Claim) -> LookUp:
        now = world.portal.read_return(return_id)
        if now.is_closed or now.status is ReturnStatus.FLAGGED:
            return Found("flagged")
        return NotFound()

    world.run(operation, send=send, look_up=look_up)
