"""What the page shows: the dashboard's widgets, the alarms, and what is not honoured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from local.cloudwatch.alarms import Alarms
from local.cloudwatch.metrics import MetricStore
from local.page.alarm_list import alarm_list, alarm_tiles
from local.page.custom import CustomWidgets
from local.page.layout import RANGES, Dashboard, Widget
from local.page.markdown import page, rendered
from local.page.metric_widget import metric_widget, notes_html
from local.stack import ROOT

STATIC = Path(__file__).parent / "static"
RANGE_WORDS = {"PT1H": "1 h", "PT3H": "3 h", "PT12H": "12 h", "P1D": "1 d", "P3D": "3 d"}
KINDS = frozenset({"metric", "text", "alarm", "custom"})


@dataclass(frozen=True)
class Board:
    """A page's content.

    Attributes:
        speed: How many times as fast as the machine's clock the world's time goes.
        moment: The world's present moment.
        problems: Sentences about what went wrong beside any widget.
        root: Where docs/ is.
    """

    dashboard: Dashboard
    metrics: MetricStore
    alarms: Alarms
    custom: CustomWidgets
    moment: Callable[[], float]
    speed: float = 1.0
    problems: Callable[[], Sequence[str]] = list
    root: Path = ROOT

    def shell(self, token: str) -> str:
        """The page as it is loaded: every frame at its place, with what is known without a call.

        Args:
            token: What calls have to bear.
        """
        graphs = self._graphs(RANGES[self.dashboard.range])
        frames = "".join(self._frame(w, graphs.get(w.id, "")) for w in self.dashboard.widgets)
        empty = '<p class="empty board">The template has no dashboard yet.</p>'
        return _filled(
            "page.html",
            title=escape(self.dashboard.name),
            token=token,
            ranges="".join(
                f'<option value="{name}"{" selected" * (name == self.dashboard.range)}>'
                f"{RANGE_WORDS[name]}</option>"
                for name in RANGES
            ),
            frames=frames or empty,
            **self._around(),
        )

    def live(self, range_name: str) -> dict[str, Any]:
        """What changes by itself: graphs, alarms and notes."""
        around = self._around()
        raised = sum(state.value == "ALARM" for state in self.alarms.states().values())
        wanted = RANGES.get(range_name, RANGES[self.dashboard.range])
        return {**around, "raised": raised, "widgets": self._graphs(wanted)}

    def document(self, path: str) -> str | None:
        """A page of docs/ by its path below it; None when there is none."""
        folder = (self.root / "docs").resolve()
        file = (folder / path).resolve()
        if not file.is_relative_to(folder) or file.suffix != ".md" or not file.is_file():
            return None
        title, html = page(path, file.read_text(encoding="utf-8"))
        return _filled("document.html", title=title, name=escape(self.dashboard.name), html=html)

    def _around(self) -> dict[str, str]:
        now = self.moment()
        states = self.alarms.states()
        history = {name: self.alarms.history(name) for name in states}
        fast = f", {self.speed:g} times as fast" if self.speed != 1 else ""
        at = datetime.fromtimestamp(now, UTC)
        return {
            "now": f"the world's time: {at:%d %b %Y %H:%M} UTC{fast}",
            "alarms": alarm_list(states, history, now=now),
            "notes": notes_html(self.problems()),
        }

    def _graphs(self, seconds: int) -> dict[str, str]:
        """The content of every widget that is made here, by id."""
        end = self.moment()
        found = {}
        for widget in self.dashboard.widgets:
            match widget.kind:
                case "metric":
                    shown = metric_widget(widget, self.metrics, start=end - seconds, end=end)
                    found[widget.id] = notes_html(shown.notes) + shown.html
                case "alarm":
                    found[widget.id] = self._tiles(widget, end)
        return found

    def _tiles(self, widget: Widget, now: float) -> str:
        by_name = {state.name: state for state in self.alarms.states().values()}
        wanted = [str(arn) for arn in widget.properties.get("alarms", [])]
        names = {arn: arn.rsplit(":alarm:", 1)[-1] for arn in wanted}
        known = [by_name[name] for name in names.values() if name in by_name]
        missing = [arn for arn, name in names.items() if name not in by_name]
        return alarm_tiles(known, missing, now=now)

    @staticmethod
    def _frame(widget: Widget, content: str) -> str:
        place = f"--x:{widget.x + 1};--y:{widget.y + 1};--w:{widget.width};--h:{widget.height}"
        if widget.kind == "text":
            text = rendered(str(widget.properties.get("markdown", "")))
            return f'<section class="widget text" style="{place}">{text}</section>'
        if widget.kind not in KINDS:
            content = notes_html([f"widgets of the type {widget.kind} are not honoured"])
        updates = widget.properties.get("updateOn") or {}
        data = "".join(
            f' data-{name.lower()}="{str(bool(updates.get(name, True))).lower()}"'
            for name in ("refresh", "resize", "timeRange")
        )
        title = escape(widget.title or widget.kind)
        waiting = '<p class="empty">Asking its function…</p>' if widget.kind == "custom" else ""
        return (
            f'<section class="widget {escape(widget.kind)}" id="{widget.id}" style="{place}"'
            f'{data} aria-labelledby="{widget.id}-title"><header>'
            f'<h2 id="{widget.id}-title">{title}</h2><span class="tools"></span></header>'
            f'<div class="body" tabindex="-1">{content or waiting}</div></section>'
        )


def _filled(file: str, /, **values: str) -> str:
    text = (STATIC / file).read_text(encoding="utf-8")
    return Template(text).substitute(values)
