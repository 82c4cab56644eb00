"""The warehouse's orders and ASNs that changed, over several runs where they are very many.

After an outage, or where orders of weeks are exported, more have changed than one run reads. The
list is gone on with where the last run ended (`flows.sync.shape.LongList`): read from its front
each time, what is behind would never be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.warehouse_asns import Asn
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.errors import Retryable
from returns_hub.flows.sync.shape import Reached
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.goods import AsnWarehouse

CALLS_AT_ONCE = 20
"""Pages of the list between two places: ten seconds at two requests a second."""


def orders_from(
    orders: OrdersWarehouse, since: datetime, place: str, stage: OrderStage | None = None
) -> Iterator[tuple[WarehouseOrder, ...] | Reached]:
    """Orders that changed since, some pages at a time, and how far the list was read.

    A place is a page's number. Who goes on reads the page before it once more, since rows may have
    moved onto it meanwhile.

    Args:
        orders: The warehouse's.
        since: As in `OrdersWarehouse.orders_updated_since`.
        place: Where to begin; one that means nothing is the front.
        stage: As there.

    Raises:
        Retryable: There are more than the list shows, whatever page is asked for.
    """
    first = _first_page(place)
    while True:
        page = orders.orders_updated_since(since, CALLS_AT_ONCE, stage, first_page=first)
        yield page.orders
        if page.complete:
            return
        if page.next_page is None:
            raise cut_off("its list shows")
        first = page.next_page
        yield Reached(str(first))


def asns_from(
    asns: AsnWarehouse, since: datetime, place: str
) -> Iterator[tuple[Asn, ...] | Reached]:
    """The same of ASNs; see `orders_from`.

    Raises:
        Retryable: The list cannot be read to its end.
    """
    first: int | None = _first_page(place)
    while first is not None:
        page = asns.asns_updated_since(since, CALLS_AT_ONCE, first_page=first)
        yield page.asns
        first = page.next_page
        if first is not None:
            yield Reached(str(first))


def _first_page(place: str) -> int:
    return max(1, int(place) - 1) if place.isdecimal() else 1


def cut_off(what: str) -> Retryable:
    """More orders changed than were read.

    Args:
        what: Than what, in words.
    """
    return Retryable("mintsoft.long_list", f"more orders changed in Mintsoft than {what}", after=60)
