"""What every core of a simulator does with a request: admin, faults, and its own answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.admin import PREFIX, CallLog, serve_admin
from local.simulators.faults import FaultPlan
from local.simulators.wire import Reply, Request


class Serving:
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

    def _settle(self) -> None:
        """Do what time has made due."""

    def _in_form(self, request: Request, reply: Reply) -> Reply:
        """The reply in the form that was asked for."""
        return reply

    def _carry_out(self, request: Request) -> Reply:
        """The partner's own answer."""
        raise NotImplementedError

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        """Name -> an action of the simulator's own; see `admin.serve_admin`."""
        raise NotImplementedError
