"""Orders of the warehouse become sales orders of Unleashed; one that was sent is completed there.

The record is the warehouse's order, by its id. A part that was split off before its order was
exported is exported by itself; one that was split off afterwards is in its order's sales order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.echoes import is_for_unleashed
from returns_hub.domain.unleashed.export_rule import export_lines, is_wanted_status
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.names import (
    ASSEMBLIES,
    ORDER,
    ORDER_EXPORT,
    ORDERS,
    SHIPMENTS,
    TRANSFERS,
)
from returns_hub.domain.unleashed.sales_draft import SalesDraft
from returns_hub.domain.unleashed.sales_orders import OUR_SOURCE
from returns_hub.domain.warehouse_orders import WarehouseOrder, units_of
from returns_hub.domain.warehouse_sales import WarehouseSale
from returns_hub.errors import Misconfigured, Permanent, Retryable, Skip
from returns_hub.flows.long_orders import cut_off, orders_from
from returns_hub.flows.sync.shape import Change, Plan, Reached
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.export.bundles import KnownBundles
from returns_hub.flows.unleashed.export.steps import Exported, ExportSteps
from returns_hub.flows.unleashed.timed import TimedByWarehouse
from returns_hub.flows.unleashed.warehouse_problems import require_place
from returns_hub.ports.warehouse_sales import WarehouseSales

MOST_CALLS = 60
"""Pages of the warehouse's list, of a hundred orders each, for who needs all of it at once."""
OF_UNLEASHED = (ORDERS, SHIPMENTS, ASSEMBLIES, TRANSFERS)
"""Flows that make orders at the warehouse; what they made is never exported."""


class OrderExportSource(TimedByWarehouse):
    """`flows.sync.shape.Source` and `LongList` of orders that the warehouse has and Unleashed has
    not."""

    name = ORDER_EXPORT
    basis = ""

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.order_export)
        self._world = world
        self._settings = world.connection.order_export
        self._bundles = KnownBundles(world)
        self._channels = {channel.strip().casefold() for channel in self._settings.channels}

    @property
    def first_look_back(self) -> timedelta:
        """See `flows.sync.shape.Source.first_look_back`; back to ``since`` where that is said."""
        told = super().first_look_back
        if self._settings.since is None:
            return told
        return max(told, self._world.stores.clock.now() - self._settings.since)

    def pull(self, since: datetime) -> Iterator[Change[WarehouseOrder]]:
        """Orders of the channels and statuses, and those that were exported, whatever they are."""
        page = self._world.orders.orders_updated_since(since, MOST_CALLS)
        yield from self._changes(page.orders)
        if not page.complete:
            raise cut_off(f"{MOST_CALLS} pages hold")

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[WarehouseOrder] | Reached]:
        """See `LongList.pull_from`; the places are those of `orders_from`."""
        for told in orders_from(self._world.orders, since, place):
            if isinstance(told, Reached):
                yield told
            else:
                yield from self._changes(told)

    def _changes(self, orders: Iterable[WarehouseOrder]) -> Iterator[Change[WarehouseOrder]]:
        for order in orders:
            if is_for_unleashed(order.external_reference):
                continue
            if self._is_wanted(order) or self._is_known(order):
                yield change_of(self._whole(order))

    def read(self, key: str) -> Change[WarehouseOrder] | None:
        """One order."""
        order = self._world.orders.read_order(int(key))
        return None if order is None else change_of(order)

    def plan(self, change: Change[WarehouseOrder], state: SyncState) -> Plan:
        """What is to be done about an order as it is now."""
        order, made = change.content, state.step(ORDER)
        if made is not None and made.how:
            return self._follow(order, state, made)
        if not self._is_wanted(order):
            # A step that may have been carried out is seen to by whoever takes the plan.
            raise Skip("unleashed.export_status", "it is not one of those that are exported")
        self._require_not_of_unleashed(order)
        self._require_not_in_another(order)
        code = self._warehouse_of(order)
        sale = self._sales.read_sale(order.order_id)
        if sale is None:
            raise Retryable("mintsoft.no_such_order", "the order cannot be read now", after=300)
        if made is None:
            self._require_since(sale)
        draft = self._draft(sale, code, state)
        writes = ExportSteps(self._world, state)
        steps = [writes.make(draft, sale.order.units())]
        if not sale.order.is_shipped:
            return Plan(steps, outcome="exported")
        steps += writes.sent(draft.guid, order.number, (sale.order,))
        return Plan(steps, outcome="completed")

    # -- an order that is exported ------------------------------------------------------------

    def _follow(self, order: WarehouseOrder, state: SyncState, made: StepState) -> Plan:
        told = Exported.of(made)
        parts: tuple[WarehouseOrder, ...] = (order,)
        if order.units() != told.held:
            parts = self.parts_of(order, told)
        if any(part.is_cancelled for part in parts):
            raise Permanent(
                "unleashed.export_cancelled",
                f"order {order.number[:60]} was cancelled in Mintsoft after it was exported; "
                "delete or change its sales order in Unleashed, and discard this",
            )
        if not all(part.is_shipped for part in parts):
            # Of a split order the other parts' changes are not this record's.
            return Plan(outcome="exported", again=len(parts) > 1)
        steps = ExportSteps(self._world, state).sent(told.guid, told.number, parts)
        return Plan(steps, outcome="completed")

    def parts_of(self, order: WarehouseOrder, told: Exported) -> tuple[WarehouseOrder, ...]:
        """The parts that make the goods of a sales order whose order was split since.

        Raises:
            Permanent: There are none such: the order was changed, or merged.
        """
        found = [order]
        if len(order.numbers) == 1:
            found += [
                part
                for part in self._world.orders.orders_with_number(order.number)
                if part.order_id != order.order_id
                and not self._world.sync.load(ORDER_EXPORT, str(part.order_id)).done(ORDER)
            ]
        held = units_of(pair for part in found for pair in part.units().items())
        if held != told.held:
            raise Permanent(
                "unleashed.export_changed",
                f"order {order.number[:60]} holds other goods in Mintsoft than when it was "
                f"exported as {told.number[:60]}: change its sales order in Unleashed, complete it "
                "there when the goods left, and discard this",
            )
        return tuple(found)

    # -- an order that is not ---------------------------------------------------------------------

    def _is_wanted(self, order: WarehouseOrder) -> bool:
        if order.is_cancelled or not is_wanted_status(order, self._settings):
            return False
        if not self._channels:
            return True
        name = self._sales.channels().get(order.channel_id or 0, "")
        return name.casefold() in self._channels

    def _is_known(self, order: WarehouseOrder) -> bool:
        return self._world.sync.load(ORDER_EXPORT, str(order.order_id)).was_begun

    def _whole(self, order: WarehouseOrder) -> WarehouseOrder:
        if order.items is not None:
            return order
        return self._world.orders.read_order(order.order_id) or order

    def _require_not_of_unleashed(self, order: WarehouseOrder) -> None:
        """Raise where Unleashed has the order's goods on an order of its own."""
        if is_for_unleashed(order.external_reference):
            raise Skip("unleashed.export_ours", "the hub made it, for a record of Unleashed")
        records = self._world.sync.records
        for flow in OF_UNLEASHED:
            if records.made_by(self._world.merchant, flow, str(order.order_id)):
                raise Skip("unleashed.export_ours", "the hub made it, for a record of Unleashed")
        if len(order.numbers) == 1:
            return
        prefix = self._world.connection.orders.number_prefix
        for number in order.numbers:
            if not number.startswith(prefix):
                continue
            found = self._world.erp.orders.with_number(number.removeprefix(prefix))
            if found is not None and not found.is_ours:
                raise Permanent(
                    "unleashed.export_merged",
                    f"order {order.number[:60]} was merged of Unleashed's order {number[:60]} and "
                    "others; make the sales order of the others by hand, and discard this",
                )

    def _require_not_in_another(self, order: WarehouseOrder) -> None:
        """Raise where an order that it was split off from had been exported with its goods."""
        if order.parts == 1:
            return
        for part in self._world.orders.orders_with_number(order.number):
            if part.order_id == order.order_id:
                continue
            step = self._world.sync.load(ORDER_EXPORT, str(part.order_id)).step(ORDER)
            if step is None or part.units() == Exported.of(step).held:
                continue
            if not step.how:
                raise Retryable(
                    "unleashed.export_unclear",
                    "whether the order that it was split off from was exported is not known yet",
                    after=300,
                )
            raise Skip(
                "unleashed.export_in_part",
                "its goods are on the sales order of the order that it was split off from",
            )

    def _warehouse_of(self, order: WarehouseOrder) -> str:
        mapped = self._world.connection.warehouses
        code = next((code for code, id_ in mapped.items() if id_ == order.warehouse_id), None)
        if code is None:
            raise Skip(
                "unleashed.export_elsewhere",
                "its warehouse is not one of unleashed.warehouses",
            )
        require_place(self._world, code)
        return code

    def _require_since(self, sale: WarehouseSale) -> None:
        since = self._settings.since or self._world.world.live.merchant.live_from
        if since is None:
            return
        if sale.ordered_at is None:
            raise Permanent(
                "unleashed.export_no_date",
                f"order {sale.order.number[:60]} does not say when it was ordered, which tells "
                "whether the connector before had exported it",
            )
        if sale.ordered_at < since:
            raise Skip(
                "unleashed.before_live",
                "it was ordered before order_export.since or live_from, and is left",
            )

    def _draft(self, sale: WarehouseSale, code: str, state: SyncState) -> SalesDraft:
        settings, erp, order = self._settings, self._world.erp, sale.order
        customer, currency = self._customer(sale)
        rate = erp.order_making.tax_rate(settings.tax_code or "")
        guid = guid_for(state.operation_key(ORDER))
        part = f" (part {order.part} of {order.parts})" if order.parts > 1 else ""
        ordered = sale.ordered_at or order.updated_at
        return SalesDraft(
            guid=guid,
            # The number, by which a refund finds the order; parts have one number.
            source_id=f"{OUR_SOURCE}{order.number}" + (f"#{order.part}" if order.part > 1 else ""),
            customer_code=customer,
            warehouse_code=code,
            currency=currency,
            exchange_rate=erp.order_making.exchange_rate(currency),
            tax_code=settings.tax_code or "",
            tax_rate=rate,
            ordered_on=ordered.date(),
            lines=export_lines(
                sale, settings, rate, self._bundles.among(item.sku for item in sale.items)
            ),
            recipient=sale.recipient,
            reference=order.number,
            comments=f"Mintsoft order {order.number}{part}",
            journal_only=settings.journal_only,
        )

    def _customer(self, sale: WarehouseSale) -> tuple[str, str]:
        """The customer's code, and the currency, which is the order's and the customer's.

        Raises:
            Permanent: There is no such customer, or its currency is another.
        """
        settings, customers, number = self._settings, self._world.erp.customers, sale.order.number
        found = None
        if settings.customer_by_channel and sale.channel:
            found = customers.with_name(sale.channel)
        if found is None and settings.customer is not None:
            found = customers.with_code(settings.customer)
        if found is None or found.obsolete:
            by_channel = settings.customer_by_channel
            wanted = (sale.channel if by_channel else settings.customer) or "without a name"
            raise Permanent(
                "unleashed.no_customer",
                f"order {number[:60]}: Unleashed has no customer {wanted[:60]} in use",
            )
        if not sale.currency or (found.currency and found.currency != sale.currency):
            raise Permanent(
                "unleashed.export_currency",
                f"order {number[:60]} is in {sale.currency or 'no currency'}, and customer "
                f"{found.code[:60]} in {found.currency or 'another'}: an order has its customer's; "
                "name another customer, or make the sales order by hand and discard this",
            )
        return found.code, sale.currency

    @property
    def _sales(self) -> WarehouseSales:
        if self._world.sales is None:
            raise Misconfigured("unleashed.no_sales", "this function cannot read Mintsoft's sales")
        return self._world.sales


def change_of(order: WarehouseOrder) -> Change[WarehouseOrder]:
    """An order as the source shows it: what is acted on makes the version."""
    seen = (
        order.number,
        order.part,
        order.parts,
        order.warehouse_id,
        order.channel_id,
        order.is_shipped,
        order.is_cancelled,
        sorted(order.units().items()),
        # Where nothing was sent yet, the status decides whether it is exported.
        "" if order.is_shipped else order.status_word,
    )
    return Change(str(order.order_id), short_hash(repr(seen), 24), order.updated_at, order)


def sources(world: ErpWorld) -> list[OrderExportSource]:
    """The flow's sources."""
    return [OrderExportSource(world)]
