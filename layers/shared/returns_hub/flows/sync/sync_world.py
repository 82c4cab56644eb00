"""What a flow that keeps records in step is given."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.sync.records import SyncEvent, SyncFact, SyncState
from returns_hub.flows.world import Stores, World
from returns_hub.ports.sync import SyncStore


@dataclass(frozen=True)
class SyncWorld:
    """One merchant's world, and the timelines of its records."""

    world: World
    records: SyncStore

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.world.merchant

    @property
    def stores(self) -> Stores:
        """The hub's own stores and its clock."""
        return self.world.stores

    def record(
        self, state: SyncState, rule: str, *facts: SyncFact, actor: str = "hub"
    ) -> SyncState:
        """Append facts to a record's timeline in one transaction; the state they fold to.

        Raises:
            Conflict: Someone else appended meanwhile.
        """
        at = self.stores.clock.now()
        events = [
            SyncEvent(
                sequence=state.version + position,
                at=at,
                actor=actor,
                rule=rule,
                config_version=self.world.live.version,
                fact=fact,
            )
            for position, fact in enumerate(facts, start=1)
        ]
        return self.records.append(state, events) if events else state
