"""What the dashboard, its widgets and `hub status` read and keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.audit import Act
    from returns_hub.domain.overview.overview import Overview
    from returns_hub.domain.overview.summary import DailySummary


@dataclass(frozen=True)
class KeptSummaries:
    """Daily summaries as they are kept, the newest first; `version` changes whenever they do."""

    summaries: tuple[DailySummary, ...] = ()
    version: int = 0


class Overviews(Protocol):
    """The newest overview of each merchant. Every method is one request."""

    def keep(self, overview: Overview) -> None:
        """Keep it in place of an older one; one that is older than what is kept is dropped."""

    def latest(self, merchant: str) -> Overview | None:
        """The newest; None when none was ever made."""


class GateStandings(Protocol):
    """The gates before partners, as operators see them."""

    def closed(self, names: Iterable[str]) -> Mapping[str, datetime]:
        """Of these gates (``{merchant}/{partner}``) those that let nobody through: until when. Of a
        partner that is away the time may be past: nobody has asked it since. May be stale."""


class Summaries(Protocol):
    """The daily summaries of the whole hub. Every method is one request."""

    def recent(self) -> KeptSummaries:
        """The last 30, or fewer where they are too long for all of them; the newest first."""

    def keep(
        self, kept: KeptSummaries, summaries: Sequence[DailySummary], owner: str
    ) -> KeptSummaries | None:
        """Put these in place of those that were read; None where somebody else was faster.

        Args:
            kept: As they were read.
            summaries: The newest first; those beyond 30 are dropped.
            owner: Who writes, unique to this run: its own write is no other's.
        """


class Topic(Protocol):
    """Where people are told."""

    def publish(self, subject: str, text: str) -> None:
        """Tell them.

        Raises:
            Retryable: Known not done.
            UnknownOutcome: They may have been told.
        """


class AuditTrail(Protocol):
    """Acts of people. Nothing is ever changed but an act's end; all age out after 13 months.

    Times are of when it was asked: from `since`, before `until`. What is read by a person or by a
    return may be some moments old.
    """

    def record(self, act: Act) -> None:
        """Keep the act, or its end, under its id and the time it was asked at; one request.

        Raises:
            Conflict: Its end is known already, and is another; or the id is another act's.
        """

    def of_merchant(
        self, merchant: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        """Acts about a merchant (empty id: about none), read page by page as they are asked for."""

    def by_person(
        self, who: str, since: datetime, until: datetime, *, newest_first: bool = True
    ) -> Iterator[Act]:
        """Acts of one person over all merchants, in the same way."""

    def of_return(
        self,
        merchant: str,
        return_id: str,
        since: datetime,
        until: datetime,
        *,
        newest_first: bool = True,
    ) -> Iterator[Act]:
        """Acts about one return, in the same way."""
