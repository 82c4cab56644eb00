"""A local world whose time is moved by hand: between two steps nobody works.

The functions are the real ones in processes of their own, their logs are read as CloudWatch reads
them, and the template's alarms are evaluated at every minute that a step passes over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from local.cloudwatch.alarms import Alarms, AlarmState
from local.cloudwatch.clock import WorldTime
from local.cloudwatch.emf import LogFollower
from local.cloudwatch.metrics import MetricStore
from local.cloudwatch.of_aws import OfHttpApis, OfLambda, OfSqs
from local.cloudwatch.watch import queues_of
from local.later import WorldClock
from local.partners import PartnerSimulators, partner_simulators
from local.sources.rules import scheduled_event
from local.stack import FunctionSpec
from local.world import LocalWorld, apply_merchants, local_world, set_sample_secrets

AT_ONCE = 3
"""Ticks that are in work at a time; a machine of two cores is no faster with more."""
PATIENCE = 30.0
BROKEN = """
def handler(event, context):
    raise RuntimeError("a release that fails at every event")
"""
MISTAKEN = """
import os
from returns_hub.bootstrap import hub
from returns_hub.flows import receive_approved_return

def mistaken(*_):
    raise KeyError("a field that nobody has")

receive_approved_return.receive_approved_return = mistaken
HUB = hub(os.environ, "create_external_return")

def handler(event, context):
    with HUB.invocation(context) as run:
        return run.approved_returns(event)
"""


class SteppedWorld:
    """One world.

    Attributes:
        asleep: Functions whose rule does not tick.
    """

    def __init__(
        self, world: LocalWorld, partners: PartnerSimulators, clock: WorldClock, folder: Path
    ) -> None:
        self.world = world
        self.partners = partners
        self.clock = clock
        self.folder = folder
        self.asleep: set[str] = set()
        self.metrics = MetricStore()
        self.time = WorldTime(ahead=lambda: clock.ahead)
        self.alarms = Alarms(world.stack, self.metrics, self.time)
        self.logs = LogFollower(folder / "logs", self.metrics, self.time.of)
        world.host.watched_by(OfLambda(self.metrics, self.time).publish)
        world.http.watched_by(OfHttpApis(self.metrics, self.time).publish)
        self._queues = OfSqs(
            queues_of(world.stack),
            sources=world.sources,
            sqs=world.aws.client("sqs"),
            endpoint=world.aws.url,
            metrics=self.metrics,
            time=self.time,
        )
        self._due: dict[str, datetime] = {}
        self._folder = folder
        self._good: dict[str, FunctionSpec] = {}

    def step(
        self, minutes: float = 5, *, times: int = 1, until: Callable[[], bool] = lambda: True
    ) -> None:
        """What is due ticks and is let end; then so many minutes go by. So many times over.

        Args:
            until: What has to come of it before time goes on: queues work in the machine's time.
        """
        for _ in range(times):
            self.tick()
            self.until(until)
            self.look()
            self.clock.go_on(minutes=minutes)

    def tick(self) -> None:
        """Every rule that is due by now ticks once."""
        now = self.clock()
        calls = []
        for schedule in self.world.stack.schedules():
            if self._due.get(schedule.name, now) > now:
                continue
            self._due[schedule.name] = now + timedelta(seconds=schedule.every_seconds)
            if schedule.function not in self.asleep:
                calls.append((schedule.function, scheduled_event(schedule, now)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda call: self.world.host.invoke(*call), calls))

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for what queues bring: they are taken from all the time, in the machine's time.

        Raises:
            TimeoutError: It is not reached.
        """
        ends = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > ends:
                raise TimeoutError(f"not reached within {PATIENCE:g} seconds")
            time.sleep(0.05)

    def look(self) -> None:
        """Take in what was published, and evaluate what is due."""
        self.logs.read(time.time())
        self._queues.publish()
        self.alarms.catch_up()

    def printed(self) -> Iterator[str]:
        """What each of the functions' processes printed."""
        for file in (self._folder / "logs").iterdir():
            yield file.read_text(encoding="utf-8")

    def states(self) -> dict[str, AlarmState]:
        """Every alarm's state at this moment."""
        self.look()
        return self.alarms.states()

    def raised(self) -> set[str]:
        """The alarms that are raised at this moment."""
        return {name for name, state in self.states().items() if state.value == "ALARM"}

    def deploy_broken(self, *functions: str) -> None:
        """A release of these functions that fails at every event."""
        self._deploy("broken", BROKEN, functions)

    def deploy_mistaken(self) -> None:
        """A release of `create_external_return` with a mistake in the work on one message."""
        self._deploy("mistaken", MISTAKEN, ("CreateExternalReturnFunction",))

    def _deploy(self, release: str, app: str, functions: Iterable[str]) -> None:
        code = self._folder / release
        code.mkdir(exist_ok=True)
        (code / "app.py").write_text(app, encoding="utf-8")
        for name in functions:
            spec = self.world.host.release(name)
            self._good.setdefault(name, spec)
            self.world.host.deploy(replace(spec, code=code))

    def deploy_before(self) -> None:
        """The releases that ran before the broken ones."""
        while self._good:
            _, spec = self._good.popitem()
            self.world.host.deploy(spec)


@contextmanager
def stepped_world(folder: Path, merchants: Path) -> Iterator[SteppedWorld]:
    """A world with the sample partners and these merchant files.

    It begins a quarter of an hour before eight (UTC) on the first of next month: the summary's hour
    has come, and few calls are much of a month.

    Args:
        folder: For its state; nobody else's.
        merchants: Folder of the files.
    """
    with ExitStack() as ends:
        clock = WorldClock(folder / "clock")
        clock.go_on(seconds=_until_a_months_first_morning(clock()))
        partners = ends.enter_context(partner_simulators(now=clock))
        world = ends.enter_context(
            local_world(partners=partners, speed=1.0, state=folder, lives_by=clock)
        )
        set_sample_secrets(world)
        apply_merchants(world, merchants)
        yield SteppedWorld(world, partners, clock, folder)


def _until_a_months_first_morning(now: datetime) -> float:
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (first.replace(hour=7, minute=45, second=0) - now).total_seconds()
