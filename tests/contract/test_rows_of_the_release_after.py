"""What the release after this one added to a row is passed over, in every store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.plans import DynamoDbPlans
from returns_hub.domain.audit import Act
from returns_hub.domain.facts import Parked
from returns_hub.domain.miinto.facts import OrderMade, PositionsCommitted
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.domain.overview.overview import Freshness, Overview
from returns_hub.domain.overview.summary import DailySummary
from returns_hub.domain.sync.records import StepDone, StepPlanned
from returns_hub.ports.marketplace import MarketQuery
from tests.contract import test_market_store as market
from tests.contract import test_sync_store as sync
from tests.contract.conftest import Stores
from tests.support.fakes import START
from tests.support.later_rows import later


@pytest.fixture
def stores(simulated: Stores) -> Stores:
    return simulated


def rewritten(stores: Stores) -> int:
    """Every row as the release after might write it; how many there are."""
    count = 0
    for name, table in stores.client.tables.items():
        for row in list(table.items.values()):
            stores.client.put_item(TableName=name, Item=later(row))
            count += 1
    return count


def same_after(stores: Stores, read: Callable[[], Any]) -> Any:
    """What is read, which is the same once every row has more in it."""
    before = read()
    assert rewritten(stores)
    assert read() == before
    assert repr(read()) == repr(before)
    return before


def test_records_that_are_kept_in_step(stores: Stores) -> None:
    planned = StepPlanned(step="order", summary="an order", told={"sku": "TEE", "units": 2})
    parked = Parked(flow=sync.FLOW, parked_id="p", code="x.y", reason="odd")
    sync.put(stores, "A", sync.SEEN, planned, StepDone(step="order", partner_id="7", how="sent"))
    sync.put(stores, "B", sync.SEEN, parked)
    store = stores.sync

    def read() -> Any:
        states = [store.load("example", sync.FLOW, key) for key in "AB"]
        timelines = [store.timeline("example", sync.FLOW, key) for key in "AB"]
        return states, timelines, store.in_work("example", sync.FLOW, 10)

    states, timelines, _ = same_after(stores, read)
    assert [len(timeline) for timeline in timelines] == [3, 2]
    assert states[0].steps[0].told == {"sku": "TEE", "units": 2}


def test_transfers_and_orders(stores: Stores) -> None:
    market.order(stores, 1, market.SEEN, market.PLANNED, OrderMade(made_id=9, how="sent"))
    market.order(stores, 2, market.SEEN)
    committed = PositionsCommitted(number=1, accepted=(71,), declined=(), by="rule")
    market.transfer(stores, 5, market.offered(2), market.judged("TEE"), committed)
    store = stores.market

    def read() -> Any:
        return (
            [store.order("m", market.DK, number) for number in (1, 2)],
            store.transfer("m", market.DK, 5),
            store.timeline("m", "order", market.DK, 1),
            store.timeline("m", "transfer", market.DK, 5),
            store.orders_in_work("m", 10),
            store.transfers_in_work("m", 10),
            store.find_orders("m", MarketQuery()),
        )

    orders, transfer, *_ = same_after(stores, read)
    assert (orders[0].version, transfer.version) == (3, 3)


def test_what_is_read_for_people(stores: Stores) -> None:
    flow = Freshness(job="poll_mintsoft", flow="x", every_seconds=300)
    overview = Overview(merchant="m", at=START, config_version=1, mode="live", freshness=(flow,))
    stores.overviews.keep(overview)
    kept = stores.summaries.recent()
    stores.summaries.keep(
        kept, (DailySummary(day="2026-03-02", at=START, is_quiet=True, text="quiet"),), "run"
    )
    act = Act(act_id="a", at=START, who="pat", through="hub", verb="status", merchant="m")
    stores.audit.record(act)
    stores.capabilities.keep_rma_proof("m", RmaProof(contract="c1", proven=True, at=START))
    plans = DynamoDbPlans(stores.client, "AuditTable", stores.clock)

    def read() -> Any:
        stores.clock.advance(minutes=2)
        until = START.replace(year=START.year + 1)
        return (
            stores.overviews.latest("m"),
            stores.summaries.recent().summaries,
            list(stores.audit.of_merchant("m", START, until)),
            stores.capabilities.rma_proof("m"),
            plans.lines("m", 5),
        )

    latest, summaries, acts, proof, _ = same_after(stores, read)
    assert (latest, acts, proof.proven) == (overview, [act], True)
    assert len(summaries) == 1
