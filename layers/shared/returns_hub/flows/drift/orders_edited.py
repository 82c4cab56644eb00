"""Orders that were edited upstream, taken in once more, and not cancelled: both may be sent."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.relay.edited_twice import Twice, found_twice, seen_orders
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import looked_back_to
from returns_hub.flows.relay.order_change_message import FLOW

KIND = "orders.edited_twice"
KINDS = frozenset({KIND})
MOST_CALLS = 500
"""Of a hundred orders each."""
LONGEST_SUBJECT = 200
LONGEST_WORD = 60


def applies(world: DriftWorld) -> bool:
    """Whether the merchant's file has orders looked at."""
    return world.world.live.merchant.drift.orders


def differences(world: DriftWorld) -> Iterator[Difference]:
    """Orders that may be one and the same, of which none was cancelled.

    What the hub is at work on is left out: a change that waits for the order that replaces it.

    Raises:
        Retryable: The list of orders did not come to its end.
    """
    merchant = world.world.live.merchant
    since = looked_back_to(world)
    page = world.feed.orders.orders_updated_since(since, MOST_CALLS)
    if not page.complete:
        raise Retryable(
            "drift.orders_cut_off", f"Mintsoft has more than {MOST_CALLS * 100} orders to look at"
        )
    for twice in found_twice(seen_orders(page.orders), merchant.order_changes.edit_suffix):
        if not _is_in_work(twice, world):
            yield _difference(twice, world.merchant)


def _is_in_work(twice: Twice, world: DriftWorld) -> bool:
    return any(world.feed.sync.load(FLOW, order.number).in_work for order in twice.orders)


def _difference(twice: Twice, merchant: str) -> Difference:
    numbers = [order.number for order in twice.orders]
    stands = "despatched" if twice.is_gone else "not despatched"
    first, last = (shlex.quote(number) for number in (numbers[0], numbers[-1]))
    look = f"hub orders show {merchant} {first}"
    cancel = f"hub orders change {merchant} {first} edited --replaced-by {last} --dry-run"
    return Difference(
        kind=KIND,
        subject=" + ".join(numbers)[:LONGEST_SUBJECT],
        says={f"Mintsoft {number}"[:LONGEST_WORD]: stands for number in numbers},
        units=twice.units,
        since=min((order.since for order in twice.orders if order.since), default=None),
        cause="an order was edited upstream and taken in as a new one; the first was not cancelled",
        mend=look if twice.is_gone else cancel,
    )


COMPARISON = Comparison("orders.edited", KINDS, applies, differences, looks_back_to=looked_back_to)
