"""Flows that keep records in step: their store in memory, a source and a partner to try them on."""

from __future__ import annotations

from collections.abc import Sequence

from returns_hub.adapters.dynamodb import sync as rows
from returns_hub.domain.sync.records import StepDone, SyncEvent, SyncState, fold
from returns_hub.errors import Conflict
from tests.support.fakes import TestClock

Name = tuple[str, str, str]
"""Merchant, flow, key."""


class FakeSyncStore:
    """`ports.sync.SyncStore`; tests/contract holds it to the one in DynamoDB."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.states: dict[Name, SyncState] = {}
        self.events: dict[Name, list[SyncEvent]] = {}
        self.links: dict[Name, str] = {}

    def load(self, merchant: str, flow: str, key: str) -> SyncState:
        empty = SyncState(merchant=merchant, flow=flow, key=key)
        return self.states.get((merchant, flow, key), empty)

    def append(self, state: SyncState, events: Sequence[SyncEvent]) -> SyncState:
        if not events:
            return state
        name = (state.merchant, state.flow, state.key)
        after = fold(state, events)
        for event in events:
            rows.fitting({"event": event.model_dump_json()}, f"an event of {state.key}")
        rows.state_row(after, "", self._clock.now())
        if self.load(*name).version != state.version:
            raise Conflict(str(name))
        self.states[name] = after
        self.events.setdefault(name, []).extend(events)
        for event in events:
            if isinstance(event.fact, StepDone) and event.fact.partner_id:
                self.links[state.merchant, state.flow, event.fact.partner_id] = state.key
        return after

    def timeline(self, merchant: str, flow: str, key: str) -> tuple[SyncEvent, ...]:
        return tuple(self.events.get((merchant, flow, key), ()))

    def made_by(self, merchant: str, flow: str, partner_id: str) -> str | None:
        return self.links.get((merchant, flow, partner_id))

    def in_work(
        self, merchant: str, flow: str, limit: int, after: SyncState | None = None
    ) -> tuple[SyncState, ...]:
        mine = [
            state
            for name, state in self.states.items()
            if name[:2] == (merchant, flow) and state.in_work
        ]
        if after is not None:
            mine = [state for state in mine if rows.work_place(state) > rows.work_place(after)]
        return tuple(sorted(mine, key=rows.work_place)[:limit])
