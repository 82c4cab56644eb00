"""What left with a part of an order, counted over all of its parts. Pure.

Facts (recorded live by a client project): a split order is several of the warehouse's, with one
number, each a part with units of its own; a merged one is one with the numbers of several.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.bundles import Bills, expand
from returns_hub.domain.relay.despatch import (
    Counted,
    Despatch,
    DespatchLine,
    despatch_id_of,
    event_id_of,
    impersonal,
)
from returns_hub.domain.warehouse_orders import WarehouseOrder

LONG_AGO = datetime.min.replace(tzinfo=UTC)
Units = Mapping[str, int]


@dataclass(frozen=True)
class Sums:
    """Units by SKU over all parts, as they stood when this part had left."""

    ordered: Units
    despatched: Units
    so_far: Units
    cancelled: Units

    def of(self, sku: str) -> Counted:
        """One SKU's counts."""
        ordered, so_far = self.ordered.get(sku, 0), self.so_far.get(sku, 0)
        cancelled = self.cancelled.get(sku, 0)
        return Counted(
            sku=sku,
            ordered=ordered,
            despatched=self.despatched.get(sku, 0),
            despatched_so_far=so_far,
            cancelled=cancelled,
            left=ordered - so_far - cancelled,
        )


def digest_of(order: WarehouseOrder) -> str:
    """Equal as long as the same is told of this order. Other parts do not count: their leaving is
    told by themselves."""
    told = (
        order.numbers,
        order.external_reference,
        sorted(order.units().items()),
        order.despatched_at,
        order.courier,
        order.tracking_number,
        impersonal(order.tracking_url),
    )
    return short_hash(repr(told), 24)


def despatch_of(
    merchant: str,
    order: WarehouseOrder,
    parts: Sequence[WarehouseOrder],
    revision: int,
    bills: Bills,
) -> Despatch:
    """The event for an order that left.

    Args:
        merchant: Whose.
        order: It; with its items.
        parts: All orders that share a number with it, itself among them or not.
        revision: Of what is told.
        bills: Of bundles.
    """
    together = {part.order_id: part for part in parts} | {order.order_id: order}
    sums = _sums(order, list(together.values()))
    despatch_id = despatch_id_of(merchant, order.order_id)
    return Despatch(
        merchant=merchant,
        id=event_id_of(despatch_id, revision),
        despatch_id=despatch_id,
        revision=revision,
        order_numbers=order.numbers,
        external_reference=order.external_reference or None,
        mintsoft_order_id=order.order_id,
        part=order.part,
        parts=max(order.parts, order.part),
        parts_counted=len(together),
        despatched_at=order.despatched_at,
        carrier=order.courier or None,
        tracking_number=order.tracking_number or None,
        tracking_url=impersonal(order.tracking_url) or None,
        lines=tuple(_line(sku, sums, bills) for sku in sorted(sums.ordered)),
    )


def _sums(order: WarehouseOrder, together: Sequence[WarehouseOrder]) -> Sums:
    left_by_now = [part for part in together if part.is_shipped and _place(part) <= _place(order)]
    return Sums(
        ordered=_units(together),
        despatched=order.units(),
        so_far=_units(left_by_now),
        cancelled=_units(part for part in together if part.is_cancelled),
    )


def _place(part: WarehouseOrder) -> tuple[bool, datetime, int, int]:
    """Where a part stands in the order of their leaving; those without a time come last."""
    at = part.despatched_at
    return at is None, at or LONG_AGO, part.part, part.order_id


def _units(parts: Iterable[WarehouseOrder]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for sku, units in part.units().items():
            total[sku] = total.get(sku, 0) + units
    return total


def _line(sku: str, sums: Sums, bills: Bills) -> DespatchLine:
    counted = sums.of(sku)
    return DespatchLine(**counted.model_dump(), components=_components(counted, bills))


def _components(counted: Counted, bills: Bills) -> tuple[Counted, ...]:
    """What a bundle is made of; nothing where that is not known whole."""
    one = expand({counted.sku: 1}, bills)
    if counted.sku not in bills or one.unknown:
        return ()
    return tuple(
        Counted(
            sku=sku,
            ordered=each * counted.ordered,
            despatched=each * counted.despatched,
            despatched_so_far=each * counted.despatched_so_far,
            cancelled=each * counted.cancelled,
            left=each * counted.left,
        )
        for sku, each in sorted(one.units.items())
    )
