"""What fields are called at a sink, which names a file may give, and rows as CSV and JSON."""

from __future__ import annotations

import csv
import json
import time
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.adapters.wair.csv_rows import csv_of
from returns_hub.adapters.wair.naming import Naming, naming_of
from returns_hub.domain.wair.fields import NEEDED, ROW_OF, field_names
from returns_hub.domain.wair.rows import ItemRow, Row, SkuRow, StockRow
from returns_hub.domain.wair.settings import DATA_SETS, DEFAULTS, DataSetName, WairConnection
from returns_hub.errors import Misconfigured
from tests.support.wair import ITEM, ROWS

ADDRESS = {"base_url": "https://wair.example.test/api/v1", "tenant": "t"}
MANY = 50_000


def connection(sink: str = "file_json", **data_sets: Any) -> WairConnection:
    address = ADDRESS if sink in {"wair_api", "http_json"} else {}
    block = {"sink": sink, "locations": [{"id": "COR", "warehouses": [3]}], **address}
    return WairConnection.model_validate(block | {"data_sets": data_sets})


def naming(data_set: DataSetName, sink: str = "file_json", **given: Any) -> Naming:
    return naming_of(connection(sink, **{data_set: given}), data_set)


def lines_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode(), newline="")))


def many() -> list[StockRow]:
    return [StockRow("COR", f"STYLE{n:06d}-COLOUR-SIZE", n % 90) for n in range(MANY)]


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_a_neutral_sink_is_told_every_field(data_set: DataSetName) -> None:
    body = json.loads(naming(data_set).body(ROWS[data_set]))
    (row, *_) = body[DEFAULTS[data_set][1]]
    told = set(row) | {f"skus.{name}" for sku in row.get("skus", []) for name in sku}
    assert len(told) == len(field_names(data_set))
    assert not [name for name in told if "_" in name]


def test_neutral_names_are_in_camel_case() -> None:
    row = StockRow("COR", "TEE", 4, None, datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC))
    assert json.loads(naming("stock").body([row])) == {
        "stock": [
            {
                "location": "COR",
                "sku": "TEE",
                "onHand": 4,
                "available": None,
                "updatedAt": "2026-03-02T09:00:01Z",
            }
        ]
    }


@pytest.mark.parametrize("data_set", DATA_SETS)
@pytest.mark.parametrize("sink", ["wair_api", "http_json"])
def test_what_a_row_cannot_do_without_is_always_told(sink: str, data_set: DataSetName) -> None:
    found = naming(data_set, sink)
    told = {ours for ours, _ in found.flat} | {f"skus.{ours}" for ours, _ in found.skus}
    told |= {"skus"} if found.skus_name else set()
    assert set(NEEDED[data_set]) <= told


def test_measures_are_numbers_without_a_speck_of_dust() -> None:
    sku = SkuRow("A", "A", "A", weight=Decimal("0.350"), width=Decimal("12.0"))
    text = naming("items").body([ItemRow("A", "A", "A", (sku,))])
    assert b'"weight":0.35,' in text
    assert b'"width":12,' in text


@pytest.mark.parametrize("data_set", DATA_SETS)
@pytest.mark.parametrize("sink", ["wair_api", "http_json"])
def test_rows_come_back_as_they_went(sink: str, data_set: DataSetName) -> None:
    every = {name: name.rpartition(".")[2] for name in field_names(data_set)}
    found = naming(data_set, sink, fields=every)
    (content, *_) = json.loads(found.body(ROWS[data_set]))[found.wrapper]
    assert found.row(content) == ROWS[data_set][0]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (7, "not an object"),
        ({"location": "COR", "sku": "A"}, "has no onHand"),
        ({"location": "COR", "sku": "A", "onHand": None}, "has no onHand"),
        ({"location": "COR", "sku": "", "onHand": 1}, "has no sku"),
        ({"location": "COR", "sku": "A", "onHand": True}, "onHand of a row cannot be read"),
        ({"location": "COR", "sku": "A", "onHand": Decimal("1.5")}, "cannot be read"),
        ({"location": "COR", "sku": "A", "onHand": "1e999999"}, "cannot be read"),
        ({"location": "COR", "sku": "A", "onHand": "many"}, "cannot be read"),
        ({"location": "COR", "sku": [], "onHand": 1}, "sku of a row cannot be read"),
        (
            {"location": "COR", "sku": "A", "onHand": 1, "updatedAt": "0001-01-01T00:00:00+01:00"},
            "updatedAt of a row cannot be read",
        ),
    ],
)
def test_a_row_that_does_not_fit_is_no_row(row: Any, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        naming("stock").row(row)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fields": {"colour": "c"}}, "a row has no colour; it has location, sku, on_hand"),
        ({"omit": ["onHand"]}, "a row has no onHand"),
        ({"omit": ["sku"]}, "sku cannot be left out"),
        ({"fields": {"on_hand": "q", "available": "q"}}, "both named q"),
    ],
)
def test_a_file_that_names_what_there_is_not_is_refused(given: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=f"data_sets.stock: .*{said}"):
        connection(stock=given)


def test_a_sku_and_its_item_may_have_the_same_names() -> None:
    fields = {"code": "code", "skus.code": "code"}
    assert (
        connection("wair_api", items={"fields": fields}).fields_of("items")["skus.code"] == "code"
    )


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_the_documented_names_are_of_fields_that_there_are(data_set: DataSetName) -> None:
    assert set(DEFAULTS[data_set][2]) <= set(field_names(data_set))
    assert set(ROW_OF) == set(DATA_SETS)


def test_half_of_a_character_breaks_no_body() -> None:
    row = StockRow("COR", "A\ud800", 1)
    assert json.loads(naming("stock").body([row]))["stock"][0]["sku"] == "A?"
    content, _ = csv_of(naming("stock", "file_csv"), [row])
    assert lines_of(content)[1][1] == "A?"


# -- CSV ----------------------------------------------------------------------------------------


def test_an_item_is_one_line_for_each_sku_and_one_without_any() -> None:
    content, count = csv_of(naming("items", "file_csv"), [ITEM, ItemRow("MUG", "MUG", "Mug", ())])
    header, *lines = lines_of(content)
    assert header[:5] == ["item", "code", "name", "skus.sku", "skus.code"]
    assert [line[:5] for line in lines] == [
        ["TEE", "TEE", "Tee", "TEE-RED-M", "TEE-RED-M"],
        ["TEE", "TEE", "Tee", "TEE-RED-L", "TEE-RED-L"],
        ["MUG", "MUG", "Mug", "", ""],
    ]
    assert count == 3
    assert {len(line) for line in lines} == {len(header)}


@pytest.mark.parametrize("evil", ["=1+1", "+A", "-A", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", " =1"])
def test_no_cell_is_a_formula_to_a_spreadsheet(evil: str) -> None:
    content, _ = csv_of(naming("stock", "file_csv"), [StockRow("COR", evil, -3)])
    (_, line) = lines_of(content)
    assert line[:3] == ["COR", f"'{evil}", "-3"]


# -- much ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sink", ["wair_api", "file_csv"])
def test_the_largest_call_is_rendered_in_little_room(sink: str) -> None:
    """Held once: neither as objects nor in parts."""
    rows: list[Row] = [*many()]
    found = naming("stock", sink)

    def rendered() -> bytes:
        return csv_of(found, rows)[0] if sink == "file_csv" else found.body(rows)

    began = time.process_time()
    body = rendered()
    took = time.process_time() - began
    tracemalloc.start()
    rendered()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(body) > MANY * 30
    assert most < 1.4 * len(body)
    assert took < 10
