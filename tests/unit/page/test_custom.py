"""What a custom widget's function is asked, and what is shown of its answer."""

from __future__ import annotations

from typing import Any

import pytest

from local.lambda_host.host import InvokeResult, Throttled
from local.page.custom import ACCOUNT, Answer, CustomWidgets, Look, answer_of
from local.page.layout import Dashboard, Widget
from tests.support.page import ACTS, READS

PARAMS = {"widget": "find", "merchant": "example"}
WIDGET = Widget(
    "widget-7", "custom", 0, 0, 6, 6, {"endpoint": READS, "params": PARAMS, "title": "Find"}
)
NOW = 1_764_000_000.5


class Host:
    """Keeps what it was asked."""

    def __init__(self, answer: Any = "<p>x</p>", error: str = "") -> None:
        self.asked: list[tuple[str, Any]] = []
        self.result = InvokeResult(answer, error, 1.0, False)

    def invoke(self, function: str, event: Any) -> InvokeResult:
        self.asked.append((function, event))
        return self.result


def custom(host: Any) -> CustomWidgets:
    names = {READS: "OpsWidgetsFunction", ACTS: "OpsActsFunction"}
    return CustomWidgets(Dashboard("hub", (WIDGET,)), host, names, lambda: NOW)


def test_the_event_is_as_cloudwatch_builds_it() -> None:
    host = Host()
    look = Look(588, 369, "dark", 3600, {"words": "ORDER-7"})
    assert custom(host).load(WIDGET, look) == Answer("html", "<p>x</p>")
    ((function, event),) = host.asked
    assert function == "OpsWidgetsFunction"
    assert event == {
        **PARAMS,
        "widgetContext": {
            "dashboardName": "hub",
            "widgetId": "widget-7",
            "accountId": ACCOUNT,
            "locale": "en",
            "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
            "period": 300,
            "isAutoPeriod": True,
            "timeRange": {
                "mode": "relative",
                "start": 1_763_996_400_500,
                "end": 1_764_000_000_500,
                "relativeStart": 3_600_000,
            },
            "theme": "dark",
            "linkCharts": True,
            "title": "Find",
            "forms": {"all": {"words": "ORDER-7"}},
            "params": PARAMS,
            "width": 588,
            "height": 369,
        },
    }


def test_an_actions_parameters_are_the_event_and_not_the_widgets() -> None:
    host = Host()
    custom(host).call(WIDGET, ACTS, {"act": "replay"}, Look())
    ((function, event),) = host.asked
    assert function == "OpsActsFunction"
    assert sorted(event) == ["act", "widgetContext"]
    assert event["widgetContext"]["params"] == PARAMS


def test_describing_asks_for_that_and_nothing_else() -> None:
    host = Host({"markdown": "## Finds <b>returns</b>"})
    answer = custom(host).describe(WIDGET)
    assert host.asked == [("OpsWidgetsFunction", {"describe": True})]
    assert answer.kind == "markdown"
    assert "&lt;b&gt;" in answer.html


def test_a_function_of_another_stack_is_none() -> None:
    host = Host()
    answer = custom(host).call(WIDGET, "arn:aws:lambda:eu-west-1:1:function:Other", {}, Look())
    assert host.asked == []
    assert (answer.kind, "ResourceNotFoundException" in answer.html) == ("error", True)


class Busy:
    """Has no environment left."""

    def invoke(self, function: str, event: Any) -> InvokeResult:
        raise Throttled(function)


def test_a_throttled_function_says_so() -> None:
    assert "TooManyRequestsException" in custom(Busy()).load(WIDGET, Look()).html


@pytest.mark.parametrize(
    ("payload", "error", "kind", "words"),
    [
        ({"rows": [1, "<b>"]}, "", "json", "&lt;b&gt;"),
        (None, "", "json", "null"),
        ({"errorType": "KeyError", "errorMessage": "<i>"}, "Unhandled", "error", "&lt;i&gt;"),
        (None, "Unhandled", "error", "Unhandled"),
        ("x" * (6 * 1024 * 1024), "", "error", "Response payload size exceeded"),
    ],
)
def test_what_is_shown_of_an_answer(payload: Any, error: str, kind: str, words: str) -> None:
    answer = answer_of(InvokeResult(payload, error, 1.0, False), "F")
    assert answer.kind == kind
    assert words in answer.html
