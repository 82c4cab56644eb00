"""What a check prints: one JSON document for machines (``hub-check/1``), or rows for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console

from cli.checks.areas import TITLES
from cli.checks.model import Finding, Result
from cli.terminal import shown

SCHEMA = "hub-check/1"
"""The shape of the document. Fields may be added to it; none changes or goes."""
FINE, FAILED = 0, 1
MARKS = {
    Result.OK: "[green]ok     [/]",
    Result.WARNING: "[yellow]warning[/]",
    Result.FAILED: "[red]failed [/]",
    Result.SKIPPED: "[dim]skipped[/]",
}


def exit_code(findings: Iterable[Finding], *, strict: bool) -> int:
    """0 when nothing failed, with `strict` nothing that warns either; else 1."""
    bad = {Result.FAILED, Result.WARNING} if strict else {Result.FAILED}
    return FAILED if any(finding.result in bad for finding in findings) else FINE


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """How many came out how."""
    counts = Counter(finding.result for finding in findings)
    return {result.value: counts[result] for result in Result}


def document(findings: Sequence[Finding], *, checked_at: datetime, strict: bool) -> dict[str, Any]:
    """The document; `docs/preflight.md` tells its fields."""
    return {
        "schema": SCHEMA,
        "checked_at": checked_at.isoformat(),
        "strict": strict,
        "merchants": list(dict.fromkeys(f.merchant for f in findings if f.merchant)),
        "checks": [_row(finding) for finding in findings],
        "summary": summary(findings),
        "exit_code": exit_code(findings, strict=strict),
    }


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "merchant": finding.merchant,
        "area": finding.area,
        "name": finding.name,
        "result": finding.result.value,
        "found": finding.found,
        "to_do": finding.to_do,
        "unreachable": finding.unreachable,
        "details": dict(finding.details),
    }


class Rows:
    """Prints findings as they come, under the merchant's and the area's title."""

    def __init__(self, console: Console, *, brief: bool) -> None:
        self._console = console
        self._brief = brief
        self._merchant = ""
        self._area = ""

    def add(self, finding: Finding) -> None:
        """One more; with `brief` what is well is not shown."""
        if self._brief and finding.result in {Result.OK, Result.SKIPPED}:
            return
        if finding.merchant != self._merchant:
            self._merchant, self._area = finding.merchant, ""
            self._say(f"[bold]{shown(finding.merchant)}[/]")
        if finding.area != self._area:
            self._area = finding.area
            self._say(f" {TITLES.get(finding.area, finding.area)}")
        self._say(f"  {MARKS[finding.result]} {shown(finding.name)}: {shown(finding.found)}")
        if finding.to_do:
            self._say(f"            → {shown(finding.to_do)}")

    def end(self, findings: Sequence[Finding], *, strict: bool) -> None:
        """The last line."""
        counts = summary(findings)
        told = ", ".join(f"{n} {word}" for word, n in counts.items() if n)
        verdict = "fit" if exit_code(findings, strict=strict) == FINE else "not fit"
        self._say(f"{len(findings)} checks: {told or 'nothing'}; {verdict}")

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)
