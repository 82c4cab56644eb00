"""How long a run waits, and what it says of a standstill.

A slow machine is only slow: what counts is the time since something last changed.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.world import LocalWorld

STILL_SECONDS = 90.0
"""So long nothing may change: more than a cold start and the longest handler of an approved
return (10 and 60 seconds)."""
LONGEST_SECONDS, LONGEST_EACH = 300.0, 1.0
"""The hard end of a run: seconds, and so many more for each return. An idle machine takes less than
60, and a tenth for each."""


class Patience:
    """Ends when nothing has changed for long, or at the hard end; and then stays at an end."""

    def __init__(self, returns: int) -> None:
        self._began = self._changed = time.monotonic()
        self._longest = LONGEST_SECONDS + returns * LONGEST_EACH
        self._before: object = None
        self.why = ""

    @property
    def is_out(self) -> bool:
        """Whether it came to an end."""
        return bool(self.why)

    def lasts(self, state: object) -> bool:
        """Whether to go on waiting, now that this is what can be seen."""
        now = time.monotonic()
        if state != self._before:
            self._before, self._changed = state, now
        if now - self._began > self._longest:
            self.why = self.why or f"not at rest after {self._longest:.0f} s"
        elif now - self._changed > STILL_SECONDS:
            self.why = self.why or f"nothing changed for {STILL_SECONDS:.0f} s"
        return not self.why


def standstill(world: LocalWorld, logs: Path, runs: Mapping[str, int]) -> Iterator[str]:
    """What still waits, and what failed: counts and kinds of errors, nothing of a return.

    Args:
        world: The running world.
        logs: Its functions' logs.
        runs: Each merchant's runs over receipts so far.
    """
    for source in world.stack.queue_sources():
        visible, in_work, delayed = world.waiting_how(source.queue)
        if visible or in_work or delayed:
            yield (
                f"{source.queue}: {visible} messages visible, {in_work} in work or waiting for "
                f"another try, {delayed} delayed"
            )
    for merchant, count in runs.items():
        yield f"{merchant}: {count} runs over receipts so far"
    nothing = True
    for (function, kind), count in sorted(world.host.failures.items()):
        nothing = False
        yield f"{function}: invocations that failed with {kind}: {count}"
    for (function, kind), count in sorted(faults(logs).items()):
        nothing = False
        yield f"{function}: faults in its log of kind {kind}: {count}"
    if nothing:
        yield "no invocation failed, and no function logged a fault"


def faults(logs: Path) -> Counter[tuple[str, str]]:
    """(function, type of the error) -> how often it is a fault in the function's logs.

    Only the type is taken: an error's words may tell of a person.
    """
    found: Counter[tuple[str, str]] = Counter()
    for path in logs.glob("*.log"):
        function = path.name.split(".")[0]
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if '"message":"fault"' in line:
                found[function, _kind(line)] += 1
    return found


def _kind(line: str) -> str:
    """The type in a line; a process that was killed may have left half of one."""
    try:
        return str(json.loads(line)["data"]["fault"])
    except (ValueError, KeyError, TypeError):
        return "unknown"
