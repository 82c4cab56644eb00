"""The template's dashboard: which widgets, and where.

Source: "Dashboard body structure and syntax" of the CloudWatch API reference. The grid has 24
columns; a widget without a place comes to the right of the one before, or below all when it does
not fit there; without a size it is 6 by 6.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.stack import LocalStackError, Stack

COLUMNS = 24
DEFAULT_SIZE = 6
MOST_WIDGETS = 500
HIGHEST = 1000
RANGES = {"PT1H": 3600, "PT3H": 3 * 3600, "PT12H": 12 * 3600, "P1D": 86400, "P3D": 3 * 86400}
"""What a graph may show, in the dashboard's own words, in seconds."""
DEFAULT_RANGE = "PT3H"


@dataclass(frozen=True)
class Widget:
    """A widget at its place. `id` is as CloudWatch counts them."""

    id: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    properties: dict[str, Any]

    @property
    def title(self) -> str:
        """Its title; empty without."""
        return str(self.properties.get("title", ""))


@dataclass(frozen=True)
class Dashboard:
    """A dashboard. `widgets` are in the order in which they are read: by rows."""

    name: str
    widgets: tuple[Widget, ...]
    range: str = DEFAULT_RANGE

    def widget(self, wanted: str) -> Widget | None:
        """A widget by its id."""
        return next((widget for widget in self.widgets if widget.id == wanted), None)


def dashboard_of(stack: Stack) -> Dashboard:
    """The stack's dashboard; one without widgets where it has none.

    Raises:
        LocalStackError: CloudWatch would refuse it, or there is more than one.
    """
    found = stack.properties_of("AWS::CloudWatch::Dashboard")
    if not found:
        return Dashboard(stack.stack_name, ())
    if len(found) > 1:
        raise LocalStackError("the local page shows one dashboard, and the template has more")
    ((name, properties),) = found.items()
    shown = str(properties.get("DashboardName", f"{stack.stack_name}-{name}"))
    try:
        return dashboard(shown, properties["DashboardBody"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LocalStackError(f"the dashboard {name} cannot be shown: {error}") from error


def dashboard(name: str, body: str) -> Dashboard:
    """A dashboard from its body.

    Raises:
        ValueError: It is none.
    """
    content = json.loads(body)
    rows = content["widgets"]
    if len(rows) > MOST_WIDGETS:
        raise ValueError(f"it has more than {MOST_WIDGETS} widgets")
    placed = placed_widgets(rows)
    begins = str(content.get("start", f"-{DEFAULT_RANGE}")).removeprefix("-")
    order = sorted(placed, key=lambda widget: (widget.y, widget.x))
    return Dashboard(name, tuple(order), begins if begins in RANGES else DEFAULT_RANGE)


def placed_widgets(rows: Sequence[dict[str, Any]]) -> list[Widget]:
    """Every widget with a place.

    Raises:
        ValueError: One is beyond the grid, or has no type.
    """
    placed: list[Widget] = []
    for number, row in enumerate(rows, start=1):
        width = _within(row, "width", 1, COLUMNS, DEFAULT_SIZE)
        height = _within(row, "height", 1, HIGHEST, DEFAULT_SIZE)
        x, y = _place(row, placed, width)
        if x + width > COLUMNS:
            raise ValueError(f"widget {number} ends beyond column {COLUMNS}")
        if not row.get("type"):
            raise ValueError(f"widget {number} has no type")
        properties = row.get("properties") or {}
        placed.append(Widget(f"widget-{number}", str(row["type"]), x, y, width, height, properties))
    return placed


def _place(row: dict[str, Any], placed: Sequence[Widget], width: int) -> tuple[int, int]:
    if "x" in row and "y" in row:
        return _within(row, "x", 0, COLUMNS - 1, 0), _within(row, "y", 0, HIGHEST, 0)
    if not placed:
        return 0, 0
    last = placed[-1]
    if last.x + last.width + width <= COLUMNS:
        return last.x + last.width, last.y
    return 0, max(widget.y + widget.height for widget in placed)


def _within(row: dict[str, Any], name: str, least: int, most: int, default: int) -> int:
    value = row.get(name, default)
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} is {value!r}, and has to be from {least} to {most}")
    return value


def slug(title: str) -> str:
    """A heading as the part of an address that leads to it, as GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
