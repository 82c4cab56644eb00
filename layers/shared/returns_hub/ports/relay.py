"""What the despatch relay needs from outside: the queue in between, and whoever is told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.relay.despatch import Despatch, RelayedDespatch


class DespatchOutbox(Protocol):
    """The stack's own queue of despatches to be told."""

    def put(self, message: RelayedDespatch, send_by: datetime) -> None:
        """Put a message onto the queue.

        A queue cannot be searched, and needs not be: the same message may be there twice, since
        whoever takes it does each event once.

        Raises:
            Retryable: Known not done, nobody knows, or it could not be sent before `send_by`.
        """


class DespatchTarget(Protocol):
    """One of those that a merchant has told of despatches."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def tell(self, despatch: Despatch, send_by: datetime) -> str:
        """Tell it; the event's id.

        There is no look-up: a receiver cannot be asked. By its contract it takes an id once, so
        that telling it again is harmless.

        Raises:
            Retryable: Known not done; also when it could not be sent before `send_by`.
            Misconfigured: The address, the token or the signing key is wrong.
            Permanent: It is refused as it is.
            UnknownOutcome: It may have been taken.
        """
