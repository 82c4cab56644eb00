"""Did the portal complete what it was given to process? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from returns_hub.domain.case import LineToProcess
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnStatus

UNDONE = frozenset({LineStatus.OPEN, LineStatus.SUBMITTED, LineStatus.UNKNOWN})


@dataclass(frozen=True)
class Reading:
    """What a later reading of the return says of lines that were processed.

    ``held``: they wait in the portal, as documented, until the rest of the return is processed.
    ``not_completed``: nothing else is open, and `lines` are not complete, or the return is not.
    """

    outcome: Literal["complete", "closed", "held", "not_completed"]
    lines: tuple[LineToProcess, ...] = ()


def contradicted(
    portal_return: PortalReturn, sent: Sequence[LineToProcess]
) -> tuple[LineToProcess, ...]:
    """Lines that were sent to be processed and are rejected, or the other way round."""
    statuses = {line.id: line.status for line in portal_return.lines}
    opposite = {False: LineStatus.REJECTED, True: LineStatus.COMPLETE}
    return tuple(line for line in sent if statuses.get(line.line_id) is opposite[line.reject])


def read_again(portal_return: PortalReturn, sent: Sequence[LineToProcess]) -> Reading:
    """Compare the return, read just now, with the lines that were processed before."""
    if portal_return.status is ReturnStatus.COMPLETE:
        return Reading("complete")
    if portal_return.is_closed:
        return Reading("closed")
    statuses = {line.id: line.status for line in portal_return.lines}
    undone = tuple(line for line in sent if statuses.get(line.line_id) in UNDONE)
    ids = {line.line_id for line in sent}
    others_open = any(
        line.status is LineStatus.OPEN and not line.keep_item and line.id not in ids
        for line in portal_return.lines
    )
    if others_open:
        return Reading("held", undone) if undone else Reading("complete")
    return Reading("not_completed", undone)
