"""Which flows of a merchant have something to do now, found by one small read for each source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import FLOW_NAMES, UnleashedConnection
from returns_hub.errors import Verdict
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.unleashed.beside import look_at_polling, waiting_in
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import SOURCES


def flows_on(connection: UnleashedConnection) -> tuple[FlowName, ...]:
    """Flows that are switched on and that this release has, in the order of a run."""
    modes = connection.modes
    return tuple(name for name in FLOW_NAMES if modes[name] is not Mode.OFF and name in SOURCES)


def flows_missing(connection: UnleashedConnection) -> tuple[FlowName, ...]:
    """Flows that are switched on, and that this release does not have: nothing is done."""
    modes = connection.modes
    return tuple(name for name in FLOW_NAMES if modes[name] is not Mode.OFF and name not in SOURCES)


def flows_due(
    connection: UnleashedConnection,
    world_of: Callable[[FlowName], ErpWorld],
    now: datetime,
) -> tuple[FlowName, ...]:
    """Flows whose interval is over, whose list was not read to its end, or with work that comes
    back or was told of; those that are at work now are left.

    No partner is asked. A flow of which it cannot be told is due: its own run tells why.
    """

    def is_due(flow: FlowName) -> bool:
        try:
            return _is_due(world_of(flow), flow, now)
        except Verdict:
            return True

    return tuple(flow for flow in flows_on(connection) if is_due(flow))


def _is_due(world: ErpWorld, flow: FlowName, now: datetime) -> bool:
    due = False
    for source in SOURCES[flow](world):
        standing = world.stores.cursors.standing(cursor_name(source.name, world.merchant))
        cursor = SyncCursor.of(standing.value)
        look_at_polling(source, cursor, world)
        if standing.held_until is not None:
            return False
        due = due or bool(cursor.later) or cursor.is_due(source, now)
    return due or waiting_in(flow, world)
