"""One invocation's looks for drift: a tick, or one merchant's look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.domain.drift.limits import is_due, is_missing, is_over_limit
from returns_hub.domain.events import LookAsked
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Misconfigured, Permanent, Verdict
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.look import FLOW, look_at
from returns_hub.flows.drift.report import kept_report, write_reports
from returns_hub.ticks import HAND_OUT_SECONDS, Turns, run_failed

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

EVERY_SECONDS = 3600
"""How often the template has looks handed out."""
WORST_CASE_SECONDS = 180.0
"""With less time left a look is not begun: it would be cut short."""


class DriftRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made
        self._over_limit = 0
        self._missing = 0

    def tick(self) -> dict[str, Any]:
        """Hand out every look that is due, each by a message of its own; the only one is made at
        once. What became of each, by merchant.

        One merchant's trouble does not stop the others. Each tick begins with another merchant,
        and tells how many of them are over their limit, or were not looked at for long.
        """
        hub_ = self._hub
        self._over_limit, self._missing = 0, 0
        due: list[str] = []

        def look(merchant: str) -> str | dict[str, int]:
            try:
                if self._due(merchant):
                    due.append(merchant)
            except Verdict as verdict:
                return self._failed(verdict)
            return "not due"

        turns = Turns(hub_, flow=FLOW, every_seconds=EVERY_SECONDS, least_seconds=HAND_OUT_SECONDS)
        done = turns.each(hub_.merchants.all_ids(), look)
        hub_.telemetry.count("DriftOverLimit", self._over_limit)
        hub_.telemetry.count("DriftLooksMissing", self._missing)
        if len(due) == 1:
            done[due[0]] = self._look(due[0])
            return done
        for merchant in due:
            done[merchant] = self._hand_out(merchant)
        return done

    def of_merchants(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one merchant's look; the partial batch response."""
        hub_ = self._hub
        return hub_.batch(
            event,
            self._asked_for,
            hub_.settings.drift_report_queue_url,
            worst_case=WORST_CASE_SECONDS,
        )

    def world(self, merchant: str) -> DriftWorld:
        """One merchant's world for one look; its partners refuse every write.

        Raises:
            Permanent: No such merchant.
            Misconfigured: This function was given no such table.
        """
        hub_ = self._hub.reading_only()
        world = hub_.world(merchant)
        erp = world.live.merchant.unleashed
        return DriftWorld(
            feed=hub_.feeds.around(world),
            findings=self.findings(),
            at=hub_.clock.now(),
            erp=hub_.erp.looking(world) if erp is not None else None,
            market=world.marketplace(),
        )

    def findings(self) -> DynamoDbFindings:
        """What was found before.

        Raises:
            Misconfigured: This function was given no such table.
        """
        hub_ = self._hub
        if not hub_.settings.findings_table:
            raise Misconfigured("settings.missing", "this function was given no FINDINGS_TABLE")
        return DynamoDbFindings(hub_.dynamodb, hub_.settings.findings_table, hub_.clock)

    def _due(self, merchant: str) -> bool:
        """Whether a look is due; 2 requests. Counts how the merchant stands, for the alarms."""
        hub_, now = self._hub, self._hub.clock.now()
        live = hub_.merchants.live(merchant)
        settings = live.merchant.drift
        if not settings.enabled:
            return False
        last = self.findings().last_look(merchant)
        if last is not None:
            hours = (now - last.at).total_seconds() / 3600
            hub_.telemetry.count("DriftLookAge", round(hours, 1), merchant=merchant)
            self._over_limit += is_over_limit(last, settings)
        self._missing += is_missing(last, settings, live.applied_at, now)
        return is_due(last, settings, now)

    def _hand_out(self, merchant: str) -> str | dict[str, int]:
        asked = LookAsked(merchant=merchant, asked_at=self._hub.clock.now())
        try:
            queue = self._hub.queue(self._hub.settings.drift_report_queue_url)
            queue.send(asked.model_dump_json())
        except Verdict as verdict:
            return self._failed(verdict)
        return "queued"

    def _asked_for(self, body: str) -> None:
        try:
            asked = look_asked(body)
            last = self.findings().last_look(asked.merchant)
        except Verdict as verdict:
            # Nothing is lost: the next tick asks again for whatever is due.
            self._failed(verdict)
            return
        if last is not None and asked.asked_at is not None and last.at >= asked.asked_at:
            self._hub.telemetry.log("looked already", merchant=asked.merchant)
            return
        self._look(asked.merchant)

    def _look(self, merchant: str) -> dict[str, int]:
        """One merchant's look; what cannot be done now is the next tick's."""
        try:
            world = self.world(merchant)
            looked = look_at(world)
        except Verdict as verdict:
            return self._failed(verdict)
        if looked is None:
            return {"busy": 1}
        self._report(world)
        return dict(looked.counts)

    def _report(self, world: DriftWorld) -> None:
        """Write the report of what is kept. What was found is kept by now, whatever comes of it."""
        try:
            report = kept_report(world.findings, world.merchant, world.world.live.merchant.drift)
            if report is not None:
                write_reports(self._hub.feeds.files, report)
        except Verdict as verdict:
            self._failed(verdict)

    def _failed(self, verdict: Verdict) -> dict[str, int]:
        return run_failed(self._hub.telemetry, FLOW, verdict)


def look_asked(body: str) -> LookAsked:
    """The message of the queue of looks.

    Raises:
        Permanent: It is none.
    """
    try:
        return LookAsked.model_validate(read_json(body))
    except ValueError:
        raise Permanent("drift.no_merchant", "the message names no merchant") from None
