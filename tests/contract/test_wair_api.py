"""WAIR's API, told and read: its simulator, whatever no page tells, one way or the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.settings import OTHER, Settings
from local.simulators.wire import Reply
from returns_hub.domain.wair.rows import ItemRow, SkuRow, StockRow
from returns_hub.domain.wair.settings import DATA_SETS
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.ports.feed import Part
from tests.support import fakes
from tests.support.wair import (
    ROWS,
    RUN,
    WairBench,
    in_dialect,
)

FAULTS: list[tuple[FaultKind, type[Verdict], str]] = [
    (FaultKind.RESET_BEFORE, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.RESET_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.TIMEOUT_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.ERROR_500_BEFORE, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.ERROR_500_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTML_ERROR, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTML_200_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTTP_429, Retryable, "wair.rate_limited"),
    (FaultKind.HTML_429, Retryable, "wair.rate_limited"),
]


def tell(bench: WairBench, *parts: Part) -> None:
    """One upload."""
    bench.feed.begin(RUN, bench.send_by)
    for part in parts or [Part(name, ROWS[name]) for name in DATA_SETS]:
        bench.feed.tell(RUN, part, bench.send_by)
    bench.feed.end(RUN, bench.send_by)


def stock(**levels: int) -> tuple[StockRow, ...]:
    return tuple(StockRow("COR", sku, units) for sku, units in levels.items())


# -- the upload ---------------------------------------------------------------------------------


def test_every_set_arrives_in_the_documented_words() -> None:
    bench = WairBench()
    tell(bench)

    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}
    assert bench.books["sets"] == {
        "locations": [
            {"locationId": "COR", "code": "COR", "description": "Corby", "type": "Warehouse"}
        ],
        "sizes": [{"sizeId": "M", "code": "M", "description": "Medium", "sortOrder": 30}],
        "colors": [{"colorId": "RED", "code": "RED", "description": "Red"}],
        "items": [
            {
                "itemId": "TEE",
                "code": "TEE",
                "description": "Tee",
                "skus": [
                    {
                        "skuId": f"TEE-RED-{size}",
                        "code": f"TEE-RED-{size}",
                        "styleId": "TEE-RED",
                        "colorId": "RED",
                        "sizeId": size,
                    }
                    for size in "ML"
                ],
            }
        ],
        "reserved": [
            {
                "id": "COR|TEE-RED-M",
                "locationId": "COR",
                "skuId": "TEE-RED-M",
                "startDateTime": "2026-03-02T09:00:00Z",
                "quantity": 2,
            }
        ],
    }
    assert bench.books["batches"] == {"open": 0, "started": 1, "stopped": 1}
    assert not bench.books["refusals"]


def test_another_dialect_needs_configuration_only() -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    tell(bench)

    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}
    assert {name: len(rows) for name, rows in bench.books["sets"].items()} == {
        "locations": 1,
        "sizes": 1,
        "colors": 1,
        "items": 1,
        "reserved": 1,
    }
    paths = {one.path for one in bench.wire.requests}
    assert not paths & {"/api/v1/Stock", "/api/v1/Items"}


def test_without_the_configuration_the_other_dialect_is_told_as_a_wrong_path() -> None:
    bench = WairBench(Settings(dialect=OTHER))
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Misconfigured, match="it has no /Stock; correct its path") as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.no_such_call"


def test_the_tenant_is_on_every_call() -> None:
    bench = WairBench()
    tell(bench)
    list(bench.advice.targets())

    assert len(bench.wire.requests) == 1 + 2 + len(DATA_SETS) + 1
    assert {one.headers.get("x-tenant") for one in bench.wire.requests} == {"example"}
    assert not bench.wair.refused_entries


def test_what_the_batch_answers_is_given_back() -> None:
    for settings, told in (
        (Settings(), '{"batchId": "b-'),
        (Settings(batch_answer="text"), "b-"),
        (Settings(batch_answer="empty"), ""),
    ):
        assert WairBench(settings).feed.begin(RUN, fakes.START.replace(year=2027)).startswith(told)


def test_a_batch_that_a_run_left_open_is_gone_on_with_and_closed() -> None:
    bench = WairBench(Settings(start_while_open="refuse"))
    bench.feed.begin(RUN, bench.send_by)
    bench.feed = bench.sink()
    tell(bench)
    assert bench.books["batches"] == {"open": 0, "started": 1, "stopped": 1}


@pytest.mark.parametrize(
    "said",
    [
        "The month is closed.",
        "This user may not start or stop a batch.",
        "You have no permission for this batch.",
        "The batch may not be stopped.",
    ],
)
def test_another_refusal_of_the_batch_is_told(said: str) -> None:
    bench = WairBench()
    refusal = Reply(400, {}, json.dumps({"errors": [said]}).encode())
    bench.feed.check_access()
    bench.answers(refusal)
    for act in (bench.feed.begin, bench.feed.end):
        with pytest.raises(Permanent, match=said):
            act(RUN, bench.send_by)


def test_without_batches_none_is_started() -> None:
    bench = WairBench(Settings(outside_batch="take"), batch=False)
    tell(bench)
    assert bench.books["batches"] == {"open": 0}
    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}


def test_a_full_load_replaces_the_set_with_its_last_part_and_not_before() -> None:
    sets = {"stock": {"mode": "live", "full_load": True}}
    bench = WairBench(data_sets=sets)
    tell(bench, Part("stock", stock(OLD=9, TEE=1)))
    bench.feed.begin(RUN, bench.send_by)
    bench.feed.tell(RUN, Part("stock", stock(TEE=2), 1, full=True, more=True), bench.send_by)
    assert bench.books["stock"] == {"COR": {"OLD": 9, "TEE": 1}}
    bench.feed.tell(RUN, Part("stock", stock(MUG=3), 2, full=True), bench.send_by)
    bench.feed.end(RUN, bench.send_by)

    assert bench.books["stock"] == {"COR": {"TEE": 2, "MUG": 3}}


@pytest.mark.parametrize(
    ("full_load", "part"),
    [(True, Part("stock", stock(TEE=2))), (False, Part("stock", stock(TEE=2), full=True))],
)
def test_partial_data_and_a_file_that_does_not_ask_for_it_zero_nothing(
    full_load: bool, part: Part
) -> None:
    bench = WairBench(data_sets={"stock": {"mode": "live", "full_load": full_load}})
    tell(bench, Part("stock", stock(OLD=9)))
    tell(bench, part)
    assert bench.books["stock"] == {"COR": {"OLD": 9, "TEE": 2}}
    assert all("fullLoad" not in one.query for one in bench.asked("/Stock"))


def test_an_empty_part_is_told_only_where_it_replaces_the_set() -> None:
    bench = WairBench(data_sets={"stock": {"mode": "live", "full_load": True}})
    tell(bench, Part("stock", stock(OLD=9)))
    tell(bench, Part("stock", ()))
    assert bench.books["stock"] == {"COR": {"OLD": 9}}
    tell(bench, Part("stock", (), full=True))
    assert bench.books["stock"] == {}


def test_what_is_not_known_is_left_out() -> None:
    bench = WairBench(data_sets={"items": {"mode": "live", "fields": {"skus.weight": "weight"}}})
    bench.wair.settings = Settings(unknown_keys="ignore")
    plain = SkuRow("MUG", "MUG", "MUG")
    tell(bench, Part("items", [ItemRow("MUG", "MUG", "Mug", (plain,))]))
    (sent,) = bench.asked("/Items")
    assert sent.json()["items"][0]["skus"] == [{"skuId": "MUG", "code": "MUG", "styleId": "MUG"}]


@pytest.mark.parametrize(
    "said",
    [
        "No batch is open.",
        "There is no active batch",
        "The batch was not started",
        "Already stopped",
    ],
)
def test_a_batch_that_is_said_to_be_closed_is_closed(said: str) -> None:
    bench = WairBench()
    bench.feed.check_access()
    bench.answers(Reply(400, {}, json.dumps([said]).encode()))
    bench.feed.end(RUN, bench.send_by)
    with pytest.raises(Permanent):
        bench.feed.begin(RUN, bench.send_by)


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", ["list", "problem", "text"])
def test_a_400_is_known_refused_in_its_own_words(errors: Any) -> None:
    bench = WairBench(Settings(errors=errors))
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Permanent, match=r"stock\[0\]\.skuId is not an id") as told:
        bench.feed.tell(RUN, Part("stock", [StockRow("COR", " ", 1)]), bench.send_by)
    assert told.value.code == "wair.refused"


def test_the_words_of_many_faults_are_shortened() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Permanent, match=r"; and 15 more$") as told:
        bench.feed.tell(RUN, Part("stock", [StockRow("COR", " ", 1)] * 40), bench.send_by)
    assert len(told.value.reason) < 400


@pytest.mark.parametrize(("kind", "verdict", "code"), FAULTS)
def test_what_a_write_came_to_is_never_guessed(
    kind: FaultKind, verdict: type[Verdict], code: str
) -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wair.faults.add(Fault(kind, path="/Stock", times=None))
    with pytest.raises(verdict) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == code
    assert type(told.value) is verdict


def test_a_refused_connection_is_known_not_done() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wire.refuse = True
    with pytest.raises(Retryable) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.unreachable"


def test_a_redirect_is_a_wrong_address() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.answers(Reply(302, {"Location": "https://elsewhere.example.test"}))
    with pytest.raises(Misconfigured, match=r"wair\.base_url"):
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
