"""Sinks without WAIR: files with their manifest, and another address that takes JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from local.simulators.wire import Reply, Request
from returns_hub.domain.wair.rows import StockRow
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports.feed import Part
from tests.support.in_process import InProcess
from tests.support.wair import ITEM, ROWS, RUN, MemoryFiles, WairBench

FOLDER = "feeds/example/2026-03-02T09-00-00Z-1"


def manifest(bench: WairBench, folder: str = FOLDER) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bench.files.content[f"{folder}/manifest.json"])
    return content


def tell(bench: WairBench, *parts: Part, run: str = RUN) -> None:
    for part in parts:
        bench.feed.tell(run, part, bench.send_by)


def test_a_file_for_each_part_and_the_manifest_last() -> None:
    bench = WairBench(sink="file_json")
    bench.feed.begin(RUN, bench.send_by)
    rows = ROWS["stock"]
    tell(bench, Part("stock", rows, 1, full=True, more=True), Part("stock", rows[:1], 2, full=True))
    tell(bench, Part("items", [ITEM]))
    assert f"{FOLDER}/manifest.json" not in bench.files.content
    bench.feed.end(RUN, bench.send_by)

    assert bench.files.order == [
        f"{FOLDER}/{name}"
        for name in ("stock-001.json", "stock-002.json", "items-001.json", "manifest.json")
    ]
    told = manifest(bench)
    files = told.pop("files")
    assert told == {
        "schema": "feed-files/1",
        "merchant": "example",
        "run": RUN,
        "written_at": "2026-03-02T09:00:00Z",
    }
    assert [(f["name"], f["data_set"], f["part"], f["rows"], f["full"]) for f in files] == [
        ("items-001.json", "items", 1, 1, False),
        ("stock-001.json", "stock", 1, 2, True),
        ("stock-002.json", "stock", 2, 1, True),
    ]
    for entry in files:
        content = bench.files.content[f"{FOLDER}/{entry['name']}"]
        assert (entry["bytes"], entry["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )


def test_the_rows_of_csv_are_its_lines() -> None:
    bench = WairBench(sink="file_csv")
    tell(bench, Part("items", [ITEM]), Part("stock", ROWS["stock"]))
    bench.feed.end(RUN, bench.send_by)
    assert {f["name"]: f["rows"] for f in manifest(bench)["files"]} == {
        "items-001.csv": 2,
        "stock-001.csv": 2,
    }
    assert bench.files.types[f"{FOLDER}/stock-001.csv"].startswith("text/csv")


@pytest.mark.parametrize("sink", ["file_json", "file_csv"])
def test_what_another_process_wrote_is_in_the_manifest_and_makes_the_set_no_whole_one(
    sink: str,
) -> None:
    bench = WairBench(sink=sink)
    tell(bench, Part("stock", ROWS["stock"], 1, full=True, more=True))
    tell(bench, Part("items", [ITEM], full=True))
    bench.feed = bench.sink()
    tell(bench, Part("stock", ROWS["stock"][:1], 2, full=True))
    bench.feed.end(RUN, bench.send_by)

    files = {f["name"].partition(".")[0]: f for f in manifest(bench)["files"]}
    lines = 1 if sink == "file_json" else 2
    assert {name: f["rows"] for name, f in files.items()} == {
        "items-001": lines,
        "stock-001": 2,
        "stock-002": 1,
    }
    assert not [name for name, f in files.items() if f["full"]]


@pytest.mark.parametrize("sink", ["file_json", "file_csv"])
def test_a_load_that_was_cut_off_is_no_whole_set(sink: str) -> None:
    """Whoever takes the files would take away what the missing ones hold."""
    bench = WairBench(sink=sink)
    tell(bench, Part("stock", ROWS["stock"], 1, full=True, more=True))
    tell(bench, Part("items", [ITEM], full=True))
    bench.feed.end(RUN, bench.send_by)
    told = {f["data_set"]: f["full"] for f in manifest(bench)["files"]}
    assert told == {"stock": False, "items": True}


def test_a_part_that_is_told_again_is_in_the_manifest_as_it_is_now() -> None:
    bench = WairBench(sink="file_json")
    tell(bench, Part("stock", ROWS["stock"]))
    bench.feed.end(RUN, bench.send_by)
    written = len(bench.files.order)
    bench.sink().end(RUN, bench.send_by)
    assert len(bench.files.order) == written
    tell(bench, Part("stock", ROWS["stock"][:1]))
    bench.feed.end(RUN, bench.send_by)
    assert [f["rows"] for f in manifest(bench)["files"]] == [1]


@pytest.mark.parametrize("run", ["../../other/x", "..", "a/../../b", ""])
def test_no_run_leaves_its_merchants_folder(run: str) -> None:
    bench = WairBench(sink="file_json", folder="feeds/out")
    tell(bench, Part("stock", ROWS["stock"]), run=run)
    (name,) = bench.files.content
    assert name.startswith("feeds/out/example/")
    assert ".." not in name.split("/")
    assert name.count("/") == 4


def test_a_place_that_is_away_is_told_as_such() -> None:
    bench = WairBench(sink="file_csv")

    class Away(MemoryFiles):
        def write(self, name: str, content: object, content_type: str) -> None:
            raise Retryable("aws.throttled", "S3 is away")

    bench.files = Away()
    with pytest.raises(Retryable):
        tell(bench, Part("stock", ROWS["stock"]))


# -- another address ----------------------------------------------------------------------------


class Guarded:
    """Takes requests with one token only."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.taken: list[Request] = []

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization", "") != self.token:
            return Reply(401)
        self.taken.append(request)
        return Reply(204)


def elsewhere(token: str, secret: dict[str, str]) -> tuple[WairBench, Guarded]:
    bench, guarded = WairBench(sink="http_json", tenant=""), Guarded(token)
    bench.wire = InProcess(guarded)
    bench.secrets.values["example", "wair"] = secret
    bench.feed = bench.sink()
    return bench, guarded


def test_another_address_gets_the_bearer_token_and_neither_tenant_nor_batch() -> None:
    bench, guarded = elsewhere("Bearer agreed", {"token": "agreed"})
    bench.feed.begin(RUN, bench.send_by)
    tell(bench, Part("stock", [StockRow("COR", "TEE", 4)], full=True))
    bench.feed.end(RUN, bench.send_by)

    (one,) = guarded.taken
    assert (one.path, dict(one.query)) == ("/api/v1/Stock", {})
    assert one.json()["stock"][0]["onHand"] == 4
    assert "x-tenant" not in one.headers


def test_another_address_may_want_no_token() -> None:
    bench, guarded = elsewhere("", {})
    for _ in range(3):
        tell(bench, Part("stock", ROWS["stock"]))
    assert len(guarded.taken) == 3
    assert bench.secrets.fetches == 1


def test_a_token_that_was_changed_is_fetched_once() -> None:
    bench, guarded = elsewhere("Bearer new", {"token": "old"})
    with pytest.raises(Misconfigured, match="refuses the token; set one with: hub secrets set"):
        tell(bench, Part("stock", ROWS["stock"]))
    bench.secrets.values["example", "wair"] = {"token": "new"}
    tell(bench, Part("stock", ROWS["stock"]))
    assert len(guarded.taken) == 1


@pytest.mark.parametrize("secret", [{"password": "x"}, {"token": " "}, {"token": "a\r\nb"}])
def test_a_secret_that_holds_no_token_is_told(secret: dict[str, str]) -> None:
    bench, guarded = elsewhere("", secret)
    with pytest.raises(Misconfigured, match=r"secret wair has no token|cannot be sent"):
        tell(bench, Part("stock", ROWS["stock"]))
    assert not guarded.taken
