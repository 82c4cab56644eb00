"""Where a return waits on its way: the steps of the money line, in their order."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What a return waits for. A return that waits for nothing is at no step.

    ``announce``: approved, not all of its external returns are made and told.
    ``transit``: announced; the parcel is on its way, as far as anybody knows.
    ``booking_in``: the carrier delivered, the warehouse has not confirmed.
    ``decision``: the warehouse confirmed, and what it confirmed is held or not decided.
    ``processing``: lines are committed, and the portal has not taken them.
    ``checking``: the portal took them; it has not been read again to see whether all is complete.
    ``person``: something about it is parked or flagged: nothing goes on by itself.
    """

    ANNOUNCE = "announce"
    TRANSIT = "transit"
    BOOKING_IN = "booking_in"
    DECISION = "decision"
    PROCESSING = "processing"
    CHECKING = "checking"
    PERSON = "person"
