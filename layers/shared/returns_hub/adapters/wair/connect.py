"""A merchant's sink, as its file describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.domain.wair.settings import WairConnection
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock, Telemetry
from returns_hub.ports.feed import Feed, StockAdvice
from returns_hub.ports.files import Files


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
    """

    merchant: str
    http: Callable[[str, str], PartnerHttp]
    secrets: SecretStore
    clock: Clock
    telemetry: Telemetry
    files: Callable[[], Files]


def sink_of(connection: WairConnection, around: Around) -> Feed:
    """The merchant's sink; nothing is asked yet.

    Raises:
        Misconfigured: This release has no such sink.
    """
    raise Misconfigured(
        "wair.no_such_sink", f"{around.merchant}: this release has no sink {connection.sink}"
    )


def advice_of(connection: WairConnection, around: Around) -> StockAdvice:
    """Where the merchant's advice comes from; nothing is asked yet.

    Raises:
        Misconfigured: This release has none for its sink.
    """
    raise Misconfigured(
        "wair.no_advice", f"{around.merchant}: the sink {connection.sink} gives no advice"
    )
