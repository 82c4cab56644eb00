"""Every scheduled flow tells its cursor what became of a run: success, failure, anything new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.drift.findings import Difference
from returns_hub.errors import Retryable
from returns_hub.flows import cursor_names
from returns_hub.flows.drift.look import look_at
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.subscription import check, make_token
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.told import run_record
from returns_hub.flows.wair.advice import read_advice
from returns_hub.flows.watch_returns import watch_returns
from tests.flow.test_catch_up import Net
from tests.flow.test_miinto_stock import row
from tests.flow.test_transfers_at_miinto import SHIRT, AtMiinto
from tests.support.bundle_worlds import BundleBench
from tests.support.drift import DriftBench, showing
from tests.support.fake_advice import AdviceBench, proposal, target
from tests.support.fakes import START
from tests.support.feed_worlds import FeedBench
from tests.support.findings import FakeFindings
from tests.support.market_partners import DK, MarketBench, market_order, position
from tests.support.rma_worlds import RmaBench, rma, rma_file
from tests.support.subscription_worlds import Guard
from tests.support.sync import SyncBench
from tests.support.worlds import Bench, item, redo_return

AWAY = Retryable("partner.away", "the partner is away")


@dataclass
class Case:
    """One flow.

    Args:
        bench: What has its cursors and its clock.
        cursor: The cursor's name.
        run: One run, a while after the one before.
        breaks: An object and its method that the run cannot do without.
        news: Puts something there that the next run finds; None where it finds nothing of its own.
    """

    bench: Any
    cursor: str
    run: Callable[[], object]
    breaks: tuple[Any, str]
    news: Callable[[], object] | None = None
    later: dict[str, float] = field(default_factory=lambda: {"minutes": 6})

    def tick(self) -> Any:
        self.bench.clock.advance(**self.later)
        self.run()
        return self.bench.cursors.standing(self.cursor)


def catching_up() -> Case:
    net = Net()
    net.run()
    return Case(net.bench, "catch-up/example", net.run, (net.bench.redo, "handle"), net.put)


def receipts() -> Case:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    (made,) = bench.external_returns()

    def news() -> None:
        bench.receive(made.id, ("TEE", 1))

    return Case(bench, "receipts/example", bench.poll, (bench.mintsoft, "handle"), news)


def webhook() -> Case:
    guard = Guard()
    guard.check()

    def run() -> str:
        try:
            return guard.check()
        except Retryable:
            return "failed"

    return Case(guard.bench, "webhook/example", run, (guard.bench.redo, "handle"))


def records() -> Case:
    it = SyncBench()

    def run() -> dict[str, int]:
        return it.run(hours=1)

    return Case(it, "sync/fake.records/example", run, (it.source, "pull"), lambda: it.put("A"))


def market_orders() -> Case:
    bench = MarketBench()

    def news() -> None:
        bench.marketplace.put(market_order(1, position(71, "TEE")))

    return Case(bench, "miinto/orders/example", bench.sync, (bench.marketplace, "orders"), news)


def market_despatches() -> Case:
    bench = MarketBench()
    made = bench.made()
    breaks = (bench.warehouse, "orders_updated_since")

    def news() -> None:
        bench.warehouse.despatch(made, tracking_number="T1")

    return Case(bench, "miinto/despatches/example", bench.follow, breaks, news)


def market_stock() -> Case:
    bench = MarketBench(stock={"mode": "live"}, shops=[{"id": DK, "warehouse": 3}])
    bench.marketplace.rows = [row("TEE")]
    bench.push()
    breaks = (bench.warehouse, "stock_levels")

    def news() -> None:
        bench.warehouse.set_stock("TEE", 7)

    return Case(bench, "miinto/stock/example", bench.push, breaks, news)


def market_rmas() -> Case:
    made = RmaBench(file=rma_file())
    breaks = (made.rmas, "list")
    return Case(made, "miinto/rmas/example", made.fetch, breaks, lambda: made.rmas.put(rma()))


def feed() -> Case:
    bench = FeedBench()
    bench.only("stock")
    bench.stock.put("TEE-S", 12)
    bench.run()

    def news() -> None:
        bench.stock.put("TEE-S", 11)

    run = bench.run
    return Case(bench, "wair/feed/example", run, (bench.stock, "stock_levels"), news, {"hours": 1})


def advice() -> Case:
    bench = AdviceBench(wair={"advice": {"targets": True, "transfers": True}})
    bench.advice.advised = [target("TEE")]

    def news() -> None:
        bench.advice.confirmed = [(bench.clock.now(), proposal("R1"))]

    def run() -> object:
        return read_advice(bench.world())

    breaks = (bench.advice, "targets")
    return Case(bench, "wair/advice/example", run, breaks, news, {"hours": 25})


def bundles() -> Case:
    bench = BundleBench()
    breaks = (bench.products, "products_updated_since")
    return Case(bench, "wair/bundles/example", bench.look, breaks, None, {"hours": 25})


CASES = {
    made.__name__: made
    for made in (
        catching_up,
        receipts,
        webhook,
        records,
        market_orders,
        market_despatches,
        market_stock,
        market_rmas,
        feed,
        advice,
        bundles,
    )
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


def refuses(*_: object, **__: object) -> Any:
    raise AWAY


def test_a_run_that_came_to_its_end_succeeded(case: Case) -> None:
    standing = case.tick()
    assert (standing.succeeded_at, standing.failing) == (case.bench.clock.now(), "")


def test_a_run_that_failed_says_why_and_the_next_success_clears_it(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = case.tick().succeeded_at
    with monkeypatch.context() as broken:
        broken.setattr(*case.breaks, refuses)
        failed = case.tick()
    assert failed.failing
    assert failed.succeeded_at == before

    mended = case.tick()

    assert (mended.succeeded_at, mended.failing) == (case.bench.clock.now(), "")


@pytest.mark.parametrize("name", [name for name in CASES if name not in {"webhook", "bundles"}])
def test_a_run_says_whether_it_found_anything_new(name: str) -> None:
    case = CASES[name]()
    assert case.news is not None
    case.tick()
    quiet = case.tick().new_record_at
    assert quiet is None or quiet < case.bench.clock.now()
    case.news()

    found = case.tick().new_record_at

    assert found == case.bench.clock.now()
    assert case.tick().new_record_at == found


# -- those with a shape of their own --------------------------------------------------------------


def test_transfers_tell_too(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = AtMiinto()
    bench.offer(SHIRT)

    def decides() -> object:
        return decide_transfers(bench.world())

    case = Case(bench.bench, "miinto/transfers/example", decides, (bench.sim, "handle"))
    first = case.tick()
    assert first.new_record_at == first.succeeded_at == case.bench.clock.now()
    monkeypatch.setattr(bench.sim, "handle", refuses)
    assert case.tick().failing


def test_returns_to_look_at_tell_also_when_none_is_due() -> None:
    bench = Bench()
    assert watch_returns(bench.world()) == {}
    assert bench.cursors.standing("watch/example").succeeded_at == START


def test_a_look_that_failed_in_part_succeeded_and_says_so() -> None:
    drift, cursor = DriftBench(), cursor_names.drift_look("example")
    blank = Difference("lint.sku_blank", "product 7", {"mintsoft": ""}, confirm=False)
    look_at(drift.world(), comparisons=[showing("lint.skus", [blank])])
    standing = drift.bench.cursors.standing
    assert standing(cursor).new_record_at == standing(cursor).succeeded_at == START
    assert standing(cursor_names.lint("example")).succeeded_at == START

    drift.later()
    broken = replace(showing("lint.skus", [blank]), differences=refuses)
    look_at(drift.world(), comparisons=[broken])

    assert standing(cursor).succeeded_at == drift.bench.clock.now()
    assert standing(cursor).failing == "drift.not_compared"
    assert standing(cursor).new_record_at == START
    assert standing(cursor_names.lint("example")).failing == "drift.not_compared"
    assert standing(cursor_names.lint("example")).succeeded_at == START


def test_a_look_without_a_lint_says_nothing_of_lints() -> None:
    drift = DriftBench()
    look_at(drift.world(), comparisons=[showing("all", [])])
    lints = drift.bench.cursors.standing(cursor_names.lint("example"))
    assert lints.succeeded_at is None


def test_a_look_that_was_not_kept_did_not_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    drift = DriftBench()
    monkeypatch.setattr(FakeFindings, "keep", refuses)
    with pytest.raises(Retryable):
        look_at(drift.world(), comparisons=[showing("all", [])])
    standing = drift.bench.cursors.standing(cursor_names.drift_look("example"))
    assert (standing.succeeded_at, standing.failing) == (None, "partner.away")


def test_a_run_that_is_not_due_is_no_success() -> None:
    it = SyncBench()
    run_sync(it.source, it.world())
    it.clock.advance(minutes=1)
    assert run_sync(it.source, it.world()) == {"not_due": 1}
    assert it.cursors.standing("sync/fake.records/example").succeeded_at == START


def test_a_record_that_a_webhook_told_of_is_news_and_no_success() -> None:
    it = SyncBench()
    it.put("A")
    run_record(it.source, it.world(), "A")
    standing = it.cursors.standing("sync/fake.records/example")
    assert (standing.new_record_at, standing.succeeded_at) == (START, None)
    it.clock.advance(minutes=1)
    run_record(it.source, it.world(), "A")
    assert it.cursors.standing("sync/fake.records/example").new_record_at == START


def test_a_token_that_a_person_makes_is_no_look_at_the_subscription() -> None:
    guard = Guard()
    guard.bench.secrets.values["example", "redo-webhook"] = {}
    assert make_token(guard.bench.webhook())
    assert guard.bench.cursors.standing("webhook/example").succeeded_at is None
    assert check(guard.bench.webhook()) == "created"
    assert guard.bench.cursors.standing("webhook/example").succeeded_at is not None


def test_a_fault_of_the_hubs_own_is_a_failure() -> None:
    bench = Bench()
    with pytest.raises(KeyError), leased(bench.stores(), "c"):
        raise KeyError("x")
    assert bench.cursors.standing("c").failing == "fault"


def test_a_run_that_finds_the_lease_taken_tells_nothing() -> None:
    bench = Bench()
    assert bench.cursors.acquire("c", "another", 3600)
    with leased(bench.stores(), "c") as lease:
        assert lease is None
    bench.clock.advance(seconds=1)
    assert bench.cursors.standing("c").succeeded_at is None


def test_stock_that_settles_says_nothing_of_its_freshness() -> None:
    bench = FeedBench()
    bench.only("stock")
    bench.stock.put("TEE-S", 12)
    bench.run()
    lease = bench.cursors.acquire("wair/feed/example", "x", 1)
    unsure = (bench.clock.now() + timedelta(hours=1)).isoformat()
    bench.cursors.advance(lease, dict(lease.value) | {"unsure_until": unsure})
    bench.cursors.release(lease)
    before = bench.cursors.standing("wair/feed/example").succeeded_at
    assert bench.run() == {"settling": 1}
    assert bench.cursors.standing("wair/feed/example").succeeded_at == before
