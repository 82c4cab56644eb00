"""Over the whole suite: what is planted (`tests.support.canaries`) reaches nothing that leaves.

While a test runs, what the hub says and writes is gathered: every verdict's words, log lines after
redaction, metrics, standard output and error, Python's own log, the command's output, widgets,
messages, and rows of the tables. It is searched once, when the test has ended, so that the watch
costs little. Simulated days have the same rule in their checkers (`tests.simulation.canary_rules`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from click.testing import CliRunner, Result

from returns_hub import observability
from returns_hub.adapters.queues import sqs
from returns_hub.errors import Verdict
from returns_hub.widgets import acting, door
from tests.support import dynamodb, fakes
from tests.support.canaries import ALLOWED, MARK, first_in

MOST_HELD = 100
"""Benches of one test that are kept until its end; a test with more is searched on its way."""
WRITES = frozenset(
    {
        *("PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem", "SendMessage"),
        *("SendMessageBatch", "PutObject", "Publish", "PutEvents", "PutMetricData"),
    }
)
"""Calls of AWS that store or send; a secret goes to Secrets Manager, and only there."""


STEERS = re.compile(
    r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b(?!\[[\d;]*m)"
)
"""Characters that a terminal obeys; colours are the command's own."""


class Watch:
    """What one test's hub said and wrote, and what of it must not have been."""

    def __init__(self) -> None:
        self.is_off = False
        self.said: dict[str, set[str]] = {}
        self._held: list[Callable[[], Iterator[tuple[str, str]]]] = []
        self._found: dict[str, None] = {}

    def hear(self, place: str, text: str) -> None:
        """Something was said or written."""
        if self.is_off:
            return
        self.said.setdefault(place, set()).add(text)

    def hold(self, content: Callable[[], Iterator[tuple[str, str]]]) -> None:
        """Something keeps what it is told: it is asked at the end."""
        if self.is_off:
            return
        self._held.append(content)
        if len(self._held) > MOST_HELD:
            self._search()

    def found(self) -> tuple[str, ...]:
        """What was somewhere it must not be."""
        self._search()
        return tuple(self._found)

    def clear(self) -> None:
        """The next test begins."""
        self._found.clear()

    def _search(self) -> None:
        held, self._held = self._held, []
        for content in held:
            for place, text in content():
                self.hear(place, text)
        said, self.said = self.said, {}
        for place, texts in said.items():
            allowed = ALLOWED.get(place, {})
            if not first_in("\n".join(texts), allowed):
                continue
            for text in texts:
                if told := first_in(text, allowed):
                    self._found[f"{place}: {told}"] = None


WATCH = Watch()


@contextmanager
def watching() -> Iterator[None]:
    """Gather what the hub says and writes, in this process, for as long as it lasts."""
    with ExitStack() as stack:
        patch = stack.enter_context
        patch(_after(Verdict, "__init__", _verdict))
        patch(_after(fakes.Telemetry, "__init__", _telemetry))
        patch(_after(fakes.Parking, "park", _parked))
        patch(_after(fakes.Returns, "__init__", _kept("a timeline")))
        patch(_after(fakes.Ledger, "__init__", _kept("the ledger")))
        patch(_after(dynamodb.InMemoryDynamoDb, "__init__", _tables))
        patch(_after(BaseClient, "_make_api_call", _called))
        patch(_after(sqs.Queue, "send", _message))
        patch(_after(observability.PowertoolsTelemetry, "log", _logged))
        patch(_answered(CliRunner, "invoke", "the command", _printed))
        patch(_answered(door, "answer", "a widget", str))
        patch(_answered(acting, "acted", "a widget", str))
        yield


def _after(owner: Any, name: str, hear: Callable[..., None]) -> Any:
    original = getattr(owner, name)

    @wraps(original)
    def heard(self: Any, *given: Any, **named: Any) -> Any:
        done = original(self, *given, **named)
        hear(self, *given, **named)
        return done

    return mock.patch.object(owner, name, heard)


def _answered(owner: Any, name: str, place: str, text_of: Callable[[Any], str]) -> Any:
    original = getattr(owner, name)

    @wraps(original)
    def heard(*given: Any, **named: Any) -> Any:
        done = original(*given, **named)
        WATCH.hear(place, text_of(done))
        return done

    return mock.patch.object(owner, name, heard)


def _printed(result: Result) -> str:
    """What a command printed; what could steer a terminal counts as something that got out."""
    output: str = result.output
    if found := STEERS.search(output):
        around = output[max(found.start() - 30, 0) : found.end() + 10]
        WATCH.hear("the command", f"{MARK}: it steers the terminal by {around!r}")
    return output


def _verdict(self: Verdict, *_: object, **__: object) -> None:
    WATCH.hear("a verdict", f"{self.code}: {self.reason}")


def _telemetry(self: fakes.Telemetry, *_: object) -> None:
    def lines() -> Iterator[tuple[str, str]]:
        yield "a metric", repr(self.counts)
        # What is redacted takes long to tell, and hardly a line holds anything to be redacted.
        if first_in(repr(self.lines)):
            for message, fields in self.lines:
                yield "a log line", f"{message} {observability.redact(fields)}"

    WATCH.hold(lines)


def _logged(_: object, message: str, **fields: object) -> None:
    WATCH.hear("a log line", f"{message} {observability.redact(fields)}")


def _parked(_: object, item: Any) -> None:
    WATCH.hear("why something is parked", f"{item.code} {item.reason} {item.subject}")
    WATCH.hear("ParkedTable", item.payload)


def _kept(place: str) -> Callable[..., None]:
    def hold(self: object, *_: object, **__: object) -> None:
        WATCH.hold(lambda: iter([(place, repr(vars(self)))]))

    return hold


def _tables(self: dynamodb.InMemoryDynamoDb, *_: object, **__: object) -> None:
    def rows() -> Iterator[tuple[str, str]]:
        for name, table in self.tables.items():
            for versions in table.past.values():
                for _, item in versions:
                    yield name, repr(item)

    WATCH.hold(rows)


def _called(_: object, operation: str, params: Mapping[str, Any]) -> None:
    if operation == "TransactWriteItems":
        for action in params["TransactItems"]:
            (row,) = action.values()
            WATCH.hear(str(row.get("TableName")), repr(row))
    elif operation in WRITES:
        place = params.get("TableName") or params.get("QueueUrl") or operation
        WATCH.hear(str(place), repr(params))


def _message(_: object, body: str, *__: object, **___: object) -> None:
    WATCH.hear("a message", body)


def words_of_leaks(printed: Iterable[tuple[str, str]], *, is_meant: bool) -> str:
    """What is wrong with the test that has ended; empty when all is well.

    Args:
        printed: What was captured of standard output, standard error and Python's log.
        is_meant: Whether the test says that it shows something planted.
    """
    for name, text in printed:
        WATCH.hear(name, text)
    found = WATCH.found()
    WATCH.clear()
    if is_meant:
        return "" if found else "it is marked shows_planted, and nothing planted was shown"
    return "\n".join(("something planted got out:", *found[:10])) if found else ""
