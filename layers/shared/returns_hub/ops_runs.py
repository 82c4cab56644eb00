"""One look at how every merchant stands: overviews, gauges, and once a day a summary."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.calls import DynamoDbCallCounts
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.gates import DynamoDbGateStandings
from returns_hub.adapters.dynamodb.overviews import DynamoDbOverviews, DynamoDbSummaries
from returns_hub.adapters.queues.topic import SnsTopic
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.overview import Overview
from returns_hub.domain.overview.summary import summary_of
from returns_hub.domain.store_version import StoreVersion, is_migrated, problem_of
from returns_hub.errors import Verdict
from returns_hub.flows.overview.daily import FLOW as SUMMARY
from returns_hub.flows.overview.daily import Daily
from returns_hub.flows.overview.gauges import sums_of, tell_merchant
from returns_hub.flows.overview.look import Asked, Money, look
from returns_hub.flows.overview.money_line import read_money_line
from returns_hub.ticks import Turns, run_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from returns_hub.bootstrap import Hub

FLOW = "ops_metrics"
TOLD = "told"
MIGRATION_PENDING = "MigrationPending"
"""Told at 0 too, for an alarm: nobody is to forget `hub migrate` after an upgrade."""
EVERY_SECONDS = 300
"""How often the template has overviews made."""
RESERVE_SECONDS = 20.0
"""Kept back for the gauges and the summary; with less left no further merchant is looked at."""


class OpsRuns:
    """One invocation's work. No partner is asked, and no secret is read."""

    def __init__(self, made: Hub) -> None:
        self._hub = made
        hub_, control = made, made.settings.control_table
        self.overviews = DynamoDbOverviews(hub_.dynamodb, control, hub_.clock)
        self.summaries = DynamoDbSummaries(hub_.dynamodb, control, hub_.clock)
        findings = hub_.settings.findings_table
        self._asked = Asked(
            cursors=hub_.cursors,
            gates=DynamoDbGateStandings(hub_.dynamodb, control, hub_.clock),
            parking=hub_.parking,
            findings=DynamoDbFindings(hub_.dynamodb, findings, hub_.clock) if findings else None,
            usage=DynamoDbCallCounts(hub_.dynamodb, control).read,
            money=self._money(),
            telemetry=hub_.telemetry,
        )

    def tick(self) -> dict[str, Any]:
        """A schedule's tick: every merchant's overview is made, kept and told; what became of each.

        One merchant's trouble does not stop the others. Each tick begins with another merchant, and
        those for whom there was no time are counted with those that could not be looked at. Of each
        merchant 3 requests to DynamoDB (its file, the overview before, the new one) and what
        `flows.overview.look` states; one more for the store's version.
        """
        hub_ = self._hub
        now = hub_.clock.now()
        overviews: list[Overview] = []
        turns = Turns(
            hub_,
            flow=FLOW,
            every_seconds=EVERY_SECONDS,
            least_seconds=RESERVE_SECONDS,
        )
        done = turns.each(hub_.merchants.all_ids(), lambda merchant: self._add(merchant, overviews))
        missing = [merchant for merchant, word in done.items() if word != TOLD]
        hub_.telemetry.measure(sums_of(overviews, len(missing), now))
        self._tell_of_store(is_empty=not done)
        self._summarise(overviews, missing, now)
        return done

    def _tell_of_store(self, *, is_empty: bool) -> None:
        """Tell whether what an earlier release stored is still to be migrated; nothing where it is
        not known.

        Args:
            is_empty: There is no merchant yet, so that nothing can be of an earlier release.
        """
        try:
            stored = self._hub.merchants.store.read() or StoreVersion()
        except Verdict as verdict:
            self._failed(FLOW, verdict)
            return
        # A store that this release must not work with is migrated by another one.
        is_pending = not (is_empty or problem_of(stored) or is_migrated(stored))
        self._hub.telemetry.count(MIGRATION_PENDING, int(is_pending))

    def _add(self, merchant: str, overviews: list[Overview]) -> str | dict[str, int]:
        """Make, keep and tell one merchant's overview, and add it; a word for what became of it."""
        try:
            overviews.append(self._look(merchant))
        except Verdict as verdict:
            return self._failed(FLOW, verdict)
        except Exception as fault:  # noqa: BLE001 - the other merchants' are made
            telemetry = self._hub.telemetry
            telemetry.count("Faults")
            telemetry.log("fault", flow=FLOW, merchant=merchant, fault=type(fault).__name__)
            return "fault"
        return TOLD

    def look(self, merchant: str) -> Overview:
        """One merchant's overview as it is now; nothing is kept and nothing told.

        Raises:
            Permanent: No such merchant.
            Retryable: The hub's own stores cannot be asked.
        """
        return self._made(merchant)[0]

    def _made(self, merchant: str) -> tuple[Overview, Overview | None]:
        live = self._hub.merchants.live(merchant)
        before = self.overviews.latest(merchant)
        return look(live, self._asked, now=self._hub.clock.now(), before=before), before

    def _look(self, merchant: str) -> Overview:
        overview, before = self._made(merchant)
        # Told before it is kept: a store that takes nothing must not silence what is known.
        tell_merchant(overview, before, self._hub.telemetry)
        self.overviews.keep(overview)
        return overview

    def _summarise(self, overviews: list[Overview], missing: list[str], now: datetime) -> None:
        hub_ = self._hub
        arn = hub_.settings.alarm_topic_arn
        daily = Daily(
            self.summaries,
            SnsTopic(hub_.sns, arn) if arn else None,
            hour=hub_.settings.summary_hour,
            owner=hub_.owner,
            telemetry=hub_.telemetry,
        )
        try:
            daily.run(lambda: summary_of(overviews, missing, now), now)
        except Verdict as verdict:
            self._failed(SUMMARY, verdict)

    def _money(self) -> Callable[[Merchant, datetime], Money]:
        """Reads the money line."""
        returns = self._hub.returns
        return lambda merchant, now: read_money_line(returns, merchant, now)

    def _failed(self, flow: str, verdict: Verdict) -> dict[str, int]:
        return run_failed(self._hub.telemetry, flow, verdict)
