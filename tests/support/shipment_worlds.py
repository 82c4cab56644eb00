"""Shipments of Unleashed for tests: the hands of its people, and what the warehouse has of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.tenant import CANCELLED, Order
from local.simulators.unleashed.hands import SalesHands
from local.simulators.unleashed.replies import wrong
from local.simulators.unleashed.shapes import decimals
from local.simulators.wire import Reply, Request
from returns_hub.domain.sync.records import StepDone, StepPlanned, SyncState
from returns_hub.flows.operator import discard, replay
from returns_hub.flows.sync.sync_world import Draft
from tests.support.erp_worlds import ErpBench
from tests.support.power import Mains, Power, PowerCut

Made = dict[str, Any]
"""Guid and number of a document."""
ADDRESS = {
    "DeliveryName": "J Example",
    "DeliveryStreetAddress": "1 Test Street",
    "DeliveryCity": "Leeds",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
}


class ShipmentBench(ErpBench):
    """`ErpBench` whose shipments are imported, with Order Management unless it is said.

    Args:
        management: Unleashed's switch.
        mode: Of the flow.
        splitting: Of the flow.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self,
        *,
        management: bool = True,
        mode: str = "live",
        splitting: bool = True,
        **block: Any,
    ) -> None:
        super().__init__(management=management, **block)
        self.set("shipments", mode=mode, splitting=splitting)
        self.sales = SalesHands(self.desk_there)
        self.most_promised: dict[str, int] = {}
        self.promised_too_much: list[dict[str, int]] = []
        self._watched = ""

    # -- people in Unleashed ----------------------------------------------------------------

    def order(self, goods: dict[str, Any], *, warehouse: str = "MAIN", **fields: Any) -> Made:
        """A sales order."""
        self.clock.advance(seconds=1)
        return self.sales.place_order(
            "WEBSHOP", goods, warehouse=warehouse, fields={**ADDRESS, **fields}
        )

    def ship(
        self, order: Made, goods: dict[str, Any] | None = None, *, status: str = "Placed"
    ) -> Made:
        """A shipment of it."""
        self.clock.advance(seconds=1)
        return self.sales.ship(order["number"], goods, status=status)

    def edit(self, shipment: Made, goods: dict[str, Any], **fields: Any) -> None:
        """A shipment is to hold these goods; what is not named goes."""
        self.clock.advance(seconds=1)
        company, shipments = self.desk_there.company, self.desk_there.shipments
        there = company.all("SalesShipments")[shipment["guid"]]
        order = company.one("SalesOrders", there["OrderGuid"])
        by_product = {line["Product"]: line for line in there["SalesShipmentLines"]}
        lines = []
        for at, (code, many) in enumerate(goods.items(), start=1):
            product = self.desk_there.product(code)
            of = next(x for x in order["SalesOrderLines"] if x["Product"] == product)
            blank = {"Product": product, "SalesOrderLineNumber": of["LineNumber"]}
            blank |= {"LineNumber": at, "_line": of["Guid"]}
            blank |= {"BatchNumbers": None, "SerialNumbers": None}
            blank |= {"CommercialMonetaryValue": None, "Guid": None}
            lines.append(
                {**blank, **by_product.get(product, {}), **decimals({"ShipmentQty": many})}
            )
        record = {**there, **decimals(fields), "SalesShipmentLines": lines}
        shipments.update(order, there, record, self.sales.user)

    def split_off(self, shipment: Made, goods: dict[str, Any]) -> Made:
        """Goods of a shipment go into a new one of the same order."""
        there = self.desk_there.company.all("SalesShipments")[shipment["guid"]]
        codes = self.desk_there.company.all("Products")
        left: dict[str, Any] = {
            codes[line["Product"]]["ProductCode"]: int(line["ShipmentQty"])
            for line in there["SalesShipmentLines"]
        }
        for code, many in goods.items():
            left[code] -= many
        self.edit(shipment, {code: many for code, many in left.items() if many})
        return self.ship({"number": there["OrderNumber"]}, goods)

    def touch(self, shipment: Made) -> None:
        """The shipment is saved."""
        company = self.desk_there.company
        company.touch(company.all("SalesShipments")[shipment["guid"]], self.sales.user)

    def refuse_deleted(self) -> None:
        """The account knows no status of that name."""
        shipments = self.desk_there.shipments
        page = shipments.page

        def answer(call: Any, number: int) -> Any:
            if call.query.get("shipmentStatus"):
                raise wrong("There is no shipment status Deleted.")
            return page(call, number)

        shipments.page = answer  # type: ignore[method-assign]

    def split_at_random(self, dice: random.Random, shipments: list[Made]) -> None:
        """One of them gives some of one product to a new one."""
        first = dice.choice(shipments)
        goods = self.in_unleashed(first)
        if sum(goods.values()) < 2:
            return
        code = dice.choice(sorted(goods))
        most = goods[code] - (len(goods) == 1)
        if most > 0:
            shipments.append(self.split_off(first, {code: dice.randint(1, most)}))

    def join_at_random(self, dice: random.Random, shipments: list[Made]) -> None:
        """One of them is deleted, and another takes its goods."""
        living = [made for made in shipments if self.in_unleashed(made)]
        if len(living) < 2:
            return
        gone, taker = dice.sample(living, 2)
        goods = self.in_unleashed(taker)
        for code, many in self.in_unleashed(gone).items():
            goods[code] = goods.get(code, 0) + many
        self.clock.advance(seconds=1)
        self.sales.set_shipment_status(gone["number"], "Deleted")
        self.edit(taker, goods)

    def fault_at_random(self, dice: random.Random, kinds: Sequence[FaultKind]) -> None:
        """One of the next requests goes wrong."""
        core: Any = dice.choice([self.mintsoft, self.mintsoft, self.unleashed])
        core.faults.add(Fault(dice.choice(list(kinds)), after=dice.randint(0, 6)))

    def in_unleashed(self, shipment: Made) -> dict[str, int]:
        """Units of it there; none when it was deleted."""
        there = self.desk_there.company.all("SalesShipments")[shipment["guid"]]
        codes = self.desk_there.company.all("Products")
        if there["ShipmentStatus"] == "Deleted":
            return {}
        return {
            codes[line["Product"]]["ProductCode"]: int(line["ShipmentQty"])
            for line in there["SalesShipmentLines"]
        }

    # -- the hub ----------------------------------------------------------------------------

    def live_from_now(self) -> None:
        """The hub is the connector from now on."""
        self.file["live_from"] = self.clock.now().isoformat()
        self.version += 1

    def act(self, act: Literal["replay", "discard"], shipment: Made) -> None:
        """A person acts on what is parked about a shipment."""
        items = self.parking.list_parked("example")
        (item,) = [one for one in items if one.parked_id.endswith(shipment["guid"])]
        if act == "replay":
            assert replay(item, self.person()) == "replayed"
        else:
            assert discard(item, self.person(), "seen to") == "discarded"

    def was_imported(self, flow: str, guid: str, order_id: int) -> None:
        """Another flow has made this order of it."""
        draft = Draft(self.erp_world("shipments").sync, self.state_of(flow, guid))
        draft.note(
            "test",
            StepPlanned(step="order", summary="made"),
            StepDone(step="order", partner_id=str(order_id), how="sent"),
        )
        draft.write()

    def cut_off_after(self, steps: int) -> bool:
        """A run whose process is gone after so many calls to stores and to the warehouse; whether
        it got so far."""
        power = Power(steps)
        records, ledger, handle = self.records, self.ledger, self.mintsoft.handle
        cut: Any = (Mains(records, power, "append"), Mains(ledger, power))
        self.records, self.ledger = cut

        def guarded(request: Request) -> Reply:
            power.step()
            reply = handle(request)
            power.step()
            return reply

        self.mintsoft.handle = guarded  # type: ignore[method-assign]
        try:
            self.run("shipments")
        except PowerCut:
            self.clock.advance(minutes=20)
            return True
        finally:
            self.records, self.ledger = records, ledger
            self.mintsoft.handle = handle  # type: ignore[method-assign]
        return False

    def standing(self, shipment: Made) -> SyncState:
        """Where the hub stands with it."""
        return self.state_of("unleashed.shipments", shipment["guid"])

    # -- the warehouse ----------------------------------------------------------------------

    def watch_goods(self, order: Made) -> None:
        """After each write that the warehouse takes, see what it was promised of the order."""
        self._watched = order["guid"]
        self.most_promised = {}
        if self.mintsoft.note.__name__ != "seen":
            note = self.mintsoft.note

            def seen(*what: Any, **more: Any) -> Any:
                told = note(*what, **more)
                self._see()
                return told

            self.mintsoft.note = seen  # type: ignore[method-assign]
        self._see()

    def _see(self) -> None:
        company = self.desk_there.company
        total: dict[str, int] = {}
        for guid, row in company.all("SalesShipments").items():
            if row["OrderGuid"] == self._watched:
                for sku, many in self.not_cancelled({"guid": guid}).items():
                    total[sku] = total.get(sku, 0) + many
        for sku, many in total.items():
            self.most_promised[sku] = max(many, self.most_promised.get(sku, 0))
        order, codes = company.one("SalesOrders", self._watched), company.all("Products")
        ordered = {
            codes[line["Product"]]["ProductCode"]: int(line["OrderQuantity"])
            for line in order["SalesOrderLines"]
        }
        if any(many > ordered.get(sku, 0) for sku, many in total.items()):
            self.promised_too_much.append(total)

    def by_another_connector(self, document: Made, goods: dict[str, int]) -> Order:
        """An order of the warehouse's that the connector before made."""
        body = {
            "ClientId": 12,
            "OrderNumber": document["number"],
            "WarehouseId": 3,
            "Country": "GB",
            "CourierService": "AUTO",
            "OrderItems": [{"SKU": sku, "Quantity": many} for sku, many in goods.items()],
        }
        self.raw("PUT", "/api/Order", body)
        return next(o for o in self.mintsoft.orders.values() if o.number == document["number"])

    def not_cancelled(self, shipment: Made) -> dict[str, int]:
        """Units of it in orders of the warehouse's that count."""
        reference = f"unleashed:shipment:{shipment['guid']}"
        total: dict[str, int] = {}
        for order in self.mintsoft.orders.values():
            if order.external_reference != reference or order.status_id == CANCELLED:
                continue
            for item in order.items:
                total[item.sku] = total.get(item.sku, 0) + item.quantity
        return total

    def know(self, sku: str, product_id: int) -> None:
        """The warehouse knows a product more."""
        row = {"sku": sku, "name": sku, "client_id": 12, "ean": ""}
        self.mintsoft.seed({"products": {str(product_id): row}})

    def order_there(self, shipment: Made) -> Order:
        """The warehouse's order of a shipment."""
        reference = f"unleashed:shipment:{shipment['guid']}"
        (found,) = [o for o in self.mintsoft.orders.values() if o.external_reference == reference]
        return found

    def there(self, shipment: Made) -> dict[str, int]:
        """Units of it in the warehouse; none without an order."""
        reference = f"unleashed:shipment:{shipment['guid']}"
        total: dict[str, int] = {}
        for order in self.mintsoft.orders.values():
            for item in order.items if order.external_reference == reference else ():
                total[item.sku] = total.get(item.sku, 0) + item.quantity
        return total

    def stage(self, shipment: Made) -> str:
        """The warehouse's word for where its order is."""
        return self.mintsoft.tenant.statuses[self.order_there(shipment).status_id][0]
