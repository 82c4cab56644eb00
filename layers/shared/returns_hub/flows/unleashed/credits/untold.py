"""Goods that the warehouse took back into stock, and whose credit note is to bring them there."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.unleashed.names import CREDIT_NOTES
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.credits.credit_notes import COMPLETE, NOTE, CreditNotesSource
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
        if shown is None or _is_booked(world, key):
            continue
        back = {line.line_id for line in shown.content.batch.lines if line.restock}
        back -= {line.line_id for line in shown.content.batch.lines if line.reject}
        for shipment in shown.content.state.shipments:
            for line in shipment.planned.lines:
                if line.line_id in back and shipment.planned.warehouse_id is not None:
                    came = InFlight(received=line.quantity)
                    add(total, shipment.planned.warehouse_id, line.sku, came)
    return total


def _keys(world: ErpWorld) -> Iterator[str]:
    """Those in work, and those that a person is asked about."""
    for state in world.sync.records.in_work(world.merchant, CREDIT_NOTES, MOST_RECORDS + 1):
        yield state.key
    yield from asked_about(world, CREDIT_NOTES)


def _is_booked(world: ErpWorld, key: str) -> bool:
    """Whether every note of a return is completed; Unleashed is asked where nobody knows."""
    state = world.sync.load(CREDIT_NOTES, key)
    notes = [step for step in state.steps if step.name.startswith(f"{NOTE}/")]
    if not notes or len(notes) < int(notes[0].told.get("of", 1)):
        return False
    for note in notes:
        if state.done(f"{COMPLETE}/{note.name.partition('/')[2]}"):
            continue
        found = world.erp.credit_notes.read(note.partner_id) if note.partner_id else None
        if found is None or not found.is_completed:
            return False
    return True
