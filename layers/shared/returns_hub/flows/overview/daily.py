"""The daily summary: made once a day, kept, logged, counted, and published at most once.

A message to a topic cannot be looked up. So a run claims the summary before it publishes, and one
whose end nobody knows is not repeated: silence for a day is noticed by the metric's alarm, and a
message that comes twice would teach people to pass over it. docs/decisions/0023.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.overview.summary import DailySummary
from returns_hub.errors import Retryable, Verdict
from returns_hub.ports import Telemetry
from returns_hub.ports.overview import KeptSummaries, Summaries, Topic

FLOW = "daily_summary"
MADE = "DailySummary"
SUBJECT_QUIET = "Returns hub: all quiet"
SUBJECT_NOT_QUIET = "Returns hub: not all is quiet"


class Daily:
    """The day's summary, once its hour has come; the first of all at once.

    Args:
        summaries: Where they are kept.
        topic: Where people are told; None: nowhere.
        hour: From which hour of the day (UTC) on it is made.
        owner: Who is at it, unique to this run.
        telemetry: Takes counts and the log line.
    """

    def __init__(
        self,
        summaries: Summaries,
        topic: Topic | None,
        *,
        hour: int,
        owner: str,
        telemetry: Telemetry,
    ) -> None:
        self._summaries = summaries
        self._topic = topic
        self._hour = hour
        self._owner = owner
        self._telemetry = telemetry

    def run(self, make: Callable[[], DailySummary], now: datetime) -> str:
        """Make today's summary unless it is made, and tell people unless they were told.

        Args:
            make: Makes the summary of this moment.
            now: The moment.

        Returns:
            ``early``, ``known``, ``busy`` (another run is at it), or what became of telling people:
            ``off``, ``sent``, ``waiting`` (the next run tries again), ``unknown``.

        Raises:
            Retryable: The store cannot be asked.
        """
        kept = self._summaries.recent()
        # The very first is made at once: until it comes, silence would mean nothing.
        if now.hour < self._hour and kept.summaries:
            return "early"
        if not kept.summaries or kept.summaries[0].day < f"{now:%Y-%m-%d}":
            after = self._made(kept, make())
            if after is None:
                return "busy"
            kept = after
        elif kept.summaries[0].published != "waiting":
            return "known"
        return self._told(kept)

    def _made(self, kept: KeptSummaries, summary: DailySummary) -> KeptSummaries | None:
        published = "waiting" if self._topic is not None else "off"
        summary = summary.model_copy(update={"published": published})
        after = self._summaries.keep(kept, (summary, *kept.summaries), self._owner)
        if after is not None:
            self._telemetry.count(MADE)
            text = summary.text.replace("\n", " | ")
            self._telemetry.log("daily summary", day=summary.day, quiet=summary.is_quiet, text=text)
        return after

    def _told(self, kept: KeptSummaries) -> str:
        """Tell people of the newest, whose turn it is."""
        summary, topic = kept.summaries[0], self._topic
        if summary.published != "waiting" or topic is None:
            return summary.published
        claimed = self._with(kept, "claimed")
        if claimed is None:
            return "busy"
        subject = SUBJECT_QUIET if summary.is_quiet else SUBJECT_NOT_QUIET
        try:
            topic.publish(subject, summary.text)
        except Verdict as verdict:
            self._telemetry.count("RunsFailed", flow=FLOW, code=verdict.code)
            self._telemetry.log("run failed", flow=FLOW, code=verdict.code, reason=verdict.reason)
            word = "waiting" if isinstance(verdict, Retryable) else "unknown"
        else:
            word = "sent"
        # Cut off before this is written, it stays claimed: nobody is told twice.
        self._with(claimed, word)
        return word

    def _with(self, kept: KeptSummaries, published: str) -> KeptSummaries | None:
        newest = kept.summaries[0].model_copy(update={"published": published})
        return self._summaries.keep(kept, (newest, *kept.summaries[1:]), self._owner)
