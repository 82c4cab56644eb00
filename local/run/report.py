"""What a run shows: progress while it goes, tables when it is done."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.run.check import MARKED, Judgement
from local.run.drift_check import DriftJudgement
from local.run.judgement import Shown, StoryJudgement
from local.run.miinto_check import MiintoJudgement
from local.run.publish import Sample
from returns_hub.domain.facts import Event
from returns_hub.domain.sync.records import SyncEvent

NUMBERS = frozenset({"units", "value"})
LONGEST_SUBJECT, LONGEST_CAUSE = 32, 31
"""So that a row of drift is one line."""
STYLES = {
    "processed": "green",
    "flagged": "yellow",
    "skipped": "cyan",
    "parked": "magenta",
    "lost": "bold red",
    "accepted": "green",
    "declined": "yellow",
    "requested": "cyan",
    "sent": "green",
    "left to a person": "magenta",
    "decided": "bold red",
}


class Progress:
    """One line a step; on a terminal the line of a step in work is redrawn."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._last = 0.0

    def say(self, text: str) -> None:
        """A step is done."""
        self._clear()
        self._console.print(f"[dim]{self._elapsed()}[/dim]  {text}", highlight=False)

    def going(self, text: str) -> None:
        """A step goes on; at most four times a second, and only where lines can be redrawn."""
        now = time.monotonic()
        if not self._console.is_terminal or now - self._last < 0.25:
            return
        self._last = now
        self._console.file.write(f"\r\033[K{self._elapsed()}  {text}")
        self._console.file.flush()

    def _clear(self) -> None:
        if self._console.is_terminal:
            self._console.file.write("\r\033[K")

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._started:5.1f} s"


def show_outcomes(console: Console, all_samples: Sequence[Sample], judgement: Judgement) -> None:
    """Every approved return and how it ended."""
    table = Table(title="Approved returns, by the partners' own books", title_justify="left")
    table.add_column("return", no_wrap=True)
    table.add_column("what it is about")
    table.add_column("merchant")
    table.add_column("ext.", justify="right")
    table.add_column("ended")
    for sample in all_samples[:60]:
        ending = judgement.endings[sample.return_id]
        count = judgement.external_returns[sample.return_id]
        table.add_row(
            sample.return_id[:8],
            sample.about,
            sample.merchant,
            str(count),
            f"[{STYLES[ending]}]{ending}[/]",
        )
    console.print(table)
    if len(all_samples) > 60:
        console.print(f"… and {len(all_samples) - 60} more")


def show_marketplace(console: Console, judgement: MiintoJudgement) -> None:
    """Every offer of the marketplace and how it ended."""
    table = Table(title="Miinto, by the partners' own books", title_justify="left")
    table.add_column("market")
    table.add_column("transfer", justify="right")
    table.add_column("what it is about")
    table.add_column("order", justify="right")
    table.add_column("in Mintsoft", no_wrap=True)
    table.add_column("what came of it")
    table.add_column("ended")
    for one in judgement.ended:
        table.add_row(
            one.case.market,
            str(one.case.transfer),
            one.case.about,
            one.order,
            one.number,
            one.back,
            f"[{STYLES[one.word]}]{one.word}[/]",
        )
    console.print(table)


def show_erp(console: Console, judgement: StoryJudgement) -> None:
    """Every flow between the ERP and the warehouse, and how often it was shown."""
    _show_counts(console, "Unleashed and Mintsoft, by their own books", judgement.shown)


def show_wair(console: Console, judgement: StoryJudgement) -> None:
    """What came of the stock feed, despatches upstream, changed orders and bundles."""
    _show_counts(console, "WAIR and the sales channel, by their own books", judgement.shown)


def _show_counts(console: Console, title: str, shown: Sequence[Shown]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("flow", no_wrap=True)
    table.add_column("count", justify="right")
    table.add_column("what was shown")
    for one in shown:
        style = "green" if one.count else "bold red"
        table.add_row(one.flow.replace("_", " "), f"[{style}]{one.count}[/]", one.what)
    console.print(table)


def show_stories(
    console: Console, marketplace: MiintoJudgement, synced: StoryJudgement, fed: StoryJudgement
) -> None:
    """What came of the stories beside the portal's returns."""
    show_marketplace(console, marketplace)
    show_erp(console, synced)
    show_wair(console, fed)


def show_drift(console: Console, judgement: DriftJudgement, page: Path) -> None:
    """What was planted, as the report found it: a line each."""
    table = Table(title="Drift that was planted, as the report has it", title_justify="left")
    for name in ("kind", "subject", "units", "value", "standing", "cause"):
        table.add_column(name, no_wrap=True, justify="right" if name in NUMBERS else "left")
    for _, finding in sorted(judgement.found, key=lambda one: one[0].kind):
        told = finding.difference
        worth = "" if told.value is None else f"{told.value} {told.currency}"
        units = str(told.units) if told.units else ""
        subject, cause = _cut(told.subject, LONGEST_SUBJECT), _cut(told.cause, LONGEST_CAUSE)
        cells = (told.kind, subject, units, worth, finding.standing.value, cause)
        table.add_row(*map(escape, cells))
    console.print(table)
    console.print(f"The report's page: {page}", highlight=False, markup=False)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def show_timeline(console: Console, title: str, events: Sequence[Event | SyncEvent]) -> None:
    """One record's timeline."""
    table = Table(title=title, title_justify="left")
    for name in ("when", "what", "rule", "config"):
        table.add_column(name)
    for event in events:
        table.add_row(
            event.at.strftime("%H:%M:%S.%f")[:-3],
            escape(event.fact.in_words()),
            event.rule,
            f"v{event.config_version}",
        )
    console.print(table)


def show_times(
    console: Console, published: Mapping[str, float], books: Mapping[str, Any], logs: Path
) -> None:
    """How long approved returns took to reach the warehouse, and how much of it was the hub's."""
    arrived: dict[str, float] = {}
    for record in books["external_returns"]:
        for row in record["rows"][:1]:
            found = MARKED.search(row["comments"])
            if found and found[1] in published:
                arrived.setdefault(found[1], record["created_at"].timestamp())
    waits = [(arrived[name] - published[name]) * 1000 for name in arrived]
    handled = _handled(logs)
    own = [row["milliseconds"] - row["of_it_partners"] for row in handled]
    table = Table(title="Times, in milliseconds", title_justify="left")
    for name in ("", "p50", "p95", "n"):
        table.add_column(name, justify="right" if name else "left")
    for name, values in (("approval → Mintsoft", waits), ("the hub's own share of handling", own)):
        if len(values) > 1:
            cuts = statistics.quantiles(values, n=20, method="inclusive")
            table.add_row(name, f"{cuts[9]:.0f}", f"{cuts[18]:.0f}", str(len(values)))
    console.print(table)


def _handled(logs: Path) -> list[dict[str, Any]]:
    """What the function logged of each message that it handled."""
    lines = [
        line
        for path in logs.glob("CreateExternalReturnFunction.*.log")
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    return [json.loads(line)["data"] for line in lines if '"approved return handled"' in line]
