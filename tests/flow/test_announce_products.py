"""Which product of the warehouse a line of a return is."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.mintsoft.simulator import Settings
from tests.support.worlds import Bench, item, redo_return


def test_a_product_that_is_unknown_is_parked_and_never_created() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "NEVER")]))

    assert bench.approve() == "parked"
    (parked,) = bench.parking.list_parked("example")
    assert "NEVER" in parked.reason
    assert len(bench.mintsoft.tenant.products) == 4


@pytest.mark.parametrize("sku", ["CUP", "tee", "OTHER"])
def test_a_look_up_by_other_code_case_or_client_is_no_match(sku: str) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, sku)]))

    assert bench.approve() == "parked"
    assert not bench.external_returns()


def test_a_look_up_that_heeds_no_client_is_not_believed() -> None:
    bench = Bench()
    bench.mintsoft.settings = Settings(look_up_heeds_client=False)
    bench.put(redo_return([item(1, "OTHER")]))

    assert bench.approve() == "parked"
    assert "OTHER" in bench.parking.list_parked("example")[0].reason


def matched(**matching: Any) -> Bench:
    bench = Bench()
    bench.file["flows"]["process_receipts"]["policy"] = {"matching": matching}
    bench.mintsoft.seed(
        {
            "products": {
                "905": {"sku": "W-9", "name": "Tee", "client_id": 12, "ean": "5000000000012"},
                "906": {"sku": "W-8", "name": "Tee", "client_id": 13, "upc": "5000000000029"},
                "907": {"sku": "W-7", "name": "Tee", "client_id": 12, "upc": "12345678"},
            }
        }
    )
    return bench


def test_an_alias_leads_to_the_product_of_the_warehouse_and_the_same_SKU_goes_first() -> None:
    bench = matched(aliases={"W-9": "TEE-X", "MUG": "TEE"})
    bench.put(redo_return([item(1, "TEE-X"), item(2, "TEE")]))

    assert bench.approve() == "announced"

    (made,) = bench.external_returns()
    assert [(row.sku, row.product_id) for row in made.rows] == [("W-9", 905), ("TEE", 901)]
    bench.receive(41)
    assert bench.poll() == {"processed": 1}


@pytest.mark.parametrize(
    ("barcode", "ending"),
    [
        ("5000000000012", "announced"),
        ("5000000000029", "parked"),
        ("5000000000099", "parked"),
        ("1234567", "parked"),
        ("12345678", "announced"),
    ],
)
def test_a_barcode_leads_to_a_product_only_whole_and_of_this_client(
    barcode: str, ending: str
) -> None:
    bench = matched(barcodes=True)
    bench.put(redo_return([item(1, "UNKNOWN", upc=barcode)]))

    assert bench.approve() == ending
    if ending == "announced":
        bench.receive(41)
        assert bench.poll() == {"processed": 1}


def test_barcodes_are_not_asked_for_unless_the_file_says_so() -> None:
    bench = matched()
    bench.put(redo_return([item(1, "UNKNOWN", upc="5000000000012")]))

    assert bench.approve() == "parked"


def test_a_product_id_that_was_refused_is_looked_up_anew_for_the_next_return() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.catalogue.remember("example", {"TEE": 777})
    assert bench.approve() == "parked"
    other = "66aa01f0c0ffee0000000002"
    bench.put(redo_return([item(1, "TEE")], id=other))

    assert bench.approve(bench.message(return_id=other)) == "announced"
