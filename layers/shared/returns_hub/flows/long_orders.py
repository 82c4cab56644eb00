"""The warehouse's orders that changed, over several runs where they are very many.

After an outage, or where orders of weeks are exported, more have changed than one run reads. The
list is gone on with where the last run ended (`flows.sync.shape.LongList`): read from its front
each time, what is behind would never be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Retryable
from returns_hub.flows.sync.shape import Reached
from returns_hub.ports import OrdersWarehouse

CALLS_AT_ONCE = 20
"""Pages of the list between two places: ten seconds at two requests a second."""


def orders_from(
    orders: OrdersWarehouse, since: datetime, place: str
) -> Iterator[tuple[WarehouseOrder, ...] | Reached]:
    """Orders that changed since, some pages at a time, and how far the list was read.

    A place is a page's number. Who goes on reads the page before it once more, since rows may have
    moved onto it meanwhile.

    Args:
        orders: The warehouse's.
        since: As in `OrdersWarehouse.orders_updated_since`.
        place: Where to begin; one that means nothing is the front.

    Raises:
        Retryable: There are more than the list shows, whatever page is asked for.
    """
    first = max(1, int(place) - 1) if place.isdecimal() else 1
    while True:
        page = orders.orders_updated_since(since, CALLS_AT_ONCE, first_page=first)
        yield page.orders
        if page.complete:
            return
        if page.next_page is None:
            raise cut_off("its list shows")
        first = page.next_page
        yield Reached(str(first))


def cut_off(what: str) -> Retryable:
    """More orders changed than were read.

    Args:
        what: Than what, in words.
    """
    return Retryable("mintsoft.long_list", f"more orders changed in Mintsoft than {what}", after=60)
