"""How the numbers begin of orders that the hub makes for the marketplace."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.miinto.order_draft import number_of
from returns_hub.domain.miinto.settings import MiintoConnection


def beginnings(settings: MiintoConnection) -> Iterator[str]:
    """One for each shop."""
    for shop in settings.shops:
        yield number_of(settings.orders.number_prefix, shop.slug, 0)[:-1]
