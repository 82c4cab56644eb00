"""Findings of looks for drift, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from returns_hub.domain.drift.findings import Finding, Look
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbFindings:
    """`ports.findings.FindingsStore`."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def open_findings(self, merchant: str, area: str = "") -> Iterable[Finding]:
        """See `FindingsStore.open_findings`."""
        raise NotImplementedError

    def resolved_since(self, merchant: str, since: datetime) -> Iterable[Finding]:
        """See `FindingsStore.resolved_since`."""
        raise NotImplementedError

    def keep(
        self, merchant: str, look: Look, changed: Iterable[Finding], forgotten: Iterable[str] = ()
    ) -> None:
        """See `FindingsStore.keep`."""
        raise NotImplementedError

    def last_look(self, merchant: str) -> Look | None:
        """See `FindingsStore.last_look`."""
        raise NotImplementedError

    def looks(self, merchant: str, most: int = 30) -> Iterable[Look]:
        """See `FindingsStore.looks`."""
        raise NotImplementedError
