"""Everybody's days around Unleashed and the warehouse: selling, buying, packing and counting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.mintsoft.asns import Asn
from local.simulators.mintsoft.tenant import CANCELLED, CLOSED, Order
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.unleashed.replies import Refused
from tests.simulation.erp_plans import CODES, SET, Act, Edit, Making, Move, Purchase, Sale

if TYPE_CHECKING:
    from tests.simulation.erp import ErpSimulation

LOOKS_EVERY = 60.0
ON_HOLD = 7
OURS = "unleashed:"
ADDRESS = {
    "DeliveryName": "J Wexquillname",
    "DeliveryStreetAddress": "1 Wexquillstreet",
    "DeliveryCity": "Leeds",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
}
Plan = Sale | Purchase | Move | Making


class Days:
    """People in Unleashed, and those at the warehouse."""

    def __init__(self, run: ErpSimulation) -> None:
        self.run = run
        self.hands = Hands(run.there)
        self.plans: dict[str, Plan] = {}
        """Document -> what was planned with it."""
        self.numbers: dict[str, str] = {}
        """Document -> its number."""
        self.bookings: dict[int, int] = {}
        self._looks_every = max(LOOKS_EVERY, run.looks_every)
        self.last_act = 0.0
        self.acts: list[float] = []
        self._orders: set[int] = set()
        self._asns: set[int] = set()

    def begin(self) -> None:
        """From now on things happen."""
        plan = self.run.plan
        for sale in plan.sales:
            self._at(sale.at, partial(self._place_sale, sale))
        for purchase in plan.purchases:
            self._at(purchase.at, partial(self._place_purchase, purchase))
        for move in plan.moves:
            self._at(move.at, partial(self._park_transfer, move))
        for making in plan.makings:
            self._at(making.at, partial(self._park_assembly, making))
        for count in plan.counts:
            self._at(count.at, partial(self._count, count))
        for edit in plan.edits:
            self._at(edit.at, partial(self._edit, edit))
        self.run.scheduler.after(self._looks_every, self._look)

    def _at(self, seconds: float, act: Callable[[], object]) -> None:
        """Somebody does it then; what Unleashed, or the warehouse, does not allow is left."""
        self.last_act = max(self.last_act, seconds)

        def do() -> None:
            self.acts.append(self.run.scheduler.seconds)
            try:
                act()
            except (Refused, ValueError, KeyError) as refused:
                why = getattr(refused, "description", None) or refused
                self.run.note("somebody", f"is refused: {why}")

        self.run.scheduler.after(seconds - self.run.scheduler.seconds, do)

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        self._at(self.run.scheduler.seconds + seconds, act)

    def _made(self, kind: str, made: dict[str, Any], plan: Plan) -> None:
        doc = f"{kind}:{made['guid']}"
        self.plans[doc], self.numbers[doc] = plan, made["number"]
        self.run.note("somebody", f"makes {kind} {made['number']}: {plan}")

    # -- in Unleashed -----------------------------------------------------------------------

    def _place_sale(self, sale: Sale) -> None:
        made = self.hands.place_order(
            "BOUTIQUE" if not sale.address else "WEBSHOP",
            dict(sale.goods),
            warehouse=sale.warehouse,
            status=sale.status,
            charges={"Carriage": 4.5} if sale.charges else None,
            fields=ADDRESS if sale.address else None,
        )
        self._made("sale", made, sale)
        for act in sale.acts:
            self._later(act.after, partial(self._on_sale, made["number"], act))

    def _on_sale(self, number: str, act: Act) -> None:
        hands, goods = self.hands, dict(act.goods)
        self.run.note("somebody", f"{act.what}s {number} {goods or ''}")
        match act.what:
            case "edit":
                hands.edit_order(number, goods)
            case "place":
                hands.set_order_status(number, "Placed")
            case "park":
                hands.set_order_status(number, "Parked")
            case "delete":
                hands.delete_order(number)
            case "complete":
                hands.complete_order(number)
            case "address":
                moved = {"DeliveryStreetAddress": "2 Other Road"}
                hands.set_order_fields(number, ADDRESS | moved)
            case "ship":
                hands.ship(number, goods or None)
            case "dispatch" | "unship":
                status = "Dispatched" if act.what == "dispatch" else "Deleted"
                open_ones = [s for s in self._shipments(number) if s["ShipmentStatus"] == "Placed"]
                for shipment in open_ones[:1]:
                    hands.set_shipment_status(shipment["ShipmentNumber"], status)

    def _shipments(self, number: str) -> list[dict[str, Any]]:
        rows = self.run.there.company.all("SalesShipments").values()
        return [row for row in rows if row["OrderNumber"] == number]

    def _place_purchase(self, purchase: Purchase) -> None:
        made = self.hands.place_purchase(
            "MILL", dict(purchase.goods), warehouse=purchase.warehouse, status=purchase.status
        )
        self._made("purchase", made, purchase)
        words = {"place": "Placed", "delete": "Deleted"}
        for act in purchase.acts:
            status = words[act.what]
            self._later(act.after, partial(self.hands.set_purchase_status, made["number"], status))

    def _park_transfer(self, move: Move) -> None:
        made = self.hands.park_transfer(move.source, move.destination, dict(move.goods))
        self._made("transfer", made, move)
        hands = {"delete": self.hands.delete_transfer, "complete": self.hands.complete_transfer}
        for act in move.acts:
            self._later(act.after, partial(hands[act.what], made["number"]))

    def _park_assembly(self, making: Making) -> None:
        made = self.hands.park_assembly(SET, making.units, warehouse=making.warehouse)
        self._made("assembly", made, making)
        hands = {"delete": self.hands.delete_assembly, "complete": self.hands.complete_assembly}
        for act in making.acts:
            self._later(act.after, partial(hands[act.what], made["number"]))

    def _count(self, count: Any) -> None:
        run = self.run
        if count.side == "unleashed":
            company = run.there.company
            there = company.stock.there(
                run.there.product(count.sku), run.there.warehouse(count.warehouse)
            )
            self.hands.count_stock(count.warehouse, {count.sku: max(0, int(there) + count.units)})
            return
        place, product = CODES[count.warehouse], run.product_ids()[count.sku]
        held = run.mintsoft.stock[place, product]
        run.mintsoft.set_stock(place, product, max(0, held.units + count.units), held.quarantined)

    def _edit(self, edit: Edit) -> None:
        self.run.note("somebody", f"edits product {edit.sku}: {edit.fields}")
        if edit.new:
            prices = {"DefaultPurchasePrice": 3, "DefaultSellPrice": 8}
            self.hands.add_product({"ProductCode": edit.sku, **dict(edit.fields), **prices})
        else:
            self.hands.change_product(edit.sku, dict(edit.fields))

    # -- at the warehouse -------------------------------------------------------------------

    def _look(self) -> None:
        """What is new in the warehouse gets its plan."""
        for order in list(self.run.mintsoft.orders.values()):
            if order.id not in self._orders and order.external_reference.startswith(OURS):
                self._orders.add(order.id)
                self._ordered(order)
        for asn in list(self.run.mintsoft.asns.values()):
            if asn.id not in self._asns:
                self._asns.add(asn.id)
                self._announced(asn)
        self.run.scheduler.after(self._looks_every, self._look)

    def doc_of_order(self, order: Order) -> str:
        """The document that an order in the warehouse was made for."""
        kind, _, guid = order.external_reference.removeprefix(OURS).partition(":")
        return f"{'sale' if kind == 'order' else kind}:{guid}"

    def plan_of(self, doc: str) -> Plan | None:
        """What was planned with a document; with a shipment, what was with its order."""
        kind, _, guid = doc.partition(":")
        if kind == "shipment":
            shipment = self.run.there.company.all("SalesShipments")[guid]
            doc = f"sale:{shipment['OrderGuid']}"
        return self.plans.get(doc)

    def doc_of_asn(self, asn: Asn) -> str:
        """The document that an ASN was made for, by the number that it refers to."""
        number = asn.header.get("POReference")
        return next((doc for doc, known in self.numbers.items() if known == number), "")

    def _ordered(self, order: Order) -> None:
        plan = self.plan_of(self.doc_of_order(order))
        if order.part > 1 or plan is None or isinstance(plan, Purchase):
            return
        after = plan.sent_after
        match plan.sent:
            case "whole":
                self._later(after, partial(self._send, order.id))
            case "parts":
                self._later(after, partial(self._send_in_parts, order.id, after))
            case "held then whole":
                self._later(after, partial(self.run.mintsoft.set_status, order.id, ON_HOLD))
                self._later(2 * after, partial(self._send, order.id))
            case "cancelled":
                self._later(after, partial(self._cancel, order.id))

    def _send(self, order_id: int) -> None:
        run, order = self.run, self.run.mintsoft.orders.get(order_id)
        if order is None or order.status_id in CLOSED:
            return
        run.note("warehouse", f"sends {order.number} ({order_id}, part {order.part})")
        run.doc = self.doc_of_order(order)
        try:
            run.mintsoft.despatch(order_id, courier_id=7, tracking_number=f"T{order_id}")
        finally:
            run.doc = ""

    def _send_in_parts(self, order_id: int, after: float) -> None:
        order = self.run.mintsoft.orders.get(order_id)
        if order is None or order.status_id in CLOSED:
            return
        first = order.items[0]
        if sum(item.quantity for item in order.items) > 1:
            away = max(1, first.quantity // 2)
            made = self.run.mintsoft.split(order_id, {first.sku: away})
            self._later(after, partial(self._send, made.id))
        self._send(order_id)

    def _cancel(self, order_id: int) -> None:
        order = self.run.mintsoft.orders.get(order_id)
        if order is not None and order.status_id not in CLOSED:
            self.run.note("warehouse", f"cancels {order.number}")
            self.run.mintsoft.set_status(order_id, CANCELLED)

    def _announced(self, asn: Asn) -> None:
        plan = self.plan_of(self.doc_of_asn(asn))
        if plan is None or isinstance(plan, Sale) or plan.booked == "never":
            return
        expected = {item.sku: item.expected for item in asn.items}
        first = next(iter(expected))
        less = expected | {first: expected[first] - 1}
        half = {sku: (units + 1) // 2 for sku, units in expected.items()}
        book, after = partial(self._book, asn.id), plan.booked_after
        match plan.booked:
            case "as announced":
                self._later(after, partial(book, expected))
            case "short":
                self._later(after, partial(book, less))
            case "over":
                self._later(after, partial(book, expected | {first: expected[first] + 2}))
            case "another":
                self._later(after, partial(book, {**less, _another(expected): 1}))
            case "in parts":
                rest = {sku: units - half[sku] for sku, units in expected.items()}
                self._later(after, partial(book, half, complete=False))
                self._later(2.5 * after, partial(book, rest))

    def _book(self, asn_id: int, units: dict[str, int], *, complete: bool = True) -> None:
        run, asn = self.run, self.run.mintsoft.asns.get(asn_id)
        if asn is None:
            return
        goods = [{"sku": sku, "quantity": many} for sku, many in units.items() if many > 0]
        if not goods and not complete:
            return
        run.note("warehouse", f"books in {goods} of ASN {asn_id}, complete: {complete}")
        run.doc = self.doc_of_asn(asn)
        try:
            run.mintsoft.book_in(asn_id, goods, complete=complete)
            self.bookings[asn_id] = self.bookings.get(asn_id, 0) + bool(goods)
        finally:
            run.doc = ""


def _another(expected: dict[str, int]) -> str:
    return next(sku for sku in ("SOCKS", "CAP", "MUG", "TEE") if sku not in expected)
