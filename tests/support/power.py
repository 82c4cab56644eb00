"""A process that ends at one of its steps, wherever that is, and does nothing more."""

from __future__ import annotations

from typing import Any


class PowerCut(BaseException):
    """The process is gone."""


class Power:
    """Runs out after so many steps, and stays out."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        """One step; the power may be out."""
        self.left -= 1
        if self.left < 0:
            raise PowerCut


class Mains:
    """A store or a partner behind the power: a step before each call takes effect, and one after.

    Only calls named in `calls` are steps; all when there are none.
    """

    def __init__(self, behind: Any, power: Power, *calls: str) -> None:
        self._behind = behind
        self._power = power
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if not callable(found) or (self._calls and name not in self._calls):
            return found

        def guarded(*arguments: Any, **more: Any) -> Any:
            self._power.step()
            answer = found(*arguments, **more)
            self._power.step()
            return answer

        return guarded
