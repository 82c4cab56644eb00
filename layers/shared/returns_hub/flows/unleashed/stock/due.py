"""What of a warehouse's stock is to be compared at a tick."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from returns_hub.domain.unleashed.stock_schedule import last_slot
from returns_hub.domain.unleashed.stock_settings import StockSync
from returns_hub.flows.unleashed.stock.memory import WarehouseMemory

Look = Literal["nothing", "full", "changed", "pending"]
"""Every product; those that changed; or differences that are waited on, and nothing else."""
ABOUT_DUE = timedelta(minutes=30)
"""A daily run that begins some seconds earlier than yesterday's is a day later all the same."""


def look_now(
    memory: WarehouseMemory,
    settings: StockSync,
    zone: str,
    now: datetime,
    asked: datetime | None,
) -> Look:
    """What is to be compared now.

    Args:
        memory: What is kept of the warehouse.
        settings: `unleashed.stock`.
        zone: Of `daily_at`.
        now: The moment.
        asked: When a person asked for a full sync last.
    """
    if memory.unfinished:
        return "pending"
    is_asked = asked is not None and (memory.full_at is None or memory.full_at < asked)
    if is_asked or memory.part is not None:
        return "full"
    full_every = timedelta(hours=settings.full_every_hours) - ABOUT_DUE
    is_old = memory.full_at is None or now - memory.full_at >= full_every
    if not settings.once_per_day:
        return "full" if is_old else "changed"
    slot = last_slot(now, settings.daily_at, zone)
    if memory.slot is None:
        # The first one comes at its time of day, and not when the switch was turned.
        memory.slot = slot
    if memory.slot < slot:
        return "full" if is_old else "changed"
    is_time = memory.look_at is not None and now >= memory.look_at
    return "pending" if is_time else "nothing"


def mark(
    memory: WarehouseMemory, settings: StockSync, zone: str, look: Look, now: datetime
) -> None:
    """Once a day: what was found is looked at once more, when it is old enough."""
    if not settings.once_per_day:
        return
    if look != "pending":
        memory.slot = last_slot(now, settings.daily_at, zone)
    wait = timedelta(minutes=settings.settle_minutes)
    memory.look_at = now + wait if look != "pending" and memory.pending else None
