"""Mintsoft as the warehouse that sends orders: `ports.OrdersWarehouse`.

Sources: Mintsoft's Swagger (NewOrderWithItems, NewOrderResult), its help centre on creating orders,
and recorded behaviour of client projects: writes that are made with GET, a number that is refused
the second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from returns_hub.adapters.mintsoft.answers import rows_of
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import AlreadyThere, created_orders, require_done
from returns_hub.adapters.mintsoft.order_models import Courier
from returns_hub.adapters.mintsoft.order_reads import (
    ORDER,
    MintsoftOrderBook,
    no_such_order,
    other_goods,
)
from returns_hub.adapters.mintsoft.order_translate import spelt_alike, to_body, without_person
from returns_hub.adapters.mintsoft.stock import MintsoftStock
from returns_hub.adapters.mintsoft.whose import client_filter
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import Found, Inconclusive
from returns_hub.domain.order_changes import NOT_BEGUN
from returns_hub.domain.warehouse_orders import (
    CourierService,
    OrderDraft,
    OrderStage,
    WarehouseOrder,
    WarehouseOrderMade,
    draft_problem,
    same_goods,
)
from returns_hub.domain.warehouse_stock import StockLevel, StockProof
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.ports import Clock


class MintsoftOrders(MintsoftOrderBook):
    """One client's orders and stock in a 3PL's Mintsoft."""

    def __init__(
        self, client: MintsoftClient, connection: MintsoftConnection, *, clock: Clock
    ) -> None:
        super().__init__(client, connection, clock=clock)
        self._stock = MintsoftStock(client, connection)

    def require_open(self) -> None:
        """See `ports.OrdersWarehouse.require_open`."""
        self._client.require_open()

    # -- making ---------------------------------------------------------------------------

    def create_order(self, draft: OrderDraft, send_by: datetime) -> WarehouseOrderMade:
        """See `ports.OrdersWarehouse.create_order`.

        Mintsoft keeps numbers and external references unique for each client of a 3PL (its help
        centre) and refuses a second order with "already exists": so a repetition makes no other.
        """
        problem = draft_problem(draft, self._connection.orders.number_length)
        if problem:
            raise Permanent("mintsoft.bad_order", problem)
        body = to_body(draft, client_filter(self._connection).get("ClientId"))
        try:
            content = self._client.write(
                "PUT",
                ORDER,
                template=ORDER,
                body=body.model_dump(by_alias=True, exclude_none=True),
                send_by=send_by,
            )
            made, drop_ship = created_orders(content)
        except AlreadyThere as there:
            return self._that_exists(draft, there)
        except (Permanent, Misconfigured) as verdict:
            said = without_person(verdict.reason, draft)
            raise type(verdict)(verdict.code, said) from None
        return WarehouseOrderMade(made, drop_ship)

    def _that_exists(self, draft: OrderDraft, there: AlreadyThere) -> WarehouseOrderMade:
        """The order that Mintsoft has already, if it is ours."""
        looked_up = self.find_order(draft.number, units=draft.units())
        if isinstance(looked_up, Found):
            return WarehouseOrderMade(int(looked_up.partner_id), found=True)
        other = self.read_order(there.existing_id) if there.existing_id else None
        if other is not None and any(spelt_alike(n, draft.number) for n in other.numbers):
            if same_goods(other.units(), draft.units(), merged=len(other.numbers) > 1):
                return WarehouseOrderMade(other.order_id, found=True)
            why = other_goods(draft.number, [other], draft.units())
        elif isinstance(looked_up, Inconclusive):
            why = looked_up.why
        else:
            why = self._what_else_exists(draft, other)
        raise Permanent("mintsoft.order_number_taken", why)

    def _what_else_exists(self, draft: OrderDraft, other: WarehouseOrder | None) -> str:
        if other is None and draft.external_reference:
            other = self._with_reference(draft.external_reference)
        if other is None:
            return (
                f"Mintsoft says that order {draft.number} exists already, and shows none of this "
                "client; look for it there, cancelled ones too"
            )
        return (
            f"Mintsoft has order {other.number} (id {other.order_id}) with the reference "
            f"{draft.external_reference} of order {draft.number} already"
        )

    # -- comments and cancelling ------------------------------------------------------------

    def add_order_comment(self, order_id: int, text: str, send_by: datetime) -> None:
        """See `ports.OrdersWarehouse.add_order_comment`.

        Comments are read by the order's id, so that one that was made is seen at once. `Admin` is
        false: what it hides from whom is not published, and the warehouse has to see it.
        """
        content = self._client.write(
            "POST",
            f"{ORDER}/{order_id}/Comments",
            template=f"{ORDER}/{{id}}/Comments",
            body={"Comment": text, "Admin": False},
            send_by=send_by,
        )
        require_done(content)

    def cancel_order(self, order_id: int, send_by: datetime, *, held_too: bool = False) -> None:
        """See `ports.OrdersWarehouse.cancel_order`. Mintsoft cancels with GET.

        A client project cancels NEW orders alone; whether Mintsoft cancels one that is held or
        waits for stock is not published, so that its answer counts.
        """
        order = self.read_order(order_id)
        if order is None:
            raise no_such_order(order_id)
        if order.is_cancelled:
            return
        if order.stage not in (NOT_BEGUN if held_too else {OrderStage.NEW}):
            raise Permanent(
                "mintsoft.too_late_to_cancel",
                f"order {order.number} is {order.status_word} in Mintsoft; the hub cancels "
                f"{'those that nobody has begun' if held_too else 'NEW ones'} only",
            )
        content = self._client.write(
            "GET",
            f"{ORDER}/{order_id}/Cancel",
            template=f"{ORDER}/{{id}}/Cancel",
            send_by=send_by,
        )
        require_done(content)

    # -- stock and reference data -----------------------------------------------------------

    def stock_levels(self, warehouse_id: int) -> Mapping[str, StockLevel]:
        """See `ports.OrdersWarehouse.stock_levels`."""
        return self._stock.levels(warehouse_id)

    def prove_stock_levels(self, warehouse_id: int) -> StockProof:
        """See `ports.OrdersWarehouse.prove_stock_levels`."""
        return self._stock.prove(warehouse_id)

    def courier_services(self) -> tuple[CourierService, ...]:
        """See `ports.OrdersWarehouse.courier_services`."""
        rows = rows_of(Courier, self._client.read_call("/api/Courier/Services"))
        return tuple(CourierService(row.id, row.name or "", bool(row.active)) for row in rows)
