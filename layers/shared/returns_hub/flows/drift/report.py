"""The report of a look, from what is kept, and its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from returns_hub.domain.drift.findings import Standing
from returns_hub.domain.drift.limits import is_over_limit
from returns_hub.domain.drift.page import as_page
from returns_hub.domain.drift.report import Report, as_csv, as_json, report_of
from returns_hub.domain.drift.settings import DriftSettings
from returns_hub.flows.drift.look import Looked
from returns_hub.ports.files import Files
from returns_hub.ports.findings import FindingsStore

RESOLVED_SHOWN = timedelta(days=7)
MOST_RESOLVED_SHOWN = 500
FORMATS: dict[str, tuple[Callable[[Report], str], str]] = {
    "json": (as_json, "application/json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "html": (as_page, "text/html; charset=utf-8"),
}
"""Format -> what writes it, and its content type."""


def kept_report(
    findings: FindingsStore,
    merchant: str,
    settings: DriftSettings,
    *,
    suspected_too: bool = False,
) -> Report | None:
    """The report of the last look, from what is kept; None before the first."""
    look = findings.last_look(merchant)
    if look is None:
        return None
    resolved = findings.resolved_since(merchant, look.at - RESOLVED_SHOWN)
    return report_of(
        merchant,
        look,
        findings.open_findings(merchant),
        islice(resolved, MOST_RESOLVED_SHOWN),
        over_limit=is_over_limit(look, settings),
        suspected_too=suspected_too,
    )


def report_of_look(merchant: str, looked: Looked, *, suspected_too: bool = False) -> Report:
    """The report of a look that need not be kept; of what was resolved only by this look."""
    found = looked.folded.findings
    resolved = [
        finding
        for finding in found
        if finding.standing is Standing.RESOLVED and finding.resolved_at == looked.look.at
    ]
    return report_of(
        merchant,
        looked.look,
        found,
        resolved,
        over_limit=looked.over_limit,
        suspected_too=suspected_too,
    )


def write_reports(files: Files, report: Report) -> tuple[str, ...]:
    """Write the report in every format, and again as the latest; the names, the latest last.

    Raises:
        Retryable: It could not be written; a file is whole or is not there.
    """
    written: list[str] = []
    for stem in (f"{report.look.at:%Y-%m-%dT%H-%M-%SZ}", "latest"):
        for suffix, (render, content_type) in FORMATS.items():
            name = f"{folder_of(report.merchant)}/{stem}.{suffix}"
            files.write(name, [as_bytes(suffix, render(report))], content_type)
            written.append(name)
    return tuple(written)


def folder_of(merchant: str) -> str:
    """The folder of a merchant's reports."""
    return f"reports/{merchant}"


def as_bytes(suffix: str, text: str) -> bytes:
    """The file's bytes; spreadsheets take one for UTF-8 only when it says so at its beginning."""
    return text.encode("utf-8-sig" if suffix == "csv" else "utf-8")
