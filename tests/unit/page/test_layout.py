"""Where widgets stand, and what CloudWatch would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.page.layout import dashboard, dashboard_of, placed_widgets, slug
from local.stack import LocalStackError
from tests.support.cloudwatch import stack_of


def row(**place: int) -> dict[str, Any]:
    return {"type": "text", "properties": {"markdown": "x"}, **place}


def places(*rows: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    return [(w.x, w.y, w.width, w.height) for w in placed_widgets(rows)]


def test_a_widget_without_a_place_comes_right_of_the_last_or_below_all() -> None:
    assert places(row(width=12), row(), row(width=9, height=2), row(width=24)) == [
        (0, 0, 12, 6),
        (12, 0, 6, 6),
        (0, 6, 9, 2),
        (0, 8, 24, 6),
    ]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"x": 20, "y": 0, "width": 6}, "ends beyond column 24"),
        ({"x": 24, "y": 0}, "x is 24"),
        ({"width": 25}, "width is 25"),
        ({"height": 0}, "height is 0"),
        ({"x": 0, "y": -1}, "y is -1"),
    ],
)
def test_a_place_beyond_the_grid_is_refused(place: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        placed_widgets([row(**place)])


def test_the_order_is_by_rows_and_ids_are_as_they_were_written() -> None:
    rows = [row(x=0, y=6), row(x=12, y=0), row(x=0, y=0)]
    shown = dashboard("d", json.dumps({"start": "-P1D", "widgets": rows}))
    assert [widget.id for widget in shown.widgets] == ["widget-3", "widget-2", "widget-1"]
    assert shown.range == "P1D"
    assert dashboard("d", json.dumps({"start": "-P9D", "widgets": []})).range == "PT3H"
    found = shown.widget("widget-2")
    assert found is not None
    assert found.x == 12


def resource(body: Any, name: str = "hub") -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": name, "DashboardBody": body},
    }


def test_the_stacks_dashboard_with_its_references_resolved() -> None:
    body = (
        '{"widgets": [{"type": "custom", "properties": {"endpoint": "${Look.Arn}", "a": "${!b}"}}]}'
    )
    function = {"Type": "AWS::Lambda::Function", "Properties": {}}
    stack = stack_of({"Look": function, "Board": resource({"Fn::Sub": body})})
    (widget,) = dashboard_of(stack).widgets
    assert widget.properties == {
        "endpoint": "arn:aws:lambda:eu-west-1:000000000000:function:Look",
        "a": "${b}",
    }
    assert dashboard_of(stack_of({})).widgets == ()


@pytest.mark.parametrize("body", ["{}", "[]", "no json", '{"widgets": [{}]}', '{"widgets": [7]}'])
def test_a_dashboard_that_is_none_stops_the_start(body: str) -> None:
    with pytest.raises(LocalStackError, match="the dashboard Board cannot be shown"):
        dashboard_of(stack_of({"Board": resource(body)}))


def test_only_one_dashboard_is_shown() -> None:
    with pytest.raises(LocalStackError, match="shows one dashboard"):
        dashboard_of(stack_of({"A": resource("{}"), "B": resource("{}")}))


@pytest.mark.parametrize(
    ("title", "part"),
    [("A stale cursor", "a-stale-cursor"), ("`hub status`: what?", "hub-status-what")],
)
def test_a_heading_is_led_to_as_on_github(title: str, part: str) -> None:
    assert slug(title) == part
