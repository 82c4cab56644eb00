"""One run of one flow between Unleashed and the warehouse."""

from __future__ import annotations

from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.errors import Verdict
from returns_hub.flows.sync.told import run_record
from returns_hub.flows.unleashed.beside import mailbox_of, run_beside, told_source
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
    ended = {
        source.name: run_beside(flow, source, world, now=now) for source in SOURCES[flow](world)
    }
    if world.asked_for_places:
        _tell_problems(world)
    return ended


def run_told(flow: FlowName, world: ErpWorld, key: str, *, is_sure: bool = False) -> dict[str, int]:
    """Deal with one record that the webhook told of; see `flows.sync.told.run_record`."""
    source = told_source(flow, world)
    ended = run_record(source, world.sync, key, is_sure=is_sure)
    if world.asked_for_places:
        _tell_problems(world)
    return ended


def leave_told(flow: FlowName, world: ErpWorld, key: str) -> None:
    """Leave a record that the webhook told of to the flow's next run.

    Raises:
        Retryable: Not now.
    """
    mailbox_of(told_source(flow, world), world).put(key)


def _tell_problems(world: ErpWorld) -> None:
    try:
        tell_problems(world)
    except Verdict as verdict:
        world.world.run_failed(verdict, flow=FLOW)
