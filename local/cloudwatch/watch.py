"""CloudWatch beside a running world: takes in what is published, and evaluates the alarms."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.cloudwatch.alarms import Alarms
from local.cloudwatch.clock import MINUTE, WorldTime
from local.cloudwatch.emf import LogFollower
from local.cloudwatch.metrics import MetricStore
from local.cloudwatch.of_aws import OfHttpApis, OfLambda, OfSqs
from local.stack import Stack
from local.world import LocalWorld

LOOK_SECONDS = 0.5
"""Between two looks into the logs, by the machine's clock."""
LEAST_QUEUE_SECONDS = 1.0
"""Between two looks at the queues: a minute of the world, but no less than this."""


class CloudWatch:
    """Metrics and alarms of one world.

    Args:
        world: A running world.
        logs: Folder of the functions' logs.
        clock: The world's time; it goes as fast as the schedules.
    """

    def __init__(self, world: LocalWorld, *, logs: Path, clock: WorldTime) -> None:
        self.clock = clock
        self.metrics = MetricStore()
        self.alarms = Alarms(world.stack, self.metrics, clock)
        self.logs = LogFollower(logs, self.metrics, clock.of)
        world.host.watched_by(OfLambda(self.metrics, clock).publish)
        world.http.watched_by(OfHttpApis(self.metrics, clock).publish)
        self._queues = OfSqs(
            queues_of(world.stack),
            sources=world.sources,
            sqs=world.aws.client("sqs"),
            endpoint=world.aws.url,
            metrics=self.metrics,
            time=clock,
        )
        self._queues_due = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cloudwatch", daemon=True)
        self.failures: list[str] = []
        """Looks that failed: what went wrong, newest last."""

    def look(self) -> None:
        """Take in what is new, then evaluate what is due: nothing is judged before it is read."""
        with self._lock:
            self.logs.read(time.time())
            if time.monotonic() >= self._queues_due:
                self._queues.publish()
                pause = max(LEAST_QUEUE_SECONDS, MINUTE / self.clock.speed)
                self._queues_due = time.monotonic() + pause
            self.alarms.catch_up()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                self.look()
            except (ClientError, BotoCoreError, OSError) as error:
                self.failures = [*self.failures[-9:], f"{type(error).__name__}: {error}"]


def queues_of(stack: Stack) -> dict[str, tuple[str, str, bool]]:
    """Every queue by its logical id: name, URL, and whether others redrive to it."""
    found = stack.properties_of("AWS::SQS::Queue")
    targets = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]
        for queue in found.values()
        if "RedrivePolicy" in queue
    }

    def attribute(name: str, what: str) -> str:
        return str(stack.resolve({"Fn::GetAtt": [name, what]}))

    return {
        name: (
            attribute(name, "QueueName"),
            str(stack.resolve({"Ref": name})),
            attribute(name, "Arn") in targets,
        )
        for name in found
    }


@contextmanager
def watching(world: LocalWorld, *, logs: Path, clock: WorldTime) -> Iterator[CloudWatch]:
    """CloudWatch beside a world, for as long as this lasts."""
    cloudwatch = CloudWatch(world, logs=logs, clock=clock)
    cloudwatch.start()
    try:
        yield cloudwatch
    finally:
        cloudwatch.stop()
