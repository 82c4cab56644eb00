"""Samples where an execution environment spends its processor time.

Python loads it before anything else, since its folder is the first on the path. Every millisecond
of processor time the main thread's stack is counted. SIGUSR1 forgets what was counted; SIGUSR2
writes it to the file that BENCH_STACKS names, one stack a line with its count. Both happen when the
next event comes: until then the thread waits in AWS's runtime client.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.001
STACKS: Counter[tuple[str, ...]] = Counter()


def _sample(_: int, frame: FrameType | None) -> None:
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append(f"{code.co_filename}:{code.co_qualname}")
        frame = frame.f_back
    STACKS[tuple(reversed(stack))] += 1


def _begin(*_: object) -> None:
    """Forget what was counted, e.g. while it started."""
    STACKS.clear()


def _write(*_: object) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    lines = [f"{';'.join(stack)} {count}" for stack, count in STACKS.items()]
    Path(os.environ["BENCH_STACKS"]).write_text("\n".join(lines), encoding="utf-8")


signal.signal(signal.SIGPROF, _sample)
signal.signal(signal.SIGUSR1, _begin)
signal.signal(signal.SIGUSR2, _write)
signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
