"""A person takes a hand: parked work is done again or taken out, and the timeline says by whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from returns_hub.domain.facts import Event, Fact, OperatorActed
from returns_hub.domain.miinto.facts import Unparked
from returns_hub.domain.sync.records import Unparked as RecordUnparked
from returns_hub.errors import Conflict, Misconfigured, Retryable
from returns_hub.flows import make_external_return, receive_webhook
from returns_hub.flows.bundles import questions as bundle_questions
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto import (
    decide_transfer,
    orders_by_hand,
    refund_due,
    request_rma,
    store_refund_message,
)
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.relay import despatch_message, order_change_message
from returns_hub.flows.sync import by_hand as sync_by_hand
from returns_hub.flows.wair.feed_batch import FLOW as FEED
from returns_hub.ports import Clock, ParkedItem, Parking, ReturnsStore
from returns_hub.ports.marketplace import MarketStore
from returns_hub.ports.sync import SyncStore

NEXT_RUN_LOOKS = frozenset({FEED, *bundle_questions.FLOWS})
"""Flows whose next run looks at what became of its questions; no message wakes them."""


@dataclass(frozen=True)
class Desk:
    """What a person's acts need.

    Args:
        who: Who acts; goes onto timelines.
        send_return: Sends a message to the approved-returns queue.
        send_receipt: Sends a message to the queue of the receipts flow.
        send_store_refund: Sends a message to the queue of a store's refunds; None where the stack
            has none.
        market: Timelines of the marketplace's orders; asked for when parked work is about one.
        records: Timelines of records that are kept in step; the same.
        send_order_change: Sends a message to the queue of orders that changed upstream; None where
            the stack has none.
        send_despatch: Sends a message to the queue of despatches; None where the stack has none.
        trace: How the act is found elsewhere, e.g. a request's id; goes onto timelines too.
    """

    who: str
    returns: ReturnsStore
    parking: Parking
    clock: Clock
    send_return: Callable[[str], object]
    send_receipt: Callable[[str], object]
    send_store_refund: Callable[[str], object] | None = None
    market: Callable[[], MarketStore] | None = None
    records: Callable[[], SyncStore] | None = None
    send_order_change: Callable[[str], object] | None = None
    send_despatch: Callable[[str], object] | None = None
    trace: str = ""

    def noted(self, note: str = "") -> str:
        """What goes onto a timeline as the act's note."""
        return " ".join(filter(None, (note, self.trace)))


def replay(item: ParkedItem, desk: Desk, *, send_again: bool = False) -> str:
    """Have parked work done again, by the flows as they are now.

    It is taken out of the parked state on the return's timeline, and the flow that parked it is
    woken. What is finished stays finished: the ledger knows. A write without an answer is looked up
    again, never repeated, unless the person vouches with `send_again` that it was not carried out.
    Interrupted anywhere, it can be repeated: the item closes last.

    Returns:
        ``replayed``; ``already`` when somebody has dealt with it, or it is parked again;
        ``names no return`` for what a webhook door kept: there is nothing to be done again;
        ``needs an answer`` for an RMA request (`hub miinto rma request`) and for a decision about
        a transfer (`hub miinto transfers`).
    """
    if item.state != "open":
        return "already"
    if item.flow in {request_rma.FLOW, decide_transfer.FLOW}:
        return "needs an answer"
    if item.flow in orders_by_hand.FLOWS:
        _on_order(item, desk, Unparked(act="replayed", send_again=send_again, note=desk.noted()))
        return _replayed(item, desk)
    if sync_by_hand.is_about_a_record(item):
        _on_record(
            item, desk, RecordUnparked(act="replayed", send_again=send_again, note=desk.noted())
        )
        _wake(item, desk)
        return _replayed(item, desk)
    if _sent_its_message(item, desk, send_again=send_again):
        return _replayed(item, desk)
    is_refund = item.flow == store_refund_message.FLOW
    if item.flow in NEXT_RUN_LOOKS:
        return _replayed(item, desk)
    if item.flow in receive_webhook.FLOWS or (is_refund and desk.send_store_refund is None):
        return "names no return"
    acted = OperatorActed(
        act="replayed", subject=item.parked_id, note=desk.noted(), send_again=send_again
    )
    if item.flow == refund_due.FLOW:
        # What is due is looked at by the next tick, at the latest; no message wakes it.
        _record(
            item, desk, acted, *refund_due.again(item.parked_id, item.subject, desk.clock.now())
        )
        return _replayed(item, desk)
    _record(item, desk, acted)
    if is_refund and desk.send_store_refund is not None:
        desk.send_store_refund(item.payload)
    elif item.flow == make_external_return.FLOW:
        desk.send_return(item.payload)
    elif item.subject:
        desk.send_receipt(json.dumps({"merchant": item.merchant, "return_id": item.subject}))
    else:
        desk.send_receipt(item.payload)
    return _replayed(item, desk)


def _replayed(item: ParkedItem, desk: Desk) -> str:
    """Close it, as the last step; a word for who did."""
    return "replayed" if desk.parking.close(item, "replayed", desk.who) else "already"


def _sent_its_message(item: ParkedItem, desk: Desk, *, send_again: bool) -> bool:
    """Whether the item is a message of a queue whose flow needs nothing but the message again."""
    if item.flow == order_change_message.FLOW:
        _send_order_change(item.payload, desk)
        return True
    if item.flow == despatch_message.FLOW:
        if desk.send_despatch is None:
            raise Misconfigured("settings.missing", "this stack has no queue of despatches")
        desk.send_despatch(despatch_message.asked_again(item.payload, send_again=send_again))
        return True
    return False


def answer(
    item: ParkedItem,
    desk: Desk,
    answers: Mapping[str, str],
    *,
    seen: Mapping[str, int],
    note: str = "",
) -> str:
    """Keep what a person answered to a question, and have the flow go on with it.

    From the timeline's event on the receipt is open again, and found by the runs that walk over
    open external returns; waking the flow only makes it sooner. Interrupted anywhere, it can be
    repeated: a question that is answered on the timeline is only closed, and the first word counts.

    Args:
        item: The question, as it was parked.
        desk: Whose answer it is.
        answers: Line id, or ``*`` for goods beyond the lines -> action.
        seen: The units that the answers are given for; see `decisions.Case.answered_for`.
        note: Why; onto the timeline.

    Returns:
        ``answered``, or ``already`` when somebody has dealt with it, whatever they said.
    """
    if item.state != "open":
        return "already"
    fact = OperatorActed(
        act="answered", subject=item.parked_id, note=note, answers=dict(answers), seen=dict(seen)
    )
    _record(item, desk, fact)
    state = desk.returns.load(item.merchant, item.subject)
    is_kept = answers.items() <= state.answers.items()
    desk.parking.close(item, "replayed", desk.who, note)
    desk.send_receipt(json.dumps({"merchant": item.merchant, "return_id": item.subject}))
    return "answered" if is_kept else "already"


def discard(item: ParkedItem, desk: Desk, note: str) -> str:
    """Take parked work out for good. The item is kept, closed, until it ages out.

    Returns:
        ``discarded``, or ``already`` when somebody has dealt with it; ``needs an answer`` as in
        `replay`: an RMA request is given up where its units are counted, and what became of a
        decision about a transfer has to be told there.
    """
    if item.state != "open":
        return "already"
    if request_rma.is_question(item.parked_id) or item.flow == decide_transfer.FLOW:
        return "needs an answer"
    if item.flow in orders_by_hand.FLOWS:
        _on_order(item, desk, Unparked(act="discarded", note=desk.noted(note)))
    elif sync_by_hand.is_about_a_record(item):
        _on_record(item, desk, RecordUnparked(act="discarded", note=desk.noted(note)))
        _wake(item, desk)
    else:
        told = desk.noted(note)
        _record(item, desk, OperatorActed(act="discarded", subject=item.parked_id, note=told))
    return "discarded" if desk.parking.close(item, "discarded", desk.who, note) else "already"


def _on_order(item: ParkedItem, desk: Desk, act: Unparked) -> None:
    """Onto the order's timeline; the next run of its flow goes on from there."""
    if desk.market is not None:
        orders_by_hand.act_on_parked(desk.market(), desk.clock, item, act, desk.who)


def _on_record(item: ParkedItem, desk: Desk, act: RecordUnparked) -> None:
    """Onto the record's timeline; the next run of its flow goes on from there."""
    if desk.records is None:
        raise Misconfigured("sync.not_wired", "timelines of records are not at hand here")
    sync_by_hand.act_on_parked(desk.records(), desk.clock, item, act, desk.who)


def _wake(item: ParkedItem, desk: Desk) -> None:
    """No schedule goes on with an order that changed upstream: its change is told again, if there
    is anything left to do about it."""
    if item.flow != order_change_message.FLOW or desk.records is None:
        return
    state = sync_by_hand.record_of(desk.records(), item)
    text = order_change_message.message_of(state) if state and state.in_work else None
    if text is not None:
        _send_order_change(text, desk)


def _send_order_change(text: str, desk: Desk) -> None:
    if desk.send_order_change is None:
        raise Misconfigured("order_change.not_wired", "the queue of changed orders is not at hand")
    desk.send_order_change(text)


def _record(item: ParkedItem, desk: Desk, fact: OperatorActed, *more: Fact) -> None:
    """Onto the timeline, unless it is there already: an earlier try may have ended here."""
    if not item.subject or item.merchant == UNKNOWN_MERCHANT:
        return
    state = desk.returns.load(item.merchant, item.subject)
    if state.parked_ids.isdisjoint({item.parked_id}):
        return
    record_act(desk.returns, desk.clock, item.merchant, item.subject, desk.who, fact, *more)


def record_act(  # noqa: PLR0917 - whose act on what, in the order one says it
    returns: ReturnsStore,
    clock: Clock,
    merchant: str,
    return_id: str,
    who: str,
    fact: OperatorActed,
    *more: Fact,
    begin: bool = False,
) -> bool:
    """Write a person's act to a return's timeline; False when the hub knows no such return.
    `more` is what follows from it, in the same transaction.

    With `begin` the act begins the timeline of such a return.

    Raises:
        Retryable: Others keep changing the return.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state = returns.load(merchant, return_id)
        if not state.version and not begin:
            return False
        events = [
            Event(
                sequence=state.version + place,
                at=clock.now(),
                actor=who,
                rule="by hand",
                config_version=0,
                fact=told,
            )
            for place, told in enumerate((fact, *more), start=1)
        ]
        try:
            returns.append(state, events)
        except Conflict:
            continue
        return True
    raise Retryable("return.contended", "others keep changing this return", after=10)
