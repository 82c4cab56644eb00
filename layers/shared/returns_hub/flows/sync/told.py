"""One record that somebody told of, dealt with before the flow's next run finds it.

A webhook names a record and says nothing more: it is read and dealt with as in any run, under the
same lease. What cannot be done now is left where the next run finds it, so nothing is lost; and
polling would find what changed all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from returns_hub.domain.file_types import Mode
from returns_hub.errors import Retryable
from returns_hub.flows.lease import MARGIN_SECONDS
from returns_hub.flows.sync.closing import advance, tell
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.endings import LATER, NOT_RECORDED, Ending
from returns_hub.flows.sync.mailbox import Mailbox
from returns_hub.flows.sync.run import SyncRun
from returns_hub.flows.sync.shape import Change, Source
from returns_hub.flows.sync.sync_world import SyncWorld

Content = TypeVar("Content")
NOT_VISIBLE = "sync.not_visible"
LOOK_AGAIN_SECONDS = 20.0
NO_NEWS = frozenset({LATER.word, NOT_RECORDED.word, "not_started"})


def run_record(
    source: Source[Any], world: SyncWorld, key: str, *, is_sure: bool = False
) -> dict[str, int]:
    """Deal with one record that somebody told of, and with those that were left in the mailbox.

    Args:
        source: The flow.
        world: The merchant's.
        key: The record's.
        is_sure: A record that the source does not show is gone. Without it, it may be too young to
            be shown.

    Returns:
        How many records ended in which way; `left` where another run holds the lease.

    Raises:
        Retryable: The record does not show yet, or a store cannot be reached; it is told again.
    """
    if source.mode is Mode.OFF:
        return {"off": 1}
    stores = world.stores
    mailbox = Mailbox(source.name, world.merchant, stores)
    lease = stores.cursors.acquire(
        cursor_name(source.name, world.merchant),
        stores.owner,
        stores.clock.remaining() + MARGIN_SECONDS,
    )
    if lease is None:
        mailbox.put(key)
        return {"left": 1}
    try:
        waiting = mailbox.waiting()
        keys = tuple(dict.fromkeys((key, *waiting)))
        cursor = SyncCursor.of(lease.value)
        run = _ToldRun(source, world, replace(cursor, later=keys), key, is_sure=is_sure)
        after = run.only_later()
        back = tuple(one for one in after.later if not (run.is_hidden and one == key))
        # What came back before waits for the next tick, as it would have without this.
        after = replace(after, later=cursor.later).with_first(back)
        if advance(world, lease, after):
            mailbox.clear(waiting)
        elif not run.is_hidden:
            mailbox.put(key)
        tell(source.name, world, run.endings)
        # The flow's own run is another: this says only that the source has news.
        lease.run.found_new = bool(run.endings.keys() - NO_NEWS)
    finally:
        stores.cursors.release(lease)
    if run.is_hidden:
        raise Retryable(NOT_VISIBLE, "the source does not show it yet", after=LOOK_AGAIN_SECONDS)
    return run.endings


class _ToldRun(SyncRun[Content]):
    """A run over told records. `is_hidden`: the one in hand does not show yet."""

    def __init__(
        self,
        source: Source[Content],
        world: SyncWorld,
        cursor: SyncCursor,
        key: str,
        *,
        is_sure: bool,
    ) -> None:
        super().__init__(source, world, cursor)
        self._key = key
        self._is_sure = is_sure
        self.is_hidden = False

    def _read(self, key: str) -> Change[Content] | None:
        change = super()._read(key)
        is_shown = change is not None and change.content is not None
        if key == self._key and not self._is_sure and not is_shown:
            self.is_hidden = True
            raise Retryable(NOT_VISIBLE, "the source does not show it yet")
        return change

    def _gone(self, key: str) -> Ending:
        return self._taking.gone(key, told=key == self._key)
