"""A flow's world in which nothing is written, for plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.sync.plan import SyncPlan, plan_sync
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.ports import ParkedItem

READS = {
    "ledger": (),
    "cursors": ("read", "standing"),
    "returns": ("load", "timeline", "find", "open_external_returns", "walk", "due"),
    "capabilities": ("get", "rma_proof"),
    "records": ("load", "load_many", "timeline", "made_by", "in_work"),
}
"""What may be asked of the hub's own stores, by store."""


def plan_flow(flow: FlowName, world: ErpWorld, *, limit: int) -> dict[str, SyncPlan]:
    """What the next run of each of a flow's sources would do, by the source's name.

    Nothing is recorded and no person is asked, whatever the flow's mode. The partners of the world
    should refuse writes as well (`bootstrap.Hub.reading_only`).

    Args:
        flow: Which.
        world: The merchant's, made for this run.
        limit: At most so many records of a source.
    """
    dry = dry_world(world)
    return {source.name: plan_sync(source, dry.sync, limit=limit) for source in SOURCES[flow](dry)}


def dry_world(world: ErpWorld) -> ErpWorld:
    """The same world over stores that are only read."""
    stores = world.stores
    kept: dict[str, Any] = {
        name: _Reading(getattr(stores, name), reads)
        for name, reads in READS.items()
        if name != "records"
    }
    read = replace(stores, **kept, parking=cast(Any, _Unparked(stores.parking)))
    records: Any = _Reading(world.sync.records, READS["records"])
    sync = SyncWorld(replace(world.world, stores=read), records)
    return replace(world, sync=sync, is_plan=True)


class _Reading:
    """A store of which only these methods are there."""

    def __init__(self, behind: Any, reads: tuple[str, ...]) -> None:
        self._behind = behind
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        if name not in self._reads:
            raise RuntimeError(f"a plan writes nothing, and asks for {name}")
        return getattr(self._behind, name)


class _Unparked(_Reading):
    """`ports.Parking` where nothing is parked: the run will."""

    def __init__(self, behind: Any) -> None:
        super().__init__(behind, ("list_parked",))

    def park(self, item: ParkedItem) -> None:
        """Nothing."""
