"""What WAIR advises, read page by page."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.settings import ADVICE_PATHS, OTHER, Settings
from local.simulators.wire import Reply
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.errors import Misconfigured, Retryable
from tests.support.wair import WairBench

PAGED = [Settings(), Settings(largest_limit=7), Settings(largest_limit=7, page_end="not_told")]


def of_targets(count: int) -> list[dict[str, Any]]:
    return [
        {"locationId": "COR", "skuId": f"S{n}", "targetQuantity": n, "forecastDate": "2026-11-23"}
        for n in range(count)
    ]


@pytest.mark.parametrize("settings", PAGED, ids=["plain", "clamped", "end not told"])
def test_every_target_is_read_once(settings: Settings) -> None:
    bench = WairBench(settings)
    bench.wair.tenant().advice.targets = of_targets(50)
    found = list(bench.advice.targets())
    assert [target.sku for target in found] == [f"S{n}" for n in range(50)]
    assert found[7] == StockTarget("COR", "S7", Decimal(7), date(2026, 11, 23))


def test_a_quantity_with_a_fraction_stays_what_it_is() -> None:
    found = {(row.location, row.sku): row.quantity for row in WairBench().advice.targets()}
    assert found["LDN", "TEE-RED-M"] == Decimal("6.5")


def test_proposals_are_those_confirmed_since_and_come_again() -> None:
    bench = WairBench()
    since = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert [one.reference for one in bench.advice.transfers(None)] == ["RED-1", "RED-2", "RED-3"]
    for _ in range(2):
        found = list(bench.advice.transfers(since))
        assert [one.reference for one in found] == ["RED-2", "RED-3"]
    assert found[0] == TransferProposal(
        reference="RED-2",
        from_location="COR",
        to_location="LDN",
        sku="TEE-RED-M",
        quantity=Decimal(2),
        kind="Redistribution",
        batch="AB-7",
        batch_description="Week 48",
        planned_for=datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_a_time_that_no_calendar_has_in_utc_is_none() -> None:
    bench = WairBench()
    bench.wair.tenant().advice.transfers[0]["plannedDispatchDate"] = "0001-01-01T00:00:00+01:00"
    (first, *_) = bench.advice.transfers(None)
    assert (first.reference, first.planned_for) == ("RED-1", None)


def test_a_reading_that_breaks_off_is_no_end() -> None:
    bench = WairBench(Settings(largest_limit=7))
    bench.wair.tenant().advice.targets = of_targets(50)
    bench.wair.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/stock", after=2, times=None))
    with pytest.raises(Retryable):
        list(bench.advice.targets())


def test_a_row_that_cannot_be_read_does_not_keep_the_others_back() -> None:
    bench = WairBench()
    bad: list[Any] = [{"skuId": "X"}, None, {**of_targets(1)[0], "targetQuantity": "many"}]
    bench.wair.tenant().advice.targets = [*bad, *of_targets(2)]
    assert [row.sku for row in bench.advice.targets()] == ["S0", "S1"]
    assert ("advice left out", {"what": "stock targets", "rows": 3}) in bench.telemetry.lines
    bench.wair.tenant().advice.targets = bad
    with pytest.raises(Misconfigured, match="none of 3"):
        list(bench.advice.targets())


def test_a_proposal_without_a_reference_could_come_twice_and_is_left_out() -> None:
    bench = WairBench()
    rows = bench.wair.tenant().advice.transfers
    rows[0] = {**rows[0], "referenceId": " "}
    assert [one.reference for one in bench.advice.transfers(None)] == ["RED-2", "RED-3"]


def test_other_paths_are_configuration() -> None:
    targets, transfers = ADVICE_PATHS[OTHER]
    paths = {"targets_path": targets, "transfers_path": transfers}
    bench = WairBench(Settings(dialect=OTHER), advice=paths)
    assert len(list(bench.advice.targets())) == 4
    assert len(list(bench.advice.transfers(None))) == 3


@pytest.mark.parametrize("sink", ["file_json", "file_csv"])
def test_rows_may_go_into_files_and_advice_be_read_at_wair(sink: str) -> None:
    assert len(list(WairBench(sink=sink).advice.targets())) == 4


def test_another_address_may_advise_too() -> None:
    bench = WairBench(sink="http_json")
    bench.secrets.values["example", "wair"] = {"token": "agreed"}
    answer = json.dumps({"stockTargets": of_targets(3), "moreRecordsAvailable": False})
    bench.answers(Reply(200, {}, answer.encode()))
    assert len(list(bench.advice.targets())) == 3
    (asked,) = bench.wire.requests
    assert asked.headers["authorization"] == "Bearer agreed"
    assert "x-tenant" not in asked.headers


@pytest.mark.parametrize("sink", ["file_json", "file_csv"])
def test_where_there_is_no_address_it_is_told_when_it_is_asked(sink: str) -> None:
    advice = WairBench(sink=sink, base_url=None).advice
    for ask in (advice.targets, lambda: advice.transfers(None)):
        with pytest.raises(Misconfigured, match=f"the sink {sink} gives no advice"):
            ask()
