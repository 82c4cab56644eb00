"""What every resource's adapter of Unleashed is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.natural_keys import NaturalKeys
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.ports import Clock


@dataclass(frozen=True)
class UnleashedAccount:
    """A merchant's account at Unleashed.

    Args:
        client: Signed and counted requests.
        connection: The `unleashed:` block of the merchant's file.
        keys: Guids by natural key.
        clock: Tells the time.
    """

    client: UnleashedClient
    connection: UnleashedConnection
    keys: NaturalKeys
    clock: Clock

    def counted_as(self, kind: CallClass, *, at_most: int | None = None) -> UnleashedAccount:
        """The same account; see `UnleashedClient.counted_as`."""
        client = self.client.counted_as(kind, at_most=at_most)
        return replace(self, client=client, keys=self.keys.asked_by(client))


class UnleashedResource:
    """One resource of an account."""

    def __init__(self, account: UnleashedAccount) -> None:
        self._account = account
        self._client = account.client
        self._connection = account.connection

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
        self._client.require_open()
