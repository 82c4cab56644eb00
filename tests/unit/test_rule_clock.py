"""The clock of schedules, where it is sped up."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from local.sources.rules import RuleClock
from local.stack import ScheduleSource


class SlowHost:
    """Invocations that end when they are let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.go = threading.Event()

    def invoke(self, _function: str, _event: dict[str, Any]) -> Any:
        with self._lock:
            self.begun += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.go.wait(5)
        with self._lock:
            self._at_once -= 1
        return SimpleNamespace(error="")


def _until(what: Any) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        if what():
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("speed", [30_000.0])
def test_ticks_of_a_fast_clock_do_not_pile_up(speed: float) -> None:
    host: Any = SlowHost()
    every = ScheduleSource(name="rule", function="F", every_seconds=300, retries=0)
    clock = RuleClock([every], host=host, speed=speed)
    clock.start()
    assert _until(lambda: host.begun == 2)
    time.sleep(0.2)  # twenty ticks' time
    assert host.begun == 2
    host.go.set()
    assert _until(lambda: host.begun > 2 + 3)
    clock.stop()
    assert host.most_at_once == 2
