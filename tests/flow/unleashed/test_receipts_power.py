"""Runs of purchase orders and receipts that end in the middle, wherever that is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from returns_hub.domain.unleashed.flow_names import FlowName
from tests.support.erp_power import cut_off
from tests.support.power import Power
from tests.support.purchases import BLUE, ORDERS, TEE, PurchaseBench


@pytest.mark.parametrize("kind", ["plain", "over", "each"])
def test_wherever_a_run_ends_goods_are_announced_and_receipted_once(kind: str) -> None:
    steps = 0
    while _lives_through(kind, steps):
        steps += 1
    assert steps > 20


def _lives_through(kind: str, steps: int) -> bool:
    """A life whose first run of both flows ends at that step; whether it was cut."""
    settings = {"over": {"over_receipt": "raise_line"}, "each": {"part_deliveries": "each"}}
    bench = PurchaseBench({"complete_order": True} | settings.get(kind, {}))
    bench.account.set(partial_receipt="stays" if kind == "each" else "closes")
    guid = bench.place({TEE: 5, BLUE: 2})
    before = bench.stock()
    power = Power(steps)
    cut = cut_off(bench, lambda: bench.run("purchase_orders"), power)
    _until(lambda: bool(bench.state_of(ORDERS, guid).partner_id("asn")), bench, "purchase_orders")
    if kind == "each":
        bench.book_in(bench.asn_of(guid), (TEE, 2), complete=False)
        cut = cut_off(bench, lambda: bench.run("receipts"), power) or cut
        for _ in range(2):
            bench.run("receipts")
    goods = ((TEE, 9), (BLUE, 2)) if kind == "over" else ()
    bench.book_in(bench.asn_of(guid), *goods)
    cut = cut_off(bench, lambda: bench.run("receipts"), power) or cut
    for _ in range(8):
        bench.settle(1)
        if bench.parked() or bench.order(guid)["OrderStatus"] == "Complete":
            break

    came = 9 if kind == "over" else 5
    asked = bench.parked()
    if asked:
        # A part receipt whose answer was lost: nothing tells, so that a person is asked.
        assert (kind, asked) == ("each", ["operation.unknown_outcome"]), (steps, bench.reasons())
        assert bench.stock() == before + 2
        return cut
    assert len(bench.made()) == 1, steps
    assert bench.stock() == before + came, steps
    assert bench.order(guid)["OrderStatus"] == "Complete", steps
    assert bench.untold() == 0
    return cut


def _until(is_so: Callable[[], bool], bench: PurchaseBench, flow: FlowName) -> None:
    for _ in range(6):
        if is_so():
            return
        bench.run(flow)
