"""The lint of maps over simulators: warehouses, locations, reasons, couriers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.lint_worlds import LintBench
from tests.support.order_worlds import LATER, draft
from tests.support.worlds import item, redo_return, shipment

WAREHOUSES, LOCATIONS = "lint.warehouses", "lint.locations"
REASONS, COURIERS = "lint.reasons", "lint.couriers"


@pytest.fixture
def bench() -> LintBench:
    return LintBench()


# -- warehouses ------------------------------------------------------------------------------


def test_W6_a_warehouse_that_holds_stock_and_is_in_no_map_is_told(bench: LintBench) -> None:
    bench.mintsoft.seed(
        {
            "warehouses": {
                "5": {"name": "Leeds"},
                "6": {"name": "Empty"},
                "7": {"name": "Closed", "active": False},
            },
            "stock": {"5": {"801": 7, "802": 5}, "7": {"801": 3}},
        }
    )
    (found,) = bench.found(WAREHOUSES)
    assert (found.kind, found.subject) == (
        "lint.warehouse_unmapped",
        "Mintsoft warehouse 5 Leeds",
    )
    assert found.says["mintsoft"] == "12 units of 2 SKUs"
    assert found.units == 12


@pytest.mark.parametrize("block", ["mintsoft", "unleashed", "miinto", "wair"])
def test_W6_any_map_of_the_file_will_do(bench: LintBench, block: str) -> None:
    bench.mintsoft.seed({"warehouses": {"5": {"name": "Leeds"}}, "stock": {"5": {"801": 7}}})
    if block == "mintsoft":
        bench.file["mintsoft"]["warehouses"]["by_location"]["loc_leeds"] = 5
    elif block == "unleashed":
        bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 5}
    elif block == "miinto":
        bench.file["miinto"]["shops"] = [{"id": "1-m!i!s-045-1234", "warehouse": 5}]
    else:
        places = [{"id": "WH-1", "warehouses": [5]}]
        bench.file["wair"] = {"sink": "file_json", "locations": places}

    assert bench.told(WAREHOUSES) == {}


def test_W6_warehouses_that_are_mapped_and_not_there_are_told_with_the_place(
    bench: LintBench,
) -> None:
    bench.file["mintsoft"]["warehouses"]["by_location"]["loc_gone"] = 77
    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "GONE": 4}
    bench.file["wair"] = {
        "sink": "file_json",
        "locations": [{"id": "WH-1", "warehouses": [77]}],
    }
    found = {one.subject: one for one in bench.found(WAREHOUSES)}

    assert sorted(found) == [
        "Mintsoft warehouse 77",
        "Unleashed warehouse 3PL",
        "Unleashed warehouse GONE",
    ]
    says = found["Mintsoft warehouse 77"].says["file"]
    assert says is not None
    assert str(says).startswith("mintsoft.warehouses.by_location: loc_gone, wair.locations")
    assert {name: one.kind.removeprefix("lint.") for name, one in found.items()} == {
        "Mintsoft warehouse 77": "warehouse_unknown",
        "Unleashed warehouse 3PL": "warehouse_unmapped",
        "Unleashed warehouse GONE": "warehouse_unknown",
    }
    bench.file["lint"] = {"ignore": ["*warehouse 3PL", "Mintsoft warehouse 77"]}
    assert bench.told(WAREHOUSES) == {"warehouse_unknown": ["Unleashed warehouse GONE"]}


# -- returns ---------------------------------------------------------------------------------


def returned(bench: LintBench, location: str = "loc_corby", reason: str = "fit") -> None:
    lines = [item(1, "TEE", reason=reason, reasonCode=reason, reasons=[], reasonCodes=[])]
    bench.put(redo_return(lines, shipments=[shipment(externalLocationId=location)]))


def test_W6_a_location_that_nobody_mapped_is_told_where_shipments_are_skipped(
    bench: LintBench,
) -> None:
    returned(bench, "loc_new")
    assert bench.told(LOCATIONS) == {}, "merchant_address gets the rest"
    del bench.file["mintsoft"]["warehouses"]["merchant_address"]
    assert bench.told(LOCATIONS) == {"location_unmapped": ["loc_new"]}
    bench.file["mintsoft"]["warehouses"]["by_location"]["loc_new"] = 3
    assert bench.told(LOCATIONS) == {}


def test_W6_reason_ids_that_no_return_can_name_are_told(bench: LintBench) -> None:
    bench.mintsoft.seed({"reasons": {"5": {"name": "Late", "active": False}}})
    bench.file["mintsoft"]["reasons"] = {"default": 1, "map": {"late": 5, "lost": 99}}

    found = {one.subject: one.says["mintsoft"] for one in bench.found(REASONS)}
    assert found == {
        "reason late": "5: Late is switched off in Mintsoft",
        "reason lost": "99: does not exist",
    }


def test_W6_reasons_that_fall_to_a_placeholder_are_told(bench: LintBench) -> None:
    returned(bench, reason="too_small")
    assert bench.told(REASONS) == {}, "the default is a reason of its own"
    bench.file["mintsoft"]["reasons"] = {"default": 0, "map": {"damaged": 2}}
    assert bench.told(REASONS) == {"reason_unmapped": ["reason too_small"]}


# -- couriers --------------------------------------------------------------------------------


def test_W6_couriers_that_the_file_names_and_mintsoft_has_not_are_told(bench: LintBench) -> None:
    assert bench.told(COURIERS) == {}
    bench.set(
        "orders",
        courier_default="9",
        couriers={"Courier": "DHL Parcel Connect", "Pigeon": "Pigeon Post"},
    )
    bench.file["miinto"]["orders"] = {"mode": "shadow", "couriers": {"postnord": "88"}}

    found = {one.subject: (one.says["file"], one.says["mintsoft"]) for one in bench.found(COURIERS)}
    assert found == {
        "courier service 9": ("unleashed", "is switched off in Mintsoft"),
        "courier service Pigeon Post": ("unleashed", "does not exist"),
        "courier service 88": ("miinto.orders", "does not exist"),
    }


def test_W6_a_courier_that_orders_went_by_needs_its_company_in_unleashed(
    bench: LintBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.mintsoft.seed({"stock": {"3": {"801": 40}}})
    for number, courier in (("A-1", 7), ("A-2", 7), ("A-3", 1)):
        made = bench.orders.create_order(draft(number, ("TEE-RED-M", 1)), LATER)
        bench.mintsoft.despatch(made.order_id, courier_id=courier, tracking_number="T1")
    assert bench.told(COURIERS) == {}, "despatches are off"
    bench.set("despatches", mode="shadow")

    (found,) = bench.found(COURIERS)
    assert (found.kind, found.subject) == ("lint.courier_unmapped", "courier DHL Parcel Connect")
    assert found.says["mintsoft"] == "2 orders in 7 days"
    really = bench.orders.orders_updated_since
    with monkeypatch.context() as patched:
        patched.setattr(
            bench.orders,
            "orders_updated_since",
            lambda *given: replace(really(*given), complete=False),
        )
        (found,) = bench.found(COURIERS)
    assert found.says["mintsoft"] == "at least 2 orders in 7 days"
    bench.set("despatches", mode="shadow", shipping_companies={"dhl parcel connect": "DPD"})
    assert bench.told(COURIERS) == {}
    bench.set("despatches", mode="shadow", shipping_companies={}, send_shipping_company=False)
    assert bench.told(COURIERS) == {}
