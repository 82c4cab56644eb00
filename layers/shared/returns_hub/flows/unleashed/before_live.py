"""Records that were made before the merchant went live: the connector's that was there before."""

from __future__ import annotations

from datetime import datetime

from returns_hub.errors import Skip
from returns_hub.flows.unleashed.erp_world import ErpWorld


def is_of_before(world: ErpWorld, made: datetime | None, *, if_unknown: bool = False) -> bool:
    """Whether a record is of the time before `live_from`; none is where the file does not say it,
    as it may in shadow.

    Args:
        world: The merchant's.
        made: When the record was made; None when it does not tell.
        if_unknown: What is taken to be so then.
    """
    live_from = world.world.live.merchant.live_from
    if live_from is None:
        return False
    return if_unknown if made is None else made < live_from


def of_before(what: str) -> Skip:
    """Why such a record is left.

    Args:
        what: Names it, for people.
    """
    return Skip(
        "unleashed.before_live",
        f"{what} was made before live_from, and is left to the connector that was there before",
    )
