"""What really happened at a portal, beyond what its simulator counts; for the rules alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.simulators.clock import moment_of
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Reply, Request

STATUS = re.compile(r"/v2\.2/returns/([^/]+)/status")


@dataclass(frozen=True)
class StatusChange:
    """A return's status was set, by a call of the API or otherwise."""

    at: float
    return_id: str
    status: str
    by_api: bool


@dataclass(frozen=True)
class WebhookWrite:
    """A write to the subscriptions that was carried out; whether it changed any of them."""

    at: float
    method: str
    path: str
    asked: str
    changed: bool

    @property
    def is_replay(self) -> bool:
        """Whether it asked to be told again."""
        return self.path.endswith("/replay")


@dataclass
class PortalBooks:
    """Watches one portal's simulator.

    Args:
        versions: Every version that a return ever had.
        statuses: Every change of a status.
        webhook_writes: Every write to the subscriptions.
    """

    redo: RedoSimulator
    seconds: Callable[[], float]
    versions: set[tuple[str, datetime]] = field(default_factory=set)
    statuses: list[StatusChange] = field(default_factory=list)
    webhook_writes: list[WebhookWrite] = field(default_factory=list)
    _puts: bool = False

    def __post_init__(self) -> None:
        self._carry_out = self.redo._carry_out
        self._changed = self.redo.webhooks.changed
        self.redo._carry_out = self._carried_out  # type: ignore[method-assign]
        self.redo.webhooks.changed = self._noted  # type: ignore[method-assign]

    def _noted(self, found: dict[str, Any], order: Any, kind: Any) -> None:
        self.versions.add((found["id"], moment_of(found["updatedAt"])))
        change = StatusChange(self.seconds(), found["id"], found["status"], self._puts)
        self.statuses.append(change)
        self._changed(found, order, kind)

    def _carried_out(self, request: Request) -> Reply:
        if request.method == "GET":
            return self._carry_out(request)
        self._puts = STATUS.fullmatch(request.path) is not None
        before = deepcopy(self.redo.webhooks.subscriptions)
        reply = self._carry_out(request)
        self._puts = False
        if "/webhooks" in request.path and reply.status < 300:
            changed = _kept(before) != _kept(self.redo.webhooks.subscriptions)
            asked = request.body.decode() if request.path.endswith("/replay") else ""
            write = WebhookWrite(self.seconds(), request.method, request.path, asked, changed)
            self.webhook_writes.append(write)
        return reply


def _kept(subscriptions: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (found.url, found.token, found.kind, found.external_id)
        for name, found in subscriptions.items()
    }
