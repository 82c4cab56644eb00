"""The Mintsoft adapter for stock: one array of everybody's rows, and what its numbers mean."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Reply
from returns_hub.adapters.http import transport
from returns_hub.domain.warehouse_stock import StockLevel, readable
from returns_hub.errors import Misconfigured, Permanent, Retryable
from tests.support.order_worlds import LATER, OrderBench, draft

Means = Literal["available", "on_hand", "on_hand_alone"]


def answering(bench: OrderBench, body: bytes, status: int = 200) -> None:
    """The levels, as these bytes."""
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        is_levels = request.path.endswith("/StockLevels")
        return Reply(status, {}, body) if is_levels else handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]


def row(sku: object = "TEE", level: object = 5, **changes: Any) -> dict[str, Any]:
    content = {"ProductId": 901, "WarehouseId": 3, "ClientId": 12, "SKU": sku, "Level": level}
    return content | changes


@pytest.mark.parametrize(
    ("means", "numbers", "units"),
    [
        ("available", (8, 10), 5),
        ("on_hand", (10, 8), 5),
        ("on_hand_alone", (10, None), 7),
    ],
)
def test_every_reading_of_the_two_numbers(
    means: Means, numbers: tuple[int, int | None], units: int
) -> None:
    bench = OrderBench(Settings(level_means=means))
    bench.set_stock("TEE", 10, 3)
    bench.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)
    level = bench.orders.stock_levels(3)["TEE"]

    assert level == StockLevel(*numbers, quarantined=3)
    assert level.available("unknown") == units


@pytest.mark.parametrize("means", ["available", "on_hand"])
def test_the_proof_reads_what_level_means(means: Means) -> None:
    bench = OrderBench(Settings(level_means=means))
    bench.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)
    proof = bench.orders.prove_stock_levels(3)

    assert proof.means == means
    assert not proof.is_contradicted
    assert {sample.sku for sample in proof.samples} == {"TEE", "MUG", "CAP"}
    assert {request.method for request in bench.to_mintsoft.requests[1:]} == {"GET"}


def test_the_proof_looks_at_a_few_products_that_can_tell() -> None:
    bench = OrderBench()
    for number in range(20):
        product = {"sku": f"S{number}", "name": "x", "client_id": 12}
        bench.mintsoft.seed({"products": {str(2000 + number): product}})
        bench.mintsoft.set_stock(3, 2000 + number, 10)
    bench.orders.create_order(draft("DK-1", ("S17", 2)), LATER)
    bench.to_mintsoft.requests.clear()
    proof = bench.orders.prove_stock_levels(3)

    assert proof.means == "available"
    assert len(bench.to_mintsoft.requests) == 6


def test_rows_of_others_are_none_of_ours() -> None:
    bench = OrderBench()
    bench.mintsoft.seed({"stock": {"3": {"904": 9}, "4": {"901": 4}}})
    answering(
        bench,
        json.dumps(
            [
                row(level=5),
                row("MUG", 6, ClientId=13),
                row("MUG", 7, WarehouseId=4),
                row("MUG", 8, WarehouseId=0),
                row("MUG", 9, ClientId=None),
            ]
        ).encode(),
    )
    assert bench.orders.stock_levels(3) == {"TEE": StockLevel(5)}


UNREADABLE = StockLevel(0, is_doubtful=True, is_unreadable=True)


def test_a_row_that_cannot_be_read_is_known_to_be_there_and_is_no_zero() -> None:
    bench = OrderBench()
    rows = [row(level=5), row("MUG", "many"), row("MUG", None), row(None), row(" "), {"x": 1}]
    others = [row("CAP", "many", ClientId=13), row("CAP", "many", WarehouseId=4)]
    answering(bench, json.dumps(rows + others).encode())
    levels = bench.orders.stock_levels(3)

    assert levels == {"TEE": StockLevel(5), "MUG": UNREADABLE}
    assert readable(levels) == {"TEE": StockLevel(5)}


def test_of_two_rows_of_a_sku_of_which_one_cannot_be_read_nothing_is_certain() -> None:
    bench = OrderBench()
    for rows in ([row(level=5), row(level=5.5)], [row(level=5.5), row(level=5)]):
        answering(bench, json.dumps(rows).encode())
        assert bench.orders.stock_levels(3) == {"TEE": StockLevel(5, is_doubtful=True)}


def test_of_two_rows_of_a_sku_the_smaller_counts() -> None:
    bench = OrderBench()
    for rows in ([row(level=5), row(level=3)], [row(level=3), row(level=5)]):
        answering(bench, json.dumps(rows).encode())
        assert bench.orders.stock_levels(3) == {"TEE": StockLevel(3, is_doubtful=True)}


def test_it_is_told_when_a_level_changed_as_far_as_that_can_be_read() -> None:
    bench = OrderBench(time_zone="Europe/London")
    rows = [
        row(LastUpdated="2026-07-01T10:00:00.1234567"),
        row("MUG", LastUpdated="yesterday"),
        row("CAP", LastUpdated=None),
    ]
    answering(bench, json.dumps(rows).encode())
    levels = bench.orders.stock_levels(3)
    assert levels["TEE"].updated_at == datetime(2026, 7, 1, 9, 0, 0, 123456, tzinfo=UTC)
    assert (levels["MUG"].updated_at, levels["CAP"].updated_at) == (None, None)


def test_a_breakdown_tells_what_is_in_quarantine() -> None:
    bench = OrderBench()
    parts = [
        {"Quantity": 2, "Type": "Quarantine"},
        {"Quantity": 1, "Type": "quarantine"},
        {"Quantity": 9, "Type": "Allocation"},
        {"Quantity": None, "Type": None},
    ]
    answering(bench, json.dumps([row(level=5, TotalStockLevel=7, Breakdown=parts)]).encode())

    assert bench.orders.stock_levels(3) == {"TEE": StockLevel(5, 7, 3)}


def test_bundles_are_told_apart() -> None:
    bench = OrderBench()
    bundle = {"sku": "SET", "name": "Set", "client_id": 12, "components": {"TEE": 2, "MUG": 1}}
    bench.mintsoft.seed({"products": {"950": bundle}})
    bench.set_stock("TEE", 5)
    levels = bench.orders.stock_levels(3)

    assert (levels["SET"].level, levels["SET"].bundle) == (2, True)
    assert not levels["TEE"].bundle


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b'[{"ProductId": 1}', b'{"Data": []}'])
def test_a_list_that_is_none_is_read_again_later(body: bytes) -> None:
    bench = OrderBench()
    answering(bench, body)
    with pytest.raises(Retryable):
        bench.orders.stock_levels(3)


def test_a_list_of_which_nothing_can_be_read_is_no_empty_stock() -> None:
    bench = OrderBench()
    answering(bench, b'[{"Sku": "TEE", "Qty": 5}]')
    with pytest.raises(Retryable, match="none of 1"):
        bench.orders.stock_levels(3)


def test_an_empty_list_is_an_empty_warehouse_and_a_tenant_without_it_is_told() -> None:
    bench = OrderBench()
    answering(bench, b"[]")
    assert bench.orders.stock_levels(3) == {}
    answering(bench, b"", status=404)
    with pytest.raises(Permanent, match="StockLevels"):
        bench.orders.stock_levels(3)


def test_a_key_that_died_is_replaced_and_no_row_is_lost() -> None:
    bench = OrderBench(authentication="login")
    bench.secrets.values["example", "mintsoft"] = {"username": "login", "password": "pass-word"}
    assert len(bench.orders.stock_levels(3)) == 3
    bench.mintsoft.expire_keys()

    assert len(bench.orders.stock_levels(3)) == 3


def test_a_refused_key_is_told() -> None:
    bench = OrderBench()
    bench.mintsoft.faults.add(Fault(FaultKind.UNAUTHORISED, path="/StockLevels"))
    with pytest.raises(Misconfigured):
        bench.orders.stock_levels(3)


def test_a_stock_that_is_longer_than_any_body_is_read_in_little_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = OrderBench()
    parts = [{"Quantity": 1, "BatchNo": "B" * 200, "Type": "Quarantine"}]
    rows = (row(f"SKU-{n}", 3, Breakdown=parts, ProductId=n) for n in range(5_000))
    body = json.dumps(list(rows)).encode()
    monkeypatch.setattr(transport, "MOST_BYTES", 64 * 1024)
    answering(bench, body)
    tracemalloc.start()
    levels = bench.orders.stock_levels(3)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(levels) == 5_000
    assert levels["SKU-4999"] == StockLevel(3, quarantined=1)
    assert most < len(body) + 400 * len(levels)


def test_even_a_streamed_list_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = OrderBench()
    answering(bench, json.dumps([row() for _ in range(5_000)]).encode())
    monkeypatch.setattr(transport, "MOST_STREAMED_BYTES", 64 * 1024)
    with pytest.raises(Retryable):
        bench.orders.stock_levels(3)
