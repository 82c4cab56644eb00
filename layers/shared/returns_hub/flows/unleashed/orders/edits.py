"""What follows for the warehouse's order when Unleashed's was edited, taken back or deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from returns_hub.domain.minor_units import amount_of
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import ORDER
from returns_hub.domain.unleashed.order_changes import (
    ChangePlan,
    SetUnits,
    plan_changes,
    plan_deletion,
    plan_withdrawal,
)
from returns_hub.domain.unleashed.order_draft import address_mark
from returns_hub.domain.unleashed.order_settings import OrderImport
from returns_hub.domain.unleashed.orders_rule import ImportOrder
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.warehouse_orders import Recipient, WarehouseOrder
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.orders.steps import (
    CANCEL,
    HEADER,
    UNITS,
    OrderSteps,
    Told,
    address_sent,
    units_sent,
)

MOST_NAMED = 5


@dataclass(frozen=True)
class _Edit:
    """An edit, and what is known of the warehouse's order.

    Args:
        order: As Unleashed has it.
        judged: The same, as the warehouse would get it.
        recipient: Who gets the goods.
        state: What was done before.
    """

    order: SalesOrder
    judged: ImportOrder
    recipient: Recipient
    state: SyncState

    @property
    def made(self) -> StepState:
        """The step that made the warehouse's order."""
        found = self.state.step(ORDER)
        if found is None:
            raise LookupError(ORDER)
        return found

    @property
    def there(self) -> tuple[int, str]:
        """The warehouse's order: its id and its number."""
        return int(self.made.partner_id), Told.of(self.made).number

    @property
    def mark(self) -> str:
        """Of the address."""
        return address_mark(self.order)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the address is another than the warehouse was told."""
        return self.mark != address_sent(self.state, Told.of(self.made))

    def begun(self, name: str) -> tuple[StepState, ...]:
        """Steps of this kind of which nobody knows the end."""
        return tuple(s for s in self.state.open_steps if s.name.startswith(f"{name}/"))

    def price(self, sku: str) -> Decimal | None:
        """Of one unit, for a line that is new."""
        minor = next((line.unit_price_minor for line in self.judged.lines if line.sku == sku), None)
        return None if minor is None else amount_of(minor, self.order.currency)


class OrderEditing:
    """Plans for orders that the warehouse has."""

    def __init__(self, settings: OrderImport, steps: OrderSteps) -> None:
        self._edits = settings.edits
        self._steps = steps

    def edited(
        self, order: SalesOrder, judged: ImportOrder, recipient: Recipient, state: SyncState
    ) -> Plan:
        """The order is still one to be sent; what of it changed is carried over.

        Raises:
            Permanent: A person decides.
            Skip: What changed is not carried over, by the file.
        """
        edit = _Edit(order, judged, recipient, state)
        if not edit.begun(UNITS) and not edit.begun(HEADER):
            # Whether anything changed is known without asking the warehouse.
            changes = self._changes(edit, units_sent(state), ())
            if not changes.ask:
                return _nothing_to_send(edit, changes)
        held = self._steps.held(*edit.there)
        sent = _as_carried_out(edit, held)
        changes = self._changes(edit, sent, held)
        if changes.ask:
            raise Permanent("unleashed.order_edited", f"order {edit.there[1]}: {changes.ask}")
        steps = tuple(self._to_send(edit, changes, sent, held))
        if not steps:
            return _nothing_to_send(edit, changes)
        return Plan(_with_left(steps, changes), outcome="edited")

    def deleted(self, order_id: int, told: Told, state: SyncState) -> Plan:
        """The order was deleted in Unleashed.

        Raises:
            Permanent: A person decides.
        """
        cancel = self._steps.cancel((order_id, told.number))
        if state.is_open(CANCEL):
            return Plan((cancel,), outcome="cancelled")
        changes = plan_deletion(self._steps.held(order_id, told.number), self._edits)
        if changes.ask:
            raise Permanent("unleashed.order_deleted", f"order {told.number}: {changes.ask}")
        return Plan((cancel,) if changes.steps else (), outcome="cancelled")

    def withdrawn(self, order_id: int, told: Told, status: str) -> Plan:
        """The order went to a status that is not imported.

        Raises:
            Permanent: A person decides.
        """
        changes = plan_withdrawal(self._steps.held(order_id, told.number), status)
        if changes.ask:
            raise Permanent("unleashed.order_withdrawn", f"order {told.number}: {changes.ask}")
        return Plan(outcome="withdrawn")

    def left(self, order_id: int, told: Told, why: str) -> Plan:
        """The order is none for this warehouse any more.

        Raises:
            Permanent: A person decides, unless the warehouse has sent or cancelled it.
        """
        held = self._steps.held(order_id, told.number)
        if not held or all(one.is_cancelled or one.is_shipped for one in held):
            return Plan(outcome="withdrawn")
        raise Permanent(
            "unleashed.order_withdrawn",
            f"order {told.number} was edited in Unleashed: {why}; in the warehouse it is "
            f"{held[0].status_word}: cancel it there",
        )

    def _changes(
        self, edit: _Edit, sent: dict[str, int], held: tuple[WarehouseOrder, ...]
    ) -> ChangePlan:
        return plan_changes(
            sent=sent,
            wanted=edit.judged.units(),
            held=held,
            edits=self._edits,
            address_changed=edit.is_elsewhere,
        )

    def _to_send(
        self,
        edit: _Edit,
        changes: ChangePlan,
        sent: dict[str, int],
        held: tuple[WarehouseOrder, ...],
    ) -> Iterator[Step]:
        """The changes, and what was begun earlier and is to end as they have it."""
        units = held[0].units() if held else {}
        named = {step.sku for step in changes.steps if isinstance(step, SetUnits)}
        for step in changes.steps:
            if isinstance(step, SetUnits):
                yield self._set_units(edit, step)
        for begun in edit.begun(UNITS):
            sku = str(begun.told["sku"])
            if sku not in named:
                wanted = changes.reached.get(sku, sent.get(sku, 0))
                yield self._set_units(edit, SetUnits(sku, wanted, units.get(sku, 0)))
        is_begun = bool(edit.begun(HEADER)) and self._edits.addresses
        if is_begun or any(not isinstance(step, SetUnits) for step in changes.steps):
            yield self._steps.set_address(edit.state, edit.there, edit.recipient, edit.mark)

    def _set_units(self, edit: _Edit, step: SetUnits) -> Step:
        return self._steps.set_units(
            edit.state,
            edit.there,
            step.sku,
            step.units,
            before=step.before,
            price=edit.price(step.sku),
        )


def _as_carried_out(edit: _Edit, held: tuple[WarehouseOrder, ...]) -> dict[str, int]:
    """Units that the warehouse was sent, with what it shows to have been carried out of changes
    that nobody heard the end of."""
    sent = units_sent(edit.state)
    units = held[0].units() if len(held) == 1 else {}
    for begun in edit.begun(UNITS):
        sku, told = str(begun.told["sku"]), int(begun.told["units"])
        if units.get(sku, 0) == told:
            sent[sku] = told
    return sent


def _nothing_to_send(edit: _Edit, changes: ChangePlan) -> Plan:
    if changes.left:
        raise Skip(
            "unleashed.edit_left",
            f"order {edit.there[1]} was edited in Unleashed, and the file does not want that "
            f"carried over: {_left_in_words(changes)}",
        )
    return Plan(outcome="in_step")


def _with_left(steps: tuple[Step, ...], changes: ChangePlan) -> tuple[Step, ...]:
    """The steps; what is left out is told with the first."""
    if not changes.left:
        return steps
    said = f"{steps[0].summary}; not carried over: {_left_in_words(changes)}"
    return (replace(steps[0], summary=said), *steps[1:])


def _left_in_words(changes: ChangePlan) -> str:
    rows = [
        f"{one.sku[:60]} {one.sent} -> {one.wanted}" if one.sku else "another address"
        for one in changes.left
    ]
    more = [f"and {len(rows) - MOST_NAMED} more"] if len(rows) > MOST_NAMED else []
    switches = sorted({one.why.removesuffix("_off") for one in changes.left})
    return f"{', '.join(rows[:MOST_NAMED] + more)} (edits.{', edits.'.join(switches)} off)"
