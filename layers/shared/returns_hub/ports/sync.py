"""What a flow that keeps records in step needs of the hub's own stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.sync.records import SyncEvent, SyncState


class SyncStore(Protocol):
    """Timelines of records that are kept in step."""

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def load_many(self, merchant: str, flow: str, keys: Sequence[str]) -> dict[str, SyncState]:
        """The states of these keys, read consistently, an empty one for each that nothing is known
        of; about 1 request for 100."""

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        """Add events to the record's timeline, and store what it folds to; one transaction.

        Ids that steps made become findable (`made_by`). At most 40 events at once.

        Raises:
            Conflict: Someone else appended meanwhile; load again and decide again.
            Permanent: The timeline, or an event of it, is larger than can be kept.
        """

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        """All events of a record, in order."""

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        """The key of the record for which a step of this flow made that id; None when none did.

        So a change that is our own write is known when it comes back. It may come back before the
        id is known here: when the answer to the write was lost.
        """

    def in_work(
        self, merchant: str, flow: str, limit: int, after: SyncState | None = None
    ) -> tuple[SyncState, ...]:
        """Records of a flow that were begun and are not at their end, oldest first.

        May be stale: use it to find work, never to decide.

        Args:
            merchant: Whose.
            flow: Which.
            limit: At most so many.
            after: Those behind this one; of it only `began_at` and `key` count.
        """
