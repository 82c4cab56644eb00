"""Sales orders of Unleashed become orders of the warehouse, each once, as the file says."""

from __future__ import annotations

from tests.support.erp_orders import FLOW, TEE, OrdersBench


def test_an_order_is_made_once_with_all_that_it_says() -> None:
    bench = OrdersBench()
    guid, number = bench.place({TEE: 2}, fields={"CustomerRef": "WEB-1"})

    assert bench.run("orders") == {"imported": 1}
    assert bench.run("orders") == {}
    made = bench.got(number)
    assert bench.units(number) == {TEE: 2}
    assert made.external_reference == f"unleashed:order:{guid}"
    assert made.warehouse_id == 3
    assert made.header["FirstName"] == "Patricia"
    assert made.header["LastName"] == "Sample"
    assert made.header["Address3"] == "Testside"
    assert made.header["Country"] == "GB"
    assert bench.records.made_by("example", FLOW, str(made.id)) == guid
