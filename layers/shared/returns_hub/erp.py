"""The composition of the ERP: what `bootstrap` builds only for merchants that have one.

A module of its own, so that functions which never meet the ERP do not load it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.calls import DynamoDbCallCounts
from returns_hub.adapters.dynamodb.guids import DynamoDbGuids
from returns_hub.adapters.dynamodb.shelf import DynamoDbShelf
from returns_hub.adapters.mintsoft.asns import MintsoftAsns
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.order_changes import MintsoftOrderChanges
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.adapters.mintsoft.products import MintsoftProducts
from returns_hub.adapters.mintsoft.sales import MintsoftSales
from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.connect import Around, client_of, natural_keys_of
from returns_hub.adapters.unleashed.erp import erp_of
from returns_hub.adapters.unleashed.store_of_record import (
    UnleashedMarketplaceOrders,
    UnleashedStoreCredits,
)
from returns_hub.adapters.unleashed.subscriptions import UnleashedSubscriptions
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.subscriptions import callback_url
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.errors import Misconfigured
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.sources import CALLS
from returns_hub.flows.unleashed.subscribe import Subscribing
from returns_hub.flows.world import World

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


@dataclass
class ErpConnections:
    """The ERPs of a container's merchants.

    A merchant's client is kept: it has calls left that are counted already, and remembers that a
    key was refused.
    """

    hub: Hub
    _clients: dict[str, tuple[int, UnleashedClient]] = field(default_factory=dict)

    def world(self, merchant: str, flow: FlowName) -> ErpWorld:
        """One merchant's world with its ERP, for one run of one flow.

        Raises:
            Permanent: No such merchant.
            Misconfigured: Its file has no ERP, or this function was given no such table.
        """
        return self.around(self.hub.world(merchant), flow)

    def around(self, world: World, flow: FlowName) -> ErpWorld:
        """The ERP around a merchant's world; its calls count as the flow's, and are limited."""
        live = world.live
        connection = connection_of(live)
        account = self.account(live).counted_as(
            CALLS.get(flow, CallClass.REGULAR), at_most=connection.calls_per_run
        )
        return self._with(world, account)

    def looking(self, world: World) -> ErpWorld:
        """The ERP around a world that looks for drift: every warehouse at once, with as many calls
        for each as one run of a flow has; none of those kept for despatches."""
        live = world.live
        connection = connection_of(live)
        at_most = connection.calls_per_run * max(1, len(connection.warehouses))
        account = self.account(live).counted_as(CallClass.REGULAR, at_most=at_most)
        return self._with(world, account)

    def by_hand(self, merchant: str) -> ErpWorld:
        """One merchant's world for a person who asks, or for what the webhook told of: no reserve
        holds up these calls."""
        world = self.hub.world(merchant)
        return self._with(world, self.account(world.live).counted_as(CallClass.URGENT))

    def subscribing(self, world: World) -> Subscribing:
        """What making the subscription to the hub's door needs.

        Raises:
            Misconfigured: Nothing says where the door is.
        """
        hub, merchant = self.hub, world.merchant
        secret = connection_of(world.live).webhooks.secret

        def read_secret() -> Mapping[str, str]:
            found = hub.secrets.find(merchant, secret)
            return found.value if found else {}

        return Subscribing(
            world=world,
            webhooks=UnleashedSubscriptions(self.account(world.live).counted_as(CallClass.URGENT)),
            url=callback_url(
                hub.settings.unleashed_webhook_url,
                merchant,
                why_missing="this stack gives no UnleashedWebhookUrl",
            ),
            secret=secret,
            read_secret=read_secret,
            write_secret=lambda content: hub.secrets.write(merchant, secret, content),
            deliveries=hub.deliveries(),
        )

    def account(self, live: LiveMerchant) -> UnleashedAccount:
        """The merchant's account at Unleashed; nothing is asked yet.

        Raises:
            Misconfigured: Its file has none.
        """
        around = self._around_of(live)
        client = self._client(live, around)
        keys = natural_keys_of(client, around)
        return UnleashedAccount(client, connection_of(live), keys, self.hub.clock)

    def sales_orders(self, live: LiveMerchant) -> UnleashedMarketplaceOrders:
        """The merchant's ERP as the store of record of its marketplace's orders."""
        return UnleashedMarketplaceOrders(live.merchant.merchant, self.account(live))

    def store_credits(self, live: LiveMerchant) -> UnleashedStoreCredits:
        """The merchant's ERP as the store of record of its marketplace's refunds."""
        return UnleashedStoreCredits(live.merchant.merchant, self.account(live))

    def _with(self, world: World, account: UnleashedAccount) -> ErpWorld:
        hub, merchant = self.hub, world.live.merchant
        client = MintsoftClient(hub.mintsoft_http(merchant), hub.credentials(world.live))
        return ErpWorld(
            sync=SyncWorld(world, hub.sync_records()),
            connection=account.connection,
            erp=erp_of(account),
            orders=MintsoftOrders(client, merchant.mintsoft, clock=hub.clock),
            order_changes=MintsoftOrderChanges(client, merchant.mintsoft, clock=hub.clock),
            products=MintsoftProducts(client, merchant.mintsoft),
            asns=MintsoftAsns(client, merchant.mintsoft),
            deliveries=hub.deliveries(),
            sales=MintsoftSales(client, merchant.mintsoft, clock=hub.clock),
            tell_store_refund=self._tells_store_refunds(),
            shelf=self._shelf,
        )

    def _tells_store_refunds(self) -> Callable[[str], None] | None:
        url = self.hub.settings.store_refunds_queue_url
        return self.hub.queue(url).send if url else None

    def _client(self, live: LiveMerchant, around: Around) -> UnleashedClient:
        merchant = live.merchant.merchant
        known = self._clients.get(merchant)
        if known is not None and known[0] == live.version:
            return known[1]
        made = client_of(merchant, connection_of(live), around)
        self._clients[merchant] = (live.version, made)
        return made

    def _around_of(self, live: LiveMerchant) -> Around:
        hub, merchant = self.hub, live.merchant.merchant
        rate = connection_of(live).requests_per_second
        return Around(
            http=lambda partner, url: hub.partners.http(merchant, partner, url, rate),
            secrets=hub.secrets,
            counts=self._counts,
            guids=self._guids,
            clock=hub.clock,
            telemetry=hub.telemetry,
        )

    @cached_property
    def _counts(self) -> DynamoDbCallCounts:
        return DynamoDbCallCounts(self.hub.dynamodb, self.hub.settings.control_table)

    @cached_property
    def _shelf(self) -> DynamoDbShelf:
        hub = self.hub
        return DynamoDbShelf(hub.dynamodb, hub.settings.catalogue_table, hub.clock)

    @cached_property
    def _guids(self) -> DynamoDbGuids:
        hub = self.hub
        return DynamoDbGuids(hub.dynamodb, hub.settings.catalogue_table, hub.clock)


def connection_of(live: LiveMerchant) -> UnleashedConnection:
    """The `unleashed:` block.

    Raises:
        Misconfigured: The merchant's file has none.
    """
    connection = live.merchant.unleashed
    if connection is None:
        who = live.merchant.merchant
        raise Misconfigured(
            "unleashed.not_configured", f"the file of {who} has no unleashed: block"
        )
    return connection
