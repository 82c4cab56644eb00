"""The world's clock: days go by for simulators and functions, and for nobody's deadline."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.later import AHEAD, HubClock, WorldClock
from local.stack import ROOT

SECOND = timedelta(seconds=60)


def test_days_go_by_for_whoever_lives_by_it(tmp_path: Path) -> None:
    clock = WorldClock(tmp_path / "clock")
    hub = HubClock(clock)
    assert abs(clock() - datetime.now(UTC)) < SECOND

    clock.go_on(days=3)
    clock.go_on(minutes=6)

    wanted = datetime.now(UTC) + timedelta(days=3, minutes=6)
    assert abs(clock() - wanted) < SECOND
    assert abs(hub.now() - wanted) < SECOND
    assert clock.ahead == timedelta(days=3, minutes=6)


def test_a_function_lives_by_it_and_its_deadline_does_not(tmp_path: Path) -> None:
    clock = WorldClock(tmp_path / "clock")
    clock.go_on(days=3)
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import time; from returns_hub.invocation import InvocationClock; "
            "print(InvocationClock().now().timestamp() - time.time())",
        ],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{AHEAD}:{ROOT / 'layers' / 'shared'}",
            "LOCAL_CLOCK": str(clock.path),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert abs(float(told.stdout) - timedelta(days=3).total_seconds()) < SECOND.total_seconds()


def test_a_new_run_begins_at_the_machines_time(tmp_path: Path) -> None:
    WorldClock(tmp_path / "clock").go_on(days=3)

    clock = WorldClock(tmp_path / "clock")

    assert clock.ahead == timedelta()
    assert float(clock.path.read_text(encoding="utf-8")) == 0
