"""One merchant's marketplace, in the order in which one thing needs the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from returns_hub.errors import Verdict
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.miinto.follow_despatches import follow_despatches
from returns_hub.flows.miinto.identify import skus_found
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.push_stock import push_stock
from returns_hub.flows.miinto.sync_orders import sync_orders
from returns_hub.flows.way import Way
from returns_hub.flows.world import REQUEST_SECONDS

FLOW = "miinto_rma"
WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2

Counts = Mapping[str, int]
Step = Callable[[MarketWorld], Counts]


def run_miinto(market: MarketWorld, way: Way) -> dict[str, Counts]:
    """Do one merchant's share of a tick: transfers, orders, despatches, RMAs, stock.

    Each step has a lease and a cursor of its own. One step's trouble does not stop the others, and
    what does not fit into the invocation is the next tick's.
    """
    done: dict[str, Counts] = {}
    for name, step in _steps(way):
        if market.stores.clock.remaining() < WORST_CASE_SECONDS:
            done[name] = {"not_started": 1}
            continue
        try:
            done[name] = step(market)
        except Verdict as verdict:
            market.world.run_failed(verdict, flow=f"{FLOW}.{name}")
            done[name] = {"failed": 1}
    return done


def _steps(way: Way) -> tuple[tuple[str, Step], ...]:
    return (
        ("transfers", decide_transfers),
        ("orders", lambda market: sync_orders(market, partial(skus_found, market))),
        ("despatches", follow_despatches),
        ("rmas", lambda market: fetch_rmas(market, way)),
        ("stock", push_stock),
    )
