"""Orders that look like one order and its edit, both of which may be sent. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from returns_hub.domain.relay.hub_orders import made_for
from returns_hub.domain.warehouse_orders import WarehouseOrder

LONGEST_SUFFIX = 20
"""Characters behind an order's number that are looked at."""


@dataclass
class SeenOrder:
    """An order as far as it is compared: all parts of it, those that were cancelled left out.

    Args:
        number: Its number.
        reference: Its name elsewhere; empty without one.
        units: Of each SKU.
        is_live: Whether a part is not cancelled.
        is_gone: Whether a part has left.
        since: When the part that changed first, of those that are not cancelled, did so.
    """

    number: str
    reference: str = ""
    units: Counter[str] = field(default_factory=Counter)
    is_live: bool = False
    is_gone: bool = False
    since: datetime | None = None

    def add(self, part: WarehouseOrder) -> None:
        """One more part, or version, of it."""
        self.reference = self.reference or part.external_reference
        if part.is_cancelled:
            return
        self.is_live = True
        self.is_gone = self.is_gone or part.is_shipped
        self.units.update(part.units())
        self.since = min(self.since or part.updated_at, part.updated_at)


@dataclass(frozen=True)
class Twice:
    """Orders that may be one, in the order of their numbers; either all of them left, or none."""

    orders: tuple[SeenOrder, ...]

    @property
    def is_gone(self) -> bool:
        """Whether they left."""
        return self.orders[0].is_gone

    @property
    def units(self) -> int:
        """Units that are in more than one of them."""
        skus = {sku for order in self.orders for sku in order.units}
        held = {sku: sorted(order.units[sku] for order in self.orders) for sku in skus}
        return sum(sum(units[:-1]) for units in held.values())


def seen_orders(found: Iterable[WarehouseOrder]) -> dict[str, SeenOrder]:
    """Orders by number, each as it is now; what the hub makes is left out, since siblings of it
    (the shipments of an order) are numbered alike."""
    newest: dict[int, WarehouseOrder] = {}
    for order in found:
        known = newest.get(order.order_id)
        if known is None or known.updated_at <= order.updated_at:
            newest[order.order_id] = order
    seen: dict[str, SeenOrder] = {}
    for order in newest.values():
        if made_for(order) is None:
            for number in filter(None, order.numbers):
                seen.setdefault(number, SeenOrder(number)).add(order)
    return seen


def found_twice(seen: dict[str, SeenOrder], suffix: str) -> Iterator[Twice]:
    """Orders with one name elsewhere, or whose numbers differ by what an edit puts behind them.

    Args:
        seen: All orders, those that were cancelled too: an edit of an edit names the first.
        suffix: Regular expression of what an edit puts behind a number.
    """
    first_of = _first_of(seen, re.compile(suffix))
    groups: dict[str, list[SeenOrder]] = {}
    for number, order in seen.items():
        if order.is_live:
            groups.setdefault(first_of[number], []).append(order)
    for group in groups.values():
        for is_gone in (False, True):
            alike = sorted(
                (order for order in group if order.is_gone is is_gone), key=lambda o: o.number
            )
            if len(alike) > 1:
                yield Twice(tuple(alike))


def _first_of(seen: dict[str, SeenOrder], suffix: re.Pattern[str]) -> dict[str, str]:
    """Number -> the number that stands for all that are held against each other."""
    first: dict[str, str] = {}
    by_reference: dict[str, str] = {}
    for number in sorted(seen, key=lambda one: (len(one), one)):
        stem = next((first[s] for s in _stems(number, suffix) if s in first), number)
        reference = seen[number].reference
        if reference:
            stem = by_reference.setdefault(reference, stem)
        first[number] = stem
    return first


def _stems(number: str, suffix: re.Pattern[str]) -> Iterator[str]:
    for at in range(max(1, len(number) - LONGEST_SUFFIX), len(number)):
        if suffix.fullmatch(number, at):
            yield number[:at].rstrip()
