"""A long outage with many returns waiting: python -m tests.simulation.pressure [--returns N]

Mintsoft is away for a day. One merchant's returns wait; another merchant, whose warehouse is there,
goes on as ever. Afterwards the backlog drains at the configured rate.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.simulation.scenario import STARTS, Line, PartnerFaults, ReturnPlan, Scenario
from tests.simulation.world import Simulation

HOUR = 3600.0
RATE = 10.0
CALLS_OF_REDO = 2
"""For each return: reading it, and the comment. Of Mintsoft it takes one."""
WAITING, GOING = "alpha", "beta"
EVERY = 1800.0
"""Seconds between two returns of the merchant that goes on."""


class Outage(Simulation):
    """Mintsoft is away for one merchant, for some hours from the start."""

    def __init__(self, scenario: Scenario, hours: float) -> None:
        self.hours = hours
        self.calls: Counter[tuple[str, int]] = Counter()
        super().__init__(scenario)
        away = PartnerFaults(outages=((0.0, hours * HOUR),))
        for name, faults in ((WAITING, away), (GOING, PartnerFaults())):
            partner = type(self.wire.partners["mintsoft.test"])(
                self.mintsoft, faults, self.mintsoft.faults.add
            )
            self.wire.partners[f"mintsoft-{name}.test"] = partner

    def merchant_content(self, merchant: str) -> dict[str, Any]:
        content = super().merchant_content(merchant)
        content["mintsoft"] |= {
            "base_url": f"https://mintsoft-{merchant}.test",
            "requests_per_second": RATE,
        }
        content["redo"]["requests_per_second"] = RATE
        content["flows"]["process_receipts"] = {"mode": "off"}
        return content

    def _all_is_well(self) -> None:
        """The outage ends by itself."""

    def _is_over(self) -> bool:
        over = self.scheduler.seconds > self.hours * HOUR
        return over and not self.queues["approved-returns"].messages


@dataclass(frozen=True)
class Result:
    """What became of it."""

    returns: int
    made: int
    doubled: int
    parked: int
    dead: int
    most_receives: int
    deliveries: int
    calls_while_away: int
    drained_in: float
    ideal: float
    slowest_of_the_other: float
    most_in_ten_seconds: int


def live_through(returns: int, hours: float = 24.0) -> Result:
    """Live through an outage of so many hours with so many returns waiting."""
    plans = [_plan(n, WAITING, n * HOUR / returns) for n in range(1, returns + 1)]
    others = int(hours * HOUR / EVERY)
    plans += [_plan(returns + n, GOING, n * EVERY) for n in range(1, others + 1)]
    scenario = Scenario(
        seed=1,
        start=STARTS[0],
        merchants=(WAITING, GOING),
        returns=tuple(plans),
        faults_end=hours * HOUR,
    )
    run = Outage(scenario, hours)
    sent: list[float] = []
    away = [0]
    _watch_calls(run, sent, away)
    receives: Counter[int] = Counter()
    _watch_receives(run, receives)
    run.run()
    made = Counter(record.client_id for record in run.mintsoft.returns.values())
    markers = Counter(r.rows[0].comments for r in run.mintsoft.returns.values())
    states = [run.returns.load(p.merchant, p.return_id) for p in plans]
    waits = [_wait(run, plan) for plan in plans if plan.merchant == GOING]
    return Result(
        returns=len(plans),
        made=made.total(),
        doubled=sum(count - 1 for count in markers.values()),
        parked=sum(state.is_parked for state in states),
        dead=len(run.queues["approved-returns"].dead),
        most_receives=max(receives),
        deliveries=receives.total(),
        calls_while_away=away[0],
        drained_in=run.scheduler.seconds - hours * HOUR,
        ideal=returns * CALLS_OF_REDO / RATE,
        slowest_of_the_other=max(waits),
        most_in_ten_seconds=max(Counter(int(at / 10) for at in sent).values()),
    )


def _plan(number: int, merchant: str, at: float) -> ReturnPlan:
    return ReturnPlan(
        number=number,
        merchant=merchant,
        approved_at=at,
        lines=(Line("TEE"),),
        message_delays=(0.1,),
        with_body=False,
        received=(),
    )


def _watch_calls(run: Outage, sent: list[float], away: list[int]) -> None:
    """When the waiting merchant's portal was asked, and how often its warehouse while away."""
    redo = run.redo[WAITING]
    handle = redo.handle

    def counted(request: Any) -> Any:
        sent.append(run.scheduler.seconds)
        return handle(request)

    redo.handle = counted  # type: ignore[method-assign]
    lines = run.telemetry.log

    def log(message: str, **fields: object) -> None:
        mine = message == "partner call" and fields["partner"] == "mintsoft"
        if (mine and not isinstance(fields["answer"], int)) or (mine and fields["answer"] == 503):
            away[0] += 1

    del lines
    run.telemetry.log = log  # type: ignore[method-assign]
    run.telemetry.count = lambda *_, **__: None  # type: ignore[method-assign]


def _watch_receives(run: Outage, receives: Counter[int]) -> None:
    queue = run.queues["approved-returns"]
    receive = queue._receive

    def counted(message: Any) -> None:
        receives[message.receives + 1] += 1
        receive(message)

    queue._receive = counted


def _wait(run: Simulation, plan: ReturnPlan) -> float:
    """Seconds from approval to the record; a day and more when there is none."""
    state = run.returns.load(plan.merchant, plan.return_id)
    made = state.shipments[0].external_return_id if state.shipments else None
    record = run.mintsoft.returns.get(made or 0)
    if record is None:
        return float("inf")
    return (record.created_at - run.scenario.start).total_seconds() - plan.approved_at


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="pressure", description=__doc__)
    parser.add_argument("--returns", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=24.0)
    given = parser.parse_args()
    print(  # noqa: T201 - a command's answer
        f"{given.returns} returns wait through {given.hours:.0f} h; this takes some minutes",
        file=sys.stderr,
    )
    began = time.monotonic()
    result = live_through(given.returns, given.hours)
    for name, value in vars(result).items():
        print(f"{name.replace('_', ' '):24} {value:,.0f}")  # noqa: T201
    print(f"{'wall seconds':24} {time.monotonic() - began:,.0f}")  # noqa: T201
    lost = result.returns - result.made
    return 1 if lost or result.doubled or result.dead else 0


if __name__ == "__main__":
    sys.exit(main())
