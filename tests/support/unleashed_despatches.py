"""Sales orders that are in the warehouse, and the hands of those who send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.unleashed.hands import SalesHands
from local.simulators.wire import Core, Reply, Request
from returns_hub.domain.sync.records import (
    RecordSeen,
    RecordSettled,
    StepDone,
    StepPlanned,
    SyncFact,
    SyncState,
)
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.names import DESPATCHES as NAME
from returns_hub.flows.sync.sync_world import Draft, SyncWorld
from returns_hub.flows.unleashed.run import run_flow
from tests.support.erp_worlds import ErpBench
from tests.support.in_process import InProcess
from tests.support.order_worlds import draft

MORE_PRODUCTS = {"MUG-RED": 851, "WATCH-01": 852, "CARRIAGE": 853}


class Meddler:
    """Unleashed, where something happens before or after a request that is waited for.

    `before` and `after` are called with each request; what they raise is what its caller gets.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.before: Callable[[Request], None] = lambda _: None
        self.after: Callable[[Request], None] = lambda _: None

    def handle(self, request: Request) -> Reply:
        self.before(request)
        reply = self._core.handle(request)
        self.after(request)
        return reply


def once(method: str, path: str, do: Callable[[], object]) -> Callable[[Request], None]:
    """Do something at the first such request."""
    done: list[object] = []

    def at(request: Request) -> None:
        if request.method == method and path in request.path and not done:
            done.append(None)
            do()

    return at


class DespatchBench(ErpBench):
    """`ErpBench` whose despatches are live, with orders that the warehouse has."""

    def __init__(
        self, *, management: bool = False, settings: Settings | None = None, **block: Any
    ) -> None:
        super().__init__(management=management, settings=settings, **block)
        self.set("despatches", shipping_companies={"DHL Parcel Connect": "DPD"})
        self.clerk = SalesHands(self.desk_there)
        self.meddler = Meddler(self.unleashed)
        self.to_unleashed = InProcess(self.meddler)
        known = {
            str(key): {"sku": sku, "name": sku, "client_id": 12}
            for sku, key in MORE_PRODUCTS.items()
        }
        units = {str(key): 20 for key in MORE_PRODUCTS.values()}
        self.mintsoft.seed({"products": known, "stock": {"3": units}})

    # -- orders -----------------------------------------------------------------------------

    def sell(self, goods: Mapping[str, int], **more: Any) -> tuple[str, int]:
        """A sales order that the warehouse has: its Guid, and Mintsoft's id."""
        made = self.clerk.place_order("BOUTIQUE", goods, **more)
        return made["guid"], self.send_on("order", made["guid"], made["number"], goods)

    def sell_shipment(self, goods: Mapping[str, int], **more: Any) -> tuple[str, int]:
        """A placed shipment of an order with these goods, that the warehouse has."""
        order = self.clerk.place_order("BOUTIQUE", goods, **more)
        made = self.clerk.ship(order["number"])
        return made["guid"], self.send_on("shipment", made["guid"], made["number"], goods)

    def send_on(self, kind: str, guid: str, number: str, goods: Mapping[str, int]) -> int:
        """Mintsoft gets a record of Unleashed's, as the flow that imports it makes it."""
        order = draft(
            number,
            *goods.items(),
            external_reference=reference_of(kind, guid),
            channel="",
            currency="GBP",
        )
        made = self.orders.create_order(order, self.clock.now() + timedelta(minutes=1)).order_id
        self.imported(kind, guid, made)
        return made

    def imported(self, kind: str, guid: str, order_id: int) -> SyncState:
        """The importing flow's timeline of a record that it made an order for."""
        sync = SyncWorld(self.world(), self.records)
        written = Draft(sync, sync.load(f"unleashed.{kind}s", guid))
        facts: tuple[SyncFact, ...] = (
            RecordSeen(source_version="1"),
            StepPlanned(step="order", summary="an order"),
            StepDone(step="order", partner_id=str(order_id), how="sent"),
            RecordSettled(source_version="1", outcome="made"),
        )
        written.note("test", *facts)
        written.write()
        return written.state

    def tell(self, **later: float) -> dict[str, int]:
        """One tick of the flow, 20 minutes later unless it is said; endings of what is told."""
        self.clock.advance(**(later or {"minutes": 20}))
        return run_flow("despatches", self.erp_world("despatches"))[NAME]

    # -- what came of it --------------------------------------------------------------------

    def asked_there(self) -> list[Request]:
        """Requests to Unleashed about despatches; each tick lists what was dispatched besides."""
        listed = "shipmentStatus=Dispatched"
        return [asked for asked in self.to_unleashed.requests if listed not in asked.target]

    def told(self, key: str) -> SyncState:
        """Where the despatch of a record stands; of an order unless it says."""
        return self.state_of(NAME, key if "/" in key else f"orders/{key}")

    def status(self, guid: str) -> str:
        """An order's status in Unleashed."""
        return str(self.desk_there.company.one("SalesOrders", guid)["OrderStatus"])

    def shipments(self) -> list[dict[str, Any]]:
        """Every shipment in Unleashed but deleted ones, oldest first."""
        rows = self.desk_there.records("SalesShipments")
        shown = [row for row in rows if row["ShipmentStatus"] != "Deleted"]
        return sorted(shown, key=lambda row: str(row["ShipmentNumber"]))

    def goods(self) -> list[tuple[str, dict[str, int]]]:
        """Status and units by SKU of every shipment."""
        return [
            (
                row["ShipmentStatus"],
                {
                    line["Product"]["ProductCode"]: int(line["ShipmentQty"])
                    for line in row["SalesShipmentLines"]
                },
            )
            for row in self.shipments()
        ]

    def on_hand(self, sku: str) -> int:
        """Units that Unleashed has in MAIN."""
        return int(self.desk_there.stock_levels()["MAIN"][sku])

    def happened(self, what: str) -> int:
        """How often it happened in Unleashed."""
        return sum(row["what"] == what for row in self.desk_there.company.journal)

    def fault_there(self, kind: FaultKind, **fault: Any) -> None:
        """Something goes wrong at Unleashed."""
        self.unleashed.faults.add(Fault(kind, **fault))
