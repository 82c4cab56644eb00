"""Both sides' life with every flow live at once: people's hands, and what was adjusted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.asns import Asn
from local.simulators.mintsoft.tenant import CLOSED, Order
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.wire import Core, Reply, Request
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.unleashed.run import run_flow
from returns_hub.flows.unleashed.stock.prove import plan_proof, prove_stock
from tests.support.erp_worlds import PRODUCTS, ErpBench
from tests.support.in_process import InProcess

Way = Literal["orders", "orders with management", "shipments"]
WAYS: tuple[Way, ...] = ("orders", "orders with management", "shipments")
TEE, BLUE, JEANS, PACK = "TEE-RED-M", "TEE-BLU-L", "JEANS-32", "SOCK-3PK"
IDS = {TEE: PRODUCTS[TEE], BLUE: PRODUCTS[BLUE], PACK: 899}
CODES = {"MAIN": 3, "3PL": 4}
MANY = 500
NO_LIMITS = {"most_percent": 100, "most_to_zero_percent": 100, "from_units": 100_000}
FAULTS = (
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.HTTP_429,
)
ADDRESS = {
    "DeliveryName": "J Example",
    "DeliveryStreetAddress": "1 Test Street",
    "DeliveryCity": "Leeds",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
}


class Between:
    """A side of which somebody does something before the request that is waited for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.left = -1
        self.wanted: tuple[str, str] | None = None
        self.do: Callable[[], object] = lambda: None

    def after(self, requests: int, do: Callable[[], object]) -> None:
        """Do this before the request after so many."""
        self.left, self.do = requests, do

    def once(self, method: str, path: str, do: Callable[[], object]) -> None:
        """Do this after the first such request."""
        self.wanted, self.do = (method, path), do

    def handle(self, request: Request) -> Reply:
        if self.wanted and request.method == self.wanted[0] and self.wanted[1] in request.path:
            self.wanted = None
            reply = self._core.handle(request)
            self.do()
            return reply
        if self.left == 0:
            self.left = -1
            self.do()
        elif self.left > 0:
            self.left -= 1
        return self._core.handle(request)


class TogetherBench(ErpBench):
    """`ErpBench` with every flow live, and plenty of three products on both sides of both places.

    Args:
        way: How sales come to the warehouse.
        settle_minutes: Of the stock sync.
        stock: Other settings of it.
        but: Flows that are left off.
        block: Changes to the `unleashed:` block.
    """

    def __init__(
        self,
        way: Way = "orders",
        *,
        settle_minutes: int = 0,
        stock: dict[str, Any] | None = None,
        but: Sequence[str] = (),
        **block: Any,
    ) -> None:
        super().__init__(management=way != "orders", **block)
        self.way = way
        self.account.set(adjustment="delta")
        self.file["mintsoft"]["orders"] = {"stock_level_means": "available"}
        self.hands = Hands(self.desk_there)
        self.mintsoft.seed(
            {
                "products": {
                    str(IDS[PACK]): {"sku": PACK, "name": PACK, "client_id": 12, "ean": ""}
                },
                "stock": {"4": {str(IDS[TEE]): 5}},
            }
        )
        levels = dict.fromkeys(IDS, MANY)
        for code, place in CODES.items():
            self.hands.count_stock(code, levels)
            for product in IDS.values():
                self.mintsoft.set_stock(place, product, MANY)
        self.here_between, self.there_between = Between(self.mintsoft), Between(self.unleashed)
        self.to_mintsoft._core = self.here_between
        self.to_unleashed = InProcess(self.there_between)
        moves = {"orders_at_source": True, "asns_at_destination": True}
        live: dict[str, dict[str, Any]] = {
            "shipments" if way == "shipments" else "orders": {},
            "products": {},
            "despatches": {"shipping_companies": {"DHL Parcel Connect": "DPD"}},
            "purchase_orders": {},
            "receipts": {"part_deliveries": "when_complete"},
            "transfers": moves,
            "assemblies": {"orders": True, "asns": True, "complete": True},
        }
        for flow, settings in live.items():
            if flow not in but:
                self.set(flow, **settings)  # type: ignore[arg-type]
        means = {"adjustment_means": "delta", "settle_minutes": settle_minutes}
        self.set("stock", **{"hard_stop": NO_LIMITS, **means, **(stock or {})})
        world = self.erp_world("stock")
        prove_stock(world, plan_proof(world, JEANS, "MAIN", who="pat"))

    # -- people in Unleashed ----------------------------------------------------------------

    def sell(self, goods: dict[str, int], code: str = "MAIN") -> str:
        """A sales order, with its shipment where shipments are imported; the order's number."""
        self.clock.advance(seconds=1)
        made = self.hands.place_order("WEBSHOP", goods, warehouse=code, fields=ADDRESS)
        if self.way == "shipments":
            self.hands.ship(made["number"])
        return str(made["number"])

    def buy(self, goods: dict[str, int], code: str = "MAIN") -> str:
        """A purchase order; its Guid."""
        self.clock.advance(seconds=1)
        return str(self.hands.place_purchase("MILL", goods, warehouse=code)["guid"])

    def receipt_by_hand(self, guid: str) -> None:
        """A person receipts everything that was ordered."""
        self.clock.advance(seconds=1)
        order = self.desk_there.company.one("PurchaseOrders", guid)
        for line in order["PurchaseOrderLines"]:
            line["ReceiptQuantity"] = line["OrderQuantity"]
        self.desk_there.purchases.receive(order, "clerk@example.test")

    # -- people at the warehouse ------------------------------------------------------------

    def open_orders(self) -> list[Order]:
        """Orders that are to be sent."""
        return [one for one in self.mintsoft.orders.values() if one.status_id not in CLOSED]

    def open_asns(self) -> list[Asn]:
        """ASNs of which goods may come."""
        return [one for one in self.mintsoft.asns.values() if one.booked_in_at is None]

    def send(self, order: Order) -> None:
        self.despatch(order.id, tracking_number=f"T{order.id}")

    def counted(self, code: str, sku: str, by: int) -> None:
        """Somebody counted so many more."""
        place = CODES[code]
        self.mintsoft.set_stock(place, IDS[sku], self.here(code, sku) + by)

    # -- what came of it --------------------------------------------------------------------

    def here(self, code: str, sku: str) -> int:
        """Units at the warehouse, read without a request."""
        held = self.mintsoft.stock.get((CODES[code], IDS[sku]))
        return held.units if held else 0

    def there(self, code: str, sku: str) -> int:
        """Units at Unleashed, read without a request."""
        company = self.desk_there.company
        found = company.stock.there(self.desk_there.product(sku), self.desk_there.warehouse(code))
        return int(found)

    def apart(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Where the two sides differ: what is here, and what is there."""
        both = {(c, s): (self.here(c, s), self.there(c, s)) for c in CODES for s in IDS}
        return {key: pair for key, pair in both.items() if pair[0] != pair[1]}

    def adjusted(self) -> list[tuple[str, str, int]]:
        """Every unit that the stock sync adjusted, in its order: code, SKU, units."""
        booked = self.account.happened("stock_adjusted")
        return [
            (str(row["warehouse"]), sku, int(Decimal(units)))
            for row in booked
            if row["reason"] == "Mintsoft"
            and not any("a test of" in str(text) for text in row["comments"])
            for sku, units in row["lines"].items()
        ]

    def total_adjusted(self) -> Counter[tuple[str, str]]:
        """The same, summed."""
        total: Counter[tuple[str, str]] = Counter()
        for code, sku, units in self.adjusted():
            total[code, sku] += units
        return Counter({key: units for key, units in total.items() if units})

    def twice(self) -> list[str]:
        """References that more than one order of the warehouse has, parts of a split apart."""
        seen: Counter[str] = Counter()
        for order in self.mintsoft.orders.values():
            if order.part == 1:
                seen[order.external_reference] += 1
        return [reference for reference, many in seen.items() if many > 1]

    def tick(self, ticks: int = 1, **later: float) -> None:
        for _ in range(ticks):
            self.run_live_flows(**later)

    def set_warehouse_clock(self, minutes: int) -> None:
        """The warehouse's clock, or its zone, is another."""
        clock = self.clock
        self.mintsoft._now = lambda: clock() + timedelta(minutes=minutes)

    def run_one(self, *flows: FlowName) -> None:
        """These flows, whatever their mode is."""
        for flow in flows:
            run_flow(flow, self.erp_world(flow))

    def number_of(self, guid: str) -> str:
        """A purchase order's number."""
        return str(self.desk_there.company.one("PurchaseOrders", guid)["OrderNumber"])

    def stock_alone(self, **later: float) -> None:
        """A run of the stock flow while the others were not run."""
        self.clock.advance(**(later or {"minutes": 20}))
        run_flow("stock", self.erp_world("stock"))


class Life:
    """Days of it, by chance. What was counted otherwise is all that may ever be adjusted.

    Args:
        bench: Where.
        dice: Chance.
        kinds: What may happen.
    """

    def __init__(self, bench: TogetherBench, dice: random.Random, kinds: Sequence[str]) -> None:
        self.bench, self.dice, self.kinds = bench, dice, kinds
        self.sold: list[str] = []
        self.bought: list[str] = []
        self.owed: Counter[tuple[str, str]] = Counter()
        self.seen = 0
        self.told: list[str] = []

    # -- what may happen --------------------------------------------------------------------

    def act(self) -> str:
        """Something happens; what."""
        kind = self.dice.choice(list(self.kinds))
        getattr(self, f"_{kind}")()
        return kind

    def _goods(self) -> dict[str, int]:
        skus = self.dice.sample([TEE, BLUE], self.dice.randint(1, 2))
        return {sku: self.dice.randint(1, 4) for sku in skus}

    def _sell(self) -> None:
        self.sold.append(self.bench.sell(self._goods(), self.dice.choice(list(CODES))))

    def _buy(self) -> None:
        self.bought.append(self.bench.buy(self._goods(), self.dice.choice(list(CODES))))

    def _transfer(self) -> None:
        source, to = self.dice.sample(list(CODES), 2)
        self.bench.clock.advance(seconds=1)
        self.bench.hands.park_transfer(source, to, self._goods())

    def _assemble(self) -> None:
        self.bench.clock.advance(seconds=1)
        self.bench.hands.park_assembly(
            PACK, self.dice.randint(1, 3), warehouse=self.dice.choice(list(CODES))
        )

    def _send(self) -> None:
        orders = self.bench.open_orders()
        if orders:
            self.bench.clock.advance(seconds=1)
            self.bench.send(self.dice.choice(orders))

    def _send_part(self) -> None:
        orders = [one for one in self.bench.open_orders() if sum(i.quantity for i in one.items) > 1]
        if orders:
            self.bench.clock.advance(seconds=1)
            order = self.dice.choice(orders)
            item = self.dice.choice(order.items)
            away = self.bench.split(order.id, {item.sku: 1})
            self.bench.send(self.bench.mintsoft.orders[self.dice.choice([order.id, away])])

    def _book_in(self) -> None:
        asns = self.bench.open_asns()
        if asns:
            self.bench.clock.advance(seconds=1)
            self.bench.mintsoft.book_in(self.dice.choice(asns).id)

    def _book_in_part(self) -> None:
        asns = [one for one in self.bench.open_asns() if not any(i.allocations for i in one.items)]
        if asns:
            self.bench.clock.advance(seconds=1)
            asn = self.dice.choice(asns)
            rows = [{"sku": asn.items[0].sku, "quantity": 1}]
            self.bench.mintsoft.book_in(asn.id, rows, complete=False)

    def _count(self) -> None:
        key = self.dice.choice(list(CODES)), self.dice.choice([TEE, BLUE])
        by = self.dice.choice([-3, -2, -1, 1, 2, 3])
        self.bench.clock.advance(seconds=1)
        self.bench.counted(*key, by)
        self.owed[key] += by

    def _complete(self) -> None:
        """A person completes an order, or dispatches its shipment, that the warehouse has."""
        hands, company = self.bench.hands, self.bench.desk_there.company
        self.bench.clock.advance(seconds=1)
        if self.bench.way == "shipments":
            placed = [
                one["ShipmentNumber"]
                for one in company.all("SalesShipments").values()
                if one["ShipmentStatus"] == "Placed"
                and self.bench.state_of("unleashed.shipments", one["Guid"]).done("order")
            ]
            if placed:
                hands.set_shipment_status(self.dice.choice(placed), "Dispatched")
            return
        orders = [
            one["OrderNumber"]
            for one in company.all("SalesOrders").values()
            if one["OrderStatus"] == "Placed" and self._is_there(one["Guid"])
        ]
        if not orders:
            return
        number = self.dice.choice(orders)
        if self.bench.way == "orders":
            hands.complete_order(number)
            return
        shipped = {one["OrderNumber"] for one in company.all("SalesShipments").values()}
        if number not in shipped:
            hands.set_shipment_status(hands.ship(number)["number"], "Dispatched")

    def _is_there(self, guid: str) -> bool:
        return self.bench.state_of("unleashed.orders", guid).done("order")

    def _complete_move(self) -> None:
        company, hands = self.bench.desk_there.company, self.bench.hands
        self.bench.clock.advance(seconds=1)
        moves = [
            one["TransferOrderNumber"]
            for one in company.all("WarehouseStockTransfers").values()
            if one["TransferStatus"] == "Parked"
            and self.bench.state_of("unleashed.transfers", one["Guid"]).done("asn")
        ]
        if moves:
            hands.complete_transfer(self.dice.choice(moves))

    def _receipt(self) -> None:
        """A person receipts a purchase order that the warehouse was told of."""
        there = self.bench.desk_there.company.all("PurchaseOrders")
        placed = [
            one
            for one in self.bought
            if there[one]["OrderStatus"] == "Placed"
            and self.bench.state_of("unleashed.purchase_orders", one).done("asn")
        ]
        if placed:
            self.bench.receipt_by_hand(self.dice.choice(placed))

    def _fault(self) -> None:
        """One of the next requests to either side goes wrong."""
        core: Any = self.dice.choice([self.bench.mintsoft, self.bench.unleashed])
        core.faults.add(Fault(self.dice.choice(FAULTS), after=self.dice.randint(0, 60)))

    def _tick(self) -> None:
        minutes = self.dice.choice([5, 20, 45])
        if self.dice.random() < 0.5:
            self._meanwhile()
        self.bench.tick(minutes=minutes)
        self.look()

    def _stock(self) -> None:
        """Stock alone runs, and something happens while it does."""
        self._meanwhile(40)
        self.bench.stock_alone(minutes=self.dice.choice([5, 20]))
        self.look()

    def _meanwhile(self, requests: int = 120) -> None:
        quick = [k for k in self.kinds if k not in {"tick", "stock"}]
        side = self.dice.choice([self.bench.here_between, self.bench.there_between])
        kind = self.dice.choice(quick)

        def do() -> None:
            self.told.append(f"(meanwhile {kind})")
            getattr(self, f"_{kind}")()

        side.after(self.dice.randint(0, requests), do)

    # -- what is looked at ------------------------------------------------------------------

    def look(self) -> None:
        """What was adjusted was owed, and no order is there twice."""
        booked = self.bench.adjusted()
        for code, sku, units in booked[self.seen :]:
            owed = self.owed[code, sku]
            after = owed - units
            assert min(0, owed) <= after <= max(0, owed), (code, sku, units, owed, self.told)
            self.owed[code, sku] = after
        self.seen = len(booked)
        assert self.bench.twice() == []

    def live(self, steps: int) -> None:
        """So many things happen."""
        for _ in range(steps):
            self.told.append(self.act())

    def come_to_rest(self, ticks: int = 10) -> None:
        """Everything that is open is done, and nothing more happens."""
        self.bench.here_between.left = self.bench.there_between.left = -1
        self.bench.mintsoft.faults.clear()
        self.bench.unleashed.faults.clear()
        for _ in range(3):
            self.bench.tick()
            self.look()
            for order in self.bench.open_orders():
                self.bench.send(order)
            for asn in self.bench.open_asns():
                self.bench.mintsoft.book_in(asn.id)
        for _ in range(ticks):
            self.bench.tick()
            self.look()
