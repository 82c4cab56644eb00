"""A process that ends at any of its steps, while an order comes in and is followed to its end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.market import promised_in_all
from tests.support.market_partners import MarketBench, market_order, position
from tests.support.power import Mains, Power, PowerCut

LEASE_ENDS = {"minutes": 20}
CALLS: dict[str, tuple[str, ...]] = {
    "market": (
        "append_to_order",
        "append_to_transfer",
        "order",
        "orders_in_work",
        "order_of",
        "keep_told_stock",
    ),
    "ledger": (),
    "cursors": (),
    "parking": (),
    "marketplace": ("read_order", "send_tracking", "push_stock"),
    "warehouse": (
        "create_order",
        "add_order_comment",
        "find_order",
        "order_comments",
        "orders_updated_since",
        "orders_with_number",
    ),
}
"""Every store and partner, and which of its calls are steps; all when none is named."""


def bench() -> MarketBench:
    made = MarketBench(
        orders={"mode": "live", "label_field": "label"},
        tracking={"mode": "live", "provider_default": "store", "seen_at": "trackAndTrace"},
    )
    made.marketplace.put(
        market_order(1, position(71, "TEE", 2), label_url="https://labels.example.test/1")
    )
    return made


def life(it: MarketBench, *, cut_at: int | None = None) -> int:
    """The order's whole life, with power for so many steps in it; the steps that it took."""
    whole = {name: getattr(it, name) for name in CALLS}
    power = Power(10**9 if cut_at is None else cut_at)
    for name, calls in CALLS.items():
        setattr(it, name, Mains(whole[name], power, *calls))
    despatched = False
    for _ in range(14):
        try:
            it.sync(**LEASE_ENDS)
            if not despatched and whole["market"].order("example", "1-m!i!s-045-1234", 1).made_id:
                (made_id,) = whole["warehouse"].kept
                whole["warehouse"].despatch(made_id, tracking_number="T1")
                despatched = True
            it.follow(**LEASE_ENDS)
        except PowerCut:
            power.left = 10**9
    for name, store in whole.items():
        setattr(it, name, store)
    return 10**9 - power.left


def judge(it: MarketBench) -> None:
    assert [draft.units() for draft in it.drafts()] == [{"TEE": 2}]
    (kept,) = it.warehouse.kept.values()
    assert len(kept.comments) == 1
    assert [told.values["tracking"] for told in it.marketplace.told] == ["T1"]
    state = it.state()
    assert (state.made_id, state.standing, state.ended) == (501, "despatched", "despatched")
    assert promised_in_all(it.market, "example") == {}
    assert it.market.orders_in_work("example", 9) == ()
    assert it.parked() == []
    kinds = it.kinds()
    for once in ("order_seen", "order_planned", "order_made", "label_linked", "tracking_sent"):
        assert kinds.count(once) == 1, kinds


def test_whole_it_is_made_and_told() -> None:
    it = bench()
    assert life(it) > 100
    judge(it)


STEPS = 96
"""Steps of the first two ticks, in which everything happens; a check holds it to enough."""


@pytest.mark.parametrize("cut_at", range(STEPS))
def test_cut_off_at_any_step_it_is_made_and_told_once(cut_at: int) -> None:
    it = bench()
    life(it, cut_at=cut_at)
    judge(it)


def test_the_cuts_reach_to_the_end_of_the_order() -> None:
    it = bench()
    whole: Any = it.market
    power = Power(STEPS)
    for name, calls in CALLS.items():
        setattr(it, name, Mains(getattr(it, name), power, *calls))
    with pytest.raises(PowerCut):
        for _ in range(14):
            it.sync(**LEASE_ENDS)
            made_id = whole.order("example", "1-m!i!s-045-1234", 1).made_id
            if made_id and not whole.order("example", "1-m!i!s-045-1234", 1).despatches:
                it.warehouse.despatch(made_id, tracking_number="T1")
            it.follow(**LEASE_ENDS)
    assert whole.order("example", "1-m!i!s-045-1234", 1).ended
