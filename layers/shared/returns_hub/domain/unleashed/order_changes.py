"""What follows when an order was edited in Unleashed after the warehouse got it.

Three sets of units decide: what the warehouse was sent last (we keep it), what Unleashed says now,
and what the warehouse's order holds now. Only what Unleashed changed is carried over, and only onto
what we had sent: where somebody changed the warehouse's order as well, a person decides.

Increases are carried over by default, decreases by a second switch (as in the warehouse's own
connector), and none of them once the warehouse has begun. Steps name the units wanted, never a
difference, so that carrying them out twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from returns_hub.domain.unleashed.order_settings import OrderEdits
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder, units_of

CHANGEABLE = frozenset({OrderStage.NEW, OrderStage.ON_HOLD, OrderStage.BACK_ORDERED})
"""Stages in which nobody picks yet."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class SetUnits:
    """The warehouse's order is to hold so many units of a SKU; 0 takes it off.

    `before` is what it holds until then.
    """

    sku: str
    units: int
    before: int


@dataclass(frozen=True, slots=True)
class SendAddress:
    """The warehouse's order is to have the delivery address of Unleashed's."""


@dataclass(frozen=True, slots=True)
class CancelIt:
    """The warehouse's order is to be cancelled."""


Step = SetUnits | SendAddress | CancelIt
WhyLeft = Literal["increases_off", "decreases_off", "addresses_off"]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A change of Unleashed's that the file does not want carried over.

    Args:
        sku: Whose units; empty for the address.
        sent: Units that the warehouse was sent.
        wanted: Units that Unleashed says.
        why: Which switch is off.
    """

    sku: str
    sent: int
    wanted: int
    why: WhyLeft


@dataclass(frozen=True)
class ChangePlan:
    """What is to be done about an edited order: steps in this order, or a person.

    Args:
        steps: Empty when a person is asked, and when the warehouse has it like that already.
        left: Changes that are not carried over.
        ask: Why a person has to see to it, in a sentence; empty when nobody has to.
        reached: Units by SKU that hold once the steps are done.
    """

    steps: tuple[Step, ...] = ()
    left: tuple[LeftAlone, ...] = ()
    ask: str = ""
    reached: Mapping[str, int] = field(default_factory=dict)


def plan_changes(
    *,
    sent: Mapping[str, int],
    wanted: Mapping[str, int],
    held: tuple[WarehouseOrder, ...],
    edits: OrderEdits,
    address_changed: bool = False,
) -> ChangePlan:
    """What follows from an edit.

    Args:
        sent: Units of each SKU that the warehouse was sent last.
        wanted: Units that Unleashed's order says now, as `orders_rule` judged it.
        held: The warehouse's order as it is now; its parts when it was split, empty when it is
            gone.
        edits: The switches.
        address_changed: Whether the delivery address differs from the one that was sent.
    """
    changed, left = _changes(sent, wanted, edits)
    if address_changed and not edits.addresses:
        left += (LeftAlone("", 0, 0, "addresses_off"),)
        address_changed = False
    if not changed and not address_changed:
        return ChangePlan(left=left)
    if not address_changed and _is_so(held, changed):
        return ChangePlan(left=left, reached=changed)
    why_not = _why_not(held)
    if why_not:
        return ChangePlan(left=left, ask=f"{_told(changed, sent, address_changed)}; {why_not}")
    order = held[0]
    units = order.units()
    foreign = [sku for sku in changed if units.get(sku, 0) not in {sent.get(sku, 0), changed[sku]}]
    if foreign:
        return ChangePlan(left=left, ask=_differs(foreign, sent, changed, units))
    steps = _steps(changed, units)
    if not any({**units, **changed}.values()):
        return ChangePlan(left=left, ask="nothing would be left of it; cancel it instead")
    address: tuple[Step, ...] = (SendAddress(),) if address_changed else ()
    return ChangePlan(steps=(*steps, *address), left=left, reached=changed)


def plan_deletion(held: tuple[WarehouseOrder, ...], edits: OrderEdits) -> ChangePlan:
    """What follows when the order was deleted in Unleashed.

    The warehouse cancels only orders that are new; of every other one a person has to decide.
    """
    if not held or all(order.is_cancelled for order in held):
        return ChangePlan()
    order = held[0]
    is_whole = len(held) == 1 and order.parts == 1 and len(order.numbers) == 1
    if edits.deletions == "cancel" and is_whole and order.stage is OrderStage.NEW:
        return ChangePlan(steps=(CancelIt(),))
    if any(part.is_shipped for part in held):
        return ChangePlan(ask="it was deleted in Unleashed, and the warehouse has sent it")
    if not is_whole:
        return ChangePlan(ask="it was deleted in Unleashed; the warehouse has split or merged it")
    return ChangePlan(
        ask=f"it was deleted in Unleashed; in the warehouse it is {order.status_word}"
    )


def plan_withdrawal(held: tuple[WarehouseOrder, ...], status: str) -> ChangePlan:
    """What follows when the order was taken back to a status that is not imported, e.g. Parked."""
    if not held or all(order.is_cancelled or order.is_shipped for order in held):
        return ChangePlan()
    return ChangePlan(
        ask=f"it went back to {status[:30]} in Unleashed; in the warehouse it is "
        f"{held[0].status_word}"
    )


def _changes(
    sent: Mapping[str, int], wanted: Mapping[str, int], edits: OrderEdits
) -> tuple[dict[str, int], tuple[LeftAlone, ...]]:
    """Units to be reached by SKU, and the changes that stay out."""
    changed: dict[str, int] = {}
    left: list[LeftAlone] = []
    for sku in sorted({*sent, *wanted}):
        old, new = sent.get(sku, 0), wanted.get(sku, 0)
        if new == old:
            continue
        is_more = new > old
        if edits.increases if is_more else edits.decreases:
            changed[sku] = new
        else:
            left.append(LeftAlone(sku, old, new, "increases_off" if is_more else "decreases_off"))
    return changed, tuple(left)


def _steps(changed: Mapping[str, int], held: Mapping[str, int]) -> tuple[SetUnits, ...]:
    """More first and nothing last, so that the order is never empty on the way."""
    steps = [
        SetUnits(sku, units, held.get(sku, 0))
        for sku, units in changed.items()
        if held.get(sku, 0) != units
    ]
    return tuple(sorted(steps, key=lambda s: (s.units == 0, s.units < s.before, s.sku)))


def _is_so(held: tuple[WarehouseOrder, ...], changed: Mapping[str, int]) -> bool:
    """Whether somebody has seen to it in the warehouse already; its parts count together."""
    if not held or any(len(one.numbers) > 1 or one.is_cancelled for one in held):
        return False
    if len(held) < held[0].parts or any(one.items is None for one in held):
        return False
    units = units_of((item.sku, item.quantity) for one in held for item in one.items or ())
    return all(units.get(sku, 0) == wanted for sku, wanted in changed.items())


def _why_not(held: tuple[WarehouseOrder, ...]) -> str:
    """Why the warehouse's order cannot be changed any more; empty when it can."""
    if not held:
        return "the warehouse does not have the order any more"
    order = held[0]
    if len(held) > 1 or order.parts > 1 or len(order.numbers) > 1:
        return "the warehouse has split or merged the order; change it there"
    if order.is_shipped:
        return "the warehouse has sent it; make another order of what is missing"
    if order.is_cancelled:
        return "the warehouse has cancelled it"
    if order.stage not in CHANGEABLE or any(item.committed for item in order.items or ()):
        return f"in the warehouse it is {order.status_word}, which is too late to change it"
    if order.items is None:
        return "the warehouse does not show its items"
    return ""


def _told(changed: Mapping[str, int], sent: Mapping[str, int], address: bool) -> str:
    rows = [f"{sku[:60]} {sent.get(sku, 0)} -> {units}" for sku, units in changed.items()]
    more = [f"and {len(rows) - MOST_NAMED} more"] if len(rows) > MOST_NAMED else []
    said = rows[:MOST_NAMED] + more + (["another address"] if address else [])
    return f"it was edited in Unleashed ({', '.join(said)})"


def _differs(
    skus: list[str], sent: Mapping[str, int], wanted: Mapping[str, int], held: Mapping[str, int]
) -> str:
    rows = [
        f"{sku[:60]}: {sent.get(sku, 0)} sent, {wanted.get(sku, 0)} in Unleashed now, "
        f"{held.get(sku, 0)} in the warehouse"
        for sku in skus[:MOST_NAMED]
    ]
    return f"it was edited in Unleashed and in the warehouse ({'; '.join(rows)})"
