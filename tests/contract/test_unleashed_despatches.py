"""What flows count on of despatches at Unleashed, over its simulator in each of its dialects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from returns_hub.domain.operations import Found, NotFound, marker_of
from returns_hub.domain.unleashed.despatches import DespatchNote, LineApart, SoldOrder
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports.erp.despatches import ErpDespatches, NewShipment
from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}
DIALECTS: list[dict[str, Any]] = [
    {},
    {"keys": "camel"},
    {"single_wrapped": True},
    {"shipping_company": "text"},
    {"created_status": 201},
    {"dates_taken": "both", "dispatched_edit": "ignore"},
]


class Case:
    """An account with one placed order."""

    def __init__(self, dialect: Mapping[str, Any], **block: Any) -> None:
        self.it = DespatchBench(management=True, **block)
        self.it.account.set(**dialect)
        self.erp: ErpDespatches = self.it.erp().despatches
        self.placed = self.it.clerk.place_order("BOUTIQUE", GOODS, charges={"Packing": 3})

    @property
    def by(self) -> datetime:
        return self.it.clock.now() + timedelta(seconds=30)

    @property
    def order(self) -> SoldOrder:
        found = self.erp.sold_order(self.placed["guid"])
        assert found is not None
        return found

    def new(self, **changes: Any) -> NewShipment:
        key = "sync/unleashed.despatches/example/orders%2F1/shipment/1"
        content: dict[str, Any] = {
            "guid": guid_for(key),
            "marker": marker_of(key),
            "order": self.order,
            "units": {1: 2, 2: 1},
        }
        return NewShipment(**content | changes)


@pytest.fixture(params=DIALECTS, ids=lambda d: "-".join(d) or "strict")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


NOTE = DespatchNote("JD0001", "DPD", 2, date(2026, 3, 2), {1: 2, 2: 1})


def test_an_order_has_its_goods_and_not_its_charges(case: Case) -> None:
    order = case.order

    assert (order.guid, order.number) == (case.placed["guid"], case.placed["number"])
    assert [(line.line, line.sku, int(line.quantity)) for line in order.lines] == [
        (1, "TEE-RED-M", 2),
        (2, "JEANS-32", 1),
    ]
    assert not order.is_completed
    assert case.erp.order_guid(order.number) == order.guid
    assert case.erp.order_guid("SO-00000999") is None
    assert case.erp.sold_order("00000000-0000-4000-8000-000000000000") is None


def test_a_shipment_is_made_dispatched_and_its_order_completed(case: Case) -> None:
    new = case.new()
    assert case.erp.find_shipment(new) == NotFound()
    guid = case.erp.make_shipment(new, case.by)
    assert guid == new.guid
    assert case.erp.find_shipment(new) == Found(guid)
    assert case.erp.is_dispatched(guid) == NotFound()

    case.erp.dispatch(guid, NOTE, case.by)

    assert case.erp.is_dispatched(guid) == Found(guid)
    assert case.erp.has_tracking(guid, "JD0001") == Found(guid)
    (shipment,) = case.erp.shipments_of(case.placed["number"])
    assert shipment.is_dispatched
    assert (shipment.order_guid, shipment.tracking) == (case.placed["guid"], "JD0001")
    assert case.erp.is_completed(case.order.guid) == NotFound()
    case.erp.complete(case.order, case.by)
    case.erp.complete(case.order, case.by)
    assert case.erp.is_completed(case.order.guid) == Found(case.order.guid)
    assert case.it.happened("order_completed") == 1


def test_what_a_shipment_holds_besides_stays(case: Case) -> None:
    guid = case.erp.make_shipment(case.new(comments="Mintsoft order 7"), case.by)
    record = case.it.desk_there.company.one("SalesShipments", guid)
    record |= {"ShipmentWeight": "0.84", "Incoterm": "DAP"}
    case.erp.dispatch(guid, NOTE, case.by)

    row = case.it.shipments()[0]
    assert (row["ShipmentWeight"], row["Incoterm"], row["NumberOfPackages"]) == ("0.84", "DAP", 2)
    assert row["Comments"].startswith("Mintsoft order 7 RH-")


def test_a_shipment_under_another_guid_is_found_by_its_marker(case: Case) -> None:
    made = case.erp.make_shipment(case.new(), case.by)

    assert case.erp.find_shipment(case.new(guid=guid_for("another"))) == Found(made)


def test_a_shipment_that_was_deleted_is_found_and_refused(case: Case) -> None:
    guid = case.erp.make_shipment(case.new(), case.by)
    case.it.clerk.set_shipment_status(case.it.shipments()[0]["ShipmentNumber"], "Deleted")

    assert case.erp.find_shipment(case.new()) == Found(guid)
    assert case.erp.shipments_of(case.placed["number"]) == ()
    with pytest.raises(Permanent, match="deleted"):
        case.erp.dispatch(guid, NOTE, case.by)


def test_a_shipment_with_other_goods_by_now_is_not_written(case: Case) -> None:
    guid = case.erp.make_shipment(case.new(), case.by)

    with pytest.raises(Retryable, match="changed"):
        case.erp.dispatch(guid, DespatchNote("JD0001", units={1: 1, 2: 1}), case.by)
    assert case.it.goods()[0][0] == "Parked"


def test_of_a_dispatched_shipment_tracking_is_added_and_not_replaced(case: Case) -> None:
    shipped = case.it.clerk.ship(case.placed["number"], status="Dispatched")
    case.erp.dispatch(shipped["guid"], NOTE, case.by)
    case.erp.note_tracking(shipped["guid"], "JD0002", case.by)
    assert case.it.shipments()[0]["TrackingNumber"] == "JD0001"

    case.erp.note_tracking(shipped["guid"], "JD0002", case.by, instead_of="JD0001")
    assert case.it.shipments()[0]["TrackingNumber"] == "JD0002"
    assert case.it.happened("shipment_dispatched") == 1


def test_filling_writes_all_but_the_status(case: Case) -> None:
    shipped = case.it.clerk.ship(case.placed["number"])
    assert case.erp.is_filled(shipped["guid"], NOTE) == NotFound()
    case.erp.fill_shipment(shipped["guid"], NOTE, case.by)

    assert case.erp.is_filled(shipped["guid"], NOTE) == Found(shipped["guid"])
    assert case.it.goods()[0][0] == "Placed"
    assert case.it.shipments()[0]["TrackingNumber"] == "JD0001"


def test_a_refusal_is_in_unleasheds_words(case: Case) -> None:
    guid = case.erp.make_shipment(case.new(), case.by)

    with pytest.raises(Permanent, match="Carrier Pigeons"):
        case.erp.dispatch(guid, DespatchNote(company="Carrier Pigeons", units=NOTE.units), case.by)
    with pytest.raises(Permanent, match="Not everything"):
        case.erp.complete(case.order, case.by)


def test_dispatched_shipments_are_listed_by_their_change(case: Case) -> None:
    case.it.clerk.ship(case.placed["number"], {"TEE-RED-M": 1})
    case.it.clock.advance(hours=1)
    since = case.it.clock.now()
    shipped = case.it.clerk.ship(case.placed["number"], {"JEANS-32": 1}, status="Dispatched")

    found = [(one.guid, at >= since) for one, at in case.erp.dispatched_since(since)]
    assert found == [(shipped["guid"], True)]
    case.it.clock.advance(hours=1)
    assert list(case.erp.dispatched_since(case.it.clock.now())) == []


@pytest.mark.parametrize("dialect", DIALECTS[:2])
def test_batches_and_serials_are_written_and_found(dialect: dict[str, Any]) -> None:
    case = Case(dialect, batches_and_serials=True)
    case.it.desk_there.stock_up("MAIN", "WATCH-01", 5)
    case.placed = case.it.clerk.place_order("BOUTIQUE", {"MUG-RED": 3, "WATCH-01": 1})
    order = case.order
    tracked = case.erp.tracked(line.product for line in order.lines)
    assert (tracked["MUG-RED"].batches, tracked["WATCH-01"].serials) == (True, True)
    guid = case.erp.make_shipment(case.new(units={1: 3, 2: 1}), case.by)
    apart = {1: LineApart((("L2501", 2), ("L2408", 1))), 2: LineApart(serials=("W-1",))}
    note = DespatchNote("JD0001", units={1: 3, 2: 1}, apart=apart)

    case.erp.fill_shipment(guid, note, case.by)
    assert case.erp.is_filled(guid, note) == Found(guid)
    other = DespatchNote(units=note.units, apart={1: LineApart((("L2501", 3),))})
    assert case.erp.is_filled(guid, other) == NotFound()
    case.erp.dispatch(guid, note, case.by)
    mug, watch = case.it.shipments()[0]["SalesShipmentLines"]
    assert {row["Number"]: int(row["Quantity"]) for row in mug["BatchNumbers"]} == {
        "L2501": 2,
        "L2408": 1,
    }
    assert [row["Identifier"] for row in watch["SerialNumbers"]] == ["W-1"]


def test_a_service_keeps_no_stock(case: Case) -> None:
    case.placed = case.it.clerk.place_order("BOUTIQUE", {"CARRIAGE": 1, "MUG-RED": 1})

    tracked = case.erp.tracked(line.product for line in case.order.lines)
    assert not tracked["CARRIAGE"].keeps_stock
    assert (tracked["MUG-RED"].keeps_stock, tracked["MUG-RED"].batches) == (True, True)
