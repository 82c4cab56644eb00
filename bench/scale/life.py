"""One merchant's life, measured: what a return asks for, and what an idle hour does.

The simulation runs the real doors, flows and adapters under their policies; nothing goes wrong in
it. What differs between an afternoon with returns and the same without, divided by the returns, is
what a return asks for. Each return has one line, is told by a thin message as the webhook's door
makes it, delivered, booked in whole an hour later, processed, and checked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self

from bench.scale.meter import metered, size
from tests.simulation.lambdas import Function
from tests.simulation.scenario import STARTS, Line, ReturnPlan, Scenario
from tests.simulation.world import Simulation

HOUR = 3600.0
AFTERNOON = 6 * HOUR
APPROVED_WITHIN = 2 * HOUR
BOOKED_IN_AFTER = HOUR
LOG_FRAME = 130
"""Bytes of a log line beside its message and data: level, place, time, service."""
METRIC_FRAME = 230
"""Bytes of a metric's line in CloudWatch's embedded format beside name and dimensions."""


Finds = Literal["list", "due_ids"]
"""How receipts are found: by a list of what changed, or by reading each open record."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, as numbers that can be added and divided."""

    dynamodb_requests: float = 0.0
    read_units: float = 0.0
    write_units: float = 0.0
    messages: float = 0.0
    postponements: float = 0.0
    invocations: float = 0.0
    invocation_seconds: float = 0.0
    portal_calls: float = 0.0
    warehouse_calls: float = 0.0
    log_bytes: float = 0.0
    stored_bytes: float = 0.0

    def __sub__(self, other: Self) -> Self:
        return self._each(other, lambda mine, theirs: mine - theirs)

    def __truediv__(self, by: float) -> Self:
        return self._each(self, lambda mine, _: mine / by)

    def _each(self, other: Self, do: Callable[[float, float], float]) -> Self:
        made = {f.name: do(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return replace(self, **made)


class Afternoon(Simulation):
    """Six hours of one merchant, in which nothing goes wrong."""

    page = 100

    def __init__(self, returns: int, finds: Finds = "list") -> None:
        self.finds = finds
        plans = tuple(_plan(number, returns) for number in range(1, returns + 1))
        scenario = Scenario(
            seed=1,
            start=STARTS[0],
            returns=plans,
            faults_end=AFTERNOON,
            returns_list="honoured" if finds == "list" else "absent",
            catch_up=True,
            watched=True,
        )
        super().__init__(scenario)
        self.meter = metered(self.dynamodb)
        self.invocations = 0
        self.invocation_seconds = 0.0
        for function in vars(self).values():
            if isinstance(function, Function):
                self._watch(function)

    def _watch(self, function: Function) -> None:
        work = function._work

        def counted(event: dict[str, Any], done: Callable[[Any], None]) -> None:
            self.invocations += 1
            began = self.scheduler.seconds
            work(event, done)
            self.invocation_seconds += self.scheduler.seconds - began

        function._work = counted  # type: ignore[method-assign]

    def merchant_content(self, merchant: str) -> dict[str, Any]:
        content = super().merchant_content(merchant)
        content["flows"]["process_receipts"]["strategy"] = self.finds
        return content

    def _is_over(self) -> bool:
        return self.scheduler.seconds >= AFTERNOON

    def asked(self) -> Asked:
        """What was asked for so far."""
        lines = self.telemetry.lines
        calls = Counter(str(told["partner"]) for word, told in lines if word == "partner call")
        logged = sum(
            LOG_FRAME + len(word) + len(json.dumps(told, default=str)) for word, told in lines
        )
        counted = sum(
            METRIC_FRAME + len(name) + 2 * sum(map(len, (*given, *given.values())))
            for name, _, given in self.telemetry.counts
        )
        stored = sum(
            size(item) for table in self.dynamodb.tables.values() for item in table.items.values()
        )
        return Asked(
            dynamodb_requests=self.meter.requests.total(),
            read_units=self.meter.reads,
            write_units=self.meter.writes,
            messages=sum(queue._sent for queue in self.queues.values()),
            invocations=self.invocations,
            invocation_seconds=self.invocation_seconds,
            portal_calls=calls["redo"],
            warehouse_calls=calls["mintsoft"],
            log_bytes=logged + counted,
            stored_bytes=stored,
        )


@dataclass(frozen=True)
class Measured:
    """One return's share, and one merchant's idle hour."""

    of_a_return: Asked
    idle_hour: Asked


def measure(returns: int = 240, finds: Finds = "list") -> Measured:
    """Live through both afternoons; some seconds of processor.

    Raises:
        RuntimeError: Not every return was processed, so the figures would mean nothing.
    """
    idle = Afternoon(0, finds).run().asked()
    busy = Afternoon(returns, finds)
    busy.run()
    done = len(busy.redo["alpha"].books.submissions)
    if done < returns or busy.faults:
        raise RuntimeError(f"{done} of {returns} returns were processed; {busy.faults[:3]}")
    return Measured((busy.asked() - idle) / returns, idle / (AFTERNOON / HOUR))


def _plan(number: int, of: int) -> ReturnPlan:
    return ReturnPlan(
        number=number,
        merchant="alpha",
        approved_at=number * APPROVED_WITHIN / of,
        lines=(Line("TEE"),),
        message_delays=(0.1,),
        with_body=False,
        received=((BOOKED_IN_AFTER, None),),
    )
