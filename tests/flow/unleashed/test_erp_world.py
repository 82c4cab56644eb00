"""What flows about the ERP are given."""

from __future__ import annotations

from tests.support.erp_worlds import ErpBench


def test_the_map_of_warehouses_is_held_against_both_sides_once() -> None:
    bench = ErpBench(warehouses={"MAIN": 3, "3PL": 99})
    world = bench.erp_world("orders")

    places = [world.places, world.places]

    assert dict(places[0].open) == {"MAIN": 3}
    assert "99" in places[0].stopped["3PL"]
    asked = [asked.path for asked in bench.to_unleashed.requests]
    assert asked == ["/Warehouses/1"]


def test_stock_is_the_same_on_both_sides_from_the_start() -> None:
    bench = ErpBench()

    there = {
        code: units for code, units in bench.desk_there.stock_levels()["MAIN"].items() if units
    }
    here = {
        sku: level.level
        for sku, level in bench.orders.stock_levels(3).items()
        if level.level and sku in there
    }

    assert here == {code: units for code, units in there.items() if code in here}
    assert here["TEE-RED-M"] == 40
