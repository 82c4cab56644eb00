"""What one plan of despatches works with: what left, what was ordered, and whether they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.despatches import (
    DespatchNote,
    ErpShipment,
    GoodsLine,
    LineApart,
    SoldOrder,
    apart_on,
    by_line,
    goods_in,
    held_against,
    missing_apart,
    note_of,
    sent_by,
)
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Plan, Step
from returns_hub.flows.unleashed.despatches.parts import RecordKey, Sent
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports.erp.despatches import ErpDespatches

PARTLY = "partly_sent"
TOLD = "told"
LEFT_OPEN = "left_open"
"""Its tracking is told, and the file leaves completing it to a person."""


@dataclass(frozen=True)
class DespatchFacts:
    """A record as the warehouse shows it, and what was told before."""

    world: ErpWorld
    sent: Sent
    state: SyncState

    @property
    def erp(self) -> ErpDespatches:
        """The ERP's side."""
        return self.world.erp.despatches

    # -- what was sent ----------------------------------------------------------------------------

    def note(self, parts: Sequence[WarehouseOrder]) -> DespatchNote:
        """What these parts tell, without goods."""
        settings = self.world.connection.despatches
        names = settings.shipping_companies if settings.send_shipping_company else None
        return note_of(parts, names)

    def note_for(
        self, parts: Sequence[WarehouseOrder], units: Mapping[int, int], lines: Iterable[GoodsLine]
    ) -> DespatchNote:
        """What these parts tell of a shipment with these units.

        Raises:
            Permanent: Batches or serial numbers are kept in Unleashed, and were not recorded.
        """
        apart = self._apart(parts, units, tuple(lines))
        return replace(self.note(parts), units=units, apart=apart)

    def _apart(
        self,
        parts: Sequence[WarehouseOrder],
        units: Mapping[int, int],
        lines: Sequence[GoodsLine],
    ) -> dict[int, LineApart]:
        if not self.world.connection.batches_and_serials:
            return {}
        tracked = self.erp.tracked(line.product for line in lines if line.line in units)
        skus = {line.line: line.sku for line in lines}
        if not any(known.batches or known.serials for known in tracked.values()):
            return {}
        if any(len(part.numbers) > 1 for part in parts):
            raise Permanent(
                "unleashed.batches_of_merged",
                f"Mintsoft merged order {self.sent.number}: which batch or serial number went with "
                "which sales order cannot be told; dispatch it in Unleashed by hand, then replay",
            )
        picked = [one for part in parts for one in self.world.orders.picked_units(part)]
        known = {sku for sku, told in tracked.items() if told.batches or told.serials}
        apart = apart_on(units, skus, (one for one in picked if one.sku in known))
        missing = missing_apart(units, skus, apart, tracked)
        if missing:
            raise Permanent(
                "unleashed.batches_missing",
                f"Unleashed keeps batches or serial numbers, and Mintsoft recorded {missing} of "
                f"order {self.sent.number}; dispatch it in Unleashed by hand, then replay",
            )
        return apart

    def units_of(self, lines: Sequence[GoodsLine]) -> Counter[str]:
        """Units by SKU that left for this record, which has these goods.

        Of a merged order it has what its own parts do not hold, where that has enough for it and
        for all that were merged with it.

        Raises:
            Permanent: That has not.
        """
        own = self.sent.own_units()
        merged = [part for part in self.sent.merged if part.is_shipped]
        if not merged:
            return own
        held = sent_by(self.sent.shipped)
        wanted = goods_in(self.with_stock(lines, held))
        rest = {sku: many - own[sku] for sku, many in wanted.items() if many > own[sku]}
        needed = dict(rest)
        for mate in self.sent.mates:
            theirs = self.with_stock(self._goods_of(mate), held)
            for sku, many in goods_in(theirs).items():
                needed[sku] = needed.get(sku, Decimal(0)) + many
        less, _ = held_against(sent_by(merged), needed)
        if less or len(merged) > 1:
            raise Permanent(
                "unleashed.merged_short",
                f"Mintsoft merged order {merged[0].number}, and sent {less or 'it in parts'}: what "
                "of it was for which sales order cannot be told; dispatch them in Unleashed by "
                "hand, then replay",
            )
        return own + Counter({sku: int(many) for sku, many in rest.items()})

    def nobodys_units(self, lines: Sequence[GoodsLine]) -> Counter[str]:
        """Units of a merged order that are of none of the records that the hub knows.

        Args:
            lines: This record's goods.

        Raises:
            Permanent: See `units_of`.
        """
        left = sent_by(part for part in self.sent.merged if part.is_shipped)
        left -= self.units_of(lines) - self.sent.own_units()
        for mate in self.sent.mates:
            left -= Counter({k: int(n) for k, n in goods_in(self._goods_of(mate)).items()})
        return left

    def _goods_of(self, key: RecordKey) -> Sequence[GoodsLine]:
        erp = self.erp
        found = erp.sold_order(key.guid) if key.kind == "orders" else erp.shipment(key.guid)
        return found.lines if found is not None and not found.is_deleted else ()

    def with_stock(
        self, lines: Sequence[GoodsLine], units: Mapping[str, int]
    ) -> tuple[GoodsLine, ...]:
        """The lines without services and the like that were not sent, as nobody could."""
        unsent = [line for line in lines if not units.get(line.sku)]
        if not unsent:
            return tuple(lines)
        known = self.erp.tracked(line.product for line in unsent)
        none = {sku for sku, product in known.items() if not product.keeps_stock}
        return tuple(line for line in lines if line not in unsent or line.sku not in none)

    # -- whether it agrees ------------------------------------------------------------------------

    def order(self) -> SoldOrder:
        """The sales order of which goods left.

        Raises:
            Permanent: It is gone, or deleted.
        """
        order = self.erp.sold_order(self.sent.key.guid)
        if order is None or order.is_deleted:
            named = f" {order.number}" if order else ""
            raise Permanent(
                "unleashed.sent_though_deleted",
                f"Mintsoft sent order {self.sent.number}, and its sales order{named} is not in "
                "Unleashed any more: book there what was sent",
            )
        return order

    def require_same(self, units: Mapping[str, int], lines: Sequence[GoodsLine], what: str) -> None:
        """Raise unless just these goods left.

        Raises:
            Permanent: More, fewer or other goods did.
        """
        wanted = goods_in(lines)
        less, more = held_against(units, wanted)
        if not less and not more:
            return
        said = "; ".join(word for word in (less, more) if word)
        cancelled = " (a part of it was cancelled there)" if self.sent.cancelled else ""
        raise Permanent(
            "unleashed.other_goods_sent",
            f"{what} is not what Mintsoft sent with order {self.sent.number}{cancelled}: {said}; "
            "correct it in Unleashed, then replay",
        )

    def to_the_end(self, steps: Sequence[Step], tail: Permanent | None = None) -> Plan:
        """The plan of these steps; what a person has to see to comes after them.

        Raises:
            Permanent: The steps are taken, and a person has to see to the rest.
        """
        if tail is None and self.sent.unknown:
            tail = Permanent(
                "unleashed.merged_unknown",
                f"Mintsoft merged order {self.sent.number}, and whose order "
                f"{' and '.join(self.sent.unknown)} is the hub does not know; where it is "
                "Unleashed's, dispatch it there by hand, then discard this",
            )
        if tail is None:
            return Plan(steps, outcome=TOLD)
        if all(self.state.done(step.name) for step in steps):
            raise tail
        return Plan(steps, outcome=PARTLY, again=True)


def whole_units(shipment: ErpShipment) -> dict[int, int]:
    """Units of a shipment by the number of the order's line.

    Raises:
        Permanent: It holds a part of a unit.
    """
    found = by_line(shipment.lines)
    odd = [line for line, many in found.items() if many != many.to_integral_value()]
    if odd:
        raise Permanent(
            "unleashed.fraction",
            f"line {odd[0]} of shipment {shipment.number} is not a whole number of units",
        )
    return {line: int(many) for line, many in found.items()}
