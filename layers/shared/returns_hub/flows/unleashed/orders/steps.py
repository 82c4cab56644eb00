"""The writes to the warehouse about a sales order: made, changed, cancelled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import Claim, Found, LookUp, NotFound
from returns_hub.domain.order_changes import OrderHeaderChange
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import MINTSOFT, ORDER
from returns_hub.domain.unleashed.order_draft import goods_in_words
from returns_hub.domain.warehouse_orders import OrderDraft, Recipient, WarehouseOrder
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.shared_steps import (
    address_step,
    cancel_step,
    find_ours,
    look_for_ours,
    require_ours,
)

UNITS, HEADER, CANCEL = "units", "header", "cancel"
PLAIN_SKU = re.compile(r"[A-Za-z0-9_.-]{1,60}", re.ASCII)


@dataclass(frozen=True)
class Told:
    """What the warehouse was told of an order when it was made.

    Args:
        number: Its number there.
        warehouse_id: Mintsoft's.
        units: Of each SKU.
        address: The mark of its address; see `order_draft.address_mark`.
    """

    number: str
    warehouse_id: int
    units: Mapping[str, int]
    address: str

    @staticmethod
    def of(step: StepState) -> Told:
        """As it stands on the timeline."""
        told = step.told
        return Told(told["number"], told["warehouse"], dict(told["units"]), told["address"])

    def to_json(self) -> dict[str, Any]:
        """For the timeline."""
        return {
            "number": self.number,
            "warehouse": self.warehouse_id,
            "units": dict(self.units),
            "address": self.address,
        }


def units_sent(state: SyncState) -> dict[str, int]:
    """Units of each SKU that the warehouse was told last, as far as it is known that it was."""
    made = state.step(ORDER)
    if made is None or not made.how:
        return {}
    units = dict(Told.of(made).units)
    changes = [step for step in state.steps if step.name.startswith(f"{UNITS}/") and step.how]
    for step in sorted(changes, key=lambda one: one.turn):
        units[step.told["sku"]] = step.told["units"]
    return {sku: many for sku, many in units.items() if many}


def address_sent(state: SyncState, told: Told) -> str:
    """The mark of the address that the warehouse was told last."""
    changes = [step for step in state.steps if step.name.startswith(f"{HEADER}/") and step.how]
    newest = max(changes, key=lambda one: one.turn, default=None)
    return told.address if newest is None else str(newest.told["address"])


class OrderSteps:
    """Makes the steps; the warehouse is asked only when one is taken."""

    def __init__(self, world: ErpWorld) -> None:
        self._world = world
        self._orders = world.orders
        self._changes = world.order_changes
        self._settle = float(world.world.live.merchant.mintsoft.settle_seconds)

    # -- making -----------------------------------------------------------------------------

    def make(self, draft: OrderDraft, mark: str, earlier: Told | None) -> Step:
        """Make the order; its id is the step's.

        Looked up by `look_for_ours`, under every number that it may have been made with.

        Args:
            draft: The order.
            mark: Of its address.
            earlier: What an earlier version told, of which nobody knows the end yet.
        """
        told = Told(draft.number, draft.warehouse_id, draft.units(), mark)
        names = [told] if earlier is None else [earlier]
        if earlier is not None and earlier.number != told.number:
            names.append(told)

        def send(send_by: datetime) -> str:
            made = self._orders.create_order(draft, send_by)
            require_ours(self._orders, made, draft.number, draft.external_reference)
            return str(made.order_id)

        def look_up(claim: Claim) -> LookUp:
            reference, since = draft.external_reference, claim.first_claimed_at
            answers = [
                look_for_ours(self._orders, name.number, reference, name.units, since)
                for name in names
            ]
            return next((one for one in answers if not isinstance(one, NotFound)), NotFound())

        summary = (
            f"order {draft.number} in warehouse {draft.warehouse_id}: "
            f"{goods_in_words(draft.units())}; courier {draft.courier}"
        )
        if draft.channel:
            summary += f", channel {draft.channel}"
        return Step(
            name=ORDER,
            partner=MINTSOFT,
            summary=summary,
            send=send,
            look_up=look_up,
            settle=self._settle,
            told=told.to_json(),
            does="create",
        )

    def adopt(self, order_id: int, told: Told) -> Step:
        """Note that the order was made, which it was found to be; nothing is sent."""
        return Step(
            name=ORDER,
            partner=MINTSOFT,
            summary=f"order {told.number} was made before",
            send=lambda _: str(order_id),
            look_up=lambda _: Found(str(order_id)),
            told=told.to_json(),
        )

    def find(self, number: str, reference: str) -> int | None:
        """The id of the order that the hub made; None when it is not there."""
        return find_ours(self._orders, number, reference)

    # -- reading ----------------------------------------------------------------------------

    def held(self, order_id: int, number: str) -> tuple[WarehouseOrder, ...]:
        """The order as the warehouse holds it: its parts, or what it was merged into; empty when
        it is gone."""
        found = self._orders.orders_with_number(number)
        if any(order.order_id == order_id or len(order.numbers) > 1 for order in found):
            return found
        one = self._orders.read_order(order_id)
        return (one,) if one is not None else found

    # -- changing ---------------------------------------------------------------------------

    def set_units(
        self,
        state: SyncState,
        order: tuple[int, str],
        sku: str,
        units: int,
        *,
        before: int,
        price: Decimal | None = None,
    ) -> Step:
        """Have the order hold so many units of a SKU.

        The look-up is conclusive: an order is read by its id, and shows its units at once. They are
        set to a number, so that what is sent twice changes nothing.
        """
        order_id, number = order

        def send(send_by: datetime) -> str:
            self._changes.set_order_units(order_id, sku, units, send_by, unit_price=price)
            return ""

        def look_up(_: Claim) -> LookUp:
            there = self._orders.read_order(order_id)
            is_so = there is not None and there.units().get(sku, 0) == units
            return Found("") if is_so else NotFound()

        return Step(
            name=state.anew(f"{UNITS}/{_token(sku)}"),
            partner=MINTSOFT,
            summary=f"order {number}: {sku[:60]} {before} -> {units}",
            send=send,
            look_up=look_up,
            told={"sku": sku, "units": units},
        )

    def set_address(
        self, state: SyncState, order: tuple[int, str], recipient: Recipient, mark: str
    ) -> Step:
        """Have the order go to another address; see `address_step`."""
        change = OrderHeaderChange(recipient=recipient)
        told = {"address": mark}
        return address_step(self._world, state.anew(HEADER), order, change, told)

    def cancel(self, order: tuple[int, str]) -> Step:
        """Cancel the order while it is new; see `cancel_step`."""
        return cancel_step(self._world, CANCEL, *order)


def _token(sku: str) -> str:
    """A SKU in the name of a step, where a slash would mean something else."""
    return sku if PLAIN_SKU.fullmatch(sku) else f"~{short_hash(sku)}"
