"""Records that somebody told of while another run was at work; the next run takes them first.

A cursor of its own, whose lease is held for a moment only: the flow's lease is held for a whole
run, and its cursor is that run's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.world import Stores

LEASE_SECONDS = 10.0
MOST_WAITING = 2000
"""Keys, about 80 KB; while so many wait, others wait in the queue."""
MOST_AT_ONCE = 100
"""Fewer than come back at the next tick at most (`cursor.MOST_LATER`), so that none is lost."""
BUSY = "sync.mailbox_busy"


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of one flow of one merchant.

    Args:
        flow: The source's name.
        merchant: Whose.
        stores: The hub's own.
    """

    flow: str
    merchant: str
    stores: Stores

    @property
    def name(self) -> str:
        """The name of its cursor."""
        return f"sync/{self.flow}.told/{self.merchant}"

    def waiting(self) -> dict[str, str]:
        """Keys for the next run, the oldest first, and when each was left; 1 read."""
        told = _told(self.stores.cursors.read(self.name))
        return dict(list(told.items())[:MOST_AT_ONCE])

    def put(self, key: str) -> None:
        """Leave a key for the next run.

        Raises:
            Retryable: Somebody else is at it at this moment, or too many wait.
        """
        at = self.stores.clock.now().isoformat()

        def added(told: dict[str, str]) -> dict[str, str]:
            if len(told) >= MOST_WAITING and key not in told:
                reason = f"{len(told)} records wait for {self.flow}"
                raise Retryable("sync.mailbox_full", reason, after=300)
            return told | {key: at}

        if not self._change(added):
            raise Retryable(BUSY, f"somebody else leaves records for {self.flow}", after=5)

    def clear(self, done: Mapping[str, str]) -> None:
        """Take out what was dealt with, as `waiting` gave it; what was told again meanwhile stays.

        Where it cannot be done now they are dealt with once more, which does no harm.
        """
        if done:
            self._change(lambda told: {k: at for k, at in told.items() if done.get(k) != at})

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> bool:
        cursors = self.stores.cursors
        lease = cursors.acquire(self.name, self.stores.owner, LEASE_SECONDS)
        if lease is None:
            return False
        try:
            cursors.advance(lease, {"told": change(_told(lease.value))})
        except Conflict:
            return False
        finally:
            cursors.release(lease)
        return True


def _told(value: Mapping[str, Any]) -> dict[str, str]:
    return dict(value.get("told", {}))
