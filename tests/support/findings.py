"""`ports.findings.FindingsStore` in memory; tests/contract holds it to the one in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from returns_hub.domain.drift.findings import Finding, Look, Standing


class FakeFindings:
    """Findings of every merchant."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Finding] = {}
        self.kept_looks: dict[str, list[Look]] = {}

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        return [
            finding
            for finding in self._of(merchant)
            if finding.standing is not Standing.RESOLVED and area in {"", finding.difference.area}
        ]

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        found = [
            (finding.resolved_at, finding.id, finding)
            for finding in self._of(merchant)
            if finding.standing is Standing.RESOLVED and finding.resolved_at is not None
        ]
        return [finding for at, _, finding in sorted(found, reverse=True) if at >= since]

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        self.rows |= {(merchant, finding.id): finding for finding in changed}
        for name in forgotten:
            self.rows.pop((merchant, name), None)
        self.kept_looks.setdefault(merchant, []).append(look)

    def last_look(self, merchant: str) -> Look | None:
        return next(iter(self.looks(merchant, 1)), None)

    def looks(self, merchant: str, most: int = 30) -> Iterable[Look]:
        return sorted(self.kept_looks.get(merchant, []), key=lambda look: look.at)[::-1][:most]

    def _of(self, merchant: str) -> list[Finding]:
        return [self.rows[key] for key in sorted(self.rows) if key[0] == merchant]
