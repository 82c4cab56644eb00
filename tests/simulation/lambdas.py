"""SQS queues, event source mappings, functions and rules, in virtual time."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from returns_hub.errors import Verdict
from returns_hub.runs import Run
from tests.simulation.environment import Environment, Weather
from tests.simulation.schedule import Crash, Scheduler

Handler = Callable[[Run, dict[str, Any]], Any]
AT_ONCE = 5


class Function:
    """A Lambda function and its execution environments."""

    def __init__(
        self,
        name: str,
        *,
        timeout: float,
        handler: Handler,
        scheduler: Scheduler,
        weather: Weather,
        new_environment: Callable[[str], Environment],
        faults: list[str],
    ) -> None:
        self.name = name
        self._timeout = timeout
        self._handler = handler
        self._scheduler = scheduler
        self._weather = weather
        self._new_environment = new_environment
        self._idle: list[Environment] = []
        self._made = 0
        self._faults = faults
        self.running = 0
        self.is_off = False
        """Somebody has switched off the rule that has it run; messages reach it all the same."""

    def invoke(self, event: dict[str, Any], done: Callable[[Any], None]) -> None:
        """Run it in an environment of its own; `done` gets the answer, or None without one."""
        if self.is_off and "Records" not in event:
            return
        self.running += 1
        self._scheduler.spawn(lambda: self._work(event, done))

    def _work(self, event: dict[str, Any], done: Callable[[Any], None]) -> None:
        environment = self._idle.pop() if self._idle else self._start()
        environment.ends = self._scheduler.seconds + self._timeout
        if self._weather.happens(self._weather.aws.invocation_killed):
            environment.ends = self._scheduler.seconds + self._weather.dice.uniform(0, 5)
        ends = environment.ends
        left = SimpleNamespace(
            aws_request_id=uuid.uuid4().hex,
            get_remaining_time_in_millis=lambda: 1000 * (ends - self._scheduler.seconds),
        )
        answer = None
        try:
            with environment.at_work(), environment.hub.invocation(left) as run:
                answer = self._handler(run, event)
            self._idle.append(environment)
        except Crash:
            pass
        except Verdict:
            # Raised out of the door, as when DynamoDB cannot be asked: a failed invocation.
            self._idle.append(environment)
        except Exception as error:  # noqa: BLE001 - every other one is a finding
            self._faults.append(f"{self.name}: {type(error).__name__}: {error}")
        finally:
            self.running -= 1
        done(answer)

    def _start(self) -> Environment:
        self._made += 1
        return self._new_environment(f"{self.name}-{self._made}")


@dataclass
class Message:
    """A message of a queue."""

    number: int
    body: str
    visible_at: float
    receives: int = 0
    turn: int = 0
    gone: bool = False


@dataclass
class Queue:
    """A standard queue with its mapping to one function, a message at a time, and its DLQ."""

    name: str
    function: Function
    scheduler: Scheduler
    weather: Weather
    visibility: float
    most_receives: int
    messages: dict[int, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    _waiting: deque[Message] = field(default_factory=deque)
    _running: int = 0
    _sent: int = 0

    def send(self, body: str, delay: float = 0.0) -> dict[str, str]:
        """SendMessage."""
        self._sent += 1
        self.bodies.append(body)
        message = Message(self._sent, body, self.scheduler.seconds + delay)
        self.messages[message.number] = message
        self._look_at(message)
        return {"MessageId": str(message.number)}

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """ChangeMessageVisibility."""
        message = self.messages.get(int(receipt_handle.split("/", maxsplit=1)[0]))
        if message is not None:
            message.visible_at = self.scheduler.seconds + seconds
            self._look_at(message)

    def _look_at(self, message: Message) -> None:
        """Deliver it when it becomes visible, unless something else has happened to it by then."""
        message.turn += 1
        turn = message.turn

        def due() -> None:
            if message.turn == turn and not message.gone:
                self._waiting.append(message)
                self._deliver()

        self.scheduler.after(message.visible_at - self.scheduler.seconds, due)

    def _deliver(self) -> None:
        while self._waiting and self._running < AT_ONCE:
            message = self._waiting.popleft()
            if not message.gone:
                self._receive(message)

    def _receive(self, message: Message) -> None:
        message.receives += 1
        if message.receives > self.most_receives:
            message.gone = True
            del self.messages[message.number]
            self.dead.append(message)
            return
        aws, dice = self.weather.aws, self.weather.dice
        visibility = self.visibility
        if self.weather.happens(aws.visibility_lapses):
            visibility = dice.uniform(0.01, 20)
        message.visible_at = self.scheduler.seconds + visibility
        self._look_at(message)
        self._invoke(message)
        if self.weather.happens(aws.delivered_twice):
            self.scheduler.after(dice.uniform(0, 10), lambda: self._invoke(message))

    def _invoke(self, message: Message) -> None:
        self._running += 1
        record = {
            "messageId": str(message.number),
            "receiptHandle": f"{message.number}/{message.receives}",
            "body": message.body,
            "attributes": {"ApproximateReceiveCount": str(message.receives)},
        }

        def done(answer: Any) -> None:
            self._running -= 1
            failed = answer is None or answer["batchItemFailures"]
            if not failed and not self.weather.happens(self.weather.aws.delete_lost):
                message.gone = True
                self.messages.pop(message.number, None)
            self._deliver()

        self.function.invoke({"Records": [record]}, done)


def every(
    scheduler: Scheduler, weather: Weather, seconds: Callable[[], float], action: Callable[[], None]
) -> None:
    """A scheduled rule: at least once each period; now and then twice."""

    def tick() -> None:
        action()
        if weather.happens(weather.aws.ticks_twice):
            scheduler.after(weather.dice.uniform(0, 60), action)
        scheduler.after(seconds(), tick)

    scheduler.after(weather.dice.uniform(0, seconds()), tick)
