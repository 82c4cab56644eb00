"""What this tenant's warehouse API can do, found out by reads alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.facts import ExternalReturnMade
from returns_hub.domain.operations import create_external_return_key, marker_of
from returns_hub.domain.receipts import Receipt
from returns_hub.errors import Verdict
from returns_hub.flows.world import World
from returns_hub.ports import Capabilities

PROBE_EVERY = timedelta(hours=24)
PROBE_UNPROVEN_EVERY = timedelta(minutes=15)


def probe_if_due(world: World) -> Capabilities:
    """What is proven about the warehouse's API; probes again when that is old or incomplete.

    A probe that fails leaves what was known: finding receipts goes on without it.
    """
    store, now = world.stores.capabilities, world.stores.clock.now()
    known = store.get(world.merchant)
    every = PROBE_EVERY if known.marker_look_up else PROBE_UNPROVEN_EVERY
    if known.probed_at is not None and now - known.probed_at < every:
        return known
    try:
        return probe(world)
    except Verdict as verdict:
        world.stores.telemetry.log("the probe failed", code=verdict.code, reason=verdict.reason)
        return known


def probe(world: World) -> Capabilities:
    """Probe now, and keep the findings."""
    found = world.warehouse.probe(*_one_of_ours(world))
    world.stores.capabilities.put(world.merchant, found)
    return found


def _one_of_ours(world: World) -> tuple[Receipt | None, str | None, datetime | None]:
    """The oldest open external return of ours, with its marker and when it was made."""
    returns = world.stores.returns
    for external_return_id, return_id in returns.open_external_returns(world.merchant, 0, 1):
        for event in returns.timeline(world.merchant, return_id):
            fact = event.fact
            if isinstance(fact, ExternalReturnMade) and (
                fact.external_return_id == external_return_id and fact.how != "adopted"
            ):
                shipment = returns.load(world.merchant, return_id).shipment(fact.shipment)
                attempt = shipment.attempt if shipment else 0
                key = create_external_return_key(world.merchant, return_id, fact.shipment, attempt)
                receipt = world.warehouse.read_external_return(external_return_id)
                return receipt, marker_of(key), event.at
    return None, None, None
