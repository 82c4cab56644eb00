"""The marketplace in the simulated world: Miinto, its buyers, and the warehouse's work for it."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.miinto.orders import Order
from local.simulators.miinto.replies import Failure
from local.simulators.miinto.rma_dialects import Rma, Verdict
from local.simulators.miinto.settings import Settings
from local.simulators.mintsoft.tenant import CANCELLED, CLOSED, ExternalReturn
from local.simulators.mintsoft.tenant import Order as WarehouseOrder
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities
from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.order_draft import number_of
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of
from returns_hub.domain.miinto.rmas import return_id_of
from returns_hub.domain.miinto.settings import slug_of
from tests.simulation.market_miinto import (
    GOOD,
    HUB,
    PREFIX,
    SECRET,
    WatchedMiinto,
    buyer_of,
    goods_of,
    seed_of,
)
from tests.simulation.market_people import MarketPeople
from tests.simulation.market_plans import (
    MAPPED,
    RIVAL,
    WAREHOUSES,
    Back,
    MarketPlan,
    OfferPlan,
)
from tests.simulation.market_store import MarketShop
from tests.simulation.returns_warehouse import units_in

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

OURS = frozenset(WAREHOUSES)


@dataclass
class Deal:
    """What became of one plan's basket."""

    plan: OfferPlan
    orders: list[tuple[str, int]] = field(default_factory=list)
    rmas: list[tuple[Back, Rma]] = field(default_factory=list)


class Market:
    """The marketplace of one merchant, with everybody but the hub."""

    def __init__(self, run: Simulation, plan: MarketPlan) -> None:
        self.run = run
        self.plan = plan
        self.merchant = plan.merchant
        self.dice = random.Random(f"market's day {run.scenario.seed}")
        simulator = Settings(**plan.simulator)
        self.miinto = WatchedMiinto(run, simulator, random.Random(f"miinto {run.scenario.seed}"))
        self.miinto.seed(seed_of(run.scenario.seed))
        self._stock()
        self.deals: list[Deal] = []
        self.sent: set[int] = set()
        self.without_rma: Counter[tuple[str, int]] = Counter()
        self.margins: list[tuple[float, dict[tuple[int, str], int]]] = []
        self._known_orders: set[tuple[str, int]] = set()
        self._made: dict[int, WarehouseOrder] = {}
        self._records: set[int] = set()
        self.store = MarketShop(self)
        self.people = MarketPeople(self)

    # -- the world ------------------------------------------------------------------------------

    def _stock(self) -> None:
        mintsoft = self.run.mintsoft
        ids = {p["sku"]: key for key, p in mintsoft.tenant.products.items() if p["client_id"] == 12}
        for warehouse, sku, units in self.plan.stock:
            mintsoft.set_stock(warehouse, ids[sku], units)

    @property
    def strategy(self) -> str:
        """How receipts are found: goods that nobody announced are in lists only."""
        if self.run.scenario.returns_list == "honoured":
            return "list"
        return "by_date" if self.run.scenario.by_date == "updated" else "auto"

    def open(self, merchant: Merchant, capabilities: DynamoDbCapabilities, clock: Any) -> None:
        """The merchant's login and proof are there; from now on things happen."""
        run, plan, after = self.run, self.plan, self.run.scheduler.after
        self.connection = merchant.miinto
        assert self.connection is not None
        login = {"identifier": HUB, "secret": SECRET}
        run.secrets.put(f"hub/{self.merchant}/miinto", json.dumps(login))
        proof = RmaProof(contract=contract_of(self.connection), proven=True, at=run.scheduler.now())
        capabilities.keep_rma_proof(self.merchant, proof)
        client: Any = run.plain
        self.timelines = DynamoDbMarketStore(client, "MarketTable", clock)
        for offer in plan.offers:
            after(offer.at, partial(self._offer, offer))
        for at in plan.channels_end:
            after(at, self.miinto.auth.expire)
        after(run.looks_every, self._look)
        self.people.begin()
        self.store.begin()

    def stop_faults(self) -> None:
        """From now on all is well."""
        self.miinto.faults.clear()
        self.miinto.settings = Settings(**(self.plan.simulator | {"holds_decisions": "no"}))

    # -- what happens at Miinto -----------------------------------------------------------------

    def _offer(self, plan: OfferPlan) -> None:
        share = 0.5 if plan.cheap else 1.0
        prices = self.miinto.state.catalogue
        currency = self.miinto.state.shops[plan.shops[0]].currency
        items = [
            {"sku": sku, "quantity": units, "price": int(prices[sku].prices[currency] * share)}
            for sku, units in plan.items
        ]
        made = self.miinto.offer(
            plan.shops, items, mode="in_turn" if plan.in_turn else "at_once", buyer=buyer_of(plan)
        )
        self.deals.append(Deal(plan))
        parent = made["parent"]
        self.run.note("buyer", f"basket {parent}: {items} offered to {plan.shops}")
        if plan.panel is not None:
            self.run.scheduler.after(plan.panel, partial(self._in_panel, parent, OURS))
        if plan.rival is not None:
            self.run.scheduler.after(plan.rival, partial(self._in_panel, parent, {RIVAL}))

    def _in_panel(self, parent: str, shops: frozenset[str] | set[str]) -> None:
        """Somebody takes what is pending of a basket, in Miinto's panel."""
        for (shop, number), transfer in list(self.miinto.orders.offers.transfers.items()):
            pending = [p.id for p in transfer.positions if p.status == "pending"]
            if transfer.basket.number == parent and shop in shops and pending:
                self.run.note("panel", f"takes {pending} of {shop}/{number}")
                self.miinto.decide_elsewhere(shop, number, pending)

    def _look(self) -> None:
        """Look around: new orders at Miinto and in the warehouse, new records of RMAs."""
        self.miinto.settle()
        for key, order in list(self.miinto.orders.orders.items()):
            if key not in self._known_orders:
                self._known_orders.add(key)
                self._ordered(key, order)
        for made in list(self.run.mintsoft.orders.values()):
            if made.id not in self._made and made.number.startswith(PREFIX):
                self._made[made.id] = made
                self._inserted(made)
        self._new_records()
        self.margins.append((self.run.scheduler.seconds, self._margins()))
        self.run.scheduler.after(self.run.looks_every, self._look)

    def deal_of(self, order: Order) -> Deal:
        """The basket that an order is of."""
        number = str(order.basket.buyer["email"]).partition("-")[2].partition("@")[0]
        return next(deal for deal in self.deals if deal.plan.number == int(number))

    def _ordered(self, key: tuple[str, int], order: Order) -> None:
        if key[0] in OURS:
            self.deal_of(order).orders.append(key)

    # -- what happens in the warehouse ----------------------------------------------------------

    def order_of(self, number: str) -> Order | None:
        """Miinto's order that a number of the warehouse's is of."""
        for (shop, order), found in self.miinto.orders.orders.items():
            if number_of(PREFIX, slug_of(shop), order) == number:
                return found
        return None

    def _inserted(self, made: WarehouseOrder) -> None:
        order = self.order_of(made.number)
        if order is None or made.part > 1:
            return
        plan = self.deal_of(order).plan
        self.run.note("warehouse", f"has order {made.number}")
        if plan.refund is not None:
            self.run.scheduler.after(plan.refund, partial(self.store.refund_of_own, made, order))
        if plan.mishap == "cancelled":
            self.run.scheduler.after(60, partial(self._cancel, made))
        elif plan.sent_after is not None:
            self.run.scheduler.after(plan.sent_after, partial(self._send, made, order, plan))

    def _cancel(self, made: WarehouseOrder) -> None:
        if made.status_id not in CLOSED:
            self.run.note("warehouse", f"cancels {made.number}")
            self.run.mintsoft.set_status(made.id, CANCELLED)

    def _send(self, made: WarehouseOrder, order: Order, plan: OfferPlan) -> None:
        """The parcel leaves, or both of its halves do."""
        mintsoft = self.run.mintsoft
        if made.status_id in CLOSED:
            return
        parts = [made]
        if plan.mishap == "split" and len(made.items) > 1:
            parts.append(mintsoft.split(made.id, {made.items[0].sku: made.items[0].quantity}))
        for place, part in enumerate(parts):
            self._made[part.id] = part
            mintsoft.despatch(part.id, courier_id=7, tracking_number=f"T{made.id}-{place}")
        self.run.note("warehouse", f"sends {made.number} in {len(parts)}")
        for back in plan.back:
            self.run.scheduler.after(back.after, partial(self._come_back, back, made, order))

    def _come_back(self, back: Back, made: WarehouseOrder, order: Order) -> None:
        positions = order.positions if back.whole else order.positions[:1]
        if back.rma:
            wanted = [] if back.whole else [{"id": positions[0].id}]
            try:
                told = self.miinto.create_rma(order.shop, order.id, wanted)
            except Failure:
                return
            number = self.miinto.rmas.dialect.number_of(str(told["rma"]))
            rma = self.miinto.rmas.one(order.shop, number)
            self.deal_of(order).rmas.append((back, rma))
            self.run.note("buyer", f"makes RMA {told}")
            if back.panel is not None:
                at, how = back.panel
                self.run.scheduler.after(at, partial(self._rma_in_panel, rma, how))
            return
        for at, how in back.received[:1]:
            goods = goods_of([(p.line.variant.sku, p.line.quantity) for p in positions], how)
            known = [row for row in goods if row["sku"] in MAPPED]
            self.run.scheduler.after(at, partial(self._came_without, made, order, known))

    def _came_without(
        self, made: WarehouseOrder, order: Order, goods: list[dict[str, Any]]
    ) -> None:
        if not goods:
            return
        record = self.run.mintsoft.make_return(goods, order_id=made.id)
        self._records.add(record.id)
        self.run.ignored.add(record.id)
        self.run.note("warehouse", f"has {goods} of {made.number} without an RMA: {record.id}")
        for position in order.positions:
            for row in goods:
                if row["sku"] == position.line.variant.sku:
                    self.without_rma[order.shop, position.id] += row["quantity"]

    def _rma_in_panel(self, rma: Rma, how: str) -> None:
        open_still = [line.id for line in rma.lines if line.status == "pending"]
        if open_still:
            self.run.note("panel", f"{how}s RMA {rma.number}")
            verdicts = [Verdict(number, how == "accept", "by hand") for number in open_still]
            self.miinto.rmas.decide(rma, verdicts, "admin panel")

    def return_id(self, rma: Rma) -> str:
        """The return that an RMA is in the hub."""
        return return_id_of(rma.shop, str(self.miinto.rmas.dialect.id_of(rma)))

    def rma_of(self, record: ExternalReturn) -> Rma | None:
        """The RMA that a record of the warehouse was made for, by its comments."""
        comments = record.rows[0].comments if record.rows else ""
        for rma in self.miinto.rmas.rmas.values():
            if re.search(rf"{re.escape(self.return_id(rma))}(?![0-9])", comments):
                return rma
        return None

    def records_of(self, rma: Rma) -> list[ExternalReturn]:
        """The warehouse's records of an RMA."""
        return [r for r in self.run.mintsoft.returns.values() if self.rma_of(r) is rma]

    def good_units(self, rma: Rma) -> Counter[str]:
        """SKU -> the most units of an RMA that the warehouse ever had in good condition."""
        units: Counter[str] = Counter()
        for record in self.records_of(rma):
            units += self.run.warehouse.most_good.get(record.id, Counter())
        return units

    def _new_records(self) -> None:
        for record in list(self.run.mintsoft.returns.values()):
            if record.id in self._records:
                continue
            self._records.add(record.id)
            rma = self.rma_of(record)
            if rma is None:
                continue
            back = next((b for d in self.deals for b, known in d.rmas if known is rma), None)
            for at, how in back.received if back else ():
                self.run.scheduler.after(at, partial(self._receive, record, rma, how))

    def _receive(self, record: ExternalReturn, rma: Rma, how: str) -> None:
        announced = self.run.warehouse.announced.setdefault(record.id, units_in(record))
        goods = goods_of(list(announced.items()), how)
        self.run.note("warehouse", f"confirms {record.id} ({how}): {goods}")
        self.run.mintsoft.receive(record.id, goods)
        most = self.run.warehouse.most_received.setdefault(record.id, Counter())
        most |= units_in(record)
        good = self.run.warehouse.most_good.setdefault(record.id, Counter())
        good |= units_in(record, reason_id=GOOD)

    # -- what was promised ----------------------------------------------------------------------

    def _margins(self) -> dict[tuple[int, str], int]:
        """Warehouse, SKU -> units in stock that no order that we know of will take."""
        mintsoft = self.run.mintsoft
        free: dict[tuple[int, str], int] = {}
        for (warehouse, product), held in mintsoft.stock.items():
            found = mintsoft.tenant.products[product]
            if found["client_id"] == 12:
                free[warehouse, found["sku"]] = held.units - held.quarantined
        for order in mintsoft.orders.values():
            if order.status_id not in CLOSED:
                for item in order.items:
                    if (order.warehouse_id, item.sku) in free:
                        free[order.warehouse_id, item.sku] -= item.quantity
        inserted = {order.number for order in mintsoft.orders.values()}
        for (shop, number), ordered in self.miinto.orders.orders.items():
            is_known = number_of(PREFIX, slug_of(shop), number) in inserted
            if shop in OURS and not is_known and (shop, ordered.transfer) in self.taken_by_hub:
                for position in ordered.positions:
                    key = (WAREHOUSES[shop], position.line.variant.sku)
                    free[key] = free.get(key, 0) - position.line.quantity
        return free

    @property
    def taken_by_hub(self) -> set[tuple[str, int]]:
        """Transfers of which the hub accepted anything."""
        return {
            (entry.content["shop"], entry.content["transfer"])
            for entry in self.miinto.noted
            if entry.what == "transfer_decided" and entry.by_hub and entry.content["accepted"]
        }
