"""Offers of buyers' orders to shops: Miinto's transfers.

A buyer's basket is offered to several shops at once (the first to accept a line takes it) or to one
after the other (what one declines or lets expire is offered to the next). An accepted line becomes
a position of an order of the shop's, see `local.simulators.miinto.orders`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.miinto.catalogue import Variant
from local.simulators.miinto.replies import CONFLICT, INVALID, UNKNOWN
from local.simulators.miinto.state import State, time_text

Mode = Literal["at_once", "in_turn"]


@dataclass
class Line:
    """A line of the buyer's basket, and the shops that are still to be asked."""

    variant: Variant
    quantity: int
    unit_price: int
    to_ask: list[str] = field(default_factory=list)
    taken_by: str | None = None
    positions: list[Position] = field(default_factory=list)


@dataclass(frozen=True)
class Basket:
    """A buyer's order, Miinto's "parent order"."""

    number: str
    currency: str
    created_at: datetime
    buyer: Mapping[str, Any]


@dataclass
class Position:
    """A line as it is offered to one shop."""

    id: int
    line: Line
    status: Literal["pending", "accepted", "declined", "expired", "taken"] = "pending"


@dataclass
class Transfer:
    """An offer to one shop."""

    id: int
    shop: str
    basket: Basket
    created_at: datetime
    expires_at: datetime | None
    positions: list[Position]
    orders: list[int] = field(default_factory=list)
    word: str = ""

    @property
    def states(self) -> set[str]:
        """The states it is listed under."""
        return {self.word} if self.word else {position.status for position in self.positions}


def buyer_of(number: str, country: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """An invented buyer; ``wanted`` has what is to differ."""
    invented: dict[str, Any] = {
        "name": f"Ida Holm {number[-3:]}",
        "email": f"buyer-{number}@example.test",
        "phone": "+4500000000",
        "street": "Nygade 1",
        "postcode": "8000",
        "city": "Aarhus",
        "country": country,
        "delivery": "HomeDelivery",
        "delivery_name": "",
    }
    unknown = set(wanted) - set(invented)
    if unknown:
        raise ValueError(f"a buyer has no {sorted(unknown)}")
    return {**invented, **wanted}


class Offers:
    """Every offer that was made."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.transfers: dict[tuple[str, int], Transfer] = {}
        self._of_shop: dict[str, list[Transfer]] = {}
        self._ends: list[tuple[datetime, int, Transfer]] = []

    def of_shop(self, shop_id: str) -> list[Transfer]:
        """The shop's transfers."""
        return self._of_shop.get(shop_id, [])

    def offer(
        self,
        shops: Sequence[str],
        items: Sequence[Mapping[str, Any]],
        *,
        mode: Mode = "at_once",
        currency: str | None = None,
        buyer: Mapping[str, Any] | None = None,
    ) -> tuple[Basket, list[Transfer]]:
        """Offer a basket to shops.

        Args:
            shops: Ids; at least one.
            items: ``sku``, and where they differ from one and the catalogue's: ``quantity``,
                ``price`` (of a unit, in minor units).
            mode: To all at once, or in turn.
            currency: The first shop's when None.
            buyer: What is to differ from an invented one; see `buyer_of`.

        Raises:
            KeyError: There is no such shop or SKU, or no price in the currency.
            ValueError: No shop, no item, or a mode or field that there is not.
        """
        if not shops or not items or mode not in {"at_once", "in_turn"}:
            raise ValueError("an offer needs shops, items, and a mode: at_once or in_turn")
        first = self._state.shops[shops[0]]
        wanted = currency or first.currency
        lines = [self._line(item, wanted) for item in items]
        number = str(self._state.number("parent", first.id))
        made_for = buyer_of(number, first.country, buyer or {})
        basket = Basket(number, wanted, self._state.now(), made_for)
        asked = list(shops) if mode == "at_once" else [first.id]
        for line in lines:
            line.to_ask = [shop for shop in shops if shop not in asked]
        return basket, [self._make(self._state.shops[shop].id, basket, lines) for shop in asked]

    def _line(self, item: Mapping[str, Any], currency: str) -> Line:
        variant = self._state.catalogue[item["sku"]]
        price = item["price"] if "price" in item else variant.prices[currency]
        return Line(variant, int(item.get("quantity", 1)), int(price))

    def _make(self, shop_id: str, basket: Basket, lines: Sequence[Line]) -> Transfer:
        now, stands = self._state.now(), self._state.settings.offer_seconds
        transfer = Transfer(
            id=self._state.number("transfer", shop_id),
            shop=shop_id,
            basket=basket,
            created_at=now,
            expires_at=now + timedelta(seconds=stands) if stands else None,
            positions=[Position(self._state.number("position", shop_id), line) for line in lines],
        )
        for position in transfer.positions:
            position.line.positions.append(position)
        self.transfers[shop_id, transfer.id] = transfer
        self._of_shop.setdefault(shop_id, []).append(transfer)
        if transfer.expires_at:
            heapq.heappush(self._ends, (transfer.expires_at, len(self.transfers), transfer))
        self._state.note(
            "transfer_offered",
            "miinto",
            shop=shop_id,
            transfer=transfer.id,
            parent=basket.number,
            positions={str(p.id): p.line.variant.sku for p in transfer.positions},
        )
        return transfer

    def settle(self) -> None:
        """End the offers whose time is up."""
        while self._ends and self._ends[0][0] <= self._state.now():
            self.expire(heapq.heappop(self._ends)[2])

    def expire(self, transfer: Transfer) -> None:
        """End an offer: what was not decided is offered to the next shop, if there is one."""
        open_still = [p for p in transfer.positions if p.status == "pending"]
        if not open_still:
            return
        for position in open_still:
            position.status = "expired"
        self._state.note(
            "transfer_expired",
            "miinto",
            shop=transfer.shop,
            transfer=transfer.id,
            positions=[p.id for p in open_still],
        )
        self._pass_on(transfer.basket, [p.line for p in open_still])

    def decide(
        self, transfer: Transfer, accepted: Sequence[int], declined: Sequence[int]
    ) -> list[Position]:
        """Decide positions by their ids, all of them or none; the accepted ones.

        Raises:
            Failure: A position is not of this transfer, named twice, or not to be decided any more.
        """
        by_id = {position.id: position for position in transfer.positions}
        named = [*accepted, *declined]
        if len(set(named)) != len(named):
            raise self._state.invalid("a position is named twice", INVALID)
        for number in named:
            if number not in by_id:
                raise self._state.invalid(f"position {number} not found", UNKNOWN)
            position = by_id[number]
            if position.status != "pending":
                raise self._state.conflict(f"position is {position.status} already", CONFLICT)
        won = [by_id[number] for number in accepted]
        lost = [by_id[number] for number in declined]
        for position in won:
            position.status = "accepted"
            position.line.taken_by = transfer.shop
            self._take_from_others(position)
        for position in lost:
            position.status = "declined"
        self._pass_on(transfer.basket, [position.line for position in lost])
        return won

    def _take_from_others(self, taken: Position) -> None:
        for position in taken.line.positions:
            if position is not taken and position.status == "pending":
                position.status = "taken"

    def _pass_on(self, basket: Basket, lines: Sequence[Line]) -> None:
        following: dict[str, list[Line]] = {}
        for line in lines:
            if line.to_ask and line.taken_by is None:
                following.setdefault(line.to_ask.pop(0), []).append(line)
        for shop, offered in following.items():
            self._make(shop, basket, offered)

    def shown(self, transfer: Transfer) -> dict[str, Any]:
        """A transfer as it is listed. Expired and taken positions are no longer shown."""
        content: dict[str, Any] = {
            "id": transfer.id,
            "currency": self._state.currency(transfer.basket.currency),
            "createdAt": time_text(transfer.created_at),
            "pendingPositions": self._positions(transfer, "pending"),
        }
        for status in ("accepted", "declined"):
            if rows := self._positions(transfer, status):
                content[f"{status}Positions"] = rows
        return content | ({"status": transfer.word} if transfer.word else {})

    def _positions(self, transfer: Transfer, status: str) -> list[dict[str, Any]]:
        return [
            shown_position(self._state, p.id, p.line)
            for p in transfer.positions
            if p.status == status
        ]

    def books(self) -> dict[str, Any]:
        """Every transfer, by ``shop/id``."""
        return {
            f"{shop}/{number}": {
                "parent": transfer.basket.number,
                "orders": list(transfer.orders),
                "positions": {str(p.id): p.status for p in transfer.positions},
            }
            for (shop, number), transfer in self.transfers.items()
        }


def shown_position(state: State, number: int, line: Line, quantity: int | None = None) -> Any:
    """A position as transfers and orders show it."""
    shown = line.quantity if quantity is None else quantity
    return {
        "id": number,
        "quantity": shown,
        "price": state.price(line.unit_price, line.quantity),
        "item": state.item(line.variant),
    }
