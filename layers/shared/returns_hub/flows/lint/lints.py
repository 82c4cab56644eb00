"""Every lint, and when a look for drift makes it.

They are few readings of large lists, each telling several kinds: one that could not be read keeps
back what its own reading tells, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from returns_hub.domain.drift.findings import Difference, Standing
from returns_hub.domain.lint.skus import SkuRules
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.maps import (
    lint_couriers,
    lint_locations,
    lint_reasons,
    lint_warehouses,
)
from returns_hub.flows.lint.skus import SKU_KINDS, lint_skus
from returns_hub.flows.lint.wair_items import KIND as WAIR_KIND
from returns_hub.flows.lint.wair_items import is_master_of_items, lint_wair_items

EARLY = timedelta(minutes=5)
"""Looks come by a schedule that is never exact: so much before its time a lint is due already."""


@dataclass(frozen=True)
class Lint:
    """A lint.

    Args:
        name: As it is called when it could not be made.
        kinds: The kinds that it alone tells.
        everything: What it finds, whatever the file leaves alone. Raises the verdict of what it
            could not read, after all that it found.
        concerns: Whether the merchant's file has what it looks at. Asks no partner.
    """

    name: str
    kinds: frozenset[str]
    everything: Callable[[DriftWorld], Iterator[Difference]]
    concerns: Callable[[DriftWorld], bool] = lambda _: True

    def differences(self, world: DriftWorld) -> Iterator[Difference]:
        """What it finds, without what `lint.ignore` names. Raises as `everything`."""
        return but_ignored(world, self.everything(world))

    def applies(self, world: DriftWorld) -> bool:
        """Whether a look makes it now: it is switched on, concerns the merchant, and is due. Asks
        no partner."""
        return self.is_on(world) and is_due(world, self.kinds)

    def is_on(self, world: DriftWorld) -> bool:
        """Whether it is switched on, and concerns the merchant; due or not."""
        return world.world.live.merchant.lint.enabled and self.concerns(world)


def but_ignored(world: DriftWorld, found: Iterable[Difference]) -> Iterator[Difference]:
    """Without those whose subject `lint.ignore` names."""
    rules = SkuRules(world.world.live.merchant.lint)
    return (one for one in found if not rules.is_ignored(one.subject))


LINTS = (
    Lint(
        "lint.warehouses",
        frozenset({"lint.warehouse_unmapped", "lint.warehouse_unknown"}),
        lint_warehouses,
    ),
    Lint("lint.locations", frozenset({"lint.location_unmapped"}), lint_locations),
    Lint("lint.reasons", frozenset({"lint.reason_unknown", "lint.reason_unmapped"}), lint_reasons),
    Lint(
        "lint.couriers", frozenset({"lint.courier_unknown", "lint.courier_unmapped"}), lint_couriers
    ),
    Lint("lint.skus", SKU_KINDS, lint_skus),
    Lint("lint.wair_items", frozenset({WAIR_KIND}), lint_wair_items, is_master_of_items),
)
"""The cheap ones first: where the time is up, they were made."""


def is_due(world: DriftWorld, kinds: frozenset[str]) -> bool:
    """Whether these kinds were not looked for lately, or a suspicion of them waits for its second
    look.

    A suspicion would else wait for as long as a fault is told too late.
    """
    merchant = world.world.live.merchant
    # Every so many looks makes the lint; those between do not name its kinds.
    most = merchant.lint.every_hours // merchant.drift.every_hours + 30
    looks = world.findings.looks(world.merchant, most)
    last = next((look.at for look in looks if kinds <= look.kinds), None)
    if last is None or world.at - last >= timedelta(hours=merchant.lint.every_hours) - EARLY:
        return True
    grace = timedelta(minutes=merchant.drift.grace_minutes)
    return any(
        finding.standing is Standing.SUSPECTED
        and finding.difference.kind in kinds
        and world.at - finding.first_seen >= grace
        for finding in world.findings.open_findings(world.merchant, "lint")
    )


COMPARISONS = tuple(
    Comparison(lint.name, lint.kinds, lint.applies, lint.differences, lint.is_on) for lint in LINTS
)
