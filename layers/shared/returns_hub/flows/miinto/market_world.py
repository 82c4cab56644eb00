"""What a flow about the marketplace is given: a merchant's world, and the marketplace in it."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.miinto.facts import MarketEvent, MarketFact
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.world import Stores, World
from returns_hub.ports import OrdersWarehouse
from returns_hub.ports.marketplace import Marketplace, MarketStore, Rmas
from returns_hub.ports.sales_orders import SalesOrders

IMPORTED_BY, IMPORTED_AS = "unleashed.orders", "order"
"""The flow that makes sales orders orders of the warehouse, and its step."""


@dataclass(frozen=True)
class MarketWorld:
    """One merchant's world with its marketplace.

    Args:
        world: The merchant's file, partners and stores.
        marketplace: Shops, transfers, orders, stock.
        rmas: The marketplace's RMAs, as the configured contract has them.
            None where no contract is configured.
        market: Timelines of transfers and orders.
        orders: The warehouse's orders and stock.
        sales: The ERP that takes the orders, which has the warehouse send them; None where the
            warehouse takes them itself.
    """

    world: World
    marketplace: Marketplace
    rmas: Rmas | None
    market: MarketStore
    orders: OrdersWarehouse
    sales: SalesOrders | None = None

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.world.merchant

    @property
    def stores(self) -> Stores:
        """The hub's own stores and its clock."""
        return self.world.stores

    @property
    def settings(self) -> MiintoConnection:
        """The `miinto:` block of the merchant's file.

        Raises:
            Permanent: The file has none.
        """
        settings = self.world.live.merchant.miinto
        if settings is None:
            raise Permanent("miinto.not_configured", "the merchant's file has no miinto: block")
        return settings

    def warehouse_order_of(self, sales_order: str) -> int | None:
        """The warehouse's order of a sales order that the flow between the two imported; None
        while it has not.

        Raises:
            Misconfigured: This function has no timelines of that flow.
        """
        if self.world.records is None:
            raise Misconfigured("settings.missing", "this function was given no SYNC_TABLE")
        state = self.world.records().load(self.merchant, IMPORTED_BY, sales_order)
        made = state.partner_id(IMPORTED_AS)
        return int(made) if made.isdigit() else None

    def record_transfer(
        self, state: TransferState, rule: str, *facts: MarketFact, actor: str = "hub"
    ) -> TransferState:
        """Append facts to a transfer's timeline in one transaction; the state they fold to.

        Raises:
            Conflict: Someone else appended meanwhile.
        """
        events = self._events(state.version, rule, actor, facts)
        return self.market.append_to_transfer(state, events) if events else state

    def record_order(
        self, state: OrderState, rule: str, *facts: MarketFact, actor: str = "hub"
    ) -> OrderState:
        """As `record_transfer`, for an order.

        Raises:
            Conflict: Someone else appended meanwhile.
        """
        events = self._events(state.version, rule, actor, facts)
        return self.market.append_to_order(state, events) if events else state

    def _events(
        self, version: int, rule: str, actor: str, facts: tuple[MarketFact, ...]
    ) -> list[MarketEvent]:
        at = self.stores.clock.now()
        return [
            MarketEvent(
                sequence=version + position,
                at=at,
                actor=actor,
                rule=rule,
                config_version=self.world.live.version,
                fact=fact,
            )
            for position, fact in enumerate(facts, start=1)
        ]
