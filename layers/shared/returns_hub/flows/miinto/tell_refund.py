"""One telling of a refund to one target, through the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from returns_hub.domain.operations import Claim, LookUp, refund_home_key
from returns_hub.domain.refunds import Refund
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.world import World
from returns_hub.ports.refunds import CreditNoteDraft, CreditNoteLine, CreditNotes, RefundEvents

Kind = TypeVar("Kind", CreditNotes, RefundEvents)
SETTLE_SECONDS = 60.0
GIVE_UP_SECONDS = 24 * 3600.0


def tell_refund(refund: Refund, target: str, world: World) -> str:
    """Tell the refund to one target; how we know that it has it (see `flows.operation.Done`).

    Of an event the look-up never finds anything, and it is told again under the same id, which the
    contract has every consumer take for the same refund. A credit note is looked up by its
    reference, and made again only when it is certain that there is none.

    Raises:
        Permanent: Refused, or nobody can know.
        Retryable, UnknownOutcome: As every write; `Misconfigured` when there is no such target.
    """
    targets = world.refunds
    operation = world.operation(
        refund_home_key(world.merchant, refund.refund_id, target),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=True,
    )
    if target == "credit_note":
        notes = _there(targets.credit_notes if targets else None, "no store of record")
        draft = _draft(refund)

        def make(send_by: datetime) -> str:
            return notes.create_credit_note(draft, send_by)

        def find(claim: Claim) -> LookUp:
            return notes.find_credit_note(draft.reference, claim.first_claimed_at)

        return world.run(operation, send=make, look_up=find).how
    is_queue = target == "queue"
    found = (targets.queue if is_queue else targets.bus) if targets else None
    events = _there(found, "no refunds queue" if is_queue else "no bus (RefundsBus)")

    def send(send_by: datetime) -> str:
        return events.publish(refund, send_by)

    def look_up(_: Claim) -> LookUp:
        return events.find_published(refund)

    return world.run(operation, send=send, look_up=look_up).how


def _there(found: Kind | None, what: str) -> Kind:
    if found is None:
        raise Misconfigured("refund.no_target", f"this stack was given {what} for refunds")
    return found


def _draft(refund: Refund) -> CreditNoteDraft:
    lines = [
        CreditNoteLine(sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor)
        for line in refund.lines
        if line.sku and line.amount_minor is not None
    ]
    if len(lines) < len(refund.lines) or not refund.currency or not refund.order_number:
        raise Permanent(
            "refund.not_told_whole",
            "a credit note needs the order's number, the currency and, of every line, SKU and "
            f"amount; of refund {refund.refund_id} one is not known. Make the credit note by hand",
        )
    return CreditNoteDraft(
        reference=refund.refund_id,
        order_number=refund.order_number,
        currency=refund.currency,
        lines=tuple(lines),
        reason=f"Return {refund.return_id} accepted, refunded by Miinto",
        credited_at=refund.accepted_at,
    )
