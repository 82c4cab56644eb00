"""Sales orders on `ErpBench`: what is placed in Unleashed, and what the warehouse got."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.mintsoft.tenant import Order
from local.simulators.unleashed.hands import SalesHands
from returns_hub.adapters.unleashed.erp import erp_of
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import CALLS
from tests.support.erp_worlds import ErpBench

FLOW = "unleashed.orders"
ADDRESS = {
    "DeliveryName": "Patricia Sample",
    "DeliveryStreetAddress": "1 Test Street",
    "DeliveryStreetAddress2": "Top floor",
    "DeliverySuburb": "Testside",
    "DeliveryCity": "Leeds",
    "DeliveryRegion": "Yorkshire",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
}
MOVED = ADDRESS | {"DeliveryStreetAddress": "2 Other Road", "DeliveryCity": "York"}
TEE, BLUE, CAP = "TEE-RED-M", "TEE-BLU-L", "CAP-BLACK"


class _Customers:
    """Customers of whom only the address is asked."""

    def __init__(self, address_of: Callable[[str], Recipient | None]) -> None:
        self.address_of = address_of


class OrdersBench(ErpBench):
    """`ErpBench` with the orders flow live.

    Args:
        orders: The flow's settings.
        mintsoft: Mintsoft's quirks.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self,
        orders: dict[str, Any] | None = None,
        *,
        mintsoft: Settings | None = None,
        **block: Any,
    ) -> None:
        super().__init__(settings=mintsoft, **block)
        self.set("orders", **orders or {})
        self.hands = SalesHands(self.desk_there)
        self.customers_address: Callable[[str], Recipient | None] | None = None

    # -- Unleashed --------------------------------------------------------------------------

    def place(
        self,
        goods: dict[str, Any] | None = None,
        *,
        customer: str = "WEBSHOP",
        address: dict[str, str] | None = None,
        **how: Any,
    ) -> tuple[str, str]:
        """A sales order with an address; its Guid and its number."""
        fields = {**(ADDRESS if address is None else address), **how.pop("fields", {})}
        made = self.hands.place_order(customer, goods or {TEE: 2}, fields=fields, **how)
        return made["guid"], made["number"]

    def asked_there(self, path: str) -> list[str]:
        """Calls to Unleashed whose path begins so, as they were on the wire."""
        return [asked.target for asked in self.to_unleashed.requests if asked.path.startswith(path)]

    def erp_world(self, flow: FlowName) -> ErpWorld:
        found = super().erp_world(flow)
        kind = CALLS.get(flow, CallClass.REGULAR)
        account = self.unleashed_account().counted_as(kind, at_most=self.connection.calls_per_run)
        erp = erp_of(account)
        if self.customers_address is not None:
            erp = replace(erp, customers=cast("Any", _Customers(self.customers_address)))
        return replace(found, erp=erp)

    # -- Mintsoft ---------------------------------------------------------------------------

    def got(self, number: str) -> Order:
        """The warehouse's only order with this number."""
        (found,) = self.all_with(number)
        return found

    def all_with(self, number: str) -> list[Order]:
        """The warehouse's orders with this number."""
        return [order for order in self.mintsoft.orders.values() if order.number == number]

    def units(self, number: str) -> dict[str, int]:
        """What the warehouse's order holds."""
        return {item.sku: item.quantity for item in self.got(number).items}

    def fault(self, kind: FaultKind, path: str, times: int = 1, **more: Any) -> None:
        """Something goes wrong with the next calls to Mintsoft."""
        self.mintsoft.faults.add(Fault(kind, path=path, times=times, **more))

    def fault_there(self, kind: FaultKind, path: str, times: int = 1, **more: Any) -> None:
        """Something goes wrong with the next calls to Unleashed."""
        self.unleashed.faults.add(Fault(kind, path=path, times=times, **more))

    # -- the hub ----------------------------------------------------------------------------

    def record(self, guid: str) -> SyncState:
        """Where the hub stands with an order."""
        return self.state_of(FLOW, guid)

    def told(self, guid: str) -> list[str]:
        """Codes of what was told once about an order."""
        return list(self.record(guid).skips)


def made(bench: OrdersBench) -> int:
    """Orders that Mintsoft made for anybody."""
    return len(bench.journal("create-order"))


def until(bench: OrdersBench, word: str, **later: float) -> None:
    """Ticks until a run ends a record so."""
    for _ in range(8):
        if word in bench.run("orders", **later):
            return
    raise AssertionError(f"no run ended with {word}; parked: {bench.reasons()}")
