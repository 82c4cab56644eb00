"""A merchant whose purchase orders come by the warehouse, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.unleashed.shapes import Record
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.unleashed.goods.untold import untold_receipts
from tests.support.erp_worlds import ErpBench

ORDERS, RECEIPTS = "unleashed.purchase_orders", "unleashed.receipts"
TEE, BLUE = "TEE-RED-M", "TEE-BLU-L"


class PurchaseBench(ErpBench):
    """`ErpBench` with both flows live, and the hands of a buyer.

    Args:
        receipts: Settings of the receipts.
        purchases: Settings of the import.
        settings: Mintsoft's quirks.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self,
        receipts: dict[str, Any] | None = None,
        purchases: dict[str, Any] | None = None,
        settings: Settings | None = None,
        **block: Any,
    ) -> None:
        super().__init__(settings=settings, **block)
        self.set("purchase_orders", **(purchases or {}))
        self.set("receipts", **(receipts or {}))
        self.hands = Hands(self.desk_there)
        for product_id, sku in ((851, "MUG-RED"), (852, "WATCH-01")):
            row = {"sku": sku, "name": sku, "client_id": 12}
            self.mintsoft.seed({"products": {str(product_id): row}})

    # -- what people do ---------------------------------------------------------------------

    def place(self, goods: dict[str, Any] | None = None, **more: Any) -> str:
        """A purchase order, now; its Guid."""
        self.clock.advance(minutes=1)
        return str(self.hands.place_purchase("MILL", goods or {TEE: 5}, **more)["guid"])

    def order(self, guid: str) -> Record:
        """A purchase order as Unleashed keeps it."""
        found: Record = self.desk_there.company.one("PurchaseOrders", guid)
        return found

    def lines(self, guid: str) -> list[Record]:
        rows: list[Record] = self.order(guid)["PurchaseOrderLines"]
        return rows

    def touch(self, guid: str, **fields: Any) -> None:
        """A person changes fields of a purchase order."""
        self.clock.advance(seconds=10)
        self.order(guid).update(fields)
        self.desk_there.company.touch(self.order(guid), "clerk@example.test")

    def edit_line(self, guid: str, at: int = 0, **fields: Any) -> None:
        """A person changes a line."""
        self.lines(guid)[at].update(fields)
        self.touch(guid)

    def order_more(self, guid: str, units: int, at: int = 0) -> None:
        """A person has a line order another number, at its price."""
        line = self.lines(guid)[at]
        total = Decimal(units) * line["UnitPrice"]
        tax = total * Decimal("0.2")
        self.edit_line(guid, at, OrderQuantity=Decimal(units), LineTotal=total, LineTax=tax)

    def receipt_by_hand(self, guid: str, *units: int) -> None:
        """A person receipts goods in Unleashed."""
        for line, many in zip(self.lines(guid), units, strict=True):
            line["ReceiptQuantity"] = Decimal(many)
        self.desk_there.purchases.receive(self.order(guid), "clerk@example.test")

    def lose(self, path: str, kind: FaultKind = FaultKind.RESET_AFTER, **more: Any) -> None:
        """The answer to the next such write at Unleashed is lost."""
        self.unleashed.faults.add(Fault(kind, path=path, **{"method": "POST", **more}))

    def lose_at_mintsoft(self, path: str, method: str = "PUT", **more: Any) -> None:
        """The same at Mintsoft."""
        fault = Fault(FaultKind.RESET_AFTER, path=path, method=method, **more)
        self.mintsoft.faults.add(fault)

    # -- what happens -----------------------------------------------------------------------

    def announced(self, goods: dict[str, Any] | None = None, **more: Any) -> tuple[str, int]:
        """A purchase order whose ASN was made: its Guid, and the ASN's id."""
        guid = self.place(goods, **more)
        self.run("purchase_orders")
        return guid, self.asn_of(guid)

    def both(self, **later: float) -> None:
        """One tick of both flows."""
        self.run("purchase_orders", **later)
        self.run("receipts", **(later or {"seconds": 1}))

    def settle(self, ticks: int = 6) -> None:
        """Some hours of both flows."""
        for _ in range(ticks):
            self.run("purchase_orders", minutes=30)
            self.run("receipts", minutes=5)

    # -- what came of it --------------------------------------------------------------------

    def asn_of(self, guid: str) -> int:
        """The id of the ASN that was made for it."""
        return int(self.state_of(ORDERS, guid).partner_id("asn"))

    def record(self, guid: str) -> SyncState:
        """Where its receipt stands."""
        return self.state_of(RECEIPTS, guid)

    def made(self) -> list[dict[str, Any]]:
        """ASNs that Mintsoft made through its API."""
        return self.journal("create-asn")

    def stock(self, code: str = TEE) -> int:
        """Units in Unleashed's MAIN."""
        return int(self.desk_there.stock_levels()["MAIN"][code])

    def booked(self, guid: str) -> list[int]:
        """Units that were receipted there, line by line."""
        return [int(line["_receipted"]) for line in self.lines(guid)]

    def posts(self, what: str = "Receipt") -> int:
        """Calls of this kind that Unleashed was asked for."""
        asked = self.to_unleashed.requests
        return sum(one.method == "POST" and one.path.endswith(f"/{what}") for one in asked)

    def untold(self, code: str = TEE) -> int:
        """Units that the stock sync is told are on their way to being receipted."""
        places = untold_receipts(self.erp_world("stock"))
        return sum(skus[code].received for skus in places.values() if code in skus)
