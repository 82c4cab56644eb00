"""The products of orders' items, asked for in one go: every question reads the sources whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Retryable


class Identify(Protocol):
    """Finds out which products of ours a shop's items are."""

    def __call__(self, shop: str, items: Sequence[Item], /) -> Mapping[Item, str | None]:
        """The SKU of each item; None where none, or more than one, is known.

        An item that is missing was not found out about: it is the next run's.

        Raises:
            Retryable: The sources could not be read.
        """


class KnownProducts:
    """What one run found out; no item is asked for twice."""

    def __init__(self, identify: Identify) -> None:
        self._identify = identify
        self._asked: set[tuple[str, Item]] = set()
        self._known: dict[tuple[str, Item], str | None] = {}

    def ask(self, shop: str, items: Iterable[Item]) -> None:
        """Find out about those that were not asked for yet.

        Raises:
            Retryable: The sources could not be read.
        """
        new = [item for item in dict.fromkeys(items) if (shop, item) not in self._asked]
        if new:
            self._asked |= {(shop, item) for item in new}
            found = self._identify(shop, new)
            self._known |= {(shop, item): sku for item, sku in found.items()}

    def sku_of(self, shop: str, item: Item) -> str | None:
        """The item's SKU, asked for unless it was; None where none, or more than one, is known.

        Raises:
            Retryable: It was not found out.
        """
        self.ask(shop, (item,))
        if (shop, item) not in self._known:
            raise Retryable(
                "miinto.not_identified", "products could not be looked up in this run", after=300
            )
        return self._known[shop, item]
