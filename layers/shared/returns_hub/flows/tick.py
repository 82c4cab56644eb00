"""A schedule's tick: one merchant's work is done at once, many merchants' goes to the queue."""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.ports import Merchants, WorkQueue


def tick(
    merchants: Merchants, queue: WorkQueue, work: Callable[[str], dict[str, int]]
) -> dict[str, dict[str, int] | str]:
    """Do, or hand out, the work of every merchant; what became of each.

    With more than one merchant each gets a message of its own, so that a slow partner of one
    does not hold up the others.
    """
    ids = merchants.all_ids()
    if len(ids) == 1:
        return {ids[0]: work(ids[0])}
    for merchant in ids:
        queue.send(merchant)
    return dict.fromkeys(ids, "queued")
