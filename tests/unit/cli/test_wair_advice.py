"""hub wair targets, hub wair transfers: what was advised, for people and for machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.fake_advice import AdviceBench, proposal, target
from tests.support.fakes import START
from tests.unit.cli.conftest import Command


@pytest.fixture(autouse=True)
def applied(made: Hub) -> Hub:
    bench = AdviceBench(wair={"advice": {"targets": True, "transfers": True}})
    made.merchants.apply(Merchant.model_validate(bench.file), "test", after=0)
    return made


def content(command: Command, *words: str) -> Any:
    done = command("wair", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_targets_are_shown_whole_or_of_a_location(applied: Hub, command: Command) -> None:
    told = [target("TEE"), target("CAP\x1b[31m", "ST-7", 2)]
    applied.feeds.kept.keep_targets("example", told, START)

    done = command("wair", "targets", "example")
    assert done.exit_code == 0
    assert "2 stock targets; none were read yet" in done.output
    assert "\x1b[31m" not in done.output
    assert content(command, "targets", "example", "--location", "WH-1")["targets"] == [
        {"location": "WH-1", "sku": "TEE", "quantity": "5", "forecast_date": None}
    ]
    assert (
        "1 stock targets, and 1 more"
        in command("wair", "targets", "example", "--limit", "1").output
    )


def test_proposals_are_shown_for_both_of_their_locations(applied: Hub, command: Command) -> None:
    told = [proposal("R1"), proposal("R2", from_location="ST-1", to_location="ST-2")]
    applied.feeds.kept.keep_proposals("example", told, START)

    done = command("wair", "transfers", "example")
    assert (done.exit_code, "R1" in done.output, "R2" in done.output) == (0, True, True)
    for place, reference in (("ST-7", "R1"), ("WH-1", "R1"), ("ST-1", "R2"), ("ST-2", "R2")):
        found = content(command, "transfers", "example", "--location", place)["transfers"]
        assert [one["reference"] for one in found] == [reference]
    assert content(command, "transfers", "example", "--location", "NOWHERE")["transfers"] == []


@pytest.mark.parametrize("verb", ["targets", "transfers"])
def test_who_has_no_stock_intelligence_is_told_so(
    applied: Hub, command: Command, verb: str
) -> None:
    bench = AdviceBench()
    del bench.file["wair"]
    applied.merchants.apply(Merchant.model_validate(bench.file), "test", after=1)

    done = command("wair", verb, "example")
    assert (done.exit_code, "has no block wair:" in done.output) == (1, True)
    unknown = command("wair", verb, "nobody")
    assert (unknown.exit_code, "no merchant 'nobody'" in unknown.output) == (1, True)
