"""EventBridge schedules as a clock that can be sped up."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from local.lambda_host.host import LambdaHost, Throttled
from local.stack import ScheduleSource

MOST_OVERLAPPING = 2
LOOK_AGAIN_SECONDS = 0.05
RETRY_SECONDS = (60.0, 120.0)
"""Lambda's pauses before it repeats a failed asynchronous invocation, where it may."""


class RuleClock:
    """Fires every schedule of a stack, `speed` times as fast as the wall clock.

    As on AWS the invocations are asynchronous: a tick does not wait for the one before. Only where
    the clock is sped up, and ticks take longer than the short time between them, no more than
    `MOST_OVERLAPPING` of a schedule are in work: on AWS they would have minutes.
    """

    def __init__(
        self, schedules: list[ScheduleSource], *, host: LambdaHost, speed: float = 1.0
    ) -> None:
        self._schedules = schedules
        self._host = host
        self.speed = speed
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(schedule,), daemon=True)
            for schedule in schedules
        ]
        self.ticks: dict[str, int] = {schedule.function: 0 for schedule in schedules}
        self.failures: dict[str, int] = {schedule.function: 0 for schedule in schedules}
        self._running: list[threading.Thread] = []

    def start(self) -> None:
        """Let the clock run."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the clock, if it runs, and wait for the invocations in work."""
        self._stopped.set()
        for thread in [*self._threads, *self._running]:
            if thread.is_alive():
                thread.join(timeout=5)

    def _run(self, schedule: ScheduleSource) -> None:
        virtual = datetime.now(UTC)
        due = time.monotonic()
        in_work: list[threading.Thread] = []
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            in_work = [thread for thread in in_work if thread.is_alive()]
            if self.speed > 1 and len(in_work) >= MOST_OVERLAPPING:
                due = time.monotonic() + LOOK_AGAIN_SECONDS
                continue
            invocation = threading.Thread(
                target=self._invoke,
                args=(schedule, scheduled_event(schedule, virtual)),
                daemon=True,
            )
            invocation.start()
            in_work.append(invocation)
            self._running = [t for t in self._running if t.is_alive()] + [invocation]
            virtual += timedelta(seconds=schedule.every_seconds)
            due += schedule.every_seconds / self.speed

    def _invoke(self, schedule: ScheduleSource, event: dict[str, Any]) -> None:
        for attempt in range(schedule.retries + 1):
            try:
                result = self._host.invoke(schedule.function, event)
            except Throttled:
                error = "Throttled"
            else:
                error = result.error
            if not error:
                self.ticks[schedule.function] += 1
                return
            self.failures[schedule.function] += 1
            pause = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)] / self.speed
            if attempt < schedule.retries and self._stopped.wait(pause):
                return


def scheduled_event(schedule: ScheduleSource, at: datetime) -> dict[str, Any]:
    """The event that a scheduled rule sends."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-west-1",
        "resources": [f"arn:aws:events:eu-west-1:000000000000:rule/{schedule.name}"],
        "detail": {},
    }
