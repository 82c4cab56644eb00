"""Orders in the simulated Mintsoft for tests, and the warehouse's hands on them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Request
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.domain.warehouse_orders import OrderDraft, OrderLine, OrderStage, Recipient
from tests.support.fakes import START
from tests.support.worlds import KEY, Bench

LATER = START + timedelta(days=1)
PRODUCTS = {"TEE": 901, "MUG": 902, "CAP": 903}
STATUS = {
    OrderStage.NEW: 1,
    OrderStage.IN_WORK: 17,
    OrderStage.ON_HOLD: 7,
    OrderStage.CANCELLED: 3,
    OrderStage.FAILED: 8,
}
PAT = Recipient(
    country="DK",
    first_name="Patricia",
    last_name="Sample",
    address=("Example Street 1", "2nd floor"),
    town="Sampletown",
    postcode="9999",
    email="pat@example.test",
    phone="+45 99 99 99 99",
)


def draft(number: str = "DK-1001", *items: tuple[str, int], **changes: Any) -> OrderDraft:
    """An order of one shirt in Danish crowns, unless other items are named."""
    lines = tuple(OrderLine(sku, units, 18990) for sku, units in items or (("TEE", 1),))
    content: dict[str, Any] = {
        "number": number,
        "warehouse_id": 3,
        "recipient": PAT,
        "items": lines,
        "currency": "DKK",
        "external_reference": f"ref-{number}",
        "channel": "Miinto",
        "name_values": (("MiintoShop", "1!shop"), ("MiintoOrder", "77")),
    }
    return OrderDraft(**content | changes)


def orders_of(bench: Bench) -> MintsoftOrders:
    """The orders and stock of the bench's merchant."""
    connection = bench.live().merchant.mintsoft
    http = bench.http(connection.base_url, bench.to_mintsoft, "mintsoft")
    return MintsoftOrders(MintsoftClient(http, bench.credentials()), connection, clock=bench.clock)


class OrderBench(Bench):
    """`Bench` with stock, and the warehouse's hands."""

    def __init__(self, settings: Settings | None = None, **file: Any) -> None:
        super().__init__()
        self.file["mintsoft"] |= file
        self.mintsoft.settings = settings or Settings()
        self.mintsoft.seed({"stock": {"3": {"901": 100, "902": 100, "903": 100}}})
        self.orders = orders_of(self)

    def move(self, order_id: int, stage: OrderStage) -> None:
        """The order goes on, or is held up."""
        self.mintsoft.set_status(order_id, STATUS[stage])

    def despatch(self, order_id: int, *, tracking_number: str = "", tracking_url: str = "") -> None:
        self.mintsoft.despatch(
            order_id, courier_id=7, tracking_number=tracking_number, tracking_url=tracking_url
        )

    def split(self, order_id: int, units: dict[str, int]) -> int:
        return self.mintsoft.split(order_id, units).id

    def merge(self, order_id: int, other_id: int) -> None:
        self.mintsoft.merge(order_id, other_id)

    def set_stock(self, sku: str, units: int, quarantined: int = 0, warehouse_id: int = 3) -> None:
        self.mintsoft.set_stock(warehouse_id, PRODUCTS[sku], units, quarantined)

    def stranger(self, number: str, **changes: Any) -> None:
        """Another client of the 3PL has an order with this number."""
        foreign = {
            "ClientId": 13,
            "OrderNumber": number,
            "WarehouseId": 3,
            "Country": "GB",
            "CourierService": "AUTO",
            "OrderItems": [{"SKU": "OTHER", "Quantity": 1}],
        }
        self.raw("PUT", "/api/Order", foreign | changes)

    def raw(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A request of somebody else's."""
        content = json.dumps(body).encode() if body is not None else b""
        reply = self.mintsoft.handle(Request(method, path, query, {"ms-apikey": KEY}, content))
        return json.loads(reply.body) if reply.body else reply.status

    def journal(self, call: str) -> list[dict[str, Any]]:
        """Writes of this kind that Mintsoft accepted from anybody."""
        return [entry for entry in self.mintsoft.journal if entry["call"] == call]
