"""What a company of Unleashed's has in stock, and every movement that made it so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.unleashed.replies import Refused, wrong

MISMATCH = (
    "The batch number quantity and the shipment quantity for batch tracked products must match."
)
"""Unleashed's own words."""
Place = tuple[str, str]
"""A product's and a warehouse's Guid."""


@dataclass(frozen=True)
class Movement:
    """Goods that came or, below nothing, went."""

    at: datetime
    product: str
    warehouse: str
    quantity: Decimal
    value: Decimal
    what: str
    guid: str
    batches: tuple[tuple[str, Decimal], ...] = ()


class StockBook:
    """Stock by product and warehouse; a product's value is its moving average's."""

    def __init__(self, stamp: Callable[[datetime | None], datetime]) -> None:
        self._stamp = stamp
        self.movements: list[Movement] = []
        self.touched: dict[Place, datetime] = {}
        self._there: dict[Place, Decimal] = defaultdict(Decimal)
        self._all: dict[str, Decimal] = defaultdict(Decimal)
        self._value: dict[str, Decimal] = defaultdict(Decimal)
        self._cost: dict[str, Decimal] = {}
        self._batches: dict[Place, dict[str, Decimal]] = defaultdict(dict)

    def there(self, product: str, warehouse: str) -> Decimal:
        """What is on hand in a warehouse."""
        return self._there.get((product, warehouse), Decimal())

    def everywhere(self, product: str) -> Decimal:
        """What is on hand in all warehouses."""
        return self._all.get(product, Decimal())

    def cost(self, product: str) -> Decimal:
        """The average cost of one piece."""
        return self._cost.get(product, Decimal())

    def batches(self, product: str, warehouse: str) -> dict[str, Decimal]:
        """Batches with something in them, in the order in which they came."""
        found = self._batches.get((product, warehouse), {})
        return {number: quantity for number, quantity in found.items() if quantity}

    def at(self, moment: datetime) -> dict[Place, Decimal]:
        """What was on hand at a moment."""
        found: dict[Place, Decimal] = defaultdict(Decimal)
        for movement in self.movements:
            if movement.at <= moment:
                found[movement.product, movement.warehouse] += movement.quantity
        return found

    def touch(self, product: str, warehouse: str) -> None:
        """Something about a row changed, such as what is allocated."""
        place = product, warehouse
        self.touched[place] = self._stamp(self.touched.get(place))

    def move(
        self,
        product: str,
        warehouse: str,
        quantity: Decimal,
        what: str,
        guid: str,
        *,
        value: Decimal | None = None,
        batches: Sequence[tuple[str, Decimal]] = (),
    ) -> None:
        """Goods come or go.

        Args:
            product: Its Guid.
            warehouse: Its Guid.
            quantity: How many come; below nothing they go.
            what: The journal's word of the reason.
            guid: The document.
            value: What they are worth; at the average cost without one.
            batches: Their batches and quantities, with the quantity's sign.
        """
        worth = quantity * self.cost(product) if value is None else value
        self._there[product, warehouse] += quantity
        self._all[product] += quantity
        self._value[product] += worth
        if self._all[product] > 0:
            average = self._value[product] / self._all[product]
            self._cost[product] = average.quantize(Decimal("1E-14"))
        for number, many in batches:
            kept = self._batches[product, warehouse]
            kept[number] = kept.get(number, Decimal()) + many
        self.touch(product, warehouse)
        moved = (self.touched[product, warehouse], product, warehouse, quantity, worth, what, guid)
        self.movements.append(Movement(*moved, tuple(batches)))

    def picked(
        self,
        product: str,
        warehouse: str,
        wanted: Decimal,
        given: Iterable[Mapping[str, Any]] | None,
        *,
        gone: Mapping[str, Decimal] | None = None,
    ) -> list[tuple[str, Decimal]]:
        """Batches for what goes out: those given, or the oldest where none were.

        Args:
            product: Its Guid.
            warehouse: Its Guid.
            wanted: How many go.
            given: ``Number`` and ``Quantity`` of each.
            gone: What went already and is not on the books yet, below nothing.

        Raises:
            Refused: They are not so many, or there is not so much in them.
        """
        there = self.batches(product, warehouse)
        there = {name: many + (gone or {}).get(name, Decimal()) for name, many in there.items()}
        chosen = [(row["Number"], row["Quantity"]) for row in given or []]
        if not chosen:
            chosen = _oldest(there, wanted)
        if sum((many for _, many in chosen), Decimal()) != wanted:
            raise wrong(MISMATCH)
        for number, many in chosen:
            if many > there.get(number, Decimal()):
                raise Refused(400, f"{MISMATCH} Batch {number} has not so much in this warehouse.")
        return [(number, -many) for number, many in chosen]


def _oldest(there: dict[str, Decimal], wanted: Decimal) -> list[tuple[str, Decimal]]:
    chosen = []
    for number, many in there.items():
        take = min(many, wanted)
        if take > 0:
            chosen.append((number, take))
            wanted -= take
    return chosen
