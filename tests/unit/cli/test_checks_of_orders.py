"""hub check: orders and stock in Mintsoft."""

from __future__ import annotations

from typing import Any

import pytest

from cli.checks.mintsoft_orders import look_at_orders
from cli.checks.model import Finding, Result
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.order_settings import WarehouseOrderSettings
from returns_hub.domain.warehouse_stock import StockProof, StockSample
from tests.support.order_worlds import LATER, OrderBench, draft

STOCK = "stock of warehouse 3"


def looked_at(
    bench: OrderBench, *couriers: int | str, means: Any = "unknown"
) -> dict[str, Finding]:
    settings = WarehouseOrderSettings(stock_level_means=means)
    found = look_at_orders(bench.orders, settings, [3], couriers)
    return {finding.name: finding for finding in found}


@pytest.mark.parametrize(
    ("real", "says", "result", "to_do"),
    [
        ("available", "available", Result.OK, ""),
        ("on_hand", "on_hand", Result.OK, ""),
        ("available", "on_hand", Result.FAILED, "to available"),
        ("on_hand", "available", Result.FAILED, "to on_hand"),
        ("on_hand", "unknown", Result.WARNING, "to on_hand"),
    ],
)
def test_the_files_word_for_levels_is_proven(
    real: Any, says: str, result: Result, to_do: str
) -> None:
    bench = OrderBench(Settings(level_means=real))
    bench.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)
    bench.to_mintsoft.requests.clear()
    finding = looked_at(bench, means=says)[STOCK]

    assert finding.result is result
    assert finding.to_do.endswith(to_do)
    assert {request.method for request in bench.to_mintsoft.requests} == {"GET"}


def test_what_cannot_be_proven_is_told() -> None:
    bench = OrderBench()
    assert "not proven" in looked_at(bench)[STOCK].found
    bench.mintsoft.stock.clear()
    assert "no stock of this client" in looked_at(bench)[STOCK].found


def test_products_that_disagree_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = OrderBench()
    samples = (StockSample("A", 4, 6, 6, 2, 0), StockSample("B", 6, 4, 6, 2, 0))
    monkeypatch.setattr(bench.orders, "prove_stock_levels", lambda _: StockProof(samples))
    finding = looked_at(bench, means="available")[STOCK]

    assert finding.result is Result.FAILED
    assert "different things" in finding.found


def test_statuses_and_couriers_that_are_not_there_are_told() -> None:
    bench = OrderBench()
    found = looked_at(bench, "AUTO", 7, "GLS Parcel Shop", "Retired Post", 99)

    assert found["order statuses"].result is Result.OK
    assert found["courier service 7"].result is Result.OK
    assert found["courier service GLS Parcel Shop"].result is Result.OK
    assert "switched off" in found["courier service Retired Post"].found
    assert "does not exist" in found["courier service 99"].found
    assert "courier service AUTO" not in found
    bench = OrderBench()
    bench.mintsoft.tenant.statuses[24] = ("MARINATING", "WAITING")
    assert looked_at(bench)["order statuses"].result is Result.WARNING
