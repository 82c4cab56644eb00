"""Despatches that no target upstream was told of."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import delay_or_fault, in_work, is_stalled, settings_of
from returns_hub.flows.relay.despatches import NAME

NOT_RELAYED = "orders.despatch_not_relayed"
KINDS = frozenset({NOT_RELAYED})


def applies(world: DriftWorld) -> bool:
    """Whether orders are compared, and despatches are told upstream."""
    relay = world.world.live.merchant.despatch_relay
    return settings_of(world).orders and relay.mode is Mode.LIVE


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Despatches that are in work for long.

    Raises:
        Retryable: More is in work than a look reads.
    """
    for state in in_work(world, NAME):
        if not is_stalled(state.began_at, world):
            continue
        yield Difference(
            kind=NOT_RELAYED,
            subject=f"despatch {state.key}",
            says={"mintsoft": "despatched", "upstream": "not told"},
            since=state.began_at,
            cause=delay_or_fault(
                state.began_at,
                world,
                "the target is told again in every run",
                "a target does not take it",
            ),
            mend=f"hub parked list --merchant {world.merchant}",
        )


COMPARISON = Comparison("orders.relay", KINDS, applies, differences)
