"""What a replay of parked work would do, in words and without doing it.

Told from the return's timeline alone: no partner is asked, so what a look-up would find is not
told, only that it comes first. The order of the cases is `flows.operator.replay`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from returns_hub.domain.parked_ids import parked_batch_id, parked_receipt_id
from returns_hub.domain.state import BatchState, ReceiptState, ReturnState, ShipmentState
from returns_hub.flows import make_external_return, receive_webhook
from returns_hub.flows.miinto import (
    decide_transfer,
    orders_by_hand,
    refund_due,
    request_rma,
    store_refund_message,
)
from returns_hub.flows.operator import NEXT_RUN_LOOKS
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.relay import despatch_message, order_change_message
from returns_hub.flows.sync import by_hand as sync_by_hand
from returns_hub.ports import ParkedItem, ReturnsStore

UNKNOWN_OUTCOME = "operation.unknown_outcome"
ASKED = "decision.ask"
Standing = Literal["skipped", "looked up", "sent", "decided", "left"]


@dataclass(frozen=True)
class PreviewStep:
    """One step of the work.

    ``skipped``: finished, nothing is done. ``looked up``: the partner is asked first, and it is
    sent only when that shows that it is not there. ``sent``: tried again. ``decided``: decided
    anew, by the rules of now. ``left``: given up, or not this replay's.
    """

    standing: Standing
    words: str


@dataclass(frozen=True)
class Preview:
    """What a replay would do.

    Args:
        refused: Why it would do nothing, in a sentence; empty when it would.
        wakes: Which flow goes on, and how.
        steps: Step by step, as far as the timeline tells.
    """

    refused: str = ""
    wakes: str = ""
    steps: tuple[PreviewStep, ...] = ()

    def in_words(self) -> tuple[str, ...]:
        """Line by line."""
        if self.refused:
            return (f"nothing: {self.refused}",)
        return (self.wakes, *(f"{step.standing}: {step.words}" for step in self.steps))


def preview(item: ParkedItem, returns: ReturnsStore, *, send_again: bool = False) -> Preview:
    """What `flows.operator.replay` would do with the item. At most 1 request."""
    refused = _refused(item)
    if refused:
        return Preview(refused=refused)
    wakes = _wakes(item)
    is_of_return = bool(item.subject) and not _is_elsewhere(item)
    state = returns.load(item.merchant, item.subject) if is_of_return else None
    if state is None or not state.version:
        steps: tuple[PreviewStep, ...] = (_unknown(item, send_again=send_again),)
    elif item.flow == make_external_return.FLOW:
        steps = tuple(_announcing(item, state, send_again=send_again))
    elif item.flow == refund_due.FLOW:
        steps = tuple(_refunding(state))
    else:
        steps = tuple(_processing(item, state, send_again=send_again))
    return Preview(wakes=wakes, steps=steps)


def _is_elsewhere(item: ParkedItem) -> bool:
    """Whether its story is on another timeline than a return's, or on none."""
    return (
        item.merchant == UNKNOWN_MERCHANT
        or item.flow in orders_by_hand.FLOWS
        or sync_by_hand.is_about_a_record(item)
        or item.flow in {order_change_message.FLOW, despatch_message.FLOW}
        or item.flow in NEXT_RUN_LOOKS
        or item.flow == store_refund_message.FLOW
    )


def _refused(item: ParkedItem) -> str:
    if item.state != "open":
        return f"it was {item.state} by {item.closed_by or 'somebody'}"
    if item.flow == request_rma.FLOW:
        return "it needs an answer: hub miinto rma request"
    if item.flow == decide_transfer.FLOW:
        return "it needs an answer: hub miinto transfers"
    if item.flow in receive_webhook.FLOWS:
        return "the delivery names no return, so there is nothing to be done again"
    return ""


def _wakes(item: ParkedItem) -> str:
    if item.flow in orders_by_hand.FLOWS:
        return f"the next run of {item.flow} goes on with the order"
    if item.flow == order_change_message.FLOW:
        return "the change of the order is told to its flow again"
    if item.flow == despatch_message.FLOW:
        return "the despatch is told to its target again"
    if sync_by_hand.is_about_a_record(item):
        return f"the next run of {item.flow} goes on with the record"
    if item.flow in NEXT_RUN_LOOKS:
        return f"the item is closed, and the next run of {item.flow} looks at how"
    if item.flow == refund_due.FLOW:
        return "the refund is due again; the next tick of watch_returns tells it"
    if item.flow == store_refund_message.FLOW:
        return "the store's refund is sent to its queue again"
    if item.flow == make_external_return.FLOW:
        return "create_external_return is woken, reads the return in the portal and goes on"
    return "process_receipts is woken, reads the return and its receipts and goes on"


def _unknown(item: ParkedItem, *, send_again: bool) -> PreviewStep:
    """Of work whose steps are not on a return's timeline."""
    if send_again:
        return PreviewStep("sent", "you vouch that it was not carried out, so it is sent anew")
    if item.code == UNKNOWN_OUTCOME:
        return PreviewStep("looked up", "a write had no answer; nothing is sent on a guess")
    if item.flow == make_external_return.FLOW:
        return PreviewStep("sent", "it is taken as new; what the ledger knows is not repeated")
    return PreviewStep("sent", "what the ledger knows as done is not repeated")


def _announcing(item: ParkedItem, state: ReturnState, *, send_again: bool) -> Iterator[PreviewStep]:
    if not state.shipments:
        yield PreviewStep("decided", "no shipment is planned yet: the return is planned")
    for shipment in state.shipments:
        yield from _shipment(item, shipment, send_again=send_again)


def _shipment(
    item: ParkedItem, shipment: ShipmentState, *, send_again: bool
) -> Iterator[PreviewStep]:
    made, name = shipment.external_return_id, f"shipment {shipment.key}"
    if shipment.discarded:
        yield PreviewStep("left", f"{name}: a person gave it up")
        return
    if shipment.parked and shipment.parked != item.parked_id:
        yield PreviewStep("left", f"{name}: it is parked by itself")
        return
    if made is not None:
        yield PreviewStep("skipped", f"{name}: external return {made} is made")
        if shipment.commented:
            yield PreviewStep("skipped", f"{name}: the portal was told")
        else:
            words = f"{name}: the comment in the portal, added only if it is not there"
            yield PreviewStep("looked up", words)
        return
    units = sum(line.quantity for line in shipment.planned.lines)
    goods = f"{name}: external return in warehouse {shipment.planned.warehouse_id}, {units} units"
    if send_again and shipment.parked:
        yield PreviewStep("sent", f"{goods}; you vouch that the first one was not carried out")
    elif shipment.parked and item.code == UNKNOWN_OUTCOME:
        words = f"{goods}; searched for by its marker, and parked again if nobody can tell"
        yield PreviewStep("looked up", words)
    elif shipment.parked:
        yield PreviewStep("sent", f"{goods}; it was refused with {item.code}")
    else:
        yield PreviewStep("sent", f"{goods}, unless the ledger knows it as done")


def _processing(item: ParkedItem, state: ReturnState, *, send_again: bool) -> Iterator[PreviewStep]:
    for batch in state.batches:
        yield _batch(item, batch, state.return_id, send_again=send_again)
    for receipt in state.receipts:
        step = _receipt(item, receipt, state.return_id)
        if step is not None:
            yield step
    if not state.batches and not state.receipts:
        yield PreviewStep("decided", "no receipt is known yet: the warehouse is asked")


def _batch(item: ParkedItem, batch: BatchState, return_id: str, *, send_again: bool) -> PreviewStep:
    name = f"batch {batch.number}, {len(batch.lines)} lines"
    if batch.outcome == "processed":
        return PreviewStep("skipped", f"{name}: the portal took it; no line is processed twice")
    if batch.outcome == "discarded":
        return PreviewStep("left", f"{name}: a person gave it up")
    if batch.outcome != "parked":
        return PreviewStep("sent", f"{name}: committed, unless the ledger knows it as done")
    if item.parked_id != parked_batch_id(return_id, batch.number):
        return PreviewStep("left", f"{name}: it is parked by itself")
    if send_again:
        return PreviewStep("sent", f"{name}; you vouch that the first call was not carried out")
    if item.code == UNKNOWN_OUTCOME:
        words = f"{name}: if its lines moved it is done; if not it is parked again, never repeated"
        return PreviewStep("looked up", words)
    return PreviewStep("sent", f"{name}; it was refused with {item.code}")


def _receipt(item: ParkedItem, receipt: ReceiptState, return_id: str) -> PreviewStep | None:
    name = f"receipt of external return {receipt.external_return_id}"
    if item.parked_id == parked_receipt_id(return_id, receipt.external_return_id):
        again = "; it asks again unless the rules changed: answer with hub decide"
        return PreviewStep("decided", f"{name}{again if item.code == ASKED else ''}")
    if receipt.settled == "parked":
        return PreviewStep("left", f"{name}: it is parked by itself")
    if receipt.settled:
        return PreviewStep("skipped", f"{name}: {receipt.settled.replace('_', ' ')}")
    return PreviewStep("decided", f"{name}: not settled yet")


def _refunding(state: ReturnState) -> Iterator[PreviewStep]:
    for known in state.refunds:
        for target, outcome in known.targets.items():
            name = f"refund {known.refund.refund_id} to {target}"
            if outcome == "sent":
                yield PreviewStep("skipped", f"{name}: it has it")
            else:
                yield PreviewStep("sent", f"{name}, unless the ledger knows it as done")
    if not state.refunds:
        yield PreviewStep("decided", "no refund is committed yet: it is decided what goes home")
