"""The flows that the schedule of stock intelligence runs, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.events import FeedFlow
from returns_hub.domain.merchant import Merchant
from returns_hub.flows.bundles import look as bundles
from returns_hub.flows.relay import despatches
from returns_hub.flows.wair import advice, feed_due
from returns_hub.flows.wair.feed import run_feed
from returns_hub.flows.wair.feed_world import FeedWorld


@dataclass(frozen=True)
class FlowOfTick:
    """One flow.

    Args:
        is_on: Whether the merchant's file has it switched on.
        is_due: Whether it has something to do now; asks no partner.
        run: Does it, under the lease of its own cursor; counts by ending. `now`: though its
            interval is not over.
    """

    is_on: Callable[[Merchant], bool]
    is_due: Callable[[FeedWorld, datetime], bool]
    run: Callable[[FeedWorld, bool], Mapping[str, object]]


FLOWS: Mapping[FeedFlow, FlowOfTick] = {
    "feed": FlowOfTick(is_on=feed_due.is_on, is_due=feed_due.is_due, run=run_feed),
    "advice": FlowOfTick(advice.is_on, advice.is_due, advice.read_advice),
    "despatches": FlowOfTick(despatches.is_on, despatches.is_due, despatches.run),
    "bundles": FlowOfTick(bundles.is_on, bundles.is_due, bundles.look_at_bundles),
}
"""Every flow of this release."""
