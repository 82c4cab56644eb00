"""The door for widgets: CloudWatch's event in, one whole widget out, whatever comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from returns_hub.domain.privacy import masked
from returns_hub.errors import Misconfigured, Permanent, Verdict
from returns_hub.ports import Telemetry
from returns_hub.widgets import (
    cost,
    dead_letters,
    drift,
    find,
    freshness,
    money_line,
    needs_person,
    parked,
    partners,
    recent_actions,
    summary,
)
from returns_hub.widgets.asked import Asked, asked_of
from returns_hub.widgets.html import Html
from returns_hub.widgets.page import failed
from returns_hub.widgets.room import Room
from returns_hub.widgets.words import sentence


@dataclass(frozen=True)
class Widget:
    """One widget."""

    name: str
    describe: str
    sample: dict[str, str]
    render: Callable[[Asked, Room], Html]


WIDGETS: dict[str, Widget] = {
    one.NAME: Widget(one.NAME, one.DESCRIBE, one.SAMPLE, one.render)
    for one in (
        summary,
        freshness,
        money_line,
        needs_person,
        parked,
        dead_letters,
        find,
        drift,
        recent_actions,
        partners,
        cost,
    )
}


def answer(
    event: object, room: Callable[[], Room], telemetry: Telemetry, request: str
) -> str | dict[str, Any]:
    """The answer to one event: the widget's HTML, or what it is in Markdown.

    Args:
        event: As it came; anything.
        room: Makes what widgets read from.
        telemetry: Told of faults.
        request: The request's id, for whoever looks for a fault in the log.
    """
    asked = asked_of(event)
    name = asked.params.get("widget", "")
    if asked.describe:
        return {"markdown": described(name)}
    widget = WIDGETS.get(name)
    if widget is None:
        known = ", ".join(WIDGETS)
        return failed(
            asked, "There is no such widget.", f"The parameter widget is one of: {known}."
        ).markup
    try:
        return widget.render(asked, room()).markup
    except Permanent as verdict:
        return failed(asked, _sentence(verdict)).markup
    except Misconfigured as verdict:
        return failed(asked, _sentence(verdict), "The stack is not wired for this.").markup
    except Verdict as verdict:
        told = "Nothing was changed; refresh the widget in a moment."
        return failed(asked, _sentence(verdict), told).markup
    except Exception as error:  # noqa: BLE001 - a dashboard is no place for a stack trace
        telemetry.count("Faults")
        telemetry.log("fault", widget=name, fault=type(error).__name__)
        told = f"The log has it under the request {request}. Other widgets go on."
        return failed(asked, "The widget met a fault of the hub's own.", told).markup


def _sentence(verdict: Verdict) -> str:
    return f"{sentence(masked(verdict.reason))}."


def described(name: str) -> str:
    """What a widget is, in Markdown, with a sample of its parameters."""
    chosen = [WIDGETS[name]] if name in WIDGETS else list(WIDGETS.values())
    parts = []
    for widget in chosen:
        sample = json.dumps({"widget": widget.name} | widget.sample, indent=2)
        parts.append(f"### {widget.name}\n{widget.describe}\n\n```json\n{sample}\n```")
    return "\n\n".join(parts)
