"""One invocation's work between the ERP and the warehouse: a tick, one flow of one merchant, or one
record of a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from returns_hub.domain.events import SyncAsked
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from returns_hub.flows.unleashed.beside import look_at_webhook
from returns_hub.flows.unleashed.due import flows_due, flows_on
from returns_hub.flows.unleashed.run import leave_told, run_flow, run_told
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.unleashed.turns import turn
from returns_hub.runs import FIVE_MINUTES, WORST_CASE_MERCHANT_SECONDS, sync_asked
from returns_hub.ticks import HAND_OUT_SECONDS, Turns, run_failed

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

UNLEASHED_SYNC = "unleashed_sync"
COMES_BACK_SECONDS = 15.0
"""After so long a flow asks again whether it is its turn."""
VISIBLE_SECONDS = 120.0
"""An object may not show for a moment after its webhook; one that does not after so long is gone.
How long it takes no source tells."""
Done = Mapping[str, object]


class ErpRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def tick(self) -> dict[str, Any]:
        """Hand out every flow that is due; see `ticks.Turns.hand_out`."""
        turns = Turns(
            self._hub,
            flow=UNLEASHED_SYNC,
            every_seconds=FIVE_MINUTES,
            least_seconds=HAND_OUT_SECONDS,
        )
        ids = self._hub.merchants.ids_with_unleashed()
        return turns.hand_out(ids, self._due, at_once=self._now, send=self._send)

    def of_flows(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one flow of one merchant; the partial batch response."""
        hub_ = self._hub
        return hub_.batch(
            event,
            self._asked_for,
            hub_.settings.unleashed_sync_queue_url,
            worst_case=WORST_CASE_MERCHANT_SECONDS,
        )

    def _due(self, merchant: str) -> tuple[FlowName, ...]:
        erp = self._hub.erp
        connection = self._hub.merchants.live(merchant).merchant.unleashed
        if connection is None:
            return ()
        self._look_at_webhook(merchant, connection)
        return flows_due(connection, lambda flow: erp.world(merchant, flow), self._hub.clock.now())

    def _look_at_webhook(self, merchant: str, connection: UnleashedConnection) -> None:
        """See `flows.unleashed.beside.look_at_webhook`; its trouble stops nothing."""
        if not connection.webhooks.enabled:
            return
        for flow in flows_on(connection):
            try:
                look_at_webhook(flow, self._hub.erp.world(merchant, flow))
            except Verdict as verdict:
                self._failed(verdict)

    def _send(self, merchant: str, flow: FlowName) -> None:
        asked = SyncAsked(merchant=merchant, flow=flow, asked_at=self._hub.clock.now())
        queue = self._hub.queue(self._hub.settings.unleashed_sync_queue_url)
        queue.send(asked.model_dump_json(exclude_defaults=True))

    def _now(self, merchant: str, flow: FlowName) -> Done:
        try:
            return self._run(merchant, flow)
        except Verdict as verdict:
            return self._failed(verdict)

    def _asked_for(self, body: str) -> None:
        try:
            asked = sync_asked(body)
        except Permanent as verdict:
            # Nothing is lost: the next tick asks again for whatever is due.
            self._failed(verdict)
            return
        if asked.key is not None:
            self._told(asked, asked.key)
            return
        done = self._now(asked.merchant, asked.flow)
        if "busy" in done and not self._is_stale(asked):
            raise Retryable(
                "unleashed.busy",
                f"other flows of {asked.merchant} are at work",
                after=COMES_BACK_SECONDS,
            )

    def _told(self, asked: SyncAsked, key: str) -> None:
        """One record that the webhook told of; what cannot be done now comes back, or is left to
        the flow's next run.

        Raises:
            Retryable: It comes back.
        """
        merchant, flow = asked.merchant, asked.flow
        try:
            if flow not in SOURCES:
                raise Permanent("unleashed.no_such_flow", f"this release has no flow {flow}")
            world = self._hub.erp.by_hand(merchant)
            with turn(world.stores, merchant, flow, world.connection) as is_mine:
                if not is_mine:
                    leave_told(flow, world, key)
                    return
                run_told(flow, world, key, is_sure=asked.is_deletion or self._is_visible(asked))
        except Misconfigured as verdict:
            # Polling meets the same, and finds what changed when it is mended.
            self._failed(verdict)
        except Retryable:
            raise
        except Verdict as verdict:
            self._failed(verdict)

    def _is_visible(self, asked: SyncAsked) -> bool:
        """Whether it was told of so long ago that Unleashed would show it."""
        if asked.asked_at is None:
            return True
        return (self._hub.clock.now() - asked.asked_at).total_seconds() > VISIBLE_SECONDS

    def _is_stale(self, asked: SyncAsked) -> bool:
        """Whether a later tick has asked again by now."""
        if asked.asked_at is None:
            return False
        return (self._hub.clock.now() - asked.asked_at).total_seconds() > FIVE_MINUTES

    def _run(self, merchant: str, flow: FlowName) -> Done:
        """One flow of one merchant; what cannot be done now is the next tick's."""
        if flow not in SOURCES:
            raise Permanent("unleashed.no_such_flow", f"this release has no flow {flow}")
        world = self._hub.erp.world(merchant, flow)
        with turn(world.stores, merchant, flow, world.connection) as is_mine:
            if not is_mine:
                return {"busy": 1}
            try:
                return run_flow(flow, world)
            except Verdict as verdict:
                world.world.run_failed(verdict, flow=f"unleashed.{flow}")
                return {"failed": 1}

    def _failed(self, verdict: Verdict) -> dict[str, int]:
        return run_failed(self._hub.telemetry, UNLEASHED_SYNC, verdict)
