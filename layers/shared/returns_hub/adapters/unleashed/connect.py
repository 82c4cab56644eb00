"""Puts the pieces of Unleashed's adapter together, for the composition root and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.keys import Secrets, key_source
from returns_hub.adapters.unleashed.meter import CallCounts, Meter, teller
from returns_hub.adapters.unleashed.natural_keys import Guids, NaturalKeys
from returns_hub.domain.unleashed.budget import CallPlan
from returns_hub.ports import Clock, Telemetry

PARTNER = "unleashed"
HttpOf = Callable[[str, str], PartnerHttp]
"""Requests to a partner, by its name (which its gate has too) and its address."""


class Connection(Protocol):
    """What the client needs of a merchant's `unleashed:` block."""

    @property
    def base_url(self) -> str:
        """The address."""

    @property
    def secret(self) -> str:
        """Name of the secret with ``api_id`` and ``api_key``."""

    @property
    def client_type(self) -> str:
        """Our name in the header of that name."""

    @property
    def monthly_calls(self) -> int | None:
        """Calls of the plan; None while nobody said."""

    @property
    def reserve_percent(self) -> int:
        """The share of them that only urgent calls may use."""


@dataclass(frozen=True)
class Around:
    """What the adapter needs of the hub."""

    http: HttpOf
    secrets: Secrets
    counts: CallCounts
    guids: Guids
    clock: Clock
    telemetry: Telemetry


def client_of(merchant: str, connection: Connection, around: Around) -> UnleashedClient:
    """Signed requests in the name of a merchant.

    To be kept as long as the container lives: it has calls left that are counted already, and
    remembers that a key was refused.
    """
    plan = CallPlan(connection.monthly_calls, connection.reserve_percent)

    def meter_of(account: str) -> Meter:
        tell = teller(merchant, plan, around.telemetry)
        return Meter(account, plan, around.counts, around.clock, tell)

    return UnleashedClient(
        around.http(PARTNER, connection.base_url),
        key_source(around.secrets, merchant, connection.secret),
        client_type=connection.client_type,
        meter_of=meter_of,
        clock=around.clock,
    )


def natural_keys_of(client: UnleashedClient, around: Around) -> NaturalKeys:
    """The account's Guids by code."""
    return NaturalKeys(client, around.guids)
