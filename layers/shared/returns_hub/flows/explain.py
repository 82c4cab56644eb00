"""What the hub would decide about a return now, and why. Reads alone; nothing is written.

The case is made as `settle_receipt` makes it. Receipts that wait for the next run are decided one
after the other, each as if what was decided before it had been carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from returns_hub.domain.case import Action, Case, Decision
from returns_hub.domain.decisions import decide
from returns_hub.domain.facts import Event, Fact, LinesCommitted, ReceiptSettled, ReceiptTaken
from returns_hub.domain.file_types import Mode
from returns_hub.domain.receipts import Goods, Receipt, ReceivedRow
from returns_hub.domain.returns import PortalReturn, ReturnStatus
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import apply
from returns_hub.flows.make_case import identified, make_case
from returns_hub.flows.settle_receipt import is_due
from returns_hub.flows.world import World

SUPPOSED = "what-if"


@dataclass(frozen=True)
class Explained:
    """One receipt and the decision about it, made now.

    Args:
        receipt: As the warehouse has it, or supposed.
        case: What the decision is made from.
        settled: How an earlier run left this version of the receipt; empty when none did.
        until: When the next run decides anew, though nothing comes.
        is_due: The next run decides about it.
        supposed: The goods have not come.
    """

    receipt: Receipt
    case: Case
    decision: Decision
    settled: str = ""
    until: datetime | None = None
    is_due: bool = True
    supposed: bool = False


@dataclass(frozen=True)
class Explanation:
    """A return as it stands, what would be decided, and what keeps the hub from deciding."""

    portal_return: PortalReturn
    state: ReturnState
    at: datetime
    receipts: tuple[Explained, ...]
    remarks: tuple[str, ...]


def explain(world: World, return_id: str, what_if: Sequence[ReceivedRow] = ()) -> Explanation:
    """Explain what would be decided about a return now.

    Args:
        world: The merchant's.
        return_id: The return.
        what_if: Goods to suppose that the warehouse confirms now, in an external return that is
            not confirmed yet, or beside those that are.

    Raises:
        Permanent: The portal does not know the return.
        Retryable: A partner cannot be read now.
    """
    world = world.for_return(return_id)
    state = world.stores.returns.load(world.merchant, return_id)
    portal_return = world.portal.read_return(return_id)
    confirmed, remarks = _confirmed(state, world)
    remarks += _standing(state, portal_return, world)
    after = state
    explained: list[Explained] = []
    for receipt in confirmed:
        known = after.receipt(receipt.external_return_id)
        same = known is not None and known.receipt == receipt.key
        due = known is None or not same or is_due(known, world)
        found = _decided(receipt, after, portal_return, world)
        explained.append(
            Explained(
                receipt=receipt,
                case=found[0],
                decision=found[1],
                settled=known.settled if known and same else "",
                until=known.until if known and same else None,
                is_due=due,
            )
        )
        if due:
            after = _as_if(after, receipt, *found, world)
    if what_if:
        receipt = _supposed(what_if, state, confirmed, world)
        made_from, decision = _decided(receipt, after, portal_return, world)
        explained.append(Explained(receipt, made_from, decision, supposed=True))
    now = world.stores.clock.now()
    return Explanation(portal_return, state, now, tuple(explained), tuple(remarks))


def _confirmed(state: ReturnState, world: World) -> tuple[list[Receipt], list[str]]:
    """Confirmed external returns, the oldest confirmation first, and what is to be said of those
    that are not."""
    if not state.version:
        return [], ["the hub knows nothing of this return: it has not been announced"]
    receipts: list[Receipt] = []
    remarks: list[str] = []
    for shipment in state.shipments:
        made = shipment.external_return_id
        if made is None:
            why = "was announced in shadow mode only" if shipment.shadow else "is not announced yet"
            if shipment.parked:
                why = f"is not announced; it is parked as {shipment.parked}"
            elif shipment.discarded:
                why = "was taken out by an operator, and is not announced"
            remarks.append(f"shipment {shipment.key} {why}")
            continue
        receipt = world.warehouse.read_external_return(made)
        if receipt is None:
            remarks.append(f"the warehouse does not know external return {made} any more")
        elif not receipt.confirmed:
            remarks.append(f"external return {made} is announced; its goods are not confirmed yet")
        else:
            receipts.append(receipt)
    if not state.shipments:
        skips = ", ".join(dict.fromkeys(skip.code for skip in state.skips))
        remarks.append(
            "no external return was made for this return" + (f" ({skips})" if skips else "")
        )
    return sorted(receipts, key=lambda r: (r.updated_at, r.external_return_id)), remarks


def _standing(state: ReturnState, portal_return: PortalReturn, world: World) -> list[str]:
    remarks = []
    mode = world.live.merchant.flows.process_receipts.mode
    if mode is not Mode.LIVE:
        told = "nothing is decided" if mode is Mode.OFF else "decisions are told, not carried out"
        is_rma = world.live.merchant.portal == "miinto"
        flow = "miinto.rma.decide" if is_rma else "flows.process_receipts"
        remarks.append(f"{flow} is {mode.value}: {told}")
    if portal_return.status is ReturnStatus.UNKNOWN:
        remarks.append(
            f"the portal says {portal_return.status_word!r}, a status the hub was not told of: "
            "the receipt is put before a person"
        )
    for batch in state.batches:
        if batch.outcome in {"", "parked"}:
            lines = ", ".join(line.line_id for line in batch.lines)
            watched = "is parked" if batch.outcome else "is watched, and finished first"
            remarks.append(
                f"process call {batch.number} ({lines}) has no known outcome; it {watched}"
            )
    return remarks


def _decided(
    receipt: Receipt, state: ReturnState, portal_return: PortalReturn, world: World
) -> tuple[Case, Decision]:
    goods = identified(receipt, portal_return, world)
    case = make_case(receipt, goods, state, portal_return, world)
    policy = world.live.merchant.flows.process_receipts.policy
    return case, decide(case, policy, world.portal.abilities)


def _as_if(
    state: ReturnState, receipt: Receipt, case: Case, decision: Decision, world: World
) -> ReturnState:
    """The state after the next run has dealt with a receipt as decided."""
    now = world.stores.clock.now()
    again = decision.look_again_seconds
    facts: list[Fact] = [
        ReceiptTaken(
            external_return_id=receipt.external_return_id,
            receipt=receipt.key,
            units=receipt.units(),
            decision=decision.action.value,
            goods=_own(case, state, receipt),
        )
    ]
    live = world.live.merchant.flows.process_receipts.mode is Mode.LIVE
    if decision.action is Action.PROCESS and live:
        number = len(state.batches) + 1
        facts.append(LinesCommitted(batch=number, receipt=receipt.key, lines=decision.lines))
    facts.append(
        ReceiptSettled(
            external_return_id=receipt.external_return_id,
            receipt=receipt.key,
            outcome=SUPPOSED,
            until=now + timedelta(seconds=again) if again is not None else None,
        )
    )
    for fact in facts:
        event = Event(
            sequence=state.version + 1,
            at=now,
            actor="hub",
            rule=SUPPOSED,
            config_version=world.live.version,
            fact=fact,
        )
        state = apply(state, event)
    return state


def _own(case: Case, state: ReturnState, receipt: Receipt) -> tuple[Goods, ...]:
    """The receipt's own goods among those of its case, where they stand last."""
    return case.goods[len(state.received_goods(but=receipt.external_return_id)) :]


def _supposed(
    rows: Sequence[ReceivedRow], state: ReturnState, confirmed: Sequence[Receipt], world: World
) -> Receipt:
    known = {receipt.external_return_id for receipt in confirmed}
    open_ids = [
        shipment.external_return_id
        for shipment in state.shipments
        if shipment.external_return_id is not None and shipment.external_return_id not in known
    ]
    return Receipt(
        external_return_id=open_ids[0] if open_ids else 0,
        version=SUPPOSED,
        confirmed=True,
        updated_at=world.stores.clock.now(),
        rows=tuple(rows),
    )
