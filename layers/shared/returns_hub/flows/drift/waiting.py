"""What comparisons share: what is on its way, how old something is, and where it is mended."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta

from returns_hub.domain.drift.settings import DriftSettings
from returns_hub.domain.state import ReturnState
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Retryable
from returns_hub.flows.drift.drift_world import DriftWorld

STRUCTURAL = 3
"""After so many times the time in which it should have moved, it is no delay any more."""
MOST_IN_WORK = 2000
"""Records of one flow that are in work and that a look reads."""


def settings_of(world: DriftWorld) -> DriftSettings:
    """The `drift:` block."""
    return world.world.live.merchant.drift


def grace_of(world: DriftWorld) -> timedelta:
    """What is younger is on its way."""
    return timedelta(minutes=settings_of(world).grace_minutes)


def stalled_after(world: DriftWorld) -> timedelta:
    """What nobody moved on for so long has stalled."""
    return timedelta(hours=settings_of(world).stalled_after_hours)


def looked_back_to(world: DriftWorld) -> datetime:
    """What changed since is looked at."""
    return world.at - timedelta(days=settings_of(world).look_back_days)


def is_young(moment: datetime | None, world: DriftWorld) -> bool:
    """Whether it is on its way; what has no time is not."""
    return moment is not None and world.at - moment < grace_of(world)


def is_stalled(moment: datetime | None, world: DriftWorld) -> bool:
    """Whether nobody moved it on for too long; of what has no time nobody can tell."""
    return moment is not None and world.at - moment >= stalled_after(world)


def delay_or_fault(moment: datetime | None, world: DriftWorld, delay: str, fault: str) -> str:
    """The likely cause: a delay, or what does not end by itself."""
    if moment is not None and world.at - moment < STRUCTURAL * stalled_after(world):
        return f"a delay so far: {delay}"
    return f"no delay any more: {fault}"


def is_with_people(state: ReturnState) -> bool:
    """Whether a person was asked about the return: it waits for them, and is no difference."""
    return state.is_parked or state.flagged


def timeline_of(world: DriftWorld, return_id: str) -> str:
    """The command that tells the return's story."""
    return f"hub timeline {world.merchant} {shlex.quote(return_id)}"


def in_work(world: DriftWorld, flow: str) -> tuple[SyncState, ...]:
    """Records of a flow that are not at an end.

    Raises:
        Retryable: More are than a look reads.
    """
    found = world.feed.sync.records.in_work(world.merchant, flow, MOST_IN_WORK)
    if len(found) == MOST_IN_WORK:
        raise Retryable("drift.long_list", f"more of {flow} is in work than one look reads")
    return found
