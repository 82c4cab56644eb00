"""A return that was processed is handed to the flow that makes its credit note.

When lines are processed it is written down, in the same transaction, that a credit note is due. The
watch over returns then puts it onto that flow's own list of records in work, where it is done again
and again until it is dealt with; so neither is searched for, and none is lost between the two.
"""

from __future__ import annotations

from returns_hub.domain.base import short_hash
from returns_hub.domain.facts import DueCleared, DueSet, Fact
from returns_hub.domain.file_types import Mode
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.miinto.rmas import is_of_miinto
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.domain.sync.records import RecordSeen
from returns_hub.domain.unleashed.names import CREDIT_NOTES
from returns_hub.errors import Misconfigured
from returns_hub.flows.sync.sync_world import Draft, SyncWorld
from returns_hub.flows.world import World


def key_of(return_id: str, batch: str) -> str:
    """The record's key: one for each batch of lines that was processed."""
    return f"{return_id}/{batch}"


def version_of(batch: BatchState) -> str:
    """Of what of a batch is credited, which never changes once it is processed."""
    return short_hash(batch.model_dump_json(include={"number", "lines"}), 24)


def credit_later(batch: BatchState, state: ReturnState, world: World) -> list[Fact]:
    """What makes the credit note of a batch that was processed now due; nothing when none is.

    The marketplace's returns have theirs by `miinto.refunds.credit_note`.
    """
    connection = world.live.merchant.unleashed
    is_off = connection is None or connection.credit_notes.mode is Mode.OFF
    if is_off or is_of_miinto(state.return_id) or all(line.reject for line in batch.lines):
        return []
    at = world.stores.clock.now()
    return [
        DueSet(due_kind=DueKind.CREDIT_NOTE, subject=str(batch.number), at=at, why="a credit note")
    ]


def hand_over(state: ReturnState, due: Due, world: World) -> str:
    """Put what is due onto the flow's list; a handler of `flows.watch_returns`."""
    if world.records is None:
        raise Misconfigured("settings.missing", "this function was given no SYNC_TABLE")
    batch = next((one for one in state.batches if str(one.number) == due.subject), None)
    if batch is not None:
        sync = SyncWorld(world, world.records())
        record = sync.load(CREDIT_NOTES, key_of(state.return_id, due.subject))
        if not record.version:
            draft = Draft(sync, record)
            seen = RecordSeen(source_version=version_of(batch), changed_at=batch.processed_at)
            draft.note("lines were processed", seen)
            draft.write()
    world.record(state, "handed over", DueCleared(due_kind=due.kind, subject=due.subject))
    return "handed_over"
