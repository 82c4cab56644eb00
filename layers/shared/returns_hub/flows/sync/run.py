"""One run of a flow that keeps records in step.

Works under the lease of the flow's cursor. The cursor moves only behind what is on a timeline;
what could not be done is remembered by its own timeline, which the next run walks. Changes overlap
and are told apart by key and version, never by time alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from returns_hub.domain.base import short_hash
from returns_hub.domain.file_types import Mode
from returns_hub.domain.sync.records import LONGEST_KEY
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.lease import leased
from returns_hub.flows.sync.closing import advance, tell
from returns_hub.flows.sync.cursor import (
    Place,
    SyncCursor,
    cursor_name,
)
from returns_hub.flows.sync.endings import KNOWN, OLDER, SHADOW, SUBJECT, Ending, fitted
from returns_hub.flows.sync.mailbox import Mailbox
from returns_hub.flows.sync.seen import Seen
from returns_hub.flows.sync.shape import (
    Change,
    Coming,
    LongList,
    Reached,
    Remembers,
    Source,
    basis_of,
)
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.sync.take import Taking
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports import RunReport

WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
IN_WORK_PER_RUN = 500

Content = TypeVar("Content")
News = Callable[[Change[Any]], object]


def run_sync(
    source: Source[Any],
    world: SyncWorld,
    *,
    now: bool = False,
    mailbox: Mailbox | None = None,
    news: News | None = None,
) -> dict[str, int]:
    """Keep one merchant's records of one flow in step.

    Args:
        source: The flow.
        world: The merchant's.
        now: Though the flow's interval is not over.
        mailbox: Keys that somebody told of while another run was at work.
        news: Told of each change that the list brought, and that nobody had told of before.

    Returns:
        How many records ended in which way. Empty when another run holds the lease.
    """
    if source.mode is Mode.OFF:
        return {"off": 1}
    stores = world.stores
    name = cursor_name(source.name, world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        try:
            told = mailbox.waiting() if mailbox else {}
            cursor = SyncCursor.of(lease.value).with_first(told)
            due = now or cursor.is_due(source, stores.clock.now())
            # What came back says nothing of the source's list.
            lease.run.is_idle = not due
            if not due and not cursor.later:
                return {"not_due": 1}
            run = SyncRun(source, world, cursor, news=news, told=lease.run)
            after = run.run() if due else run.only_later()
            if advance(world, lease, after) and mailbox:
                mailbox.clear(told)
            tell(source.name, world, run.endings)
        except Verdict as verdict:
            lease.run.failed(verdict)
            world.world.run_failed(verdict, flow=source.name)
            return {"failed": 1}
        else:
            return run.endings


class SyncRun(Generic[Content]):
    """One run from a cursor; `endings` counts how records ended.

    Args:
        source: The flow.
        world: The merchant's.
        cursor: Where the run before ended.
        taking: Deals with a record; made for the source without one.
        news: See `run_sync`.
        told: Of the lease that it works under: what it tells of itself.
    """

    def __init__(
        self,
        source: Source[Content],
        world: SyncWorld,
        cursor: SyncCursor,
        taking: Taking[Content] | None = None,
        *,
        news: News | None = None,
        told: RunReport | None = None,
    ) -> None:
        self._news = news
        self._told = told or RunReport()
        self._source = source
        self._world = world
        self._taking = taking or Taking(source, world, self._has_time)
        self._cursor = self._switched(cursor)
        if isinstance(source, Remembers):
            source.take_up(cursor.kept)
        self._seen = Seen(dict(self._cursor.seen), set())
        self._later: dict[str, None] = {}
        self._looked_at: dict[str, str] = {}
        self._at = self._cursor.at
        self.endings: dict[str, int] = {}

    def run(self) -> SyncCursor:
        """Deal with what is in work and with what changed; where it ended."""
        now = self._world.stores.clock.now()
        began = self._cursor.at_since or now
        start = self._cursor.began or now - self._source.first_look_back
        since = start - self._source.overlap
        if self._taking.mode is not Mode.LIVE:
            self._passed_in_shadow(since)
        # What waits may take half of the time, so that what is new is not kept waiting by it.
        self._go_on_with(self._cursor.later, self._world.stores.clock.remaining() / 2)
        walk = self._walk_in_work(self._world.stores.clock.remaining() / 2)
        whole = self._walk_changes(since)
        # An entry that was not in the list is outside of what the next run reads.
        seen = {k: v for k, v in self._seen.known.items() if not whole or k in self._seen.pulled}
        return replace(
            self._cursor,
            began=began if whole else start,
            ran=now,
            whole=whole,
            read=now if whole else self._cursor.read,
            at="" if whole else self._at,
            at_since=began if self._at and not whole else None,
            seen=seen,
            later=tuple(self._later),
            walk=walk,
            kept=self._kept(),
        )

    def only_later(self) -> SyncCursor:
        """Deal with what came back alone; where it ended."""
        self._go_on_with(self._cursor.later, 0.0)
        later = tuple(self._later)
        return replace(self._cursor, seen=self._seen.known, later=later, kept=self._kept())

    def _kept(self) -> Mapping[str, Any]:
        source = self._source
        return source.to_keep() if isinstance(source, Remembers) else {}

    def _switched(self, cursor: SyncCursor) -> SyncCursor:
        """The cursor in the mode of this run: live reads again what a shadow passed. With another
        basis everything is looked at again."""
        mode, basis = self._taking.mode, basis_of(self._source)
        if cursor.basis != basis:
            cursor = replace(cursor, began=None, seen={}, whole=False, at="", at_since=None)
        if mode is Mode.LIVE and cursor.shadow_from is not None:
            cursor = replace(
                cursor,
                began=cursor.shadow_from + self._source.overlap,
                seen={},
                whole=False,
                shadow_from=None,
                at="",
                at_since=None,
            )
        return replace(cursor, mode=mode.value, basis=basis)

    def _passed_in_shadow(self, at: datetime) -> None:
        first = min(self._cursor.shadow_from or at, at)
        self._cursor = replace(self._cursor, shadow_from=first)

    # -- what is in work ----------------------------------------------------------------------

    def _go_on_with(self, keys: tuple[str, ...], reserve: float) -> None:
        """Deal with these records as the source shows them now; what there is no time for stays."""
        for key in keys:
            if key in self._looked_at:
                continue
            if not self._has_time(reserve):
                self._later.setdefault(key)
                continue
            self._look_at(key)

    def _walk_in_work(self, reserve: float) -> Place:
        """Go on with what earlier runs began, from where the walk stands; where it stands then."""
        place = self._cursor.walk
        name, merchant = self._source.name, self._world.merchant
        after = place.state(merchant, name)
        found = self._world.records.in_work(merchant, name, IN_WORK_PER_RUN, after)
        for state in found:
            if state.key not in self._looked_at:
                if not self._has_time(reserve):
                    return place
                self._look_at(state.key)
            place = Place.behind(state)
        return place if len(found) == IN_WORK_PER_RUN else Place()

    def _look_at(self, key: str) -> None:
        self._looked_at[key] = ""
        try:
            change = self._read(key)
        except Permanent as verdict:
            self._note(key, self._taking.park_unread(key, verdict))
            return
        except Verdict as verdict:
            self._note(key, self._taking.later(key, verdict))
            return
        found = fitted(change) if change else None
        if found is None:
            self._seen.forget(key)
            self._note(key, self._gone(key))
            return
        self._note(key, self._deal_with(found))

    def _read(self, key: str) -> Change[Content] | None:
        return self._source.read(key)

    def _gone(self, key: str) -> Ending:
        return self._taking.gone(key)

    # -- what changed -------------------------------------------------------------------------

    def _walk_changes(self, since: datetime) -> bool:
        """Deal with what changed; whether the list came to its end and there was time for all."""
        whole = True
        try:
            for change in self._usable(self._listed(since)):
                if isinstance(change, Coming):
                    self._taking.expect(change.keys)
                    continue
                if isinstance(change, Reached):
                    # What was not recorded before it has to come again.
                    self._at = change.place if whole else self._at
                    if not self._has_time():
                        return False
                    continue
                if self._seen.has(change):
                    continue
                if self._looked_at.get(change.key) == change.version:
                    self._seen.add(change.key, change.version)
                    continue
                if not self._has_time():
                    return False
                ending = self._deal_with_newest(change)
                self._told.found_new |= ending is not KNOWN and ending.is_recorded
                if self._news and ending is not KNOWN:
                    self._news(change)
                self._note(change.key, ending)
                whole = whole and ending.is_recorded
        except Verdict as verdict:
            self._told.failed(verdict)
            self._world.world.run_failed(verdict, flow=self._source.name)
            self.endings["cut_off"] = 1
            return False
        return whole

    def _deal_with_newest(self, change: Change[Content]) -> Ending:
        """Deal with a change of the list; with the record itself where the list lags behind."""
        ending = self._deal_with(change, of_list=True)
        if ending is not OLDER:
            return ending
        try:
            newest = self._source.read(change.key)
        except Permanent as verdict:
            # Only this record cannot be read: what the list shows behind it can.
            return self._taking.park_unread(change.key, verdict)
        found = fitted(newest) if newest else None
        if found is None:
            return self._taking.gone(change.key)
        ending = self._deal_with(found)
        if ending.is_recorded:
            self._seen.add(change.key, change.version)
        return ending

    def _listed(self, since: datetime) -> Iterator[Change[Content] | Reached | Coming]:
        if isinstance(self._source, LongList):
            return self._source.pull_from(since, self._at)
        return self._source.pull(since)

    def _usable(
        self, changes: Iterator[Change[Content] | Reached | Coming]
    ) -> Iterator[Change[Content] | Reached | Coming]:
        for change in changes:
            usable = fitted(change) if isinstance(change, Change) else change
            if usable is not None:
                yield usable
                continue
            if isinstance(change, Change):
                self._park_unusable(change)

    def _park_unusable(self, change: Change[Content]) -> None:
        hashed = short_hash(f"{change.key}#{change.version}")
        if self._seen.has(replace(change, key=hashed)):
            return
        reason = (
            f"the source shows a record without a version, or whose key has not 1 to "
            f"{LONGEST_KEY} characters: {change.key[:LONGEST_KEY]!r}"
        )
        name = self._source.name
        parked_id = f"{name}/unusable-{hashed}"
        self._world.world.park(
            name,
            parked_id,
            Permanent("sync.unusable_key", reason),
            subject=f"{SUBJECT}/{parked_id}",
            payload="{}",
        )
        self._seen.add(hashed, change.version)
        self._count("parked")

    # -- both ---------------------------------------------------------------------------------

    def _deal_with(self, change: Change[Content], *, of_list: bool = False) -> Ending:
        ending = self._taking.deal_with(change, of_list=of_list)
        if ending.is_recorded:
            # What comes back is on its timeline, and the walk over those finds it.
            self._looked_at[change.key] = change.version
            self._seen.add(change.key, change.version)
        if ending is SHADOW and change.at is not None:
            # It may have changed before the shadow began, and have waited in work since.
            self._passed_in_shadow(change.at)
        return ending

    def _note(self, key: str, ending: Ending) -> None:
        if ending.comes_back:
            self._later.setdefault(key)
        else:
            self._later.pop(key, None)
        if ending.word != "known":
            self._count(ending.word)

    def _count(self, word: str) -> None:
        self.endings[word] = self.endings.get(word, 0) + 1

    def _has_time(self, reserve: float = 0.0) -> bool:
        if self._world.stores.clock.remaining() >= max(WORST_CASE_SECONDS, reserve):
            return True
        if not reserve:
            self.endings["not_started"] = 1
        return False
