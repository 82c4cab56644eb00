"""What a flow that keeps records in step needs of the hub's own stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from returns_hub.domain.sync.records import SyncEvent, SyncState


class SyncStore(Protocol):
    """Timelines of records that are kept in step."""

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        """Add events to the record's timeline, and store what it folds to; one transaction.

        Ids that steps made become findable (`made_by`).

        Raises:
            Conflict: Someone else appended meanwhile; load again and decide again.
        """

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        """All events of a record, in order."""

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        """The key of the record for which a step of this flow made that id; None when none did.

        So a change that is our own write is known when it comes back.
        """

    def in_work(self, merchant: str, flow: str, limit: int) -> tuple[SyncState, ...]:
        """Records of a flow that were begun and are not at their end, oldest first. May be stale:
        use it to find work, never to decide."""
