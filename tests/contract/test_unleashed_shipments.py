"""The adapter for Unleashed's shipments, over the simulator and its dialects."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.unleashed.sample import API_ID
from returns_hub.domain.unleashed.order_draft import has_address
from returns_hub.domain.unleashed.shipments import Shipment
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports.erp import ErpShipments
from tests.support.shipment_worlds import Made, ShipmentBench

UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def shipped(**block: Any) -> tuple[ShipmentBench, Made, Made]:
    bench = ShipmentBench(**block)
    order = bench.order(
        {"TEE-RED-M": 3, "JEANS-32": 1}, CustomerRef="WEB-1042", DeliveryMethod="Express"
    )
    return bench, order, bench.ship(order, {"TEE-RED-M": 2})


def resource(bench: ShipmentBench) -> ErpShipments:
    return bench.erp().shipments


def record(bench: ShipmentBench, made: Made) -> dict[str, Any]:
    """A shipment as the simulator keeps it."""
    found: dict[str, Any] = bench.desk_there.company.all("SalesShipments")[made["guid"]]
    return found


def read(bench: ShipmentBench, made: Made) -> Shipment:
    found = resource(bench).read(made["guid"])
    assert found is not None
    return found


@pytest.mark.parametrize("keys", ["pascal", "camel"])
@pytest.mark.parametrize("carrier", ["object", "text"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_shipment_is_read_in_every_dialect(keys: str, carrier: str, wrapped: bool) -> None:
    bench, order, made = shipped()
    bench.account.set(keys=keys, shipping_company=carrier, single_wrapped=wrapped)
    company = next(iter(bench.desk_there.company.all("ShippingCompanies").values()))
    record(bench, made)["ShippingCompany"] = company["Guid"]
    record(bench, made)["TrackingNumber"] = "AB1"

    found = read(bench, made)

    assert found.guid == made["guid"]
    assert (found.number, found.status) == (made["number"], "Placed")
    assert (found.order_guid, found.order_number) == (order["guid"], order["number"])
    assert found.warehouse_code == "MAIN"
    assert found.units() == {"TEE-RED-M": Decimal(2)}
    assert found.lines[0].order_line == 1
    assert (found.shipping_company, found.tracking_number) == ("Royal Mail", "AB1")
    assert found.customer_reference == "WEB-1042"
    assert found.recipient.town == "Leeds"
    assert found.created_at is not None
    assert found.modified_at is not None
    assert found.problem == ""
    assert "Leeds" not in repr(found)
    assert "WEB-1042" not in repr(found)


def test_what_unleashed_does_not_know_is_none() -> None:
    bench, _, _ = shipped()

    assert resource(bench).read(UNKNOWN) is None


def test_a_shipment_without_an_address_of_its_own_says_so() -> None:
    bench = ShipmentBench()
    placed = bench.sales.place_order("BOUTIQUE", {"TEE-RED-M": 1})

    assert not has_address(read(bench, bench.ship(placed)).recipient)


def test_changes_come_by_time_deleted_ones_too() -> None:
    bench, order, first = shipped()
    bench.clock.advance(seconds=5)
    since = bench.clock.now()
    second = bench.ship(order)
    third = bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.sales.set_shipment_status(third["number"], "Deleted")

    found = {one.number: one.status for one in resource(bench).changed_since(since)}

    assert found == {second["number"]: "Placed", third["number"]: "Deleted"}
    assert first["number"] not in found
    queries = [asked.query for asked in bench.to_unleashed.requests]
    assert queries[0]["modifiedSince"] == since.strftime("%Y-%m-%dT%H:%M:%S")
    assert all("%3A" not in asked.target for asked in bench.to_unleashed.requests)


@pytest.mark.parametrize("drift", ["arrive", "vanish"])
def test_a_list_that_shifts_gives_every_shipment(drift: str) -> None:
    bench = ShipmentBench(page_size=2)
    made = {bench.ship(bench.order({"TEE-RED-M": 1}))["number"] for _ in range(7)}
    bench.account.set(drift=drift)

    found = resource(bench).changed_since(bench.clock.now() - timedelta(days=1))

    assert {one.number for one in found} == made


def test_what_came_before_a_list_broke_off_counts() -> None:
    bench = ShipmentBench(page_size=1)
    for _ in range(3):
        bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.unleashed.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/3$", times=None))
    found = resource(bench).changed_since(bench.clock.now() - timedelta(days=1))

    assert [next(found).number, next(found).number]
    with pytest.raises(Retryable):
        next(found)


def test_an_account_without_a_status_deleted_is_read_without_it() -> None:
    bench, _, made = shipped()
    bench.refuse_deleted()

    found = list(resource(bench).changed_since(bench.clock.now() - timedelta(days=1)))

    assert [one.number for one in found] == [made["number"]]


def test_any_other_refusal_is_not_passed_over() -> None:
    bench, _, _ = shipped()
    bench.secrets.values["example", "unleashed"] = {"api_id": API_ID, "api_key": "wrong"}

    with pytest.raises(Retryable, match="key"):
        list(resource(bench).changed_since(bench.clock.now()))


def test_shipments_of_an_order_are_those_of_exactly_this_number() -> None:
    bench, order, first = shipped()
    second = bench.ship(order)
    other = bench.ship(bench.order({"TEE-RED-M": 1}))
    bench.account.set(unknown_parameters="ignore")
    listing = bench.desk_there.shipments.listing
    listing.filters["orderNumber"] = lambda *_: True  # type: ignore[index]

    found = [one.number for one in resource(bench).of_order(order["number"])]

    assert sorted(found) == [first["number"], second["number"]]
    assert other["number"] not in found
    with pytest.raises(Permanent) as refused:
        resource(bench).of_order("SO 1/2")
    assert refused.value.code == "unleashed.unsafe_filter"


@pytest.mark.parametrize("wanted", [True, False])
def test_batches_and_serials_come_only_where_the_file_wants_them(wanted: bool) -> None:
    bench = ShipmentBench(batches_and_serials=wanted)
    made = bench.ship(bench.order({"MUG-RED": 2, "WATCH-01": 1}))
    mug, watch = record(bench, made)["SalesShipmentLines"]
    mug["BatchNumbers"] = [{"Number": "L2408", "Quantity": Decimal(2), "ExpiryDate": None}]
    watch["SerialNumbers"] = ["W-1"]

    for found in (
        read(bench, made),
        next(resource(bench).changed_since(bench.clock.now() - timedelta(days=1))),
        *resource(bench).of_order(read(bench, made).order_number),
    ):
        said = [line.told_apart for line in found.lines]
        assert said == (["batch L2408: 2", "serial W-1"] if wanted else ["", ""])
    assert all(
        ("serialBatch=true" in asked.target) is wanted for asked in bench.to_unleashed.requests
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ShipmentStatus": None}, "ShipmentStatus is missing"),
        ({"ShipmentNumber": ""}, "ShipmentNumber is missing"),
        ({"SalesShipmentLines": "none"}, "SalesShipmentLines"),
    ],
)
def test_a_shipment_that_cannot_be_read_says_what_of_it(
    change: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _, made = shipped()
    shipments = bench.desk_there.shipments
    show = shipments.show
    monkeypatch.setattr(shipments, "show", lambda row, view: show(row, view) | change)

    found = read(bench, made)

    assert told in found.problem
    assert found.guid == made["guid"]
