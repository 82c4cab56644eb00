"""Miinto's order service without RMAs: shops, transfers, orders, shipping providers, tracking.

How tracking is told is not public: its verb, path and fields are settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.simulators.miinto.lists import Listing, listed
from local.simulators.miinto.offers import Basket, Offers, Position, Transfer, shown_position
from local.simulators.miinto.replies import INVALID, UNKNOWN, Call, Caller, Route, not_found
from local.simulators.miinto.state import State, time_text
from local.simulators.wire import Reply

SHOP = r"/shops/([^/]+)"


@dataclass
class Order:
    """A shop's order. `told` is what was said of its parcels, by position id."""

    id: int
    shop: str
    transfer: int
    basket: Basket
    created_at: datetime
    positions: list[Position]
    told: dict[int, dict[str, str]] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    word: str = ""


class Orders:
    """Transfers and orders as the order service has them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.offers = Offers(state)
        self.orders: dict[tuple[str, int], Order] = {}
        self._of_shop: dict[str, list[Order]] = {}

    def routes(self) -> list[Route]:
        """What is answered."""
        routes: list[Route] = [
            ("GET", SHOP + "/?", self._read_shop),
            ("GET", SHOP + "/transfers", self._list_transfers),
            ("PATCH", SHOP + r"/transfers/(\d+)", self._decide),
            ("GET", SHOP + "/orders", self._list),
            ("GET", SHOP + r"/orders/(\d+)", self._read),
            ("GET", SHOP + r"/shipping-providers/orders/(\d+)", self._list_providers),
        ]
        if self._state.settings.transfer_read:
            routes.append(("GET", SHOP + r"/transfers/(\d+)", self._read_transfer))
        if self._state.settings.tracking_method:
            pattern = re.escape(self._state.settings.tracking_path)
            pattern = pattern.replace(r"\{shop\}", "([^/]+)").replace(r"\{order\}", r"(\d+)")
            routes.append((self._state.settings.tracking_method, pattern, self._track))
        return routes

    def _read_shop(self, call: Call, shop: str) -> Reply:
        return call.answer({"id": shop, "name": self._state.shops[shop].name})

    # -- transfers --------------------------------------------------------------------------

    def _list_transfers(self, call: Call, shop: str) -> Reply:
        return listed(
            self._state,
            call,
            self.offers.of_shop(shop),
            Listing(unasked=("pending",)),
            words_of=lambda transfer: transfer.states,
            age_of=lambda transfer: (transfer.created_at, transfer.id),
            shown=self.offers.shown,
        )

    def _transfer(self, shop: str, number: str) -> Transfer:
        found = self.offers.transfers.get((shop, int(number)))
        if found is None:
            raise not_found("the transfer")
        return found

    def _read_transfer(self, call: Call, shop: str, number: str) -> Reply:
        return call.answer(self.offers.shown(self._transfer(shop, number)))

    def _decide(self, call: Call, shop: str, number: str) -> Reply:
        transfer = self._transfer(shop, number)
        accepted, declined = self._wanted(call.json())

        def carry_out() -> Reply:
            order = self.decide(transfer, accepted, declined, call.caller)
            if order is None:
                return call.answer(self._state.empty_map())
            return call.answer({"newOrder": {"id": order.id}})

        return self._state.write("transfer", carry_out)

    def _wanted(self, body: Any) -> tuple[list[int], list[int]]:
        names = ("acceptedPositions", "declinedPositions")
        if not isinstance(body, dict) or not body or set(body) - set(names):
            raise self._state.invalid(f"the body has {names[0]}, {names[1]} or both", INVALID)
        for name, rows in body.items():
            if not isinstance(rows, list) or not rows:
                raise self._state.invalid(f"`{name}` is not a list with entries", INVALID)
            for row in rows:
                if not isinstance(row, dict) or set(row) != {"id"} or type(row["id"]) is not int:
                    raise self._state.invalid(f"`{name}` has entries that are no ids", INVALID)
        return (
            [row["id"] for row in body.get("acceptedPositions", [])],
            [row["id"] for row in body.get("declinedPositions", [])],
        )

    def decide(
        self, transfer: Transfer, accepted: list[int], declined: list[int], by: Caller | str
    ) -> Order | None:
        """Decide positions of a transfer; the order that is made of what was accepted.

        Raises:
            Failure: See `Offers.decide`.
        """
        won = self.offers.decide(transfer, accepted, declined)
        order = self._make(transfer, won) if won else None
        self._state.note(
            "transfer_decided",
            by,
            shop=transfer.shop,
            transfer=transfer.id,
            accepted=accepted,
            declined=declined,
            order=order.id if order else None,
        )
        return order

    def _make(self, transfer: Transfer, won: list[Position]) -> Order:
        order = Order(
            id=self._state.number("order", transfer.shop),
            shop=transfer.shop,
            transfer=transfer.id,
            basket=transfer.basket,
            created_at=self._state.now(),
            positions=won,
        )
        self.orders[order.shop, order.id] = order
        self._of_shop.setdefault(order.shop, []).append(order)
        transfer.orders.append(order.id)
        self._state.note(
            "order_made",
            "miinto",
            shop=order.shop,
            order=order.id,
            transfer=transfer.id,
            parent=order.basket.number,
            positions=[position.id for position in won],
        )
        return order

    # -- orders -----------------------------------------------------------------------------

    def _list(self, call: Call, shop: str) -> Reply:
        return listed(
            self._state,
            call,
            self._of_shop.get(shop, []),
            Listing(),
            words_of=lambda order: {order.word or "accepted"},
            age_of=lambda order: (order.created_at, order.id),
            shown=self._shown,
        )

    def one(self, shop: str, number: int) -> Order:
        """An order of the shop's.

        Raises:
            Failure: There is none.
        """
        if (shop, number) not in self.orders:
            raise not_found("the order")
        return self.orders[shop, number]

    def _read(self, call: Call, shop: str, number: str) -> Reply:
        return call.answer(self._shown(self.one(shop, int(number))))

    def _shown(self, order: Order) -> dict[str, Any]:
        buyer, basket = order.basket.buyer, order.basket
        address = {
            "street": buyer["street"],
            "postcode": buyer["postcode"],
            "city": buyer["city"],
            "countryCode": buyer["country"],
        }
        content: dict[str, Any] = {
            "id": order.id,
            "parentOrder": {"id": basket.number, "createdAt": time_text(basket.created_at)},
            "currency": self._state.currency(basket.currency),
            "billingInformation": {
                "name": buyer["name"],
                "email": buyer["email"],
                "phone": buyer["phone"],
                "address": address,
            },
            "shippingInformation": {
                "deliveryAddress": {
                    "type": buyer["delivery"],
                    "name": buyer["delivery_name"] or buyer["name"],
                    "address": dict(address),
                }
            },
            "acceptedPositions": [self._position(order, p) for p in order.positions],
        }
        if order.word:
            content["status"] = order.word
        if self._state.settings.label_field:
            address_of_label = f"https://labels.example.test/{order.shop}/{order.id}.pdf"
            _put(content, self._state.settings.label_field, address_of_label)
        if self._state.settings.tracking_shown and not self._state.settings.tracking_positions:
            content |= next(iter(order.told.values()), {})
        return content

    def _position(self, order: Order, position: Position) -> dict[str, Any]:
        gone = position.id in order.returned
        zero = gone and self._state.settings.returned_quantity == "zero"
        content: dict[str, Any] = shown_position(
            self._state, position.id, position.line, 0 if zero else None
        )
        if self._state.settings.tracking_shown and self._state.settings.tracking_positions:
            content |= order.told.get(position.id, {})
        return content

    # -- parcels ----------------------------------------------------------------------------

    def _providers(self, order: Order) -> list[dict[str, str]]:
        return self._state.providers.get(self._state.shops[order.shop].country, [])

    def _list_providers(self, call: Call, shop: str, number: str) -> Reply:
        return call.answer(self._providers(self.one(shop, int(number))))

    def _track(self, call: Call, shop: str, number: str) -> Reply:
        order = self.one(shop, int(number))
        told = self._told(order, call.json())

        def carry_out() -> Reply:
            order.told |= told
            self._state.note(
                "tracking_told",
                call.caller,
                shop=shop,
                order=order.id,
                positions={str(number): dict(parcel) for number, parcel in told.items()},
            )
            return call.answer(self._shown(order))

        return self._state.write("tracking", carry_out)

    def _told(self, order: Order, body: Any) -> dict[int, dict[str, str]]:
        """What is told of which position."""
        listed_under = self._state.settings.tracking_positions
        ids = {position.id for position in order.positions}
        if not listed_under:
            return dict.fromkeys(ids, self._parcel(order, body, set()))
        rows = body.get(listed_under) if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or set(body) != {listed_under}:
            raise self._state.invalid(f"the body has a list `{listed_under}`", INVALID)
        told = {}
        for row in rows:
            parcel = self._parcel(order, row, {"id"})
            if row.get("id") not in ids:
                raise self._state.invalid(f"position {row.get('id')} not found", UNKNOWN)
            told[row["id"]] = parcel
        return told

    def _parcel(self, order: Order, row: Any, more: set[str]) -> dict[str, str]:
        settings = self._state.settings
        names = (settings.tracking_provider, settings.tracking_number)
        if not isinstance(row, dict) or set(row) - more != set(names):
            raise self._state.invalid(f"`{names[0]}` and `{names[1]}` are required", INVALID)
        if not all(isinstance(row[name], str) and row[name] for name in names):
            raise self._state.invalid(f"`{names[0]}` and `{names[1]}` are texts", INVALID)
        if row[names[0]] not in {provider["id"] for provider in self._providers(order)}:
            raise self._state.invalid("the shipping provider is not allowed", INVALID)
        return {name: row[name] for name in names}

    def books(self) -> dict[str, Any]:
        """Every order, by ``shop/id``."""
        return {
            f"{shop}/{number}": {
                "parent": order.basket.number,
                "transfer": order.transfer,
                "currency": order.basket.currency,
                "positions": {
                    str(p.id): {
                        "sku": p.line.variant.sku,
                        "quantity": p.line.quantity,
                        "unit_price": p.line.unit_price,
                    }
                    for p in order.positions
                },
                "tracking": {str(number): dict(parcel) for number, parcel in order.told.items()},
            }
            for (shop, number), order in self.orders.items()
        }


def _put(content: dict[str, Any], path: str, value: str) -> None:
    """Put a value under a path with dots."""
    *above, last = path.split(".")
    at: Any = content
    for name in above:
        at = at.setdefault(name, {})
    at[last] = value
