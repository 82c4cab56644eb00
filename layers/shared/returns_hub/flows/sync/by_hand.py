"""A person's act on parked work about a record that is kept in step.

What is parked about a record stands on its timeline too; a word there lets the next run go on.
"""

from __future__ import annotations

from returns_hub.domain.sync.records import SyncEvent, SyncState, Unparked
from returns_hub.errors import Conflict, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.sync.endings import SUBJECT, key_in, parked_id_of
from returns_hub.ports import Clock, ParkedItem
from returns_hub.ports.sync import SyncStore


def is_about_a_record(item: ParkedItem) -> bool:
    """Whether a flow that keeps records in step parked it."""
    return item.subject == f"{SUBJECT}/{item.parked_id}"


def act_on_parked(
    records: SyncStore, clock: Clock, item: ParkedItem, act: Unparked, who: str
) -> None:
    """Write a person's act to the record's timeline, if it waits for it. The item itself is closed
    by the caller, last.

    Raises:
        Retryable: Others keep changing the record.
        Permanent: Its timeline is too large to be gone on with.
    """
    key = _key_in(item)
    if key is None:
        return
    for _ in range(TRIES_AGAINST_OTHERS):
        state = records.load(item.merchant, item.flow, key)
        if state.parked != item.parked_id:
            return
        event = SyncEvent(
            sequence=state.version + 1,
            at=clock.now(),
            actor=who,
            rule="by hand",
            config_version=0,
            fact=act,
        )
        try:
            records.append(state, [event])
        except Conflict:
            continue
        return
    raise Retryable("sync.contended", "others keep changing this record", after=10)


def record_of(records: SyncStore, item: ParkedItem) -> SyncState | None:
    """The record that parked work is about; None where it is about no record that could be kept."""
    key = _key_in(item)
    return None if key is None else records.load(item.merchant, item.flow, key)


def _key_in(item: ParkedItem) -> str | None:
    """The record's key; None where the item is about no record that could be kept."""
    key = key_in(item.payload)
    is_its_own = key is not None and parked_id_of(item.flow, key) == item.parked_id
    return key if is_its_own else None
