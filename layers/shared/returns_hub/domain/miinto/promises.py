"""What a transfer's decisions promised to buyers and the store of record does not know of yet.

The promise of an order is its own (`OrderState.promised`). Between the decision and the moment
that the order is first seen, the decision holds it: under the order's id once Miinto told one, so
that the order takes it over, and under the decision's own number before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from returns_hub.domain.miinto.facts import MarketEvent, PositionsCommitted, PositionsDecided
from returns_hub.domain.miinto.orders import units_of
from returns_hub.domain.miinto.transfers import DecisionOfTransfer, TransferState


class InShop(Protocol):
    """A shop, and the warehouse that sends its orders."""

    @property
    def id(self) -> str:
        """The shop's id."""

    @property
    def warehouse(self) -> int:
        """Mintsoft's id of the warehouse."""


@dataclass(frozen=True)
class InWarehouse:
    """What is promised of one warehouse's stock.

    Args:
        units: SKU -> units.
        doubtful: Of these, units that may be another warehouse's to send.
    """

    units: Mapping[str, int]
    doubtful: Mapping[str, int]


def promised_of(
    warehouse: int, promised: Mapping[str, Mapping[str, int]], shops: Iterable[InShop]
) -> InWarehouse:
    """What is promised of this warehouse's stock.

    A shop's orders are sent from its warehouse. Promises of a shop that has left the file count in
    every warehouse, since it does not tell from which they are sent.

    Args:
        warehouse: Mintsoft's id.
        promised: Shop -> SKU -> units; see `MarketStore.promised`.
        shops: Those of the file.
    """
    warehouses = {shop.id: shop.warehouse for shop in shops}
    units: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for shop, by_sku in promised.items():
        if warehouses.get(shop, warehouse) == warehouse:
            units.update(by_sku)
        if shop not in warehouses:
            doubtful.update(by_sku)
    return InWarehouse(units, doubtful)


NAMELESS_FOR = timedelta(hours=24)
"""An accepted order whose id Miinto did not tell is seen in the list of orders within this time."""


@dataclass(frozen=True)
class Promise:
    """Units by SKU.

    Args:
        units: SKU -> units; empty when nothing is promised any more.
        number: The decision's number.
        order: The order that takes the promise over when it is first seen.
        until: After this it counts no more.
    """

    units: dict[str, int]
    number: int
    order: int | None = None
    until: datetime | None = None


def promises_changed(state: TransferState, events: Iterable[MarketEvent]) -> tuple[Promise, ...]:
    """Promises that these events made, moved or ended; `state` is the one after them."""
    touched: dict[int, datetime] = {}
    for event in events:
        match event.fact:
            case PositionsCommitted(number=number) | PositionsDecided(number=number):
                touched[number] = event.at
    found: list[Promise] = []
    for decision in state.decisions:
        if decision.number in touched and decision.accepted:
            found += _of(decision, state, touched[decision.number])
    return tuple(found)


def _of(decision: DecisionOfTransfer, state: TransferState, at: datetime) -> list[Promise]:
    units = _units(decision, state)
    number = decision.number
    if decision.is_open:
        return [Promise(units, number)]
    if decision.outcome != "done":
        return [Promise({}, number)]
    if decision.order is None:
        return [Promise(units, number, until=at + NAMELESS_FOR)]
    return [Promise({}, number), Promise(units, number, order=decision.order)]


def _units(decision: DecisionOfTransfer, state: TransferState) -> dict[str, int]:
    judged = {one.position: one.sku for one in state.judgements if one.sku is not None}
    skus = decision.skus | judged
    return units_of(
        (skus.get(position.id), position.quantity)
        for position in state.positions
        if position.id in decision.accepted
    )
