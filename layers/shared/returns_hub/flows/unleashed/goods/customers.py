"""Customers of Unleashed: their Guids are kept by code, so that asking for one takes one request.

Nothing is written to a partner, and no name and no address is kept anywhere: orders without an
address read the customer's when they need it (`ports.erp.ErpCustomers.address_of`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import CUSTOMERS
from returns_hub.flows.sync.shape import Change, Plan, Reached
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.product_list import EVERYTHING, NOTHING_BEFORE


class CustomersSource:
    """`flows.sync.shape.Source` and `LongList`, without records: a customer has no timeline."""

    name = CUSTOMERS
    overlap = timedelta(minutes=10)
    first_look_back = EVERYTHING

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._settings = world.connection.customers
        self._size = world.connection.page_size

    @property
    def mode(self) -> Mode:
        """See `Source.mode`; it only reads, so that shadow is as good as live."""
        return self._settings.mode

    @property
    def every(self) -> timedelta:
        """See `Source.every`."""
        return timedelta(hours=self._settings.every_hours)

    @property
    def basis(self) -> str:
        """See `LongList.basis`."""
        return ""

    def pull(self, since: datetime) -> Iterator[Change[None]]:
        """See `Source.pull`."""
        for told in self.pull_from(since, ""):
            if isinstance(told, Change):
                yield told

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[None] | Reached]:
        """See `LongList.pull_from`; a place is ``page/size``."""
        number, _, size = place.partition("/")
        first = int(number) if number.isdigit() and size == str(self._size) else 1
        changed = None if since < NOTHING_BEFORE else since
        telemetry = self._world.stores.telemetry
        for page in self._world.erp.customers.learn(changed, first):
            telemetry.count("UnleashedCustomers", page.count, merchant=self._world.merchant)
            yield Reached(f"{page.number}/{self._size}")

    def read(self, key: str) -> None:
        """See `Source.read`."""

    def plan(self, change: Change[None], state: SyncState) -> Plan:  # noqa: ARG002 - as `Source`
        """See `Source.plan`; there is never anything to plan."""
        return Plan()


def sources(world: ErpWorld) -> list[CustomersSource]:
    """The flow's sources."""
    return [CustomersSource(world)]
