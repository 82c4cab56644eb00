"""A simulator of Miinto's merchant API: channels, transfers, orders, RMAs, stock, product map.

Built from what Miinto's own PHP libraries and several working clients have in common: channels and
the signature byte for byte, the envelope whose ``failure`` may come under HTTP 200, paging by limit
and offset, transfers decided by position ids. The RMA calls are not public: they come in two
dialects. What no source tells is a setting, see `local.simulators.miinto.settings`.

All services are behind one address, each below a path of its own (``/auth``, ``/order``,
``/stock``, ``/pc``, ``/pms``), and that path is signed like the rest; a Host such as
``api-order.example.test`` names the service as well, and then there is no such path.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.simulators.admin import CallLog
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.miinto.admin import admin_actions
from local.simulators.miinto.auth import Account, Auth
from local.simulators.miinto.catalogue import variant_of
from local.simulators.miinto.offers import Mode
from local.simulators.miinto.orders import Orders
from local.simulators.miinto.replies import (
    ACCESS,
    INACTIVE,
    Call,
    Failure,
    Route,
    call_of,
    failure_of_status,
    not_found,
)
from local.simulators.miinto.rma_dialects import WantedLine
from local.simulators.miinto.rmas import Rmas
from local.simulators.miinto.settings import Settings
from local.simulators.miinto.state import Shop, State
from local.simulators.miinto.stock import FEED, Stock
from local.simulators.serving import Serving
from local.simulators.wire import Reply, Request


class MiintoSimulator(Serving):
    """The core. Its books are what really happened, whatever the callers were told."""

    def __init__(
        self,
        now: Now = system_now,
        settings: Settings | None = None,
        *,
        dice: random.Random | None = None,
    ) -> None:
        """`dice` make tokens, and decide what becomes of held writes and of shuffled lists."""
        self.state = State(now, settings or Settings(), dice or random.Random())
        self.auth = Auth(self.state)
        self.orders = Orders(self.state)
        self.rmas = Rmas(self.state, self.orders)
        self.stock = Stock(self.state)
        self.faults = FaultPlan(failure_of_status)
        self.calls = CallLog()

    @property
    def settings(self) -> Settings:
        """What no source tells."""
        return self.state.settings

    @settings.setter
    def settings(self, wanted: Settings) -> None:
        self.state.settings = wanted

    # -- serving ----------------------------------------------------------------------------

    def settle(self) -> None:
        """Do what time has made due: held writes, ends of offers, requests, refunds."""
        self.state.settle()
        self.orders.offers.settle()
        self.rmas.settle()

    def _settle(self) -> None:
        self.settle()

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        return admin_actions(self)

    def _carry_out(self, request: Request) -> Reply:
        if request.path.startswith(FEED):
            return self.stock.feed(request)
        call = call_of(request)
        if call is None:
            return not_found("the service").reply()
        try:
            return self._route(call)
        except Failure as failure:
            return failure.reply(call.version)

    def _route(self, call: Call) -> Reply:
        if (call.method, call.path) == ("GET", "/status"):
            return call.answer({"name": call.service, "status": "OK"})
        if (call.service, call.method, call.path) == ("auth", "POST", "/channels"):
            return self.auth.log_in(call)
        for method, pattern, answer in self._routes(call.service):
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                signed = self.auth.authenticated(call)
                if call.service in {"order", "stock"}:
                    self._require_shop(signed, found.group(1))
                return answer(signed, *found.groups())
        raise not_found("the path")

    def _routes(self, service: str) -> list[Route]:
        match service:
            case "auth":
                return self.auth.routes()
            case "order":
                return [*self.orders.routes(), *self.rmas.routes()]
            case "stock":
                return self.stock.routes()
            case "pc":
                return self.stock.map_routes()
            case _:
                return []

    def _require_shop(self, call: Call, shop: str) -> None:
        if shop not in call.caller.shops:
            raise Failure(403, ACCESS, "the shop is not this account's")
        if not self.state.shops[shop].active:
            raise Failure(200, INACTIVE, "the shop is not active")

    # -- for tests and the local stack ------------------------------------------------------

    def seed(self, content: Mapping[str, Any]) -> None:
        """Add shops, accounts, variants, shipping providers by country, and feeds by name.

        Raises:
            KeyError: Something has no id, or an account names a shop that there is not.
        """
        for row in content.get("shops", []):
            given = {"name": f"Shop {row['id']}", **row}
            self.state.shops[row["id"]] = Shop(**given)
        for row in content.get("accounts", []):
            known = {name: self.state.shops[name].id for name in row.get("shops", [])}
            self.auth.accounts[row["identifier"]] = Account(
                row["identifier"], row["secret"], int(row.get("accessor", 12345)), list(known)
            )
        for row in content.get("catalogue", []):
            self.state.catalogue[row["sku"]] = variant_of(row)
        self.state.providers |= content.get("providers", {})
        self.stock.feeds |= content.get("feeds", {})

    def offer(
        self,
        shops: Sequence[str],
        items: Sequence[Mapping[str, Any]],
        *,
        mode: Mode = "at_once",
        currency: str | None = None,
        buyer: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Offer a buyer's basket to shops; see `offers.Offers.offer`.

        Returns:
            ``{"parent": number, "transfers": [{"shop", "id", "positions": [id, …]}, …]}``.
        """
        basket, transfers = self.orders.offers.offer(
            shops, items, mode=mode, currency=currency, buyer=buyer
        )
        return {
            "parent": basket.number,
            "transfers": [
                {
                    "shop": transfer.shop,
                    "id": transfer.id,
                    "positions": [position.id for position in transfer.positions],
                }
                for transfer in transfers
            ],
        }

    def decide_elsewhere(
        self, shop: str, transfer: int, accepted: Sequence[int] = (), declined: Sequence[int] = ()
    ) -> int | None:
        """Somebody decides positions in Miinto's admin panel; the order's id, if there is one.

        Raises:
            Failure: See `offers.Offers.decide`.
        """
        found = self.orders.offers.transfers[shop, transfer]
        order = self.orders.decide(found, list(accepted), list(declined), "admin panel")
        return order.id if order else None

    def order(
        self, shop: str, items: Sequence[Mapping[str, Any]], **offer: Any
    ) -> tuple[int, list[int]]:
        """An order that the shop accepted in the admin panel: its id and its positions' ids."""
        made = self.offer([shop], items, **offer)["transfers"][0]
        number = self.decide_elsewhere(shop, made["id"], made["positions"])
        assert number is not None  # noqa: S101 - something was accepted
        return number, made["positions"]

    def create_rma(
        self, shop: str, order: int, positions: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """The buyer makes an RMA for positions of an order; without any, for all of them.

        Args:
            shop: Whose order it is.
            order: Its id.
            positions: ``id`` of the order's position, ``quantity``, ``reason``, ``comment``.

        Returns:
            ``{"rma": id as the dialect writes it, "positions": {order's position: RMA's}}``.

        Raises:
            Failure: There is no such order, position or quantity.
        """
        wanted = [
            WantedLine(
                int(row["id"]),
                row.get("quantity"),
                str(row.get("reason", "too_small")),
                str(row.get("comment", "")),
            )
            for row in positions
        ]
        rma = self.rmas.create(self.orders.one(shop, order), wanted)
        return {
            "rma": self.rmas.dialect.id_of(rma),
            "positions": {line.order_position: line.id for line in rma.lines},
        }

    def all_books(self) -> dict[str, Any]:
        """What really happened; keys of transfers, orders and RMAs are ``shop/id``."""
        self.settle()
        return {
            "journal": [dict(entry) for entry in self.state.journal],
            "refusals": dict(self.state.refusals),
            "transfers": self.orders.offers.books(),
            "orders": self.orders.books(),
            "rmas": self.rmas.books(),
            "refunds": [dict(refund) for refund in self.rmas.refunds],
            "stock": {shop: dict(levels) for shop, levels in self.stock.levels.items()},
            "logins": dict(self.auth.logins),
            "refused_logins": dict(self.auth.refused_logins),
            "held": self.state.held,
        }
