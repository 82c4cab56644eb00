"""One invocation's work, door by door: what each function of the stack does with its event."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.queues.sqs import MerchantQueue
from returns_hub.domain.events import ReceiptsAsked, SyncAsked
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent, Verdict
from returns_hub.ticks import Turns, run_failed, scheduled

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub
    from returns_hub.drift_runs import DriftRuns
    from returns_hub.erp_runs import ErpRuns
    from returns_hub.feed_runs import FeedRuns
    from returns_hub.flows.miinto.market_world import MarketWorld
    from returns_hub.webhook_runs import WebhookRuns

WORST_CASE_RETURN_SECONDS = 15.0
WORST_CASE_MERCHANT_SECONDS = 60.0
WORST_CASE_REFUND_SECONDS = 45.0
FIVE_MINUTES = 300
MIINTO_RMA = "miinto_rma"
CHECK_WEBHOOKS_SECONDS = 900
"""How often the template has subscriptions looked after."""


class Run:
    """One invocation's work, door by door."""

    def __init__(self, made: Hub) -> None:
        self._hub = made
        self.telemetry = made.telemetry

    def approved_returns(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of approved returns; the partial batch response."""
        from returns_hub.flows.receive_approved_return import receive_approved_return

        stores, spent, clock = self._hub.stores(), self._hub.partner_time, self._hub.clock

        def handle(body: str) -> None:
            started, spent.seconds = clock.monotonic(), 0.0
            receive_approved_return(body, stores, self._hub.world)
            took = clock.monotonic() - started
            self._hub.telemetry.log(
                "approved return handled",
                milliseconds=round(took * 1000),
                of_it_partners=round(spent.seconds * 1000),
            )

        return self._hub.batch(
            event,
            handle,
            self._hub.settings.approved_returns_queue_url,
            worst_case=WORST_CASE_RETURN_SECONDS,
        )

    @scheduled("poll_mintsoft")
    def receipts_tick(self) -> dict[str, Any]:
        """A schedule's tick: receipts of every merchant, done or handed out."""
        from returns_hub.flows.tick import tick

        queue = MerchantQueue(self._hub.queue(self._hub.settings.poll_mintsoft_queue_url))
        failed = partial(self._failed, "process_receipts")
        return dict(tick(self._hub.merchants.all_ids(), queue, self._receipts, failed))

    def receipts_of_merchants(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one merchant's receipts; the partial batch response."""
        return self._hub.batch(
            event,
            self._receipts_asked_for,
            self._hub.settings.poll_mintsoft_queue_url,
            worst_case=WORST_CASE_MERCHANT_SECONDS,
        )

    @scheduled("miinto_rma")
    def miinto_tick(self) -> dict[str, Any]:
        """A schedule's tick: the marketplace of every merchant that has it, done or handed out."""
        from returns_hub.flows.tick import tick

        queue = MerchantQueue(self._hub.queue(self._hub.settings.miinto_rma_queue_url))
        failed = partial(self._failed, MIINTO_RMA)
        return dict(tick(self._hub.merchants.ids_with_miinto(), queue, self._miinto, failed))

    def miinto_of_merchants(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one merchant's marketplace; the partial batch response."""
        return self._hub.batch(
            event,
            self._miinto_asked_for,
            self._hub.settings.miinto_rma_queue_url,
            worst_case=WORST_CASE_MERCHANT_SECONDS,
        )

    @scheduled("unleashed_sync")
    def unleashed_tick(self) -> dict[str, Any]:
        """A schedule's tick: flows of every merchant with an ERP, done or handed out."""
        return self._erp().tick()

    def unleashed_of_flows(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one flow of one merchant; the partial batch response."""
        return self._erp().of_flows(event)

    def _erp(self) -> ErpRuns:
        from returns_hub.erp_runs import ErpRuns

        return ErpRuns(self._hub)

    @scheduled("wair_sync")
    def feed_tick(self) -> dict[str, Any]:
        """A schedule's tick: flows of stock intelligence, done or handed out."""
        return self._feeds().tick()

    def feed_of_flows(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one such flow; the partial batch response."""
        return self._feeds().of_flows(event)

    def _feeds(self) -> FeedRuns:
        from returns_hub.feed_runs import FeedRuns

        return FeedRuns(self._hub)

    def despatches(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of despatches to be told upstream; the partial batch response."""
        from returns_hub.despatch_runs import DespatchRuns

        return DespatchRuns(self._hub).batch(event)

    def order_changes(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of orders that changed upstream; the partial batch response."""
        from returns_hub.order_change_runs import OrderChangeRuns

        return OrderChangeRuns(self._hub).batch(event)

    @scheduled("drift_report")
    def drift_tick(self) -> dict[str, Any]:
        """A schedule's tick: looks for drift, done or handed out."""
        return self._drift().tick()

    def drift_of_merchants(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one merchant's look; the partial batch response."""
        return self._drift().of_merchants(event)

    def _drift(self) -> DriftRuns:
        from returns_hub.drift_runs import DriftRuns

        return DriftRuns(self._hub)

    def widget(self, event: object, context: Any) -> str | dict[str, Any]:
        """One widget of the dashboard: HTML, or Markdown that describes it."""
        from returns_hub.widget_runs import WidgetRuns

        runs = WidgetRuns(self._hub, context.aws_request_id)
        return runs.widget(event, context.invoked_function_arn)

    def act(self, event: object, context: Any) -> str | dict[str, Any]:
        """A person's act from the dashboard; what came of it, as HTML."""
        from returns_hub.widget_runs import WidgetRuns

        return WidgetRuns(self._hub, context.aws_request_id).act(event)

    def store_refunds(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of a store's refunds; the partial batch response."""
        from returns_hub.flows.miinto.receive_store_refund import (
            receive_store_refund,
        )

        hub_, stores = self._hub, self._hub.stores()

        def market_of(merchant: str) -> MarketWorld:
            if hub_.merchants.live(merchant).merchant.miinto is None:
                raise Permanent("refund.no_marketplace", "the merchant's file has no miinto: block")
            return hub_.market_world(merchant)

        return hub_.batch(
            event,
            lambda body: receive_store_refund(body, stores, market_of),
            hub_.settings.store_refunds_queue_url,
            worst_case=WORST_CASE_REFUND_SECONDS,
        )

    @scheduled("catch_up_redo")
    def catch_up(self) -> dict[str, Any]:
        """A schedule's tick: every merchant's returns that the hub was not told of.

        One light request for a merchant with nothing new, so the merchants are not handed out.
        """
        from returns_hub.flows.catch_up import LEAST_SECONDS, catch_up
        from returns_hub.flows.way import Way

        queue = self._hub.queue(self._hub.settings.approved_returns_queue_url)
        way = Way(queue.send, queue.depth)
        turns = self._turns("catch_up", FIVE_MINUTES, LEAST_SECONDS)
        return self._each(turns, lambda merchant: catch_up(self._hub.world(merchant), way))

    @scheduled("watch_returns")
    def watch_returns(self) -> dict[str, Any]:
        """A schedule's tick: every merchant's returns that somebody must look at again by now.

        One light request for a merchant with nothing due.
        """
        from returns_hub.flows.watch_returns import FLOW, WORST_CASE_SECONDS, watch_returns

        turns = self._turns(FLOW, FIVE_MINUTES, WORST_CASE_SECONDS)
        return self._each(turns, lambda merchant: watch_returns(self._hub.world(merchant)))

    @scheduled("check_webhooks")
    def check_webhooks(self) -> dict[str, Any]:
        """A schedule's tick: every merchant's subscription at the portal is looked after.

        One request for each that is whole.
        """
        from returns_hub.flows.subscription import FLOW, LEAST_SECONDS

        turns = self._turns(FLOW, CHECK_WEBHOOKS_SECONDS, LEAST_SECONDS)
        return self._each(turns, self._check_webhook, failed="failed")

    def _check_webhook(self, merchant: str) -> str:
        from returns_hub.flows.subscription import check, check_failed

        world = self._hub.world(merchant)
        redo = world.live.merchant.redo
        if redo is None or not redo.webhook.enabled or world.live.merchant.portal != "redo":
            return "off"
        try:
            return check(self._hub.webhook(world))
        except Verdict as verdict:
            check_failed(world, verdict)
            return "failed"

    def _turns(self, flow: str, every_seconds: int, least_seconds: float) -> Turns:
        return Turns(self._hub, flow=flow, every_seconds=every_seconds, least_seconds=least_seconds)

    def _each(
        self, turns: Turns, work: Callable[[str], object], *, failed: object = None
    ) -> dict[str, Any]:
        """Do every merchant's work, while there is time; one's trouble does not stop the others.

        Args:
            turns: Of this tick.
            work: One merchant's.
            failed: What became of one whose work could not be done; its counts when not given.
        """

        def guarded(merchant: str) -> object:
            try:
                return work(merchant)
            except Verdict as verdict:
                counts = self._failed(turns.flow, verdict)
                return counts if failed is None else failed

        return turns.each(self._hub.merchants.all_ids(), guarded)

    def redo_webhook(self, event: dict[str, Any]) -> dict[str, Any]:
        """A request at the door for Redo's webhook; the answer."""
        return self._webhooks().redo(event)

    def loop_webhook(self, event: dict[str, Any]) -> dict[str, Any]:
        """A request at the door for webhooks of Loop's shape; the answer."""
        return self._webhooks().loop(event)

    def unleashed_webhook(self, event: dict[str, Any]) -> dict[str, Any]:
        """A request at the door for Unleashed's webhooks; the answer."""
        return self._webhooks().unleashed(event)

    def _webhooks(self) -> WebhookRuns:
        from returns_hub.webhook_runs import WebhookRuns

        return WebhookRuns(self._hub)

    @scheduled("refresh_credentials")
    def refresh_credentials(self) -> dict[str, Any]:
        """Renew the warehouse keys that are due, and note when keys end."""
        from returns_hub.flows.refresh_credentials import (
            FLOW,
            RENEWAL_SECONDS,
            refresh_credentials,
        )
        from returns_hub.known_keys import keys_known

        hub_, stores = self._hub, self._hub.stores()

        def refresh(merchant: str) -> str:
            return refresh_credentials(
                merchant,
                lambda name: hub_.credentials(hub_.merchants.live(name)),
                stores,
                lambda name: keys_known(hub_, name),
            )

        return self._each(self._turns(FLOW, FIVE_MINUTES, RENEWAL_SECONDS), refresh)

    @scheduled("ops_metrics")
    def ops_metrics(self) -> dict[str, Any]:
        """A schedule's tick: how every merchant stands, kept and told."""
        from returns_hub.ops_runs import OpsRuns

        return OpsRuns(self._hub).tick()

    def _miinto_asked_for(self, body: str) -> None:
        asked = self._asked(body, MIINTO_RMA)
        if asked is not None:
            self._miinto(asked.merchant)

    def _miinto(self, merchant: str) -> dict[str, Any]:
        """The marketplace of one merchant; what cannot be done now is the next tick's."""
        from returns_hub.flows.miinto.run import run_miinto
        from returns_hub.flows.way import Way

        hub_ = self._hub
        queue = hub_.queue(hub_.settings.approved_returns_queue_url)
        try:
            return run_miinto(hub_.market_world(merchant), Way(queue.send, queue.depth))
        except Verdict as verdict:
            return self._failed(MIINTO_RMA, verdict)

    def _receipts_asked_for(self, body: str) -> None:
        asked = self._asked(body, "process_receipts")
        if asked is not None:
            self._receipts(asked.merchant, asked.return_id)

    def _asked(self, body: str, flow: str) -> ReceiptsAsked | None:
        """Whose share a message asks for; a bad one is counted, since the next tick asks again."""
        try:
            return receipts_asked(body)
        except Permanent as verdict:
            self._failed(flow, verdict)
            return None

    def _failed(self, flow: str, verdict: Verdict) -> dict[str, int]:
        return run_failed(self._hub.telemetry, flow, verdict)

    def _receipts(self, merchant: str, return_id: str | None = None) -> dict[str, int]:
        from returns_hub.flows.process_receipts import process_receipts, process_receipts_of

        try:
            world = self._hub.world(merchant)
        except Verdict as verdict:
            # The next tick is the retry; a merchant that cannot be read is counted, not repeated.
            return self._failed("process_receipts", verdict)
        if return_id is None:
            return process_receipts(world)
        try:
            return process_receipts_of(world, return_id)
        except Verdict as verdict:
            # The receipts stay open, so the runs that walk over open ones find them.
            world.run_failed(verdict, flow="process_receipts")
            return {"failed": 1}


def receipts_asked(body: str) -> ReceiptsAsked:
    """The message of the receipts queue.

    Raises:
        Permanent: It is none.
    """
    try:
        return ReceiptsAsked.model_validate(read_json(body))
    except ValueError:
        raise Permanent("poll.no_merchant", "the message names no merchant") from None


def sync_asked(body: str) -> SyncAsked:
    """The message of the queue of flows between the ERP and the warehouse.

    Raises:
        Permanent: It is none.
    """
    try:
        return SyncAsked.model_validate(read_json(body))
    except ValueError:
        raise Permanent(
            "unleashed.no_flow", "the message names no merchant, or no flow of Unleashed"
        ) from None
