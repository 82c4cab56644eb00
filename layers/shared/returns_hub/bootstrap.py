"""The composition root: builds what a function needs, once for each container.

A container serves one invocation at a time. What lives as long as the container: AWS clients,
caches, one HTTP session and one pace for each merchant and partner. What lives as long as an
invocation: its deadline and its owner's name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.aws import Clients, clients
from returns_hub.adapters.http.statistics import CallStatistics
from returns_hub.adapters.queues.sqs import Queue, run_batch
from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.ahead import load
from returns_hub.errors import Misconfigured
from returns_hub.invocation import InvocationClock, guarded
from returns_hub.observability import LinesOfMerchant, PowertoolsTelemetry
from returns_hub.runs import Run
from returns_hub.settings import Settings

if TYPE_CHECKING:
    import requests
    from mypy_boto3_s3 import S3Client

    from returns_hub.adapters.dynamodb.audit import DynamoDbAudit
    from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue
    from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
    from returns_hub.adapters.dynamodb.deliveries import DynamoDbDeliveries
    from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
    from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
    from returns_hub.adapters.dynamodb.parking import DynamoDbParking
    from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
    from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
    from returns_hub.adapters.http.budget import CallBudget
    from returns_hub.adapters.http.gate import Gate
    from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
    from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
    from returns_hub.adapters.mintsoft.warehouse import MintsoftWarehouse
    from returns_hub.adapters.queues.dead_letters import DeadLetterQueue
    from returns_hub.adapters.redo.invoices import RedoInvoices
    from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
    from returns_hub.connections import Connections
    from returns_hub.domain.merchant import LiveMerchant, Merchant
    from returns_hub.erp import ErpConnections
    from returns_hub.feeds import FeedConnections
    from returns_hub.flows.miinto.market_world import MarketWorld
    from returns_hub.flows.subscription_steps import Webhook
    from returns_hub.flows.world import Stores, World
    from returns_hub.market import Market
    from returns_hub.partners import Partners
    from returns_hub.ports import ReturnsPortal, SandboxReturns, Telemetry, TokenScopes


@dataclass(frozen=True)
class MadeOf:
    """What a hub was made of."""

    aws: Clients
    new_session: Callable[[], requests.Session] | None
    gate_of: Callable[[str, float], Gate]


class Hub:
    """Everything that lives as long as the container."""

    def __init__(
        self,
        settings: Settings,
        aws: Clients,
        telemetry: Telemetry,
        *,
        clock: InvocationClock | None = None,
        new_session: Callable[[], requests.Session] | None = None,
        gate_of: Callable[[str, float], Gate] | None = None,
        reads_only: bool = False,
        calls: CallStatistics | None = None,
    ) -> None:
        self.settings = settings
        self.calls = calls or CallStatistics()
        self.clock = clock or InvocationClock()
        self.telemetry = telemetry
        self.secrets = SecretStore(
            aws.secrets, settings.secret_prefix, self.clock, key=settings.data_key_arn
        )
        self.webhook_keys: dict[str, WebhookKeys[Any]] = {}
        self.dynamodb = aws.dynamodb
        self._aws = aws
        self.sqs = aws.sqs
        self._new_session = new_session
        self._queues: dict[str, Queue] = {}
        self._gate_of = gate_of
        self._reads_only = reads_only
        self.owner = uuid.uuid4().hex

    @cached_property
    def merchants(self) -> DynamoDbMerchants:
        """Merchants' files. It and the stores below are loaded when they are first asked for."""
        from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants

        return DynamoDbMerchants(self.dynamodb, self.settings.merchants_table, self.clock)

    @cached_property
    def capabilities(self) -> DynamoDbCapabilities:
        """What was proven of each merchant's warehouse."""
        from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities

        return DynamoDbCapabilities(self.dynamodb, self.settings.control_table, self.clock)

    @cached_property
    def cursors(self) -> DynamoDbCursors:
        """How far each flow of each merchant came."""
        from returns_hub.adapters.dynamodb.control import DynamoDbCursors

        return DynamoDbCursors(self.dynamodb, self.settings.control_table, self.clock)

    @cached_property
    def returns(self) -> DynamoDbReturns:
        """Returns and their timelines."""
        from returns_hub.adapters.dynamodb.returns import DynamoDbReturns

        table = self.settings.returns_table
        return DynamoDbReturns(self.dynamodb, table, self.clock, self.telemetry)

    @cached_property
    def parking(self) -> DynamoDbParking:
        """Work that was set aside for a person."""
        from returns_hub.adapters.dynamodb.parking import DynamoDbParking

        return DynamoDbParking(self.dynamodb, self.settings.parked_table, self.clock)

    @cached_property
    def _ledger(self) -> DynamoDbLedger:
        from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger

        return DynamoDbLedger(self.dynamodb, self.settings.ledger_table, self.clock)

    @cached_property
    def _catalogue(self) -> DynamoDbCatalogue:
        from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue

        return DynamoDbCatalogue(self.dynamodb, self.settings.catalogue_table, self.clock)

    @property
    def made_of(self) -> MadeOf:
        """What it was made of, for a hub that is a trial of this one."""
        return MadeOf(self._aws, self._new_session, self._gate_of or self._shared_gate)

    @cached_property
    def partners(self) -> Partners:
        """Requests to partners; their HTTP client is loaded when it is first asked for."""
        from returns_hub.partners import Partners

        return Partners(
            self.clock,
            self.telemetry,
            self.partner_time,
            self._new_session,
            self._gate_of or self._shared_gate,
            self._reads_only,
            self.calls,
        )

    @cached_property
    def partner_time(self) -> PartnerTime:
        """Time that the work in hand waited for partners."""
        from returns_hub.adapters.http.transport import PartnerTime

        return PartnerTime()

    @cached_property
    def connections(self) -> Connections:
        """Portals and warehouses; loaded when the first is asked for."""
        from returns_hub.connections import Connections

        return Connections(self)

    def _shared_gate(self, name: str, requests_per_second: float) -> Gate:
        from returns_hub.adapters.dynamodb.gates import DynamoDbGates
        from returns_hub.adapters.http.gate import SharedGate

        gates = DynamoDbGates(self.dynamodb, self.settings.control_table)
        return SharedGate(name, requests_per_second, gates, self.clock)

    def seconds_ahead(self) -> float:
        """How far this process's clock is ahead of AWS's."""
        from returns_hub.adapters.dynamodb.control import seconds_ahead

        return seconds_ahead(self.dynamodb, self.settings.control_table, self.clock)

    def within(self, budget: CallBudget) -> Hub:
        """The same hub for work that shares the flows' gates, and takes no more than its budget."""

        def gate_of(name: str, requests_per_second: float) -> Gate:
            return budget.before(self._shared_gate(name, requests_per_second))

        return Hub(
            self.settings,
            self._aws,
            self.telemetry,
            clock=self.clock,
            new_session=self._new_session,
            gate_of=gate_of,
            calls=self.calls,
        )

    def reading_only(self, wall: Callable[[Clients], Clients] | None = None) -> Hub:
        """The same hub with partners that refuse every write, for whoever only looks; with a `wall`
        its own tables and queues are reached through that."""
        return Hub(
            self.settings,
            wall(self._aws) if wall else self._aws,
            self.telemetry,
            clock=self.clock,
            new_session=self._new_session,
            gate_of=self._gate_of,
            reads_only=True,
            calls=self.calls,
        )

    @contextmanager
    def invocation(self, context: Any) -> Iterator[Run]:
        """One invocation: its deadline and its name. However it ends, its calls are told, and no
        fault's words leave it."""
        self.owner = f"{context.aws_request_id}/{uuid.uuid4().hex[:8]}"
        self.clock.begin(lambda: context.get_remaining_time_in_millis() / 1000)
        with guarded():
            try:
                yield Run(self)
            finally:
                self.calls.tell(self.telemetry)

    def queue(self, url: str) -> Queue:
        """A queue of the stack's own."""
        if not url:
            raise Misconfigured("settings.missing", "this function was given no such queue")
        if url not in self._queues:
            self._queues[url] = Queue(self.sqs, url)
        return self._queues[url]

    def batch(
        self,
        event: dict[str, Any],
        handle: Callable[[str], object],
        url: str,
        *,
        worst_case: float,
    ) -> dict[str, Any]:
        """Messages of one of the stack's queues; see `adapters.queues.sqs.run_batch`."""
        return run_batch(
            event,
            handle,
            queue=self.queue(url),
            clock=self.clock,
            telemetry=self.telemetry,
            worst_case=worst_case,
        )

    def dead_letter_queues(self) -> tuple[DeadLetterQueue, ...]:
        """See `dead_letters.dead_letter_queues`."""
        from returns_hub.dead_letters import dead_letter_queues

        return dead_letter_queues(self)

    def stores(self) -> Stores:
        """The hub's own stores, in the name of the invocation in hand."""
        from returns_hub.flows.world import Stores

        return Stores(
            ledger=self._ledger,
            returns=self.returns,
            cursors=self.cursors,
            parking=self.parking,
            catalogue=self._catalogue,
            capabilities=self.capabilities,
            clock=self.clock,
            telemetry=self.telemetry,
            owner=self.owner,
        )

    def world(self, merchant: str) -> World:
        """One merchant's world.

        Raises:
            Permanent: No such merchant.
        """
        from returns_hub.flows.world import World

        live = self.merchants.live(merchant)
        telemetry = LinesOfMerchant(self.telemetry, merchant)
        return World(
            live=live,
            stores=replace(self.stores(), telemetry=telemetry),
            warehouse=self.warehouse(live),
            portal=self.portal(live),
            portal_of=self.portal,
            market_of=self._market_around,
            refunds=self.connections.refund_targets(live),
            records=self.sync_records,
        )

    def _market_around(self, world: World) -> MarketWorld:
        return self.market.around(world)

    @cached_property
    def market(self) -> Market:
        """The marketplaces; loaded when the first is asked for."""
        from returns_hub.market import Market

        return Market(self)

    @cached_property
    def feeds(self) -> FeedConnections:
        """Stock intelligence; loaded when it is first asked for."""
        from returns_hub.feeds import FeedConnections

        return FeedConnections(self)

    def s3(self) -> S3Client:
        """S3; made when it is asked for, since few functions need it.

        Raises:
            Misconfigured: This hub was made without it.
        """
        if self._aws.s3 is None:
            raise Misconfigured("settings.missing", "this hub was made without S3")
        return self._aws.s3()

    def sns(self) -> Any:
        """SNS, as `s3`."""
        if self._aws.sns is None:
            raise Misconfigured("settings.missing", "this hub was made without SNS")
        return self._aws.sns()

    @cached_property
    def erp(self) -> ErpConnections:
        """The ERPs; loaded when the first is asked for."""
        from returns_hub.erp import ErpConnections

        return ErpConnections(self)

    def sync_records(self) -> DynamoDbSyncStore:
        """Timelines of records that are kept in step; its module is loaded when it is asked for.

        Raises:
            Misconfigured: This function was given no such table.
        """
        from returns_hub.adapters.dynamodb.sync import (
            DynamoDbSyncStore,
        )

        if not self.settings.sync_table:
            raise Misconfigured("settings.missing", "this function was given no SYNC_TABLE")
        days = self.settings.order_records_days
        return DynamoDbSyncStore(self.dynamodb, self.settings.sync_table, self.clock, days)

    def deliveries(self) -> DynamoDbDeliveries:
        """Deliveries of the ERP's webhook; loaded as `sync_records`.

        Raises:
            Misconfigured: This function was given no such table.
        """
        from returns_hub.adapters.dynamodb.deliveries import (
            DynamoDbDeliveries,
        )

        if not self.settings.sync_table:
            raise Misconfigured("settings.missing", "this function was given no SYNC_TABLE")
        return DynamoDbDeliveries(self.dynamodb, self.settings.sync_table)

    @cached_property
    def audit(self) -> DynamoDbAudit:
        """What people did; loaded as `sync_records`.

        Raises:
            Misconfigured: This hub was given no such table.
        """
        from returns_hub.adapters.dynamodb.audit import DynamoDbAudit

        if not self.settings.audit_table:
            raise Misconfigured("settings.missing", "this hub was given no AUDIT_TABLE")
        return DynamoDbAudit(self.dynamodb, self.settings.audit_table, self.clock)

    def market_world(self, merchant: str) -> MarketWorld:
        """One merchant's world with its marketplace; see `market.Market.world`."""
        return self.market.world(merchant)

    def warehouse(self, live: LiveMerchant) -> MintsoftWarehouse:
        """The merchant's warehouse."""
        return self.connections.warehouse(live)

    def portal(self, live: LiveMerchant) -> ReturnsPortal:
        """The merchant's returns portal, by the API that its file names."""
        return self.connections.portal(live)

    def webhook(self, world: World) -> Webhook:
        """See `connections.Connections.webhook`."""
        return self.connections.webhook(world)

    def invoices(self, live: LiveMerchant) -> RedoInvoices:
        """The portal's invoices to the merchant."""
        return self.connections.invoices(live)

    def token_scopes(self, live: LiveMerchant) -> TokenScopes | None:
        """See `connections.Connections.token_scopes`."""
        return self.connections.token_scopes(live)

    def sandbox_returns(self, live: LiveMerchant) -> SandboxReturns:
        """See `connections.Connections.sandbox_returns`."""
        return self.connections.sandbox_returns(live)

    def credentials(self, live: LiveMerchant) -> MintsoftCredentials:
        """The merchant's Mintsoft key; kept, so that a refused key is remembered as such."""
        return self.connections.credentials(live)

    def mintsoft_http(self, merchant: Merchant) -> PartnerHttp:
        """Requests to the merchant's warehouse."""
        return self.connections.mintsoft_http(merchant)


def hub(environment: Mapping[str, str], door: str | None = None) -> Hub:
    """The hub of this container.

    Args:
        environment: The function's.
        door: Its folder in `functions`; what it always needs is loaded now. See `ahead`.

    Raises:
        Misconfigured: A variable is missing in the environment.
    """
    made = Hub(Settings.from_environment(environment), clients(), PowertoolsTelemetry())
    if door is not None:
        load(made, door)
    return made
