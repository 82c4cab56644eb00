"""A merchant's sink, as its file describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.wair.advice import NoAdvice, WairAdvice
from returns_hub.adapters.wair.client import FeedClient
from returns_hub.adapters.wair.file_sink import FileFeed
from returns_hub.adapters.wair.login import AgreedToken, Logins, Proof, WairTokens
from returns_hub.adapters.wair.sink import HttpFeed
from returns_hub.domain.wair.settings import WairConnection
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock, Telemetry
from returns_hub.ports.feed import Feed, StockAdvice
from returns_hub.ports.files import Files
from returns_hub.ports.secrets import Secrets


@dataclass(frozen=True)
class Around:
    """What a sink is made with.

    Args:
        merchant: The merchant's id.
        http: Partner's name and base URL -> the merchant's own session to it.
        secrets: Where its login is.
        clock: Tells the time.
        telemetry: Is told of calls.
        files: Makes the place of files, for sinks that are files.
        logins: Tokens that live as long as the container.
    """

    merchant: str
    http: Callable[[str, str], PartnerHttp]
    secrets: Secrets
    clock: Clock
    telemetry: Telemetry
    files: Callable[[], Files]
    logins: Logins = field(default_factory=Logins)


def sink_of(connection: WairConnection, around: Around) -> Feed:
    """The merchant's sink; nothing is asked yet.

    Raises:
        Misconfigured: Its file has no address.
    """
    match connection.sink:
        case "file_json":
            return FileFeed(connection, around.merchant, "json", around.files, around.clock)
        case "file_csv":
            return FileFeed(connection, around.merchant, "csv", around.files, around.clock)
    is_api = connection.sink == "wair_api"
    client = _client(connection, around)
    return HttpFeed(client, connection, has_batches=is_api and connection.batch)


def advice_of(connection: WairConnection, around: Around) -> StockAdvice:
    """Where the merchant's advice comes from; nothing is asked yet. Rows may go into files and
    advice be read at an address all the same; without one it says so when it is asked.
    """
    if connection.base_url is None:
        return NoAdvice(
            f"{around.merchant}: the sink {connection.sink} gives no advice; "
            "switch wair.advice off, or name a base_url"
        )
    return WairAdvice(_client(connection, around), connection.advice, around.telemetry)


def _client(connection: WairConnection, around: Around) -> FeedClient:
    address = connection.base_url
    if address is None:
        raise Misconfigured("wair.no_address", f"{around.merchant}: wair.base_url is missing")
    http = around.http("wair", address)
    if connection.sink == "http_json" or not connection.tenant:
        proof: Proof = AgreedToken(
            merchant=around.merchant, secret=connection.secret, secrets=around.secrets
        )
        return FeedClient(http, proof, around.clock, who="the feed's address")
    key = (around.merchant, address, connection.tenant, connection.secret)
    proof = WairTokens(
        http,
        tenant=connection.tenant,
        merchant=around.merchant,
        secret=connection.secret,
        secrets=around.secrets,
        kept=around.logins.of(*key),
        clock=around.clock,
        telemetry=around.telemetry,
    )
    return FeedClient(http, proof, around.clock, who="WAIR", tenant=connection.tenant)
