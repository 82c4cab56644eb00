"""A slice of the seeds in every run of the tests; `make simulate` lives through many more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from local.stack import ROOT
from tests.simulation import market_rules
from tests.simulation.checker import check
from tests.simulation.scenario import scenario
from tests.simulation.seeds import live_through
from tests.simulation.story import story
from tests.simulation.world import Simulation

SLICE = 60
MET = 40
"""Seeds of the slice that are also asked what they met."""
FOUND = {
    10: "a static key that was replaced twice while receipts waited",
    58: "open external returns were read on the first page only",
    125: "a return closed while its create had no answer: its record was on no timeline",
    166: "a refused token parked a receipt and left its batch open",
    34: "a replayed batch whose receipt had a newer version was never finished",
    9289: "a replayed batch whose receipt had nothing new was never finished",
    1305: "a secret that two runs created at once ended in a fault",
    89: "duplicates of a message looked up what cannot be found every few seconds, for a day",
}
"""Seeds that once broke a rule, and what it was."""


@pytest.mark.parametrize("first", range(MET, SLICE, 20))
def test_no_rule_is_broken(first: int) -> None:
    for seed in range(first, first + 20):
        told = live_through(seed)
        assert not told.broken, told.story


@pytest.mark.parametrize("seed", FOUND, ids=FOUND.values())
def test_a_seed_that_failed_once_holds(seed: int) -> None:
    told = live_through(seed)
    assert not told.broken, told.story


def test_a_seed_decides_everything() -> None:
    runs = [Simulation(scenario(17)).run() for _ in range(2)]
    assert runs[0].journal == runs[1].journal
    assert runs[0].plain.tables["ReturnsTable"].items.keys() == (
        runs[1].plain.tables["ReturnsTable"].items.keys()
    )


def test_no_rule_is_broken_and_the_seeds_see_every_kind_of_trouble() -> None:
    """Otherwise the slice would prove little: these are what its runs really met."""
    met: set[str] = set()
    at_market: Counter[str] = Counter()
    for seed in range(MET):
        run = Simulation(scenario(seed)).run()
        met |= {
            str(fields.get("answer"))
            for name, fields in run.telemetry.lines
            if name == "partner call"
        }
        met |= {
            str(fields.get("code")) for name, fields in run.telemetry.lines if name == "comes back"
        }
        met |= {name for name, _ in run.telemetry.lines}
        verdict = check(run)
        assert verdict.holds, story(run, verdict)
        at_market += market_rules.counts(run.market) if run.market is not None else Counter()
    happened = {"transfer_decided by the hub", "transfer_decided by others"}
    happened |= {"rma_decided by the hub", "rma_decided by others", "rma_requested by the hub"}
    happened |= {"orders made in the warehouse", "refunds home", "refunds told back"}
    assert happened <= set(at_market), at_market
    wanted = {"connection refused", "connection lost", "read timeout", "429", "500", "502", "503"}
    wanted |= {"operation.unknown_outcome", "operation.in_work", "partner.paused", "partner.away"}
    wanted |= {"aws.dynamodb.busy", "aws.dynamodb.unreachable", "mintsoft.key_refused"}
    assert wanted <= met, wanted - met


def test_a_broken_rule_tells_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker sees a hub that sends without asking whether it was done."""
    from returns_hub.domain.operations import NotFound
    from returns_hub.flows import operation

    monkeypatch.setattr(operation, "_resolve", lambda *_, **__: None)
    monkeypatch.setattr(operation, "NotFound", NotFound)
    told = next(t for t in map(live_through, range(60)) if t.duplicates)
    assert "twice: " in told.story
    assert f"seed {told.seed}: " in told.story


def test_the_command_lives_through_seeds_side_by_side() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--runs", "4", "--jobs", "2"]
    paths = os.pathsep.join(str(path) for path in (ROOT / "layers" / "shared", ROOT))
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "duplicates 0, losses 0" in done.stdout
