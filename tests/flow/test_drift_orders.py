"""Orders that stalled between two systems: each kind is found, and what moves on shows none."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from returns_hub.domain.drift.findings import Difference, Standing
from returns_hub.domain.sync.records import RecordSeen, StepDone, StepPlanned
from returns_hub.domain.unleashed.names import DESPATCHES, ORDER, SHIPMENTS
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable
from returns_hub.flows.drift import orders_market
from returns_hub.flows.drift.look import look_at
from returns_hub.flows.sync.sync_world import Draft
from tests.support.drift import DriftBench, comparison_named
from tests.support.erp_orders import OrdersBench
from tests.support.erp_worlds import ErpBench
from tests.support.market_partners import DK, MarketBench, market_order, position
from tests.support.order_worlds import OrderBench, draft
from tests.support.worlds import Bench, merchant_file

MARKET, WAREHOUSE, ERP, RELAY = "orders.market", "orders.warehouse", "orders.erp", "orders.relay"


def only(drift: DriftBench, comparison: str) -> Difference:
    (found,) = drift.seen(comparison)
    return found


# -- the marketplace's ------------------------------------------------------------------------


class MarketDrift(DriftBench):
    """Looks at the world of a `MarketBench`."""

    def __init__(self, bench: MarketBench) -> None:
        super().__init__(_Around(bench), market=bench.world)


class _Around:
    """What `DriftBench` asks of a bench."""

    def __init__(self, bench: MarketBench) -> None:
        self.clock, self.telemetry = bench.clock, bench.telemetry
        self._bench = bench

    def world(self) -> Any:
        return self._bench.world().world


@pytest.fixture
def market() -> MarketBench:
    return MarketBench(tracking={"mode": "live", "provider_default": "dhl"})


def test_an_order_that_was_made_and_is_young_shows_nothing(market: MarketBench) -> None:
    market.made()
    assert MarketDrift(market).later().kinds(MARKET) == []


def test_an_order_that_the_warehouse_does_not_get(market: MarketBench) -> None:
    market.marketplace.put(market_order(1, position(71, "TEE", 2)))
    market.warehouse.trouble.extend([("before", Retryable("mintsoft.away", "away"))] * 9)
    market.sync()
    drift = MarketDrift(market)
    assert drift.later(minutes=50).kinds(MARKET) == []
    found = only(drift.later(minutes=20), MARKET)
    assert found.kind == "orders.accepted_not_at_warehouse"
    assert dict(found.says) == {"miinto": "accepted", "mintsoft": "no order"}
    assert (found.units, str(found.value), found.currency) == (2, "998.00", "DKK")
    assert found.cause.startswith("a delay so far")
    assert "no delay any more" in only(drift.later(days=7), MARKET).cause


def test_an_order_that_waits_for_a_person_shows_nothing(market: MarketBench) -> None:
    market.identify.skus.clear()
    market.marketplace.put(market_order(1))
    market.sync()
    assert market.parked()
    assert MarketDrift(market).later(days=5).kinds(MARKET) == []


def test_an_order_that_the_warehouse_cancelled_behind_the_hubs_back(market: MarketBench) -> None:
    made = market.made()
    drift = MarketDrift(market)
    market.warehouse.move(made, OrderStage.CANCELLED)
    assert drift.later(hours=47).kinds(MARKET) == []
    found = only(drift.later(hours=2), MARKET)
    assert found.kind == "orders.cancelled_at_warehouse"
    assert found.says["mintsoft"] == "cancelled"


def test_a_despatch_that_miinto_was_not_told_of(market: MarketBench) -> None:
    made = market.made()
    market.warehouse.despatch(made, tracking_number="T1")
    market.marketplace.trouble.extend([("before", Retryable("miinto.away", "away"))] * 9)
    market.follow()
    assert market.state().untold
    drift = MarketDrift(market)
    found = only(drift.later(), MARKET)
    assert found.kind == "orders.despatch_not_told_miinto"
    market.marketplace.trouble.clear()
    market.follow()
    assert drift.kinds(MARKET) == []


def test_a_despatch_that_the_hub_did_not_see(market: MarketBench) -> None:
    made = market.made()
    drift = MarketDrift(market).later(days=3)
    market.warehouse.despatch(made, tracking_number="T1")
    assert drift.kinds(MARKET) == []
    found = only(drift.later(), MARKET)
    assert found.kind == "orders.despatch_not_told_miinto"
    assert found.says["hub"] == "not seen"


def test_a_despatch_that_is_told_by_nobody_is_none(market: MarketBench) -> None:
    made = market.made()
    market.warehouse.despatch(made, tracking_number="T1")
    market.marketplace.trouble.extend([("before", Retryable("miinto.away", "away"))] * 9)
    market.follow()
    market.set("tracking", mode="off")
    assert MarketDrift(market).later().kinds(MARKET) == []


def test_more_stalled_orders_than_a_look_reads_are_said(
    market: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_market, "MOST_READ", 0)
    market.made()
    with pytest.raises(Retryable, match="more orders have stalled"):
        MarketDrift(market).later(days=3).seen(MARKET)


def test_every_page_of_orders_in_work_is_read(
    market: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_market, "PAGE", 2)
    market.warehouse.trouble.extend([("before", Retryable("mintsoft.away", "away"))] * 99)
    for number in range(1, 6):
        market.marketplace.put(market_order(number))
    market.sync()
    assert len(MarketDrift(market).later().seen(MARKET)) == 5


# -- the warehouse's --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (OrderStage.NEW, "orders.not_begun"),
        (OrderStage.ON_HOLD, "orders.on_hold"),
        (OrderStage.FAILED, "orders.failed"),
        (OrderStage.IN_WORK, None),
        (OrderStage.CANCELLED, None),
    ],
)
def test_an_order_that_stands_still_at_the_warehouse(stage: OrderStage, kind: str | None) -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), bench.clock.now())
    if stage is not OrderStage.NEW:
        bench.move(made.order_id, stage)
    drift = DriftBench(bench)
    assert drift.later(hours=46).kinds(WAREHOUSE) == []
    found = drift.later(hours=4).seen(WAREHOUSE)
    assert [each.kind for each in found] == ([kind] if kind else [])
    if kind:
        assert found[0].subject == "order DK-1001"
        assert not found[0].confirm


def test_an_order_does_not_seem_to_be_mended_because_it_is_old() -> None:
    bench = OrderBench()
    order_id = bench.orders.create_order(draft(), bench.clock.now()).order_id
    drift = DriftBench(bench)

    def counted() -> list[str]:
        looked = look_at(drift.world(), comparisons=[comparison_named(WAREHOUSE)])
        assert looked is not None
        return [f.difference.kind for f in looked.folded.findings if f.counts]

    drift.later(days=29)
    assert counted() == ["orders.not_begun"]
    drift.later(days=40)
    assert counted() == ["orders.not_begun"]
    bench.move(order_id, OrderStage.IN_WORK)
    drift.later()
    assert counted() == []
    assert next(iter(drift.findings.rows.values())).standing is Standing.RESOLVED


def test_orders_are_not_compared_where_the_file_says_so() -> None:
    bench = Bench()
    bench.file = merchant_file(drift={"orders": False})
    for name in (MARKET, WAREHOUSE, ERP, RELAY):
        with pytest.raises(AssertionError, match="does not apply"):
            DriftBench(bench).seen(name)


# -- Unleashed's ------------------------------------------------------------------------------


@pytest.fixture
def erp() -> OrdersBench:
    return OrdersBench(despatches={"mode": "live"}, order_management="off")


def erp_drift(bench: ErpBench) -> DriftBench:
    return DriftBench(bench, erp=lambda: bench.erp_world("stock"))


def test_an_order_that_was_imported_shows_nothing(erp: OrdersBench) -> None:
    erp.place()
    erp.run("orders")
    assert erp_drift(erp).later(days=4).kinds(ERP) == []


def test_an_order_that_the_flow_never_saw(erp: OrdersBench) -> None:
    erp.place()
    drift = erp_drift(erp)
    assert drift.later(hours=40).kinds(ERP) == []
    found = only(drift.later(hours=10), ERP)
    assert found.kind == "orders.unleashed_not_at_warehouse"
    assert found.says["hub"] == "never seen"
    assert found.mend == "hub unleashed plan example orders"


def _in_work(bench: Any, flow: str, key: str, *facts: Any) -> None:
    sync = bench.world().feed.sync
    note = Draft(sync, sync.load(flow, key))
    note.note("test", RecordSeen(source_version="v1"), *facts)
    note.write()


@pytest.mark.parametrize(
    ("flow", "facts", "kind"),
    [
        (DESPATCHES, (), "orders.despatch_not_told_unleashed"),
        (SHIPMENTS, (), "orders.unleashed_not_at_warehouse"),
        (
            SHIPMENTS,
            (
                StepPlanned(step=ORDER, summary="s"),
                StepDone(step=ORDER, partner_id="7", how="sent"),
            ),
            None,
        ),
    ],
)
def test_what_a_flow_has_in_work_for_long(flow: str, facts: Any, kind: str | None) -> None:
    live = {"mode": "live"}
    bench = ErpBench(management=True, despatches=live, shipments=live)
    bench.file["live_from"] = "2026-01-01T00:00:00Z"
    drift = erp_drift(bench)
    _in_work(drift, flow, "orders/0b5e7c1a-0000-4000-8000-000000000001", *facts)
    assert drift.later(hours=47).kinds(ERP) == []
    assert drift.later(hours=2).kinds(ERP) == ([kind] if kind else [])


@pytest.mark.parametrize(("flow", "named"), [(DESPATCHES, "despatches"), (SHIPMENTS, "shipments")])
def test_a_partners_key_is_one_word_of_the_command(flow: str, named: str) -> None:
    live = {"mode": "live"}
    bench = ErpBench(management=True, despatches=live, shipments=live)
    bench.file["live_from"] = "2026-01-01T00:00:00Z"
    drift = erp_drift(bench)
    _in_work(drift, flow, "SO 1; rm $(x)")
    found = only(drift.later(hours=49), ERP)
    assert shlex.split(found.mend) == [
        "hub",
        "unleashed",
        "show",
        "example",
        named,
        "SO 1; rm $(x)",
    ]


def test_a_despatch_that_nobody_upstream_was_told_of() -> None:
    bench = Bench()
    target = {"name": "shop", "url": "https://shop.example.test", "secret": "shop"}
    bench.file = merchant_file(despatch_relay={"mode": "live", "targets": [target]})
    drift = DriftBench(bench)
    _in_work(drift, "relay.despatches", "501")
    assert drift.later(hours=47).kinds(RELAY) == []
    assert drift.later(hours=2).kinds(RELAY) == ["orders.despatch_not_relayed"]


def test_the_shop_is_named_shortly(market: MarketBench) -> None:
    market.marketplace.put(market_order(1))
    market.warehouse.trouble.extend([("before", Retryable("mintsoft.away", "away"))] * 9)
    market.sync()
    found = only(MarketDrift(market).later(), MARKET)
    assert DK not in found.subject
    assert found.mend == "hub miinto orders show 045-1234 1 --merchant example"
