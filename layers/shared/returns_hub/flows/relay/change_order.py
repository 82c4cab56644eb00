"""One message of the queue of changed orders, from its text to its end.

Whatever the message holds, it ends cancelled, skipped, parked, overruled by another change of the
order, or comes back later; it is never dropped without a trace. An order has one timeline, and what
its changes come to does not hang on the order in which they are told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from returns_hub.domain.facts import Skipped
from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Claim, LookUp, NotFound
from returns_hub.domain.relay.order_change import (
    OrderChange,
    change_that_counts,
    order_change_key,
)
from returns_hub.domain.sync.records import Unparked
from returns_hub.errors import Permanent, Retryable, Verdict
from returns_hub.flows.queue_message import park_message
from returns_hub.flows.relay.order_change_message import FLOW, PARKED_AS, park_change, parse
from returns_hub.flows.relay.order_change_source import (
    ACTED,
    WAITS,
    OrderChangeSource,
    OrderChangeWorld,
)
from returns_hub.flows.sync.endings import PARKED, WAITS_FOR_LIVE, Ending, parked_id_of
from returns_hub.flows.sync.run import WORST_CASE_SECONDS
from returns_hub.flows.sync.shape import Change
from returns_hub.flows.sync.sync_world import Draft
from returns_hub.flows.sync.take import Taking
from returns_hub.flows.world import Stores
from returns_hub.ports import ParkedItem

CLOCKS_MAY_DIFFER = timedelta(minutes=15)
LOOK_AGAIN_SECONDS = 600.0
TURNS = 6
"""Writes, and looks at what came of them, in one go."""
OVERRULED = Ending("overruled")


def receive_order_change(
    text: str, stores: Stores, world_of: Callable[[str], OrderChangeWorld]
) -> str:
    """Handle one message.

    Args:
        text: The message's body, as it came.
        stores: The hub's own stores.
        world_of: A merchant's world; raises Permanent for a merchant that is unknown.

    Returns:
        ``cancelled``, ``skipped``, ``overruled``, ``known``, ``shadow`` or ``parked``.

    Raises:
        Retryable: It waits, or nothing was done; the message is to come back.
    """
    try:
        change = parse(text)
        world = world_of(change.merchant)
    except Permanent as verdict:
        return park_message(text, verdict, stores, flow=FLOW, named=PARKED_AS)
    try:
        outcome = change_order(change, world)
    except Permanent as verdict:
        outcome = park_change(change, verdict, stores)
    except Retryable as verdict:
        world.sync.world.tell_if_misconfigured(verdict)
        raise
    stores.telemetry.count("OrderChanges", merchant=change.merchant, outcome=outcome)
    return outcome


def change_order(change: OrderChange, world: OrderChangeWorld) -> str:
    """Carry one change out, as far as it goes now; see `receive_order_change`.

    Raises:
        Permanent: It is none that this merchant's file, or an earlier message, lets be carried out.
        Retryable: It waits, or nothing was done.
    """
    source = OrderChangeSource(world)
    if source.mode is Mode.OFF:
        raise Permanent("order_change.off", "the merchant's file has order_changes.mode off")
    if change.occurred_at > world.sync.stores.clock.now() + CLOCKS_MAY_DIFFER:
        raise Permanent("order_change.in_the_future", "occurred_at is in the future")
    _require_same(change, world)
    world.orders.require_open()
    return OrderTaking(source, world).to_its_end(change)


def _require_same(change: OrderChange, world: OrderChangeWorld) -> None:
    """The same id tells the same, whoever came first says what.

    Raises:
        Permanent: It told something else before.
    """
    hub = world.sync.world
    operation = hub.operation(order_change_key(hub.merchant, change.id), settle=0, give_up=3600)

    def look_up(_: Claim) -> LookUp:
        return NotFound()

    first = hub.run(operation, send=lambda _: change.digest, look_up=look_up).partner_id
    if first != change.digest:
        raise Permanent(
            "order_change.changed",
            "a change of this id came before and told something else; another change of an order "
            "needs an id of its own",
        )


class OrderTaking(Taking[OrderChange]):
    """Deals with changes of orders, the one that counts of each order."""

    def __init__(self, source: OrderChangeSource, world: OrderChangeWorld) -> None:
        clock = world.sync.stores.clock
        super().__init__(source, world.sync, lambda: clock.remaining() >= WORST_CASE_SECONDS)
        self._why: Verdict | None = None
        self._closes = ""

    def to_its_end(self, told: OrderChange) -> str:
        """How it ended with a change.

        Raises:
            Retryable: It waits, or nothing was done.
        """
        change = Change(told.order, told.version, told.occurred_at, told)
        ending = self.deal_with(change)
        for _ in range(TURNS):
            if ending.word != ACTED:
                break
            ending = self.deal_with(change)
        if self._closes and ending is not PARKED:
            self._close_question(told)
        if ending.word in {ACTED, WAITS} or ending is WAITS_FOR_LIVE:
            why = f"order {told.order}: {ending.word.replace('_', ' ')}"
            raise Retryable(f"order_change.{ending.word}", why, after=LOOK_AGAIN_SECONDS)
        if ending.comes_back:
            why = self._why.reason if self._why else "others keep changing this order"
            code = self._why.code if self._why else "order_change.contended"
            raise Retryable(code, why, after=getattr(self._why, "after", 10.0))
        return ending.word

    def later(self, key: str, verdict: Verdict) -> Ending:
        """See `Taking.later`; the message comes back when the verdict says."""
        self._why = verdict
        return super().later(key, verdict)

    def _taken(self, change: Change[OrderChange], draft: Draft) -> Ending:
        """The change, unless another one of this order counts, which was told before it."""
        state = draft.state
        counts = change_that_counts(state)
        if counts is None or counts.version == change.version:
            return super()._taken(change, draft)
        if change.content.rank < counts.rank:
            return self._overruled(change.content, counts, draft)
        is_unknown = any(step.stuck == "unknown" for step in state.steps)
        if state.parked and not is_unknown:
            # What a person was asked about another change does not keep this one waiting.
            self._closes = state.parked
            note = f"change {change.content.id} counts instead"
            draft.note("another change counts", Unparked(act="discarded", note=note))
        return super()._taken(change, draft)

    def _overruled(self, told: OrderChange, counts: OrderChange, draft: Draft) -> Ending:
        known = self.world.records.timeline(self.world.merchant, FLOW, told.order)
        if not any(isinstance(e.fact, Skipped) and e.fact.subject == told.id for e in known):
            code = "order_change.overruled"
            reason = f"change {told.id} ({told.kind}) is overruled by {counts.id} ({counts.kind})"
            skipped = Skipped(flow=FLOW, code=code, reason=reason, subject=told.id)
            draft.note("the change that counts", skipped)
            draft.write()
        return OVERRULED

    def _close_question(self, told: OrderChange) -> None:
        """Take what was asked about an earlier change off the list."""
        item = ParkedItem(
            merchant=told.merchant,
            parked_id=parked_id_of(FLOW, told.order),
            flow=FLOW,
            code="",
            reason="",
            subject="",
            payload="",
        )
        note = f"change {told.id} counts instead"
        self.world.stores.parking.close(item, "discarded", "hub", note)
