"""Whole-object writes: what is not meant stays, and what another changed is not overwritten."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.simulators.wire import Reply, json_reply
from returns_hub.adapters.unleashed.bodies import content_of
from returns_hub.adapters.unleashed.whole import changed, holds, put_whole, require_unchanged
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent, Retryable
from tests.support.unleashed_wire import Seen, UnleashedBench, guid, stamp

GUID = guid(1)
TEXT = """{
 "Guid": "00000000-0000-4000-8000-000000000001", "OrderNumber": "SO-00000123",
 "ShipmentStatus": "Packed", "TrackingNumber": null, "ShippingCompany": {"Guid": "x", "Name": "DPD"},
 "DispatchDate": null, "TotalWeight": 0.84000000000001, "SalesPerson": {"FullName": "A Example"},
 "NeverHeardOf": {"Deep": [1, 2.50, {"LastModifiedOn": "/Date(1)/"}]},
 "LastModifiedOn": "/Date(1735787045123)/", "CreatedOn": "/Date(1735776000000)/",
 "SalesShipmentLines": [
  {"Guid": "00000000-0000-4000-8000-000000000007", "LineNumber": 1, "ShipmentQty": 2.0, "Odd": "kept"},
  {"Guid": "00000000-0000-4000-8000-000000000008", "LineNumber": 2, "ShipmentQty": 1.5}]
}"""  # noqa: E501


def shipment() -> dict[str, Any]:
    content = read_json(TEXT)
    assert isinstance(content, dict)
    return content


FIELDS = {"ShipmentStatus": "Dispatched", "TrackingNumber": "AB1", "DispatchDate": "2025-01-03"}
BATCH = {"BatchNumbers": [{"Number": "L2408", "Quantity": Decimal(2)}]}
LINES = {"SalesShipmentLines": {guid(7): BATCH}}


def test_only_what_is_meant_changes() -> None:
    body = changed(shipment(), FIELDS, LINES, dates="as_read")
    wanted = shipment() | FIELDS
    wanted["SalesShipmentLines"][0] |= BATCH

    assert body == wanted
    # Byte for byte, numbers as well: 0.84000000000001 and 2.50 stay as they were written.
    assert b'"TotalWeight":0.84000000000001' in content_of(body)
    assert b'"Deep":[1,2.50,' in content_of(body)


def test_a_name_in_another_case_is_changed_and_not_added() -> None:
    body = changed(shipment(), {"Salesperson": None})
    assert body["SalesPerson"] is None
    assert "Salesperson" not in body
    assert changed({"a": 1}, {"New": 2}) == {"a": 1, "New": 2}


def test_a_line_that_is_gone_is_told() -> None:
    with pytest.raises(Permanent, match="SalesShipmentLines is not there"):
        changed(shipment(), {}, {"SalesShipmentLines": {guid(9): {"ShipmentQty": 1}}})


def test_dates_are_written_as_iso() -> None:
    body = changed(shipment() | {"X": stamp(-62135596800000)}, {})
    assert body["LastModifiedOn"] == "2025-01-02T03:04:05.123"
    assert body["CreatedOn"] == "2025-01-02"
    assert body["NeverHeardOf"]["Deep"][2] == {"LastModifiedOn": "1970-01-01T00:00:00.001"}
    assert body["X"] is None


NAMES = st.sampled_from(["Guid", "A", "b", "Lines", "SalesPerson", "Comments"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "a", "/Date(1)/", "Ü"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=8,
)


@given(raw=st.dictionaries(NAMES, VALUES), fields=st.dictionaries(NAMES, VALUES, max_size=3))
def test_every_other_field_is_as_it_was_and_what_was_written_holds(
    raw: dict[str, Any], fields: dict[str, Any]
) -> None:
    before = json.dumps(raw)
    body = changed(raw, fields, dates="as_read")

    assert json.dumps(raw) == before
    assert {name: body[name] for name in body if name not in fields} == {
        name: raw[name] for name in raw if name not in fields
    }
    assert holds(body, fields)
    assert holds(changed(raw, fields), fields)


# -- looking up what became of it ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ("Dispatched", "Dispatched", True),
        ("Dispatched", "dispatched", False),
        (None, "", True),
        ("", None, True),
        (None, "x", False),
        ("x", None, False),
        (2, Decimal("2.0000"), True),
        (Decimal("2.5"), 2, False),
        (0, None, False),
        (True, 1, False),
        (True, True, True),
        ("2025-01-03", "/Date(1735862400000)/", True),
        ("2025-01-04", "/Date(1735862400000)/", False),
        ("soon", "/Date(1735862400000)/", False),
        ({"Name": "Royal Mail"}, "Royal Mail", True),
        ({"Name": "Royal Mail"}, {"Guid": "1", "Name": "Royal Mail"}, True),
        ({"Name": "Royal Mail"}, {"Name": "DPD"}, False),
        ({"Name": "Royal Mail"}, None, False),
        ([{"Number": "A"}, {"Number": "B"}], [{"Number": "B"}, {"Number": "A", "Guid": "1"}], True),
        ([{"Number": "A"}], [{"Number": "A"}, {"Number": "B"}], False),
        ([{"Number": "A"}, {"Number": "A"}], [{"Number": "A"}, {"Number": "B"}], False),
        ([{"Number": "A"}], None, False),
    ],
)
def test_what_counts_as_written(wanted: Any, found: Any, same: bool) -> None:
    assert holds({"Field": found}, {"Field": wanted}) is same


def test_lines_are_looked_at_by_their_guid() -> None:
    done = changed(shipment(), FIELDS, LINES)
    assert holds(done, FIELDS, LINES)
    assert not holds(shipment(), {}, LINES)
    assert not holds(done, {}, {"SalesShipmentLines": {guid(9): {}}})


# -- on the wire --------------------------------------------------------------------------------


class Bench(UnleashedBench):
    """One shipment at Unleashed, which another may change."""

    def __init__(self) -> None:
        super().__init__()
        self.path = f"/SalesShipments/{GUID}"
        self.there = TEXT
        self.wire.answers["GET", self.path] = lambda _: Reply(200, body=self.there.encode())
        self.wire.answers["PUT", self.path] = self._put

    def _put(self, seen: Seen) -> Reply:
        self.there = seen.body.decode()
        return json_reply(200, seen.json())

    def put(self, **how: Any) -> Any:
        return put_whole(
            self.client(),
            self.path,
            template="/SalesShipments/{guid}",
            planned_on=how.pop("planned_on", shipment()),
            fields=FIELDS,
            lines=LINES,
            send_by=self.clock.now() + timedelta(seconds=60),
            **how,
        )


def test_it_is_read_just_before_and_written_whole_with_batches_both_times() -> None:
    bench = Bench()
    told = bench.put(serial_batch=True)

    asked = [(seen.method, seen.path, seen.query) for seen in bench.wire.seen]
    assert asked == [
        ("GET", bench.path, "serialBatch=true"),
        ("PUT", bench.path, "serialBatch=true"),
    ]
    assert read_json(bench.wire.seen[1].body) == changed(shipment(), FIELDS, LINES)
    assert told["ShipmentStatus"] == "Dispatched"
    assert holds(bench.client().one(bench.path, template="t"), FIELDS, LINES)


def test_a_product_is_posted() -> None:
    bench = Bench()
    bench.wire.answers["POST", bench.path] = bench.wire.answers["PUT", bench.path]
    bench.put(method="POST")
    assert [seen.method for seen in bench.wire.seen] == ["GET", "POST"]


def test_what_the_plan_did_not_read_is_kept_from_the_newest_reading() -> None:
    """A list's row may hold less than the object itself."""
    bench = Bench()
    bench.put(planned_on={"Guid": GUID.upper(), "LastModifiedOn": "/Date(1735787045123)/"})
    assert read_json(bench.there)["NeverHeardOf"]["Deep"][0] == 1


def test_what_was_changed_meanwhile_is_not_written() -> None:
    bench = Bench()
    bench.there = TEXT.replace("1735787045123", "1735787045124")
    with pytest.raises(Retryable) as raised:
        bench.put()

    assert raised.value.code == "unleashed.changed_meanwhile"
    assert [seen.method for seen in bench.wire.seen] == ["GET"]


def test_without_a_time_of_change_everything_is_compared() -> None:
    raw = {"Guid": GUID, "Comments": "a"}
    require_unchanged(raw, dict(raw))
    for other in ({"Comments": "b"}, {"LastModifiedOn": stamp(1)}, {"Guid": guid(2)}):
        with pytest.raises(Retryable):
            require_unchanged(raw, raw | other)
    with pytest.raises(Retryable):
        require_unchanged(shipment(), shipment() | {"Guid": guid(2)})


def test_one_that_is_gone_is_told() -> None:
    bench = Bench()
    del bench.wire.answers["GET", bench.path]
    with pytest.raises(Permanent) as raised:
        bench.put()
    assert raised.value.code == "unleashed.not_found"
    assert [seen.method for seen in bench.wire.seen] == ["GET"]
