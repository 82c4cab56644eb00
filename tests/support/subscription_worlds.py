"""A portal's subscription, whoever harms it, and looks that end for good."""

from __future__ import annotations

from typing import Any

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.deliveries import Subscription
from returns_hub.errors import Verdict
from returns_hub.flows.subscription import (
    check,
    check_failed,
)
from tests.support.worlds import Bench

URL = "https://hub.example.test/webhooks/redo/example"
OURS = "returns-hub/stack/example"
TOKEN = "first-token-of-deliveries-0123456789"
OTHER = "other-token-of-deliveries-0123456789"


class Guard:
    """A bench with a token set; what the portal has, and what was asked of it."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.secrets.values["example", "redo-webhook"] = {"token": TOKEN}
        self.portal = self.bench.redo.webhooks

    def check(self) -> str:
        return check(self.bench.webhook())

    def try_check(self) -> str:
        """As the schedule does."""
        try:
            return self.check()
        except Verdict as verdict:
            check_failed(self.bench.world(), verdict)
            return verdict.code

    def later(self, **by: float) -> None:
        self.bench.clock.advance(**(by or {"minutes": 15}))

    @property
    def all(self) -> list[Subscription]:
        return list(self.portal.subscriptions.values())

    @property
    def ours(self) -> Subscription:
        (found,) = [s for s in self.all if s.external_id == OURS]
        return found

    @property
    def secret(self) -> dict[str, str]:
        return self.bench.secrets.values["example", "redo-webhook"]

    def writes(self) -> list[str]:
        return [r.method for r in self.bench.to_redo.requests if r.method != "GET"]

    def replays(self) -> list[str]:
        return [asked["start"] for asked in self.portal.replays]

    def fault(self, kind: FaultKind, method: str, path: str = "webhooks", **more: Any) -> None:
        self.bench.redo.faults.add(Fault(kind, path=path, method=method, **more))

    def total(self, metric: str) -> float:
        return self.bench.telemetry.total(metric)


def harm(guard: Guard, how: str) -> None:
    ours = guard.ours
    if how == "lost":
        guard.portal.remove(ours.id)
    elif how == "url":
        ours.url = "https://elsewhere.example.test/x"
    elif how == "token":
        ours.token = OTHER
    elif how == "no token":
        ours.token = None
    elif how == "dialect":
        ours.kind = "loop"


HARMS = ["lost", "url", "token", "no token", "dialect"]


class Stopped(BaseException):
    """The environment is gone: nothing of ours runs any more, no clean-up either."""


def stopping_at(whole: Guard, position: int) -> None:
    """A look that ends for good at its n-th write to the ledger or the cursor, before or after."""
    bench, left = whole.bench, [position]
    real = (bench.ledger.claim, bench.ledger.settle, bench.cursors.advance, bench.cursors.release)

    def stopping(call: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            answer = call(*given, **named)
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            return answer

        return made

    bench.ledger.claim = stopping(real[0])  # type: ignore[method-assign]
    bench.ledger.settle = stopping(real[1])  # type: ignore[method-assign]
    bench.cursors.advance = stopping(real[2])  # type: ignore[method-assign]
    # A stopped process releases nothing: its lease ends by itself.
    bench.cursors.release = lambda lease: None if left[0] == 0 else real[3](lease)  # type: ignore[method-assign]
    try:
        check(bench.webhook())
    finally:
        bench.ledger.claim, bench.ledger.settle = real[0], real[1]  # type: ignore[method-assign]
        bench.cursors.advance, bench.cursors.release = real[2], real[3]  # type: ignore[method-assign]
