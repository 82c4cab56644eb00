"""The wire to the partners' simulators: late, lost, doubled, cut off, or silent."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from local.simulators.faults import Fault, FaultKind
from local.simulators.wire import Core, Reply, Request
from tests.simulation.scenario import PartnerFaults
from tests.simulation.schedule import Crash, Scheduler
from tests.support.in_process import refused_connection, request_of, response_of

if TYPE_CHECKING:
    from tests.simulation.environment import Environment

LATEST_COMMIT = 28.0
"""Seconds from sending to the partner's commit: less than `flows.world.REQUEST_SECONDS`."""
SPOILED = (
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.ERROR_500_AFTER,
    FaultKind.SLOW_DRIP,
    FaultKind.HTTP_429,
    FaultKind.HTML_429,
    FaultKind.HTML_ERROR,
    FaultKind.HTML_200_AFTER,
    FaultKind.CUT_OFF_AFTER,
    FaultKind.UNAUTHORISED,
)


@dataclass
class Partner:
    """One partner's address, its simulator and its manners."""

    core: Core
    faults: PartnerFaults
    add_fault: Callable[[Fault], None]
    refusals: bool = False
    seen: dict[str, tuple[float, Reply]] = field(default_factory=dict)


class PartnerWire:
    """Carries requests of every environment to the simulators."""

    def __init__(
        self,
        scheduler: Scheduler,
        dice: random.Random,
        note: Callable[[str, str], None],
    ) -> None:
        self.scheduler = scheduler
        self.dice = dice
        self.note = note
        self.partners: dict[str, Partner] = {}

    def stop_faults(self) -> None:
        """From now on all is well."""
        for partner in self.partners.values():
            partner.faults = PartnerFaults(clock_off=partner.faults.clock_off)

    def adapter(self, environment: Environment) -> BaseAdapter:
        """The adapter for one environment's sessions."""
        return _Adapter(self, environment)


class _Adapter(BaseAdapter):
    def __init__(self, wire: PartnerWire, environment: Environment) -> None:
        super().__init__()
        self._wire = wire
        self._environment = environment

    def close(self) -> None:
        return

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        wire, environment = self._wire, self._environment
        parts = urlsplit(str(request.url))
        partner = wire.partners[str(parts.netloc)]
        asked = request_of(request)
        before, after = environment.weather.power.next()
        if before or environment.weather.happens(environment.weather.process.crash / 2):
            raise Crash("before")
        manners, allowed = partner.faults, float(timeout[1])
        if _away(manners, wire.scheduler.seconds):
            return self._in_outage(partner, asked, allowed)
        if wire.dice.random() < manners.rate * 0.15:
            environment.wait(0.01)
            raise refused_connection()
        reply, answered_at = self._carry(partner, asked, manners)
        if answered_at > allowed:
            environment.wait(allowed)
            raise requests.exceptions.ReadTimeout("Read timed out.")
        environment.wait(answered_at)
        if after or environment.weather.happens(environment.weather.process.crash / 2):
            raise Crash("after")
        drip = _Drip(reply[0].body, reply[0].seconds, environment)
        return response_of(request, reply[0], drip)

    def _carry(
        self, partner: Partner, asked: Request, manners: PartnerFaults
    ) -> tuple[list[Reply], float]:
        """Send it on its way, whatever becomes of the sender; where and when its reply will lie."""
        wire, dice = self._wire, self._wire.dice
        fault = dice.choice(SPOILED) if dice.random() < manners.rate else None
        slow = dice.random() < manners.slow
        commits_at = dice.uniform(1, LATEST_COMMIT) if slow else dice.uniform(0.02, 0.3)
        answered_at = commits_at + (dice.uniform(0, 20) if slow else dice.uniform(0.01, 0.1))
        replies: list[Reply] = []
        refuses = partner.refusals and fault is not None and dice.random() < 0.1

        def commit() -> None:
            replies.append(self._serve(partner, asked, fault, refuses=refuses))

        wire.scheduler.after(commits_at, commit)
        return replies, answered_at

    def _serve(
        self, partner: Partner, asked: Request, fault: FaultKind | None, *, refuses: bool
    ) -> Reply:
        wire = self._wire
        now = wire.scheduler.seconds
        known = partner.seen.get(f"{asked.path}?{sorted(asked.query.items())}")
        if asked.method == "GET" and known and now - known[0] < partner.faults.stale_seconds:
            return known[1]
        if refuses and asked.path.endswith("CreateExternalReturn"):
            wire.note("mintsoft", "refused a create with HTTP 200 and Success: false")
            return Reply(200, {}, json.dumps({"ID": 0, "Success": False, "Message": "x"}).encode())
        if fault is not None:
            kind = FaultKind.RESET_AFTER if fault is FaultKind.TIMEOUT_AFTER else fault
            wait = wire.dice.choice((None, "0", "7", "soon"))
            partner.add_fault(Fault(kind, retry_after=wait, seconds=wire.dice.uniform(1, 40)))
        reply = partner.core.handle(asked)
        if asked.method != "GET":
            told = f"{fault.value if fault else reply.status}"
            wire.note(self._environment.name, f"{asked.method} {asked.path} -> {told}")
        elif fault is None and reply.status == 200:
            partner.seen[f"{asked.path}?{sorted(asked.query.items())}"] = (now, reply)
        return reply

    def _in_outage(self, partner: Partner, asked: Request, allowed: float) -> requests.Response:
        """Away altogether: nobody listens, a gateway answers, or nothing comes back."""
        roll = self._wire.dice.random()
        if roll < 0.4:
            self._environment.wait(0.01)
            raise refused_connection()
        if roll < 0.7:
            self._environment.wait(allowed)
            raise requests.exceptions.ReadTimeout("Read timed out.")
        self._environment.wait(0.05)
        away = Reply(503, {"Content-Type": "text/html"}, b"<html>")
        return response_of(requests.PreparedRequest(), away)


def _away(manners: PartnerFaults, seconds: float) -> bool:
    return any(begins <= seconds < ends for begins, ends in manners.outages)


class _Drip(BytesIO):
    """A body in ten parts, each some seconds after the last."""

    def __init__(self, body: bytes, seconds: float, environment: Environment) -> None:
        super().__init__(body)
        self._part = max(1, len(body) // 10)
        self._pause = seconds / 10
        self._environment = environment

    def read1(self, size: int | None = -1, /) -> bytes:
        self._environment.wait(self._pause)
        return super().read1(self._part)
