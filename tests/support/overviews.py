"""In-memory overviews, summaries and gates, and a merchant's overview for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from returns_hub.domain.overview.overview import Freshness, Overview
from returns_hub.domain.overview.summary import DailySummary
from returns_hub.ports.overview import KeptSummaries
from tests.support.fakes import START


class FakeOverviews:
    """`ports.overview.Overviews`."""

    def __init__(self) -> None:
        self.kept: dict[str, Overview] = {}

    def keep(self, overview: Overview) -> None:
        before = self.kept.get(overview.merchant)
        if before is None or before.at <= overview.at:
            self.kept[overview.merchant] = overview

    def latest(self, merchant: str) -> Overview | None:
        return self.kept.get(merchant)


class FakeSummaries:
    """`ports.overview.Summaries`."""

    def __init__(self) -> None:
        self.kept = KeptSummaries()

    def recent(self) -> KeptSummaries:
        return self.kept

    def keep(
        self, kept: KeptSummaries, summaries: Sequence[DailySummary], owner: str
    ) -> KeptSummaries | None:
        assert owner
        if kept.version != self.kept.version:
            return None
        self.kept = KeptSummaries(tuple(summaries[:30]), kept.version + 1)
        return self.kept


class FakeGateStandings:
    """`ports.overview.GateStandings`: gates that a test closed."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}

    def closed(self, names: Iterable[str]) -> Mapping[str, datetime]:
        return {name: self.until[name] for name in names if name in self.until}


def overview(**changes: Any) -> Overview:
    """An overview of a merchant with which all is well; `changes` replace whole parts."""
    fresh = Freshness(
        job="poll_mintsoft", flow="process_receipts", every_seconds=300, succeeded_at=START
    )
    content: dict[str, Any] = {
        "merchant": "example",
        "at": START,
        "config_version": 1,
        "mode": "live",
        "freshness": (fresh,),
    }
    return Overview(**content | changes)
