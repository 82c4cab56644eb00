"""Unleashed's dates and the other shapes of its JSON, read and written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.unleashed.dates import date_of, day, in_iso, is_date, moment_of, since
from returns_hub.adapters.unleashed.reading import (
    guid_of,
    key_in,
    modified_of,
    number_of,
    part_of,
    rows_of,
    shipping_company_of,
    status_of,
    text_of,
    value_of,
)

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("/Date(1735787045123)/", MOMENT),
        (r"\/Date(1735787045123)\/", MOMENT),
        ("\\\\/Date(1735787045123)\\\\/", MOMENT),
        ("/Date(1735787045123+1300)/", MOMENT),
        ("/Date(1735787045123-0500)/", MOMENT),
        ("/Date(0)/", datetime(1970, 1, 1, tzinfo=UTC)),
        ("/Date(-1000)/", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2025-01-02T03:04:05.123", MOMENT),
        ("2025-01-02T03:04:05.123Z", MOMENT),
        ("2025-01-02T05:04:05.123+02:00", MOMENT),
        ("2025-01-02", datetime(2025, 1, 2, tzinfo=UTC)),
        ("/Date(-62135596800000)/", None),
        ("0001-01-01T00:00:00", None),
        (None, None),
        ("", None),
    ],
)
def test_times_in_every_form(text: str | None, moment: datetime | None) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    "text",
    ["/Date()/", "/Date(1.5)/", "/Date(1)", "Date(1)", "/Date(999999999999999999)/", "soon", 7, [],
     True, "/Date(1٣)/", "/Date(99999999999999999999)/", "0001-01-01T00:00:00+10:00"],
)  # fmt: skip
def test_what_is_no_time_is_told(text: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text)


@given(text=st.text(max_size=40))
def test_a_text_is_a_time_or_none(text: str) -> None:
    try:
        moment = moment_of(text)
    except ValueError:
        return
    assert moment is None or moment.tzinfo is UTC


@given(at=st.integers(-(10**13), 10**14))
def test_milliseconds_are_kept(at: int) -> None:
    moment = moment_of(f"/Date({at})/")
    assert moment is not None
    assert (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == at


def test_a_date_is_never_shifted() -> None:
    assert date_of("/Date(1735776000000)/") == date(2025, 1, 2)
    assert date_of("/Date(1735776000000+1300)/") == date(2025, 1, 2)
    assert date_of(None) is None


def test_query_times_are_utc_whole_seconds_rounded_down_without_a_zone() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=13)))
    assert since(there) == "2025-01-02T03:04:05"
    assert since(MOMENT + timedelta(microseconds=876999)) == "2025-01-02T03:04:05"
    assert day(date(2025, 1, 2)) == "2025-01-02"


def test_dates_of_its_json_as_iso() -> None:
    assert in_iso("/Date(1735776000000)/") == "2025-01-02"
    assert in_iso("/Date(1735787045123)/") == "2025-01-02T03:04:05.123"
    assert moment_of(in_iso("/Date(1735787045123)/")) == MOMENT
    assert is_date("/Date(1)/")
    assert not is_date("2025-01-02")
    assert not is_date(1)


def test_names_are_found_in_any_case_the_exact_one_first() -> None:
    assert value_of({"SalesPerson": 1}, "Salesperson") == 1
    assert value_of({"salesperson": 2, "Salesperson": 1}, "Salesperson") == 1
    assert key_in({"SalesPerson": None}, "salesperson") == "SalesPerson"
    assert (key_in({}, "x"), value_of({}, "x")) == (None, None)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"ShippingCompany": "Royal Mail "}, "Royal Mail"),
        ({"ShippingCompany": {"Guid": "1", "Name": "Royal Mail"}}, "Royal Mail"),
        ({"shippingCompany": {"name": "Royal Mail"}}, "Royal Mail"),
        ({"ShippingCompany": None}, ""),
        ({"ShippingCompany": {"Guid": "1"}}, ""),
        ({}, ""),
    ],
)
def test_a_carrier_is_a_text_or_an_object(raw: dict[str, Any], name: str) -> None:
    assert shipping_company_of(raw) == name


def test_shapes_that_differ() -> None:
    raw = {
        "Guid": " 5790F82E-C1D3-4CFF-AA3A-F4D46B0A18E8 ",
        "Weight": Decimal("0.42"),
        "Count": 2,
        "Bad": True,
        "BatchNumbers": None,
        "Customer": None,
        "Lines": [{"a": 1}],
        "OrderStatus": "Complete",
        "ShipmentStatus": " Dispatched ",
        "LastModifiedOn": "/Date(1735787045123)/",
    }
    assert guid_of(raw) == "5790f82e-c1d3-4cff-aa3a-f4d46b0a18e8"
    assert (number_of(raw, "Weight"), number_of(raw, "Count")) == (Decimal("0.42"), Decimal(2))
    assert number_of(raw, "None") is None
    assert (rows_of(raw, "BatchNumbers"), rows_of(raw, "Lines")) == ([], [{"a": 1}])
    assert part_of(raw, "Customer") == {}
    assert (status_of(raw, "OrderStatus"), status_of(raw, "ShipmentStatus")) == (
        "completed",
        "dispatched",
    )
    assert modified_of(raw) == MOMENT.isoformat()
    assert text_of({"a": 1}, "a") == ""
    for read, name in ((number_of, "Bad"), (rows_of, "Guid")):
        with pytest.raises(ValueError, match=name):
            read(raw, name)


@pytest.mark.parametrize("text", ["pat@example.test", "5790f82e", "", None, 7, "x" * 36])
def test_a_text_that_is_no_guid_names_nothing(text: object) -> None:
    assert guid_of({"Guid": text}) == ""
