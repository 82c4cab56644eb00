"""The composition of stock intelligence: what `bootstrap` builds only for flows about it.

A module of its own, so that functions which never meet it do not load it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.order_changes import MintsoftOrderChanges
from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.adapters.mintsoft.products import MintsoftProducts
from returns_hub.adapters.mintsoft.sales import MintsoftSales
from returns_hub.adapters.queues.despatches import DespatchesQueue
from returns_hub.adapters.wair.connect import Around, advice_of, sink_of
from returns_hub.adapters.wair.login import Logins
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.errors import Misconfigured
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from returns_hub.flows.world import World

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub
    from returns_hub.ports.files import Files


@dataclass
class FeedConnections:
    """Stock intelligence of a container's merchants."""

    hub: Hub
    logins: Logins = field(default_factory=Logins)

    def world(self, merchant: str) -> FeedWorld:
        """One merchant's world, for one run of one flow.

        Raises:
            Permanent: No such merchant.
            Misconfigured: This function was given no such table.
        """
        return self.around(self.hub.world(merchant))

    def around(self, world: World) -> FeedWorld:
        """The same around a merchant's world."""
        hub, merchant = self.hub, world.live.merchant
        client = MintsoftClient(hub.mintsoft_http(merchant), hub.credentials(world.live))
        return FeedWorld(
            sync=SyncWorld(world, hub.sync_records()),
            orders=MintsoftOrders(client, merchant.mintsoft, clock=hub.clock),
            order_changes=MintsoftOrderChanges(client, merchant.mintsoft, clock=hub.clock),
            products=MintsoftProducts(client, merchant.mintsoft),
            sales=MintsoftSales(client, merchant.mintsoft, clock=hub.clock),
            kept=self.kept,
            intelligence=self.intelligence(world.live),
            outbox=self._outbox(),
        )

    def intelligence(self, live: LiveMerchant) -> Intelligence | None:
        """Where the merchant's rows go; None without a `wair:` block. Nothing is asked yet."""
        connection = live.merchant.wair
        if connection is None:
            return None
        hub, merchant = self.hub, live.merchant.merchant
        rate = connection.requests_per_second
        around = Around(
            merchant=merchant,
            http=lambda partner, url: hub.partners.http(merchant, partner, url, rate),
            secrets=hub.secrets,
            clock=hub.clock,
            telemetry=hub.telemetry,
            files=lambda: self.files,
            logins=self.logins,
        )
        return Intelligence(
            connection, feed=sink_of(connection, around), advice=advice_of(connection, around)
        )

    def _outbox(self) -> DespatchesQueue | None:
        url = self.hub.settings.despatches_queue_url
        return DespatchesQueue(self.hub.queue(url), self.hub.clock) if url else None

    @cached_property
    def kept(self) -> DynamoDbFeedStore:
        """What was told and advised before.

        Raises:
            Misconfigured: This function was given no such table.
        """
        hub = self.hub
        if not hub.settings.feed_table:
            raise Misconfigured("settings.missing", "this function was given no FEED_TABLE")
        return DynamoDbFeedStore(hub.dynamodb, hub.settings.feed_table, hub.clock)

    @cached_property
    def files(self) -> Files:
        """The stack's own bucket.

        Raises:
            Misconfigured: This function was given none.
        """
        from returns_hub.adapters.files.bucket import BucketFiles  # noqa: PLC0415 - loads S3

        if not self.hub.settings.files_bucket:
            raise Misconfigured("settings.missing", "this function was given no FILES_BUCKET")
        return BucketFiles(self.hub.s3(), self.hub.settings.files_bucket)
