"""What would become of a change, by what the warehouse shows now. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.file_types import Mode
from returns_hub.domain.relay.order_change import OrderChange, change_that_counts
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.relay.order_change_message import FLOW
from returns_hub.flows.relay.order_change_source import OrderChangeSource, OrderChangeWorld


@dataclass(frozen=True)
class Preview:
    """What would become of a change.

    Args:
        would: ``cancel``, ``flag``, ``wait``, ``ask``, ``leave``, or ``overruled`` by what was told
            of the order before; of several the first.
        writes: To the warehouse, in words.
        why: Why it waits, or a person is asked, or nothing is done; empty where all is done then.
        mode: How far the merchant's file lets it go.
        asks: Whether a person is asked, once the writes are made.
    """

    would: str
    writes: tuple[str, ...]
    why: str
    mode: str
    asks: bool = False


def preview(change: OrderChange, world: OrderChangeWorld) -> Preview:
    """What would become of a change if it was told now.

    Raises:
        Retryable: The warehouse cannot be asked.
    """
    source = OrderChangeSource(world)
    mode = source.mode.value
    state = world.sync.load(FLOW, change.order)
    counts = change_that_counts(state)
    if counts is not None and change.rank < counts.rank and change.version != counts.version:
        return Preview("overruled", (), f"change {counts.id} ({counts.kind}) counts", mode)
    try:
        judged = source.judged(change, state)
    except Skip as verdict:
        return Preview("leave", (), verdict.reason, mode)
    except Permanent as verdict:
        return Preview("ask", (), verdict.reason, mode, asks=True)
    writes = (
        *(f"cancel order {part.number} (id {part.order_id})" for part in judged.cancel),
        *(f"comment on order {f.number} (id {f.order_id}): {f.text}" for f in judged.flags),
    )
    then = judged.ask or judged.leave
    words = (
        (bool(judged.cancel), "cancel"),
        (bool(judged.flags), "flag"),
        (bool(judged.waits), "wait"),
        (judged.ask is not None, "ask"),
    )
    would = next((word for is_so, word in words if is_so), "leave")
    why = judged.waits or (then.why if then else "")
    return Preview(would, writes, why, mode, asks=judged.ask is not None)


def is_off(found: Preview) -> bool:
    """Whether the merchant's file has changes parked instead of carried out."""
    return found.mode == Mode.OFF.value
