"""What goes wrong on demand: rules that match requests and change what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from local.simulators.wire import Reply, Request, WireFault

CLOUDFLARE = (
    b"<!DOCTYPE html><html><head><title>Access denied | Error 1015</title></head>"
    b"<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"
)
HTML_ERROR = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class FaultKind(StrEnum):
    """The faults. ``…_after`` means that the request was carried out all the same."""

    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    TIMEOUT_AFTER = "timeout_after"
    SLOW_DRIP = "slow_drip"
    HTTP_429 = "http_429"
    HTML_429 = "html_429"
    HTML_ERROR = "html_error"
    HTML_200_AFTER = "html_200_after"
    CUT_OFF_AFTER = "cut_off_after"
    UNAUTHORISED = "unauthorised"
    FAILURE_200 = "failure_200"
    FAILURE_200_AFTER = "failure_200_after"


UNDER_200 = frozenset({FaultKind.FAILURE_200, FaultKind.FAILURE_200_AFTER})
"""Only of a partner that says under HTTP 200 that something failed."""


AsError = Callable[[int], Reply]
"""A partner's reply of an error of its own."""


def plain_error(status: int) -> Reply:
    """An error as JSON without a form of its own."""
    return Reply(status, {"Content-Type": "application/json"}, b'{"Message":"An error"}')


@dataclass
class Fault:
    """A rule.

    Args:
        kind: What happens.
        path: Regular expression searched in the path.
        method: Only this method; empty for any.
        times: How often it happens; None for ever.
        after: So many matching requests pass first.
        seconds: For what is slow.
        retry_after: The header's value with ``http_429``; None for none.
    """

    kind: FaultKind
    path: str = ""
    method: str = ""
    times: int | None = 1
    after: int = 0
    seconds: float = 1.0
    retry_after: str | None = None

    def matches(self, request: Request) -> bool:
        """Whether it is this request's turn."""
        if self.method and self.method != request.method:
            return False
        return re.search(self.path, request.path) is not None


class FaultPlan:
    """The rules in force, first match first.

    Args:
        as_error: How this partner says that something is wrong.
    """

    def __init__(self, as_error: AsError = plain_error) -> None:
        self._as_error = as_error
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a rule."""
        self._faults.append(replace(fault))

    def clear(self) -> None:
        """Drop all rules."""
        self._faults.clear()

    def _next(self, request: Request) -> Fault | None:
        for fault in self._faults:
            if fault.times == 0 or not fault.matches(request):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def serve(self, request: Request, carry_out: Callable[[Request], Reply]) -> Reply:
        """Carry the request out, or spoil it as the rules say."""
        fault = self._next(request)
        if fault is None:
            return carry_out(request)
        spoiled = _instead(fault, self._as_error)
        if spoiled is not None:
            return spoiled
        return _afterwards(fault, carry_out(request), self._as_error)


def _instead(fault: Fault, as_error: AsError) -> Reply | None:
    """The reply of a fault that keeps the request from being carried out."""
    match fault.kind:
        case FaultKind.RESET_BEFORE:
            return Reply(0, wire=WireFault.RESET)
        case FaultKind.ERROR_500_BEFORE:
            return as_error(500)
        case FaultKind.HTTP_429:
            wait = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
            asks = as_error(429)
            return replace(asks, headers={**asks.headers, **wait})
        case FaultKind.HTML_429:
            return Reply(429, {"Content-Type": "text/html", "Retry-After": "0"}, CLOUDFLARE)
        case FaultKind.HTML_ERROR:
            return Reply(502, {"Content-Type": "text/html"}, HTML_ERROR)
        case FaultKind.UNAUTHORISED:
            return as_error(401)
        case FaultKind.FAILURE_200:
            return as_error(200)
        case _:
            return None


def _afterwards(fault: Fault, reply: Reply, as_error: AsError) -> Reply:
    """The reply of a fault that spoils the answer only."""
    match fault.kind:
        case FaultKind.RESET_AFTER:
            return replace(reply, wire=WireFault.RESET)
        case FaultKind.ERROR_500_AFTER:
            return as_error(500)
        case FaultKind.TIMEOUT_AFTER:
            return replace(reply, wire=WireFault.LATE, seconds=fault.seconds)
        case FaultKind.SLOW_DRIP:
            return replace(reply, wire=WireFault.SLOW_DRIP, seconds=fault.seconds)
        case FaultKind.HTML_200_AFTER:
            return Reply(200, {"Content-Type": "text/html"}, HTML_ERROR)
        case FaultKind.CUT_OFF_AFTER:
            return replace(reply, wire=WireFault.CUT_OFF)
        case FaultKind.FAILURE_200_AFTER:
            return as_error(200)
        case _:
            return reply
