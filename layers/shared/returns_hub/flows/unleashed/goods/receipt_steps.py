"""The writes of one receipt of a purchase order, each of its own in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import Claim, LookUp
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import RECEIPTS, UNLEASHED
from returns_hub.domain.unleashed.purchase_orders import LineReceipt, PurchaseOrder, is_set
from returns_hub.domain.unleashed.purchase_rule import listed
from returns_hub.domain.unleashed.receipt_rule import Allocation
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.raised import RAISE

GIVE_UP_SECONDS = 3600.0
"""What Unleashed shows of a receipt does not become clearer with time."""
RECEIPT, SET, COMPLETE = "receipt", "set", "complete"


class ReceiptSteps:
    """Steps about one purchase order.

    Args:
        world: The merchant's.
        order: As Unleashed has it now.
        state: Of the record.
    """

    def __init__(self, world: ErpWorld, order: PurchaseOrder, state: SyncState) -> None:
        self._world = world
        self._erp = world.erp.purchase_orders
        self._order = order
        self._state = state

    def raise_lines(self, wanted: Allocation) -> list[Step]:
        """Has lines order what came; none when they do."""
        begun = next((step for step in self._state.open_steps if is_named(step, RAISE)), None)
        if not wanted.raises and begun is None:
            return []
        seen = short_hash(f"{self._order.stamp} {wanted.raises!r}", 12)
        name = begun.name if begun else f"{RAISE}/{seen}"
        erp, guid, raises = self._erp, self._order.guid, wanted.raises

        def send(by: datetime) -> str:
            erp.raise_lines(guid, raises, by)
            return ""

        def look_up(_: Claim) -> LookUp:
            """By reading the order; see `ErpPurchaseOrders.raised`."""
            return erp.raised(guid, raises)

        told = wanted.over or (begun.told.get("raised", {}) if begun else {})
        summary = f"{self._order.number} is raised by {listed(told)}"
        return [Step(name, UNLEASHED, summary, send, look_up, told={"raised": dict(told)})]

    def set_lines(self, wanted: Allocation) -> list[Step]:
        """Sets every line to what came; none when that was done and nothing has changed since."""
        order, erp, lines = self._order, self._erp, wanted.lines
        is_done = stamp_in(self._state) == f"{order.guid}@{order.stamp}"
        if is_done and is_set(order, lines, tracked=self._world.connection.batches_and_serials):
            return []

        def send(by: datetime) -> str:
            return erp.set_receipt(order.guid, lines, by)

        def look_up(_: Claim) -> LookUp:
            """By reading the order; see `ErpPurchaseOrders.receipt_set`."""
            return erp.receipt_set(order.guid, lines)

        begun = (step.name for step in self._state.open_steps if is_named(step, SET))
        seen = short_hash(f"{order.stamp} {lines!r}", 12)
        name = next(begun, f"{SET}/{seen}")
        summary = f"lines of {order.number} are set to what came"
        return [Step(name, UNLEASHED, summary, send, look_up, passing=True)]

    def receipt_name(self, told: Mapping[str, object]) -> str:
        """The name of the next receipt: another one as soon as it would book something else."""
        return f"{RECEIPT}/{len(receipts_in(self._state)) + 1}/{short_hash(canonical(told), 12)}"

    def receipt(
        self, lines: tuple[LineReceipt, ...], told: Mapping[str, object], name: str = ""
    ) -> Step:
        """The receipt itself, the next one unless it is named."""
        world, erp, guid, key = self._world, self._erp, self._order.guid, self._state.key

        def send(by: datetime) -> str:
            erp.receipt(guid, lines, by)
            return ""

        def look_up(_: Claim) -> LookUp:
            """By reading the order; see `ErpPurchaseOrders.receipted`."""
            return erp.receipted(guid, stamp_in(world.sync.load(RECEIPTS, key)))

        units = listed({row.sku: int(row.units) for row in lines if row.units})
        return Step(
            name=name or self.receipt_name(told),
            partner=UNLEASHED,
            summary=f"receipt of {self._order.number}: {units}",
            send=send,
            look_up=look_up,
            give_up=GIVE_UP_SECONDS,
            told=told,
        )

    def complete(self, *, is_wanted: bool) -> list[Step]:
        """Completes the order; none when nobody wants it, or it is complete."""
        is_due = is_wanted and not self._order.is_complete
        if not is_due and not self._state.is_open(COMPLETE):
            return []
        erp, guid = self._erp, self._order.guid

        def send(by: datetime) -> str:
            erp.complete(guid, by)
            return ""

        def look_up(_: Claim) -> LookUp:
            """By its status; see `ErpPurchaseOrders.completed`."""
            return erp.completed(guid)

        summary = f"{self._order.number} is completed"
        return [Step(COMPLETE, UNLEASHED, summary, send, look_up)]


def receipts_in(state: SyncState) -> tuple[StepState, ...]:
    """Receipts of a record that are known to be booked."""
    return tuple(step for step in state.steps if is_named(step, RECEIPT) and step.how)


def open_receipt(state: SyncState) -> StepState | None:
    """A receipt that was sent, or may have been, and has no known end."""
    return next((step for step in state.open_steps if is_named(step, RECEIPT)), None)


def was_left(state: SyncState) -> bool:
    """Whether a receipt was sent of which nobody ever found out whether it was booked."""
    return any(is_named(step, RECEIPT) and step.stuck == "abandoned" for step in state.steps)


def canonical(told: Mapping[str, object]) -> str:
    """What a step told, as the same text whenever it is the same."""
    return json.dumps(told, sort_keys=True)


def is_named(step: StepState, name: str) -> bool:
    """Whether it is one of the steps of this name, which versions take anew."""
    return step.name.startswith(f"{name}/")


def stamp_in(state: SyncState) -> str:
    """The order's stamp when its lines were set last; empty when they were not."""
    found = [step.partner_id for step in state.steps if is_named(step, SET) and step.how]
    return found[-1] if found else ""
