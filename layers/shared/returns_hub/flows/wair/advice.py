"""What stock intelligence advises is read and kept, for people; nothing is done by it.

Stock targets are a list that replaces the one before, once it came to its end. Proposals of
transfers are asked for from where the last reading began, and a day before that: the clock that
confirms them is not ours, and each counts once by its reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows import cursor_names
from returns_hub.flows.lease import leased
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.ports import Lease

FLOW = "wair_sync.advice"
OVERLAP = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=30)
"""How soon a reading that failed is tried again: the lists are long."""


def cursor_name(merchant: str) -> str:
    """The cursor of this flow."""
    return cursor_names.advice(merchant)


@dataclass(frozen=True)
class AdviceCursor:
    """Where the readings stand; times as text, empty for never.

    Args:
        targets_at: When the reading of targets began that is kept.
        transfers_at: When the last reading of proposals that came to its end began.
        targets_tried: When the last reading of targets began.
        transfers_tried: When the last reading of proposals began.
    """

    targets_at: str = ""
    transfers_at: str = ""
    targets_tried: str = ""
    transfers_tried: str = ""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> AdviceCursor:
        """The cursor that `to_value` wrote."""
        return cls(**{name: str(value.get(name, "")) for name in asdict(cls())})

    def to_value(self) -> dict[str, str]:
        """For the store of cursors."""
        return asdict(self)


def is_on(merchant: Merchant) -> bool:
    """Whether the merchant's file asks for advice."""
    advice = merchant.wair.advice if merchant.wair else None
    return advice is not None and (advice.targets or advice.transfers)


def is_due(world: FeedWorld, now: datetime) -> bool:
    """Whether one of the lists is to be read now."""
    cursor = AdviceCursor.of(world.stores.cursors.read(cursor_name(world.merchant)))
    return bool(_due(world, cursor, now))


def read_advice(world: FeedWorld, at_once: bool = False) -> Mapping[str, object]:
    """Read what is advised, and keep it.

    Args:
        world: The merchant's.
        at_once: Also what is not due.

    Returns:
        How many targets are advised, and how many proposals were not known before. Empty when
        nothing was due, or another run holds the lease.
    """
    stores = world.stores
    name = cursor_name(world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        try:
            return _Run(world, lease).run(at_once)
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=name)
            return {}


class _Run:
    """One run under the lease."""

    def __init__(self, world: FeedWorld, lease: Lease) -> None:
        self._world = world
        self._lease = lease
        self._cursor = AdviceCursor.of(lease.value)

    def run(self, at_once: bool) -> Mapping[str, object]:
        world, counts = self._world, dict[str, object]()
        due = _due(world, self._cursor, world.stores.clock.now(), at_once=at_once)
        self._lease.run.is_idle = not due
        readings: dict[str, Callable[[datetime], int]] = {
            "targets": self._targets,
            "transfers": self._transfers,
        }
        for what in due:
            began = world.stores.clock.now()
            self._advance(**{f"{what}_tried": began.isoformat()})
            try:
                counts[what] = count = readings[what](began)
            except Verdict as verdict:
                # The other list is none the worse for it.
                self._lease.run.failed(verdict)
                world.world.run_failed(verdict, flow=FLOW)
                counts["failed"] = 1
                continue
            self._lease.run.found_new |= what == "transfers" and count > 0
            self._advance(**{f"{what}_at": began.isoformat()})
            world.stores.telemetry.count(
                "StockAdvice", count, merchant=world.merchant, outcome=what
            )
        return counts

    def _targets(self, began: datetime) -> int:
        world = self._world
        advice = world.require_intelligence().advice
        return world.kept.keep_targets(world.merchant, advice.targets(), began)

    def _transfers(self, began: datetime) -> int:
        world, last = self._world, self._cursor.transfers_at
        advice = world.require_intelligence().advice
        since = datetime.fromisoformat(last) - OVERLAP if last else None
        return world.kept.keep_proposals(world.merchant, advice.transfers(since), began)

    def _advance(self, **changes: str) -> None:
        cursor = replace(self._cursor, **changes)
        self._world.stores.cursors.advance(self._lease, cursor.to_value())
        self._cursor = cursor


def _due(
    world: FeedWorld, cursor: AdviceCursor, now: datetime, *, at_once: bool = False
) -> tuple[str, ...]:
    advice = world.require_intelligence().connection.advice
    every = timedelta(hours=advice.every_hours)
    found = []
    for what, is_wanted, kept, tried in (
        ("targets", advice.targets, cursor.targets_at, cursor.targets_tried),
        ("transfers", advice.transfers, cursor.transfers_at, cursor.transfers_tried),
    ):
        is_time = _is_over(kept, every, now) and _is_over(tried, min(AGAIN_AFTER, every), now)
        if is_wanted and (at_once or is_time):
            found.append(what)
    return tuple(found)


def _is_over(moment: str, span: timedelta, now: datetime) -> bool:
    return not moment or now - datetime.fromisoformat(moment) >= span
