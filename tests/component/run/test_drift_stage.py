"""People's hands while drift is planted: one whole run of a flow is one that looked at its list."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local.later import WorldClock
from local.partners import PartnerSimulators
from local.run import drift_stage
from local.run.drift_stage import DriftStage
from local.stack import LocalStackError
from local.world import LocalWorld
from tests.support.fakes import Cursors, TestClock

CURSOR = "sync/unleashed.despatches/example"
EVERY = timedelta(minutes=15)
PARTNERS = ("redo", "mintsoft", "miinto", "unleashed", "wair", "channel")


class Flow(DriftStage):
    """A stage whose messages are taken at once, by a flow with an interval of its own.

    Args:
        clock: The world's.
        failing: How many of its runs fail.
    """

    def __init__(self, clock: WorldClock, failing: int = 0) -> None:
        self.cursors = Cursors(cast("TestClock", SimpleNamespace(now=clock)))
        world = SimpleNamespace(hub=SimpleNamespace(cursors=self.cursors))
        addresses = dict.fromkeys(PARTNERS, "http://127.0.0.1:1")
        partners = cast("PartnerSimulators", SimpleNamespace(addresses=addresses))
        super().__init__(cast("LocalWorld", world), partners, clock)
        self.ran: datetime | None = None
        self.failing = failing
        self.read: list[datetime] = []

    def send(self, queue: str, message: str) -> None:
        lease = self.cursors.acquire(CURSOR, "a function", 60.0)
        assert lease is not None
        now = self.clock()
        if self.ran is not None and now - self.ran < EVERY:
            lease.run.is_idle = True
        elif self.failing:
            self.failing -= 1
            lease.run.failing = "mintsoft.down"
        else:
            lease.run.ended, self.ran = True, now
            self.read.append(now)
        self.cursors.release(lease)

    def asked(self) -> None:
        """Somebody asks for a whole run."""
        self.run("UnleashedSyncQueue", lambda: "{}", CURSOR)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorldClock:
    monkeypatch.setattr(drift_stage, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(drift_stage, "ASK_AGAIN_SECONDS", 0.0)
    return WorldClock(tmp_path / "ahead")


def test_a_run_of_a_moment_ago_is_none_of_what_was_done_since(clock: WorldClock) -> None:
    flow = Flow(clock)
    flow.send("UnleashedSyncQueue", "a tick from before")
    despatched = clock()
    flow.asked()
    assert flow.read[-1] > despatched


def test_a_run_that_fails_is_asked_for_again(clock: WorldClock) -> None:
    flow = Flow(clock, failing=2)
    flow.asked()
    assert len(flow.read) == 1


def test_a_run_that_never_comes_to_its_end_is_told(
    clock: WorldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_stage, "WAIT_SECONDS", 0.05)
    endless: Any = float("inf")
    with pytest.raises(LocalStackError, match="a run of sync/unleashed"):
        Flow(clock, failing=endless).asked()
