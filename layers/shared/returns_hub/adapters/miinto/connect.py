"""Puts the pieces of Miinto's adapter together, for the composition root and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.miinto.channel import MiintoChannel
from returns_hub.adapters.miinto.client import Hosts, MiintoClient
from returns_hub.adapters.miinto.feed import MiintoFeed
from returns_hub.adapters.miinto.login import log_in
from returns_hub.adapters.miinto.marketplace import MiintoMarketplace
from returns_hub.domain.miinto.settings import Feed, MiintoConnection
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock, Cursors, Telemetry
from returns_hub.ports.secrets import Secrets

HttpOf = Callable[[str, str], PartnerHttp]
"""Requests to a partner, by its name (which its gate has too) and its address."""


@dataclass(frozen=True)
class Around:
    """What the adapter needs of the hub."""

    http: HttpOf
    secrets: Secrets
    cursors: Cursors
    clock: Clock
    owner: str
    telemetry: Telemetry


def client_of(merchant: str, connection: MiintoConnection, around: Around) -> MiintoClient:
    """Signed requests in the name of a merchant.

    Every service has a gate of its own. To be kept as long as the container lives: it remembers
    that a channel could not be renewed.
    """
    hosts = Hosts(
        auth=around.http("miinto-auth", connection.auth_url),
        order=around.http("miinto", connection.order_url),
        stock=around.http("miinto-stock", connection.stock_url),
        product_map=around.http("miinto-product-map", connection.product_map_url),
    )
    channel = MiintoChannel(
        merchant=merchant,
        connection=connection,
        secrets=around.secrets,
        cursors=around.cursors,
        login=lambda name, secret: log_in(hosts.auth, name, secret, clock=around.clock),
        clock=around.clock,
        owner=around.owner,
        telemetry=around.telemetry,
    )
    return MiintoClient(hosts, channel, connection, clock=around.clock)


def marketplace_of(
    client: MiintoClient, merchant: str, connection: MiintoConnection, around: Around
) -> MiintoMarketplace:
    """The marketplace of a merchant."""
    return MiintoMarketplace(
        client,
        connection,
        feed=feed_of(merchant, connection.feed, around) if connection.feed else None,
        telemetry=around.telemetry,
    )


def feed_of(merchant: str, settings: Feed, around: Around) -> MiintoFeed:
    """The merchant's product feed."""

    def login() -> tuple[str, str] | None:
        if settings.secret is None:
            return None
        value = around.secrets.read(merchant, settings.secret).value
        user, password = value.get("user", ""), value.get("password", "")
        if not user:
            raise Misconfigured("secret.malformed", f"secret {settings.secret} has no user")
        return user, password

    return MiintoFeed(around.http("miinto-feed", settings.url), login, telemetry=around.telemetry)
