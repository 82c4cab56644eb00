"""What a look left, as a report: one content, as JSON, as CSV and (see `page`) for people.

The JSON's shape is ``drift-report/1``; docs/drift.md tells it. Fields may be added to it; none
changes its meaning.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from returns_hub.domain.drift.findings import Finding, Look, Standing
from returns_hub.domain.drift.written import finding_written
from returns_hub.domain.invoices import safe_cell

SCHEMA = "drift-report/1"
COLUMNS = (
    "area",
    "kind",
    "standing",
    "subject",
    "says",
    "units",
    "value",
    "currency",
    "age_hours",
    "since",
    "first_seen",
    "last_seen",
    "looks",
    "returned",
    "cause",
    "mend",
    "id",
)


@dataclass(frozen=True)
class Total:
    """What counts, of everything or of one kind.

    Args:
        name: ``stock.mintsoft_unleashed``; empty for everything.
        findings: How many count, also those that are not kept one by one.
        units: Units of them.
        value: Currency -> what they are worth.
        new: How many of those kept are new.
        recurring: How many are not.
        resolved: How many are resolved, of those the report shows.
        beyond: Differences that are not kept one by one.
    """

    name: str = ""
    findings: int = 0
    units: int = 0
    value: Mapping[str, Decimal] = field(default_factory=dict)
    new: int = 0
    recurring: int = 0
    resolved: int = 0
    beyond: int = 0

    @property
    def area(self) -> str:
        """What the kind begins with."""
        return self.name.split(".", 1)[0]


@dataclass(frozen=True)
class Report:
    """What a look left.

    Args:
        merchant: Whose.
        look: The look.
        findings: What counts, and suspicions where they were asked for; the largest first.
        resolved: What was resolved lately, the last first.
        over_limit: Whether more counts than the merchant's file lets pass.
    """

    merchant: str
    look: Look
    findings: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    over_limit: bool = False

    @property
    def kinds(self) -> tuple[Total, ...]:
        """Totals of each kind of which there is anything, in order."""
        shown = {finding.difference.kind for finding in (*self.findings, *self.resolved)}
        return tuple(
            _total(self, kind)
            for kind in sorted(shown | set(self.look.counted) | set(self.look.beyond))
        )

    @property
    def total(self) -> Total:
        """Everything that counts."""
        kinds = self.kinds
        return Total(
            findings=sum(kind.findings for kind in kinds),
            units=sum(kind.units for kind in kinds),
            value=dict(self.look.value),
            new=sum(kind.new for kind in kinds),
            recurring=sum(kind.recurring for kind in kinds),
            resolved=len(self.resolved),
            beyond=sum(kind.beyond for kind in kinds),
        )


def report_of(
    merchant: str,
    look: Look,
    findings: Iterable[Finding],
    resolved: Iterable[Finding],
    *,
    over_limit: bool,
    suspected_too: bool = False,
) -> Report:
    """The report of a look; findings that do not count only with `suspected_too`."""
    standings = {Standing.NEW, Standing.RECURRING}
    if suspected_too:
        standings.add(Standing.SUSPECTED)
    shown = [finding for finding in findings if finding.standing in standings]
    return Report(
        merchant=merchant,
        look=look,
        findings=tuple(sorted(shown, key=_place)),
        resolved=tuple(resolved),
        over_limit=over_limit,
    )


def age_of(finding: Finding, at: datetime) -> timedelta:
    """How long it has been like this, as far as that can be told."""
    return max(at - (finding.difference.since or finding.first_seen), timedelta())


def as_json(report: Report) -> str:
    """The report, for other programs."""
    look = report.look
    content = {
        "schema": SCHEMA,
        "merchant": report.merchant,
        "at": look.at.isoformat(),
        "over_limit": report.over_limit,
        "total": _total_written(report.total),
        "kinds": [_total_written(total) for total in report.kinds],
        "compared": sorted(look.kinds),
        "not_compared": dict(look.failed),
        "suspected": sum(look.suspected.values()),
        "apart": dict(look.apart),
        "findings": [_row(finding, look.at) for finding in report.findings],
        "resolved": [_row(finding, look.at) for finding in report.resolved],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_csv(report: Report) -> str:
    """The report, for a spreadsheet: what counts, then what was resolved. No cell is a formula."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for finding in (*report.findings, *report.resolved):
        row = _row(finding, report.look.at)
        row["says"] = said_in_words(finding.difference.says)
        writer.writerow({name: _cell(row[name]) for name in COLUMNS})
    return made.getvalue()


def said_in_words(says: Mapping[str, Any]) -> str:
    """Each system's word, side by side."""
    return "; ".join(f"{system}: {_word(said)}" for system, said in says.items())


def _word(said: str | int | None) -> str:
    return "nothing" if said is None else str(said)


def _cell(value: object) -> str | int:
    if value is None:
        return ""
    return value if isinstance(value, int) else safe_cell(str(value))


def _row(finding: Finding, at: datetime) -> dict[str, Any]:
    hours = int(age_of(finding, at).total_seconds() // 3600)
    return finding_written(finding) | {"age_hours": hours}


def _place(finding: Finding) -> tuple[Any, ...]:
    difference = finding.difference
    worth = difference.value or Decimal()
    return (difference.area, -worth, -difference.units, difference.kind, difference.subject)


def _total(report: Report, kind: str) -> Total:
    of_kind = [finding for finding in report.findings if finding.difference.kind == kind]
    standings = Counter(finding.standing for finding in of_kind)
    value: dict[str, Decimal] = {}
    for finding in of_kind:
        difference = finding.difference
        if finding.counts and difference.value is not None:
            total = value.get(difference.currency, Decimal()) + difference.value
            value[difference.currency] = total
    return Total(
        name=kind,
        findings=report.look.counted.get(kind, 0),
        units=report.look.units.get(kind, 0),
        value=value,
        new=standings[Standing.NEW],
        recurring=standings[Standing.RECURRING],
        resolved=sum(finding.difference.kind == kind for finding in report.resolved),
        beyond=report.look.beyond.get(kind, 0),
    )


def _total_written(total: Total) -> dict[str, Any]:
    named = {"kind": total.name, "area": total.area} if total.name else {}
    return named | {
        "findings": total.findings,
        "units": total.units,
        "value": {currency: str(worth) for currency, worth in sorted(total.value.items())},
        "new": total.new,
        "recurring": total.recurring,
        "resolved": total.resolved,
        "beyond": total.beyond,
    }
