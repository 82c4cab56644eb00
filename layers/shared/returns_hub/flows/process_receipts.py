"""What the warehouse confirmed is processed in the portal, or flagged, or skipped (R7 to R11).

One run for one merchant works under the lease of its receipts cursor. The cursor moves only when
everything it passes is on a timeline, and is conditioned on the lease's fence.
"""

from __future__ import annotations

from dataclasses import replace

from returns_hub.domain.file_types import Mode
from returns_hub.domain.receipts import Receipt
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.by_hand import finish_by_hand
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.cursor_names import receipts
from returns_hub.flows.find_receipts import ReceiptCursor, choose, find_receipts
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.foreign_receipt import on_foreign_receipt
from returns_hub.flows.probe import probe_if_due
from returns_hub.flows.settle_receipt import park_receipt, settle_receipt
from returns_hub.flows.world import REQUEST_SECONDS, World
from returns_hub.ports import Lease

WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2


def process_receipts(world: World) -> dict[str, int]:
    """Deal with what a merchant's warehouse confirmed since the last run.

    Returns:
        How many receipts ended in which way. Empty when another run holds the lease. When the
        warehouse cannot be read the run is counted as failed; nothing is passed over, and the
        next tick is the retry.
    """
    if _is_off(world):
        return {"off": 1}
    stores = world.stores
    with leased(stores, receipts(world.merchant)) as lease:
        if lease is None:
            return {}
        try:
            return _run(world, lease)
        except Verdict as verdict:
            lease.run.failed(verdict)
            world.run_failed(verdict, flow="process_receipts")
            return {"failed": 1}


def _is_off(world: World) -> bool:
    """Whether receipts are looked at for none of the merchant's returns, RMAs among them."""
    merchant = world.live.merchant
    modes = [merchant.flows.process_receipts.mode]
    if merchant.miinto is not None:
        modes.append(merchant.miinto.rma.decide.mode)
    return all(mode is Mode.OFF for mode in modes)


def process_receipts_of(world: World, return_id: str) -> dict[str, int]:
    """Deal with what the warehouse confirmed of one return, e.g. because a person asks for it.

    No cursor is moved, so no lease is needed: the return's own version decides who goes first.
    What cannot be done now is found again by the runs that walk over open external returns.
    """
    world = world.for_return(return_id)
    state = finish_by_hand(world, return_id)
    if world.live.merchant.flows.process_receipts.mode is Mode.OFF:
        return {"off": 1}
    endings: dict[str, int] = {}
    for shipment in state.shipments:
        if shipment.external_return_id is None:
            continue
        receipt = world.warehouse.read_external_return(shipment.external_return_id)
        if receipt is not None and receipt.confirmed:
            ending = _deal_with(receipt, world)
            endings[ending] = endings.get(ending, 0) + 1
    for ending, count in endings.items():
        world.stores.telemetry.count("Receipts", count, merchant=world.merchant, outcome=ending)
    return endings


def _run(world: World, lease: Lease) -> dict[str, int]:
    settings = world.live.merchant.flows.process_receipts
    stores = world.stores
    cursor = ReceiptCursor.from_json(lease.value)
    strategy = choose(settings.strategy, probe_if_due(world))
    found = find_receipts(world, strategy, cursor)
    seen = dict(cursor.seen)
    endings: dict[str, int] = {}
    undone: list[Receipt] = []
    for receipt in found.receipts:
        ending = _deal_with(receipt, world)
        if ending not in {"known", "off"}:
            endings[ending] = endings.get(ending, 0) + 1
        if ending in {"later", "not_started"}:
            undone.append(receipt)
        else:
            seen[str(receipt.external_return_id)] = receipt.version
            lease.run.found_new |= ending not in {"known", "off"}
    for ending, count in endings.items():
        stores.telemetry.count("Receipts", count, merchant=world.merchant, outcome=ending)
    next_cursor = replace(found.next_cursor, seen=seen)
    if undone:
        # Everything from the oldest undone change on is read again; what is done is known by
        # its version. The walk over open ones needs no holding back: undone ones stay open.
        held_back = min(cursor.since, undone[0].updated_at) if cursor.since else None
        next_cursor = replace(next_cursor, since=held_back)
    try:
        stores.cursors.advance(lease, next_cursor.to_json())
    except Conflict:
        stores.telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
    if found.trouble is not None:
        lease.run.failed(found.trouble)
        world.run_failed(found.trouble, flow="process_receipts")
    stores.telemetry.log(
        "receipts run", strategy=strategy.value, complete=found.complete, **endings
    )
    return endings


def _deal_with(receipt: Receipt, world: World) -> str:
    """Deal with one receipt; how it ended. One receipt's trouble does not stop the others.

    Where the flow is off for its return the receipt stays open, so that the walk over open external
    returns finds it when the flow is switched on.
    """
    stores = world.stores
    if stores.clock.remaining() < WORST_CASE_SECONDS:
        return "not_started"
    return_id = stores.returns.find(world.merchant, receipt.external_return_id)
    if return_id is None:
        return _not_ours(receipt, world)
    world = world.for_return(return_id)
    if world.live.merchant.flows.process_receipts.mode is Mode.OFF:
        return "off"
    for _ in range(TRIES_AGAINST_OTHERS):
        try:
            return settle_receipt(receipt, return_id, world)
        except Conflict:
            continue
        except Permanent as verdict:
            return _park(receipt, return_id, verdict, world)
        except (Retryable, UnknownOutcome) as verdict:
            world.tell_if_misconfigured(verdict)
            stores.telemetry.log(
                "receipt comes back",
                return_id=return_id,
                code=verdict.code,
                reason=verdict.reason,
            )
            return "later"
    return "later"


def _not_ours(receipt: Receipt, world: World) -> str:
    """Goods of no return: the marketplace's, perhaps; else another team's, and left alone."""
    try:
        market = world.marketplace()
        return "not_ours" if market is None else on_foreign_receipt(receipt, market)
    except Permanent as verdict:
        parked_id = f"request_rma/receipt/{receipt.external_return_id}"
        payload = receipt.model_dump_json(include={"external_return_id", "version"})
        subject = f"external return {receipt.external_return_id}"
        world.park("request_rma", parked_id, verdict, subject=subject, payload=payload)
        return "parked"
    except (Retryable, UnknownOutcome) as verdict:
        world.tell_if_misconfigured(verdict)
        world.stores.telemetry.log(
            "receipt comes back", subject="not ours", code=verdict.code, reason=verdict.reason
        )
        return "later"


def _park(receipt: Receipt, return_id: str, verdict: Permanent, world: World) -> str:
    try:
        return park_receipt(receipt, return_id, verdict, world)
    except Conflict:
        return "later"
    except Permanent as refused:
        # Its timeline takes no more. It is in the list of parked work all the same, and holds up no
        # other.
        world.stores.telemetry.log(
            "not on the timeline", return_id=return_id, code=refused.code, reason=refused.reason
        )
        return "parked"
