"""Warehouse transfers of Unleashed: picked at the source, received and completed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.moves import MovesBench


def bench_with(**settings: Any) -> MovesBench:
    """Both sides of a transfer are made, unless other settings are said."""
    bench = MovesBench()
    bench.set("transfers", **({"orders_at_source": True, "asns_at_destination": True} | settings))
    return bench


def test_a_transfer_is_picked_at_its_source_and_expected_at_its_destination() -> None:
    bench = bench_with(courier="Transfers")
    made = bench.park_transfer({"TEE-RED-M": 4, "TEE-BLU-L": 1})

    assert bench.run("transfers") == {"waits": 1}

    (order,) = bench.made_orders()
    assert (order.number, order.warehouse_id) == (made["number"], 3)
    assert {item.sku: item.quantity for item in order.items} == {"TEE-RED-M": 4, "TEE-BLU-L": 1}
    (asn,) = bench.made_asns()
    assert (asn.header["POReference"], asn.warehouse_id) == (made["number"], 4)
    assert {item.sku: item.expected for item in asn.items} == {"TEE-RED-M": 4, "TEE-BLU-L": 1}
    state = bench.transfer(made)
    assert state.partner_id("order") == str(order.id)
    assert state.partner_id("asn") == str(asn.id)
    assert bench.run("transfers") == {"waits": 1}
    assert bench.run("transfers") == {}
    assert len(bench.made_orders()) == len(bench.made_asns()) == 1


def test_the_asns_booking_completes_it_and_goods_move_once() -> None:
    bench = bench_with()
    made = bench.park_transfer()
    bench.run("transfers")
    bench.run("transfers")
    bench.despatch(bench.made_orders()[0].id)
    bench.book_in(bench.made_asns()[0].id)

    assert bench.run("transfers") == {"completed": 1}

    assert bench.status_there("WarehouseStockTransfers", made["number"]) == "Completed"
    assert bench.stock_there("TEE-RED-M", "MAIN") == bench.here("TEE-RED-M", 3) == 36
    assert bench.stock_there("TEE-RED-M", "3PL") == 9
    assert bench.run("transfers") == {"over": 1}
    assert bench.run("transfers") == {}
    assert bench.written_there() == [f"POST /WarehouseStockTransfers/{made['guid']}/Complete"]
    assert bench.parked() == []
