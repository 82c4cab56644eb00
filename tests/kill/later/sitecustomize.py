"""Read by every function process of the kill tests: its clock can be put forward.

Waiting for a claim's lease to end takes minutes. The hub asks one clock for the time, so putting
that one forward in every function process is what waiting would be to leases, ages of claims and
caches, and to what a stopped process remembers of its own lease: moving rows in a table would leave
that out. The time that an invocation has left, HTTP timeouts and the partners stay in real time.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from returns_hub import invocation

_WAITED = Path(os.environ["KILL_TESTS_WAITED"])
_real = invocation.InvocationClock.now


def _later(clock: invocation.InvocationClock) -> datetime:
    return _real(clock) + timedelta(seconds=float(_WAITED.read_text(encoding="ascii")))


invocation.InvocationClock.now = _later  # type: ignore[method-assign, assignment]
