"""One invocation's work for stock intelligence: a tick, or one flow of one merchant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from returns_hub.domain.events import FeedAsked, FeedFlow
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.wair.flows import FLOWS
from returns_hub.runs import FIVE_MINUTES, WORST_CASE_MERCHANT_SECONDS
from returns_hub.ticks import HAND_OUT_SECONDS, Turns, run_failed

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

WAIR_SYNC = "wair_sync"


class FeedRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def tick(self) -> dict[str, Any]:
        """Hand out every flow that is due; see `ticks.Turns.hand_out`."""
        turns = Turns(
            self._hub, flow=WAIR_SYNC, every_seconds=FIVE_MINUTES, least_seconds=HAND_OUT_SECONDS
        )
        ids = self._hub.merchants.ids_with_feed()
        return turns.hand_out(ids, self._due, at_once=self._run, send=self._send)

    def of_flows(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one flow of one merchant; the partial batch response."""
        hub_ = self._hub
        return hub_.batch(
            event,
            self._asked_for,
            hub_.settings.wair_sync_queue_url,
            worst_case=WORST_CASE_MERCHANT_SECONDS,
        )

    def _due(self, merchant: str) -> tuple[FeedFlow, ...]:
        """Flows that have something to do; one of which it cannot be told is: its run tells why."""
        hub_ = self._hub
        file = hub_.merchants.live(merchant).merchant
        on = [name for name, flow in FLOWS.items() if flow.is_on(file)]
        if not on:
            return ()
        world, now = hub_.feeds.world(merchant), hub_.clock.now()

        def is_due(name: FeedFlow) -> bool:
            try:
                return FLOWS[name].is_due(world, now)
            except Verdict:
                return True

        return tuple(name for name in on if is_due(name))

    def _send(self, merchant: str, flow: FeedFlow) -> None:
        hub_ = self._hub
        asked = FeedAsked(merchant=merchant, flow=flow, asked_at=hub_.clock.now())
        hub_.queue(hub_.settings.wair_sync_queue_url).send(asked.model_dump_json())

    def _asked_for(self, body: str) -> None:
        try:
            asked = feed_asked(body)
        except Permanent as verdict:
            # Nothing is lost: the next tick asks again for whatever is due.
            self._failed(verdict)
            return
        self._run(asked.merchant, asked.flow)

    def _run(self, merchant: str, flow: FeedFlow) -> Mapping[str, object]:
        """One flow of one merchant; what cannot be done now is the next tick's."""
        try:
            if flow not in FLOWS:
                raise Permanent("wair.no_such_flow", f"this release has no flow {flow}")
            world = self._hub.feeds.world(merchant)
        except Verdict as verdict:
            return self._failed(verdict)
        try:
            return FLOWS[flow].run(world, False)
        except Verdict as verdict:
            world.world.run_failed(verdict, flow=f"{WAIR_SYNC}.{flow}")
            return {"failed": 1}

    def _failed(self, verdict: Verdict) -> dict[str, int]:
        return run_failed(self._hub.telemetry, WAIR_SYNC, verdict)


def feed_asked(body: str) -> FeedAsked:
    """The message of the queue of flows of stock intelligence.

    Raises:
        Permanent: It is none.
    """
    try:
        return FeedAsked.model_validate(read_json(body))
    except ValueError:
        raise Permanent(
            "wair.no_flow", "the message names no merchant, or no flow of stock intelligence"
        ) from None
