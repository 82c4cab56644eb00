"""What every core of a simulator does with a request: admin, faults, and its own answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Protocol

from local.simulators.admin import PREFIX, CallLog, serve_admin
from local.simulators.faults import FaultPlan
from local.simulators.wire import Reply, Request


class Serving(ABC):
    """The part of a core that serves; it has to have `faults` and `calls`."""

    faults: FaultPlan
    calls: CallLog

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        self._settle()
        if request.path.startswith(PREFIX):
            return serve_admin(
                request, faults=self.faults, calls=self.calls, actions=self._admin_actions()
            )
        reply = self._in_form(request, self.faults.serve(request, self._carry_out))
        self.calls.note(request, reply)
        return reply

    def _settle(self) -> None:  # noqa: B027 - few cores have anything that time makes due
        """Do what time has made due."""

    def _in_form(self, request: Request, reply: Reply) -> Reply:
        """The reply in the form that was asked for."""
        return reply

    @abstractmethod
    def _carry_out(self, request: Request) -> Reply:
        """The partner's own answer."""

    @abstractmethod
    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        """Name -> an action of the simulator's own; see `admin.serve_admin`."""


class Administered(Protocol):
    """A core that is seeded, set and looked at while it serves."""

    settings: Any

    def seed(self, content: Any) -> None:
        """Take in what a test or a person gives."""

    def all_books(self) -> dict[str, Any]:
        """What really happened."""


def usual_actions(core: Administered) -> dict[str, Callable[[Any], Any]]:
    """The actions that most simulators have: ``books``, ``seed`` and ``settings``."""

    def seed(content: Any) -> Any:
        core.seed(content)
        return {"ok": True}

    def settings(content: Any) -> Any:
        core.settings = replace(core.settings, **(content or {}))
        return asdict(core.settings)

    return {"books": lambda _: core.all_books(), "seed": seed, "settings": settings}
