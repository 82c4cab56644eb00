"""Where findings are kept from look to look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.drift.findings import Finding, Look


class FindingsStore(Protocol):
    """One merchant's findings. Every method raises Retryable while it cannot be asked."""

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        """Findings that are not resolved, suspicions too; of one area when it is given."""

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        """Findings resolved at or after a moment, those resolved last first."""

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        """Write what a look changed, and the look last: one that was cut off did not happen."""

    def last_look(self, merchant: str) -> Look | None:
        """The last look that came to its end."""

    def looks(self, merchant: str, most: int = 30) -> Iterable[Look]:
        """Looks, the last one first."""
