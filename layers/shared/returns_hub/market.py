"""The composition of the marketplace: what `bootstrap` builds only for merchants that have it.

A module of its own, so that functions which never meet the marketplace do not load it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.adapters.miinto.client import MiintoClient
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.adapters.miinto.portal import MiintoPortal
from returns_hub.adapters.miinto.probe import MiintoProbe
from returns_hub.adapters.miinto.rmas import MiintoRmas
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Misconfigured
from returns_hub.flows.miinto.identify import identifier
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.world import World

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


@dataclass
class Market:
    """The marketplaces of a container's merchants; a login is kept, so that a refused one is
    remembered as such."""

    hub: Hub
    _clients: dict[str, tuple[int, MiintoClient]] = field(default_factory=dict)

    def world(self, merchant: str) -> MarketWorld:
        """One merchant's world with its marketplace.

        Raises:
            Permanent: No such merchant.
            Misconfigured: Its file has no marketplace.
        """
        return self.around(self.hub.world(merchant))

    def around(self, world: World) -> MarketWorld:
        """The marketplace around a merchant's world, for flows that begin without it.

        Raises:
            Misconfigured: Its file has no marketplace.
        """
        merchant = world.merchant
        connection = connection_of(world.live)
        around = self._around_of(merchant, connection)
        return MarketWorld(
            world=world,
            marketplace=marketplace_of(self._client(world.live), merchant, connection, around),
            rmas=self._rmas(world.live),
            market=self.store(),
            orders=self.orders(world.live),
            sales=self.hub.erp.sales_orders(world.live)
            if connection.orders.into == "unleashed"
            else None,
        )

    def portal(self, live: LiveMerchant) -> MiintoPortal:
        """A merchant's RMAs as the returns portal that they are to the flows."""
        connection = connection_of(live)
        # Made when the first product is asked for, and kept: each one is then looked up once.
        finder = cache(lambda: identifier(self.world(live.merchant.merchant)))

        def sku_of(shop: str, item: Item) -> str | None:
            return finder()(shop, item)

        return MiintoPortal(
            live.merchant.merchant,
            connection,
            self._rmas(live),
            self.store(),
            sku_of,
            self.hub.clock,
        )

    def _rmas(self, live: LiveMerchant) -> MiintoRmas:
        return MiintoRmas(self._client(live), connection_of(live).rma.contract)

    def probe(self, merchant: str) -> MiintoProbe:
        """Reads by which a person finds out what Miinto answers; see `world`."""
        live = self.hub.merchants.live(merchant)
        connection = connection_of(live)
        around = self._around_of(merchant, connection)
        return MiintoProbe(
            self._client(live),
            lambda version: client_of(
                merchant, connection.model_copy(update={"version": version}), around
            ),
        )

    def store(self) -> DynamoDbMarketStore:
        """Timelines of transfers and orders.

        Raises:
            Misconfigured: This function was given no such table.
        """
        table = self.hub.settings.market_table
        if not table:
            raise Misconfigured("settings.missing", "this function was given no MARKET_TABLE")
        return DynamoDbMarketStore(self.hub.dynamodb, table, self.hub.clock)

    def orders(self, live: LiveMerchant) -> MintsoftOrders:
        """The merchant's orders and stock in its warehouse."""
        client = MintsoftClient(self.hub.mintsoft_http(live.merchant), self.hub.credentials(live))
        return MintsoftOrders(client, live.merchant.mintsoft, clock=self.hub.clock)

    def _client(self, live: LiveMerchant) -> MiintoClient:
        merchant = live.merchant.merchant
        known = self._clients.get(merchant)
        if known is not None and known[0] == live.version:
            return known[1]
        connection = connection_of(live)
        made = client_of(merchant, connection, self._around_of(merchant, connection))
        self._clients[merchant] = (live.version, made)
        return made

    def _around_of(self, merchant: str, connection: MiintoConnection) -> Around:
        hub = self.hub
        rate = connection.requests_per_second
        return Around(
            http=lambda partner, url: hub.partners.http(merchant, partner, url, rate),
            secrets=hub.secrets,
            cursors=hub.cursors,
            clock=hub.clock,
            owner=hub.owner,
            telemetry=hub.telemetry,
        )


def connection_of(live: LiveMerchant) -> MiintoConnection:
    """The `miinto:` block.

    Raises:
        Misconfigured: The merchant's file has none.
    """
    connection = live.merchant.miinto
    if connection is None:
        who = live.merchant.merchant
        raise Misconfigured("miinto.not_configured", f"the file of {who} has no miinto: block")
    return connection
