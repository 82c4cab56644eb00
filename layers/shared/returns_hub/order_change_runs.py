"""One invocation's work: a batch of orders that changed upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.flows.relay.change_order import receive_order_change
from returns_hub.flows.relay.order_change_source import OrderChangeWorld
from returns_hub.flows.sync.sync_world import SyncWorld

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

WORST_CASE_CHANGE_SECONDS = 48.0
"""A little more than one request to a partner may take: a change that is begun can make one."""


class OrderChangeRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def batch(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of messages; the partial batch response."""
        hub, stores = self._hub, self._hub.stores()
        return hub.batch(
            event,
            lambda body: receive_order_change(body, stores, lambda m: order_change_world(hub, m)),
            hub.settings.order_changes_queue_url,
            worst_case=WORST_CASE_CHANGE_SECONDS,
        )


def order_change_world(hub: Hub, merchant: str) -> OrderChangeWorld:
    """One merchant's world for changes of its orders.

    Raises:
        Permanent: No such merchant.
        Misconfigured: This function was given no table of timelines.
    """
    world = hub.world(merchant)
    connection = world.live.merchant
    client = MintsoftClient(hub.mintsoft_http(connection), hub.credentials(world.live))
    return OrderChangeWorld(
        sync=SyncWorld(world, hub.sync_records()),
        orders=MintsoftOrders(client, connection.mintsoft, clock=hub.clock),
    )
