"""Goods that the warehouse took back into stock, and whose credit note is to bring them there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import CREDIT_NOTES
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.credits.credit_notes import (
    COMPLETE,
    NOTE,
    CreditNotesSource,
    Processed,
)
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.untold_parts import Untold, add, asked_about

MOST_RECORDS = 200
"""Records that are looked at; with more of them the stock sync waits."""


def untold_credits(world: ErpWorld) -> Untold:
    """By Mintsoft's warehouse id, by SKU: units of lines that were processed with their goods put
    back on sale, whose note is not completed. Empty where notes bring no stock.

    A return that was processed and not handed over yet, minutes long, is not in it: then the stock
    sync brings its goods, and takes them away again once the note has.

    Raises:
        Retryable: It cannot be told now.
    """
    settings = world.connection.credit_notes
    if not world.connection.is_live("credit_notes") or not settings.return_to_stock:
        return {}
    keys = dict.fromkeys(_keys(world))
    if len(keys) > MOST_RECORDS:
        raise Retryable(
            "unleashed.much_untold", f"{len(keys)} returns wait for their credit note", after=900
        )
    source = CreditNotesSource(world)
    total: dict[int, dict[str, InFlight]] = {}
    for key in keys:
        shown = source.read(key)
        if shown is None:
            continue
        notes = _Notes.of(world, key)
        if notes.are_all_completed:
            continue
        for place, sku, units in _left(shown.content, notes):
            add(total, place, sku, InFlight(received=units))
    return total


@dataclass(frozen=True)
class _Notes:
    """A record's notes.

    Args:
        are_all_completed: Every note of it is.
        units: By SKU, of those that are completed.
    """

    are_all_completed: bool
    units: Counter[str]

    @classmethod
    def of(cls, world: ErpWorld, key: str) -> _Notes:
        """Unleashed is asked where nobody knows whether one is completed."""
        state = world.sync.load(CREDIT_NOTES, key)
        notes = [step for step in state.steps if step.name.startswith(f"{NOTE}/")]
        completed = [note for note in notes if _is_completed(world, state, note)]
        units: Counter[str] = Counter()
        for note in completed:
            units.update(note.told.get("units", {}))
        wanted = int(notes[0].told.get("of", 1)) if notes else 1
        return cls(len(completed) == len(notes) >= wanted, units)


def _is_completed(world: ErpWorld, state: SyncState, note: StepState) -> bool:
    if state.done(f"{COMPLETE}/{note.name.partition('/')[2]}"):
        return True
    found = world.erp.credit_notes.read(note.partner_id) if note.partner_id else None
    return found is not None and found.is_completed


def _left(processed: Processed, notes: _Notes) -> Iterator[tuple[int, str, int]]:
    """Warehouse, SKU and units of lines whose goods no completed note has brought.

    Raises:
        Retryable: Which of a SKU's units a completed note brought is not known.
    """
    accepted = {line.line_id: line for line in processed.batch.lines if not line.reject}
    credited: Counter[str] = Counter()
    back: Counter[tuple[int, str, str]] = Counter()
    for shipment in processed.state.shipments:
        place = shipment.planned.warehouse_id
        for line in shipment.planned.lines:
            taken = accepted.get(line.line_id)
            if taken is None:
                continue
            credited[taken.sku] += line.quantity
            if taken.restock and place is not None:
                back[place, line.sku, taken.sku] += line.quantity
    for (place, sku, credited_as), units in back.items():
        completed, of_all = notes.units[credited_as], credited[credited_as]
        if 0 < completed < of_all and units < of_all:
            raise Retryable(
                "unleashed.part_credited",
                f"{processed.named}: one of its credit notes is completed, and which units of "
                f"{sku[:60]} came with it is not known; complete the others",
                after=900,
            )
        if completed < of_all:
            yield place, sku, units - completed


def _keys(world: ErpWorld) -> Iterator[str]:
    """Those in work, and those that a person is asked about."""
    for state in world.sync.records.in_work(world.merchant, CREDIT_NOTES, MOST_RECORDS + 1):
        yield state.key
    yield from asked_about(world, CREDIT_NOTES)
