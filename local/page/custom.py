"""Custom widgets: the event that CloudWatch sends to a widget's function, and what its answer is.

Sources, in the CloudWatch user guide: "Details about custom widgets" (the answer is a text of HTML,
`{"markdown": …}`, or JSON, which is shown as such; `widgetContext`; `describe`), "Interactivity in
the custom widget" (`cwdb-action`: what is in it is the event of the call). No caller is named
there, and none is here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from local.lambda_host.host import InvokeResult, Throttled
from local.page.layout import Dashboard, Widget
from local.page.markdown import rendered

LARGEST_ANSWER = 6 * 1024 * 1024
"""Lambda's limit of a synchronous answer ("Lambda quotas": invocation payload)."""
ACCOUNT = "000000000000"


class Functions(Protocol):
    """Invokes functions; see `LambdaHost.invoke`."""

    def invoke(self, function: str, event: Any) -> InvokeResult: ...


@dataclass(frozen=True)
class Look:
    """How a widget is looked at: its size in pixels, theme, range in seconds, and its fields."""

    width: int = 600
    height: int = 300
    theme: str = "light"
    range_seconds: int = 3 * 3600
    forms: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answer:
    """What a call came to: `html` is the function's own where `kind` is `html`, and ours else."""

    kind: str
    html: str


def event_of(
    dashboard: Dashboard, widget: Widget, params: Mapping[str, Any], look: Look, *, now: float
) -> dict[str, Any]:
    """The event of a call.

    Args:
        dashboard: The widget's.
        widget: The widget.
        params: Its own parameters, or those of an action.
        look: How it is looked at.
        now: Seconds since 1970 by the machine's clock, which functions live by.
    """
    context = {
        "dashboardName": dashboard.name,
        "widgetId": widget.id,
        "accountId": ACCOUNT,
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "timeRange": {
            "mode": "relative",
            "start": int((now - look.range_seconds) * 1000),
            "end": int(now * 1000),
            "relativeStart": look.range_seconds * 1000,
        },
        "theme": look.theme,
        "linkCharts": True,
        "title": widget.title,
        "forms": {"all": dict(look.forms or {})},
        "params": dict(widget.properties.get("params") or {}),
        "width": look.width,
        "height": look.height,
    }
    return {**params, "widgetContext": context}


class CustomWidgets:
    """Calls the functions of a dashboard's custom widgets.

    Args:
        dashboard: The dashboard.
        functions: The host of the stack's functions.
        names: The stack's functions by their ARN.
    """

    def __init__(
        self,
        dashboard: Dashboard,
        functions: Functions,
        names: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dashboard = dashboard
        self._functions = functions
        self._names = names
        self._clock = clock

    def load(self, widget: Widget, look: Look) -> Answer:
        """What a widget shows."""
        endpoint = str(widget.properties.get("endpoint", ""))
        return self.call(widget, endpoint, widget.properties.get("params") or {}, look)

    def describe(self, widget: Widget) -> Answer:
        """What its function says of itself."""
        endpoint = str(widget.properties.get("endpoint", ""))
        return self._answer(endpoint, {"describe": True})

    def call(self, widget: Widget, endpoint: str, params: Mapping[str, Any], look: Look) -> Answer:
        """What an action of a widget came to."""
        event = event_of(self._dashboard, widget, params, look, now=self._clock())
        return self._answer(endpoint, event)

    def _answer(self, endpoint: str, event: dict[str, Any]) -> Answer:
        function = self._names.get(endpoint)
        if function is None:
            words = f"Function not found: {endpoint or '(no endpoint)'}"
            return failure("ResourceNotFoundException", words)
        try:
            result = self._functions.invoke(function, event)
        except Throttled:
            return failure("TooManyRequestsException", "Rate Exceeded.", function)
        return answer_of(result, function)


def answer_of(result: InvokeResult, function: str) -> Answer:
    """What is shown of a function's answer."""
    payload = result.payload
    if result.error:
        of = payload if isinstance(payload, dict) else {}
        kind = str(of.get("errorType", result.error))
        return failure(kind, str(of.get("errorMessage", "")), function)
    if len(json.dumps(payload).encode()) > LARGEST_ANSWER:
        words = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        return failure("Function.ResponseSizeTooLarge", words, function)
    if isinstance(payload, str):
        return Answer("html", payload)
    if isinstance(payload, dict) and isinstance(payload.get("markdown"), str):
        return Answer("markdown", rendered(payload["markdown"]))
    return Answer("json", f"<pre>{escape(json.dumps(payload, indent=2))}</pre>")


def failure(kind: str, words: str, function: str = "") -> Answer:
    """An error as the console shows one: its type and message, and here where to look."""
    log = f"<p>Its log: <code>.local/logs/{escape(function)}.*.log</code></p>" if function else ""
    shown = f"<b>{escape(kind)}</b><p>{escape(words)}</p>{log}"
    return Answer("error", f'<div class="failure" role="alert">{shown}</div>')
