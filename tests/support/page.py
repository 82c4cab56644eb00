"""A local page of tests: a dashboard, alarms and metrics, and functions that are plain Python."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from local.cloudwatch.alarms import Alarms
from local.cloudwatch.metrics import Metric, MetricStore
from local.lambda_host.host import InvokeResult
from local.page.board import Board
from local.page.custom import CustomWidgets
from local.page.layout import dashboard
from local.page.server import PageServer
from tests.support import widgets as of_widgets
from tests.support.cloudwatch import START, HandClock, alarm, stack_of

READS = "arn:aws:lambda:eu-west-1:000000000000:function:OpsWidgetsFunction"
SHOWS, ACTS_OF_WIDGETS = of_widgets.SHOWS, of_widgets.ACTS
"""What the hub's own widgets name in their actions, in tests."""
ACTS = "arn:aws:lambda:eu-west-1:000000000000:function:OpsActsFunction"
HUB = {"service": "returns-hub"}


def custom(widget: str, **more: Any) -> dict[str, Any]:
    """A custom widget as the template has it."""
    properties = {
        "endpoint": READS,
        "params": {"widget": widget},
        "updateOn": {"refresh": True, "resize": False, "timeRange": False},
        "title": widget.replace("_", " ").capitalize(),
    }
    return {"type": "custom", "properties": properties, **more}


def metric(title: str, *metrics: Any, **more: Any) -> dict[str, Any]:
    """A metric widget."""
    place: dict[str, Any] = {
        name: more.pop(name) for name in ["x", "y", "width", "height"] if name in more
    }
    properties = {"title": title, "metrics": list(metrics), "period": 300, "stat": "Sum", **more}
    return {"type": "metric", "properties": properties, **place}


QUEUE = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "approved-returns"]
LATE = (
    "SEARCH('{\"ReturnsHub/dev\",service,merchant} MetricName=\"CursorLateness\"', 'Maximum', 300)"
)
WIDGETS: list[dict[str, Any]] = [
    {
        "type": "text",
        "x": 0,
        "y": 0,
        "width": 24,
        "height": 2,
        "properties": {"markdown": "# Returns hub\nThe [runbook](/docs/runbook.md) has more."},
    },
    metric(
        "Lateness of cursors", [{"expression": LATE, "id": "late"}], x=0, y=2, width=12, height=6
    ),
    metric(
        "Queues",
        [*QUEUE, {"label": "waiting", "stat": "Maximum"}],
        ["...", "dead", {"label": "dead letters", "stat": "Maximum"}],
        annotations={"horizontal": [{"value": 40, "label": "limit"}]},
        x=12,
        y=2,
        width=12,
        height=6,
    ),
    custom("find", x=0, y=8, width=12, height=7),
    custom("parked", x=12, y=8, width=12, height=7),
    metric(
        "Now",
        ["ReturnsHub/dev", "ParkedOpen", "service", "returns-hub", {"label": "parked"}],
        view="singleValue",
        x=0,
        y=15,
        width=6,
        height=4,
    ),
    {
        "type": "alarm",
        "x": 6,
        "y": 15,
        "width": 6,
        "height": 4,
        "properties": {
            "title": "Watched",
            "alarms": ["arn:aws:cloudwatch:eu-west-1:000000000000:alarm:returns-hub-StaleCursor"],
        },
    },
    metric(
        "Nothing yet",
        ["ReturnsHub/dev", "Never", "service", "returns-hub"],
        x=12,
        y=15,
        width=6,
        height=4,
    ),
    custom("failing", x=18, y=15, width=6, height=4),
    custom("rows", x=0, y=19, width=24, height=8),
    custom("scripted", x=0, y=27, width=12, height=5),
    metric("Not honoured", [{"expression": "FILL(m1, 0)"}], x=12, y=27, width=6, height=5),
    {"type": "log", "x": 18, "y": 27, "width": 6, "height": 5, "properties": {"title": "Logs"}},
    custom("summary", x=0, y=32, width=12, height=4),
]


def replay_button(name: str) -> str:
    """A row's action, with a preview in the popup and a replay that is confirmed."""
    look = json.dumps({"widget": "preview", "of": name})
    go = json.dumps({"act": "replay", "of": name})
    return (
        f'<a class="btn">Preview</a><cwdb-action action="call" display="popup" endpoint="{READS}">'
        f'{escape(look)}</cwdb-action> <a class="btn btn-primary">Replay</a><cwdb-action '
        f'action="call" confirmation="Replay {name}?" endpoint="{ACTS}">{escape(go)}</cwdb-action>'
    )


class HubsOwn:
    """The hub's own two functions behind its dashboard, over stores in memory."""

    def __init__(self, behind: of_widgets.Dashboard) -> None:
        self.behind = behind

    def invoke(self, function: str, event: Any) -> InvokeResult:
        """See `LambdaHost.invoke`."""
        it = self.behind
        carry_out = it.acted if function == "OpsActsFunction" else it.answer
        return InvokeResult(carry_out(event), "", 1.0, False)


class Functions:
    """The widgets' functions; what was asked of them is kept."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.acted: list[dict[str, Any]] = []
        self.parked = ["PARK-1", "PARK-2", "PARK-3"]
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "find": self._find,
            "parked": self._parked,
            "preview": lambda event: (
                f"<h2>What a replay of {event['of']} would do</h2><p>One call.</p>"
            ),
            "rows": lambda event: rows(30),
            "failing": lambda event: 1 / 0,
            "summary": lambda event: {"markdown": "**All quiet** since 6 h."},
            "scripted": lambda event: (
                "<p onclick=\"document.title='owned'\">Harmless</p><script>document.title='owned'"
                "</script><iframe src='/'></iframe><a href='JavaScript:alert(1)'>link</a>"
                "<img src=x onerror=\"document.title='owned'\">"
            ),
        }

    def invoke(self, function: str, event: Any) -> InvokeResult:
        """See `LambdaHost.invoke`."""
        (self.acted if function == "OpsActsFunction" else self.asked).append(event)
        try:
            return InvokeResult(self._carry_out(function, event), "", 1.0, False)
        except Exception as error:  # noqa: BLE001 - as Lambda does
            failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return InvokeResult(failure, "Unhandled", 1.0, False)

    def _carry_out(self, function: str, event: dict[str, Any]) -> Any:
        if event.get("describe"):
            return "## Reads what operators look at\n"
        if function == "OpsActsFunction":
            self.parked.remove(event["of"])
            return f"<p>{event['of']} goes on.</p>"
        return self.answers[event["widget"]](event)

    def _find(self, event: dict[str, Any]) -> str:
        words = event["widgetContext"]["forms"]["all"].get("words", "")
        found = f"<p>1 return for {escape(words)}</p>" if event.get("go") else ""
        return (
            f'<form><input name="words" aria-label="Search" value="">'
            f'<button class="btn-primary">Search</button><cwdb-action action="call" '
            f'endpoint="{READS}">{{"widget": "find", "go": true}}</cwdb-action></form>{found}'
        )

    def _parked(self, event: dict[str, Any]) -> str:
        if not self.parked:
            return "<p>Nothing is parked. Nobody has to do anything.</p>"
        rows = "".join(
            f"<tr><td>{name}</td><td>Unknown SKU</td><td>{replay_button(name)}</td></tr>"
            for name in self.parked
        )
        return f"<table><thead><tr><th>Return<th>Cause<th></thead><tbody>{rows}</tbody></table>"


def rows(count: int) -> str:
    """A table of so many rows."""
    shown = "".join(
        f"<tr><td>R-{number:05}</td><td>ORDER-{number}</td><td>waiting</td><td>{number % 48} h</td>"
        f"<td>EUR {number % 300}.00</td></tr>"
        for number in range(count)
    )
    head = "".join(f"<th>{word}</th>" for word in ("Return", "Order", "Step", "Since", "Value"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{shown}</tbody></table>"


class Page:
    """A page that is served, and the world behind it.

    Args:
        folder: A folder of its own.
        widgets: What the dashboard has; every kind without.
        host: What the functions are, `Functions` without.
    """

    def __init__(
        self, folder: Path, widgets: list[dict[str, Any]] | None = None, host: Any = None
    ) -> None:
        self.clock = HandClock()
        self.metrics = MetricStore()
        self.functions = Functions()
        self.problems: list[str] = []
        (folder / "docs").mkdir()
        (folder / "docs" / "runbook.md").write_text(
            "# Runbook\n\n## Stale cursor\n\nRun `hub status`.\n", encoding="utf-8"
        )
        self.alarms = Alarms(
            stack_of(
                {
                    "StaleCursor": alarm(),
                    **{f"Queue{n}Alarm": alarm(MetricName=f"Q{n}") for n in range(4)},
                }
            ),
            self.metrics,
            self.clock,
        )
        board = dashboard(
            "returns-hub", json.dumps({"widgets": WIDGETS if widgets is None else widgets})
        )
        names = {
            arn: function
            for function, arns in {
                "OpsWidgetsFunction": (READS, SHOWS),
                "OpsActsFunction": (ACTS, ACTS_OF_WIDGETS),
            }.items()
            for arn in arns
        }
        self.board = Board(
            dashboard=board,
            metrics=self.metrics,
            alarms=self.alarms,
            custom=CustomWidgets(board, host or self.functions, names),
            moment=self.clock.moment,
            speed=30,
            problems=lambda: self.problems,
            root=folder,
        )
        self.server = PageServer(self.board, port=0)

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.server.url

    def live_through(self, hours: int = 3) -> None:
        """Some hours of metrics, which end with an alarm."""
        begins = START.timestamp()
        for step in range(hours * 12):
            at = begins + step * 300
            wave = 2 + math.sin(step / 5)
            for number, merchant in enumerate(("north", "south", "example")):
                late = Metric.of("ReturnsHub/dev", "CursorLateness", {**HUB, "merchant": merchant})
                self.metrics.put(late, at, wave / (number + 1))
            for queue, size in (("approved-returns", 20), ("dead", 1)):
                visible = Metric.of("AWS/SQS", QUEUE[1], {"QueueName": queue})
                self.metrics.put(visible, at, float(int(size * wave)))
            self.metrics.put(Metric.of("ReturnsHub/dev", "ParkedOpen", HUB), at, 3.0 + step % 4)
            stale = float(step > hours * 12 - 4)
            self.metrics.put(Metric.of("ReturnsHub", "CursorsStale", HUB), at, stale)
        self.clock.go_on(hours=hours)


@contextmanager
def served(
    folder: Path, widgets: list[dict[str, Any]] | None = None, host: Any = None
) -> Iterator[Page]:
    """A page, for as long as this lasts; see `Page`."""
    page = Page(folder, widgets, host)
    page.server.start()
    try:
        yield page
    finally:
        page.server.stop()
