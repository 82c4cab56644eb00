"""Stock of the simulated Mintsoft: units, quarantine, and what orders set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.simulators.mintsoft.products import Products
from local.simulators.mintsoft.replies import Refusal, invalid, number, text, whole
from local.simulators.mintsoft.tenant import CLOSED, NEW, ON_BACK_ORDER, Order, Stock, User
from local.simulators.wire import Reply, Request, json_reply


@dataclass(frozen=True)
class OnHand:
    """A row of ``BulkOnHandStockUpdate``; a product by its SKU or by its id."""

    sku: str
    product_id: int
    warehouse_id: int
    units: int

    @classmethod
    def of(cls, row: dict[str, Any]) -> OnHand:
        """The row as it was sent.

        Raises:
            Refusal: It has a field of another type.
        """
        return cls(
            text(row, "SKU"),
            whole(row, "ProductId", default=0),
            whole(row, "WarehouseId", default=0),
            whole(row, "Quantity", default=0),
        )


class StockRoom(Products):
    """What lies in the warehouses. Units in quarantine are units that no order gets."""

    def set_stock(
        self, warehouse_id: int, product_id: int, units: int, quarantined: int = 0
    ) -> Stock:
        """Somebody counted."""
        if product_id not in self.tenant.products or warehouse_id not in self.tenant.warehouses:
            raise ValueError(f"no product {product_id} or no warehouse {warehouse_id}")
        self.stock[warehouse_id, product_id] = Stock(units, quarantined, self._now())
        self.allocate_all()
        return self.stock[warehouse_id, product_id]

    def add_stock(self, warehouse_id: int, product_id: int, units: int, quarantined: int) -> None:
        """Goods came, or left with a number below 0."""
        now = self._now()
        held = self.stock.setdefault((warehouse_id, product_id), Stock(0, 0, now))
        held.units = max(0, held.units + units)
        held.quarantined += quarantined
        held.updated_at = now
        if units > 0:
            self.allocate_all()

    def _set_on_hand(self, request: Request, query: dict[str, str], user: User) -> Reply:
        """``BulkOnHandStockUpdate``: a number for each row, and a verdict."""
        try:
            rows = request.json()
        except ValueError:
            raise Refusal(invalid("")) from None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refusal(invalid(""))
        client_id = user.client_id or number(query, "clientid")
        wanted = [OnHand.of(row) for row in rows]
        verdicts = [self._set_one(one, client_id) for one in wanted]
        self.allocate_all()
        self.note("BulkOnHandStockUpdate", user.name, rows=rows)
        return json_reply(200, verdicts)

    def _set_one(self, wanted: OnHand, client_id: int) -> dict[str, Any]:
        place, units = wanted.warehouse_id, wanted.units
        told: dict[str, Any] = {"Success": False, "Message": None, "ProductId": 0}
        key = wanted.product_id or self.product_with(wanted.sku, client_id)
        product = self.tenant.products.get(key)
        told["SKU"] = product["sku"] if product else wanted.sku
        if product is None or product["client_id"] != client_id:
            return told | {"Message": f"Could not find product {wanted.sku or wanted.product_id}"}
        if place not in self.tenant.warehouses or units < 0:
            return told | {"Message": "The warehouse or the quantity is not valid"}
        aside = self.allocated()[place, key] if self.settings.on_hand_set == "free" else 0
        before = self.stock.get((place, key))
        quarantined = before.quarantined if before else 0
        self.stock[place, key] = Stock(units + aside, quarantined, self._now())
        return told | {"Success": True, "ProductId": key}

    def allocated(self) -> Counter[tuple[int, int]]:
        """Units that orders set aside, by warehouse and product."""
        total: Counter[tuple[int, int]] = Counter()
        for order in self.orders.values():
            if order.status_id not in CLOSED:
                for item in order.items:
                    total[order.warehouse_id, item.product_id] += item.allocated
        return total

    def allocate(self, order: Order, taken: Counter[tuple[int, int]] | None = None) -> None:
        """Set aside what there is for an order; short of it, it waits. `taken` is what is set aside
        already, and is kept up to date; without it, it is summed."""
        taken = self.allocated() if taken is None else taken
        for item in order.items:
            key = (order.warehouse_id, item.product_id)
            held = self.stock.get(key)
            free = max(0, held.units - held.quarantined - taken[key]) if held else 0
            more = min(free, item.quantity - item.allocated)
            item.allocated += more
            taken[key] += more
        is_short = any(item.allocated < item.quantity for item in order.items)
        if is_short and order.status_id == NEW and self.settings.short_of_stock == "back_order":
            order.status_id = ON_BACK_ORDER
        elif not is_short and order.status_id == ON_BACK_ORDER:
            order.status_id, order.updated_at = NEW, self._now()

    def allocate_all(self) -> None:
        """Set aside what came for the orders that wait, the oldest first."""
        taken = self.allocated()
        for order in sorted(self.orders.values(), key=lambda order: order.id):
            if order.status_id in {NEW, ON_BACK_ORDER}:
                self.allocate(order, taken)

    # -- what is answered -------------------------------------------------------------------

    def _levels(self, query: dict[str, str], user: User) -> Reply:
        """Everything in one array. Warehouse 0 is all of them summed, none is each by itself."""
        asked = query.get("warehouseid", "")
        warehouse_id = number(query, "warehouseid")
        with_breakdown = query.get("breakdown", "").lower() == "true"
        wanted = number(query, "productid"), query.get("sku", "")
        taken = self.allocated()
        rows: dict[tuple[int, int], tuple[Stock, int]] = {}
        for (place, product_id), held in self.stock.items():
            product = self.tenant.products[product_id]
            if user.client_id not in {None, product["client_id"]}:
                continue
            if wanted[0] not in {0, product_id} or wanted[1] not in {"", product["sku"]}:
                continue
            if warehouse_id not in {0, place}:
                continue
            summed = asked == "0"
            key = (0 if summed else place, product_id)
            before, aside = rows.get(key, (Stock(0, 0, held.updated_at), 0))
            rows[key] = (
                Stock(
                    before.units + held.units,
                    before.quarantined + held.quarantined,
                    max(before.updated_at, held.updated_at),
                ),
                aside + taken[place, product_id],
            )
        bodies = [
            self._level(key, held, aside, with_breakdown)
            for key, (held, aside) in sorted(rows.items())
        ]
        every = sorted(self.tenant.warehouses)
        places = {0: every} if asked == "0" else {one: [one] for one in every}
        if warehouse_id:
            places = {warehouse_id: [warehouse_id]}
        return json_reply(200, bodies + self._bundle_levels(places, wanted, user, taken))

    def _level(
        self, key: tuple[int, int], held: Stock, aside: int, with_breakdown: bool
    ) -> dict[str, Any]:
        product = self.tenant.products[key[1]]
        free = held.units - aside
        body: dict[str, Any] = {
            "ProductId": key[1],
            "WarehouseId": key[0],
            "ClientId": product["client_id"],
            "SKU": product["sku"],
            "Level": free if self.settings.level_means == "available" else held.units,
            "PreOrderable": False,
            "Bundle": False,
            "LowStockLevel": 0,
            "LastUpdated": self.naive(held.updated_at),
            "Breakdown": None,
        }
        if self.settings.level_means == "available":
            body["TotalStockLevel"] = held.units
        elif self.settings.level_means == "on_hand":
            body["TotalStockLevel"] = free
        if with_breakdown:
            body["Breakdown"] = [
                {
                    "Quantity": held.quarantined,
                    "BatchNo": None,
                    "SerialNo": None,
                    "BestBefore": None,
                    "Type": "Quarantine",
                }
            ] * bool(held.quarantined)
        return body

    def _bundle_levels(
        self,
        places: Mapping[int, Sequence[int]],
        wanted: tuple[int, str],
        user: User,
        taken: Counter[tuple[int, int]],
    ) -> list[dict[str, Any]]:
        """Bundles have no stock of their own: as many as their components allow at each place."""
        rows = []
        for key, product in self.tenant.products.items():
            if "components" not in product or user.client_id not in {None, product["client_id"]}:
                continue
            if wanted[0] not in {0, key} or wanted[1] not in {"", product["sku"]}:
                continue
            for place, summed in places.items():
                units = sum(self._can_make(product, one, taken) for one in summed)
                made = Stock(units, 0, self._now())
                row = self._level((place, key), made, 0, with_breakdown=False)
                rows.append(row | {"Bundle": True})
        return rows

    def _can_make(
        self, product: dict[str, Any], place: int, taken: Counter[tuple[int, int]]
    ) -> int:
        can = []
        for sku, each in product["components"].items():
            key = (place, self.product_with(sku, product["client_id"]))
            held = self.stock.get(key)
            free = held.units - held.quarantined - taken[key] if held else 0
            can.append(max(0, free) // int(each))
        return min(can, default=0)

    def _inventory(self, product_id: int, user: User) -> Reply:
        """One product in every warehouse, in words that are clear."""
        product = self.tenant.products.get(product_id)
        if product is None or user.client_id not in {None, product["client_id"]}:
            return Reply(404)
        taken = self.allocated()
        rows = [
            {
                "ID": place * 1_000_000 + key,
                "ProductId": key,
                "SKU": product["sku"],
                "WarehouseId": place,
                "LocationId": 0,
                "StockLevel": held.units - taken[place, key] - held.quarantined,
                "Allocated": taken[place, key],
                "OnHand": held.units,
                "OffHand": 0,
                "AwaitingReplen": 0,
                "OnOrder": 0,
                "RequiredByBackOrder": 0,
                "InQuarantine": held.quarantined,
                "InTransit": 0,
                "InTransition": 0,
                "Scrapped": 0,
                "Breakdown": None,
                "LastUpdated": self.naive(held.updated_at),
                "LastUpdatedByUser": "warehouse",
            }
            for (place, key), held in self.stock.items()
            if key == product_id
        ]
        return json_reply(200, rows)
