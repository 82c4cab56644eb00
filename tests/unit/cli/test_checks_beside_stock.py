"""hub check: flows that have to be live beside the stock sync."""

from __future__ import annotations

import pytest

from cli.checks.model import Finding, Result, Subject
from cli.checks.unleashed_stock import flows_beside
from returns_hub.domain.unleashed.flow_names import FlowName
from tests.support.erp_worlds import ErpBench


def found(bench: ErpBench) -> list[Finding]:
    bench.set("stock", adjustment_means="delta")
    nobody: Subject = object()  # type: ignore[assignment]
    return list(flows_beside(nobody, bench.erp_world("stock")))


@pytest.mark.parametrize(
    ("brings", "tells"), [("orders", "despatches"), ("purchase_orders", "receipts")]
)
def test_goods_that_nobody_tells_of_are_warned_of(brings: FlowName, tells: FlowName) -> None:
    bench = ErpBench()
    bench.set(brings)
    (finding,) = found(bench)
    assert finding.result is Result.WARNING
    assert f"unleashed.{tells} is not" in finding.found

    bench.set(tells)
    (finding,) = found(bench)
    assert finding.result is Result.OK


def test_shipments_are_told_by_despatches_too() -> None:
    bench = ErpBench(management=True)
    bench.set("shipments")
    bench.set("despatches", mode="shadow")
    assert [one.result for one in found(bench)] == [Result.WARNING]


def test_without_adjustments_it_does_not_matter() -> None:
    bench = ErpBench()
    bench.set("orders")
    bench.set("stock", mode="shadow")
    (finding,) = found(bench)
    assert finding.result is Result.SKIPPED
