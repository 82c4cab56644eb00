"""A tick hands out the looks that are due; a message makes one; the report is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.drift.findings import Difference, Look
from returns_hub.drift_runs import DriftRuns
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.drift import look as looking
from returns_hub.flows.drift.drift_world import DriftWorld
from tests.support.drift import DriftBench, showing
from tests.support.fakes import START
from tests.support.worlds import merchant_file

BLANK = Difference("lint.sku_blank", "product 7", {"mintsoft": ""}, confirm=False)


class Files:
    """`ports.files.Files` in memory."""

    def __init__(self) -> None:
        self.written: dict[str, bytes] = {}
        self.away = False

    def write(self, name: str, content: Iterable[bytes], content_type: str) -> None:
        if self.away:
            raise Retryable("s3.away", "S3 is away")
        assert content_type
        self.written[name] = b"".join(content)

    def read(self, name: str) -> bytes | None:
        return self.written.get(name)

    def names(self, folder: str) -> Iterator[str]:
        return iter(sorted(name for name in self.written if name.startswith(f"{folder}/")))


class Runs(DriftRuns):
    """The runs of a hub whose merchants each have a bench."""

    def __init__(self, *merchants: str, **drift: Any) -> None:
        self.bench = DriftBench()
        self.files, self.sent = Files(), list[str]()
        self.settings = dict.fromkeys(merchants or ("example",), drift)
        self.broken: set[str] = set()
        clock, telemetry = self.bench.bench.clock, self.bench.bench.telemetry
        self.clock, self.telemetry = clock, telemetry
        queue = SimpleNamespace(
            send=self.sent.append, postpone=lambda *_: None, share_of_wait=lambda *_: 0
        )
        made = SimpleNamespace(
            clock=clock,
            telemetry=telemetry,
            settings=SimpleNamespace(drift_report_queue_url="queue"),
            queue=lambda _: queue,
            merchants=SimpleNamespace(
                all_ids=lambda: tuple(sorted(self.settings)), live=self._live
            ),
            feeds=SimpleNamespace(files=self.files),
        )
        hub = cast(Any, made)
        hub.batch = partial(Hub.batch, hub)
        super().__init__(hub)
        self.applied_at = START

    def _live(self, merchant: str) -> Any:
        if merchant in self.broken:
            raise Misconfigured("merchant.unreadable", "the file does not fit")
        self.bench.bench.file = merchant_file(merchant=merchant, drift=self.settings[merchant])
        live = self.bench.bench.live()
        return live.model_copy(update={"applied_at": self.applied_at})

    def findings(self) -> Any:
        return self.bench.findings

    def world(self, merchant: str) -> DriftWorld:
        self._live(merchant)
        return self.bench.world()

    def message(self, merchant: str = "example", **more: Any) -> dict[str, Any]:
        body = more.pop("body", json.dumps({"merchant": merchant} | more))
        return {"Records": [{"messageId": "m1", "receiptHandle": "r1", "body": body}]}


@pytest.fixture(autouse=True)
def shows(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made = [showing("all", [BLANK])]
    monkeypatch.setattr(looking, "COMPARISONS", made)
    return made


def test_the_only_look_that_is_due_is_made_at_once_and_reported() -> None:
    runs = Runs()
    assert runs.tick() == {"example": {"new": 1, "not_compared": 0}}
    names = sorted(runs.files.written)
    assert [name.removeprefix("reports/example/") for name in names] == [
        "2026-03-02T09-00-00Z.csv",
        "2026-03-02T09-00-00Z.html",
        "2026-03-02T09-00-00Z.json",
        "latest.csv",
        "latest.html",
        "latest.json",
    ]
    content = json.loads(runs.files.written["reports/example/latest.json"])
    assert (content["schema"], content["total"]["findings"]) == ("drift-report/1", 1)


def test_looks_are_due_after_the_hours_of_the_file_and_not_before() -> None:
    runs = Runs(every_hours=6)
    runs.tick()
    for _ in range(5):
        runs.clock.advance(hours=1)
        assert runs.tick() == {"example": "not due"}
    # A tick that comes some seconds early is the sixth all the same.
    runs.clock.advance(minutes=59)
    assert runs.tick() == {"example": {"recurring": 1, "not_compared": 0}}


def test_a_merchant_that_switched_looks_off_is_left() -> None:
    runs = Runs(enabled=False)
    assert runs.tick() == {"example": "not due"}
    runs.clock.advance(days=9)
    runs.tick()
    assert runs.telemetry.total("DriftLooksMissing") == 0


def test_several_are_handed_out_and_one_broken_file_stops_no_other() -> None:
    runs = Runs("a", "b", "c")
    runs.broken = {"b"}
    assert runs.tick() == {"a": "queued", "b": {"failed": 1}, "c": "queued"}
    assert sorted(json.loads(text)["merchant"] for text in runs.sent) == ["a", "c"]


def test_a_message_makes_a_look_and_a_later_one_of_the_same_tick_makes_none() -> None:
    runs = Runs()
    event = runs.message(asked_at=(START - timedelta(seconds=1)).isoformat())
    assert runs.of_merchants(event) == {"batchItemFailures": []}
    assert len(runs.bench.findings.kept_looks["example"]) == 1
    runs.clock.advance(minutes=1)
    runs.of_merchants(event)
    assert len(runs.bench.findings.kept_looks["example"]) == 1


@pytest.mark.parametrize("body", ["", "{}", '{"merchant": "NO"}', "[]", '{"merchant": 7}'])
def test_a_message_that_names_no_merchant_is_counted_and_gone(body: str) -> None:
    runs = Runs()
    assert runs.of_merchants(runs.message(body=body)) == {"batchItemFailures": []}
    assert runs.telemetry.total("RunsFailed", code="drift.no_merchant") == 1


def test_a_look_for_which_there_is_no_time_comes_back() -> None:
    runs = Runs()
    runs.clock.left = 100.0
    assert runs.of_merchants(runs.message())["batchItemFailures"]
    assert runs.bench.findings.kept_looks == {}


def test_a_look_beside_another_is_none() -> None:
    runs = Runs()
    runs.bench.bench.cursors.acquire(looking.lease_name("example"), "another", 60)
    assert runs.tick() == {"example": {"busy": 1}}
    assert runs.files.written == {}


def test_a_report_that_cannot_be_written_loses_nothing_of_the_look() -> None:
    runs = Runs()
    runs.files.away = True
    assert runs.tick() == {"example": {"new": 1, "not_compared": 0}}
    assert len(runs.bench.findings.kept_looks["example"]) == 1
    assert runs.telemetry.total("RunsFailed", code="s3.away") == 1


def test_the_alarms_are_told_by_every_tick_between_looks_too(shows: list[Any]) -> None:
    runs = Runs()
    shows[:] = [showing("all", [replace(BLANK, kind="orders.on_hold")])]
    runs.tick()
    runs.telemetry.counts.clear()
    runs.clock.advance(hours=2)
    runs.tick()
    assert runs.telemetry.total("DriftOverLimit") == 1
    assert runs.telemetry.total("DriftLooksMissing") == 0
    assert runs.telemetry.total("DriftLookAge", merchant="example") == 2


@pytest.mark.parametrize(("hours", "missing"), [(12.9, 0), (13.1, 1)])
def test_looks_that_stopped_coming_are_told(hours: float, missing: int) -> None:
    runs = Runs(every_hours=6)
    runs.bench.findings.kept_looks["example"] = [Look(at=START)]
    runs.clock.advance(hours=hours)
    runs.bench.bench.cursors.acquire(looking.lease_name("example"), "stuck", 60)
    runs.tick()
    assert runs.telemetry.total("DriftLooksMissing") == missing


def test_a_merchant_that_was_never_looked_at_is_missed_from_when_its_file_was_applied() -> None:
    runs = Runs()
    runs.clock.advance(hours=3)
    runs.tick()
    assert runs.telemetry.total("DriftLooksMissing") == 0
    runs = Runs()
    runs.clock.advance(hours=14)
    runs.tick()
    assert runs.telemetry.total("DriftLooksMissing") == 1
