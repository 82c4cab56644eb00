"""When a source is read: as its block of the merchant's file says."""

from __future__ import annotations

from datetime import timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.flow_base import ChangesFlow, UnleashedFlow

WAREHOUSE_OVERLAP = timedelta(minutes=90)
"""How far lists of the warehouse are read back at least: the zone of its times is not proven, so an
hour, and clocks that differ."""


class TimedByFile:
    """The part of a `flows.sync.shape.Source` that its block of the merchant's file decides.

    Args:
        block: The flow's.
    """

    def __init__(self, block: ChangesFlow) -> None:
        self._block = block

    @property
    def mode(self) -> Mode:
        """See `Source.mode`."""
        return self._block.mode

    @property
    def every(self) -> timedelta:
        """See `Source.every`."""
        return timedelta(minutes=self._block.every_minutes)

    @property
    def overlap(self) -> timedelta:
        """See `Source.overlap`."""
        return timedelta(minutes=self._block.overlap_minutes)


class TimedFromPast(TimedByFile):
    """The same, of a flow whose first run reads some of the past.

    Args:
        block: The flow's.
    """

    def __init__(self, block: UnleashedFlow) -> None:
        super().__init__(block)
        self._first_look_back = timedelta(hours=block.first_look_back_hours)

    @property
    def first_look_back(self) -> timedelta:
        """See `Source.first_look_back`."""
        return self._first_look_back


class TimedByWarehouse(TimedFromPast):
    """The same, of a flow that reads lists of the warehouse."""

    @property
    def overlap(self) -> timedelta:
        """See `Source.overlap`; at least `WAREHOUSE_OVERLAP`."""
        return max(super().overlap, WAREHOUSE_OVERLAP)
