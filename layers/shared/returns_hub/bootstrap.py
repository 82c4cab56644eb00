"""The composition root: builds what a function needs, once for each container.

A container serves one invocation at a time. What lives as long as the container: AWS clients,
caches, one HTTP session and one pace for each merchant and partner. What lives as long as an
invocation: its deadline and its owner's name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import requests

from returns_hub.adapters.aws import Clients, clients
from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue
from returns_hub.adapters.dynamodb.control import (
    DynamoDbCapabilities,
    DynamoDbCursors,
    seconds_ahead,
)
from returns_hub.adapters.dynamodb.gates import DynamoDbGates
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.adapters.http.budget import CallBudget
from returns_hub.adapters.http.gate import Gate, SharedGate
from returns_hub.adapters.http.statistics import CallStatistics
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime, partner_session
from returns_hub.adapters.loop import webhook as loop_deliveries
from returns_hub.adapters.loop.client import LoopClient
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.adapters.mintsoft.client import MintsoftClient, log_in
from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
from returns_hub.adapters.mintsoft.warehouse import MintsoftWarehouse
from returns_hub.adapters.queues.refunds import RefundsBus, RefundsQueue
from returns_hub.adapters.queues.sqs import Queue
from returns_hub.adapters.redo import deliveries as redo_deliveries
from returns_hub.adapters.redo.client import RedoClient, TokenSource
from returns_hub.adapters.redo.invoices import RedoInvoices
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.adapters.redo.sandbox import RedoSandboxReturns
from returns_hub.adapters.redo.scopes import RedoScopes
from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
from returns_hub.adapters.unleashed import webhooks as unleashed_deliveries
from returns_hub.domain.merchant import LiveMerchant, LoopConnection, Merchant, RedoConnection
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.subscriptions import callback_url, external_id_of
from returns_hub.errors import Misconfigured
from returns_hub.flows.receive_webhook import LOOP_WEBHOOK, REDO_WEBHOOK, UNLEASHED_WEBHOOK
from returns_hub.flows.subscription_steps import Webhook
from returns_hub.flows.world import Stores, World
from returns_hub.invocation import InvocationClock
from returns_hub.observability import PowertoolsTelemetry
from returns_hub.partners import Partners
from returns_hub.ports import ReturnsPortal, SandboxReturns, Telemetry, TokenScopes
from returns_hub.ports.refunds import RefundTargets
from returns_hub.runs import Run
from returns_hub.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from returns_hub.adapters.dynamodb.audit import DynamoDbAudit
    from returns_hub.adapters.dynamodb.deliveries import DynamoDbDeliveries
    from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
    from returns_hub.adapters.queues.dead_letters import DeadLetterQueue
    from returns_hub.erp import ErpConnections
    from returns_hub.feeds import FeedConnections
    from returns_hub.flows.miinto.market_world import MarketWorld
    from returns_hub.market import Market


@dataclass(frozen=True)
class MadeOf:
    """What a hub was made of."""

    aws: Clients
    new_session: Callable[[], requests.Session]
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
        new_session: Callable[[], requests.Session] = partner_session,
        gate_of: Callable[[str, float], Gate] | None = None,
        reads_only: bool = False,
        calls: CallStatistics | None = None,
    ) -> None:
        self.settings = settings
        self.calls = calls or CallStatistics()
        self.clock = clock or InvocationClock()
        self.telemetry = telemetry
        self.merchants = DynamoDbMerchants(aws.dynamodb, settings.merchants_table, self.clock)
        self.secrets = SecretStore(aws.secrets, settings.secret_prefix, self.clock)
        self.webhook_keys = {
            flow: WebhookKeys(
                self.merchants,
                self.secrets,
                self.clock,
                terms_of=portal.terms_of,
                nobody=portal.terms_of_nobody(),
            )
            for flow, portal in (
                (REDO_WEBHOOK, redo_deliveries),
                (LOOP_WEBHOOK, loop_deliveries),
                (UNLEASHED_WEBHOOK, unleashed_deliveries),
            )
        }
        self.capabilities = DynamoDbCapabilities(aws.dynamodb, settings.control_table, self.clock)
        self.cursors = DynamoDbCursors(aws.dynamodb, settings.control_table, self.clock)
        self.returns = DynamoDbReturns(aws.dynamodb, settings.returns_table, self.clock, telemetry)
        self.parking = DynamoDbParking(aws.dynamodb, settings.parked_table, self.clock)
        self._ledger = DynamoDbLedger(aws.dynamodb, settings.ledger_table, self.clock)
        self._catalogue = DynamoDbCatalogue(aws.dynamodb, settings.catalogue_table, self.clock)
        self.dynamodb = aws.dynamodb
        self._aws = aws
        self.sqs = aws.sqs
        self._new_session = new_session
        self._queues: dict[str, Queue] = {}
        self.partner_time = PartnerTime()
        self._gate_of = gate_of
        self.partners = Partners(
            self.clock,
            telemetry,
            self.partner_time,
            new_session,
            gate_of or self._shared_gate,
            reads_only,
            self.calls,
        )
        self._credentials: dict[str, tuple[int, MintsoftCredentials]] = {}
        self.owner = uuid.uuid4().hex

    @property
    def made_of(self) -> MadeOf:
        """What it was made of, for a hub that is a trial of this one."""
        return MadeOf(self._aws, self._new_session, self._gate_of or self._shared_gate)

    def _shared_gate(self, name: str, requests_per_second: float) -> Gate:
        gates = DynamoDbGates(self.dynamodb, self.settings.control_table)
        return SharedGate(name, requests_per_second, gates, self.clock)

    def seconds_ahead(self) -> float:
        """How far this process's clock is ahead of AWS's."""
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
        """One invocation: its deadline and its name. However it ends, its calls are told."""
        self.owner = f"{context.aws_request_id}/{uuid.uuid4().hex[:8]}"
        self.clock.begin(lambda: context.get_remaining_time_in_millis() / 1000)
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

    def dead_letter_queues(self) -> tuple[DeadLetterQueue, ...]:
        """See `dead_letters.dead_letter_queues`."""
        from returns_hub.dead_letters import dead_letter_queues  # noqa: PLC0415 - as `market`

        return dead_letter_queues(self)

    def stores(self) -> Stores:
        """The hub's own stores, in the name of the invocation in hand."""
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
        live = self.merchants.live(merchant)
        return World(
            live=live,
            stores=self.stores(),
            warehouse=self.warehouse(live),
            portal=self.portal(live),
            portal_of=self.portal,
            market_of=self._market_around,
            refunds=self._refund_targets(live),
            records=self.sync_records,
        )

    def _market_around(self, world: World) -> MarketWorld:
        return self.market.around(world)

    def _refund_targets(self, live: LiveMerchant) -> RefundTargets:
        """Where refunds can go from this function."""
        miinto = live.merchant.miinto
        in_erp = miinto is not None and miinto.refunds.credit_note == "unleashed"
        names, events = self.settings, self._aws.events
        queue, bus = names.refunds_queue_url, names.refunds_bus
        return RefundTargets(
            queue=RefundsQueue(self.sqs, queue, self.clock) if queue else None,
            bus=RefundsBus(events, bus, self.clock) if bus and events else None,
            credit_notes=self.erp.store_credits(live) if in_erp else None,
        )

    @cached_property
    def market(self) -> Market:
        """The marketplaces; loaded when the first is asked for."""
        from returns_hub.market import Market  # noqa: PLC0415 - most functions never need it

        return Market(self)

    @cached_property
    def feeds(self) -> FeedConnections:
        """Stock intelligence; loaded when it is first asked for."""
        from returns_hub.feeds import FeedConnections  # noqa: PLC0415 - as `market`

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
        from returns_hub.erp import ErpConnections  # noqa: PLC0415 - as `market`

        return ErpConnections(self)

    def sync_records(self) -> DynamoDbSyncStore:
        """Timelines of records that are kept in step; its module is loaded when it is asked for.

        Raises:
            Misconfigured: This function was given no such table.
        """
        from returns_hub.adapters.dynamodb.sync import (  # noqa: PLC0415 - as `market`
            DynamoDbSyncStore,
        )

        if not self.settings.sync_table:
            raise Misconfigured("settings.missing", "this function was given no SYNC_TABLE")
        return DynamoDbSyncStore(self.dynamodb, self.settings.sync_table, self.clock)

    def deliveries(self) -> DynamoDbDeliveries:
        """Deliveries of the ERP's webhook; loaded as `sync_records`.

        Raises:
            Misconfigured: This function was given no such table.
        """
        from returns_hub.adapters.dynamodb.deliveries import (  # noqa: PLC0415 - as `market`
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
        from returns_hub.adapters.dynamodb.audit import DynamoDbAudit  # noqa: PLC0415 - as `market`

        if not self.settings.audit_table:
            raise Misconfigured("settings.missing", "this hub was given no AUDIT_TABLE")
        return DynamoDbAudit(self.dynamodb, self.settings.audit_table, self.clock)

    def market_world(self, merchant: str) -> MarketWorld:
        """One merchant's world with its marketplace; see `market.Market.world`."""
        return self.market.world(merchant)

    def warehouse(self, live: LiveMerchant) -> MintsoftWarehouse:
        """The merchant's warehouse."""
        merchant = live.merchant
        return MintsoftWarehouse(
            MintsoftClient(self.mintsoft_http(merchant), self.credentials(live)),
            merchant.mintsoft,
            clock=self.clock,
            proven=lambda: self.capabilities.get(merchant.merchant),
        )

    def portal(self, live: LiveMerchant) -> ReturnsPortal:
        """The merchant's returns portal, by the API that its file names."""
        merchant, connection = live.merchant.merchant, live.merchant.portal_connection
        name = live.merchant.portal
        http = self.partners.http(
            merchant, name, connection.base_url, connection.requests_per_second
        )
        if isinstance(connection, LoopConnection):
            key = self._from_secret(merchant, connection.secret, "api_key")
            client = LoopClient(http, connection, key=key, clock=self.clock)
            return LoopPortal(client, connection, clock=self.clock)
        if isinstance(connection, MiintoConnection):
            return self.market.portal(live)
        token = self._from_secret(merchant, connection.secret, "api_token")
        return RedoPortal(http, connection, token=token, clock=self.clock)

    def _from_secret(self, merchant: str, secret: str, name: str) -> TokenSource:
        """Reads one value of a secret, whenever it is asked for."""

        def value(*, fresh: bool) -> str:
            content = self.secrets.read(merchant, secret, fresh=fresh).value
            if not content.get(name, "").strip():
                raise Misconfigured("secret.malformed", f"secret {secret} has no {name}")
            return content[name]

        return value

    def webhook(self, world: World) -> Webhook:
        """What looking after a merchant's subscription at the portal needs.

        Raises:
            Misconfigured: Nothing says where deliveries go.
        """
        merchant = world.merchant
        settings = _redo_of(world.live.merchant).webhook

        def read_secret() -> Mapping[str, str]:
            found = self.secrets.read_if_set(merchant, settings.secret)
            return found.value if found else {}

        return Webhook(
            world=world,
            subscriptions=RedoSubscriptions(self._redo_client(world.live.merchant)),
            url=callback_url(settings.url or self.settings.redo_webhook_url, merchant),
            external_id=external_id_of(self.settings.secret_prefix, merchant),
            secret=settings.secret,
            read_secret=read_secret,
            write_secret=lambda content: self.secrets.write(merchant, settings.secret, content),
        )

    def invoices(self, live: LiveMerchant) -> RedoInvoices:
        """The portal's invoices to the merchant."""
        return RedoInvoices(self._redo_client(live.merchant))

    def token_scopes(self, live: LiveMerchant) -> TokenScopes | None:
        """What the portal's token may do; None for a portal whose key has no scopes to ask for."""
        if live.merchant.portal != "redo":
            return None
        return RedoScopes(self._redo_client(live.merchant))

    def sandbox_returns(self, live: LiveMerchant) -> SandboxReturns:
        """Test returns in the portal; only ever for a merchant that is a sandbox.

        Raises:
            Misconfigured: This portal's API makes no returns.
        """
        return RedoSandboxReturns(self._redo_client(live.merchant))

    def _redo_client(self, merchant: Merchant) -> RedoClient:
        redo = _redo_of(merchant)
        token = self._from_secret(merchant.merchant, redo.secret, "api_token")
        http = self.partners.http(
            merchant.merchant, "redo", redo.base_url, redo.requests_per_second
        )
        return RedoClient(http, redo, token=token, clock=self.clock)

    def credentials(self, live: LiveMerchant) -> MintsoftCredentials:
        """The merchant's Mintsoft key; kept, so that a refused key is remembered as such."""
        merchant = live.merchant
        known = self._credentials.get(merchant.merchant)
        if known is None or known[0] != live.version:
            http = self.mintsoft_http(merchant)
            made = MintsoftCredentials(
                merchant=merchant.merchant,
                connection=merchant.mintsoft,
                secrets=self.secrets,
                cursors=self.cursors,
                login=lambda user, password: log_in(http, user, password),
                clock=self.clock,
                owner=self.owner,
                telemetry=self.telemetry,
            )
            self._credentials[merchant.merchant] = (live.version, made)
            return made
        return known[1]

    def mintsoft_http(self, merchant: Merchant) -> PartnerHttp:
        """Requests to the merchant's warehouse."""
        mintsoft = merchant.mintsoft
        return self.partners.http(
            merchant.merchant, "mintsoft", mintsoft.base_url, mintsoft.requests_per_second
        )


def _redo_of(merchant: Merchant) -> RedoConnection:
    """The merchant's connection to Redo's own API.

    Raises:
        Misconfigured: Its portal speaks another API, which has none of this.
    """
    if merchant.redo is None:
        what = "webhooks, invoices and test returns are of Redo's own API"
        raise Misconfigured("portal.not_redo", f"portal is {merchant.portal}: {what}")
    return merchant.redo


def hub(environment: Mapping[str, str]) -> Hub:
    """The hub of this container.

    Raises:
        Misconfigured: A variable is missing in the environment.
    """
    return Hub(Settings.from_environment(environment), clients(), PowertoolsTelemetry())
