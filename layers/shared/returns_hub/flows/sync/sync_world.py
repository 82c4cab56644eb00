"""What a flow that keeps records in step is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from returns_hub.domain.sync.records import SyncEvent, SyncFact, SyncState, fold
from returns_hub.flows.world import Stores, World
from returns_hub.ports import Telemetry
from returns_hub.ports.sync import SyncStore

EVENTS_AT_ONCE = 40


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

    def load(self, flow: str, key: str) -> SyncState:
        """The record's state, read consistently."""
        return self.records.load(self.merchant, flow, key)

    def load_many(self, flow: str, keys: Sequence[str]) -> dict[str, SyncState]:
        """The states of several records, read consistently."""
        return self.records.load_many(self.merchant, flow, keys)


@dataclass(frozen=True)
class AroundRecords:
    """What the worlds of flows that keep records in step have in common.

    Args:
        sync: The merchant's file, stores, and the timelines of its records.
    """

    sync: SyncWorld

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.sync.merchant

    @property
    def world(self) -> World:
        """The merchant's world without all this."""
        return self.sync.world

    @property
    def stores(self) -> Stores:
        """The hub's own stores and its clock."""
        return self.sync.stores

    def heard_by(self, telemetry: Telemetry) -> Self:
        """The same, with everything counted and logged there."""
        stores = replace(self.stores, telemetry=telemetry)
        return replace(self, sync=replace(self.sync, world=replace(self.world, stores=stores)))


class Draft:
    """A record's timeline, with what is noted and not written yet.

    `state` is what all of it folds to.
    """

    def __init__(self, world: SyncWorld, state: SyncState) -> None:
        self._world = world
        self._kept = state
        self._noted: list[SyncEvent] = []
        self.state = state

    def note(self, rule: str, *facts: SyncFact, actor: str = "hub") -> None:
        """Add facts to what is to be written."""
        at = self._world.stores.clock.now()
        events = [
            SyncEvent(
                sequence=self.state.version + position,
                at=at,
                actor=actor,
                rule=rule,
                config_version=self._world.world.live.version,
                fact=fact,
            )
            for position, fact in enumerate(facts, start=1)
        ]
        self.state = fold(self.state, events)
        self._noted += events

    def write(self) -> None:
        """Append what is noted, in one transaction where it fits into one.

        Raises:
            Conflict: Someone else appended meanwhile.
            Permanent: It is too large to be kept.
        """
        while self._noted:
            first = self._noted[:EVENTS_AT_ONCE]
            self._kept = self._world.records.append(self._kept, first)
            self._noted = self._noted[EVENTS_AT_ONCE:]

    def drop(self) -> None:
        """Forget what is not written."""
        self._noted = []
        self.state = self._kept
