"""Orders in Mintsoft, found and read.

Sources: Mintsoft's Swagger (Order), and recorded behaviour of client projects: the search matches
tracking numbers and external references too, shows ten rows of whichever client, and leaves columns
empty; unknown parameters of lists are ignored, so that every filter is checked again here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from returns_hub.adapters.mintsoft.answers import one, rows_of
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import NotThere
from returns_hub.adapters.mintsoft.order_models import (
    Order,
    OrderComment,
    OrderItem,
    OrderStatus,
    VerifiedItem,
)
from returns_hub.adapters.mintsoft.order_translate import (
    SHIPPED,
    STATUSES,
    has_number,
    to_order,
)
from returns_hub.adapters.mintsoft.pages import PAGE_SIZE, Given, give_each
from returns_hub.adapters.mintsoft.times import to_naive, zone
from returns_hub.adapters.mintsoft.whose import client_filter
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.warehouse_orders import (
    OrderPage,
    OrderStage,
    PickedUnits,
    WarehouseOrder,
    same_goods,
    units_of,
)
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import Clock

ORDER = "/api/Order"
MOST_SHOWN = 10
"""Rows that the search gives at most."""
MOST_LOOK_UP_CALLS = 20
LOOK_UP_OVERLAP = timedelta(minutes=90)
"""The zone of Mintsoft's times is not proven: an hour, and clocks that differ."""
STATUSES_HOLD = timedelta(hours=1)


class MintsoftOrderBook:
    """One client's orders in a 3PL's Mintsoft; reads alone."""

    def __init__(
        self, client: MintsoftClient, connection: MintsoftConnection, *, clock: Clock
    ) -> None:
        self._client = client
        self._connection = connection
        self._clock = clock
        self._zone = zone(connection.time_zone)
        self._tenants_statuses: tuple[datetime, dict[int, OrderStatus]] | None = None

    # -- finding ----------------------------------------------------------------------------

    def find_order(
        self,
        number: str,
        *,
        units: Mapping[str, int] | None = None,
        since: datetime | None = None,
    ) -> LookUp:
        """See `ports.OrdersWarehouse.find_order`.

        The search gives ten rows of all clients that the key can see; when they are full, and
        when an order may have been merged with another, the list of what changed since the first
        try shows it.
        """
        rows, may_be_more = self._search(number)
        if not rows and since is not None:
            listed: list[Order] = []
            since_then = since - LOOK_UP_OVERLAP
            walk = self._walk(since_then, MOST_LOOK_UP_CALLS, listed.append)
            rows = [row for row in listed if self._is_ours(row) and has_number(row, number)]
            may_be_more = not walk.complete
        if not rows:
            if may_be_more:
                return Inconclusive(
                    f"Mintsoft has too many orders to look through for {number}; look for it there"
                )
            return NotFound()
        orders = [self._whole(row) for row in rows]
        if units is not None and not _are_goods(orders, units):
            return Inconclusive(other_goods(number, orders, units))
        return Found(str(_in_order(orders)[0].order_id))

    def orders_with_number(self, number: str) -> tuple[WarehouseOrder, ...]:
        """See `ports.OrdersWarehouse.orders_with_number`."""
        rows, _ = self._search(number)
        return tuple(_in_order([self._whole(row) for row in rows]))

    def _search(self, number: str) -> tuple[list[Order], bool]:
        """This client's rows with the number; when there are none, whether some may be hidden."""
        hidden = False
        for exactly in (True, False):
            query: dict[str, str | int] = {"OrderNumber": number, "includeOrderItems": "true"}
            query |= client_filter(self._connection)
            if exactly:
                # Not every tenant has it; where it is ignored, the rows are the same.
                query["exactMatch"] = "true"
            path = f"{ORDER}/Search"
            try:
                rows = rows_of(Order, self._client.read(path, template=path, query=query))
            except NotThere:
                return [], True
            mine = [row for row in rows if self._is_ours(row) and has_number(row, number)]
            exact = [row for row in mine if (row.number or "").strip() == number]
            if mine:
                return exact or mine, False
            hidden = hidden or (exactly and len(rows) >= MOST_SHOWN)
        return [], hidden

    def _with_reference(self, reference: str) -> WarehouseOrder | None:
        path = f"{ORDER}/Search"
        query: dict[str, str | int] = {"OrderNumber": reference, **client_filter(self._connection)}
        for row in rows_of(Order, self._client.read_call(path, query)):
            if self._is_ours(row) and (row.external_reference or "").strip() == reference:
                return self._whole(row)
        return None

    # -- reading ----------------------------------------------------------------------------

    def read_order(self, order_id: int) -> WarehouseOrder | None:
        """See `ports.OrdersWarehouse.read_order`."""
        path = f"{ORDER}/{order_id}"
        try:
            row = one(Order, self._client.read(path, template=f"{ORDER}/{{id}}"))
            if not self._is_ours(row):
                return None
            if row.items is None:
                items = self._client.read(f"{path}/Items", template=f"{ORDER}/{{id}}/Items")
                row = row.model_copy(update={"items": tuple(rows_of(OrderItem, items))})
        except NotThere:
            return None
        return self._translated(row)

    def orders_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stage: OrderStage | None = None,
        *,
        first_page: int = 1,
    ) -> OrderPage:
        """See `ports.OrdersWarehouse.orders_updated_since`.

        Of a stage each status has a list of its own, since one of all orders is far longer. Where
        there are several of them, no page of one list says where to go on.
        """
        found: dict[str, WarehouseOrder] = {}
        calls, complete, next_page = 0, True, None

        def take(row: Order) -> None:
            order = self._translated(row) if self._is_ours(row) else None
            if order and order.updated_at >= since and stage in {None, order.stage}:
                found[order.key] = order

        statuses = _statuses_of(stage)
        for status_id in statuses:
            walk = self._walk(since, most_calls - calls, take, status_id, first_page)
            calls, complete = calls + walk.calls, complete and walk.complete
            next_page = walk.next_page if len(statuses) == 1 else None
        return OrderPage(tuple(found.values()), calls, complete, next_page)

    def _walk(
        self,
        since: datetime,
        most_calls: int,
        take: Callable[[Order], None],
        status_id: int | None = None,
        first_page: int = 1,
    ) -> Given:
        """Give away every row of the list of orders; see `pages.give_each`.

        A row may slip from a page to another between two calls; the reads of a later run overlap.
        """
        query: dict[str, str | int] = {"Limit": PAGE_SIZE, "IncludeOrderItems": "true"}
        query |= client_filter(self._connection)
        query["SinceLastUpdated"] = to_naive(since, self._zone)
        if status_id is not None:
            # Mintsoft ignores statusId, and gives everything.
            query["OrderStatusId"] = status_id

        def page(number: int) -> list[Order]:
            content = self._client.read_call(f"{ORDER}/List", query | {"PageNo": number})
            return rows_of(Order, content)

        return give_each(page, lambda row: (row.id, row.last_updated), take, most_calls, first_page)

    def _whole(self, row: Order) -> WarehouseOrder:
        """The order of a search's row, which may lack its status and items."""
        if row.items is None or not row.status_id:
            order = self.read_order(row.id)
            if order is not None:
                return order
        return self._translated(row)

    def _translated(self, row: Order) -> WarehouseOrder:
        return to_order(row, self._zone, self._status)

    def order_comments(self, order_id: int) -> tuple[str, ...]:
        """See `ports.OrdersWarehouse.order_comments`.

        Raises:
            Retryable: There are comments, and none has a text: then they say nothing of ours.
        """
        try:
            content = self._client.read(
                f"{ORDER}/{order_id}/Comments", template=f"{ORDER}/{{id}}/Comments"
            )
        except NotThere:
            raise no_such_order(order_id) from None
        rows = rows_of(OrderComment, content)
        texts = tuple(row.comment for row in rows if row.comment)
        if rows and not texts:
            raise Retryable(
                "mintsoft.unreadable", f"no comment on order {order_id} has a text", after=300
            )
        return texts

    def picked_units(self, order: WarehouseOrder) -> tuple[PickedUnits, ...]:
        """See `ports.OrdersWarehouse.picked_units`.

        Source: Mintsoft's Swagger (BarcodeVerifiedOrderItem), and a client project that reads
        serial numbers there. Its rows name the order's item, and no SKU.
        """
        path = f"{ORDER}/{order.order_id}/BarcodeVerifiedOrderItems"
        template = f"{ORDER}/{{id}}/BarcodeVerifiedOrderItems"
        try:
            rows = rows_of(VerifiedItem, self._client.read(path, template=template))
        except NotThere:
            return ()
        skus = {item.item_id: item.sku for item in order.items or () if item.item_id}
        return tuple(
            PickedUnits(
                sku=skus[row.item_id],
                quantity=row.quantity or (1 if (row.serial or "").strip() else 0),
                batch=(row.batch or "").strip(),
                serial=(row.serial or "").strip(),
            )
            for row in rows
            if row.item_id in skus
        )

    # -- statuses ---------------------------------------------------------------------------

    def unknown_statuses(self) -> tuple[str, ...]:
        """See `ports.OrdersWarehouse.unknown_statuses`."""
        said = []
        for number, row in sorted(self._statuses().items()):
            word, stage = STATUSES.get(number, ("", OrderStage.UNKNOWN))
            if number not in STATUSES and not _is_shipped(row):
                said.append(f"status {number} {row.name} is not known: it leads to no decision")
            elif number in STATUSES and _is_shipped(row) != (stage is OrderStage.DESPATCHED):
                said.append(f"status {number} is {row.name} there, and we take it for {word}")
        return tuple(said)

    def _status(self, number: int | None) -> tuple[str, OrderStage]:
        """The word of a status, and what it means; asks Mintsoft for one that is not known."""
        if number is None:
            return "", OrderStage.UNKNOWN
        if number in STATUSES:
            return STATUSES[number]
        try:
            row = self._statuses().get(number)
        except (Permanent, Retryable):
            row = None
        if row is None:
            return f"status {number}", OrderStage.UNKNOWN
        stage = OrderStage.DESPATCHED if _is_shipped(row) else OrderStage.UNKNOWN
        return row.name or f"status {number}", stage

    def _statuses(self) -> dict[int, OrderStatus]:
        known, now = self._tenants_statuses, self._clock.now()
        if known is None or now - known[0] > STATUSES_HOLD:
            rows = rows_of(OrderStatus, self._client.read_call(f"{ORDER}/Statuses"))
            known = self._tenants_statuses = (now, {row.id: row for row in rows})
        return known[1]

    # -- helpers ----------------------------------------------------------------------------

    def _is_ours(self, row: Order) -> bool:
        return row.client_id == self._connection.client_id


def _statuses_of(stage: OrderStage | None) -> tuple[int | None, ...]:
    """The statuses to ask for, one after the other; None for a list of every status. A tenant may
    have statuses of its own in which orders left."""
    if stage is OrderStage.DESPATCHED:
        return (None,)
    ids = [number for number, (_, means) in STATUSES.items() if means is stage]
    return tuple(ids) or (None,)


def _is_shipped(row: OrderStatus) -> bool:
    return (row.external_name or row.name or "").strip().upper() == SHIPPED


def _in_order(orders: list[WarehouseOrder]) -> list[WarehouseOrder]:
    return sorted(orders, key=lambda order: (order.part, order.order_id))


def _are_goods(orders: list[WarehouseOrder], units: Mapping[str, int]) -> bool:
    held = units_of((item.sku, item.quantity) for order in orders for item in order.items or ())
    return same_goods(held, units, merged=any(len(order.numbers) > 1 for order in orders))


def other_goods(number: str, orders: list[WarehouseOrder], units: Mapping[str, int]) -> str:
    """That the warehouse's order is not the one meant, in a sentence for a person."""
    held = units_of((item.sku, item.quantity) for order in orders for item in order.items or ())
    return (
        f"Mintsoft has order {number} (id {orders[0].order_id}) with {_goods(held)}, and ours is "
        f"{_goods(units)}: is it the same?"
    )


def _goods(units: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {sku}" for sku, number in sorted(units.items())) or "nothing"


def no_such_order(order_id: int) -> Permanent:
    """The order is not there, or not this client's."""
    return Permanent("mintsoft.no_such_order", f"Mintsoft has no order {order_id} of this client")
