"""What a run leaves behind: its cursor, and how its records ended."""

from __future__ import annotations

from returns_hub.errors import Conflict
from returns_hub.flows.sync.cursor import SyncCursor
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.ports import Lease


def advance(world: SyncWorld, lease: Lease, cursor: SyncCursor) -> bool:
    """Store where a run ended; False where another run goes on, whose word counts."""
    try:
        world.stores.cursors.advance(lease, cursor.to_json())
    except Conflict:
        telemetry = world.stores.telemetry
        telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
        return False
    return True


def tell(flow: str, world: SyncWorld, endings: dict[str, int]) -> None:
    """Count and log how a run's records ended."""
    telemetry = world.stores.telemetry
    for ending, count in endings.items():
        telemetry.count("Synced", count, flow=flow, merchant=world.merchant, outcome=ending)
    telemetry.log("sync run", flow=flow, **endings)
