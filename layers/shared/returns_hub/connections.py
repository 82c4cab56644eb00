"""The composition of a merchant's portal and warehouse: what `bootstrap` builds for flows.

A module of its own, so that the doors which only take a message, or only look at the hub's own
tables, load no partner's adapter and no HTTP client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.mintsoft.client import MintsoftClient, log_in
from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
from returns_hub.adapters.mintsoft.warehouse import MintsoftWarehouse
from returns_hub.adapters.queues.refunds import RefundsBus, RefundsQueue
from returns_hub.adapters.redo.client import RedoClient, TokenSource
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.portals import LoopConnection, RedoConnection
from returns_hub.errors import Misconfigured
from returns_hub.ports.refunds import RefundTargets

if TYPE_CHECKING:
    from returns_hub.adapters.redo.invoices import RedoInvoices
    from returns_hub.bootstrap import Hub
    from returns_hub.flows.subscription_steps import Webhook
    from returns_hub.flows.world import World
    from returns_hub.ports import ReturnsPortal, SandboxReturns, TokenScopes


@dataclass
class Connections:
    """The portals and warehouses of a container's merchants."""

    hub: Hub
    _credentials: dict[str, tuple[int, MintsoftCredentials]] = field(default_factory=dict)

    def refund_targets(self, live: LiveMerchant) -> RefundTargets:
        """Where refunds can go from this function."""
        miinto = live.merchant.miinto
        in_erp = miinto is not None and miinto.refunds.credit_note == "unleashed"
        names, events = self.hub.settings, self.hub.made_of.aws.events
        queue, bus = names.refunds_queue_url, names.refunds_bus
        return RefundTargets(
            queue=RefundsQueue(self.hub.sqs, queue, self.hub.clock) if queue else None,
            bus=RefundsBus(events, bus, self.hub.clock) if bus and events else None,
            credit_notes=self.hub.erp.store_credits(live) if in_erp else None,
        )

    def warehouse(self, live: LiveMerchant) -> MintsoftWarehouse:
        """The merchant's warehouse."""
        merchant = live.merchant
        return MintsoftWarehouse(
            MintsoftClient(self.mintsoft_http(merchant), self.credentials(live)),
            merchant.mintsoft,
            clock=self.hub.clock,
            proven=lambda: self.hub.capabilities.get(merchant.merchant),
        )

    def portal(self, live: LiveMerchant) -> ReturnsPortal:
        """The merchant's returns portal, by the API that its file names."""
        merchant, connection = live.merchant.merchant, live.merchant.portal_connection
        name = live.merchant.portal
        http = self.hub.partners.http(
            merchant, name, connection.base_url, connection.requests_per_second
        )
        if isinstance(connection, LoopConnection):
            from returns_hub.adapters.loop.client import LoopClient
            from returns_hub.adapters.loop.portal import LoopPortal

            key = self._from_secret(merchant, connection.secret, "api_key")
            client = LoopClient(http, connection, key=key, clock=self.hub.clock)
            return LoopPortal(client, connection, clock=self.hub.clock)
        if isinstance(connection, MiintoConnection):
            return self.hub.market.portal(live)
        token = self._from_secret(merchant, connection.secret, "api_token")
        return RedoPortal(http, connection, token=token, clock=self.hub.clock)

    def _from_secret(self, merchant: str, secret: str, name: str) -> TokenSource:
        """Reads one value of a secret, whenever it is asked for."""

        def value(*, fresh: bool) -> str:
            content = self.hub.secrets.read(merchant, secret, fresh=fresh).value
            if not content.get(name, "").strip():
                raise Misconfigured("secret.malformed", f"secret {secret} has no {name}")
            return content[name]

        return value

    def webhook(self, world: World) -> Webhook:
        """What looking after a merchant's subscription at the portal needs.

        Raises:
            Misconfigured: Nothing says where deliveries go.
        """
        from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
        from returns_hub.domain.subscriptions import callback_url, external_id_of
        from returns_hub.flows.subscription_steps import Webhook

        merchant = world.merchant
        settings = _redo_of(world.live.merchant).webhook

        def read_secret() -> Mapping[str, str]:
            found = self.hub.secrets.read_if_set(merchant, settings.secret)
            return found.value if found else {}

        return Webhook(
            world=world,
            subscriptions=RedoSubscriptions(self._redo_client(world.live.merchant)),
            url=callback_url(settings.url or self.hub.settings.redo_webhook_url, merchant),
            external_id=external_id_of(self.hub.settings.secret_prefix, merchant),
            secret=settings.secret,
            read_secret=read_secret,
            write_secret=lambda content: self.hub.secrets.write(merchant, settings.secret, content),
        )

    def invoices(self, live: LiveMerchant) -> RedoInvoices:
        """The portal's invoices to the merchant."""
        from returns_hub.adapters.redo.invoices import RedoInvoices

        return RedoInvoices(self._redo_client(live.merchant))

    def token_scopes(self, live: LiveMerchant) -> TokenScopes | None:
        """What the portal's token may do; None for a portal whose key has no scopes to ask for."""
        if live.merchant.portal != "redo":
            return None
        from returns_hub.adapters.redo.scopes import RedoScopes

        return RedoScopes(self._redo_client(live.merchant))

    def sandbox_returns(self, live: LiveMerchant) -> SandboxReturns:
        """Test returns in the portal; only ever for a merchant that is a sandbox.

        Raises:
            Misconfigured: This portal's API makes no returns.
        """
        from returns_hub.adapters.redo.sandbox import RedoSandboxReturns

        return RedoSandboxReturns(self._redo_client(live.merchant))

    def _redo_client(self, merchant: Merchant) -> RedoClient:
        redo = _redo_of(merchant)
        token = self._from_secret(merchant.merchant, redo.secret, "api_token")
        http = self.hub.partners.http(
            merchant.merchant, "redo", redo.base_url, redo.requests_per_second
        )
        return RedoClient(http, redo, token=token, clock=self.hub.clock)

    def credentials(self, live: LiveMerchant) -> MintsoftCredentials:
        """The merchant's Mintsoft key; kept, so that a refused key is remembered as such."""
        merchant = live.merchant
        known = self._credentials.get(merchant.merchant)
        if known is None or known[0] != live.version:
            http = self.mintsoft_http(merchant)
            made = MintsoftCredentials(
                merchant=merchant.merchant,
                connection=merchant.mintsoft,
                secrets=self.hub.secrets,
                cursors=self.hub.cursors,
                login=lambda user, password: log_in(http, user, password),
                clock=self.hub.clock,
                owner=self.hub.owner,
                telemetry=self.hub.telemetry,
            )
            self._credentials[merchant.merchant] = (live.version, made)
            return made
        return known[1]

    def mintsoft_http(self, merchant: Merchant) -> PartnerHttp:
        """Requests to the merchant's warehouse."""
        mintsoft = merchant.mintsoft
        return self.hub.partners.http(
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
