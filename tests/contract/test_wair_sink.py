"""The sinks of stock intelligence: what every one of them does, over the wire or into files."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from local.simulators.wire import Reply, Request
from returns_hub.domain.wair.rows import StockRow
from returns_hub.domain.wair.settings import DATA_SETS, DataSetName
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.ports.feed import Part
from tests.support.in_process import InProcess
from tests.support.wair import ROWS, RUN, WairBench

SINKS = ("wair_api", "http_json", "file_json", "file_csv")
FOLDER = "feeds/example/2026-03-02T09-00-00Z-1"


class Anybody:
    """Another address that takes JSON: keeps what it is sent."""

    def __init__(self) -> None:
        self.posted: list[Request] = []
        self.reply = Reply(200)

    def handle(self, request: Request) -> Reply:
        self.posted.append(request)
        return self.reply


def bench_of(sink: str, **block: Any) -> tuple[WairBench, Anybody]:
    bench, anybody = WairBench(sink=sink, **block), Anybody()
    if sink == "http_json":
        bench.wire = InProcess(anybody)
        bench.secrets.values.clear()
        bench.feed = bench.sink()
    return bench, anybody


def said(bench: WairBench, anybody: Anybody, data_set: DataSetName) -> list[dict[str, Any]]:
    """The rows of a set as they lie at the sink, in whatever names."""
    sink = bench.connection.sink
    if sink == "wair_api":
        kept = bench.wair.tenant().sets[data_set]
        return [*kept.records.values()]
    if sink == "http_json":
        path = f"/api/v1{bench.connection.path_of(data_set)}"
        bodies = [one.json() for one in anybody.posted if one.path == path]
        return [row for body in bodies for row in body[bench.connection.wrapper_of(data_set)]]
    files = [name for name in bench.files.content if f"/{data_set}-" in name]
    if sink == "file_json":
        bodies = [json.loads(bench.files.content[name]) for name in files]
        return [row for body in bodies for row in body[bench.connection.wrapper_of(data_set)]]
    texts = [bench.files.content[name].decode() for name in files]
    return [dict(row) for text in texts for row in csv.DictReader(StringIO(text, newline=""))]


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("times", [1, 2])
def test_every_set_is_told_whole_and_again_changes_nothing(sink: str, times: int) -> None:
    bench, anybody = bench_of(sink)
    for _ in range(times):
        anybody.posted.clear()
        bench.feed.begin(RUN, bench.send_by)
        for name in DATA_SETS:
            bench.feed.tell(RUN, Part(name, ROWS[name]), bench.send_by)
        bench.feed.end(RUN, bench.send_by)
    for name in DATA_SETS:
        lines = 2 if (sink, name) == ("file_csv", "items") else len(ROWS[name])
        assert len(said(bench, anybody, name)) == lines, name


@pytest.mark.parametrize(
    ("sink", "names"),
    [
        ("wair_api", ("locationId", "skuId", "quantity")),
        ("http_json", ("location", "sku", "onHand")),
        ("file_json", ("location", "sku", "onHand")),
        ("file_csv", ("location", "sku", "onHand")),
    ],
)
def test_an_explicit_zero_is_told_as_a_zero(sink: str, names: tuple[str, str, str]) -> None:
    bench, anybody = bench_of(sink)
    bench.feed.begin(RUN, bench.send_by)
    bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    bench.feed.end(RUN, bench.send_by)
    found = {row[names[1]]: int(row[names[2]]) for row in said(bench, anybody, "stock")}
    assert found == {"TEE-RED-M": 40, "TEE-RED-L": 0}


@pytest.mark.parametrize("sink", SINKS)
def test_names_of_the_file_come_before_all_others(sink: str) -> None:
    stock = {"mode": "live", "fields": {"on_hand": "units"}, "omit": ["available"]}
    bench, anybody = bench_of(sink, data_sets={"stock": stock})
    if sink == "wair_api":
        bench.wire = InProcess(anybody)
        anybody.reply = Reply(200, {}, b'{"accessToken": "t", "expiresIn": 60}')
        bench.feed = bench.sink()
    bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    if sink == "wair_api":
        (row, _) = anybody.posted[-1].json()["stock"]
    else:
        (row, _) = said(bench, anybody, "stock")
    assert int(row["units"]) == 40
    assert not {"available", "quantity", "onHand", "on_hand"} & row.keys()


@pytest.mark.parametrize("sink", SINKS)
def test_more_rows_than_are_advised_are_never_told(sink: str) -> None:
    sets = {"stock": {"mode": "live", "chunk": 1}}
    bench, anybody = bench_of(sink, data_sets=sets)
    with pytest.raises(Permanent, match="at most 1"):
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert not anybody.posted
    assert not bench.files.content


@pytest.mark.parametrize("sink", SINKS)
def test_nothing_is_told_once_the_time_has_passed(sink: str) -> None:
    bench, anybody = bench_of(sink)
    bench.feed.begin(RUN, bench.send_by)
    anybody.posted.clear()
    late = bench.clock.now() - timedelta(seconds=1)
    with pytest.raises(Retryable):
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), late)
    assert not said(bench, anybody, "stock")


@pytest.mark.parametrize("sink", SINKS)
def test_a_batch_that_is_closed_already_is_no_error(sink: str) -> None:
    bench, _ = bench_of(sink)
    bench.feed.begin(RUN, bench.send_by)
    bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    bench.feed.end(RUN, bench.send_by)
    bench.feed.end(RUN, bench.send_by)
    if sink == "wair_api":
        assert bench.books["batches"] == {"open": 0, "started": 1, "stopped": 1}


@pytest.mark.parametrize("sink", SINKS)
def test_access_is_proven_by_reads(sink: str) -> None:
    bench, anybody = bench_of(sink)
    assert bench.feed.check_access()
    assert not [one for one in anybody.posted if one.method != "GET"]
    assert not bench.files.content
    posts = [one.path for one in bench.wire.requests if one.method == "POST"]
    assert set(posts) <= {"/api/v1/Token"}


@pytest.mark.parametrize("sink", SINKS)
def test_what_cannot_be_read_back_is_none(sink: str) -> None:
    bench, _ = bench_of(sink)
    assert all(bench.feed.told_back(name) is None for name in DATA_SETS)


@pytest.mark.parametrize("sink", SINKS)
def test_what_a_text_holds_does_not_break_the_rest(sink: str) -> None:
    bench, anybody = bench_of(sink)
    sku = '="cmd" & {"a": "Été"},\n\u2028;'
    bench.feed.begin(RUN, bench.send_by)
    bench.feed.tell(RUN, Part("stock", [StockRow("COR", sku, 1)]), bench.send_by)
    (row,) = said(bench, anybody, "stock")
    told = row["skuId" if sink == "wair_api" else "sku"]
    assert told == (f"'{sku}" if sink == "file_csv" else sku)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'{"errors": {"stock[0]": ["no such location"]}}', "no such location"),
        (b'{"Errors": ["no such location"], "status": 200}', "no such location"),
        (b'{"success": false, "message": "no such location"}', "no such location"),
        (b'{"isSuccess": false}', "reports a fault"),
        (b'{"error": "no such location"}', "no such location"),
    ],
)
def test_rows_that_are_answered_with_a_fault_do_not_count_as_told(answer: bytes, said: str) -> None:
    bench, anybody = bench_of("http_json")
    anybody.reply = Reply(200, {}, answer)
    with pytest.raises(UnknownOutcome, match=said) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.unknown_outcome"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"taken",
        b'"error"',
        b"[]",
        b'{"success": true, "errors": [], "error": null}',
        b'{"errors": {}, "error": ""}',
        b'{"batch": "{',
    ],
)
def test_rows_that_are_answered_with_anything_else_are_told(answer: bytes) -> None:
    bench, anybody = bench_of("http_json")
    anybody.reply = Reply(200, {}, answer)
    assert isinstance(bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by), str)
