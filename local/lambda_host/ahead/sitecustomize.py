"""Has the hub in an execution environment live by the world's clock (`local/later.py`).

Python loads it before anything else, since its folder is the first on the path. The hub's own clock
is moved, and nothing else: AWS, deadlines and the sources of events keep the machine's time.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from returns_hub.invocation import InvocationClock

CLOCK = Path(os.environ["LOCAL_CLOCK"])
MACHINE = InvocationClock.now


def _now(self: InvocationClock) -> datetime:
    return MACHINE(self) + timedelta(seconds=float(CLOCK.read_text(encoding="utf-8")))


InvocationClock.now = _now  # type: ignore[method-assign]
