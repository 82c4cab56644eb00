"""A schedule's tick: one merchant's work is done at once, many merchants' goes to the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from returns_hub.errors import Verdict
from returns_hub.ports import WorkQueue

Done = TypeVar("Done", bound=Mapping[str, object])


def tick(
    ids: Sequence[str],
    queue: WorkQueue,
    work: Callable[[str], Done],
    failed: Callable[[Verdict], Done],
) -> dict[str, Done | str]:
    """Do, or hand out, the work of these merchants; what became of each.

    With more than one merchant each gets a message of its own, so that a slow partner of one
    does not hold up the others; nor does a message that cannot be sent.

    Args:
        ids: The merchants.
        queue: Takes their messages.
        work: Does one merchant's; raises no verdict.
        failed: Tells of a message that was not sent: the next tick asks for the same again.
    """
    if len(ids) == 1:
        return {ids[0]: work(ids[0])}
    done: dict[str, Done | str] = {}
    for merchant in ids:
        try:
            queue.send(merchant)
        except Verdict as verdict:
            done[merchant] = failed(verdict)
        else:
            done[merchant] = "queued"
    return done
