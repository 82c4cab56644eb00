"""The proof of what an adjustment does, on a test product."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import FaultKind
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.unleashed.stock.proof import require_stock_proof, stock_proof
from returns_hub.flows.unleashed.stock.prove import plan_proof, prove_stock
from tests.support.erp_stock import BLUE, CAP, JEANS, TEE, StockBench


@pytest.fixture(params=["delta", "absolute"])
def bench(request: pytest.FixtureRequest) -> StockBench:
    return StockBench(adjustment=request.param, proven=False)


def kept(bench: StockBench) -> Any:
    return stock_proof(bench.world().stores, "example")


def booked(bench: StockBench) -> list[dict[str, str]]:
    return [row["lines"] for row in bench.account.happened("stock_adjusted")]


@pytest.mark.parametrize("units", [1, 2, 3, 6, 20])
def test_both_meanings_are_told_apart_and_the_test_is_booked_back(
    bench: StockBench, units: int
) -> None:
    bench.hands.count_stock("MAIN", {JEANS: units})
    cost = bench.desk_there.company.stock.cost(bench.desk_there.product(JEANS))
    proof = bench.prove(JEANS)
    assert (proof.standing, proof.means) == ("proven", bench.connection.stock.adjustment_means)
    assert proof == kept(bench)
    assert bench.there(JEANS) == units
    assert bench.desk_there.company.stock.cost(bench.desk_there.product(JEANS)) == cost
    require_stock_proof(bench.erp_world("stock"))


def test_the_number_that_is_sent_does_the_least(bench: StockBench) -> None:
    world = bench.erp_world("stock")
    most = {}
    for units in (1, 2, 3, 10):
        bench.hands.count_stock("MAIN", {JEANS: units})
        plan = plan_proof(world, JEANS, "MAIN", who="pat")
        assert plan.proof.sent not in {0, units}
        most[units] = plan.at_most
    assert most == {1: 2, 2: 1, 3: 2, 10: 5}
    assert bench.written_there() == []


@pytest.mark.parametrize(
    ("sku", "code", "why"),
    [
        (CAP, "MAIN", "nothing of it is on hand"),
        (TEE, "MAIN", "40 are on hand"),
        ("NO-SUCH", "MAIN", "no product with the code NO-SUCH"),
        ("MUG-RED", "MAIN", "batch or serial numbers"),
        ("CARRIAGE", "MAIN", "keeps no stock"),
        (JEANS, "main", "not mapped"),
    ],
)
def test_an_unfit_product_is_refused_in_words(sku: str, code: str, why: str) -> None:
    bench = StockBench(proven=False)
    with pytest.raises(Permanent, match=why):
        bench.prove(sku, code)
    assert bench.written_there() == []


def test_a_product_that_orders_have_is_refused() -> None:
    bench = StockBench(proven=False)
    bench.hands.place_order("WEBSHOP", {JEANS: 1})
    with pytest.raises(Permanent, match="orders have 1 of JEANS-32"):
        bench.prove(JEANS)


def test_an_account_that_does_neither_is_told_and_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = StockBench(proven=False)
    kind = type(bench.desk_there.adjustments)
    move = kind._move

    def other(*asked: Any) -> Any:
        product, quantity, value, batches = move(*asked)
        return product, quantity * 3, value, batches

    monkeypatch.setattr(kind, "_move", other)
    proof = bench.prove(JEANS)
    assert (proof.standing, proof.before, proof.sent, proof.after) == ("neither", 6, 3, "15")
    assert bench.there(JEANS) == 15
    with pytest.raises(Misconfigured, match="NewQuantity 3 made 15 of 6"):
        require_stock_proof(bench.erp_world("stock"))


def test_an_account_that_does_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench(proven=False)
    monkeypatch.setattr(bench.desk_there.company.stock, "move", lambda *_, **__: None)
    began = bench.clock.now()
    proof = bench.prove(JEANS)
    assert (proof.standing, proof.means) == ("neither", "unknown")
    assert (bench.clock.now() - began).total_seconds() >= 25


def test_a_test_that_cannot_be_booked_back_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = StockBench(proven=False)
    company = bench.desk_there.company
    move = company.stock.move
    moves: list[Any] = []

    def once(*args: Any, **more: Any) -> None:
        moves.append(args)
        if len(moves) == 1:
            move(*args, **more)

    monkeypatch.setattr(company.stock, "move", once)
    proof = bench.prove(JEANS)
    assert (proof.standing, proof.back) == ("neither", "9")


@pytest.mark.parametrize("path", [1, 2])
@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_proof_that_was_cut_off_is_gone_on_with_and_books_nothing_twice(
    bench: StockBench, kind: FaultKind, path: int
) -> None:
    bench.fault(kind, times=1, after=path - 1)
    with pytest.raises(UnknownOutcome):
        bench.prove(JEANS)
    with pytest.raises(Misconfigured, match="not finished"):
        require_stock_proof(bench.erp_world("stock"))
    bench.wait(minutes=10)
    world = bench.erp_world("stock")
    plan = plan_proof(world, TEE, "MAIN", who="pat")
    assert (plan.goes_on, plan.proof.sku) == (True, JEANS)
    proof = prove_stock(world, plan)
    assert (proof.standing, bench.there(JEANS)) == ("proven", 6)
    assert len(booked(bench)) == 2


def test_a_second_proof_is_another_one() -> None:
    bench = StockBench(proven=False)
    bench.prove(JEANS)
    bench.account.set(adjustment="absolute")
    proof = bench.prove(JEANS)
    assert (proof.number, proof.means) == (2, "absolute")
    assert len(booked(bench)) == 4


def test_a_refused_test_is_no_proof_and_another_product_may_be_named() -> None:
    bench = StockBench(proven=False)
    bench.set("stock", adjustment_reason="Nowhere")
    with pytest.raises(Permanent, match="no adjustment reason"):
        bench.prove(JEANS)
    with pytest.raises(Misconfigured, match="was refused"):
        require_stock_proof(bench.erp_world("stock"))
    bench.set("stock", adjustment_reason="Mintsoft")
    bench.hands.count_stock("MAIN", {BLUE: 2})
    assert bench.prove(BLUE).standing == "proven"


def test_no_stock_is_adjusted_while_it_is_proven() -> None:
    bench = StockBench(proven=False)
    stores = bench.world().stores
    lease = stores.cursors.acquire("sync/unleashed.stock/example", "another", 600)
    assert lease is not None
    with pytest.raises(Retryable, match="the stock sync runs"):
        bench.prove(JEANS)
    assert bench.written_there() == []


def test_what_was_proven_of_one_account_says_nothing_of_another() -> None:
    bench = StockBench()
    company = "0f6ad3a1-0000-4000-8000-00000000beef"
    bench.secrets.values["example", "unleashed"] = {"api_id": company, "api_key": "another="}
    bench.secrets.cached.clear()
    with pytest.raises(Misconfigured, match="on another account"):
        require_stock_proof(bench.erp_world("stock"))


def test_the_file_has_to_say_what_was_proven() -> None:
    bench = StockBench()
    bench.set("stock", adjustment_means="absolute")
    with pytest.raises(Misconfigured, match="is absolute, and delta was proven"):
        require_stock_proof(bench.erp_world("stock"))


def test_a_proof_touches_no_other_product(bench: StockBench) -> None:
    bench.prove(JEANS)
    assert all(set(lines) == {JEANS} for lines in booked(bench))
    assert bench.there(BLUE) == 25


def test_a_proof_that_was_planned_beside_another_one_leaves_it_alone() -> None:
    bench = StockBench(proven=False)
    world = bench.erp_world("stock")
    first, second = (plan_proof(world, JEANS, "MAIN", who=who) for who in ("pat", "sam"))
    proof = prove_stock(world, first)
    with pytest.raises(Retryable, match="another proof"):
        prove_stock(world, second)
    assert stock_proof(world.stores, "example") == proof
    assert bench.there(JEANS) == proof.before
