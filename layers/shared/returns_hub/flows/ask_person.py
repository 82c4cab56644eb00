"""A person is asked to look, while the flows go on."""

from __future__ import annotations

from returns_hub.domain.events import replay_of
from returns_hub.domain.facts import Parked
from returns_hub.errors import Permanent
from returns_hub.flows.world import World


def ask_person(
    world: World, return_id: str, *, flow: str, about: str, code: str, reason: str
) -> Parked:
    """Put an item into the list of parked work that no work waits for; its fact for the timeline.

    `about` tells items of one flow and return apart; asked twice about the same, one item is kept.
    """
    parked_id = f"{flow}/{return_id}/{about}"
    thin = replay_of(world.merchant, return_id, world.stores.clock.now())
    world.park(flow, parked_id, Permanent(code, reason), subject=return_id, payload=thin)
    return Parked(flow=flow, parked_id=parked_id, code=code, reason=reason, beside=True)
