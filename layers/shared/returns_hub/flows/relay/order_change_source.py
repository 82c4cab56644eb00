"""Orders that changed upstream, as a source of the one shape of flows that keep records in step.

Its records are orders, by their number; a message brings the change. What is to be done is
`domain.relay.change_rule`'s word; here stands what is asked of the warehouse, and how it is written
and looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import (
    Claim,
    Found,
    Inconclusive,
    LookUp,
    NotFound,
    marker_of,
)
from returns_hub.domain.relay.change_rule import Flag, Judged, Known, judge
from returns_hub.domain.relay.order_change import OrderChange, change_that_counts
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.relay.order_change_message import FLOW
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.ports import OrdersWarehouse

CANCEL, FLAG = "cancel", "flag"
ACTED, WAITS, CANCELLED = "acted", "waits", "cancelled"
"""Outcomes: writes were made, and what came of them is to be read; it waits; it is done."""
MINTSOFT = "mintsoft"
NO_TIME = timedelta(0)
MOST_EDITS = 10
"""Edits of edits that are followed to the order that is sent."""


@dataclass(frozen=True)
class OrderChangeWorld:
    """One merchant's world, with its warehouse's orders and the timelines of those that changed."""

    sync: SyncWorld
    orders: OrdersWarehouse


@dataclass(frozen=True)
class _Heir:
    """The order that replaces another, its parts, and whether it was cancelled upstream."""

    number: str | None = None
    parts: tuple[WarehouseOrder, ...] = ()
    is_dropped: bool = False


class OrderChangeSource:
    """`flows.sync.shape.Source`; it is never pulled: messages bring its changes."""

    name = FLOW
    every = overlap = first_look_back = NO_TIME

    def __init__(self, world: OrderChangeWorld) -> None:
        self._world = world
        merchant = world.sync.world.live.merchant
        self._settings = merchant.order_changes
        self._live_from = merchant.live_from
        self._settle = float(merchant.mintsoft.settle_seconds)

    @property
    def mode(self) -> Mode:
        """See `Source.mode`."""
        return self._settings.mode

    def pull(self, since: datetime) -> Iterator[Change[OrderChange]]:  # noqa: ARG002 - as `Source`
        """Nothing can be listed: what changed is told."""
        yield from ()

    def read(self, key: str) -> Change[OrderChange] | None:  # noqa: ARG002 - as `Source`
        """Nothing can be read: what changed is told."""
        return None

    # -- what is to be done -------------------------------------------------------------------

    def plan(self, change: Change[OrderChange], state: SyncState) -> Plan:
        """See `Source.plan`. Comments and cancellations come first; the order is read again before
        anything is concluded from them."""
        judged = self.judged(change.content, state)
        begun = [self._begun(step, judged) for step in state.open_steps]
        steps = [step for step in begun if step is not None]
        if not steps:
            steps = [
                *(self._cancel(part.order_id, part.number) for part in judged.cancel),
                *(
                    self._flag(flag, state)
                    for flag in judged.flags
                    if not _has_end(state, _flag_name(flag)) and not self._only_waits(judged)
                ),
            ]
        if steps:
            return Plan(steps, outcome=ACTED, again=True)
        if judged.waits:
            return Plan(outcome=WAITS, again=True)
        if judged.ask is not None:
            raise Permanent(judged.ask.code, judged.ask.why)
        if judged.leave is not None and not any(map(_was_cancelled, state.steps)):
            raise Skip(judged.leave.code, judged.leave.why)
        return Plan(outcome=CANCELLED)

    def judged(self, change: OrderChange, state: SyncState) -> Judged:
        """What is to be done by what the warehouse shows now. Writes nothing.

        Raises:
            Skip: It is of the time before the merchant went live.
            Permanent: The warehouse cannot tell whether it has the order, and it was waited for.
        """
        if self._live_from is not None and change.occurred_at < self._live_from:
            raise Skip("order_change.before_live", f"order {change.order} changed before live_from")
        parts = self._parts(change.order)
        now = self._world.sync.stores.clock.now()
        hours = self._settings.wait_for_replacement_hours
        is_overdue = now - (state.began_at or now) >= timedelta(hours=hours)
        if not parts and is_overdue:
            self._require_not_there(change)
        named = frozenset({change.order, change.replaced_by})
        heir = self._heir(change.replaced_by, named) if parts else _Heir()
        asked = [step for step in state.steps if step.name.startswith(f"{CANCEL}/")]
        in_vain = {_order_id(step.name) for step in asked if step.how or step.stuck == "refused"}
        return judge(
            change,
            Known(
                parts=parts,
                replaced_by=heir.number,
                replacement=heir.parts,
                is_dropped=heir.is_dropped,
                may_cancel=self._settings.cancel,
                is_overdue=is_overdue,
                not_cancelled=frozenset(in_vain),
            ),
        )

    def _parts(self, number: str) -> tuple[WarehouseOrder, ...]:
        """All parts of an order, each as it is now: a search may lag."""
        orders = self._world.orders
        found = orders.orders_with_number(number)
        return tuple(orders.read_order(part.order_id) or part for part in found)

    def _heir(self, number: str | None, seen: frozenset[str | None]) -> _Heir:
        """The order that is sent instead. One that is not there, and was edited as well, has an
        heir of its own: the later edit may have been told first."""
        if number is None:
            return _Heir()
        parts = self._parts(number)
        is_there = not all(part.is_cancelled for part in parts)
        then = None if is_there else change_that_counts(self._world.sync.load(FLOW, number))
        if then is not None and then.kind == "cancelled":
            return _Heir(number, parts, is_dropped=True)
        if then is None or then.replaced_by is None or then.replaced_by in seen:
            return _Heir(number, parts)
        if len(seen) > MOST_EDITS:
            return _Heir(number, parts)
        return self._heir(then.replaced_by, seen | {then.replaced_by})

    def _require_not_there(self, change: OrderChange) -> None:
        """Raises Permanent where the warehouse cannot tell that it has no such order."""
        found = self._world.orders.find_order(change.order, since=change.occurred_at)
        if not isinstance(found, NotFound):
            why = found.why if isinstance(found, Inconclusive) else f"it has id {found.partner_id}"
            raise Permanent(
                "order_change.cannot_look",
                f"order {change.order} was {change.kind} upstream, and is not found: {why}",
            )

    def _only_waits(self, judged: Judged) -> bool:
        """Whether a shadow waits on, to tell in the end what would be done."""
        return bool(judged.waits) and self.mode is not Mode.LIVE

    # -- how it is written ------------------------------------------------------------------------

    def _begun(self, step: StepState, judged: Judged) -> Step | None:
        """A step whose end nobody knows, to be gone on with; None for a cancellation that is not
        wanted any more and was not carried out."""
        told = step.told
        if step.name.startswith(f"{FLAG}/"):
            return self._comment(step.name, told["order"], told["number"], told["text"])
        there = self._world.orders.read_order(told["order"])
        is_wanted = any(part.order_id == told["order"] for part in judged.cancel)
        if is_wanted or (there is not None and there.is_cancelled):
            return self._cancel(told["order"], told["number"])
        return None

    def _cancel(self, order_id: int, number: str) -> Step:
        """Cancel a part. Looked up by its id, which is conclusive: a cancelled one is read too."""
        orders = self._world.orders

        def send(send_by: datetime) -> str:
            orders.cancel_order(order_id, send_by, held_too=True)
            return ""

        def look_up(_: Claim) -> LookUp:
            there = orders.read_order(order_id)
            if there is None:
                return Inconclusive(f"Mintsoft shows no order {order_id}; look for {number} there")
            return Found("") if there.is_cancelled else NotFound()

        return Step(
            name=f"{CANCEL}/{order_id}",
            partner=MINTSOFT,
            summary=f"order {number} (id {order_id}) is cancelled",
            send=send,
            look_up=look_up,
            settle=self._settle,
            told={"order": order_id, "number": number},
            if_refused="plan",
        )

    def _flag(self, flag: Flag, state: SyncState) -> Step:
        name = _flag_name(flag)
        text = f"{flag.text} [{marker_of(state.operation_key(name))}]"
        return self._comment(name, flag.order_id, flag.number, text)

    def _comment(self, name: str, order_id: int, number: str, text: str) -> Step:
        """Put a comment on an order. Looked up by its marker among the order's comments, which are
        read by the order's id and show one as soon as it is made."""
        orders = self._world.orders
        marker = text[text.rindex("[") :]

        def send(send_by: datetime) -> str:
            orders.add_order_comment(order_id, text, send_by)
            return ""

        def look_up(_: Claim) -> LookUp:
            told = any(marker in comment for comment in orders.order_comments(order_id))
            return Found("") if told else NotFound()

        return Step(
            name=name,
            partner=MINTSOFT,
            summary=f"a comment on order {number} (id {order_id}): {text}",
            send=send,
            look_up=look_up,
            settle=self._settle,
            told={"order": order_id, "number": number, "text": text},
            if_refused="plan",
        )


def _flag_name(flag: Flag) -> str:
    return f"{FLAG}/{flag.order_id}/{flag.about}"


def _order_id(name: str) -> int:
    return int(name.split("/")[1])


def _has_end(state: SyncState, name: str) -> bool:
    """Whether the step was taken, or refused: a comment that is refused keeps nobody from being
    asked."""
    step = state.step(name)
    return step is not None and (bool(step.how) or step.stuck == "refused")


def _was_cancelled(step: StepState) -> bool:
    return step.name.startswith(f"{CANCEL}/") and bool(step.how)
