"""A budget of partner calls, for work that must leave most of a partner's rate to the live flow."""

from __future__ import annotations

from returns_hub.adapters.http.gate import Gate
from returns_hub.adapters.http.pace import Pace
from returns_hub.ports import Clock


class CallBudget:
    """At most so many calls a minute, over everything that one piece of work makes or causes.

    Args:
        calls_per_minute: How many.
        clock: Tells the time, and waits.
    """

    def __init__(self, calls_per_minute: float, clock: Clock) -> None:
        self._pace = Pace(calls_per_minute / 60, clock)

    def take(self, calls: int = 1) -> None:
        """Wait until so many calls fit."""
        for _ in range(calls):
            self._pace.wait(float("inf"))

    def before(self, gate: Gate) -> Gate:
        """A gate that takes its turns out of this budget first."""
        return _Budgeted(self, gate)


class _Budgeted:
    def __init__(self, budget: CallBudget, gate: Gate) -> None:
        self._budget = budget
        self._gate = gate

    def wait(self, most: float) -> None:
        """See `Gate.wait`. The budget's turn may take longer than `most`: nothing waits for it."""
        self._budget.take()
        self._gate.wait(most)

    def answered(self) -> None:
        """See `Gate.answered`."""
        self._gate.answered()

    def away(self) -> None:
        """See `Gate.away`."""
        self._gate.away()

    def told_to_wait(self, seconds: float) -> None:
        """See `Gate.told_to_wait`."""
        self._gate.told_to_wait(seconds)

    def require_open(self) -> None:
        """See `Gate.require_open`."""
        self._gate.require_open()
