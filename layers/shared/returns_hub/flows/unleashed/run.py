"""One run of one flow between Unleashed and the warehouse."""

from __future__ import annotations

from returns_hub.domain.unleashed.settings import FlowName
from returns_hub.errors import Verdict
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.unleashed.warehouse_problems import FLOW, tell_problems


def run_flow(flow: FlowName, world: ErpWorld, *, now: bool = False) -> dict[str, dict[str, int]]:
    """Run a flow's sources, each under the lease of its own cursor.

    Args:
        flow: Which.
        world: The merchant's, made for this run.
        now: Though its interval is not over.

    Returns:
        By the source's name how many records ended in which way.
    """
    ended = {source.name: run_sync(source, world.sync, now=now) for source in SOURCES[flow](world)}
    if world.asked_for_places:
        try:
            tell_problems(world)
        except Verdict as verdict:
            world.world.run_failed(verdict, flow=FLOW)
    return ended
