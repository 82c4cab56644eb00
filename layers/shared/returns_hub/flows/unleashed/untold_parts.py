"""What every flow's part of `untold` is found with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.names import DESPATCHES
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.endings import key_in
from returns_hub.flows.sync.shape import Source
from returns_hub.flows.unleashed.despatches.parts import Kind, RecordKey
from returns_hub.flows.unleashed.erp_world import ErpWorld

Untold = Mapping[int, Mapping[str, InFlight]]
"""By Mintsoft's warehouse id, by SKU."""
ByWarehouse = dict[int, Counter[str]]
"""Units by the warehouse's id and SKU, while they are counted."""


def asked_about(world: ErpWorld, flow: str) -> Iterator[str]:
    """Keys of a flow's records that a person is asked about."""
    for item in world.stores.parking.list_parked(world.merchant):
        key = key_in(item.payload) if item.flow == flow else None
        if key is not None:
            yield key


def despatches_asked_about(world: ErpWorld, kind: Kind) -> frozenset[str]:
    """Guids of records of whose despatch a person is asked: the warehouse may have cancelled, or
    changed, what it was sent."""
    keys = (RecordKey.of(key) for key in asked_about(world, DESPATCHES))
    return frozenset(key.guid for key in keys if key.kind == kind)


def read_since(world: ErpWorld, source: Source[Any]) -> datetime:
    """From when on a source's list has to be read to have all that its flow did not look at."""
    cursor = SyncCursor.of(world.stores.cursors.read(cursor_name(source.name, world.merchant)))
    return cursor.live_reads_from(source, world.stores.clock.now())


def counts_orders(world: ErpWorld, flow: FlowName) -> bool:
    """Whether units that are ordered count: where stock that is not allocated is compared with
    stock that is not allocated, and the flow tells the warehouse of orders."""
    connection = world.connection
    return connection.stock.count == "on_hand" and connection.is_live(flow)


def as_ordered(counted: ByWarehouse) -> dict[int, dict[str, InFlight]]:
    """Units that are counted as ordered."""
    return {
        place: {sku: InFlight(ordered=units) for sku, units in found.items() if units}
        for place, found in counted.items()
    }


def add(total: dict[int, dict[str, InFlight]], place: int, sku: str, part: InFlight) -> None:
    """Add what is on its way to what is known of the warehouse's SKU."""
    of_place = total.setdefault(place, {})
    of_place[sku] = of_place.get(sku, InFlight()) + part
