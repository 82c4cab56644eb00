"""`ports.OrdersWarehouse` in memory; tests/contract holds it to what the real adapter does."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.order_changes import NOT_BEGUN
from returns_hub.domain.warehouse_orders import (
    CourierService,
    OrderDraft,
    OrderedItem,
    OrderPage,
    OrderStage,
    PickedUnits,
    WarehouseOrder,
    WarehouseOrderMade,
    draft_problem,
    same_goods,
    units_of,
)
from returns_hub.domain.warehouse_stock import StockLevel, StockProof, StockSample
from returns_hub.errors import Permanent, Retryable, Verdict
from tests.support.fakes import TestClock

COURIERS = (CourierService(7, "DHL Parcel Connect", True), CourierService(8, "GLS", True))
OPEN = frozenset(OrderStage) - {OrderStage.DESPATCHED, OrderStage.CANCELLED}


@dataclass
class Kept:
    """An order, its draft, and the comments on it."""

    order: WarehouseOrder
    draft: OrderDraft
    comments: list[str] = field(default_factory=list)


class FakeOrdersWarehouse:
    """The orders and stock of one client.

    `trouble` is what goes wrong with the next writes: before them, or after they were carried out.
    """

    def __init__(self, clock: TestClock, skus: tuple[str, ...] = ("TEE", "MUG", "CAP")) -> None:
        self._clock = clock
        self.skus = set(skus)
        self.kept: dict[int, Kept] = {}
        self.units: dict[tuple[int, str], tuple[int, int]] = {}
        self.trouble: deque[tuple[Literal["before", "after"], Verdict]] = deque()
        self.cancels_held = False
        self._next_id = 501

    def require_open(self) -> None:
        return

    # -- writes -----------------------------------------------------------------------------

    def create_order(self, draft: OrderDraft, send_by: datetime) -> WarehouseOrderMade:
        problem = draft_problem(draft, 50)
        if problem:
            raise Permanent("mintsoft.bad_order", problem)
        after = self._before(send_by)
        looked_up = self.find_order(draft.number, units=draft.units())
        if isinstance(looked_up, Found):
            return WarehouseOrderMade(int(looked_up.partner_id), found=True)
        if isinstance(looked_up, Inconclusive):
            raise Permanent("mintsoft.order_number_taken", looked_up.why)
        for kept in self.kept.values():
            if draft.external_reference and (
                kept.draft.external_reference == draft.external_reference
            ):
                raise Permanent("mintsoft.order_number_taken", kept.order.number)
        for item in draft.items:
            if item.sku not in self.skus:
                raise Permanent("mintsoft.refused", f"Product {item.sku} does not exist")
        made = WarehouseOrder(
            order_id=self._next_id,
            number=draft.number,
            stage=OrderStage.NEW,
            status_word="NEW",
            version=self._clock.now().isoformat(),
            updated_at=self._clock.now(),
            external_reference=draft.external_reference,
            warehouse_id=draft.warehouse_id,
            items=tuple(OrderedItem(item.sku, item.quantity) for item in draft.items),
            name_values=draft.name_values,
        )
        self._next_id += 1
        self.kept[made.order_id] = Kept(made, draft)
        self._allocate(made.order_id)
        self._after(after)
        return WarehouseOrderMade(made.order_id)

    def add_order_comment(self, order_id: int, text: str, send_by: datetime) -> None:
        after = self._before(send_by)
        self._kept(order_id).comments.append(text)
        self._after(after)

    def cancel_order(self, order_id: int, send_by: datetime, *, held_too: bool = False) -> None:
        order = self._kept(order_id).order
        if order.is_cancelled:
            return
        is_held = held_too and order.stage in NOT_BEGUN
        if is_held and not self.cancels_held:
            raise Permanent("mintsoft.refused", f"order {order.number} cannot be cancelled")
        if order.stage is not OrderStage.NEW and not is_held:
            raise Permanent("mintsoft.too_late_to_cancel", f"order {order.number} is in work")
        after = self._before(send_by)
        self.move(order_id, OrderStage.CANCELLED)
        self._after(after)

    def _before(self, send_by: datetime) -> Verdict | None:
        if self._clock.now() > send_by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        when, verdict = self.trouble.popleft() if self.trouble else ("", None)
        if when == "before" and verdict is not None:
            raise verdict
        return verdict

    def _after(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            raise verdict

    # -- reads ------------------------------------------------------------------------------

    def picked_units(self, order: WarehouseOrder) -> tuple[PickedUnits, ...]:
        return ()

    def find_order(
        self,
        number: str,
        *,
        units: Mapping[str, int] | None = None,
        since: datetime | None = None,
    ) -> LookUp:
        orders = self.orders_with_number(number)
        if not orders:
            return NotFound()
        held = units_of((i.sku, i.quantity) for order in orders for i in order.items or ())
        merged = any(len(order.numbers) > 1 for order in orders)
        if units is not None and not same_goods(held, units, merged=merged):
            return Inconclusive(f"order {number} has other goods")
        return Found(str(orders[0].order_id))

    def orders_with_number(self, number: str) -> tuple[WarehouseOrder, ...]:
        found = [k.order for k in self.kept.values() if number in k.order.numbers]
        return tuple(sorted(found, key=lambda order: (order.part, order.order_id)))

    def read_order(self, order_id: int) -> WarehouseOrder | None:
        return self.kept[order_id].order if order_id in self.kept else None

    def orders_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stage: OrderStage | None = None,
        *,
        first_page: int = 1,
    ) -> OrderPage:
        found = [k.order for k in self.kept.values() if k.order.updated_at >= since]
        return OrderPage(tuple(o for o in found if stage in {None, o.stage}), 2)

    def order_comments(self, order_id: int) -> tuple[str, ...]:
        return tuple(self._kept(order_id).comments)

    def courier_services(self) -> tuple[CourierService, ...]:
        return COURIERS

    def stock_levels(self, warehouse_id: int) -> Mapping[str, StockLevel]:
        return {
            sku: StockLevel(
                level=units - self._aside(warehouse_id, sku), total=units, quarantined=held
            )
            for (place, sku), (units, held) in self.units.items()
            if place == warehouse_id
        }

    def prove_stock_levels(self, warehouse_id: int) -> StockProof:
        return StockProof(
            tuple(
                StockSample(
                    sku=sku,
                    level=level.level,
                    total=level.total,
                    on_hand=level.total or 0,
                    allocated=self._aside(warehouse_id, sku),
                    quarantined=level.quarantined,
                )
                for sku, level in self.stock_levels(warehouse_id).items()
            )
        )

    def unknown_statuses(self) -> tuple[str, ...]:
        return ()

    def _kept(self, order_id: int) -> Kept:
        if order_id not in self.kept:
            raise Permanent("mintsoft.no_such_order", f"Mintsoft has no order {order_id}")
        return self.kept[order_id]

    # -- the warehouse's hands --------------------------------------------------------------

    def move(self, order_id: int, stage: OrderStage) -> None:
        """The order goes on, or is held up."""
        self._change(order_id, stage=stage, status_word=stage.value.upper())

    def despatch(self, order_id: int, *, tracking_number: str = "", tracking_url: str = "") -> None:
        """A parcel leaves with what the order holds."""
        order = self.kept[order_id].order
        for sku, units in order.units().items():
            key = (order.warehouse_id or 0, sku)
            if key in self.units:
                there, held = self.units[key]
                self.units[key] = (max(0, there - units), held)
        self._change(
            order_id,
            stage=OrderStage.DESPATCHED,
            status_word="DESPATCHED",
            despatched_at=self._clock.now(),
            courier="DHL Parcel Connect",
            courier_id=7,
            tracking_number=tracking_number,
            tracking_url=tracking_url,
        )

    def split(self, order_id: int, units: dict[str, int]) -> int:
        """Units of the order become a part of their own."""
        order = self.kept[order_id].order
        stay = units_of((sku, n - units.get(sku, 0)) for sku, n in order.units().items())
        both = [tuple(OrderedItem(s, n) for s, n in part.items()) for part in (stay, units)]
        made, self._next_id = self._next_id, self._next_id + 1
        self.kept[made] = replace(self.kept[order_id], order=replace(order, order_id=made))
        self._change(order_id, items=both[0], parts=2)
        self._change(made, items=both[1], part=2, parts=2)
        return made

    def merge(self, order_id: int, other_id: int) -> None:
        """Two orders become one."""
        order, other = self.kept[order_id].order, self.kept.pop(other_id).order
        items = (*(order.items or ()), *(other.items or ()))
        self._change(order_id, number=f"{order.number}+{other.number}", items=items)

    def set_stock(self, sku: str, units: int, quarantined: int = 0, warehouse_id: int = 3) -> None:
        """Somebody counted."""
        self.units[warehouse_id, sku] = (units, quarantined)

    def _change(self, order_id: int, **changes: object) -> None:
        now = self._clock.now()
        kept = self.kept[order_id]
        kept.order = replace(kept.order, version=now.isoformat(), updated_at=now, **changes)  # type: ignore[arg-type]

    def _aside(self, warehouse_id: int, sku: str) -> int:
        return sum(
            item.allocated
            for kept in self.kept.values()
            if kept.order.warehouse_id == warehouse_id and kept.order.stage in OPEN
            for item in kept.order.items or ()
            if item.sku == sku
        )

    def _allocate(self, order_id: int) -> None:
        """Set aside what there is; short of it, the order waits."""
        order = self.kept[order_id].order
        items = []
        for item in order.items or ():
            place = (order.warehouse_id or 0, item.sku)
            there, held = self.units.get(place, (0, 0))
            free = max(0, there - held - self._aside(*place))
            aside = min(free, item.quantity)
            items.append(replace(item, allocated=aside, on_back_order=item.quantity - aside))
        is_short = any(item.on_back_order for item in items)
        stage = OrderStage.BACK_ORDERED if is_short else OrderStage.NEW
        word = "ONBACKORDER" if is_short else "NEW"
        self._change(order_id, items=tuple(items), stage=stage, status_word=word)
