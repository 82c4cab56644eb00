"""Runs of the order export and of credit notes that end in the middle, wherever that is."""

from __future__ import annotations

import pytest

from tests.support.credit_worlds import CreditBench
from tests.support.erp_power import cut_off
from tests.support.export_worlds import JEANS, TEE, ExportBench
from tests.support.power import Power

GOODS: dict[str, tuple[int, float | None]] = {TEE: (2, 24.0), JEANS: (1, 96.0)}


@pytest.mark.parametrize("management", [False, True])
def test_wherever_a_run_ends_an_order_is_exported_and_completed_once(management: bool) -> None:
    steps = 0
    while _exports(steps, management=management):
        steps += 1
    assert steps > 8


def _exports(steps: int, *, management: bool) -> bool:
    it = ExportBench(management=management)
    it.sent("WEB-1", GOODS)
    was_cut = cut_off(it, it.export, Power(steps))
    for _ in range(8):
        it.export()

    assert it.goods() == [("Completed", {TEE: 2, JEANS: 1})], (steps, it.reasons())
    assert it.account.on_hand(TEE) == 38, steps
    assert it.parked() == [], steps
    return was_cut


def test_wherever_a_run_ends_a_return_is_credited_once() -> None:
    steps = 0
    while _credits(steps):
        steps += 1
    assert steps > 8


def _credits(steps: int) -> bool:
    it = CreditBench({"complete": True, "return_to_stock": True})
    it.sold()
    it.come_back()
    was_cut = cut_off(it, it.credit, Power(steps))
    for _ in range(8):
        it.credit()

    assert [status for status, _ in it.credited()] == ["Completed"], (steps, it.reasons())
    assert it.account.on_hand(TEE) == 40, steps
    assert it.parked() == [], steps
    return was_cut
